"""A picture drawn again and again in its place, until nothing more comes."""

from __future__ import annotations

from collections.abc import Callable

import pytest

from runstore.cli import follow


def pictures(*lines: list[str]) -> Callable[[], tuple[list[str], bool]]:
    left = list(lines)

    def draw() -> tuple[list[str], bool]:
        return left.pop(0), bool(left)

    return draw


def test_where_nobody_looks_only_the_last_picture_is_printed(capsys: pytest.CaptureFixture[str]) -> None:
    follow.redraw(pictures(["one"], ["two", "lines"]), interval=0)
    assert capsys.readouterr().out == "two\nlines\n"


def test_on_a_terminal_each_takes_the_place_of_the_one_before(
    capsys: pytest.CaptureFixture[str], terminal: Callable[[int], None]
) -> None:
    terminal(80)
    follow.redraw(pictures(["one", "x" * 100], ["two"]), interval=0)
    assert capsys.readouterr().out == f"one\n{'x' * 100}\n\x1b[3F\x1b[Jtwo\n"
