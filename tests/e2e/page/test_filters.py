"""Filters while somebody uses them: what a newer value supersedes runs no longer."""

import pytest
from playwright.sync_api import expect

from tests.e2e.conftest import ADMIN, DRAWN, Stack, open_page
from tests.e2e.reports import Publish
from tests.e2e.tab import Tab

pytestmark = pytest.mark.e2e

TYPED = """/*---
title: Typed
parameters:
  word: {type: text, label: Word, default: a}
---*/
SELECT count(*) AS n FROM nyc_yellow_taxi a CROSS JOIN nyc_yellow_taxi b CROSS JOIN nyc_yellow_taxi c
WHERE a.fare_amount + b.fare_amount + c.fare_amount = 1 AND :word <> ''
"""


def test_typing_cancels_what_it_supersedes(tab: Tab, stack: Stack, publish: Publish) -> None:
    """One statement is left running, and it is the newest text's."""
    topic = "typed_for_tests"
    publish("typing/typed_for_tests", TYPED)
    stack.until(lambda: topic in stack.reports(), 60, "the report to be known")
    open_page(tab.page, stack, ADMIN, "/d/typing")
    tab.is_running(topic)
    for text in ("taxi", "taxi r", "taxi rides"):
        tab.page.get_by_label("Word").fill(text)
        tab.ask_all_with([topic], word=text)
    *superseded, newest = [run["runId"] for run in tab.runs(topic)]
    cancelled = [message["runId"] for message in tab.sent if message["action"] == "cancel"]
    assert cancelled == superseded
    tab.is_running(topic)
    data = stack.client("redshift-data")
    ids = {m["runId"]: m["statementId"] for m in tab.received if m["type"] == "accepted" and m["topicName"] == topic}

    def ended(run_id: str) -> bool:
        return data.describe_statement(Id=ids[run_id])["Status"] == "ABORTED"

    tab.until(lambda: all(ended(run_id) for run_id in superseded if run_id in ids))
    assert not ended(newest)
    tab.choose(topic, "Cancel this run")
    expect(tab.panel(topic)).to_have_attribute("data-state", "cancelled", timeout=DRAWN)
