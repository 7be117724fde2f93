"""Choices from a report's rows: a short list whole, of a long one the first, what is found and what is chosen."""

from typing import Any

import pytest

from dashboard.filters import choices, controls
from dashboard.filters.choices import CHOSEN, MAX_OFFERED, MAX_WHOLE, Choices, choices_of, folded
from dashboard.gateway.results import Column, Result
from dashboard.locales.locale import Locale, using

WANTED = {"report": "zones", "value": "id", "label": "name"}


def rows(*records: tuple[Any, Any], row_count: int | None = None) -> Result:
    columns = (Column("id", "integer"), Column("name", "string"))
    return Result("s", "zones", "now", row_count or len(records), columns, records)


def long(count: int = 5_000) -> Choices:
    return Choices("s", {str(number): f"Zone {number}" for number in range(count)})


def found(known: Choices, text: str, chosen: Any = None) -> list[str]:
    groups = [group for group in known.props(chosen, text)["data"] if group["group"] != CHOSEN]
    return [option["value"] for group in groups for option in group["items"]]


def test_each_value_is_offered_once_with_its_label() -> None:
    """A row without a value is no choice, and one without a label is called by its value."""
    known = choices_of(WANTED, rows((1, "Card"), (2, None), (None, "Nothing"), (1, "Cards")))
    assert known.props(None)["data"] == [{"value": "1", "label": "Cards"}, {"value": "2", "label": "2"}]


@pytest.mark.parametrize("count", [2, MAX_WHOLE + 1])
def test_words_stand_in_the_place_of_values_and_of_what_their_report_calls_them(count: int) -> None:
    records = [(number, f"Zone {number}") for number in range(count)]
    in_german, in_english = (choices_of(WANTED | {"labels": {"1": one}}, rows(*records)) for one in ("Eins", "One"))
    assert [known.labels["1"] for known in (in_german, in_english)] == ["Eins", "One"]
    assert in_german.labels["0"] == "Zone 0"


@pytest.mark.parametrize("wanted", [{"value": "no_such_column"}, {"value": "id", "label": "no_such_column"}])
def test_without_its_columns_there_are_no_choices(wanted: dict[str, str]) -> None:
    assert choices_of(wanted, rows((1, "Card"))).labels == {}


def test_some_hundred_are_offered_whole_and_nothing_is_asked() -> None:
    props = long(MAX_WHOLE).props("3")
    assert len(props["data"]) == MAX_WHOLE
    assert {name: value for name, value in props.items() if value is not None} == {"data": props["data"]}


def test_of_more_the_first_ones_are_offered_and_the_control_asks_for_others() -> None:
    props = long().props(None)
    (group,) = props["data"]
    assert (group["group"], len(group["items"])) == ("200 of 5,000: type to find others", MAX_OFFERED)
    assert group["items"][1] == {"value": "1", "label": "Zone 1"}
    assert (props["data-statement"], props["data-searched"], props["searchable"]) == ("s", "", True)


@pytest.mark.parametrize(
    ("chosen", "others"),
    [
        ("4999", ["4999"]),
        ("3", []),
        (["4999", "3", "201", "4999"], ["4999", "201"]),
        ("gone", []),
        (None, []),
        ([], []),
    ],
)
def test_what_is_chosen_keeps_its_label(chosen: Any, others: list[str]) -> None:
    first, *rest = long().props(chosen)["data"]
    assert len(first["items"]) == MAX_OFFERED
    assert [group["group"] for group in rest] == [CHOSEN] * bool(others)
    assert [option for group in rest for option in group["items"]] == [
        {"value": value, "label": f"Zone {value}"} for value in others
    ]


def test_a_value_beyond_the_rows_that_may_be_read_may_be_chosen() -> None:
    known = choices_of(WANTED, rows(*((n, f"Zone {n}") for n in range(600)), row_count=601))
    assert known.props("700")["data"][1]["items"] == [{"value": "700", "label": "700"}]


