"""Charts in the terminal fit into it, and tell curves apart without colours too."""

from __future__ import annotations

from collections.abc import Callable

import pytest

from runstore.cli import braille, style, text
from runstore.cli.curves import STEP, Chart, Curve

Terminal = Callable[[int], None]


def curve(label: str, ys: list[float]) -> Curve:
    return Curve(label, label, [float(x) for x in range(len(ys))], ys, len(ys), 0, ys[-1], min(ys), max(ys))


def chart(*curves: Curve, metric: str = "loss", log: bool = False) -> Chart:
    return Chart(metric, STEP, "s", list(curves), log)


@pytest.mark.parametrize("columns", [40, 80, 160])
@pytest.mark.parametrize("ys", [[1.0], [0.0, 0.0], [1e-9, 3e8], [-1.5, 2.25, 1e15], [float(n) for n in range(500)]])
def test_no_line_is_wider_than_the_terminal(columns: int, ys: list[float]) -> None:
    drawn = braille.draw(chart(curve("a run with quite a long name and lr=0.001 batch=32", ys)), columns, 10)
    assert max(text.width(line) for line in drawn) <= columns


def test_the_drawing_is_as_high_as_asked_for() -> None:
    drawn = braille.draw(chart(curve("a", [1.0, 2.0])), 60, 9)
    assert sum("│" in line or "┤" in line for line in drawn) == 9


def test_several_curves_have_letters_where_there_are_no_colours() -> None:
    drawn = "\n".join(braille.draw(chart(curve("one", [0.0, 1.0]), curve("two", [1.0, 0.0])), 60, 8))
    assert "a  one" in drawn
    assert "b  two" in drawn
    assert "⠁" not in drawn


def test_colours_tell_several_curves_apart_where_there_are_some(
    terminal: Terminal, monkeypatch: pytest.MonkeyPatch
) -> None:
    terminal(60)
    monkeypatch.delenv("NO_COLOR")
    monkeypatch.setenv("TERM", "xterm")
    drawn = "\n".join(braille.draw(chart(curve("one", [0.0, 1.0]), curve("two", [1.0, 0.0])), 60, 8))
    assert style.unpainted(drawn) != drawn
    assert "━━" in drawn


def test_a_terminal_without_braille_gets_ascii(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(style, "plain_letters", lambda: True)
    assert "\n".join(braille.draw(chart(curve("one", [0.0, 1.0])), 60, 8)).isascii()


def test_names_can_not_move_the_cursor() -> None:
    drawn = "".join(braille.draw(chart(curve("\x1b[2Jrun", [0.0, 1.0]), metric="\x1b]0;x\x07"), 60, 8))
    assert "\x1b" not in drawn
    assert "\\x1b[2Jrun" in drawn


def test_what_a_curve_does_not_show_is_said() -> None:
    odd = curve("a", [1.0, 10.0])
    odd.odd = 3
    found = chart(odd, log=True)
    found.hidden = 2
    drawn = braille.draw(found, 80, 8)
    assert "not drawn: 2 points not above 0: a log axis has no place for them" in drawn
    assert "not drawn: 3 points not finite" in drawn
