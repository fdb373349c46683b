"""A merge may be killed at any instant: nothing is lost or there twice, and the next one finishes the job."""

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
    "import sys, runstore; from runstore.query import union, taking_runs; ws = runstore.Workspace(sys.argv[1]); "
    "print(flush=True); ws.merge(sys.argv[2])"
)


def prepared(ws: runstore.Workspace, other: runstore.Workspace) -> None:
    for number in range(8):
        unions.logged(other, f"r{number}", number, small=b"s%d" % number, large=b"%d" % number * 300_000)
        if number == 3:
            compaction.compact(other.path, grace=0)
    ws.merge(other)
    for one, number in ((ws, 1), (other, 1), (other, 2), (other, 9)):
        unions.logged(one, f"r{number}", number)
    other.get_run("r4").set_tags({"a": 1})
    other.delete("r5")


def killed(at: Path, other: Path, seconds: float) -> None:
    child = subprocess.Popen([sys.executable, "-c", CODE, str(at), str(other)], stdout=subprocess.PIPE)
    assert child.stdout is not None
    child.stdout.readline()
    time.sleep(seconds)
    child.kill()
    child.wait()
    child.stdout.close()


def tried(ws: runstore.Workspace, tmp_path: Path, tries: int) -> None:
    other = runstore.Workspace(tmp_path / "other")
    prepared(ws, other)
    whole = unions.copied(ws, tmp_path / "whole")
    begun = time.monotonic()
    whole.merge(other)
    length = time.monotonic() - begun
    expected, kept = unions.answers(whole), unions.content(other.path)
    dice, at = random.Random("merging"), unions.copied(ws, tmp_path / "at")
    for number in range(tries):
        killed(at.path, other.path, dice.random() * length * 1.2)
        if number % 3 == 2:  # killed again and again before that
            assert at.merge(other).refused == []
            assert unions.answers(at) == expected
            assert [one for one in check(at.path) if one.severity != "note"] == []  # files that never became whole
            assert at.merge(other).files == 0
            shutil.rmtree(at.path)
            at = unions.copied(ws, at.path)
    assert unions.content(other.path) == kept


@pytest.mark.slow
def test_a_merge_that_was_killed_is_finished_by_the_next_one(ws: runstore.Workspace, tmp_path: Path) -> None:
    tried(ws, tmp_path, 30)


@pytest.mark.soak
def test_a_hundred_merges_that_were_killed(ws: runstore.Workspace, tmp_path: Path) -> None:
    tried(ws, tmp_path, 100)
