"""AWS as the deployment sees it: one session, clients that give up in time, and whose account it is."""

from dataclasses import dataclass, field
from typing import Any

import boto3
from botocore.config import Config

from infra.deploy.parameters.parameters import Settings

_CONFIG = Config(
    connect_timeout=5,
    read_timeout=60,
    retries={"mode": "standard", "total_max_attempts": 5},
    user_agent_extra="pushboard-deploy",
)


@dataclass
class Aws:
    """A session of boto3; its clients are made once."""

    session: Any
    _clients: dict[str, Any] = field(default_factory=dict)

    @classmethod
    def of(cls, settings: Settings) -> "Aws":
        """The Region and the profile that the parameters file names; botocore's `ProfileNotFound` without such one."""
        return cls(boto3.Session(profile_name=settings.profile, region_name=settings.region))

    def client(self, service: str) -> Any:
        """The client of a service."""
        if service not in self._clients:
            self._clients[service] = self.session.client(service, config=_CONFIG)
        return self._clients[service]

    def account(self) -> str:
        """The account that the credentials belong to; every set of credentials may ask that."""
        return str(self.client("sts").get_caller_identity()["Account"])

    def close(self) -> None:
        """Lets go of the connections."""
        for client in self._clients.values():
            client.close()
