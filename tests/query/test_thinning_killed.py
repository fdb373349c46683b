"""Thinning may be killed at any instant: every figure stays, no point is there twice, the next one does the rest."""

from __future__ import annotations

import random
import shutil
import subprocess
import sys
import time
from pathlib import Path

import pytest

import runstore
from runstore.query import compaction
from runstore.query.check import check
from tests.query import unions

CODE = (
    "import sys, runstore; from runstore.query import thinning; ws = runstore.Workspace(sys.argv[1]); "
    "print(flush=True); ws.thin(20, 0, dry_run=False)"
)
FIGURES = "select * from metric_summary order by all"


def killed(at: Path, seconds: float) -> None:
    child = subprocess.Popen([sys.executable, "-c", CODE, str(at)], stdout=subprocess.PIPE)
    assert child.stdout is not None
    child.stdout.readline()
    time.sleep(seconds)
    child.kill()
    child.wait()
    child.stdout.close()


def tried(ws: runstore.Workspace, tmp_path: Path, tries: int) -> None:
    for number in range(6):
        with runstore.start_run("e", run_id=f"r{number}", workspace=ws) as run:
            for step in range(300):
                run.log("loss", step * 0.1, step=step)
        if number % 2:
            compaction.compact(ws.path, grace=0)
    whole, figures = unions.copied(ws, tmp_path / "whole"), repr(ws.sql(FIGURES).fetchall())
    begun = time.monotonic()
    whole.thin(20, 0, dry_run=False)
    length = time.monotonic() - begun
    left = whole.sql("select * from metrics order by all").fetchall()
    dice, at = random.Random("thinning"), unions.copied(ws, tmp_path / "at")
    for number in range(tries):
        killed(at.path, dice.random() * length * 1.2)
        assert repr(at.sql(FIGURES).fetchall()) == figures
        assert {one.severity for one in check(at.path)} <= {"note"}
        if number % 2:  # killed once more before that
            at.thin(20, 0, dry_run=False)
            compaction.compact(at.path, grace=0)
            assert at.sql("select * from metrics order by all").fetchall() == left
            assert repr(at.sql(FIGURES).fetchall()) == figures
            shutil.rmtree(at.path)
            at = unions.copied(ws, at.path)


@pytest.mark.slow
def test_thinning_that_was_killed_is_finished_by_the_next_one(ws: runstore.Workspace, tmp_path: Path) -> None:
    tried(ws, tmp_path, 6)


@pytest.mark.soak
def test_a_hundred_thinnings_that_were_killed(ws: runstore.Workspace, tmp_path: Path) -> None:
    tried(ws, tmp_path, 100)
