"""The bucket of a sample of one's own: it is there, in this Region. Used by `checks`.

Source: Amazon Redshift Database Developer Guide, "COPY from columnar data formats": the bucket has to be in the
warehouse's Region. Amazon S3 API reference, "HeadBucket": the Region is told even to those who may not read the bucket.
"""

from collections.abc import Iterator

from botocore.exceptions import ClientError

from infra.deploy.errors import code, is_denied
from infra.deploy.prerequisites.check import Check, Note, Target

_ELSEWHERE = {"301", "PermanentRedirect"}
_REGION = "x-amz-bucket-region"


def findings(target: Target) -> Iterator[str]:
    """Somebody else's bucket does as well, as long as the warehouse may read it."""
    settings = target.settings
    bucket = settings.value("backend", "SampleDataS3Path").split("/")[2]
    try:
        region = target.client("s3").head_bucket(Bucket=bucket).get("BucketRegion", settings.region)
    except ClientError as error:
        region = error.response.get("ResponseMetadata", {}).get("HTTPHeaders", {}).get(_REGION, "")
        if code(error) == "404":
            yield f"There is no bucket {bucket}: look at [backend] SampleDataS3Path."
            return
        if not is_denied(error) and code(error) not in _ELSEWHERE:
            raise
        if is_denied(error) and region in {"", settings.region}:
            yield Note(f"These AWS credentials may not look into the bucket {bucket}: the warehouse's role has to.")
            return
    if region != settings.region:
        yield _elsewhere(target, bucket, region or "another Region")


def _elsewhere(target: Target, bucket: str, region: str) -> str:
    source = target.settings.value("backend", "SampleDataS3Path")
    command = target.settings.command("s3", "sync", source, "s3://BUCKET/trips/", "--source-region", region)
    return (
        f"The bucket {bucket} is in {region}, and COPY of Parquet files reads in {target.settings.region} only: copy "
        f"them by {command} and write that into [backend] SampleDataS3Path."
    )


CHECK = Check(
    "the bucket of [backend] SampleDataS3Path is there, in this Region (s3:ListBucket)",
    findings,
    lambda settings: bool(settings.value("backend", "SampleDataS3Path")),
)
