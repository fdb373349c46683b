"""Pictures that any browser shows: well-formed, self-contained, harmless."""

from __future__ import annotations

import re
from xml.etree import ElementTree

from runstore.cli import svg
from runstore.cli.curves import STEP, Chart, Curve

NAMESPACE = "{http://www.w3.org/2000/svg}"
EVIL = "<script>alert('x')</script>&\x1b\x00\u202e"


def curve(label: str, ys: list[float]) -> Curve:
    return Curve(label, label, [float(x) for x in range(len(ys))], ys, len(ys), 0, ys[-1], min(ys), max(ys))


def chart(*curves: Curve, metric: str = "loss") -> Chart:
    return Chart(metric, STEP, "s", list(curves))


def luminance(colour: str) -> float:
    parts = [int(colour[at : at + 2], 16) / 255 for at in (1, 3, 5)]
    linear = [part / 12.92 if part <= 0.04045 else ((part + 0.055) / 1.055) ** 2.4 for part in parts]
    return 0.2126 * linear[0] + 0.7152 * linear[1] + 0.0722 * linear[2]


def contrast(one: str, other: str) -> float:
    low, high = sorted((luminance(one), luminance(other)))
    return (high + 0.05) / (low + 0.05)


def test_every_curve_has_a_line_and_a_legend() -> None:
    root = ElementTree.fromstring(svg.svg([chart(curve("one", [1.0, 2.0]), curve("two", [2.0, 3.0]))]))
    lines = root.findall(f".//{NAMESPACE}polyline")
    texts = ["".join(found.itertext()) for found in root.iter(f"{NAMESPACE}text")]
    assert len(lines) == 2
    assert {"loss", "one2", "two3", "step"} <= set(texts)


def test_points_lie_inside_the_picture() -> None:
    root = ElementTree.fromstring(svg.svg([chart(curve("one", [-1e9, 0.0, 1e9]))]))
    (line,) = root.findall(f".//{NAMESPACE}polyline")
    places = [tuple(map(float, pair.split(","))) for pair in line.attrib["points"].split()]
    assert len(places) == 3
    assert all(0 <= x <= svg.WIDTH and 0 <= y <= svg.HEIGHT for x, y in places)


def test_a_single_point_is_a_dot() -> None:
    root = ElementTree.fromstring(svg.svg([chart(curve("one", [1.0]))]))
    assert len(root.findall(f".//{NAMESPACE}circle")) == 1


def test_several_charts_stand_below_each_other() -> None:
    root = ElementTree.fromstring(svg.svg([chart(curve("a", [1.0, 2.0])), chart(curve("b", [1.0, 2.0]), metric="acc")]))
    moved = [group.attrib["transform"] for group in root.findall(f"{NAMESPACE}g")]
    assert len(set(moved)) == 2


def test_names_are_text_and_nothing_else() -> None:
    found = chart(curve(EVIL, [1.0, 2.0]), metric=EVIL)
    ElementTree.fromstring(svg.svg([found]))
    for drawn in (svg.svg([found]), svg.page([found])):
        assert "<script" not in drawn
        assert "\x1b" not in drawn
        assert "\u202e" not in drawn


def test_nothing_is_loaded_from_elsewhere() -> None:
    page = svg.page([chart(curve("a", [1.0, 2.0]))])
    assert re.findall(r"(?:src|href|url)\s*[=(]", page) == []
    assert "http" not in page


def test_a_picture_by_itself_needs_no_variables() -> None:
    assert "var(" not in svg.svg([chart(curve("a", [1.0, 2.0]))])


def test_a_page_has_the_numbers_of_each_curve_as_a_table() -> None:
    page = svg.page([chart(curve("a", [1.0, 4.0, 2.0]))])
    assert "<tr><td>a</td><td>2</td><td>1</td><td>4</td><td>3</td></tr>" in page


def test_an_eleventh_curve_has_a_pattern_of_its_own() -> None:
    drawn = svg.svg([chart(*(curve(str(number), [1.0, 2.0]) for number in range(11)))])
    lines = re.findall(r"<polyline[^>]*>", drawn)
    looks = [re.sub(r' points="[^"]*"', "", line) for line in lines]
    assert len(set(looks)) == 11


def test_colours_can_be_told_from_their_ground() -> None:
    assert min(contrast(colour, "#ffffff") for colour in svg.LIGHT) >= 3
    assert min(contrast(colour, "#14171c") for colour in svg.DARK) >= 3
