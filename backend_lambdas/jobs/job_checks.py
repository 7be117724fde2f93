"""Holds the steps of a job to its header: what they may be, which values they use, which tables they write. Pure.

Used by `job_file`. `step_sql` reads each statement.
"""

from collections.abc import Collection, Iterator

from backend_lambdas.jobs import step_sql
from backend_lambdas.jobs.job_header import PUBLIC, JobHeader
from backend_lambdas.jobs.job_steps import Step
from backend_lambdas.jobs.step_sql import SqlMistake
from backend_lambdas.reports import sql_text
from backend_lambdas.reports.mistakes import ReportError, listed
from backend_lambdas.reports.report_header import Written

IN_TEXT = ("month", "date", "year", "integer", "choice")
"""The types of parameters that may stand as `{name}` in a text of COPY or UNLOAD."""


Steps = tuple[Step, ...]


def check(steps: Steps, header: JobHeader, written: Written, variables: Collection[str]) -> None:
    """Raises `ReportError` with line and reason for the first thing that is wrong.

    `variables` are the names that `${NAME}` may have.
    """
    for step in steps:
        try:
            _check_step(step, header, variables)
        except SqlMistake as mistake:
            raise _located(step, mistake.position, mistake.reason) from mistake
    _check_used(steps, header, written)
    _check_writes(steps, header, written)


def _located(step: Step, position: int, reason: str) -> ReportError:
    return ReportError(step.line + step.sql.count("\n", 0, position), reason)


def _check_step(step: Step, header: JobHeader, variables: Collection[str]) -> None:
    """Raises `SqlMistake` for what is wrong with one statement, whatever the others are."""
    if step.kind == "check":
        step_sql.check_select(step.sql)
    else:
        verb = step_sql.verb(step.sql)
        _check_transaction(step.sql, verb, header)
    step_sql.check_variables(step.sql, variables)
    if step_sql.takes_literals(step.sql):
        _check_literals(step.sql, header)
    else:
        _check_placeholders(step.sql, header)


def _check_transaction(sql: str, verb: str, header: JobHeader) -> None:
    committing = step_sql.committing(sql)
    if header.transaction == "whole" and committing:
        reason = f"{committing} cannot be part of a transaction: do without, or write transaction: each step"
        raise SqlMistake(0, reason)
    if header.transaction == "each step" and verb == "CREATE TEMPORARY TABLE":
        raise SqlMistake(0, "a temporary table ends with its step where the transaction is each step")


def _check_literals(sql: str, header: JobHeader) -> None:
    vain = step_sql.bound_in_vain(sql, header.parameters)
    if vain:
        raise SqlMistake(vain[1], f"nothing is bound in COPY and UNLOAD: write {{{vain[0]}}} inside of the quoted text")
    for name, position in step_sql.literals(sql).items():
        parameter = header.parameters.get(name)
        if parameter is None:
            raise SqlMistake(position, f"the SQL uses {{{name}}}, which the header does not declare")
        if parameter.type not in IN_TEXT:
            raise SqlMistake(position, f"{{{name}}} is written into a text: its type must be {listed(IN_TEXT)}")
        if not all(map(step_sql.SAFE.fullmatch, parameter.offered or ())):
            reason = f"{{{name}}} is written into a text: its choices must be of letters, digits, _ and -"
            raise SqlMistake(position, reason)


def _check_placeholders(sql: str, header: JobHeader) -> None:
    wanted = {one: name for name, item in header.parameters.items() for one in item.written(name)}
    for placeholder, position in sql_text.placeholders(sql).items():
        if placeholder not in wanted:
            raise SqlMistake(position, f"the SQL uses :{placeholder}, which the header does not declare")
    for name, item in header.parameters.items():
        stray = sql_text.outside_of_lists(sql, name) if item.type == "several" else None
        if stray is not None:
            raise SqlMistake(stray, f":{name} is a list: write it as IN (:{name})")


def _check_used(steps: Steps, header: JobHeader, written: Written) -> None:
    used = {name for step in steps for name in _used(step.sql)}
    for name, item in header.parameters.items():
        missing = next((one for one in item.written(name) if one not in used), None)
        if missing is not None:
            line = written.line_of(("parameters", name))
            raise ReportError(line, f"the parameter {name!r} is declared but no step uses :{missing}")


def _used(sql: str) -> Collection[str]:
    return step_sql.literals(sql) if step_sql.takes_literals(sql) else sql_text.placeholders(sql)


def _check_writes(steps: Steps, header: JobHeader, written: Written) -> None:
    """Raises `ReportError` unless `writes` names the tables that the steps write, and no others.

    What a procedure writes cannot be seen, and `writes` may name a table that is only looked after, or a view.
    """
    changing = [step for step in steps if step.kind == "step"]
    unseen = set(map(str, header.writes))
    for step, table, position in _written(changing):
        if table not in header.writes:
            raise _located(step, position, f"this step writes {table}, which `writes` in the header does not name")
        unseen.discard(table)
    unseen -= {table for step in changing for table in step_sql.tables(step.sql).touched}
    if unseen and not any(step_sql.verb(step.sql) == "CALL" for step in changing):
        raise ReportError(written.line_of(("writes",)), f"writes: no step writes {min(unseen)}")


def _written(steps: list[Step]) -> Iterator[tuple[Step, str, int]]:
    """Each table that a step writes and that outlives the job, with where the step names it."""
    temporary: set[str] = set()
    for step in steps:
        found = step_sql.tables(step.sql)
        temporary |= set(found.temporary)
        for table, position in found.written.items():
            if table not in temporary and not table.startswith(f"{PUBLIC}.#"):
                yield step, table, position
        if step_sql.verb(step.sql) == "DROP TABLE":
            temporary -= set(found.written)
