"""`webapp-setup.yaml` as it is: in each of its modes complete, and of one mind with the dashboard and its image."""

import ast
import re
from collections.abc import Iterator, Mapping
from pathlib import Path
from typing import Any

import boto3
import botocore.client
import pytest

from dashboard import gunicorn_conf
from dashboard.bridge import Pace
from dashboard.gateway import CONNECT_TIMEOUT, Gateway
from dashboard.sessions import open_store
from dashboard.settings import Settings, find_endpoints
from infra.local.intrinsics import load
from tests.infra.dockerfile import image
from tests.infra.webapp import CLOUDFRONT, DOMAIN, MODES, OWN_VPC, REPO, Webapp, listed, webapp

PACE = Pace()
TOPIC = "arn:aws:sns:us-east-1:111122223333:alarms"
ACCOUNT = "us-east-1:000000000000"


@pytest.fixture(params=MODES.values(), ids=MODES)
def stack(request: pytest.FixtureRequest) -> Webapp:
    """The stack in each mode."""
    return webapp(**request.param)


@pytest.fixture
def behind_cloudfront() -> Webapp:
    return webapp(**CLOUDFRONT)


@pytest.fixture
def with_domain() -> Webapp:
    return webapp(**DOMAIN)


class Read(Mapping[str, str]):
    """An environment that remembers what it was asked for."""

    def __init__(self, values: Mapping[str, str]) -> None:
        self.values_, self.asked = values, set[str]()

    def __getitem__(self, name: str) -> str:
        self.asked.add(name)
        return self.values_[name]

    def __iter__(self) -> Iterator[str]:
        raise AssertionError("the settings read names, not everything")

    def __len__(self) -> int:
        return len(self.values_)


class TestEnvironment:
    def test_a_task_has_exactly_the_variables_that_the_settings_read(self) -> None:
        """But for the place of sessions: it is a table here, and a folder on a laptop."""
        stack = webapp(DataNote="Simulated.", **DOMAIN)
        environ = Read(stack.variables | stack.secrets)
        Settings.from_environ(environ)
        assert environ.asked - {"SESSION_DIR"} == set(stack.variables) | set(stack.secrets)

    def test_the_settings_can_be_made_of_them(self, stack: Webapp) -> None:
        settings = Settings.from_environ(stack.variables | stack.secrets)
        assert settings.secure
        assert settings.public_url == stack.output("Url")
        assert settings.session_table == "<SessionsTable>"
        assert settings.data_note == ""

    def test_the_dashboard_is_at_its_own_domain_or_at_cloudfronts(self, with_domain, behind_cloudfront) -> None:
        assert with_domain.output("Url") == "https://dashboards.example.com"
        assert behind_cloudfront.output("Url") == "https://<Distribution.DomainName>"

    def test_the_secret_is_made_on_aws_and_shown_to_nobody(self, stack: Webapp) -> None:
        assert stack.secrets == {"SECRET_KEY": "<SecretKey>"}
        generated = stack.resource("SecretKey").properties["GenerateSecretString"]
        assert generated["PasswordLength"] >= 32
        assert "SecretString" not in stack.resource("SecretKey").properties

    def test_the_addresses_are_found_where_the_backend_puts_them(self) -> None:
        """Unless somebody changes a name, and then both."""
        ours, theirs = webapp().document["Parameters"], load(REPO / "infra" / "backend-setup.yaml")["Parameters"]
        for name in ("WebSocketEndpointSSMParameterName", "RestApiEndpointSSMParameterName"):
            assert ours[name]["Default"] == theirs[name]["Default"]


