"""The settings of each function, from its environment."""

from collections.abc import Iterator

import pytest
from msgspec import structs

from backend_lambdas import settings

EVERY = [
    settings.Authorize,
    settings.CheckSignUp,
    settings.OnConnect,
    settings.OnDisconnect,
    settings.SendMessage,
    settings.Reconcile,
    settings.GetResult,
    settings.GetExports,
    settings.GetAudit,
    settings.GetOperations,
    settings.GetReports,
    settings.KeepViews,
    settings.AnnounceReports,
    settings.SetupRedshift,
    settings.LoadRedshift,
]


def values(kind: type[settings.OnConnect]) -> Iterator[tuple[str, str | int]]:
    """Each field with a value that no other has, of its type."""
    for number, item in enumerate(structs.fields(kind)):
        yield item.name, number if item.type is int else f"value of {item.name}"


@pytest.mark.parametrize("kind", EVERY)
def test_each_field_is_the_variable_of_its_name(kind: type[settings.OnConnect]) -> None:
    made = kind.from_environ({name.upper(): str(value) for name, value in values(kind)} | {"PATH": "/bin"})
    assert structs.asdict(made) == dict(values(kind))


@pytest.mark.parametrize("kind", EVERY)
def test_each_missing_variable_is_named(kind: type[settings.OnConnect]) -> None:
    environment = {name.upper(): str(value) for name, value in values(kind)}
    for missing in environment:
        with pytest.raises(settings.MissingVariable, match=f"variable {missing} is not set"):
            kind.from_environ({name: value for name, value in environment.items() if name != missing})


@pytest.mark.parametrize("value", ["", "many", "1.5"])
@pytest.mark.parametrize("name", ["QUEUE_SECONDS", "MAX_RUNS_PER_USER", "MAX_RUNS_PER_DEPARTMENT"])
def test_a_number_that_is_none_is_named(name: str, value: str) -> None:
    """When the function starts, not when it is busy."""
    environment = {name.upper(): str(value) for name, value in values(settings.Reconcile)}
    with pytest.raises(settings.MissingVariable, match=f"variable {name} is not a number"):
        settings.Reconcile.from_environ(environment | {name: value})


def test_an_empty_variable_is_a_value() -> None:
    """No sample data is told by an empty path."""
    assert settings.OnDisconnect.from_environ({"STACK_NAME": "pushboard", "TABLE_NAME": ""}).table_name == ""
