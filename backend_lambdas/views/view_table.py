"""Saved views and favourites in the table of connections and runs; used by `own_views`.

    pk                     sk                     one for each
    viewer#<sub>           view#<id>              private view of a user
    viewer#<sub>           favourite#<report>     favourite of a user
    views#<department>     view#<id>              view that is shared in a department

So what a user keeps, and what a department shares, is one strongly consistent query each. Every view and every
favourite is an item: two tabs that save different ones do not overwrite each other. None has `expiresAt`: they stay.
"""

from collections.abc import Collection, Iterable, Iterator
from typing import Any

from boto3.dynamodb.conditions import Attr, Key

from backend_lambdas.aws.tables import WriteRefused, read_all, write_together
from backend_lambdas.errors import Forbidden
from backend_lambdas.views.saved_view import SavedView

_VIEW, _FAVOURITE = "view#", "favourite#"

ANOTHERS = "This view is somebody else's."


class ViewTable:
    """The items of one table; shares its DynamoDB client between threads."""

    def __init__(self, dynamodb: Any, table_name: str) -> None:
        self._db = dynamodb
        self._table = table_name

    def of_user(self, sub: str) -> tuple[list[SavedView], list[str]]:
        """A user's private views, and the ids of his favourite reports, the first one first."""
        items = list(self._query(_of_user(sub)))
        views = [SavedView.of_item(item) for item in items if item["sk"].startswith(_VIEW)]
        return views, _in_order(item for item in items if item["sk"].startswith(_FAVOURITE))

    def favourites(self, sub: str) -> list[str]:
        """The ids of a user's favourite reports, the first one first."""
        return _in_order(self._query(_of_user(sub), _FAVOURITE))

    def of_department(self, department: str) -> list[SavedView]:
        """The views that are shared in a department."""
        return [SavedView.of_item(item) for item in self._query(_of_department(department))]

    def found(self, view_id: str, sub: str, departments: Collection[str]) -> list[SavedView]:
        """The views of that id which a user sees: his own, and those of the departments. Mostly one, or none."""
        places = [_of_user(sub), *map(_of_department, sorted(departments))]
        keys = [{"pk": place, "sk": f"{_VIEW}{view_id}"} for place in places]
        return [SavedView.of_item(item) for item in read_all(self._db, self._table, keys)]

    def put(self, view: SavedView, instead_of: Collection[SavedView]) -> None:
        """Writes a view, and takes away where it stood before; raises `Forbidden` for the id of somebody else's."""
        put = {
            "TableName": self._table,
            "Item": _key(view) | view.item(),
            "ConditionExpression": "attribute_not_exists(pk) OR #owner = :owner",
            "ExpressionAttributeNames": {"#owner": "owner"},
            "ExpressionAttributeValues": {":owner": view.owner},
        }
        gone = [key for key in map(_key, instead_of) if key != _key(view)]
        deletes = [{"Delete": {"TableName": self._table, "Key": key}} for key in gone]
        try:
            write_together(self._db, [{"Put": put}, *deletes])
        except WriteRefused as error:
            raise Forbidden(ANOTHERS) from error

    def remove(self, view: SavedView) -> None:
        """Takes a view away, unless it has got another owner; doing it twice changes nothing."""
        try:
            self._db.delete_item(
                TableName=self._table,
                Key=_key(view),
                ConditionExpression=Attr("owner").not_exists() | Attr("owner").eq(view.owner),
            )
        except self._db.exceptions.ConditionalCheckFailedException as error:
            raise Forbidden(ANOTHERS) from error

    def put_favourite(self, sub: str, report: str, at: int) -> None:
        """Makes a report a user's favourite; one that is keeps its place."""
        try:
            self._db.put_item(
                TableName=self._table,
                Item=_favourite_key(sub, report) | {"report": report, "at": at},
                ConditionExpression=Attr("pk").not_exists(),
            )
        except self._db.exceptions.ConditionalCheckFailedException:
            return

    def remove_favourite(self, sub: str, report: str) -> None:
        """Makes it none; doing it twice changes nothing."""
        self._db.delete_item(TableName=self._table, Key=_favourite_key(sub, report))

    def _query(self, pk: str, sk_prefix: str = "") -> Iterator[dict[str, Any]]:
        condition = Key("pk").eq(pk) & Key("sk").begins_with(sk_prefix) if sk_prefix else Key("pk").eq(pk)
        pages = self._db.get_paginator("query").paginate(
            TableName=self._table, KeyConditionExpression=condition, ConsistentRead=True
        )
        return (item for page in pages for item in page["Items"])


def _in_order(favourites: Iterable[dict[str, Any]]) -> list[str]:
    return [item["report"] for item in sorted(favourites, key=lambda item: (item["at"], item["report"]))]


def _of_user(sub: str) -> str:
    return f"viewer#{sub}"


def _of_department(department: str) -> str:
    return f"views#{department}"


def _key(view: SavedView) -> dict[str, str]:
    return {"pk": view.place, "sk": f"{_VIEW}{view.id}"}


def _favourite_key(sub: str, report: str) -> dict[str, str]:
    return {"pk": _of_user(sub), "sk": f"{_FAVOURITE}{report}"}
