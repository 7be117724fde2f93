"""Where the sample's trips lie in S3, and how they come there. Used by `runtime`; `loading` has them loaded."""

from infra.local.cloudformation.deployment import DATA_BUCKET
from infra.local.endpoint.moto_services import Clients, ensure_bucket
from infra.local.sample import Prepared


def path_of(sample: Prepared | None) -> str:
    """The `s3://bucket/prefix/` of the trips; empty without a sample."""
    return f"s3://{DATA_BUCKET}/{_prefix_of(sample)}" if sample else ""


def upload(clients: Clients, sample: Prepared) -> None:
    """Uploads the trips unless they are there; those of another sample go."""
    ensure_bucket(clients, DATA_BUCKET)
    s3, prefix = clients["s3"], _prefix_of(sample)
    wanted = {f"{prefix}{file.name}": file for file in sample.files}
    there = {item["Key"] for item in s3.list_objects_v2(Bucket=DATA_BUCKET).get("Contents", ())}
    for key in there - set(wanted):
        s3.delete_object(Bucket=DATA_BUCKET, Key=key)
    for key in set(wanted) - there:
        s3.put_object(Bucket=DATA_BUCKET, Key=key, Body=wanted[key].read_bytes())


def _prefix_of(sample: Prepared) -> str:
    return f"trips/{sample.fingerprint}/"
