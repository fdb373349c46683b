"""PNG: a picture with matplotlib, one clear line without it."""

from __future__ import annotations

import io
import struct
import sys

import pytest

from runstore.cli import picture
from runstore.cli.curves import STEP, Chart, Curve
from runstore.errors import RunstoreError


def chart(label: str, *ys: float, log: bool = False) -> Chart:
    xs = [float(x) for x in range(len(ys))]
    return Chart("loss $x_1$", STEP, "s", [Curve("id", label, xs, list(ys), len(ys), 0, ys[-1], min(ys), max(ys))], log)


def drawn(*charts: Chart) -> tuple[int, int]:
    """Width and height."""
    target = io.BytesIO()
    picture.png(charts, target)
    data = target.getvalue()
    assert data.startswith(b"\x89PNG\r\n\x1a\n")
    return struct.unpack(">II", data[16:24])


def test_a_picture_is_drawn_and_every_chart_makes_it_higher() -> None:
    width, height = drawn(chart("a", 1.0, 2.0))
    wide, high = drawn(chart("a", 1.0, 2.0), chart("a", 1.0, log=True))
    assert wide == width > 800
    assert high > height * 1.5


@pytest.mark.parametrize("label", ["_hidden", "$\\bad", "a$b$", "日本 🎉", "\x00"])
def test_any_name_can_be_drawn(label: str) -> None:
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr("warnings.warn", lambda *_, **__: None)  # a font without the letter draws a box, and says so
        drawn(chart(label, 1.0, 2.0))


def test_without_matplotlib_the_extra_is_named(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setitem(sys.modules, "matplotlib.figure", None)
    with pytest.raises(RunstoreError, match=r"runstore\[plot\]"):
        picture.png([chart("a", 1.0)], io.BytesIO())
