"""Where the sample's trips lie in S3, and how they come there. Used by `runtime`; `loading` has them loaded.

The last month may be held back: then it is not loaded at the start, and lies where jobs find their files, so that the
job `load_month` brings it while one looks.
"""

from dataclasses import dataclass
from pathlib import Path

from infra.local.cloudformation.deployment import DATA_BUCKET
from infra.local.endpoint.moto_services import Clients, ensure_bucket
from infra.sample import Prepared


@dataclass(frozen=True)
class SampleBucket:
    """The trips in S3: those that are loaded at the start under one prefix, those that jobs load under another."""

    sample: Prepared
    holds_back: bool = False

    @property
    def path(self) -> str:
        """The `s3://bucket/prefix/` of the trips that are loaded at the start."""
        return f"s3://{DATA_BUCKET}/{self._loaded_prefix}"

    @property
    def jobs_path(self) -> str:
        """The `s3://bucket/prefix/` of the trips that jobs load: all of them, a file a month."""
        return f"s3://{DATA_BUCKET}/{self._jobs_prefix}"

    def upload(self, clients: Clients) -> None:
        """Uploads the trips unless they are there; those of another sample go."""
        ensure_bucket(clients, DATA_BUCKET)
        s3, wanted = clients["s3"], self._files()
        there = {item["Key"] for item in s3.list_objects_v2(Bucket=DATA_BUCKET).get("Contents", ())}
        for key in there - set(wanted):
            s3.delete_object(Bucket=DATA_BUCKET, Key=key)
        for key in set(wanted) - there:
            s3.put_object(Bucket=DATA_BUCKET, Key=key, Body=wanted[key].read_bytes())

    @property
    def _loaded_prefix(self) -> str:
        return f"trips/{self.sample.fingerprint}{'-but-one' if self.holds_back else ''}/"

    @property
    def _jobs_prefix(self) -> str:
        return f"months/{self.sample.fingerprint}/" if self.holds_back else self._loaded_prefix

    def _files(self) -> dict[str, Path]:
        loaded = sorted(self.sample.files)[: -1 if self.holds_back else None]
        now = {f"{self._loaded_prefix}{file.name}": file for file in loaded}
        return now | {f"{self._jobs_prefix}{file.name}": file for file in self.sample.files}
