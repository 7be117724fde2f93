"""Deploys everything: `make deploy`. Each step looks at what is there, so a run goes on where the last one stopped."""

from collections.abc import Mapping
from dataclasses import dataclass, field

from infra.deploy.artifacts.artifact_bucket import ArtifactBucket
from infra.deploy.artifacts.artifacts import Artifacts, Makers
from infra.deploy.aws import Aws
from infra.deploy.loading import Loading
from infra.deploy.parameters.parameters import Settings
from infra.deploy.parameters.sources import STACKS, ParameterSources, filled
from infra.deploy.prerequisites import region
from infra.deploy.prerequisites.account import account
from infra.deploy.prerequisites.check import Target
from infra.deploy.prerequisites.checks import require
from infra.deploy.prerequisites.warehouse_role import BY_STACK, unattached
from infra.deploy.stacks import templates
from infra.deploy.stacks.polling import Polling
from infra.deploy.stacks.removing import Removing
from infra.deploy.stacks.stacks import NEVER_WORKED, Say, Stack, Stacks, Wanted, by_text, by_url


@dataclass
class Deployment:
    """One run. What it learns on the way is in `known`, from which the parameters of later stacks are filled."""

    aws: Aws
    settings: Settings
    say: Say
    makers: Makers = field(default_factory=Makers)
    polling: Polling = field(default_factory=Polling)
    replace_data: bool = False

    def __post_init__(self) -> None:
        self._known = ParameterSources(self.settings.stacks)
        self._stacks = Stacks(self.aws.client("cloudformation"), self.say, self.polling, self.replace_data)

    def run(self) -> None:
        """Everything, in order; `DeployError`, or an error of boto3, says what stopped it."""
        self._account = account(self.aws, self.settings)
        require(Target(self.aws, self.settings, self.makers.has_docker), self.say)
        self.makers.check()
        self._look_up()
        text = templates.path("artifacts").read_text(encoding="utf-8")
        urls = self._make(self._deploy("artifacts", by_text(text)))
        for stack in STACKS[1:]:
            self._deploy(stack, by_url(urls[stack]))
        self._lead_back(urls["cognito"])
        self._tell()
        self._load(has_role=self._has_role())

    def _look_up(self) -> None:
        """What is known before anything is made: CloudFront's addresses, and the dashboard's if it was made before."""
        if region.needs_prefix_list(self.settings):
            self._known.made["prefix_list"] = region.prefix_list(self.aws)
        before = self._stacks.find(self.settings.stack_name("webapp"))
        if before is not None and "Url" in before.outputs:
            self._known.outputs["webapp"] = before.outputs

    def _make(self, artifacts: Stack) -> Mapping[str, str]:
        """Builds and uploads; gives the addresses of the templates."""
        place = ArtifactBucket(self._account, artifacts.outputs)
        place.require_bucket(self.aws.client("s3"))
        making = Artifacts(self.aws, place, self.makers, self.say)
        urls = making.templates()
        self._known.made |= making.scripts() | making.sample(self.settings.sample_rows)
        self._known.made |= making.image(self.settings.image)
        return urls

    def _deploy(self, stack: str, template: Mapping[str, str]) -> Stack:
        name = self.settings.stack_name(stack)
        before = self._stacks.settled(name)
        if before is not None and before.status in NEVER_WORKED:
            self.say(f"{name} is {before.status}, so it never worked: it is removed, and made anew ...")
            Removing(self.aws, self._stacks, self._account).remove(before)
            before = None
        wanted = Wanted(name, template, templates.defaults(stack) | filled(stack, self._known))
        done = self._stacks.deploy(wanted, before)
        self._known.outputs[stack] = done.outputs
        return done

    def _lead_back(self, template: str) -> None:
        """Signing in has to lead back to the dashboard, whose address may be known only now."""
        pool = self._stacks.find(self.settings.stack_name("cognito"))
        if pool is None or pool.parameters.get("AppUrl") != filled("cognito", self._known)["AppUrl"]:
            self.say("The dashboard's address is new: the sign-in is told.")
            self._deploy("cognito", by_url(template))

    def _tell(self) -> None:
        webapp, domain = self._known.outputs["webapp"], self.settings.stacks["webapp"].get("DomainName")
        self.say(f"\nPushboard is at {webapp['Url']}")
        if domain and not self.settings.stacks["webapp"].get("HostedZoneId"):
            self.say(f"Lead {domain} there by an alias or CNAME to {webapp['LoadBalancerDnsName']}")
        self.say(f"How it fares: {self._known.outputs['backend']['DashboardUrl']}")
        pool = self._known.outputs["cognito"]["UserPoolId"]
        profile = f"AWS_PROFILE={self.settings.profile} " if self.settings.profile else ""
        self.say(
            f"Invite its first user: {profile}AWS_DEFAULT_REGION={self.settings.region} "
            f".venv/bin/python -m infra.users --pool {pool} invite ana@example.com --groups admins"
        )

    def _has_role(self) -> bool:
        """Whether the warehouse has the role that the backend's stack made, if any; without it, what to do is told."""
        role = self._known.outputs["backend"].get("WarehouseRoleArn")
        left = role and unattached(Target(self.aws, self.settings), role)
        if left:
            self.say(left)
        return not left

    def _load(self, *, has_role: bool) -> None:
        """The last step, apart from the stacks: whatever goes wrong with it takes nothing with it."""
        if not filled("backend", self._known).get("SampleDataS3Path"):
            return
        if not has_role and self.settings.value("backend", "RedshiftCopyRoleArn") == BY_STACK:
            self.say("The trips are loaded by the next run: by that role the warehouse reads them.")
            return
        Loading(self.aws, self._known.outputs["backend"]["LoadFunctionName"], self.say, self.polling).run()
