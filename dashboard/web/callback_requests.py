"""The shape of what a browser sends to Dash's callbacks; `app` installs the check.

Dash takes the body as it comes, so one that no page of ours sends ends in a KeyError or a TypeError somewhere in Dash,
which would be answered 500 and logged as a fault of ours. Values are not judged here: that is the callback's task.
Source: `dash.Dash._initialize_context` and `_prepare_callback`.
"""

from typing import Any

from flask import Flask, request
from werkzeug.exceptions import HTTPException, RequestEntityTooLarge

from dashboard.errors import UnusableRequest, UserError
from dashboard.web.request_limits import CALLBACK


def install(app: Flask, dash_app: Any) -> None:
    """Answer 400 to a callback request that `dash_app` could not have asked its page for."""

    @app.before_request
    def check_callback() -> None:
        if request.path == CALLBACK and request.method == "POST":
            check(_body(), dash_app.callback_map)


def check(body: Any, callback_map: dict[str, Any]) -> None:
    """Raise `UserError` (400) unless the body names a callback of `callback_map` and has its inputs, state, outputs."""
    if not isinstance(body, dict):
        raise _unusable()
    output = body.get("output")
    if not isinstance(output, str) or output not in callback_map:
        raise _unusable()
    callback = callback_map[output]
    fits = (
        _are_props(body.get("inputs", []), len(callback["inputs"]))
        and _are_props(body.get("state", []), len(callback["state"]))
        and _are_outputs(body.get("outputs"), output)
        and _are_texts(body.get("changedPropIds", []))
    )
    if not fits:
        raise _unusable()


def _body() -> Any:
    try:
        return request.get_json()
    except RequestEntityTooLarge:
        raise
    except (HTTPException, RecursionError) as error:
        raise _unusable() from error


def _unusable() -> UserError:
    return UnusableRequest()


def _are_props(props: Any, count: int) -> bool:
    """Whether these are `count` props, each of one component or, for a pattern such as ALL, a list of some."""
    return isinstance(props, list) and len(props) == count and all(_is_prop(prop) or _are_some(prop) for prop in props)


def _are_outputs(outputs: Any, output: str) -> bool:
    """Whether these are the outputs that the callback's name lists: `a.b`, or `..a.b...c.d..`; none is fine."""
    if outputs is None or outputs == []:
        return True
    if output.startswith("..") and output.endswith(".."):
        return _are_props(outputs, len(output[2:-2].split("...")))
    return _is_prop(outputs) or _are_some(outputs)


def _are_some(props: Any) -> bool:
    return isinstance(props, list) and all(_is_prop(prop) for prop in props)


def _is_prop(prop: Any) -> bool:
    return isinstance(prop, dict) and _is_id(prop.get("id")) and isinstance(prop.get("property"), str)


def _is_id(component_id: Any) -> bool:
    if isinstance(component_id, dict):
        return all(isinstance(value, str | int | float) for value in component_id.values())
    return isinstance(component_id, str)


def _are_texts(texts: Any) -> bool:
    return isinstance(texts, list) and all(isinstance(text, str) for text in texts)
