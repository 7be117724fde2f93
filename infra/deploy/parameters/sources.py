"""What the deployment fills in by itself: which parameter of which stack, and from what.

Used by `parameters`, which refuses what is filled in and given as well, by `plan`, and by `deploying`.
"""

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field

STACKS = ("artifacts", "cognito", "backend", "webapp")
"""In the order in which they are made; each takes from those before it."""


@dataclass
class ParameterSources:
    """What a deployment knows so far: the parameters given, what stacks have put out, and what it made or looked up."""

    given: Mapping[str, Mapping[str, str]]
    outputs: dict[str, Mapping[str, str]] = field(default_factory=dict)
    made: dict[str, str] = field(default_factory=dict)


@dataclass(frozen=True)
class Source:
    """Where a parameter's value comes from; `value` is None while the template's default has to do.

    With `may_be_given` the file may say otherwise. It is needed only without the parameter `unless`.
    """

    told: str
    value: Callable[[ParameterSources], str | None]
    may_be_given: bool = False
    unless: str = ""

    def __str__(self) -> str:
        return self.told

    def fills(self, given: Mapping[str, str]) -> bool:
        """Whether it is needed, beside these parameters of the same stack."""
        return not given.get(self.unless)


def _output(stack: str, name: str, *, may_be_given: bool = False) -> Source:
    return Source(f"output {name} of {stack}", lambda known: known.outputs[stack][name], may_be_given)


def _same(stack: str, name: str) -> Source:
    return Source(f"parameter {name} of {stack}", lambda known: known.given[stack].get(name))


def _made(name: str, told: str, *, may_be_given: bool = False, unless: str = "") -> Source:
    return Source(told, lambda known: known.made.get(name), may_be_given, unless)


def _app_url(known: ParameterSources) -> str | None:
    """CloudFront's name is not known before there is one: the first deployment ends with an update for it."""
    domain = known.given["webapp"].get("DomainName")
    return f"https://{domain}" if domain else known.outputs.get("webapp", {}).get("Url")


FILLED: Mapping[str, Mapping[str, Source]] = {
    "artifacts": {},
    "cognito": {
        "AppUrl": Source("https://<DomainName>, or output Url of webapp once there is one", _app_url),
    },
    "backend": {
        "UserPoolARN": _output("cognito", "UserPoolArn"),
        "UserPoolClientId": _output("cognito", "UserPoolClientId"),
        "DDLScriptS3Path": _made("setup_path", "where sql/setup is uploaded"),
        "DDLScriptsDigest": _made("setup_digest", "the digest of sql/setup"),
        "LoadScriptS3Path": _made("load_script", "where sql/load/trips.sql is uploaded"),
        "QueryScriptS3Path": _made("reports_path", "where sql/reports is uploaded"),
        "JobScriptS3Path": _made("jobs_path", "where sql/jobs is uploaded"),
        "JobsDataS3Path": _made("sample_path", "where the sample is uploaded, if any", may_be_given=True),
        "SampleDataS3Path": _made("sample_path", "where the sample is uploaded, if any", may_be_given=True),
    },
    "webapp": {
        "ImageUri": _made("image", "the image that is built"),
        "UserPoolId": _output("cognito", "UserPoolId"),
        "UserPoolClientId": _output("cognito", "UserPoolClientId"),
        "CognitoDomainUrl": _output("cognito", "UserPoolDomainUrl"),
        "WebSocketEndpointSSMParameterName": _same("backend", "WebSocketEndpointSSMParameterName"),
        "RestApiEndpointSSMParameterName": _same("backend", "RestApiEndpointSSMParameterName"),
        "DataNote": _made("data_note", "that the sample is simulated, if there is one", may_be_given=True),
        "CloudFrontPrefixListId": _made(
            "prefix_list", "looked up in the Region, unless DomainName is given", may_be_given=True, unless="DomainName"
        ),
        "AlarmTopicArn": _output("backend", "AlarmTopicArn", may_be_given=True),
    },
}


def filled(stack: str, known: ParameterSources) -> dict[str, str]:
    """A stack's parameters: what was given, and what is filled in beside it."""
    given = known.given[stack]
    wanted = {name: source for name, source in FILLED[stack].items() if name not in given}
    values = {name: source.value(known) for name, source in wanted.items()}
    return {**{name: value for name, value in values.items() if value is not None}, **given}
