"""Who may sign in, as the parameters of `cognito-setup.yaml` say: what each makes of the pool, its client and so on."""

import importlib
import re
from pathlib import Path
from typing import Any

import pytest
from msgspec import structs

from backend_lambdas import settings
from infra.local.cloudformation.deployment import Installation, deploy
from infra.local.cloudformation.intrinsics import TemplateError
from infra.local.cloudformation.stack import Stack
from infra.local.cloudformation.template import resources_of
from infra.local.cognito import ClientConfig, PoolConfig, UnsupportedSetting
from infra.local.cognito.sign_up import PATIENCE

REPO = Path(__file__).resolve().parents[2]
FILE = REPO / "infra" / "cognito-setup.yaml"
SAML = {"SamlMetadataUrl": "https://idp.example.com/metadata"}
SECRET = "arn:aws:secretsmanager:us-east-1:000000000000:secret:oidc-AbCdEf"
OIDC = {"OidcIssuer": "https://login.example.com", "OidcClientId": "pushboard", "OidcClientSecretArn": SECRET}
NO_PASSWORDS = {"PasswordSignIn": "false"}


def stack(**given: str) -> Stack:
    return Stack.read(FILE, {"DomainPrefix": "pushboard", **given})


def pool(**given: str) -> dict[str, Any]:
    (one,) = stack(**given).resources("AWS::Cognito::UserPool")
    return dict(one.properties)


def client(**given: str) -> dict[str, Any]:
    (one,) = stack(**given).resources("AWS::Cognito::UserPoolClient")
    return dict(one.properties)


def pattern(parameter: str) -> str:
    return str(stack().document["Parameters"][parameter]["AllowedPattern"])


# ------------------------------------------------------------------------------------------- who may make an account


def test_by_default_only_administrators_make_accounts() -> None:
    assert pool()["AdminCreateUserConfig"]["AllowAdminCreateUserOnly"] is True


def test_signing_up_can_be_allowed() -> None:
    assert pool(SelfSignUp="true")["AdminCreateUserConfig"]["AllowAdminCreateUserOnly"] is False


def test_on_a_laptop_anyone_signs_up() -> None:
    stacks = deploy(Installation(Path("unused"), REPO, 4566, "http://localhost:8050"), "digest", "")
    assert stacks.pool.properties["AdminCreateUserConfig"]["AllowAdminCreateUserOnly"] is False
    assert stacks.sign_in.functions == {}


def test_without_domains_there_is_no_function_and_nothing_for_one() -> None:
    made = stack()
    assert pool()["LambdaConfig"] == {}
    assert not made.resources(
        "AWS::Serverless::Function", "AWS::Lambda::Permission", "AWS::IAM::Role", "AWS::Logs::LogGroup"
    )


def test_with_domains_the_pool_asks_the_function() -> None:
    made = stack(AllowedEmailDomains="example.com, example.org")
    (function,) = resources_of(made).functions.values()
    assert pool(AllowedEmailDomains="example.com")["LambdaConfig"] == {
        "PreSignUp": made.attribute("CheckSignUpFunction", "Arn")
    }
    assert function.handler == "backend_lambdas.handlers.check_sign_up.handler"
    assert function.environment == {"ALLOWED_EMAIL_DOMAINS": "example.com, example.org"}


def test_the_function_gets_exactly_the_variables_its_settings_name() -> None:
    (function,) = resources_of(stack(AllowedEmailDomains="example.com")).functions.values()
    named = {item.name.upper() for item in structs.fields(settings.CheckSignUp)}
    assert set(function.environment) == named
    module, _, attribute = function.handler.rpartition(".")
    assert callable(getattr(importlib.import_module(module), attribute))


def test_the_function_ends_before_cognito_gives_up() -> None:
    (function,) = resources_of(stack(AllowedEmailDomains="example.com")).functions.values()
    assert function.timeout <= PATIENCE


