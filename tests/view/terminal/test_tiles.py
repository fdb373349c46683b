"""Charts fill their room exactly, whatever is in them."""

from __future__ import annotations

import pytest

from runstore.view.terminal import signs, tiles
from runstore.view.terminal.pieces import Line, cells, plain
from runstore.view.terminal.wanted import TIME, Chart, Series, Wanted


def series(run_id: str, *ys: float, number: int = 0) -> Series:
    known = (ys[-1], min(ys), max(ys)) if ys else (None, None, None)
    return Series(run_id, run_id, number, [float(x) for x in range(len(ys))], list(ys), len(ys), 0, *known)


def chart(*some: Series, metric: str = "loss") -> Chart:
    return Chart(metric, list(some))


def text(lines: list[Line]) -> str:
    return "\n".join(plain(line).rstrip() for line in lines)


@pytest.mark.parametrize("ys", [(1.0,), (0.0, 0.0), (1e-9, 3e8), (-1.5, 2.25, 1e15), tuple(map(float, range(500)))])
@pytest.mark.parametrize(("wide", "high"), [(20, 4), (52, 9), (80, 11), (200, 40)])
def test_a_chart_has_its_height_and_is_not_wider_than_its_room(ys: tuple[float, ...], wide: int, high: int) -> None:
    lines = tiles.tile(chart(series("a", *ys), series("b", *ys)), Wanted(), wide, high, False)
    assert len(lines) == high
    assert max(cells(plain(line)) for line in lines) <= wide


def test_one_curve_has_its_figures_in_the_title() -> None:
    shown = text(tiles.tile(chart(series("a", 3.0, 1.0, 2.0)), Wanted(), 60, 10, False))
    assert shown.splitlines()[0].split() == ["loss", "last", "2", "min", "1", "max", "3"]


def test_several_curves_have_a_legend() -> None:
    shown = text(tiles.tile(chart(series("one", 1.0, 2.0), series("two", 2.0, 1.0)), Wanted(), 60, 12, False))
    assert "━ one" in shown and "━ two" in shown


def test_a_legend_that_is_too_long_has_several_curves_to_a_line() -> None:
    many = [series(f"run_{number}", 1.0, 2.0) for number in range(6)]
    shown = text(tiles.tile(chart(*many), Wanted(), 52, 9, False))
    assert all(f"━ run_{number} 2" in shown for number in range(6))
    assert text(tiles.tile(chart(*many), Wanted(), 30, 8, False)).splitlines()[-1].endswith(" …")


def test_without_colours_several_curves_have_letters() -> None:
    shown = text(tiles.tile(chart(series("one", 0.0, 1.0), series("two", 1.0, 0.0, number=1)), Wanted(), 60, 12, True))
    assert "a one" in shown and "b two" in shown
    assert not any(0x2800 < ord(letter) < 0x2900 for letter in shown)


def test_a_run_has_the_same_letter_and_colour_in_all_charts() -> None:
    some = [series("two", 1.0, 2.0, number=1), series("three", 2.0, 1.0, number=2)]
    assert "b two" in text(tiles.tile(chart(*some), Wanted(), 60, 12, True))
    styles = {style for line in tiles.tile(chart(*some), Wanted(), 60, 12, False) for _, style in line}
    assert signs.curve(1) in styles and signs.curve(2) in styles and signs.curve(0) not in styles


def test_a_single_curve_needs_no_letters() -> None:
    shown = text(tiles.tile(chart(series("one", 0.0, 1.0)), Wanted(), 60, 12, True))
    assert any(0x2800 < ord(letter) < 0x2900 for letter in shown)


def test_how_it_is_drawn_is_said() -> None:
    shown = text(tiles.tile(chart(series("a", 1.0, 2.0)), Wanted(log=True, smoothing=0.9), 80, 10, False))
    assert "loss · log · smoothed 0.9" in shown
    drawn = chart(series("a", 1.0, 2.0))
    drawn.unit = "min"
    assert "time, min" in text(tiles.tile(drawn, Wanted(x=TIME), 80, 10, False))


def test_what_is_not_drawn_is_said() -> None:
    one = series("a", 1.0, 2.0)
    one.odd = 3
    drawn = chart(one)
    drawn.hidden = 1
    shown = text(tiles.tile(drawn, Wanted(log=True), 80, 10, False))
    assert "not drawn: 3 points NaN or infinite, 1 point not above 0" in shown


def test_where_nothing_can_be_drawn_it_says_why() -> None:
    one = Series("a", "a", points=2, odd=2, last=float("nan"))
    assert "no finite numbers" in text(tiles.tile(chart(one), Wanted(), 60, 9, False))
    drawn = chart(Series("a", "a", points=2, last=0.0))
    drawn.hidden = 2
    assert "nothing above 0 to draw on a log axis" in text(tiles.tile(drawn, Wanted(log=True), 60, 9, False))


def test_names_are_harmless() -> None:
    shown = text(
        tiles.tile(chart(series("\x1b[2J", 1.0), series("b", 1.0), metric="\x1b]0;x"), Wanted(), 60, 12, False)
    )
    assert "\x1b" not in shown


@pytest.mark.parametrize(
    ("wide", "high", "charts"), [(80, 11, 1), (160, 24, 6), (120, 10, 2), (240, 26, 8), (20, 3, 1)]
)
def test_a_large_panel_has_room_for_several_charts(wide: int, high: int, charts: int) -> None:
    assert tiles.grid(wide, high).charts == charts


def test_few_charts_share_all_of_the_room() -> None:
    lines = tiles.panel([chart(series("a", 1.0, 2.0)), chart(series("a", 1.0, 2.0))], Wanted(), 160, 24, False)
    assert len(lines) == 24
    assert cells(plain(lines[0])) == 160
