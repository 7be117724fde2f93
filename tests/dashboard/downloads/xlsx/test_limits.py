"""The notes on values that Excel cannot hold."""

from dashboard.downloads.xlsx.limits import Notes


def test_without_anything_to_tell_there_is_nothing() -> None:
    assert list(Notes().sentences()) == []


def test_values_are_counted_by_column() -> None:
    notes = Notes()
    for column in ("fare", "tip", "fare"):
        notes.exact(column)
    first, second = notes.sentences()
    assert first.startswith("fare: 2 values stand as text")
    assert second.startswith("tip: 1 value stands as text")


def test_the_first_twenty_cut_texts_are_named_and_the_others_counted() -> None:
    notes = Notes()
    for row in range(2, 1_500):
        notes.cut(f"A{row}", 40_000)
    (sentence,) = notes.sentences()
    assert "A2 (40,000 characters), " in sentence
    assert "A21 (40,000 characters) and 1,478 more." in sentence
    assert "A22" not in sentence


def test_a_column_in_utc_is_noted_once() -> None:
    notes = Notes()
    notes.utc("at")
    notes.utc("at")
    assert len(list(notes.sentences())) == 1
