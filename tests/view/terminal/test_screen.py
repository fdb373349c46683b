"""The page as lines, and which run stays chosen while runs come and go."""

from __future__ import annotations

from dataclasses import replace

import pytest

from runstore.view.terminal.pieces import cells, plain
from runstore.view.terminal.screen import Screen, View
from runstore.view.terminal.wanted import LOG, MACHINE, Charts, Found, Page, Row, Wanted

PARTS = ("head", "board", "middle", "panel", "foot")


def rows(*names: str) -> tuple[Row, ...]:
    return tuple(Row(name, "mnist", None, "Completed", None, None, 1) for name in names)


def found(*names: str, first: int = 0, total: int | None = None, chosen: str | None = None) -> Found:
    page = Page(rows(*names), first, len(names) if total is None else total)
    return Found(Wanted(), page, chosen or (names[0] if names else None), read=True)


def view(told: Found | None = None, **known: object) -> View:
    made = View(Wanted(), "place", **known)  # type: ignore[arg-type]
    if told is not None:
        made.take(told)
    return made


def text(one: View, part: str, wide: int = 80, high: int = 10) -> str:
    return "\n".join(plain(line).rstrip() for line in Screen(one).lines(part, wide, high))


@pytest.mark.parametrize("part", PARTS)
@pytest.mark.parametrize(("wide", "high"), [(0, 0), (1, 1), (10, 3), (80, 10), (300, 90)])
@pytest.mark.parametrize("told", [None, found(), found("a" * 36, "b")])
def test_no_part_is_larger_than_its_room(part: str, wide: int, high: int, told: Found | None) -> None:
    lines = Screen(view(told)).lines(part, wide, high)
    assert len(lines) <= high
    if wide > 60:
        assert max(map(cells, map(plain, lines)), default=0) <= wide


def test_before_the_first_answer_it_says_that_it_reads() -> None:
    assert "reading …" in text(view(), "head")
    assert text(view(), "board") == ""


def test_an_empty_workspace_says_how_to_log() -> None:
    assert "no runs yet" in text(view(found()), "board")
    assert 'runstore.start_run("first"' in text(view(found()), "board")


def test_a_filter_that_matches_nothing_says_so() -> None:
    one = view(found())
    one.wanted = replace(one.wanted, where="lr > 9")
    assert "no run matches" in text(one, "board")
    assert "where lr > 9" in text(one, "head")


def test_the_first_row_stays_chosen_while_runs_come() -> None:
    one = view(found("b", "a"))
    one.take(found("c", "b", "a"))
    assert (one.at, one.run_id, one.chosen) == (0, None, "c")


def test_a_chosen_run_stays_chosen_while_runs_come() -> None:
    one = view(found("b", "a"))
    one.move(1)
    assert one.run_id == "a"
    one.take(found("c", "b", "a", chosen="a"))
    assert (one.at, one.run_id) == (2, "a")


def test_where_the_chosen_run_goes_the_one_in_its_place_is_chosen() -> None:
    one = view(found("c", "b", "a"))
    one.move(1)
    assert one.take(found("c", "a"))
    assert (one.at, one.run_id, one.wanted.run_id) == (1, "a", "a")


def test_moving_beyond_what_is_known_chooses_when_it_is_known() -> None:
    one = view(found("d", "c", total=4), rows=2)
    one.move(3)
    assert (one.at, one.top, one.run_id, one.stretch()) == (3, 2, None, 0)
    assert one.take(found("d", "c", "b", "a", total=4))
    assert one.run_id == "a"


def test_moving_stops_at_both_ends() -> None:
    one = view(found("b", "a"))
    one.move(-5)
    assert one.at == 0
    one.move(99)
    assert (one.at, one.run_id) == (1, "a")


def test_the_list_scrolls_with_the_chosen_row() -> None:
    one = view(found(*"edcba"), rows=3)
    one.move(4)
    assert [line[2:].split()[2] for line in text(one, "board", high=4).splitlines()[1:]] == ["c", "b", "a"]
    assert one.top == 2
    one.move(-4)
    assert one.top == 0


def test_a_problem_is_said_at_the_foot() -> None:
    one = view(replace(found("a"), problem="no such column"))
    assert text(one, "foot") == " no such column"
    one = view(replace(found("a"), warnings=("run a: damaged", "more")))
    assert text(one, "foot") == " warning: run a: damaged (and 1 more)"
    one.working = "index 12 %"
    assert text(one, "foot") == " index 12 %"


def test_a_panel_shows_nothing_of_another_panel() -> None:
    one = view(found("a"))
    for panel in (LOG, MACHINE):
        one.wanted = replace(one.wanted, panel=panel)
        assert text(one, "panel") == ""


def test_panels_without_anything_say_why() -> None:
    assert "no numbers were logged yet" in text(view(found("a")), "panel")
    for panel, words in ((LOG, "nothing was printed yet"), (MACHINE, "no system metrics")):
        told = replace(found("a"), wanted=Wanted(panel=panel))
        one = View(Wanted(panel=panel), "place")
        one.take(told)
        assert words in text(one, "panel")
    assert "no metric is named *x*" in text(view(replace(found("a"), wanted=Wanted(search="x"))), "panel")


def test_the_line_between_says_which_metrics_are_drawn() -> None:
    told = replace(found("a"), charts=Charts((), 0))
    assert text(view(told), "middle").startswith("── ✓ a ─")