class TestContainer:
    def test_it_is_one_port_from_the_load_balancer_to_gunicorn(self, stack: Webapp) -> None:
        (published,) = stack.container["PortMappings"]
        (attached,) = stack.resource("Service").properties["LoadBalancers"]
        (into_tasks,) = stack.resource("TaskSecurityGroup").properties["SecurityGroupIngress"]
        out_of_load_balancer = stack.resource("LoadBalancerToTasks").properties
        port = int(image().only("EXPOSE"))
        assert image().command[-2:] == ["--bind", f"0.0.0.0:{port}"]
        assert {
            published["ContainerPort"],
            attached["ContainerPort"],
            stack.resource("TargetGroup").properties["Port"],
            into_tasks["FromPort"],
            into_tasks["ToPort"],
            out_of_load_balancer["FromPort"],
            out_of_load_balancer["ToPort"],
        } == {port}

    def test_it_runs_as_the_images_user_who_is_not_root(self, stack: Webapp) -> None:
        assert stack.container["User"] == image().only("USER")
        user, group = stack.container["User"].split(":")
        assert min(int(user), int(group)) > 0

    def test_it_can_write_nowhere_but_into_its_volume(self, stack: Webapp) -> None:
        """ECS gives a volume the rights of the folder only if the image names it as one."""
        assert stack.container["ReadonlyRootFilesystem"] is True
        (mounted,) = stack.container["MountPoints"]
        (volume,) = stack.resource("TaskDefinition").properties["Volumes"]
        assert volume == {"Name": mounted["SourceVolume"]}, "nothing of a host, nothing that stays"
        assert image().only("VOLUME") == f'["{mounted["ContainerPath"]}"]'

    def test_it_has_no_capabilities(self, stack: Webapp) -> None:
        assert stack.container["LinuxParameters"]["Capabilities"] == {"Drop": ["ALL"]}

    def test_its_health_is_asked_as_the_image_says(self, stack: Webapp) -> None:
        check, times = stack.container["HealthCheck"], image().health_times
        assert check["Command"] == ["CMD", *image().health_command]
        assert times == {
            "interval": check["Interval"],
            "timeout": check["Timeout"],
            "start-period": check["StartPeriod"],
            "retries": check["Retries"],
        }

    def test_it_is_for_arm_as_the_image_is_built(self, stack: Webapp) -> None:
        platform = stack.resource("TaskDefinition").properties["RuntimePlatform"]
        assert platform == {"CpuArchitecture": "ARM64", "OperatingSystemFamily": "LINUX"}

    def test_there_are_files_enough_for_every_connection(self, stack: Webapp) -> None:
        """A tab takes two: its own socket, and its connection to the gateway."""
        (limit,) = stack.container["Ulimits"]
        assert limit["Name"] == "nofile"
        assert limit["SoftLimit"] > 2 * gunicorn_conf.worker_connections

    def test_its_log_is_kept_for_as_long_as_is_said(self) -> None:
        stack = webapp(LogRetentionDays="90", **DOMAIN)
        assert stack.container["LogConfiguration"]["Options"]["awslogs-group"] == "<LogGroup>"
        assert stack.resource("LogGroup").properties["RetentionInDays"] == "90"
        (rule,) = stack.resource("AccessLogsBucket").properties["LifecycleConfiguration"]["Rules"]
        assert rule["ExpirationInDays"] == "90"


