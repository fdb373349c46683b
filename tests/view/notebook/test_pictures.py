"""Curves as SVG: readable by any reader of XML, on a light ground and on a dark one."""

from __future__ import annotations

import math
import re
from xml.etree import ElementTree

import pytest

from runstore.view.notebook.pictures import COLOURS, MUTED, Chart, Line, chart, points_of, sheet
from tests.view.notebook.conftest import HOSTILE

SVG = "{http://www.w3.org/2000/svg}"


def _luminance(colour: str) -> float:
    parts = [int(colour[at : at + 2], 16) / 255 for at in (1, 3, 5)]
    red, green, blue = (part / 12.92 if part <= 0.03928 else ((part + 0.055) / 1.055) ** 2.4 for part in parts)
    return 0.2126 * red + 0.7152 * green + 0.0722 * blue


@pytest.mark.parametrize("colour", [*COLOURS, MUTED])
@pytest.mark.parametrize("ground", ["#ffffff", "#111111", "#1e1e1e"])
def test_every_colour_stands_out_from_light_and_dark(colour: str, ground: str) -> None:
    dark, light = sorted(map(_luminance, (colour, ground)))
    assert (light + 0.05) / (dark + 0.05) >= 3


def test_a_curve_is_a_line_with_its_spikes_as_a_band() -> None:
    drawn = ElementTree.fromstring(chart(Chart("loss", [Line([(0, 1, 1, 1), (1, 2, 0, 9)])], 2.5)))
    kinds = [path.get("fill-opacity") for path in drawn.iter(f"{SVG}path") if path.get("fill") != "none"]
    assert ".2" in kinds
    texts = [text.text for text in drawn.iter(f"{SVG}text")]
    assert texts[:2] == ["loss", "2.5"]
    assert {"9", "0", "1"} <= set(texts)


def test_one_point_is_a_dot_and_none_is_said_so() -> None:
    assert "<circle" in chart(Chart("a", [Line([(3, 1, 1, 1)])]))
    assert "no finite points" in chart(Chart("a", [Line([])]))


def test_names_are_texts_whatever_is_in_them() -> None:
    for svg in (chart(Chart(HOSTILE, [])), sheet(HOSTILE, HOSTILE, [Chart(HOSTILE, [])])):
        drawn = ElementTree.fromstring(svg)
        assert {one.tag.removeprefix(SVG) for one in drawn.iter()} <= {"svg", "g", "text", "path", "circle"}


def test_what_can_not_be_drawn_is_left_out() -> None:
    rows = [(0.0, 1.0, 1.0, 1.0), (1.0, None, None, None), (2.0, math.inf, 1.0, 1.0), (math.nan, 1.0, 1.0, 1.0)]
    assert points_of(rows) == [(0.0, 1.0, 1.0, 1.0)]


def test_the_greatest_numbers_stay_in_the_picture() -> None:
    svg = chart(Chart("big", [Line([(0, -1.7e308, -1.7e308, -1.7e308), (1, 1.7e308, 1.7e308, 1.7e308)])]))
    (line,) = re.findall(r'd="M([^HZ]*)"', svg)
    assert all(0 <= float(one) <= 260 for one in re.split("[ L]", line))


def test_a_sheet_has_a_place_for_each_chart() -> None:
    drawn = ElementTree.fromstring(sheet("runs", "of mnist", [Chart(str(at), []) for at in range(5)]))
    assert len({one.get("transform") for one in drawn.iter(f"{SVG}g") if one.get("transform")}) == 5
    assert int(drawn.get("height") or 0) > int(ElementTree.fromstring(sheet("", "", [])).get("height") or 0)
