"""What a user may see, and what of it he may take away."""

import pytest

from tests.backend_lambdas.lambda_fakes import principal


@pytest.mark.parametrize(
    ("groups", "may"),
    [(["finance"], True), (["finance", "board"], True), (["admins"], True), (["board"], False), ([], False)],
)
def test_a_group_of_the_downloaders_may_take_rows_away_and_admins_may(groups: list[str], may: bool) -> None:
    assert principal(*groups).may_download(["finance", "leads"]) is may


@pytest.mark.parametrize("groups", [["finance"], ["admins"], []])
def test_of_no_downloaders_nobody_is_one_not_even_an_admin(groups: list[str]) -> None:
    assert principal(*groups).may_download([]) is False
