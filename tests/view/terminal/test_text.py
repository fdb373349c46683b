"""What programs print and what things are called can do nothing to a terminal."""

from __future__ import annotations

import pytest

from runstore.view.terminal import text


@pytest.mark.parametrize(
    ("given", "shown"),
    [("\x1b[2Jx", "\\x1b[2Jx"), ("a\nb", "a\\nb"), ("\u202eevil", "\\u202eevil"), ("[bold]x[/]", "[bold]x[/]")],
)
def test_what_could_move_or_turn_is_escaped(given: str, shown: str) -> None:
    assert text.safe(given) == shown


def test_a_printed_line_loses_its_colours_and_keeps_its_columns() -> None:
    assert text.printed("\x1b[31mred\x1b[0m\tx\x1b[2J") == "red     x\\x1b[2J"