def test_this_pool_alone_may_call_the_function() -> None:
    made = stack(AllowedEmailDomains="example.com")
    (permission,) = made.resources("AWS::Lambda::Permission")
    assert permission.properties == {
        "FunctionName": "CheckSignUpFunction",
        "Action": "lambda:InvokeFunction",
        "Principal": "cognito-idp.amazonaws.com",
        "SourceAccount": made.account,
        "SourceArn": made.attribute("UserPool", "Arn"),
    }


def test_the_function_may_write_its_logs_and_traces_and_nothing_else() -> None:
    made = stack(AllowedEmailDomains="example.com")
    (role,) = made.resources("AWS::IAM::Role")
    (policy,) = role.properties["Policies"]
    assert "ManagedPolicyArns" not in role.properties
    allowed = {
        (action, statement["Resource"])
        for statement in policy["PolicyDocument"]["Statement"]
        for action in statement["Action"]
    }
    logs = made.attribute("CheckSignUpLogGroup", "Arn")
    assert allowed == {
        ("logs:CreateLogStream", logs),
        ("logs:PutLogEvents", logs),
        ("xray:PutTraceSegments", "*"),
        ("xray:PutTelemetryRecords", "*"),
    }


@pytest.mark.parametrize(
    "domains", ["", "example.com", "example.com,example.org", "Example.com, b.co.uk", "xn--n3h.net"]
)
def test_domains_are_taken(domains: str) -> None:
    assert re.fullmatch(pattern("AllowedEmailDomains"), domains)


@pytest.mark.parametrize(
    "domains", ["com", "@example.com", "*.example.com", "example.com;b.org", "exämple.com", "a.b,"]
)
def test_what_is_no_domain_is_not_taken(domains: str) -> None:
    """An entry that can never match would shut everybody out without a word."""
    assert not re.fullmatch(pattern("AllowedEmailDomains"), domains)


# ------------------------------------------------------------------------------------------------ the mails


def test_the_invitation_names_product_and_address_and_what_cognito_wants() -> None:
    mail = pool(AppUrl="https://boards.example.com")["AdminCreateUserConfig"]["InviteMessageTemplate"]
    assert "Pushboard" in mail["EmailSubject"]
    assert '<a href="https://boards.example.com">' in mail["EmailMessage"]
    assert mail["EmailMessage"].count("{####}") == 1
    assert mail["EmailMessage"].count("{username}") == 1


def test_the_invitation_tells_how_long_its_password_lives() -> None:
    properties = pool()
    days = properties["Policies"]["PasswordPolicy"]["TemporaryPasswordValidityDays"]
    assert f"{days} days" in properties["AdminCreateUserConfig"]["InviteMessageTemplate"]["EmailMessage"]


def test_codes_name_the_product() -> None:
    mail = pool()["VerificationMessageTemplate"]
    assert mail["DefaultEmailOption"] == "CONFIRM_WITH_CODE"
    assert "Pushboard" in mail["EmailSubject"]
    assert mail["EmailMessage"].count("{####}") == 1


def test_mails_come_from_ses_when_an_identity_is_given() -> None:
    arn = "arn:aws:ses:us-east-1:000000000000:identity/example.com"
    sender = "Pushboard <pushboard@example.com>"
    assert "EmailConfiguration" not in pool()
    assert pool(MailIdentityArn=arn)["EmailConfiguration"] == {"EmailSendingAccount": "DEVELOPER", "SourceArn": arn}
    assert pool(MailIdentityArn=arn, MailFrom=sender)["EmailConfiguration"]["From"] == sender
    assert re.fullmatch(pattern("MailIdentityArn"), arn)
    assert re.fullmatch(pattern("MailFrom"), sender)
    assert not re.fullmatch(pattern("MailFrom"), "Pushboard")


# ------------------------------------------------------------------------------------------------ second factor


def test_there_is_no_second_factor_by_default() -> None:
    properties = pool()
    assert properties["MfaConfiguration"] == "OFF"
    assert "EnabledMfas" not in properties


