"""Records as the API shows them: a submission's answer, DescribeStatement, ListStatements.

Used by `submissions` and `statement_queries`.
"""

from typing import Any

from infra.local.redshift_data.statements import Statement, Status, SubStatement


def submitted(submission: Statement) -> dict[str, Any]:
    """What ExecuteStatement and BatchExecuteStatement answer."""
    ended = submission.status.is_final
    return {
        "Id": submission.id,
        "CreatedAt": submission.created_at,
        "DbUser": submission.target.db_user,
        "DbGroups": [],
        "Status": str(submission.status),
        **submission.target.members(),
        **_given(SessionId=submission.session_id, RedshiftPid=submission.pid or None),
        **({"HasResultSet": submission.has_result} if ended else {}),
    }


def described(submission: Statement) -> dict[str, Any]:
    """DescribeStatement of a whole submission. QueryString keeps its placeholders."""
    members = {
        "Id": submission.id,
        "DbUser": submission.target.db_user,
        "Duration": submission.duration,
        "Status": str(submission.status),
        "CreatedAt": submission.created_at,
        "UpdatedAt": submission.updated_at,
        "RedshiftPid": submission.pid,
        "HasResultSet": submission.has_result,
        "ResultRows": submission.rows,
        "ResultSize": submission.size,
        "ResultFormat": submission.result_format,
        **submission.target.members(),
        **_given(Error=submission.error, SessionId=submission.session_id),
        **_parameters(submission),
    }
    return members | (_batch(submission) if submission.is_batch else _single(submission.parts[0]))


def _single(part: SubStatement) -> dict[str, Any]:
    return {"QueryString": part.sql, "RedshiftQueryId": part.query_id, "RedshiftQueryUuid": part.query_uuid}


def _batch(submission: Statement) -> dict[str, Any]:
    parts = [part_described(part) for part in submission.parts]
    return {"RedshiftQueryId": 0, "SubStatements": parts, "ExecutionMode": submission.execution_mode}


def part_described(part: SubStatement) -> dict[str, Any]:
    """A SubStatement of a batch."""
    return {
        "Id": part.id,
        "Duration": part.duration,
        "Status": str(part.status),
        "CreatedAt": part.created_at,
        "UpdatedAt": part.updated_at,
        "QueryString": part.sql,
        "ResultRows": part.rows,
        "ResultSize": part.size,
        "RedshiftQueryId": part.query_id,
        "RedshiftQueryUuid": part.query_uuid,
        "HasResultSet": part.result is not None,
        **_given(Error=part.error),
    }


def sub_described(submission: Statement, part: SubStatement) -> dict[str, Any]:
    """DescribeStatement of one sub-statement, by its own id."""
    return {
        **part_described(part),
        "DbUser": submission.target.db_user,
        "RedshiftPid": submission.pid,
        "ResultFormat": submission.result_format,
        **submission.target.members(),
        **_given(SessionId=submission.session_id),
        **_parameters(submission),
    }


def listed(submission: Statement) -> dict[str, Any]:
    """A StatementData of ListStatements."""
    sqls = [part.sql for part in submission.parts]
    return {
        "Id": submission.id,
        "QueryString": sqls[0] if not submission.is_batch else "",
        "QueryStrings": sqls,
        "Status": str(submission.status),
        "CreatedAt": submission.created_at,
        "UpdatedAt": submission.updated_at,
        "IsBatchStatement": submission.is_batch,
        "ResultFormat": submission.result_format,
        **_given(StatementName=submission.name, SecretArn=submission.target.secret, SessionId=submission.session_id),
        **_parameters(submission),
    }


def has_ended(submission: Statement, part: SubStatement) -> bool:
    """Whether a part's result may be read: its own end, and for a single statement the submission's."""
    return part.status == Status.FINISHED and (submission.is_batch or submission.status == Status.FINISHED)


def _parameters(submission: Statement) -> dict[str, Any]:
    return {"QueryParameters": submission.parameters} if submission.parameters else {}


def _given(**members: Any) -> dict[str, Any]:
    return {name: value for name, value in members.items() if value is not None}
