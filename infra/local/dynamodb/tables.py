"""moto's DynamoDB table, with queries that look at one partition. `moto_services` puts it in place of moto's own.

moto's `query` sorts and filters all items of the table for each answer; here it is handed those of one partition, and
everything else of a query, its errors included, is moto's. Written for moto 5.2 (a test compares the version).
"""

import inspect
from collections.abc import Callable
from typing import Any

import moto.dynamodb.models
from moto.dynamodb.models.dynamo_type import DynamoType, Item
from moto.dynamodb.models.table import Table

_OF_KEYS = frozenset("SNB")
"""The types that a key may have."""

_QUERY = inspect.signature(Table.query)

Key = tuple[DynamoType, DynamoType | None]


def install(indexes_follow: Callable[[], bool] = lambda: True) -> None:
    """Tables that are created from now on are of this kind.

    DynamoDB's indexes follow their table some time later. Here they do at once, unless `indexes_follow` says that they
    do not yet: then what was written meanwhile is not in them, and what was deleted still is.
    """
    moto.dynamodb.models.Table = PartitionedTable  # type: ignore[misc]
    PartitionedTable.indexes_follow = staticmethod(indexes_follow)


class PartitionedTable(Table):
    """A table whose queries cost by the rows of a partition. Not thread-safe: `items` takes calls in turn."""

    indexes_follow: Callable[[], bool]

    def __init__(self, *arguments: Any, **named: Any) -> None:
        super().__init__(*arguments, **named)
        self._chosen: list[Item] | None = None
        self._by_attribute: dict[str, _Partitions] = {}

    def all_items(self) -> list[Item]:
        """All items; while a query runs, those of its partition."""
        return super().all_items() if self._chosen is None else self._chosen

    def query(self, hash_key: DynamoType | None, *arguments: Any, **named: Any) -> Any:
        """As moto's, which asks `all_items` for the items to choose from."""
        asked = _QUERY.bind(self, hash_key, *arguments, **named).arguments
        self._chosen = self._candidates(hash_key, asked.get("index_name"), asked.get("hash_key_conditions"))
        try:
            return super().query(hash_key, *arguments, **named)
        finally:
            self._chosen = None

    def put_item(self, item_attrs: dict[str, Any], *arguments: Any, **named: Any) -> Item:
        """As moto's; indexes see the item when they are queried next."""
        item = super().put_item(item_attrs, *arguments, **named)
        self._touch(item.hash_key, item.range_key)
        return item

    def get_item(self, hash_key: DynamoType, range_key: DynamoType | None = None, *arguments: Any) -> Item | None:
        """As moto's, which changes an item in place once it has it, and leaves no partition where nothing was found."""
        if hash_key not in self.items and (range_key or not self.has_range_key):
            return None
        self._touch(hash_key, range_key)
        return super().get_item(hash_key, range_key, *arguments)

    def delete_item(self, hash_key: DynamoType, range_key: DynamoType | None) -> Item | None:
        """As moto's; a partition without items goes."""
        item = super().delete_item(hash_key, range_key)
        self._touch(hash_key, range_key)
        if self.has_range_key and not self.items.get(hash_key, True):
            del self.items[hash_key]
        return item

    def _touch(self, hash_key: DynamoType, range_key: DynamoType | None) -> None:
        for partitions in self._by_attribute.values():
            partitions.touched.add((hash_key, range_key))

    def _candidates(
        self, hash_key: DynamoType | None, index: str | None, conditions: list[tuple[str, DynamoType]] | None
    ) -> list[Item] | None:
        """The items that may be in the answer; None for all."""
        if index is None:
            return self._partition(hash_key) if hash_key else None
        if not conditions or conditions[0][1].type not in _OF_KEYS:
            return None
        attribute, value = conditions[0]
        return self._of_attribute(attribute).items_with(value)

    def _partition(self, hash_key: DynamoType) -> list[Item]:
        found: Any = self.items.get(hash_key)
        if found is None:
            return []
        return list(found.values()) if self.has_range_key else [found]

    def _of_attribute(self, attribute: str) -> "_Partitions":
        """The items by an attribute, up to date if indexes are."""
        is_new = attribute not in self._by_attribute
        if is_new:
            self._by_attribute[attribute] = _Partitions(attribute)
            self._by_attribute[attribute].touched.update((item.hash_key, item.range_key) for item in self.all_items())
        partitions = self._by_attribute[attribute]
        while partitions.touched and (is_new or self.indexes_follow()):
            key = partitions.touched.pop()
            partitions.place(key, super().get_item(*key) if key[0] in self.items else None)
        return partitions


class _Partitions:
    """The items of a table by the value of one attribute; `touched` are the keys of those that may have changed."""

    def __init__(self, attribute: str) -> None:
        self.touched: set[Key] = set()
        self._attribute = attribute
        self._values: dict[Key, DynamoType] = {}
        self._items: dict[DynamoType, dict[Key, Item]] = {}

    def items_with(self, value: DynamoType) -> list[Item]:
        """Those that have this value."""
        return list(self._items.get(value, {}).values())

    def place(self, key: Key, item: Item | None) -> None:
        """Puts an item where its value is now; None takes it out."""
        before = self._values.pop(key, None)
        if before is not None:
            del self._items[before][key]
            if not self._items[before]:
                del self._items[before]
        value = item.attrs.get(self._attribute) if item else None
        if item is not None and value is not None and value.type in _OF_KEYS:
            self._values[key] = value
            self._items.setdefault(value, {})[key] = item
