"""`GET` of `/views` and `/favourites`, `PUT` and `DELETE` of one by its id: what users keep of the pages.

API Gateway calls it after its Cognito authorizer. Putting or deleting twice is
as good as once, so a client may try again.
"""

import os
from collections.abc import Mapping
from typing import Any

from backend_lambdas.access.principal import Principal
from backend_lambdas.aws import clients
from backend_lambdas.aws.cold_start import at_start
from backend_lambdas.errors import PushboardError
from backend_lambdas.reports.catalog import Catalog
from backend_lambdas.settings import KeepViews
from backend_lambdas.views.own_views import OwnViews
from backend_lambdas.views.saved_view import SavedView
from backend_lambdas.views.view_table import ViewTable


@at_start
def build() -> OwnViews:
    """Views and reports of this function's environment, kept while the function is warm."""
    settings = KeepViews.from_environ(os.environ)
    table = ViewTable(clients.dynamodb(), settings.table_name)
    return OwnViews(table, Catalog(clients.client("s3"), settings.reports_s3_path))


def handler(event: dict[str, Any], context: Any) -> dict[str, Any]:
    """200 with what was asked for, with the saved `view`, or with an empty object; or the error's status.

    `GET /views` gives the `views` that the user sees and his `favourites`; `GET /favourites` these alone, which every
    page asks for: views are read where they are shown.
    """
    principal = Principal.from_rest(event["requestContext"]["authorizer"]["claims"])
    names = event.get("pathParameters") or {}
    try:
        if event["httpMethod"] == "GET":
            return clients.rest_answer(_kept(build(), principal, event["resource"]))
        return clients.rest_answer(_answer(build(), principal, event["httpMethod"], names, event.get("body")))
    except PushboardError as error:
        return clients.rest_error(error)


def _kept(own: OwnViews, principal: Principal, resource: str) -> dict[str, Any]:
    return own.favourites(principal) if resource == "/favourites" else own.listing(principal)


def _answer(
    own: OwnViews, principal: Principal, method: str, names: Mapping[str, str], body: str | None
) -> dict[str, Any]:
    if "viewId" in names and method == "PUT":
        return {"view": own.save(principal, SavedView.read(names["viewId"], body, principal))}
    if "viewId" in names:
        own.remove(principal, names["viewId"])
    elif "reportId" in names and method == "PUT":
        own.add_favourite(principal, names["reportId"])
    else:
        own.remove_favourite(principal, names["reportId"])
    return {}
