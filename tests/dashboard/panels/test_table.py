"""The rows behind a panel as a grid."""



from dashboard.errors import GatewayError
from dashboard.gateway.results import Column, Result
from dashboard.panels import table as tables

RESULT = Result(
    statement_id="s-1",
    report="finance.revenue_by_day",
    as_of="2026-11-23T09:31:07Z",
    row_count=2,
    columns=(Column("day", "date"), Column("fare", "decimal")),
    records=(("2015-12-01", "10.50"), ("2015-12-02", None)),
)


class FakeGateway:
    """Returns the rows of any statement to the holder of the right token."""

    def __init__(self, result: Result = RESULT) -> None:
        self.found = result

    def result(self, token: str, statement_id: str, max_rows: int) -> Result:
        if token != "token":
            raise GatewayError("forbidden", "This report is for finance.", 403)
        return self.found.first(max_rows)


def test_rows_that_cannot_be_had_are_a_sentence() -> None:
    wanted = {"statementId": "s-1", "dark": True}
    assert tables.table(FakeGateway(), "another", wanted, {"columns": {}}) == "This report is for finance."