class TestTimes:
    def test_an_open_tab_is_never_idle_for_the_load_balancer(self, stack: Webapp) -> None:
        idle = int(stack.attributes("LoadBalancer", "LoadBalancer")["idle_timeout.timeout_seconds"])
        assert idle == 15 * PACE.beat, "as the template's comment says"
        assert idle > 4 * PACE.tab_ping

    def test_an_answer_that_takes_the_dashboard_its_time_is_waited_for(self, behind_cloudfront: Webapp) -> None:
        longest = CONNECT_TIMEOUT + Gateway("https://api")._timeout[1]
        (origin,) = behind_cloudfront.resource("Distribution").properties["DistributionConfig"]["Origins"]
        idle = int(behind_cloudfront.attributes("LoadBalancer", "LoadBalancer")["idle_timeout.timeout_seconds"])
        assert longest < origin["VpcOriginConfig"]["OriginReadTimeout"] <= idle
        assert PACE.beat < origin["VpcOriginConfig"]["OriginReadTimeout"]

    def test_each_hop_keeps_a_connection_longer_than_the_one_before(self, behind_cloudfront: Webapp) -> None:
        """Else a request goes into a connection that was just closed, and is lost."""
        (origin,) = behind_cloudfront.resource("Distribution").properties["DistributionConfig"]["Origins"]
        idle = int(behind_cloudfront.attributes("LoadBalancer", "LoadBalancer")["idle_timeout.timeout_seconds"])
        assert origin["VpcOriginConfig"]["OriginKeepaliveTimeout"] < idle < gunicorn_conf.keepalive

    def test_tabs_hear_of_a_tasks_end_before_it_ends_and_it_ends_before_it_is_killed(self, stack: Webapp) -> None:
        assert 2 * PACE.beat < gunicorn_conf.graceful_timeout < stack.container["StopTimeout"] <= 120

    def test_a_deploy_does_not_wait_for_sockets_to_close_by_themselves(self, stack: Webapp) -> None:
        """They are meant to stay open for hours."""
        assert int(stack.attributes("TargetGroup", "TargetGroup")["deregistration_delay.timeout_seconds"]) <= 60

    def test_a_task_that_starts_has_the_time_that_gunicorn_gives_its_worker(self, stack: Webapp) -> None:
        grace = stack.resource("Service").properties["HealthCheckGracePeriodSeconds"]
        assert gunicorn_conf.timeout <= stack.container["HealthCheck"]["StartPeriod"] <= grace


class TestService:
    def test_a_deploy_takes_no_task_away_before_another_serves_and_goes_back_if_none_does(self, stack: Webapp) -> None:
        deployment = stack.resource("Service").properties["DeploymentConfiguration"]
        assert deployment == {
            "MinimumHealthyPercent": 100,
            "MaximumPercent": 200,
            "DeploymentCircuitBreaker": {"Enable": True, "Rollback": True},
        }

    def test_an_update_leaves_the_number_of_tasks_to_the_scaling(self) -> None:
        stack = webapp(MinTasks="3", MaxTasks="9", **DOMAIN)
        assert "DesiredCount" not in stack.resource("Service").properties
        scaling = stack.resource("Scaling").properties
        assert (scaling["MinCapacity"], scaling["MaxCapacity"]) == ("3", "9")
        assert scaling["ResourceId"] == "service/<Cluster>/<Service.Name>"
        policies = stack.resources("AWS::ApplicationAutoScaling::ScalingPolicy")
        assert {policy.properties["ScalingTargetId"] for policy in policies} == {"<Scaling>"}

    def test_the_load_balancer_asks_for_health_where_the_dashboard_tells_it(self, stack: Webapp) -> None:
        path = stack.resource("TargetGroup").properties["HealthCheckPath"]
        assert f'"{path}"' in (REPO / "dashboard" / "app.py").read_text()
        assert path in (REPO / "infra" / "image" / "health.py").read_text()


