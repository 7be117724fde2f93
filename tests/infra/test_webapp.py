"""`webapp-setup.yaml`: tasks agree with the dashboard, its image and its server; what is kept, and what is watched."""

from collections.abc import Iterator, Mapping

import pytest

from dashboard import gunicorn_conf
from dashboard.bridge.tab_bridge import BridgeLimits
from dashboard.gateway.client import CONNECT_TIMEOUT, Gateway
from dashboard.settings import Settings
from infra.image import health
from infra.local.cloudformation.intrinsics import load
from tests.infra.dockerfile import image
from tests.infra.webapp import CLOUDFRONT, DOMAIN, MODES, REPO, Webapp, parameters, webapp

LIMITS = BridgeLimits()
TOPIC = "arn:aws:sns:us-east-1:111122223333:alarms"


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
        stack = webapp(DataNote="Simulated.", TimeZone="Europe/Berlin", **DOMAIN)
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
        ours, theirs = parameters(), load(REPO / "infra" / "backend-setup.yaml")["Parameters"]
        for name in ("WebSocketEndpointSSMParameterName", "RestApiEndpointSSMParameterName"):
            assert ours[name]["Default"] == theirs[name]["Default"]


class TestContainer:
    def test_it_is_one_port_from_the_load_balancer_to_gunicorn(self, stack: Webapp) -> None:
        (published,) = stack.container["PortMappings"]
        (attached,) = stack.resource("Service").properties["LoadBalancers"]
        (out_of_load_balancer,) = stack.resource("LoadBalancerSecurityGroup").properties["SecurityGroupEgress"]
        into_tasks = stack.resource("LoadBalancerToTasks").properties
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
        assert check["Timeout"] > health.PATIENCE, "else it could not say why"
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
        assert idle == 15 * LIMITS.heartbeat, "as the template's comment says"
        assert idle > 4 * LIMITS.tab_ping

    def test_an_answer_that_takes_the_dashboard_its_time_is_waited_for(self, behind_cloudfront: Webapp) -> None:
        longest = CONNECT_TIMEOUT + Gateway("https://api")._timeout[1]
        (origin,) = behind_cloudfront.resource("Distribution").properties["DistributionConfig"]["Origins"]
        idle = int(behind_cloudfront.attributes("LoadBalancer", "LoadBalancer")["idle_timeout.timeout_seconds"])
        assert longest < origin["VpcOriginConfig"]["OriginReadTimeout"] <= idle
        assert LIMITS.heartbeat < origin["VpcOriginConfig"]["OriginReadTimeout"]

    def test_each_hop_keeps_a_connection_longer_than_the_one_before(self, behind_cloudfront: Webapp) -> None:
        """Else a request goes into a connection that was just closed, and is lost."""
        (origin,) = behind_cloudfront.resource("Distribution").properties["DistributionConfig"]["Origins"]
        idle = int(behind_cloudfront.attributes("LoadBalancer", "LoadBalancer")["idle_timeout.timeout_seconds"])
        assert origin["VpcOriginConfig"]["OriginKeepaliveTimeout"] < idle < gunicorn_conf.keepalive

    def test_tabs_hear_of_a_tasks_end_before_it_ends_and_it_ends_before_it_is_killed(self, stack: Webapp) -> None:
        assert 2 * LIMITS.heartbeat < gunicorn_conf.graceful_timeout < stack.container["StopTimeout"] <= 120

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
        assert write["Principal"] == {"Service": "logdelivery.elasticloadbalancing.amazonaws.com"}
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
