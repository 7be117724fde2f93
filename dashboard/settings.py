"""What the environment tells the dashboard, and the addresses it then asks AWS for; read once, by `wsgi` and `app`."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any, Self
from urllib.parse import urlsplit

import boto3
from botocore.config import Config
from botocore.exceptions import BotoCoreError, ClientError

from dashboard.locales.locale import Locale, UnknownChoice

AWS_TIMEOUTS = Config(connect_timeout=3, read_timeout=5, retries={"mode": "standard", "total_max_attempts": 5})


class SettingsError(Exception):
    """The environment lacks something, or AWS does not know what the environment names: for the operator to mend."""


@dataclass(frozen=True)
class Settings:
    """Everything that differs between two installations. Exactly one of `session_dir` and `session_table` is set.

    `data_note` is what every page says about its data, such as that it is simulated; mostly empty. `languages` are the
    tags that viewers may choose from, the first the default; `currency` is that of amounts whose report names none, and
    `time_zone` that of moments with a time zone, unless the viewer chooses another.
    """

    public_url: str
    secret_key: str = field(repr=False)
    user_pool_id: str
    user_pool_client_id: str
    cognito_domain: str
    aws_region: str
    websocket_endpoint_parameter: str = "REDSHIFT_WSS_ENDPOINT"
    rest_api_endpoint_parameter: str = "REDSHIFT_REST_API_ENDPOINT"
    session_dir: str | None = None
    session_table: str | None = None
    data_note: str = ""
    languages: tuple[str, ...] = ("en-US",)
    currency: str = "USD"
    time_zone: str | None = None

    def __post_init__(self) -> None:
        if bool(self.session_dir) == bool(self.session_table):
            raise SettingsError("Set exactly one of SESSION_DIR (files) and SESSION_TABLE (a DynamoDB table).")
        parts = urlsplit(self.public_url)
        if parts.scheme not in ("http", "https") or not parts.netloc or parts.path or parts.query:
            raise SettingsError("PUBLIC_URL must be a scheme and a host alone, such as https://dashboards.example.com.")
        try:
            for language in self.languages:
                Locale.checked(language, self.currency, self.time_zone)
        except UnknownChoice as error:
            raise SettingsError(f"LANGUAGES, CURRENCY and TIME_ZONE: {error}.") from error

    @classmethod
    def from_environ(cls, environ: Mapping[str, str]) -> Self:
        """The settings of this process; raises `SettingsError` naming the first variable that is missing."""
        return cls(
            public_url=_required(environ, "PUBLIC_URL").rstrip("/"),
            secret_key=_required(environ, "SECRET_KEY"),
            user_pool_id=_required(environ, "USER_POOL_ID"),
            user_pool_client_id=_required(environ, "USER_POOL_CLIENT_ID"),
            cognito_domain=_required(environ, "COGNITO_DOMAIN").rstrip("/"),
            aws_region=_required(environ, "AWS_REGION"),
            websocket_endpoint_parameter=environ.get("WEBSOCKET_ENDPOINT_SSM_PARAMETER") or "REDSHIFT_WSS_ENDPOINT",
            rest_api_endpoint_parameter=environ.get("REST_API_ENDPOINT_SSM_PARAMETER") or "REDSHIFT_REST_API_ENDPOINT",
            session_dir=environ.get("SESSION_DIR"),
            session_table=environ.get("SESSION_TABLE"),
            data_note=environ.get("DATA_NOTE", ""),
            languages=tuple((environ.get("LANGUAGES") or "en-US").replace(" ", "").split(",")),
            currency=environ.get("CURRENCY") or "USD",
            time_zone=environ.get("TIME_ZONE") or None,
        )

    @property
    def secure(self) -> bool:
        """Whether viewers come by https, behind a load balancer."""
        return self.public_url.startswith("https://")


@dataclass(frozen=True)
class Endpoints:
    """Who signs the tokens, and where the gateway's socket and REST API are (both with their scheme)."""

    issuer: str
    websocket_url: str
    rest_url: str


def find_endpoints(settings: Settings) -> Endpoints:
    """Ask AWS for the addresses; raises `SettingsError` when Systems Manager does not know or does not answer.

    The SDK's own Cognito address plus the pool's id is the issuer Cognito writes into its tokens.
    """
    cognito = boto3.client("cognito-idp", region_name=settings.aws_region, config=AWS_TIMEOUTS)
    ssm = boto3.client("ssm", region_name=settings.aws_region, config=AWS_TIMEOUTS)
    return Endpoints(
        issuer=f"{cognito.meta.endpoint_url}/{settings.user_pool_id}",
        websocket_url=_parameter(ssm, settings.websocket_endpoint_parameter),
        rest_url=_parameter(ssm, settings.rest_api_endpoint_parameter).rstrip("/"),
    )


def _parameter(ssm: Any, name: str) -> str:
    try:
        return ssm.get_parameter(Name=name)["Parameter"]["Value"]
    except (ClientError, BotoCoreError) as error:
        raise SettingsError(f"The SSM parameter {name} cannot be read: {error}") from error


def _required(environ: Mapping[str, str], name: str) -> str:
    value = environ.get(name, "").strip()
    if not value:
        raise SettingsError(f"The environment variable {name} is not set.")
    return value