class TestNetwork:
    def test_every_reference_has_what_it_refers_to(self, stack: Webapp) -> None:
        stack.check()

    def test_nothing_depends_on_what_does_not_exist(self, stack: Webapp) -> None:
        existing = set(stack._existing)
        for name in existing:
            assert set(listed(stack.document["Resources"][name].get("DependsOn", []))) <= existing

    def test_a_vpc_is_made_only_where_none_is_given(self) -> None:
        assert not {kind for kind in webapp(**DOMAIN, **OWN_VPC).types() if kind.startswith("AWS::EC2::VPC")}
        assert "AWS::EC2::VPC" in webapp(**DOMAIN).types()
        assert "AWS::EC2::NatGateway" not in webapp(**DOMAIN).types() | webapp(**CLOUDFRONT).types()

    def test_all_of_it_is_in_one_vpc(self, stack: Webapp) -> None:
        vpcs = {
            resource.properties["VpcId"] for resource in stack.resources("AWS::EC2::SecurityGroup", "AWS::EC2::Subnet")
        }
        assert vpcs == {stack.resource("TargetGroup").properties["VpcId"]}

    def test_a_domains_load_balancer_is_public_and_cloudfronts_is_not(self) -> None:
        def place(**given: str) -> tuple[str, list[str]]:
            balancer = webapp(**given).resource("LoadBalancer").properties
            return balancer["Scheme"], balancer["Subnets"]

        assert place(**DOMAIN) == ("internet-facing", ["<PublicSubnetA>", "<PublicSubnetB>"])
        assert place(**DOMAIN, **OWN_VPC) == ("internet-facing", ["subnet-1", "subnet-2"])
        assert place(**CLOUDFRONT) == ("internal", ["<PrivateSubnetA>", "<PrivateSubnetB>"])
        assert place(**CLOUDFRONT, **OWN_VPC) == ("internal", ["subnet-3", "subnet-4"])

    def test_private_subnets_have_no_way_out_and_public_ones_have(self, behind_cloudfront: Webapp) -> None:
        routed = behind_cloudfront.resources("AWS::EC2::SubnetRouteTableAssociation")
        assert {one.properties["SubnetId"] for one in routed} == {"<PublicSubnetA>", "<PublicSubnetB>"}

    def test_tasks_admit_the_load_balancer_alone_and_go_nowhere_but_to_https(self, stack: Webapp) -> None:
        group = stack.resource("TaskSecurityGroup").properties
        (ingress,), (egress,) = group["SecurityGroupIngress"], group["SecurityGroupEgress"]
        assert ingress["SourceSecurityGroupId"] == "<LoadBalancerSecurityGroup.GroupId>"
        assert not {"CidrIp", "CidrIpv6", "SourcePrefixListId"} & set(ingress)
        assert (egress["FromPort"], egress["ToPort"], egress["IpProtocol"]) == (443, 443, "tcp")

    def test_the_load_balancer_goes_nowhere_but_to_the_tasks(self, stack: Webapp) -> None:
        assert "SecurityGroupEgress" not in stack.resource("LoadBalancerSecurityGroup").properties
        rule = stack.only("AWS::EC2::SecurityGroupEgress").properties
        assert rule["GroupId"] == "<LoadBalancerSecurityGroup.GroupId>"
        assert rule["DestinationSecurityGroupId"] == "<TaskSecurityGroup.GroupId>"

    def test_tasks_reach_aws_by_an_address_of_their_own(self, stack: Webapp) -> None:
        """There is no NAT gateway."""
        network = stack.resource("Service").properties["NetworkConfiguration"]["AwsvpcConfiguration"]
        assert network["AssignPublicIp"] == "ENABLED"
        assert network["SecurityGroups"] == ["<TaskSecurityGroup.GroupId>"]
        assert network["Subnets"] in (["<PublicSubnetA>", "<PublicSubnetB>"], ["subnet-1", "subnet-2"])


