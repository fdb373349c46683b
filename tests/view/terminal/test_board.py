"""The list fits its width, and what tells most is there first."""

from __future__ import annotations

from datetime import datetime, timedelta

import pytest

from runstore.view.terminal import board
from runstore.view.terminal.pieces import cells, plain
from runstore.view.terminal.wanted import Page, Row

NOW = datetime(2026, 1, 31, 12, 0)  # noqa: DTZ001 - as the views give times


def row(run_id: str, status: str = "Completed", experiment: str = "mnist", name: str | None = None) -> Row:
    return Row(run_id, experiment, name, status, NOW - timedelta(hours=3), NOW - timedelta(hours=2), 1234)


def page(*rows: Row, metrics: tuple[str, ...] = ("loss",)) -> Page:
    values = {one.run_id: dict.fromkeys(metrics, 0.25) for one in rows}
    return Page(rows, 0, len(rows), 0, metrics, values)


def titles(found: Page, wide: int) -> list[str]:
    return [column.title for column in board.columns(found, NOW, wide)]


def lines(found: Page, wide: int) -> list[str]:
    shown = board.columns(found, NOW, wide)
    made = [board.row(shown, number, wide, number == 0, None, str) for number in range(len(found.rows))]
    return [plain(line) for line in (board.head(shown, "", False, wide), *made)]


@pytest.mark.parametrize("wide", [20, 40, 80, 120, 300])
def test_every_line_has_exactly_the_width(wide: int) -> None:
    many = tuple(f"a/metric/of/a/long/name/{number}" for number in range(10))
    found = page(row("1" * 36, name="長い名前" * 9), row("b", "NotResponding", "cifar"), metrics=many)
    assert {cells(line) for line in lines(found, wide)} == {wide}


def test_metrics_go_before_points_where_there_is_no_room_for_both() -> None:
    found = page(row("a", name="n"), row("b", experiment="cifar"), metrics=("loss", "acc", "f1"))
    assert titles(found, 80) == ["status", "run", "experiment", "name", "age", "took", "loss", "acc"]
    assert titles(found, 120)[-4:] == ["points", "loss", "acc", "f1"]


def test_what_is_the_same_in_all_runs_takes_no_room() -> None:
    assert "experiment" not in titles(page(row("a"), row("b")), 200)
    assert "name" not in titles(page(row("a")), 200)


def test_a_row_tells_a_run() -> None:
    (_, line) = lines(page(row("run_1", "Failed")), 80)
    assert line.split() == [">", "✗", "Failed", "run_1", "3h", "1h", "00m", "1,234", "0.25"]


def test_the_column_that_orders_has_an_arrow() -> None:
    shown = board.columns(page(row("a")), NOW, 80)
    assert "age▼" in plain(board.head(shown, "", False, 80))
    assert "loss▲" in plain(board.head(shown, "last.loss", False, 80))
    assert "loss▼" in plain(board.head(shown, "last.loss", True, 80))


def test_names_are_harmless() -> None:
    text = "".join(lines(page(row("\x1b[2J", name="a\nb"), metrics=("\x1b]0;x",)), 100))
    assert "\x1b" not in text and "\n" not in text
    assert "a\\nb" in text


@pytest.mark.parametrize(
    ("value", "text"), [(0, "0"), (99_999, "99,999"), (123_456, "123k"), (12_300_000, "12.3M"), (2e9, "2G")]
)
def test_many_points_are_told_short(value: float, text: str) -> None:
    one = Row("a", "mnist", None, "Completed", NOW, NOW, int(value))
    (points,) = (column for column in board.columns(page(one), NOW, 80) if column.title == "points")
    assert points.texts == [text]


def test_how_long_a_dead_run_took_nobody_knows() -> None:
    one = Row("a", "mnist", None, "NotResponding", NOW - timedelta(hours=1), None, 0)
    (took,) = (column for column in board.columns(page(one), NOW, 80) if column.title == "took")
    assert took.texts == [""]
