"""What is asked and told is plain data."""

from __future__ import annotations

import pytest

from runstore.view.terminal.wanted import Found, Page, Row, Wanted


def row(run_id: str, status: str = "Completed") -> Row:
    return Row(run_id, "mnist", None, status, None, None, 0)


@pytest.mark.parametrize(
    ("status", "more"),
    [("Running", True), ("Queued", True), ("NotResponding", True), ("Completed", False), ("Failed", False)],
)
def test_more_may_come_of_what_has_not_ended(status: str, more: bool) -> None:
    assert row("a", status).going_on is more


def test_the_chosen_run_is_found_in_the_list_if_it_is_there() -> None:
    page = Page((row("a"), row("b")), 0, 2)
    assert Found(Wanted(), page, "b").row == row("b")
    assert Found(Wanted(), page, "c").row is None
