"""An AWS account at nine o'clock: its quotas as queues, and what was used of what AWS charges for."""

from collections import defaultdict
from collections.abc import Mapping

from tests.bench.simulation.resources import Bucket, Line, Servers
from tests.bench.simulation.workload import Site


class Account:
    """The quotas of an account and what of ours stands before them. Times are in seconds since nine o'clock."""

    def __init__(self, quotas: Mapping[str, float], site: Site) -> None:
        self._quotas = quotas
        self._site = site
        self.usage: defaultdict[str, float] = defaultdict(float)
        self.execute = Bucket(quotas["execute_statement"])
        self.describe = Bucket(quotas["describe_statement"])
        self.result = Bucket(quotas["get_statement_result"])
        self.connections = Bucket(quotas["new_connections"])
        self.requests = Bucket(quotas["account_requests"], quotas["account_burst"])
        self.web_socket = Bucket(site.requests_per_second, site.request_burst)
        self.rest = Bucket(site.requests_per_second, site.request_burst)
        self.tokens = Bucket(quotas["cognito_token"])
        self.functions = Servers(int(quotas["lambda_concurrency"]))
        self.table_writes = Bucket(quotas["table_writes"])
        self.table_reads = Bucket(quotas["table_reads"])
        self._keys: dict[str, dict[str, Bucket]] = {"writes": {}, "reads": {}}
        self._longest: dict[str, float] = defaultdict(float)
        self._own: dict[str, Bucket | Line | Servers] = {}
        self._waiting = 0.0

    def line(self, name: str, places: int) -> Line:
        """The line before the Data API, in which so many statements are under way at most, by a rule of that name."""
        line = Line(self.execute, min(places, int(self._quotas["active_statements"])))
        self._own[name] = line
        return line

    def servers(self, name: str, count: int) -> Servers:
        """So many of what is no quota, and waited for as well."""
        servers = Servers(count)
        self._own[name] = servers
        return servers

    def message(self, now: float, count: float) -> float:
        """Seconds until the WebSocket API has taken so many messages of clients."""
        self.usage["messages"] += count
        return max(self.web_socket.wait(now, count), self.requests.wait(now, count))

    def post(self, now: float, count: float) -> float:
        """Seconds until so many messages to clients are posted."""
        self.usage["messages"] += count
        return self.requests.wait(now, count)

    def rest_request(self, now: float, count: float, limited: bool = True) -> float:
        """Seconds until a REST API has taken so many requests; `limited` where it is ours, with a limit of its own."""
        self.usage["rest_requests"] += count
        own = self.rest.wait(now, count) if limited else 0.0
        return max(own, self.requests.wait(now, count))

    def invoke(self, now: float, seconds: float, memory: float, waiting: float = 0.0) -> float:
        """When a function is done that is called now and takes so long with so many MiB; `waiting` for the table."""
        seconds += waiting
        self._waiting += waiting
        self.usage["lambda_requests"] += 1
        self.usage["lambda_gb_seconds"] += seconds * memory / 1024
        return self.functions.serve(now, seconds)

    def table(self, now: float, writes: float, reads: float) -> float:
        """Seconds until the table has taken so many units."""
        self.usage["table_writes"] += writes
        self.usage["table_reads"] += reads
        return max(self.table_writes.wait(now, writes), self.table_reads.wait(now, reads))

    def key(self, now: float, name: str, *, writes: float = 0.0, reads: float = 0.0) -> float:
        """Seconds until one key of the table has taken so many units; they are among those of `table`.

        Where keys are divided, each viewer meets another part: so all of them are one key that takes as much more.
        """
        waits = 0.0
        if writes:
            waits = self._key("writes", name).wait(now, writes)
        if reads:
            waits = max(waits, self._key("reads", name).wait(now, reads))
        kind = name.partition(" ")[0]
        self._longest[kind] = max(self._longest[kind], waits)
        return waits

    def _key(self, of: str, name: str) -> Bucket:
        buckets = self._keys[of]
        if name not in buckets:
            buckets[name] = Bucket(self._quotas[f"partition_{of}"] * self._site.key_parts)
        return buckets[name]

    def walls(self) -> dict[str, float]:
        """The longest wait in seconds at each quota at which there was one, the longest first.

        Of the keys of one kind it is the one at which was waited the longest.
        """
        keys = {f"DynamoDB: key {kind}": longest for kind, longest in self._longest.items()}
        waits = keys | {name: queue.longest for name, queue in self._queues().items()}
        return dict(sorted(((name, wait) for name, wait in waits.items() if wait), key=lambda wall: -wall[1]))

    def _queues(self) -> dict[str, Bucket | Line | Servers]:
        held = ", held by DynamoDB" if self._waiting > self.functions.busy / 2 else ""
        return self._own | {
            "ExecuteStatement": self.execute,
            "DescribeStatement": self.describe,
            "GetStatementResult": self.result,
            "new connections": self.connections,
            "requests of the account": self.requests,
            "RequestsPerSecond, messages": self.web_socket,
            "RequestsPerSecond, REST": self.rest,
            "Cognito: tokens": self.tokens,
            f"Lambda: concurrency{held}": self.functions,
            "DynamoDB: writes of the table": self.table_writes,
            "DynamoDB: reads of the table": self.table_reads,
        }