class TestDomain:
    def test_https_is_served_by_the_given_certificate_and_http_is_redirected(self, with_domain: Webapp) -> None:
        https, http = (with_domain.resource(name).properties for name in ("Listener", "RedirectListener"))
        assert (https["Port"], https["Protocol"]) == (443, "HTTPS")
        assert https["Certificates"] == [{"CertificateArn": DOMAIN["CertificateArn"]}]
        assert https["SslPolicy"].startswith("ELBSecurityPolicy-TLS13-1-2-")
        assert http["Port"] == 80
        (action,) = http["DefaultActions"]
        assert (action["Type"], action["RedirectConfig"]["Protocol"]) == ("redirect", "HTTPS")

    def test_it_needs_no_cloudfront(self, with_domain: Webapp) -> None:
        assert not {kind for kind in with_domain.types() if kind.startswith("AWS::CloudFront")}

    def test_the_name_leads_to_the_load_balancer_where_the_zone_is_given(self, with_domain: Webapp) -> None:
        assert "AWS::Route53::RecordSet" not in with_domain.types()
        record = webapp(HostedZoneId="Z123", **DOMAIN).only("AWS::Route53::RecordSet").properties
        assert (record["Name"], record["Type"], record["HostedZoneId"]) == ("dashboards.example.com", "A", "Z123")
        assert record["AliasTarget"]["DNSName"] == "<LoadBalancer.DNSName>"

    def test_a_web_acl_that_is_given_is_put_before_it(self, with_domain: Webapp) -> None:
        acl = "arn:aws:wafv2:us-east-1:111122223333:regional/webacl/ours/1"
        assert "AWS::WAFv2::WebACLAssociation" not in with_domain.types()
        association = webapp(WebAclArn=acl, **DOMAIN).only("AWS::WAFv2::WebACLAssociation").properties
        assert (association["ResourceArn"], association["WebACLArn"]) == ("<LoadBalancer>", acl)


class TestCloudFront:
    def test_nobody_but_cloudfront_reaches_the_load_balancer(self, behind_cloudfront: Webapp) -> None:
        (ingress,) = behind_cloudfront.resource("LoadBalancerSecurityGroup").properties["SecurityGroupIngress"]
        assert ingress["SourcePrefixListId"] == CLOUDFRONT["CloudFrontPrefixListId"]
        assert not {"CidrIp", "CidrIpv6"} & set(ingress)
        assert len(behind_cloudfront.resources("AWS::ElasticLoadBalancingV2::Listener")) == 1

    def test_it_speaks_to_the_listener_as_the_listener_listens(self, behind_cloudfront: Webapp) -> None:
        listener = behind_cloudfront.resource("Listener").properties
        origin = behind_cloudfront.resource("VpcOrigin").properties["VpcOriginEndpointConfig"]
        assert (listener["Protocol"], listener["Port"]) == ("HTTP", origin["HTTPPort"])
        assert origin["OriginProtocolPolicy"] == "http-only"
        assert not {"Certificates", "SslPolicy"} & set(listener)

    def test_every_request_reaches_the_dashboard_as_the_browser_sent_it(self, behind_cloudfront: Webapp) -> None:
        """AWS's policies CachingDisabled and AllViewer: nothing is kept, all headers and cookies go through."""
        behavior = behind_cloudfront.resource("Distribution").properties["DistributionConfig"]["DefaultCacheBehavior"]
        assert behavior["CachePolicyId"] == "4135ea2d-6df8-44a3-9df3-4b5a84be39ad"
        assert behavior["OriginRequestPolicyId"] == "216adef6-5c7f-47e4-b989-5492eafa07d3"
        assert behavior["ViewerProtocolPolicy"] == "redirect-to-https"
        assert {"GET", "POST"} <= set(behavior["AllowedMethods"])

    def test_a_web_acl_that_is_given_is_put_before_it(self) -> None:
        acl = "arn:aws:wafv2:us-east-1:111122223333:global/webacl/ours/1"
        stack = webapp(WebAclArn=acl, **CLOUDFRONT)
        assert stack.resource("Distribution").properties["DistributionConfig"]["WebACLId"] == acl
        assert "AWS::WAFv2::WebACLAssociation" not in stack.types()


