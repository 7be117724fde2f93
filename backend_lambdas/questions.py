"""What is asked of the warehouse: a report version with its bound values. Made by `on_connect`, answered by `runs`."""

import hashlib
import json
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Self

from backend_lambdas.identity import Principal
from backend_lambdas.reports import Report


@dataclass(frozen=True)
class Question:
    """A report version with the text of every parameter, on behalf of whoever may see it.

    `claims` are the token's values that it binds: who reads the rows must have the same.
    """

    report: str
    department: str
    version: str
    sql: str
    values: Mapping[str, str]
    groups: tuple[str, ...]
    claims: Mapping[str, str]
    cache_seconds: int
    timeout_seconds: int

    @classmethod
    def of(cls, report: Report, values: Mapping[str, str], principal: Principal) -> Self:
        """The question of a report, with what `parameters.bind` made of a user's values."""
        header = report.header
        names = {parameter.claim for parameter in header.parameters.values() if parameter.claim}
        return cls(
            report=report.id,
            department=report.department,
            version=report.version,
            sql=report.statement(values),
            values=values,
            groups=report.groups,
            claims={name: principal.claims[name] for name in sorted(names)},
            cache_seconds=header.cache,
            timeout_seconds=header.timeout,
        )

    @property
    def key(self) -> str:
        """The same for identical askers, and different for anything else."""
        text = json.dumps([self.report, self.version, self.groups, sorted(self.values.items())])
        return hashlib.sha256(text.encode()).hexdigest()[:40]
