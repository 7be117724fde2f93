"""Which suites a command names."""

import pytest

from tests.bench.__main__ import SUITES, _options


def test_without_a_name_all_suites_are_meant() -> None:
    assert _options([]).suites == SUITES
    assert _options(["page", "rows"]).suites == ["page", "rows"]


def test_an_unknown_suite_is_refused_with_the_names_that_there_are(capsys: pytest.CaptureFixture[str]) -> None:
    with pytest.raises(SystemExit):
        _options(["pages"])
    assert "invalid suite_name value: 'pages'" in capsys.readouterr().err
