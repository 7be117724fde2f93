"""The laptop's AWS put together: reads the templates, wires the parts, fills them, serves them on one endpoint.

`make run` (`__main__`), tests and benchmarks start it. Nothing else may: the dashboard and the functions only meet
the endpoint.
"""

import json
import threading
from collections.abc import Callable, Iterator, Mapping
from concurrent.futures import ThreadPoolExecutor
from contextlib import contextmanager
from pathlib import Path
from types import MappingProxyType
from typing import Any
from urllib.parse import urlsplit

from infra.local.apigateway.rest_api import RestGateway
from infra.local.apigateway.websocket_api import Limits, WebSocketGateway
from infra.local.cloudformation.custom_resources import CustomResources
from infra.local.cloudformation.deployment import (
    BUCKET,
    CLUSTER,
    JOBS_PREFIX,
    LOAD_PREFIX,
    REPORTS_PREFIX,
    SETUP_PREFIX,
    SETUP_USER,
    Installation,
    deploy,
)
from infra.local.cloudformation.stack import ACCOUNT, REGION
from infra.local.cloudformation.stack_resources import Function, StackResources, UserPool
from infra.local.cloudformation.template import localise
from infra.local.cognito import ClientConfig, Cognito, PoolConfig, hosted_pages
from infra.local.dynamodb.kept_items import KeptItems
from infra.local.endpoint import direct_calls, identities
from infra.local.endpoint.edge import Edge, JsonService, Services, Signature
from infra.local.endpoint.moto_services import Clients, MotoServices, create_table, ensure_bucket, send_events
from infra.local.endpoint.server import Server
from infra.local.eventbridge import events_put
from infra.local.eventbridge.bus import EventBus
from infra.local.eventbridge.later import Later
from infra.local.eventbridge.schedules import Schedules
from infra.local.folder import HeldFolder
from infra.local.hooks import Hooks
from infra.local.lambda_.functions import Lambdas
from infra.local.lambda_.logs import LogFile
from infra.local.loading import is_loaded, load
from infra.local.publishing import Publisher, Watcher
from infra.local.redshift import ControlPlane
from infra.local.redshift_data import DataApiLimits, RedshiftData
from infra.local.s3.lifecycle import remove_expired
from infra.local.sample_bucket import SampleBucket
from infra.local.wired import Wired
from infra.sample import Prepared, Simulated, TripFiles, prepare

Announce = Callable[[str], None]
SampleChoice = Simulated | TripFiles

CLI_KEY = "local"
BESIDE_REPORTS = {"pages/": "sql/pages", "maps/": "sql/maps"}
"""Other folders whose files lie below the place of reports, by where."""
DEMO_ACCOUNTS = {
    "ops@example.com": ("operations",),
    "finance@example.com": ("finance",),
    "admin@example.com": ("admins",),
}


