"""A job and a run of it, as the gateway tells them."""

from typing import Any

NUMBER = {"name": "number", "type": "integer", "label": "How many", "default": "1", "required": False}
MONTH = {"name": "month", "type": "month", "default": "2015-12", "required": False}


def job(**more: Any) -> dict[str, Any]:
    known = {
        "id": "load_month",
        "department": "operations",
        "departmentTitle": "Operations",
        "title": "Load a month",
        "description": "",
        "parameters": [MONTH, NUMBER],
        "confirm": "Load {month}?",
        "approve": [],
        "writes": ["public.trips", "finance.fares"],
        "schedule": None,
        "steps": [{"name": "Clear", "kind": "step"}, {"name": "Rows arrived", "kind": "check"}],
        "mayStart": True,
        "mayApprove": False,
        "readers": [],
    }
    return known | more


def step(name: str, state: str = "finished", **more: Any) -> dict[str, Any]:
    return {"name": name, "kind": "step", "state": state, "rows": 1200, "elapsedMs": 300} | more


def run(**more: Any) -> dict[str, Any]:
    known = {
        "runId": "run-1",
        "job": "load_month",
        "title": "Load a month",
        "by": "ana@example.com",
        "parameters": {"month": "2015-11"},
        "state": "finished",
        "requestedAt": "2026-11-30T07:00:00Z",
        "startedAt": "2026-11-30T07:00:01Z",
        "endedAt": "2026-11-30T07:00:01Z",
        "steps": [step("Clear"), step("Rows arrived", kind="check", rows=1)],
        "code": "",
        "message": "",
        "waitsFor": "",
        "approve": [],
        "approvedBy": "",
        "mayApprove": False,
        "mayCancel": False,
    }
    return known | more