@pytest.mark.parametrize("mfa", ["OPTIONAL", "ON"])
def test_the_second_factor_is_an_authenticator_app(mfa: str) -> None:
    """Never a text message, which takes a phone number and a role."""
    properties = pool(Mfa=mfa)
    assert (properties["MfaConfiguration"], properties["EnabledMfas"]) == (mfa, ["SOFTWARE_TOKEN_MFA"])


def test_threat_protection_takes_the_tier_that_has_it() -> None:
    assert pool()["UserPoolTier"] == "ESSENTIALS"
    assert "UserPoolAddOns" not in pool()
    properties = pool(ThreatProtection="ENFORCED")
    assert properties["UserPoolTier"] == "PLUS"
    assert properties["UserPoolAddOns"] == {"AdvancedSecurityMode": "ENFORCED"}


# ------------------------------------------------------------------------------------------------ identity providers


def providers(**given: str) -> list[dict[str, Any]]:
    return [dict(one.properties) for one in stack(**given).resources("AWS::Cognito::UserPoolIdentityProvider")]


def test_without_a_provider_people_sign_in_by_password() -> None:
    assert providers() == []
    assert client()["SupportedIdentityProviders"] == ["COGNITO"]
    assert client()["ExplicitAuthFlows"] == ["ALLOW_USER_PASSWORD_AUTH"]


def test_a_saml_provider_is_read_from_its_metadata() -> None:
    (provider,) = providers(**SAML, IdentityProviderName="Example")
    assert (provider["ProviderType"], provider["ProviderName"]) == ("SAML", "Example")
    assert provider["ProviderDetails"] == {"MetadataURL": SAML["SamlMetadataUrl"]}
    assert set(provider["AttributeMapping"]) == {"email"}
    assert provider["AttributeMapping"]["email"].endswith("/claims/emailaddress")
    assert client(**SAML, IdentityProviderName="Example")["SupportedIdentityProviders"] == ["COGNITO", "Example"]


def test_an_oidc_providers_secret_is_no_parameter() -> None:
    """CloudFormation reads it from Secrets Manager when it makes the provider."""
    (provider,) = providers(**OIDC)
    assert provider["ProviderType"] == "OIDC"
    details = provider["ProviderDetails"]
    assert (details["oidc_issuer"], details["client_id"]) == (OIDC["OidcIssuer"], "pushboard")
    assert details["client_secret"] == f"{{{{resolve:secretsmanager:{SECRET}}}}}"
    assert provider["AttributeMapping"] == {"email": "email"}
    assert client(**OIDC)["SupportedIdentityProviders"] == ["COGNITO", "Company"]


@pytest.mark.parametrize("given", [SAML, OIDC], ids=["saml", "oidc"])
def test_claims_are_found_where_the_operator_says(given: dict[str, str]) -> None:
    (provider,) = providers(**given, **NO_PASSWORDS, EmailClaim="mail", RegionClaim="area")
    assert provider["AttributeMapping"] == {"email": "mail", "custom:region": "area"}


@pytest.mark.parametrize("given", [SAML, OIDC], ids=["saml", "oidc"])
def test_passwords_can_be_left_out(given: dict[str, str]) -> None:
    """On the pages, and for scripts: the flow that stays leads nowhere."""
    properties = client(**given, **NO_PASSWORDS)
    assert properties["SupportedIdentityProviders"] == ["Company"]
    assert properties["ExplicitAuthFlows"] == ["ALLOW_CUSTOM_AUTH"]
    assert set(pool(**given, **NO_PASSWORDS)["LambdaConfig"]) <= {"PreSignUp"}


@pytest.mark.parametrize(
    ("given", "sentence"),
    [
        (SAML | OIDC, "not both"),
        ({"OidcIssuer": "https://login.example.com"}, "OidcClientId"),
        ({name: value for name, value in OIDC.items() if name != "OidcClientSecretArn"}, "OidcClientSecretArn"),
        (NO_PASSWORDS, "there must be an identity provider"),
        (SAML | NO_PASSWORDS | {"SelfSignUp": "true"}, "nobody signs up"),
        (SAML | {"RegionClaim": "area"}, "write their own region"),
    ],
)
def test_parameters_that_contradict_each_other_are_told(given: dict[str, str], sentence: str) -> None:
    """CloudFormation checks Rules before it makes anything."""
    with pytest.raises(TemplateError, match=sentence):
        stack(**given)