class TestParameters:
    @pytest.mark.parametrize("given", MODES.values(), ids=MODES)
    def test_each_mode_is_accepted(self, given: dict[str, str]) -> None:
        assert webapp(**given).refusals() == []

    @pytest.mark.parametrize(
        ("given", "reason"),
        [
            ({}, "CloudFrontPrefixListId must be given"),
            (CLOUDFRONT | {"CertificateArn": DOMAIN["CertificateArn"]}, "DomainName and CertificateArn go together"),
            ({"DomainName": "dashboards.example.com"}, "DomainName and CertificateArn go together"),
            (CLOUDFRONT | {"HostedZoneId": "Z123"}, "HostedZoneId needs a DomainName"),
            (DOMAIN | {"TaskCpu": "256", "TaskMemory": "4096"}, "1024 or 2048"),
            (DOMAIN | {"TaskCpu": "1024", "TaskMemory": "1024"}, "2048 or 4096"),
        ],
        ids=str,
    )
    def test_what_does_not_go_together_is_refused_before_anything_is_made(self, given, reason: str) -> None:
        (told,) = webapp(**given).refusals()
        assert reason in told

    @pytest.mark.parametrize(
        ("parameter", "value"),
        [
            ("ImageUri", "pushboard:latest"),
            ("ImageUri", "111122223333.dkr.ecr.eu-west-1.amazonaws.com/pushboard"),
            ("DomainName", "https://dashboards.example.com"),
            ("DomainName", "dashboards.example.com/x"),
            ("CognitoDomainUrl", "http://taxi.auth.us-east-1.amazoncognito.com"),
            ("WebSocketEndpointSSMParameterName", "*"),
            ("AlarmTopicArn", "alarms"),
        ],
    )
    def test_what_cannot_be_right_is_not_taken(self, parameter: str, value: str) -> None:
        assert not re.fullmatch(webapp().document["Parameters"][parameter]["AllowedPattern"], value)

    def test_what_the_other_templates_put_out_is_taken(self) -> None:
        for parameter, value in (webapp().given | MODES["a domain in an existing VPC"]).items():
            pattern = webapp().document["Parameters"][parameter].get("AllowedPattern", ".*")
            assert re.fullmatch(pattern, value), parameter


class TestRoles:
    def test_a_task_may_do_what_the_dashboard_calls_and_nothing_else(self, stack: Webapp, calls) -> None:
        """Each call is made, and noted with what it is made on."""
        settings = Settings.from_environ(stack.variables | stack.secrets)
        find_endpoints(settings)
        store = open_store(settings)
        assert store.get("key") is None
        store.set("key", {"a": 1})
        store.delete("key")
        places = {
            "ssm:GetParameter": lambda asked: f"arn:aws:ssm:{ACCOUNT}:parameter/{asked['Name']}",
            **dict.fromkeys(DYNAMODB, lambda asked: f"{asked['TableName'][:-1]}.Arn>"),
        }
        assert {(action, places[action](asked)) for action, asked in calls} == stack.rights("TaskRole")

    def test_the_dashboard_calls_aws_from_nowhere_else(self) -> None:
        """Else the test above would not see it, and the role would not allow it."""
        assert {found for file in sorted((REPO / "dashboard").rglob("*.py")) for found in _services(file)} == {
            ("sessions.py", "resource", "dynamodb"),
            ("settings.py", "client", "cognito-idp"),  # its address alone; what it serves is asked without credentials
            ("settings.py", "client", "ssm"),
        }

    @pytest.mark.parametrize(
        ("image_uri", "repository"),
        [
            ("111122223333.dkr.ecr.eu-west-1.amazonaws.com/dashboard:1.2", "dashboard"),
            ("111122223333.dkr.ecr.eu-west-1.amazonaws.com/push/board/dashboard:1", "push/board/dashboard"),
            (f"111122223333.dkr.ecr.eu-west-1.amazonaws.com/a/b@sha256:{'0' * 64}", "a/b"),
        ],
    )
    def test_ecs_may_fetch_this_image_and_this_secret_and_write_this_log(self, image_uri, repository: str) -> None:
        fetched = f"arn:aws:ecr:eu-west-1:111122223333:repository/{repository}"
        assert webapp(**DOMAIN | {"ImageUri": image_uri}).rights("ExecutionRole") == {
            ("ecr:GetAuthorizationToken", "*"),
            ("ecr:BatchCheckLayerAvailability", fetched),
            ("ecr:GetDownloadUrlForLayer", fetched),
            ("ecr:BatchGetImage", fetched),
            ("secretsmanager:GetSecretValue", "<SecretKey>"),
            ("logs:CreateLogStream", "<LogGroup.Arn>"),
            ("logs:PutLogEvents", "<LogGroup.Arn>"),
        }

    def test_nobody_but_ecs_takes_on_a_role_and_only_for_this_account(self, stack: Webapp) -> None:
        roles = stack.resources("AWS::IAM::Role")
        assert {role.logical_id for role in roles} == {"TaskRole", "ExecutionRole"}
        for role in roles:
            (statement,) = role.properties["AssumeRolePolicyDocument"]["Statement"]
            assert statement["Principal"] == {"Service": "ecs-tasks.amazonaws.com"}
            assert statement["Condition"]["StringEquals"] == {"aws:SourceAccount": "000000000000"}
            assert "ManagedPolicyArns" not in role.properties


