"""Lines of exactly as many cells as there are, also of letters that take two."""

from __future__ import annotations

import pytest

from runstore.view.terminal import pieces


@pytest.mark.parametrize(
    ("text", "room", "shown"),
    [("abc", 5, "abc"), ("abcdef", 4, "abc…"), ("長い名前", 5, "長い…"), ("abc", 1, "…"), ("abc", 0, ""), ("", 0, "")],
)
def test_what_is_too_long_ends_with_an_ellipsis(text: str, room: int, shown: str) -> None:
    assert pieces.cut(text, room) == shown


@pytest.mark.parametrize("text", ["", "abc", "長い名前", "abcdefghijk", "é●"])
def test_a_fitted_text_has_exactly_its_cells(text: str) -> None:
    assert pieces.cells(pieces.fit(text, 6)) == 6
    assert pieces.cells(pieces.fit(text, 6, right=True)) == 6


def test_a_line_is_filled_or_cut() -> None:
    assert pieces.filled([("ab", "bold")], 4) == [("ab", "bold"), ("  ", "")]
    assert pieces.plain(pieces.filled([("abc", ""), ("def", "")], 4)) == "abc…"


def test_where_both_ends_do_not_fit_the_left_one_stays() -> None:
    assert pieces.plain(pieces.ends([("left", "")], [("right", "")], 12)) == "left   right"
    assert pieces.plain(pieces.ends([("left", "")], [("right", "")], 10)) == "left      "


def test_blocks_of_different_height_stand_side_by_side() -> None:
    lines = pieces.beside([[[("a", "")], [("b", "")]], [[("c", "")]]], 2, gap=1)
    assert [pieces.plain(line) for line in lines] == ["a  c ", "b    "]


def test_content_takes_texts_as_they_are() -> None:
    shown = pieces.content([[("[bold]x[/]", "ansi_red")], [("y", "")]])
    assert shown.plain == "[bold]x[/]\ny"
