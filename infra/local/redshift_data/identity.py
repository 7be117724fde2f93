"""Who calls: a principal's ARN, and what follows from it: who owns a statement, and which database user acts.

Used by `service` and everything it calls.
"""

from dataclasses import dataclass


@dataclass(frozen=True)
class Caller:
    """A principal, such as `arn:aws:sts::123456789012:assumed-role/Role/session`."""

    arn: str

    @property
    def is_role(self) -> bool:
        """Whether an assumed role calls."""
        return self._resource.startswith("assumed-role/")

    @property
    def owner(self) -> str:
        """What a statement belongs to: the role whatever its session, or else the principal itself."""
        return self.arn.rsplit("/", 1)[0] if self.is_role else self.arn

    @property
    def database_user(self) -> str:
        """The database user Redshift derives when none is named: `IAMR:Role` or `IAM:user`."""
        if self.is_role:
            return "IAMR:" + self._resource.split("/")[1]
        return "IAM:" + self._resource.rsplit("/", 1)[-1]

    @property
    def _resource(self) -> str:
        return self.arn.split(":", 5)[-1]