DYNAMODB = ("dynamodb:GetItem", "dynamodb:PutItem", "dynamodb:DeleteItem")


@pytest.fixture
def calls(monkeypatch: pytest.MonkeyPatch) -> list[tuple[str, dict[str, Any]]]:
    """Every call made through boto3 from here on: its IAM action and its arguments. Each is answered, by nobody."""
    made: list[tuple[str, dict[str, Any]]] = []

    def call(client: Any, operation: str, arguments: dict[str, Any]) -> dict[str, Any]:
        made.append((f"{client.meta.service_model.signing_name}:{operation}", arguments))
        return {"Parameter": {"Value": "https://api"}}

    monkeypatch.setattr(botocore.client.BaseClient, "_make_api_call", call)
    monkeypatch.setattr(boto3, "DEFAULT_SESSION", boto3.Session("local", "local", region_name="us-east-1"))
    return made


def _services(file: Path) -> Iterator[tuple[str, str, str]]:
    """The AWS services that a module makes a client of; any other use of boto3 fails here."""
    tree = ast.parse(file.read_text())
    uses = [node for node in ast.walk(tree) if isinstance(node, ast.Attribute) and _is(node.value, "boto3")]
    made = [node for node in ast.walk(tree) if isinstance(node, ast.Call) and node.func in uses]
    assert len(made) == len(uses), f"{file.name} uses boto3 in another way"
    imports = [node for node in ast.walk(tree) if isinstance(node, ast.ImportFrom) and node.module == "boto3"]
    assert not imports, f"{file.name} imports from boto3"
    for call in made:
        assert isinstance(call.func, ast.Attribute)
        assert isinstance(call.args[0], ast.Constant)
        yield file.name, call.func.attr, str(call.args[0].value)


def _is(node: ast.expr, name: str) -> bool:
    return isinstance(node, ast.Name) and node.id == name