class LocalAws:
    """One running laptop AWS. moto keeps its state in the process, so start one at a time in a process.

    `minute` is how many seconds a minute of the template's schedules lasts; tests are in more of a hurry. By `hooks`
    they let things go wrong, with `sign_in` (parameters of `cognito-setup.yaml`) they close the door, with `backend`
    (those of `backend-setup.yaml`) they choose the warehouse; without
    `warm` a function is imported by its first call. With `holds_back` the sample's last month is left to the job that
    loads it.
    """

    def __init__(
        self,
        var: Path,
        *,
        port: int,
        app_url: str,
        repo: Path,
        sample: SampleChoice | None = None,
        holds_back: bool = False,
        demo_password: str = "Taxi-2015!",  # noqa: S107 (a demo account on a laptop; make run takes DEMO_PASSWORD)
        limits: Limits | None = None,
        minute: float = 60.0,
        announce: Announce = print,
        sign_in: Mapping[str, str] | None = None,
        backend: Mapping[str, str] | None = None,
        warm: bool = True,
        hooks: Hooks | None = None,
    ) -> None:
        self._installation = Installation(var, repo, port, app_url, sign_in or {}, backend or CLUSTER)
        self._sample = sample
        self._holds_back = holds_back
        self._demo_password = demo_password
        self._limits = limits or Limits()
        self._minute = minute
        self._announce = announce
        self._warm = warm
        self._hooks = hooks or Hooks()
        self._stops: list[Callable[[], Any]] = []
        self.data_note = ""  # what every page says about the trips, known once started

    # ---------------------------------------------------------------------------------------------------- addresses

    @property
    def endpoint_url(self) -> str:
        """Where every AWS service is."""
        return self._installation.endpoint_url

    @property
    def websocket_url(self) -> str:
        """Where clients open their sockets, as the SSM parameter says."""
        return self._parameter("REDSHIFT_WSS_ENDPOINT")

    @property
    def rest_url(self) -> str:
        """Where clients fetch reports and rows, as the SSM parameter says."""
        return self._parameter("REDSHIFT_REST_API_ENDPOINT")

    @property
    def logs(self) -> Path:
        """The folder in which a file is what a log group is on AWS."""
        return self._installation.var / "logs"

    @property
    def pool_id(self) -> str:
        """The user pool."""
        return self.stacks.pool.pool_id

    @property
    def client_id(self) -> str:
        """The dashboard's client of that pool."""
        return self.stacks.client_id

    def environment(self) -> dict[str, str]:
        """The variables that point an AWS SDK or the AWS CLI at this endpoint."""
        return identities.client_variables(self.endpoint_url, CLI_KEY)

    def _parameter(self, name: str) -> str:
        return localise(self.stacks.backend.parameters[name], self.endpoint_url)

    # ---------------------------------------------------------------------------------------------------- start, stop

    def start(self) -> None:
        """Returns when everything is served and the warehouse is set up; after a failure nothing is left running."""
        try:
            self._start()
        except BaseException:
            self.stop()
            raise

    def stop(self) -> None:
        """Ends every part, the last started first; leaves no thread behind."""
        while self._stops:
            self._stops.pop()()

    def _start(self) -> None:
        self._stops.append(HeldFolder(self._installation.var).release)
        function_log = LogFile(self.logs / "functions.jsonl")
        self._lines = function_log.write
        self._stops.append(function_log.close)
        prepared = self._prepare_sample()
        self.data_note = prepared.label if prepared else ""
        self.clients = Clients(self.endpoint_url)
        setup, self.reports = self._publisher(SETUP_PREFIX), self._publisher(REPORTS_PREFIX, BESIDE_REPORTS)
        self.jobs = self._publisher(JOBS_PREFIX)
        trips = SampleBucket(prepared, self._holds_back) if prepared else None
        paths = (trips.path, trips.jobs_path) if trips else ("", "")
        self.stacks = deploy(self._installation, setup.digest(), *paths)
        self._assemble()
        self._serve()
        self._create_resources(self.stacks.backend)
        self._fill(setup, trips)
        self._schedules.start()

    def _assemble(self) -> None:
        """Makes the parts, each given those it needs."""
        backend, var = self.stacks.backend, self._installation.var
        self.lambdas = Lambdas(
            self.stacks.functions,
            variables=self._variables,
            failed=self._to_queue,
            log=self._announce,
            lines=self._lines,
            hooks=self._hooks,
        )
        self._later = Later("eventbridge")
        self.events = EventBus(backend.rules, self.lambdas.invoke_later, self._hooks)
        self._schedules = Schedules(backend.schedules, self.lambdas.invoke_later, self._later, self._minute)
        self.moto = MotoServices(var / "s3", self.events.publish, self._hooks)
        self.control_plane = _control_plane(backend)
        self.warehouse = self._open_warehouse(self.control_plane.database)
        self.cognito = Cognito(
            var / "cognito.db",
            _pool(self.stacks.pool),
            endpoint_url=self.endpoint_url,
            announce=self._announce,
            invoke=self.lambdas.invoke,
        )
        self.custom_resources = CustomResources(var / "stack.json", self.lambdas.invoke_later, self.endpoint_url)
        self._stops += [self.clients.close, self.cognito.close, self.warehouse.close]

    def _open_warehouse(self, database: str) -> RedshiftData:
        return RedshiftData(
            _warehouse_file(self._installation.var, database),
            publish=self.events.publish,
            objects=self.moto.objects,
            admin_users=frozenset({SETUP_USER}),
            limits=DataApiLimits(people_see_all=True, databases=frozenset({database})),
        )

    def _serve(self) -> None:
        backend = self.stacks.backend
        websockets = {
            api.api_id: WebSocketGateway(api, self.lambdas.invoke, limits=self._limits, hooks=self._hooks)
            for api in backend.websocket_apis
        }
        rest = {
            api.api_id: RestGateway(api, self.lambdas.invoke, self.cognito.verify_id_token) for api in backend.rest_apis
        }
        pages = hosted_pages(self.cognito)
        services = Services(
            websockets,
            rest,
            self._json_services(),
            self.custom_resources.answered,
            self.moto,
            pages,
            self.control_plane.redshift,
            Wired(backend, self.stacks.functions, ("pushboard-cognito", "pushboard-backend")),
        )
        edge = Edge(services, self._hooks)
        self._stops.append(edge.close)
        server = Server(edge, self._installation.port, self._limits)
        gateways = [gateway.close for gateway in websockets.values()]
        self._stops += [server.stop, self.lambdas.close, *gateways, self._later.close, self._hooks.on_stop]
        server.start()
        for url in (self.endpoint_url, identities.by_number(self.endpoint_url)):
            self._stops.append(direct_calls.connect(urlsplit(url).netloc, edge.direct))

    def _json_services(self) -> Mapping[str, JsonService]:
        callers = identities.callers(self.stacks.functions)

        def redshift_data(operation: str, request: dict[str, Any], signature: Signature) -> dict[str, Any]:
            caller = callers.get(signature.access_key) or identities.person(signature.access_key)
            return self.warehouse.wire(operation, request, caller)

        def serverless(operation: str, request: dict[str, Any], _: Signature) -> dict[str, Any]:
            return self.control_plane.serverless(operation, request)

        def cognito(operation: str, request: dict[str, Any], signature: Signature) -> dict[str, Any]:
            return self.cognito.call(operation, request, signature.authorization)

        def put_events(_: str, request: dict[str, Any], _signature: Signature) -> dict[str, Any]:
            return events_put.answer(request, self.events.publish)

        return {
            "RedshiftData": JsonService("redshift-data", redshift_data),
            "RedshiftServerless": JsonService("redshift-serverless", serverless),
            "AWSCognitoIdentityProviderService": JsonService("cognito-idp", cognito),
            "AWSEvents.PutEvents": JsonService("events", put_events),
        }

    # ---------------------------------------------------------------------------------------------------- contents

    def _create_resources(self, backend: StackResources) -> None:
        """What CloudFormation makes: tables, buckets, queues, SSM parameters."""
        for table in backend.tables:
            create_table(self.clients, table)
        kept = KeptItems(self._installation.var / "dynamodb", backend.tables, self.clients["dynamodb"])
        kept.restore()
        self._stops.append(kept.save)
        for bucket in backend.buckets:
            ensure_bucket(self.clients, bucket)
        remove_expired(self.clients["s3"], backend.expiries)
        for queue in backend.queues:
            self.clients["sqs"].create_queue(QueueName=queue)
        for name, value in backend.parameters.items():
            self.clients["ssm"].put_parameter(Name=name, Value=localise(value, self.endpoint_url), Type="String")

    def _fill(self, setup: Publisher, trips: SampleBucket | None) -> None:
        """What a deployment then puts into it: files, accounts, a warehouse set up."""
        ensure_bucket(self.clients, BUCKET)
        setup.publish()
        for resource in self.stacks.backend.custom_resources:
            self.custom_resources.apply(resource)
        with self._loading(trips):
            self.publish_reports()
            self.jobs.publish()
            send_events(self.clients, BUCKET)  # only now: there is nobody yet to tell of these
            for watcher in (Watcher(self.reports, self._announce), Watcher(self.jobs, self._announce)):
                self._stops.append(watcher.stop)
                watcher.start()
            for email, groups in DEMO_ACCOUNTS.items():
                self.cognito.ensure_user(email, self._demo_password, groups)
        if self._warm:
            warming = threading.Thread(target=self.lambdas.warm, name="warm-up", daemon=True)
            self._stops.append(warming.join)
            warming.start()

    @contextmanager
    def _loading(self, trips: SampleBucket | None) -> Iterator[None]:
        """Has the trips loaded while the rest is done: the warehouse reads files without Python's lock."""
        if trips is None or is_loaded(self.warehouse.engine.cursor(), trips.path):
            yield
            return
        trips.upload(self.clients)
        self._publisher(LOAD_PREFIX).publish()
        with ThreadPoolExecutor(1, thread_name_prefix="load") as pool:
            loaded = pool.submit(load, self.lambdas.invoke)
            yield
            loaded.result()

    def publish_reports(self) -> list[str]:
        """Uploads reports that changed and deletes those that are gone, at once instead of in half a second."""
        return self.reports.publish()

    def _publisher(self, prefix: str, inside: Mapping[str, str] = MappingProxyType({})) -> Publisher:
        """Of the folder of this name; `inside` are other folders that are published below it."""
        repo = self._installation.repo
        others = {below: repo / folder for below, folder in inside.items()}
        return Publisher(self.clients["s3"], BUCKET, prefix, repo / prefix, others)

    def _prepare_sample(self) -> Prepared | None:
        """The trips as files; what was left out of them is told, not fatal."""
        if self._sample is None:
            return None
        prepared = prepare(self._sample, self._installation.var / "sample")
        self._announce(f"Data: {prepared.label}")
        for reason, rows in prepared.rejected.items():
            self._announce(f"  {rows:,} rows left out: {reason}")
        return prepared

    def _variables(self, function: Function) -> dict[str, str]:
        """All a function sees of its environment: the template's variables and what Lambda adds."""
        own = {name: localise(value, self.endpoint_url) for name, value in function.environment.items()}
        started = {
            "AWS_LAMBDA_FUNCTION_NAME": function.name,
            "AWS_LAMBDA_INITIALIZATION_TYPE": "on-demand",
            "TZ": ":UTC",
        }
        return own | identities.client_variables(self.endpoint_url, identities.access_key(function)) | started

    def _to_queue(self, queue: str, record: dict[str, Any]) -> None:
        url = self.clients["sqs"].get_queue_url(QueueName=queue)["QueueUrl"]
        self.clients["sqs"].send_message(QueueUrl=url, MessageBody=json.dumps(record))


def _control_plane(backend: StackResources) -> ControlPlane:
    """The warehouse as the template names it to the functions that use it."""
    named = next(one.environment for one in backend.functions.values() if "CLUSTER_IDENTIFIER" in one.environment)
    cluster, workgroup = named["CLUSTER_IDENTIFIER"], named["WORKGROUP_NAME"]
    return ControlPlane(cluster, workgroup, named["DATABASE"], SETUP_USER, REGION, ACCOUNT)


def _warehouse_file(var: Path, database: str) -> Path:
    """DuckDB names a database after its file; a file of a release that called it otherwise is renamed."""
    file, former = var / f"{database}.duckdb", var / "warehouse.duckdb"
    if former.exists() and not file.exists():
        former.rename(file)
    return file


def _pool(pool: UserPool) -> PoolConfig:
    clients = [ClientConfig.from_properties(client_id, properties) for client_id, properties in pool.clients.items()]
    return PoolConfig.from_properties(pool.pool_id, pool.properties, clients=clients, groups=pool.groups)
