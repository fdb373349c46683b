"""What draws figures of Plotly is taken from the installed package, and only if that is asked."""

from __future__ import annotations

import base64
import hashlib
from pathlib import Path

import pytest

import runstore
from runstore.errors import UsageError
from runstore.view.report import plotly
from runstore.view.server import plotly as installed
from tests.view.report.conftest import logged
from tests.view.report.reading import block, elements, unpacked


@pytest.fixture
def library(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> str:
    """A script that stands for Plotly's."""
    path = tmp_path / "plotly.min.js"
    path.write_text("const Plotly = '</script><!--';")
    monkeypatch.setattr(installed, "library", lambda: path)
    return "const Plotly = '<\\/script><\\!--';"


@pytest.mark.usefixtures("built")
def test_the_policy_knows_what_draws(ws: runstore.Workspace, library: str, tmp_path: Path) -> None:
    text = ws.report(tmp_path / "r.html", logged(ws, "one"), plotly=True).path.read_text()
    told = block(text, "plotly")
    assert unpacked(told["library"]).decode() == library
    draw = told["parts"][2].partition("<script>")[2].partition("</script>")[0]
    policy = elements(text).policy
    for script in (library, draw):
        assert base64.b64encode(hashlib.sha256(script.encode()).digest()).decode() in policy


@pytest.mark.usefixtures("built", "library")
def test_without_being_asked_nothing_of_it_is_there(ws: runstore.Workspace, tmp_path: Path) -> None:
    text = ws.report(tmp_path / "r.html", logged(ws, "one")).path.read_text()
    assert "runstore-plotly" not in elements(text).scripts
    assert "unsafe" not in elements(text).policy


def test_where_it_is_not_installed_that_is_said(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(installed, "library", lambda: None)
    with pytest.raises(UsageError, match="`pip install plotly`"):
        plotly.drawing()
