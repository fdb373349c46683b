"""What somebody logged is shown in a frame that reaches nothing."""

from __future__ import annotations

import json

import pytest

from runstore.runs.images import PLOTLY
from runstore.view.notebook import frames
from runstore.view.server import plotly

HOSTILE = "</script><script>alert(1)</script>"


def test_a_page_gets_a_policy_as_its_first_words() -> None:
    data, kind = frames.alone(b"<!doctype html><title>x</title>", "text/html; charset=latin-1")
    text = data.decode()
    assert kind == "text/html;charset=utf-8"
    assert text.startswith('<!doctype html><meta charset="utf-8"><meta http-equiv="Content-Security-Policy"')
    assert "default-src 'none'" in text
    assert "connect-src" not in text


def test_a_figure_is_drawn_by_the_script_of_the_installed_package() -> None:
    data, kind = frames.alone(json.dumps({"data": [{"name": HOSTILE}]}).encode(), PLOTLY)
    text = data.decode()
    assert kind == "text/html;charset=utf-8"
    assert HOSTILE not in text
    assert "Plotly.newPlot" in text
    assert len(text) > 1_000_000
    assert "src=" not in text[: text.index("<script>")]


def test_without_plotly_it_says_how_to_get_it(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(plotly, "library", lambda: None)
    assert b"pip install plotly" in frames.alone(b"{}", PLOTLY)[0]


def test_other_files_are_as_they_are() -> None:
    assert frames.alone(b"\x89PNG", "Image/PNG") == (b"\x89PNG", "image/png")
