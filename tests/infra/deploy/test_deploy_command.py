"""The command itself: plans without an account, credentials that are missing, reports that are published."""

import os
import subprocess
import sys
from pathlib import Path
from typing import Any

import pytest

from infra.check import warehouse
from infra.deploy import plan
from infra.deploy.__main__ import World, main
from infra.deploy.artifacts import reports
from infra.deploy.artifacts.artifacts import Makers
from infra.deploy.artifacts.uploads import report_files
from infra.deploy.errors import DeployError
from infra.deploy.prerequisites.checks import titles
from infra.deploy.stacks import templates
from infra.deploy.stacks.templates import REPO
from tests import samples
from tests.infra.deploy.account import BUCKET, FILE, OUTPUTS, Program
from tests.infra.deploy.artifacts import artifacts
from tests.infra.deploy.fakes.aws import Refusal
from tests.infra.deploy.fakes.s3 import FakeS3
from tests.infra.rights.policies import rights_of
from tests.infra.rights.recorded_calls import needed

STACKS = ["artifacts", "cognito", "backend", "webapp"]
NO_AWS = {
    "PATH": os.environ["PATH"],
    "AWS_CONFIG_FILE": os.devnull,
    "AWS_SHARED_CREDENTIALS_FILE": os.devnull,
    "AWS_EC2_METADATA_DISABLED": "true",
    "AWS_ENDPOINT_URL": "http://127.0.0.1:9",
}


def command(*arguments: str, folder: Path) -> subprocess.CompletedProcess[str]:
    """The program in a process of its own, that has neither credentials nor anybody to talk to."""
    return subprocess.run(
        [sys.executable, "-m", "infra.deploy", *arguments],
        env=NO_AWS | {"PYTHONPATH": str(REPO)},
        cwd=folder,
        capture_output=True,
        text=True,
        timeout=100,
        check=False,
    )


def test_the_plan_is_told_without_credentials_or_network(tmp_path: Path) -> None:
    """And without a parameters file: it is the example's then."""
    done = command("deploy", "--dry-run", folder=tmp_path)
    assert (done.returncode, done.stderr) == (0, "")
    lines = done.stdout.splitlines()
    assert lines[0] == "There is no deploy.toml yet; this is the plan of infra/deploy/example.toml."
    order = [lines.index(f"pushboard-{name}, by infra/{name}-setup.yaml") for name in STACKS]
    built = lines.index("built and uploaded, where it differs from what is there:")
    assert order == sorted(order)
    assert order[0] < built < order[1]
    assert "  UserPoolClientId: output UserPoolClientId of cognito" in lines
    assert "  DomainPrefix = dashboards-example" in lines


@pytest.fixture
def nobody(monkeypatch: pytest.MonkeyPatch) -> None:
    """This process has neither credentials nor anybody to talk to, as those of `command`."""
    for name in [one for one in os.environ if one.startswith("AWS_")]:
        monkeypatch.delenv(name)
    for name, value in NO_AWS.items():
        monkeypatch.setenv(name, value)


