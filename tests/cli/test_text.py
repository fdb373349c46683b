"""Nothing that text is called can move the cursor, and everything fits its width."""

from __future__ import annotations

import json

import pytest
from hypothesis import given
from hypothesis import strategies as st

from runstore.cli import text

ANY = st.text(st.characters(exclude_categories=["Cs"]), max_size=40)


@pytest.mark.parametrize(
    ("given", "shown"),
    [
        ("plain", "plain"),
        ("a\nb\tc\r", "a\\nb\\tc\\r"),
        ("\x1b[31mred", "\\x1b[31mred"),
        ("\x00\x7f\x9b", "\\x00\\x7f\\x9b"),
        ("\u202eevil\u2066", "\\u202eevil\\u2066"),
        ("長い ● é", "長い ● é"),
        ("[bold]x[/bold]", "[bold]x[/bold]"),
    ],
)
def test_control_and_direction_characters_become_escapes(given: str, shown: str) -> None:
    assert text.safe(given) == shown


@given(ANY)
def test_json_escaped_for_a_terminal_says_the_same(value: str) -> None:
    shown = text.safe_json(json.dumps(value, ensure_ascii=False))
    assert json.loads(shown) == value
    assert "\x1b" not in shown
    assert "\u202e" not in shown


@given(ANY, st.integers(0, 50))
def test_a_cut_text_fits_and_a_filled_one_fills(value: str, cells: int) -> None:
    cut = text.elide(text.safe(value), cells)
    assert text.width(cut) <= cells
    assert text.width(text.pad(cut, cells)) == cells
    assert text.width(text.pad(cut, cells, right=True)) == cells


def test_what_is_cut_ends_with_an_ellipsis_and_wide_letters_count_two() -> None:
    assert text.elide("abcdef", 4) == "abc…"
    assert text.elide("abcd", 4) == "abcd"
    assert text.width("長い") == 4
    assert text.elide("長い名前", 4) == "長…"
