"""Tables are as wide as the terminal: numbers whole and at the right, long text cut, columns left out and named."""

from __future__ import annotations

from collections.abc import Callable
from datetime import datetime

from hypothesis import given
from hypothesis import strategies as st

from runstore.cli import table
from runstore.cli.table import Column
from runstore.cli.text import width

AT = datetime.fromisoformat("2026-01-02T03:04:05.678901")


def of(*columns: Column, total: int | None = None) -> list[str]:
    return table.render(columns, total)[0]


def test_columns_stand_under_their_titles_and_numbers_at_the_right() -> None:
    shown = of(table.of_values("name", ["a", "bbbbbb"]), table.of_values("n", [5, 1000]))
    assert shown[0] == "name       n"
    assert shown[2:] == ["a          5", "bbbbbb  1000"]
    assert len(shown[1]) == 12


def test_where_there_is_room_nothing_is_cut(terminal: Callable[[int], None]) -> None:
    terminal(80)
    assert of(table.of_values("x", [0.1234567890123]), total=80)[2] == "0.1234567890123"


def test_first_numbers_get_shorter_then_texts_are_cut(terminal: Callable[[int], None]) -> None:
    terminal(80)
    columns = [table.of_values("x", [0.1234567890123]), table.of_values("text", ["a" * 40])]
    assert of(*columns, total=30)[2] == "0.12346  " + "a" * 20 + "…"


def test_then_columns_are_left_out_the_least_important_first() -> None:
    columns = [Column(f"column{n}", ["x" * 12], weight=weight) for n, weight in enumerate((5, 1, 3))]
    lines, hidden = table.render(columns, 26)
    assert lines[0].split() == ["column0", "column2"]
    assert [column.title for column in hidden] == ["column1"]


def test_what_holds_nothing_is_left_out_first(terminal: Callable[[int], None]) -> None:
    terminal(20)
    columns = [table.of_values(name, [None if name == "empty" else "x" * 8]) for name in ("first", "empty", "last")]
    assert [column.title for column in table.render(columns, 20)[1]] == ["empty"]


def test_times_lose_their_microseconds_before_anything_else(terminal: Callable[[int], None]) -> None:
    terminal(80)
    assert of(table.of_values("time", [AT]), total=80)[2] == "2026-01-02 03:04:05.678901"
    assert of(table.of_values("time", [AT]), table.of_values("t", ["a" * 9]), total=30)[2].startswith(
        "2026-01-02 03:04:05  "
    )


def test_null_is_told_from_empty_text() -> None:
    assert of(table.of_values("x", [None, ""]))[2:] == ["NULL", ""]


def test_user_text_is_harmless_in_cells_and_titles() -> None:
    shown = "\n".join(of(table.of_values("\x1b[2J", ["a\nb", "[red]x[/red]"])))
    assert "\x1b" not in shown
    assert shown.count("\n") == 3
    assert "[red]x[/red]" in shown


@given(
    st.lists(st.lists(st.one_of(st.none(), st.text(), st.floats(), st.integers()), min_size=2, max_size=2)),
    st.lists(st.text(min_size=1), min_size=2, max_size=2),
    st.integers(12, 100),
)
def test_nothing_is_ever_wider_than_the_terminal(rows: list[list[object]], titles: list[str], total: int) -> None:
    columns = [table.of_values(title, [row[at] for row in rows]) for at, title in enumerate(titles)]
    lines, _ = table.render(columns, total)
    one_number = max((width(cell) for column in columns if column.right for cell in column.cells), default=0)
    assert max(width(line) for line in lines) <= max(total, one_number)


def test_the_line_of_what_is_left_out_fits(terminal: Callable[[int], None]) -> None:
    terminal(64)
    hidden = [Column(f"a_rather_long_name_{n}", []) for n in range(9)]
    line = table.left_out(hidden, "--columns chooses")
    assert width(line) <= 64
    assert line.startswith("9 columns left out: a_rather_long_name_0, …; ")
