"""What must be there before anything is made; what is missing is told as one list, each with its remedy.

Used by `deploying`. Each check is a function of AWS and the settings that gives sentences.
"""

from collections.abc import Callable, Iterator
from typing import Any

from botocore.exceptions import BotoCoreError, ClientError

from infra.deploy.aws import Aws
from infra.deploy.errors import DeployError, code, sentence
from infra.deploy.parameters.parameters import Settings

_PREFIX_LIST = "com.amazonaws.global.cloudfront.origin-facing"


def account(aws: Aws, settings: Settings) -> str:
    """The account that is deployed to; `DeployError` when it is not the one that the file names.

    Raises what boto3 does about missing, unknown and expired credentials: without them nothing else can be asked.
    """
    found = aws.account()
    if settings.account not in (None, found):
        raise DeployError(
            f"These AWS credentials are of account {found}, and [deploy] account says {settings.account}: "
            "use those of that account, or name this one."
        )
    return found


def require(aws: Aws, settings: Settings) -> None:
    """Raises `DeployError` with a line for each thing that is missing."""
    missing = [reason for check in _CHECKS for reason in _asked(check, aws, settings)]
    if missing:
        raise DeployError("\n".join(missing))


def prefix_list(aws: Aws) -> str:
    """The id of the Region's list of CloudFront's addresses, which alone may reach the load balancer."""
    filters = [{"Name": "prefix-list-name", "Values": [_PREFIX_LIST]}]
    found = aws.client("ec2").describe_managed_prefix_lists(Filters=filters)["PrefixLists"]
    if not found:
        raise DeployError(
            f"This Region has no prefix list {_PREFIX_LIST}: give [webapp] DomainName and CertificateArn."
        )
    return str(found[0]["PrefixListId"])


def _cluster(aws: Aws, settings: Settings) -> Iterator[str]:
    endpoint = settings.stacks["backend"].get("RedshiftClusterEndpoint")
    if not endpoint:
        return
    name = endpoint.partition(".")[0]
    (cluster,) = _found(aws.client("redshift").describe_clusters, "ClusterNotFound", ClusterIdentifier=name).get(
        "Clusters", (None,)
    )
    if cluster is None:
        yield (
            f"There is no Redshift cluster {name} in {settings.region}: look at [backend] RedshiftClusterEndpoint, "
            "which the Redshift console shows."
        )
        return
    if cluster.get("ClusterStatus") != "available":
        yield f"The Redshift cluster {name} is {cluster.get('ClusterStatus')}: resume it, or wait for it."
    address = cluster.get("Endpoint", {}).get("Address")
    if address and not endpoint.startswith(f"{address}:"):
        yield f"The Redshift cluster {name} is at {address}: write that into [backend] RedshiftClusterEndpoint."


def _workgroup(aws: Aws, settings: Settings) -> Iterator[str]:
    name = settings.stacks["backend"].get("RedshiftWorkgroupName")
    if not name:
        return
    client = aws.client("redshift-serverless")
    workgroup = _found(client.get_workgroup, "ResourceNotFoundException", workgroupName=name).get("workgroup")
    if workgroup is None:
        yield f"There is no workgroup {name} in {settings.region}: look at [backend] RedshiftWorkgroupName."
        return
    if workgroup["status"] != "AVAILABLE":
        yield f"The workgroup {name} is {workgroup['status']}: wait until it is available."
    found = workgroup.get("workgroupId")
    if found != settings.stacks["backend"]["RedshiftWorkgroupId"]:
        yield f"The workgroup {name} has the id {found}: write that into [backend] RedshiftWorkgroupId."


def _certificate(aws: Aws, settings: Settings) -> Iterator[str]:
    arn, domain = (settings.stacks["webapp"].get(name) for name in ("CertificateArn", "DomainName"))
    if not arn:
        return
    answer = _found(aws.client("acm").describe_certificate, "ResourceNotFoundException", CertificateArn=arn)
    certificate = answer.get("Certificate")
    if certificate is None:
        yield f"There is no certificate {arn}: request one in {settings.region}, and write its ARN into [webapp]."
        return
    if certificate["Status"] != "ISSUED":
        yield f"The certificate of {domain} is {certificate['Status']}: have it issued first."
    names = {certificate["DomainName"], *certificate.get("SubjectAlternativeNames", ())}
    if not {domain, f"*.{str(domain).partition('.')[2]}"} & names:
        yield f"The certificate is for {', '.join(sorted(names))}, not for {domain}: take another, or another name."


def _secrets(aws: Aws, settings: Settings) -> Iterator[str]:
    for stack, name in (("backend", "SetupSecretArn"), ("cognito", "OidcClientSecretArn")):
        arn = settings.stacks[stack].get(name)
        client = aws.client("secretsmanager")
        if arn and not _found(client.describe_secret, "ResourceNotFoundException", SecretId=arn):
            yield f"There is no secret {arn}: look at [{stack}] {name}."


def _sample(aws: Aws, settings: Settings) -> Iterator[str]:
    """Somebody else's bucket does as well as long as the warehouse may read it; one that is not there does not."""
    path = settings.stacks["backend"].get("SampleDataS3Path")
    if not path:
        return
    bucket = path.split("/")[2]
    if not _found(aws.client("s3").head_bucket, "404", Bucket=bucket):
        yield f"There is no bucket {bucket}: look at [backend] SampleDataS3Path."


_CHECKS: tuple[Callable[[Aws, Settings], Iterator[str]], ...] = (_cluster, _workgroup, _certificate, _secrets, _sample)


def _asked(check: Callable[[Aws, Settings], Iterator[str]], aws: Aws, settings: Settings) -> Iterator[str]:
    """What a check says; what keeps AWS from answering it is missing as well."""
    try:
        yield from check(aws, settings)
    except (BotoCoreError, ClientError) as error:
        yield sentence(error)


def _found(ask: Callable[..., Any], absent: str, **arguments: Any) -> dict[str, Any]:
    """What AWS answers; nothing when its answer is that there is no such thing."""
    try:
        return dict(ask(**arguments))
    except ClientError as error:
        if code(error) != absent:
            raise
        return {}
