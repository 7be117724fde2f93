"""`make destroy`, when all else is done."""

from infra.deploy.aws import Aws
from infra.deploy.destroying import Destruction
from infra.deploy.stacks.polling import Polling
from tests.elsewhere.cloud import NAME, Cloud


class TestDestroying:
    def test_takes_everything_away_but_what_is_kept(self, cloud: Cloud) -> None:
        """That it tells what is kept cannot be seen: ministack forgets at once what a deleted stack consisted of."""
        pool, audit = cloud.outputs("cognito")["UserPoolId"], cloud.physical("backend", "AuditTable")
        settings = cloud.settings()
        Destruction(
            Aws.of(settings), settings, cloud.said.append, lambda _: NAME, polling=Polling(120, every=0.1)
        ).run()
        stacks = cloud.client("cloudformation").list_stacks()["StackSummaries"]
        assert {one["StackStatus"] for one in stacks} == {"DELETE_COMPLETE"}
        assert cloud.client("s3").list_buckets()["Buckets"] == []
        assert cloud.client("lambda").list_functions()["Functions"] == []
        assert cloud.client("dynamodb").list_tables()["TableNames"] == [audit]
        assert cloud.client("cognito-idp").describe_user_pool(UserPoolId=pool)["UserPool"]["Id"] == pool
