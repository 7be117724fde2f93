"""The knobs that make the local Data API stricter.

Set by `edge` and by tests, also while it runs.
"""

from dataclasses import dataclass

from infra.local.redshift_data.identity import Caller


@dataclass
class DataApiLimits:
    """DataApiLimits of the service; the defaults are AWS's.

    An empty set of clusters, workgroups or databases means that every name leads to the one warehouse.
    """

    enforce_rates: bool = False  # requests a second, per operation: ThrottlingException
    enforce_ownership: bool = True  # a statement is seen by the role that ran it, and by no other
    people_see_all: bool = False  # but a caller that is no role sees every statement: the laptop's user operates it
    max_active_statements: int = 500
    max_sessions: int = 500
    max_waiting_requests: int = 100  # AWS does not publish its limit
    max_statement_bytes: int = 200 * 1024
    max_result_bytes: int = 500 * 1024 * 1024  # of the compressed file
    max_row_bytes: int = 64 * 1024  # of a row's texts
    result_seconds: int = 24 * 3600
    token_seconds: int = 8 * 3600
    clusters: frozenset[str] = frozenset()
    workgroups: frozenset[str] = frozenset()
    databases: frozenset[str] = frozenset()

    def keep_apart(self, caller: Caller) -> bool:
        """Whether this caller sees only what its own role ran."""
        return self.enforce_ownership and (caller.is_role or not self.people_see_all)
