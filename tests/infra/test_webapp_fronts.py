"""`webapp-setup.yaml`: who may reach whom, under a domain or behind CloudFront, in a new VPC or in another."""

import re
from typing import Any

import pytest

from infra.local.cloudformation.intrinsics import TemplateError
from tests.infra.webapp import CLOUDFRONT, DOMAIN, GIVEN, MODES, OWN_VPC, Webapp, listed, parameters, webapp


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


class TestNetwork:
    def test_every_reference_has_what_it_refers_to(self, stack: Webapp) -> None:
        stack.check()

    def test_nothing_depends_on_what_does_not_exist(self, stack: Webapp) -> None:
        existing = set(stack._existing)
        for name in existing:
            assert set(listed(stack.document["Resources"][name].get("DependsOn", []))) <= existing

    @pytest.mark.parametrize("waiting", ["LoadBalancer", "Service"])
    def test_what_needs_the_internet_waits_for_the_way_to_it_where_that_is_made(self, waiting: str) -> None:
        def after(**given: str) -> Any:
            stack = webapp(**given)
            return stack.resolver.value(stack.document["Resources"][waiting]["Metadata"])["After"]

        assert after(**DOMAIN)
        assert not after(**DOMAIN, **OWN_VPC)

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
        assert "SecurityGroupIngress" not in group
        (egress,) = group["SecurityGroupEgress"]
        ingress = stack.only("AWS::EC2::SecurityGroupIngress").properties
        assert ingress["GroupId"] == "<TaskSecurityGroup.GroupId>"
        assert ingress["SourceSecurityGroupId"] == "<LoadBalancerSecurityGroup.GroupId>"
        assert not {"CidrIp", "CidrIpv6", "SourcePrefixListId"} & set(ingress)
        assert (egress["FromPort"], egress["ToPort"], egress["IpProtocol"]) == (443, 443, "tcp")

    def test_the_load_balancer_goes_nowhere_but_to_the_tasks(self, stack: Webapp) -> None:
        (rule,) = stack.resource("LoadBalancerSecurityGroup").properties["SecurityGroupEgress"]
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
        with pytest.raises(TemplateError, match=reason):
            webapp(**given)

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
        assert not re.fullmatch(parameters()[parameter]["AllowedPattern"], value)

    def test_what_the_other_templates_put_out_is_taken(self) -> None:
        for parameter, value in (GIVEN | MODES["a domain in an existing VPC"]).items():
            pattern = parameters()[parameter].get("AllowedPattern", ".*")
            assert re.fullmatch(pattern, value), parameter
