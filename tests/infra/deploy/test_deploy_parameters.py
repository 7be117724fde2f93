"""The parameters file: what it may say, and what is told about what it may not, before AWS is asked anything."""

import tomllib
from pathlib import Path

import pytest

from infra.deploy.errors import DeployError
from infra.deploy.parameters import parameters
from infra.deploy.parameters import sources as filling
from infra.deploy.parameters.mistakes import mistakes
from infra.deploy.parameters.sources import FILLED, STACKS, ParameterSources
from infra.deploy.stacks import templates
from tests.infra.deploy.account import FILE

CLUSTER = 'RedshiftClusterEndpoint = "taxi.abc.eu-west-1.redshift.amazonaws.com:5439/dev"'
CERTIFICATE = 'CertificateArn = "arn:aws:acm:us-east-1:123456789012:certificate/c"'
ACL = "arn:aws:wafv2:us-east-1:123456789012:global/webacl/a/b"


@pytest.fixture
def file(tmp_path: Path) -> Path:
    path = tmp_path / "deploy.toml"
    path.write_text(FILE)
    return path


def said(text: str) -> list[str]:
    return list(mistakes(tomllib.loads(text)))


def test_a_good_file_is_read(file: Path) -> None:
    settings = parameters.read(file)
    assert (settings.name, settings.region, settings.profile, settings.account) == (
        "pushboard",
        "eu-west-1",
        None,
        None,
    )
    assert settings.stacks["cognito"] == {"DomainPrefix": "dashboards-example"}
    assert settings.stack_name("webapp") == "pushboard-webapp"


def test_values_become_texts(file: Path) -> None:
    file.write_text(
        FILE
        + """
QueueSeconds = 7
[webapp]
VpcId = "vpc-0"
PublicSubnetIds = ["subnet-1", "subnet-2"]
"""
    )
    stacks = parameters.read(file).stacks
    assert stacks["backend"]["QueueSeconds"] == "7"
    assert stacks["webapp"]["PublicSubnetIds"] == "subnet-1,subnet-2"
    file.write_text(FILE.replace("[backend]", "SelfSignUp = true\n[backend]"))
    assert parameters.read(file).stacks["cognito"]["SelfSignUp"] == "true"


@pytest.mark.parametrize(
    ("written", "instead", "reason"),
    [
        ('region = "eu-west-1"', "", "[deploy] region is missing: where everything is to be, such as eu-west-1."),
        ("eu-west-1", "Ireland", "[deploy] region: 'Ireland' is not a Region such as eu-west-1."),
        ("[cognito]", "regoin = 1\n[cognito]", "[deploy] regoin is not known (did you mean region?)."),
        (
            "[cognito]",
            "account = 123456789012\n[cognito]",
            "[deploy] account: 123456789012 is not a text of 12 digits.",
        ),
        ("[cognito]", "sample_rows = true\n[cognito]", "[deploy] sample_rows: True is not a number of trips, or 0."),
        (
            "[cognito]",
            'name = "Push Board"\n[cognito]',
            "[deploy] name: 'Push Board' is not 2 to 32 small letters, digits and hyphens, a letter first.",
        ),
        (
            "[cognito]",
            'base_digest = "latest"\n[cognito]',
            "[deploy] base_digest: 'latest' is not a digest: sha256: and 64 hexadecimal digits.",
        ),
        ("[backend]", "[backnd]\n[backend]", "[backnd] is no table of this file (did you mean backend?)."),
        (
            "[backend]",
            'SelfSignUpp = "true"\n[backend]',
            "[cognito] SelfSignUpp is no parameter of cognito-setup.yaml (did you mean SelfSignUp?).",
        ),
        (
            'DomainPrefix = "dashboards-example"',
            "",
            "[cognito] DomainPrefix is missing: The first part of the sign-in pages' address, unique in the Region.",
        ),
        (
            CLUSTER,
            CLUSTER + '\nUserPoolClientId = "x"',
            "[backend] UserPoolClientId is filled in by the deployment: leave it out.",
        ),
        (
            CLUSTER,
            CLUSTER + "\nQueueSeconds = 17",
            "[backend] QueueSeconds: 17 is not between 0 and 16.",
        ),
        (CLUSTER, CLUSTER + '\nQueueSeconds = "long"', "[backend] QueueSeconds: 'long' is no number."),
        (
            CLUSTER,
            CLUSTER + "\nLogRetentionDays = 31",
            "[backend] LogRetentionDays: '31' is none of 1, 3, 5, 7, 14, 30, 60, 90, 180, 365.",
        ),
        (":5439/dev", "", "is not the endpoint with port and database."),
        (
            CLUSTER,
            CLUSTER + "\nQueueSeconds = {a = 1}",
            "QueueSeconds: it is a text, a number, true or false, or a list",
        ),
        (
            CLUSTER,
            "",
            "[backend] Give RedshiftClusterEndpoint for a provisioned cluster or RedshiftWorkgroupName for Redshift "
            "Serverless, and not both.",
        ),
        (
            "taxi.abc.eu-west-1",
            "taxi.abc.us-east-1",
            "[backend] RedshiftClusterEndpoint is in us-east-1, and has to be in eu-west-1, the Region of [deploy]",
        ),
        (
            CLUSTER,
            f'{CLUSTER}\n[webapp]\nDomainName = "d.example.com"\n{CERTIFICATE}',
            "[webapp] CertificateArn is in us-east-1, and has to be in eu-west-1, the Region of [deploy]",
        ),
        (
            CLUSTER,
            f'{CLUSTER}\n[webapp]\nDomainName = "d.example.com"',
            "[webapp] DomainName and CertificateArn go together. Give both, or neither.",
        ),
        (
            CLUSTER,
            f'{CLUSTER}\n[webapp]\nDomainName = "d.example.com"\n{CERTIFICATE.replace("us-east-1", "eu-west-1")}\n'
            f'WebAclArn = "{ACL}"',
            "[webapp] WebAclArn is to be a regional one with a DomainName.",
        ),
        (
            CLUSTER,
            f'{CLUSTER}\n[webapp]\nWebAclArn = "{ACL.replace("us-east-1", "eu-west-1").replace("global", "regional")}"',
            "[webapp] WebAclArn is to be a global one without a DomainName.",
        ),
    ],
)
def test_a_mistake_is_one_sentence(written: str, instead: str, reason: str) -> None:
    assert written in FILE
    (only,) = said(FILE.replace(written, instead))
    assert reason in only


