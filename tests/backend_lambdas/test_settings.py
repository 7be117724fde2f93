"""The settings of each function, from its environment."""

import dataclasses

import pytest

from backend_lambdas import settings

EVERY = [
    settings.Authorize,
    settings.OnConnect,
    settings.OnDisconnect,
    settings.SendMessage,
    settings.GetResult,
    settings.GetReports,
    settings.AnnounceReports,
    settings.SetupRedshift,
]


@pytest.mark.parametrize("kind", EVERY)
def test_each_field_is_the_variable_of_its_name(kind: type[settings.OnConnect]) -> None:
    names = [item.name for item in dataclasses.fields(kind)]
    made = kind.from_environ({name.upper(): f"value of {name}" for name in names} | {"PATH": "/bin"})
    assert dataclasses.astuple(made) == tuple(f"value of {name}" for name in names)


@pytest.mark.parametrize("kind", EVERY)
def test_each_missing_variable_is_named(kind: type[settings.OnConnect]) -> None:
    names = [item.name.upper() for item in dataclasses.fields(kind)]
    for missing in names:
        with pytest.raises(settings.MissingVariable, match=f"variable {missing} is not set"):
            kind.from_environ({name: "x" for name in names if name != missing})


def test_an_empty_variable_is_a_value() -> None:
    """No sample data is told by an empty path."""
    assert settings.OnDisconnect.from_environ({"TABLE_NAME": ""}).table_name == ""
