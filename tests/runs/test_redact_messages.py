"""What a run keeps of exceptions, warnings and log records holds no secret, wherever it is kept."""

from __future__ import annotations

import io
import logging
import subprocess
import sys
import warnings
from pathlib import Path

import pytest

import runstore
from runstore.runs import redact

VALUE = "h4Xs0n-the-value"
PLACES = {
    "url": f"no answer from postgres://me:{VALUE}@db.example/x",
    "token": f"GET /x?token={VALUE} failed",
    "pwd": f"login(user='me', pwd='{VALUE}')",
    "variable": f"rejected: {VALUE}",
}


@pytest.fixture(autouse=True)
def _secret(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("DB_PASSWORD", VALUE)


@pytest.fixture
def run(workspace: Path) -> runstore.Run:
    return runstore.start_run("x", workspace=workspace)


def kept(workspace: Path, text: str) -> list[str]:
    """The files of a workspace that hold a text."""
    paths = (path for path in workspace.rglob("*") if path.is_file())
    return [path.name for path in paths if text.encode() in path.read_bytes()]


def raised(text: str) -> ValueError:
    try:
        raise ValueError(f"first line\n{text}")
    except ValueError as error:
        return error


@pytest.mark.parametrize("text", PLACES.values(), ids=PLACES)
def test_a_failed_run_keeps_no_secret_of_its_exception(run: runstore.Run, workspace: Path, text: str) -> None:
    run.fail(raised(text))
    assert kept(workspace, "first line")
    assert kept(workspace, VALUE) == []
    assert redact.REDACTED in (run.error or "")


@pytest.mark.parametrize("text", PLACES.values(), ids=PLACES)
def test_a_run_failed_from_outside_keeps_no_secret(run: runstore.Run, workspace: Path, text: str) -> None:
    runstore.Workspace(workspace).get_run(run.id).fail(text)
    assert kept(workspace, redact.REDACTED)
    assert kept(workspace, VALUE) == []


@pytest.mark.parametrize("text", PLACES.values(), ids=PLACES)
def test_records_and_warnings_keep_no_secret(run: runstore.Run, workspace: Path, text: str) -> None:
    logger = logging.getLogger("quiet")
    logger.addHandler(logging.NullHandler())
    logger.propagate = False
    with run, warnings.catch_warnings():
        warnings.simplefilter("ignore", append=False)
        warnings.filterwarnings("always", "careful")
        logger.warning("tried: %s", text)
        logger.warning("with a trace", exc_info=raised(text))
        warnings.showwarning(f"careful: {text}", UserWarning, "a.py", 3, io.StringIO())
    assert kept(workspace, "careful: ")
    assert kept(workspace, "first line")
    assert kept(workspace, VALUE) == []


@pytest.mark.parametrize("ending", ["raise ValueError(text)", "sys.exit(text)", "run.fail(text)"])
def test_a_process_that_ends_badly_leaves_no_secret(workspace: Path, ending: str) -> None:
    program = f"import sys, runstore\nrun = runstore.start_run('x', workspace={str(workspace)!r})\ntext = sys.argv[1]\n"
    subprocess.run([sys.executable, "-c", program + ending, PLACES["url"]], capture_output=True)
    assert kept(workspace, redact.REDACTED)
    assert kept(workspace, VALUE) == []


def test_a_message_keeps_its_lines_and_long_ones_whole(run: runstore.Run) -> None:
    text = f"weight {'x' * 10_000} end\n  indented\n"
    assert redact.strings({"a": [text, 1, None]}) == {"a": [text, 1, None]}
