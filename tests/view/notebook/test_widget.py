"""The widget as a kernel has it: small, drawn until its run ends, and a card for who can't show it."""

from __future__ import annotations

import json
import re
import threading
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any
from xml.etree import ElementTree

import nbformat
import pytest
from nbclient import NotebookClient

import runstore
from runstore.view.notebook import subjects, watching
from runstore.view.notebook.widget import Widget

WAIT = """
import time
from ipywidgets.widgets import widget
from runstore.view.notebook.widget import Widget
(shown,) = [one for one in widget._instances.values() if isinstance(one, Widget)]
while shown._conversation.held:
    time.sleep(0.05)
"""
VIEW = "application/vnd.jupyter.widget-view+json"


@pytest.fixture
def made(monkeypatch: pytest.MonkeyPatch) -> Iterator[Callable[..., Widget]]:
    monkeypatch.setattr(watching.Watch.__init__, "__defaults__", (0.01,))
    widgets: list[Widget] = []

    def make(subject: subjects.Subject, **options: Any) -> Widget:
        widgets.append(Widget(subject, height=400, **options))
        return widgets[-1]

    yield make
    for one in widgets:
        one.close()


def test_its_state_is_small_since_a_notebook_may_keep_it(run: runstore.Run, made: Callable[..., Widget]) -> None:
    state = made(subjects.of_run(run)).get_state()
    assert len(json.dumps({key: str(value) for key, value in state.items()})) < 40_000
    assert ElementTree.fromstring(state["_still"]).tag.endswith("svg")


def test_who_can_not_show_it_has_a_card_and_text(run: runstore.Run, made: Callable[..., Widget]) -> None:
    bundle, _ = made(subjects.of_run(run))._repr_mimebundle_()
    assert bundle.keys() == {VIEW, "text/html", "text/plain"}
    assert bundle["text/html"].count("<svg") == 2
    assert bundle["text/plain"].startswith("Run ")


def test_it_is_drawn_a_last_time_when_its_run_has_ended(run: runstore.Run, made: Callable[..., Widget]) -> None:
    ended = threading.Event()
    widget = made(subjects.of_run(run), ended=ended.set)
    assert "Running" in widget._said
    run.complete()
    assert ended.wait(60)
    assert "Completed" in widget._said
    assert "Completed" in widget._repr_mimebundle_()[0]["text/html"]


def test_of_what_has_ended_nothing_is_watched(run: runstore.Run, made: Callable[..., Widget]) -> None:
    run.complete()
    assert not made(subjects.of_run(run))._conversation.held
    assert not made(subjects.of_experiment(run.experiment))._conversation.held


@pytest.mark.filterwarnings("ignore::DeprecationWarning")  # of the libraries that run notebooks
def test_a_saved_notebook_shows_the_run_wherever_it_is_looked_at(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    for name in ("JUPYTER_DATA_DIR", "JUPYTER_RUNTIME_DIR", "IPYTHONDIR", "MPLCONFIGDIR"):
        monkeypatch.setenv(name, str(tmp_path / name.lower()))
    cells = [
        "import runstore\nrun = runstore.start_run('e', params={'lr': 0.1})\nrun.show()",
        "for step in range(50):\n    run.log('loss', 1 / (step + 1), step=step)\nrun.complete()",
        WAIT,
        "run",
    ]
    notebook = nbformat.v4.new_notebook(cells=[nbformat.v4.new_code_cell(cell) for cell in cells])
    where = {"metadata": {"path": str(tmp_path)}}
    NotebookClient(notebook, timeout=120, kernel_name="python3", resources=where).execute()
    shown = notebook.cells[0].outputs[-1].data
    assert VIEW in shown
    for text in (shown["text/html"], notebook.cells[3].outputs[0].data["text/html"]):
        assert "Completed" in text
        assert re.findall(r">(loss)<", text) == ["loss"]
        assert '<path fill="none" stroke="#3b82d6"' in text
    assert "Completed" in shown["text/plain"]
    assert len(json.dumps(notebook)) < 100_000