def test_two_sets_of_trips_are_one_too_many() -> None:
    text = FILE.replace("[cognito]", "sample_rows = 5\n[cognito]") + 'SampleDataS3Path = "s3://b/trips/"'
    assert said(text) == [
        "[deploy] sample_rows and [backend] SampleDataS3Path are two sets of trips: leave one of them out."
    ]


def test_a_table_that_is_none_is_told() -> None:
    assert said("deploy = 5") == ["deploy is a table: write [deploy]."]


def test_a_global_web_acl_is_where_cloudfront_looks_for_it() -> None:
    assert said(f'{FILE}[webapp]\nWebAclArn = "{ACL}"') == []


def test_all_mistakes_are_told_at_once_with_the_file(file: Path) -> None:
    file.write_text(FILE.replace("DomainPrefix", "Prefix").replace("eu-west-1", "here", 1))
    with pytest.raises(DeployError) as caught:
        parameters.read(file)
    lines = str(caught.value).splitlines()
    assert len(lines) == 3
    assert all(line.startswith(f"{file}: [") for line in lines)


@pytest.mark.parametrize(
    ("content", "reason"),
    [(b"[deploy", "is not TOML: "), (b"\xff", "cannot be read: "), (None, "copy infra/deploy/example.toml to it")],
)
def test_a_file_that_cannot_be_read_says_so(file: Path, content: bytes | None, reason: str) -> None:
    file.unlink()
    if content is not None:
        file.write_bytes(content)
    with pytest.raises(DeployError, match=reason) as caught:
        parameters.read(file)
    assert "\n" not in str(caught.value)


def test_secrets_are_not_shown() -> None:
    secret = {"Type": "String", "NoEcho": True, "AllowedPattern": "[a-z]+"}
    (reason,) = templates.unfit("S3CRET", secret)
    assert "S3CRET" not in reason


def test_the_example_is_good_and_explains_every_setting() -> None:
    """A parameter that a template gets or loses is missed here."""
    settings, text = parameters.read(parameters.EXAMPLE), parameters.EXAMPLE.read_text()
    assert settings.region == "eu-west-1"
    tables = dict(zip(["deploy", *STACKS], text.split("\n[")[1:], strict=True))
    for stack in STACKS:
        named = {line.lstrip("# ").partition(" ")[0] for line in tables[stack].splitlines() if " = " in line}
        wanted = {
            name for name in templates.declared(stack) if name not in FILLED[stack] or FILLED[stack][name].may_be_given
        }
        assert named == wanted, stack


def test_the_examples_defaults_are_the_templates() -> None:
    text = parameters.EXAMPLE.read_text()
    tables = dict(zip(["deploy", *STACKS], text.split("\n[")[1:], strict=True))
    for stack in STACKS:
        lines = [
            line.removeprefix("# ") for line in tables[stack].splitlines() if line.startswith("# ") and " = " in line
        ]
        shown = templates.texts(tomllib.loads("\n".join(lines)))
        assert shown == {name: templates.defaults(stack)[name] for name in shown}, stack


def test_the_first_template_is_short_enough_to_be_sent_as_it_is() -> None:
    """There is no bucket yet to read it from."""
    assert len(templates.path("artifacts").read_bytes()) <= 51_200


def test_everything_that_is_filled_is_a_parameter_or_an_output() -> None:
    """A name that a template loses is missed here, not half an hour into a deployment."""
    for stack, sources in FILLED.items():
        assert set(sources) <= set(templates.declared(stack))
    outputs = {stack: dict.fromkeys(templates.document(stack)["Outputs"], f"<{stack}>") for stack in STACKS}
    known = ParameterSources({stack: {} for stack in STACKS}, outputs, {"image": "i"})
    webapp = filling.filled("webapp", known)
    assert webapp["AlarmTopicArn"] == "<backend>"
    assert filling.filled("cognito", known)["AppUrl"] == "<webapp>"
    for stack in STACKS:
        filling.filled(stack, known)


def test_what_is_given_is_not_filled_over() -> None:
    known = ParameterSources({stack: {} for stack in STACKS} | {"webapp": {"AlarmTopicArn": "mine"}})
    known.outputs["cognito"] = {"UserPoolId": "p", "UserPoolClientId": "c", "UserPoolDomainUrl": "u"}
    assert filling.filled("webapp", known)["AlarmTopicArn"] == "mine"


def test_names_that_two_stacks_share_are_given_once() -> None:
    known = ParameterSources(
        {stack: {} for stack in STACKS} | {"backend": {"WebSocketEndpointSSMParameterName": "MINE"}}
    )
    known.outputs |= {
        "cognito": {"UserPoolId": "p", "UserPoolClientId": "c", "UserPoolDomainUrl": "u"},
        "backend": {"AlarmTopicArn": "a"},
    }
    webapp = filling.filled("webapp", known)
    assert webapp["WebSocketEndpointSSMParameterName"] == "MINE"
    assert "RestApiEndpointSSMParameterName" not in webapp