@pytest.mark.parametrize("name", ["Company", "acme-sso"])
def test_a_providers_name_is_one_cognito_takes(name: str) -> None:
    """Source: the pattern of CreateIdentityProvider; no spaces, no underscores."""
    assert re.fullmatch(pattern("IdentityProviderName"), name)
    assert not re.fullmatch(pattern("IdentityProviderName"), f"{name} x")
    assert not re.fullmatch(pattern("IdentityProviderName"), f"{name}_x")


# ------------------------------------------------------------------------------------------------ claims


def test_the_pool_has_the_attribute_by_which_reports_choose_rows() -> None:
    (attribute,) = pool()["Schema"]
    assert (attribute["Name"], attribute["AttributeDataType"], attribute["Mutable"]) == ("region", "String", True)


def test_nobody_writes_the_claims_that_choose_their_rows() -> None:
    properties = client()
    assert properties["WriteAttributes"] == ["email"]
    assert "custom:region" in properties["ReadAttributes"], "else it is in no token"


def test_a_provider_that_tells_the_region_writes_it_where_nobody_has_a_password() -> None:
    given = SAML | NO_PASSWORDS | {"RegionClaim": "area"}
    assert client(**given)["WriteAttributes"] == ["email", "custom:region"]
    assert "aws.cognito.signin.user.admin" not in client(**given)["AllowedOAuthScopes"]


def test_a_change_of_address_counts_when_it_is_proven() -> None:
    settings = pool()["UserAttributeUpdateSettings"]
    assert settings == {"AttributesRequireVerificationBeforeUpdate": ["email"]}


def test_an_address_is_one_person_whatever_its_case() -> None:
    assert pool()["UsernameConfiguration"] == {"CaseSensitive": False}


# ------------------------------------------------------------------------------------------------ on a laptop


@pytest.mark.parametrize(
    "given", [{}, {"SelfSignUp": "true"}, {"AllowedEmailDomains": "example.com"}, {"MailFrom": "a@example.com"}]
)
def test_the_laptop_does_it(given: dict[str, str]) -> None:
    made = resources_of(stack(**given)).user_pools[0]
    clients = [ClientConfig.from_properties(name, properties) for name, properties in made.clients.items()]
    assert PoolConfig.from_properties("p", made.properties, clients=clients, groups=made.groups)


@pytest.mark.parametrize("given", [{"Mfa": "OPTIONAL"}, {"Mfa": "ON"}, {"ThreatProtection": "AUDIT"}])
def test_the_laptop_refuses_what_it_does_not_do(given: dict[str, str]) -> None:
    with pytest.raises(UnsupportedSetting):
        PoolConfig.from_properties("p", resources_of(stack(**given)).user_pools[0].properties)


@pytest.mark.parametrize("given", [SAML, OIDC], ids=["saml", "oidc"])
def test_the_laptop_knows_no_company(given: dict[str, str]) -> None:
    with pytest.raises(TemplateError, match="UserPoolIdentityProvider"):
        resources_of(stack(**given))
    with pytest.raises(UnsupportedSetting, match="SupportedIdentityProviders"):
        ClientConfig.from_properties("c", client(**given))


# ------------------------------------------------------------------------------------------------ in the documents


def test_every_parameter_is_documented_with_its_default() -> None:
    """A table of docs/users.md; 'all', 'none' and the like stand for an empty text."""
    page = (REPO / "docs" / "users.md").read_text()
    rows = [line.split(" | ") for line in page.splitlines() if line.startswith("| `")]
    told = {name: row[1] for row in rows for name in re.findall(r"`([A-Z]\w+)`", row[0])}
    parameters = stack().document["Parameters"]
    assert set(told) == set(parameters)
    for name, parameter in parameters.items():
        if default := parameter.get("Default"):
            assert str(default) in told[name]
