"""What is shown where there is no notebook, and in one where there is no widget."""

from __future__ import annotations

import io
import subprocess
import sys
from collections.abc import Callable
from types import SimpleNamespace
from typing import Any

import pytest

import runstore
from runstore.view.notebook import code, showing, subjects, watching


@pytest.fixture
def kernel(monkeypatch: pytest.MonkeyPatch) -> list[Any]:
    """As if this process were a kernel; what is displayed, and what it is replaced by."""
    shown: list[Any] = []

    def displayed(thing: Any, raw: bool = False) -> Any:
        shown.append(thing)
        return SimpleNamespace(update=lambda again, raw=False: shown.append(again))

    monkeypatch.setattr(showing, "in_notebook", lambda: True)
    monkeypatch.setattr(showing, "_displayed", displayed)
    return shown


def test_a_process_is_no_notebook_and_loads_none(run: runstore.Run) -> None:
    program = (
        "import sys\nfrom runstore.view.notebook import showing\n"
        "print(showing.in_notebook(), [one for one in ('IPython', 'anywidget') if one in sys.modules])"
    )
    done = subprocess.run([sys.executable, "-c", program], capture_output=True, text=True, check=True)
    assert done.stdout.strip() == "False []"


def test_elsewhere_it_is_text(ws: runstore.Workspace, run: runstore.Run, capsys: pytest.CaptureFixture[str]) -> None:
    run.show()
    run.experiment.show()
    ws.show()
    told = capsys.readouterr().out
    assert "Running · mnist" in told
    assert "Experiment mnist" in told
    assert f"{ws.path} · 1 experiment" in told


def test_it_tells_how_a_run_goes_on_until_its_end(ws: runstore.Workspace, run: runstore.Run) -> None:
    out = io.StringIO()
    steps: list[Callable[[], object]] = [lambda: run.log("loss", 0.5), lambda: None, run.complete]
    pauses: list[float] = []

    def sleep(seconds: float) -> None:
        pauses.append(seconds)
        steps.pop(0)()

    showing.tell(subjects.of_run(ws.get_run(run.id)), out, wait=True, sleep=sleep, every=10)
    text = out.getvalue()
    assert text.count("Run ") == 2
    assert "402 points" in text
    assert text.index("Running") < text.index("Completed")
    assert (steps, pauses) == ([], [0.625, 1.25, 2.5])


def test_what_was_never_recorded_is_said_so(run: runstore.Run) -> None:
    out = io.StringIO()
    showing.tell(subjects.of_run(type(run)(run.experiment, "nobody")), out, wait=True)
    assert out.getvalue() == "nothing was recorded\n"


def test_what_an_output_can_not_write_is_replaced(ws: runstore.Workspace) -> None:
    out = io.TextIOWrapper(io.BytesIO(), encoding="ascii")
    showing.tell(subjects.of_experiment(ws.experiment("größe")), out)
    out.seek(0)
    assert "Experiment gr??e" in out.read()


def test_without_a_widget_a_notebook_has_a_card_until_the_run_ends(
    run: runstore.Run, kernel: list[Any], monkeypatch: pytest.MonkeyPatch
) -> None:
    heard: list[Callable[[], None]] = []
    going = {run.id}
    changes = SimpleNamespace(last="a-1", goes_on=lambda one: one in going)
    watch = SimpleNamespace(changes=changes, leave=heard.remove)
    monkeypatch.setattr(watching, "join", lambda path, one, refresh=None: (heard.append(one), watch)[1])
    monkeypatch.setattr(code, "built", lambda: False)
    run.show()
    assert ("<svg" in kernel[0]["text/html"], kernel[0]["text/plain"][:4]) == (True, "Run ")
    heard[0]()
    assert "Running" in kernel[-1]["text/plain"]
    run.complete()
    going.clear()
    heard[0]()
    assert ("Completed" in kernel[-1]["text/html"], heard) == (True, [])


def test_a_card_of_what_has_ended_is_shown_once(run: runstore.Run, kernel: list[Any], monkeypatch: Any) -> None:
    monkeypatch.setattr(code, "built", lambda: False)
    run.complete()
    run.show()
    run.experiment.show()
    assert len(kernel) == 2


def test_a_notebook_has_a_widget(run: runstore.Run, kernel: list[Any]) -> None:
    run.show(height=300)
    (widget,) = kernel
    assert (widget._height, widget._place) == (300, f"#/run/{run.id}?my.tab=metrics")
    widget.close()