@pytest.mark.usefixtures("nobody")
def test_credentials_that_are_missing_are_one_sentence(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    file = tmp_path / "deploy.toml"
    file.write_text(FILE)
    assert main(["destroy", "--parameters", str(file)]) == 1
    assert capsys.readouterr().err == (
        "There are no AWS credentials: set them up by aws configure, or name a profile that has some in [deploy] "
        "profile.\n"
    )


@pytest.mark.usefixtures("nobody")
def test_a_profile_that_is_not_there_is_one_sentence(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    file = tmp_path / "deploy.toml"
    file.write_text(FILE.replace("[cognito]", 'profile = "taxi"\n[cognito]'))
    assert main(["destroy", "--parameters", str(file)]) == 1
    err = capsys.readouterr().err
    assert err.startswith("The config profile (taxi) could not be found. Name another in [deploy] profile")
    assert len(err.splitlines()) == 1


def test_a_region_or_a_network_that_is_not_there_is_one_sentence(run: Program, monkeypatch: pytest.MonkeyPatch) -> None:
    del run.fake.services["sts"]
    monkeypatch.setenv("AWS_ENDPOINT_URL", "http://127.0.0.1:9")
    monkeypatch.setenv("AWS_MAX_ATTEMPTS", "1")
    status, _, err = run("destroy")
    assert status == 1
    assert err.startswith("AWS cannot be reached: look at the network and at [deploy] region. ")
    assert len(err.splitlines()) == 1


@pytest.mark.parametrize("arguments", [[], ["deploi"], ["deploy", "--dry"], ["destroy", "--dry-run", "--prune"]])
def test_a_wrong_command_line_is_told_apart(arguments: list[str], capsys: pytest.CaptureFixture[str]) -> None:
    with pytest.raises(SystemExit) as ended:
        main(arguments)
    assert ended.value.code == 2


@pytest.mark.parametrize("verb", ["deploy", "publish-reports", "destroy"])
def test_a_dry_run_asks_nothing_of_aws(run: Program, verb: str) -> None:
    status, out, err = run(verb, "--dry-run")
    assert (status, err) == (0, "")
    assert out
    assert run.fake.calls == []
    assert run.built == []


def test_a_dry_run_tells_what_is_wrong_with_the_file(run: Program) -> None:
    run.file.write_text(FILE.replace("eu-west-1", "us-east-1", 1))
    status, out, err = run("deploy", "--dry-run")
    assert (status, out) == (1, "")
    assert "[backend] RedshiftClusterEndpoint is in eu-west-1, and has to be in us-east-1" in err


def test_the_plan_hides_what_a_template_calls_secret(run: Program, monkeypatch: pytest.MonkeyPatch) -> None:
    secret = {"Type": "String", "NoEcho": True, "Default": ""}
    document = dict(templates.document("backend"))
    document["Parameters"] = document["Parameters"] | {"Password": secret}
    real = templates.document
    monkeypatch.setattr(templates, "document", lambda stack: document if stack == "backend" else real(stack))
    run.file.write_text(FILE + 'Password = "Taxi-2015!"\n')
    _, out, _ = run("deploy", "--dry-run")
    assert "  Password = (not shown)\n" in out
    assert "Taxi-2015!" not in out


def test_the_plan_of_a_removal_tells_what_is_kept(run: Program) -> None:
    _, out, _ = run("destroy", "--dry-run")
    lines = out.splitlines()
    assert [line for line in lines if line.startswith("  pushboard")] == [f"  pushboard-{one}" for one in STACKS[::-1]]
    assert "    keeps UserPool (AWS::Cognito::UserPool)" in lines
    assert "    empties ExportsBucket (AWS::S3::Bucket)" in lines


def test_only_changed_reports_are_published_and_told(run: Program, s3_of_endpoint: Any) -> None:
    s3 = s3_of_endpoint
    run.cloudformation.add("pushboard-artifacts", "CREATE_COMPLETE", outputs=OUTPUTS["pushboard-artifacts"])
    count = len(report_files(REPO))
    status, out, err = run("publish-reports")
    assert (status, err) == (0, "")
    assert out.endswith(f"{count} published, 0 removed, 0 unchanged.\n")
    key = "finance/revenue_by_day.sql"
    s3.put_object(Bucket=BUCKET, Key=f"sql/reports/{key}", Body=b"older")
    s3.put_object(Bucket=BUCKET, Key="sql/reports/finance/by_hand.sql", Body=b"theirs")
    s3.put_object(Bucket=BUCKET, Key="sql/reports/catalogue.json", Body=b"{}")
    assert run("publish-reports")[1] == f"  published {key}\n1 published, 0 removed, {count - 1} unchanged.\n"
    _, out, _ = run("publish-reports", "--prune")
    assert out == f"  removed finance/by_hand.sql\n0 published, 1 removed, {count} unchanged.\n"


def test_reports_with_mistakes_are_not_published(run: Program) -> None:
    def found() -> None:
        raise DeployError("sql/reports/finance/x.sql:3: no such column")

    run.found = found
    assert run("publish-reports") == (1, "", "sql/reports/finance/x.sql:3: no such column")
    assert run.fake.calls == []


def test_reports_do_not_go_into_the_bucket_of_somebody_else(run: Program) -> None:
    run.cloudformation.add("pushboard-artifacts", "CREATE_COMPLETE", outputs=OUTPUTS["pushboard-artifacts"])
    run.fake.refusals["s3", "list_objects_v2"] = Refusal("AccessDenied", "Access Denied", 403)
    status, _, err = run("publish-reports")
    assert status == 1
    assert err.startswith(f"The bucket {BUCKET} belongs to somebody else")
    assert not run.fake.asked("s3", "put_object")


def test_reports_have_nowhere_to_go_before_the_first_deployment(run: Program) -> None:
    status, _, err = run("publish-reports")
    assert (status, err) == (
        1,
        "There is no stack pushboard-artifacts in eu-west-1 to publish to: run make deploy first.",
    )


def test_a_mistake_in_a_report_is_told_by_file_and_line(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """Once it is mended, nothing is told."""
    report = tmp_path / "sql" / "reports" / "finance" / "trips.sql"
    report.parent.mkdir(parents=True)
    (tmp_path / "sql" / "setup").symlink_to(REPO / "sql" / "setup")
    monkeypatch.setattr(reports, "REPO", tmp_path)
    monkeypatch.setattr(warehouse, "prepare", samples.prepared)
    text = "/*---\ntitle: Trips\nchart: {type: table}\n---*/\nSELECT vendorid FROM nyc_yellow_taxi\n"
    report.write_text(text)
    reports.require_sound()
    report.write_text(text.replace("vendorid", "nothing_there"))
    with pytest.raises(DeployError, match=r"trips\.sql:5: .*nothing_there"):
        reports.require_sound()


@pytest.mark.parametrize(
    ("target", "verb"), [("deploy", "deploy"), ("publish-reports", "publish-reports"), ("destroy", "destroy")]
)
def test_make_runs_the_command(target: str, verb: str) -> None:
    done = subprocess.run(
        ["make", "--no-print-directory", "--dry-run", "--old-file=.venv/run-ready", target, "ARGS=--dry-run"],
        cwd=REPO,
        capture_output=True,
        text=True,
        timeout=60,
        check=True,
    )
    assert done.stdout.splitlines()[-1].endswith(f"-m infra.deploy {verb} --dry-run")


def test_the_real_world_is_what_runs_when_nothing_else_is_given() -> None:
    world = World()
    assert world.makers == Makers()
    assert world.confirm is input


def test_the_plan_counts_what_would_be_uploaded(run: Program) -> None:
    settings = run.settings()
    lines = plan.of_publishing(settings)
    assert len(lines) == 1 + len(report_files(REPO))


def test_a_reader_who_has_seen_enough_is_no_mistake(tmp_path: Path) -> None:
    """As `make deploy ARGS=--dry-run | head`."""
    reading, writing = os.pipe()
    os.close(reading)
    done = subprocess.run(
        [sys.executable, "-m", "infra.deploy", "deploy", "--dry-run"],
        env=NO_AWS | {"PYTHONPATH": str(REPO)},
        cwd=tmp_path,
        stdout=writing,
        stderr=subprocess.PIPE,
        text=True,
        timeout=100,
        check=False,
    )
    os.close(writing)
    assert (done.returncode, done.stderr) == (1, "")


def test_a_full_disk_is_one_sentence(run: Program, monkeypatch: pytest.MonkeyPatch) -> None:
    def full() -> None:
        raise OSError(28, "No space left on device", "lambda.zip")

    run.found = full
    status, _, err = run("publish-reports")
    assert (status, err) == (1, "This machine cannot go on: [Errno 28] No space left on device: 'lambda.zip'.")


def test_every_call_is_among_the_rights_that_the_guide_names(run: Program, s3: FakeS3) -> None:
    """One that is missing there would be found half an hour into somebody's deployment."""
    guide = (REPO / "docs" / "deploy.md").read_text()
    for arguments in (["deploy"], ["publish-reports"], ["destroy", "--data-too"]):
        assert run(*arguments)[0] == 0
    s3_actions = {
        "list_objects_v2": "ListBucket",
        "head_bucket": "ListBucket",
        "list_object_versions": "ListBucketVersions",
        "delete_objects": "DeleteObject",
    }
    rows = [line for line in guide.splitlines() if line.startswith("| `")]
    signed_as = {"service-quotas": "servicequotas"}
    for called, method, _ in run.fake.calls:
        service = signed_as.get(called, called)
        action = s3_actions.get(method) or "".join(word.title() for word in method.split("_"))
        assert [row for row in rows if f"`{service}`" in row and f"`{action}`" in row], f"{service}:{action}"


def test_the_plan_lists_every_check_that_applies(run: Program) -> None:
    _, out, _ = run("deploy", "--dry-run")
    told = " ".join(out.split())
    assert out.startswith("Checked first, and told all at once:\n  the credentials are of the account")
    assert [title for title in titles(run.settings()) if title not in told] == []


def test_the_plan_runs_the_checks_that_ask_nobody(run: Program) -> None:
    run.file.write_text(FILE.replace("eu-west-1", "ca-west-1"))
    assert "  ! boto3 knows no codebuild in ca-west-1" in run("deploy", "--dry-run")[1]
    assert run.fake.calls == []


def test_authors_publish_by_their_own_role(run: Program, s3: FakeS3) -> None:
    """Each call of `make publish-reports` is one that the role of the artifacts' stack allows."""
    assert run("deploy")[0] == 0
    s3.put_object(Bucket=BUCKET, Key="sql/reports/finance/gone.sql", Body=b"-- old")
    run.fake.calls.clear()
    assert run("publish-reports", "--prune")[0] == 0
    rights, asked = rights_of(artifacts(), "AuthorRole"), [call for call in run.fake.calls if call[0] == "s3"]
    assert {method for _, method, _ in asked} >= {"list_objects_v2", "delete_objects"}
    for service, method, params in asked:
        operation = "".join(word.title() for word in method.split("_"))
        context = {"s3_prefix": params["Prefix"]} if "Prefix" in params else {}
        for action, resource in needed(service, operation, params):
            here = resource.replace(f"arn:aws:s3:::{BUCKET}", "<Bucket.Arn>")
            assert any(right.covers(action, here, **context) for right in rights), (method, params)
    others = {(service, method) for service, method, _ in run.fake.calls if service != "s3"}
    assert others <= {("sts", "get_caller_identity"), ("cloudformation", "describe_stacks")}