class TestWhatIsKept:
    def test_sessions_expire_are_encrypted_and_can_be_had_again(self, stack: Webapp) -> None:
        table = stack.resource("SessionsTable").properties
        assert table["BillingMode"] == "PAY_PER_REQUEST"
        assert table["TimeToLiveSpecification"] == {"AttributeName": "expiresAt", "Enabled": True}
        assert table["SSESpecification"] == {"SSEEnabled": True}
        assert table["PointInTimeRecoverySpecification"] == {"PointInTimeRecoveryEnabled": True}
        assert "TableName" not in table, "two installations of one account would fight for it"

    def test_the_access_log_is_written_by_load_balancers_of_this_account_and_read_over_tls(self, stack: Webapp) -> None:
        attributes = stack.attributes("LoadBalancer", "LoadBalancer")
        assert attributes["access_logs.s3.enabled"] == "true"
        assert attributes["access_logs.s3.bucket"] == "<AccessLogsBucket>"
        policy = stack.resource("AccessLogsBucketPolicy").properties
        write, plain = policy["PolicyDocument"]["Statement"]
        assert policy["Bucket"] == "<AccessLogsBucket>"
        assert (write["Effect"], write["Action"]) == ("Allow", "s3:PutObject")
        assert write["Resource"] == "<AccessLogsBucket.Arn>/AWSLogs/000000000000/*"
        assert (
            write["Condition"]["ArnLike"]["aws:SourceArn"] == f"arn:aws:elasticloadbalancing:{ACCOUNT}:loadbalancer/*"
        )
        assert (plain["Effect"], plain["Condition"]) == ("Deny", {"Bool": {"aws:SecureTransport": "false"}})
        assert "AccessLogsBucketPolicy" in stack.document["Resources"]["LoadBalancer"]["DependsOn"]

    def test_the_access_log_is_encrypted_and_nobodys_but_the_accounts(self, stack: Webapp) -> None:
        bucket = stack.resource("AccessLogsBucket").properties
        assert set(bucket["PublicAccessBlockConfiguration"].values()) == {True}
        assert len(bucket["PublicAccessBlockConfiguration"]) == 4
        (encryption,) = bucket["BucketEncryption"]["ServerSideEncryptionConfiguration"]
        assert encryption["ServerSideEncryptionByDefault"]["SSEAlgorithm"] == "AES256", "load balancers write no other"

    def test_everything_goes_with_the_stack(self, stack: Webapp) -> None:
        kinds = ("AWS::DynamoDB::Table", "AWS::S3::Bucket", "AWS::Logs::LogGroup", "AWS::SecretsManager::Secret")
        for resource in stack.resources(*kinds):
            written = stack.document["Resources"][resource.logical_id]
            assert (written["DeletionPolicy"], written["UpdateReplacePolicy"]) == ("Delete", "Delete")


class TestAlarms:
    def test_they_watch_what_stops_people_from_seeing_anything(self, stack: Webapp) -> None:
        assert {alarm.properties["MetricName"] for alarm in stack.resources("AWS::CloudWatch::Alarm")} == {
            "UnHealthyHostCount",
            "HealthyHostCount",
            "HTTPCode_Target_5XX_Count",
            "HTTPCode_ELB_5XX_Count",
            "CPUUtilization",
            "MemoryUtilization",
        }

    def test_they_go_to_the_topic_that_is_given_or_to_nobody(self) -> None:
        for alarm in webapp(AlarmTopicArn=TOPIC, **DOMAIN).resources("AWS::CloudWatch::Alarm"):
            assert alarm.properties["AlarmActions"] == alarm.properties["OKActions"] == [TOPIC]
        for alarm in webapp(**DOMAIN).resources("AWS::CloudWatch::Alarm"):
            assert not {"AlarmActions", "OKActions"} & set(alarm.properties)

    def test_they_watch_these_tasks_behind_this_load_balancer(self, stack: Webapp) -> None:
        named = {
            dimension["Name"]: dimension["Value"]
            for alarm in stack.resources("AWS::CloudWatch::Alarm")
            for dimension in alarm.properties["Dimensions"]
        }
        assert named == {
            "LoadBalancer": "<LoadBalancer.LoadBalancerFullName>",
            "TargetGroup": "<TargetGroup.TargetGroupFullName>",
            "ClusterName": "<Cluster>",
            "ServiceName": "<Service.Name>",
        }

    def test_a_dashboard_that_is_gone_altogether_rings_though_nothing_is_measured(self, stack: Webapp) -> None:
        alarm = stack.resource("NoTasksAlarm").properties
        assert (alarm["ComparisonOperator"], alarm["Threshold"]) == ("LessThanThreshold", 1)
        assert alarm["TreatMissingData"] == "breaching"