@pytest.mark.parametrize(
    ("text", "values"),
    [
        ("sao", ["1"]),
        ("SÃO paulo", ["1"]),
        ("paulo sao", ["1"]),
        ("ODENSE ø", []),
        ("københavn", ["2"]),
        ("dk", ["2"]),
        ("strasse", []),
        ("İstanbul", ["4"]),
        ("nothing like it", []),
    ],
)
def test_case_and_accents_are_nothing_and_each_word_is_in_label_or_value(text: str, values: list[str]) -> None:
    named = {"1": "São Paulo", "2": "KØBENHAVN dk", "3": "Straße", "4": "istanbul"}
    assert found(Choices("s", named | long().labels | named), text) == values


def test_the_value_is_searched_as_well_and_what_is_the_text_comes_first() -> None:
    """Else `12` would stand behind 200 longer ones."""
    backwards = Choices("s", {str(number): f"Zone {number}" for number in reversed(range(5_000))})
    assert found(backwards, "12")[0] == "12"
    assert found(backwards, " zone 7")[0] == "7"
    assert len(found(backwards, "12")) == len({*found(backwards, "12")})


@pytest.mark.parametrize(
    ("text", "note"),
    [
        ("", "200 of 5,000: type to find others"),
        ("zone 1", "200 of 2,084 found: type more to find others"),
        ("432", "15 of 5,000"),
    ],
)
def test_the_list_says_how_many_it_shows(text: str, note: str) -> None:
    assert long().props(None, text)["data"][0]["group"] == note


def test_the_list_says_so_in_the_readers_language() -> None:
    with using(Locale("de-DE")):
        props = long().props(None)
    assert props["data"][0]["group"] == "200 von 5.000: tippen, um andere zu finden"
    assert props["nothingFoundMessage"] == "Keiner der 5.000 Werte enthält das."


def test_nothing_found_leaves_what_is_chosen() -> None:
    (group,) = long().props(["7"], "nowhere")["data"]
    assert group == {"group": CHOSEN, "items": [{"value": "7", "label": "Zone 7"}]}


def test_a_long_list_is_read_once() -> None:
    result = rows(*((n, f"Zone {n}") for n in range(MAX_WHOLE + 1)))
    assert choices_of(WANTED, result) is choices_of(WANTED, result)
    assert choices_of(WANTED, result) is not choices_of({"value": "id"}, result)


@pytest.mark.parametrize(("kind", "chosen"), [("choice", "4321"), ("several", ["4321"])])
def test_a_control_shows_what_the_address_chose_of_a_long_list(kind: str, chosen: Any) -> None:
    drawn = controls.control({"name": "zone", "type": kind, "choices": long()}, chosen).to_plotly_json()["props"]
    assert drawn["value"] == chosen
    assert drawn["data"][1]["items"] == [{"value": "4321", "label": "Zone 4321"}]
    assert drawn["data-statement"] == "s"


@pytest.mark.parametrize("kind", ["choice", "several"])
def test_the_control_of_a_short_list_is_as_it_was(kind: str) -> None:
    drawn = controls.control({"name": "zone", "type": kind, "choices": long(20)}).to_plotly_json()["props"]
    assert drawn["data"][0] == {"value": "0", "label": "Zone 0"}
    assert not {"filter", "nothingFoundMessage", "data-statement", "data-searched"} & {*drawn}


def test_letters_without_accents_are_as_they_are() -> None:
    assert folded("Zone 12 - A") == "zone 12 - a"
    assert folded("Ångström É") == "angstrom e"
    assert choices.MAX_OFFERED < choices.MAX_WHOLE


@pytest.mark.parametrize(("count", "labels"), [(2, {"0": "Zone 0", "1": "Zone 1"}), (MAX_WHOLE + 1, {})])
def test_chips_say_the_labels_of_a_short_list(count: int, labels: dict[str, str]) -> None:
    assert controls.choice_labels({"choices": long(count)}) == labels
