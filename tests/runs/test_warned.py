"""Warnings, and who listens."""

from __future__ import annotations

import logging
import subprocess
import sys
import warnings
from pathlib import Path

import pytest

import runstore
from runstore.runs import warned

PROGRAM = """
import sys, warnings, runstore
with runstore.start_run("x", workspace="ws") as run:
    warnings.warn("careful")
assert "logging" not in sys.modules
"""


@pytest.fixture
def run(tmp_path: Path) -> runstore.Run:
    return runstore.start_run("x", workspace=tmp_path / "ws")


def records(run: runstore.Run) -> list[tuple[object, ...]]:
    query = "SELECT level, logger, text FROM logs WHERE run_id = ? AND level IS NOT NULL ORDER BY line"
    return run.experiment.workspace.sql(query, params=[run.id]).fetchall()  # type: ignore[attr-defined,no-any-return]


def test_a_warning_is_a_record_and_is_shown_as_ever_without_logging_being_loaded(tmp_path: Path) -> None:
    done = subprocess.run([sys.executable, "-c", PROGRAM], cwd=tmp_path, capture_output=True, check=True, text=True)
    assert "UserWarning: careful" in done.stderr
    rows = runstore.Workspace(tmp_path / "ws").sql("SELECT level, logger, text FROM logs WHERE level IS NOT NULL")
    ((level, logger, text),) = rows.fetchall()
    assert (level, logger) == ("WARNING", "py.warnings")
    assert text.endswith("UserWarning: careful")


def test_a_warning_counts_once_also_where_logging_takes_warnings(run: runstore.Run) -> None:
    with warnings.catch_warnings():
        warnings.simplefilter("always")
        logging.captureWarnings(True)
        try:
            with run:
                warnings.warn("careful", stacklevel=1)
        finally:
            logging.captureWarnings(False)
    assert [(level, logger) for level, logger, _ in records(run)] == [("WARNING", "py.warnings")]


def test_the_hook_goes_with_the_last_who_listens(run: runstore.Run) -> None:
    before = warnings.showwarning
    warned.listen(run)
    warned.listen(run)
    warned.leave(run)
    assert warnings.showwarning is not before
    warned.leave(run)
    assert warnings.showwarning is before
    run.complete()


def test_a_run_that_has_ended_is_silent(run: runstore.Run) -> None:
    run.complete()
    warned.put(run, "a", 40, "ERROR", "late")
    assert records(run) == []


def test_what_keeping_a_record_makes_others_say_is_not_kept(run: runstore.Run, monkeypatch: pytest.MonkeyPatch) -> None:
    side = run._live().side()
    true = side.log

    def talking(*args: object, **named: object) -> None:
        warned.put(run, "inner", 40, "ERROR", "again")
        true(*args, **named)  # type: ignore[arg-type]

    monkeypatch.setattr(side, "log", talking)
    warned.put(run, "outer", 40, "ERROR", "once")
    run.complete()
    assert records(run) == [("ERROR", "outer", "once")]
