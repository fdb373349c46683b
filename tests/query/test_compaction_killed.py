"""Compaction may be killed at any instant: nothing is lost or there twice, and the next one finishes the job."""

from __future__ import annotations

import random
import shutil
import subprocess
import sys
import time
from pathlib import Path

import pytest

import runstore
from runstore.disk import block, files, inventory
from runstore.disk.capabilities import is_local
from runstore.format import names
from runstore.query import compaction, levels, sealing
from runstore.query.check import check
from tests.query import unions

CODE = """
import sys, pathlib
from runstore.query import compaction, levels
levels.WIDTH, levels.FULL_RUNS = 2, 40
print(flush=True)
compaction.compact(pathlib.Path(sys.argv[1]), grace=0, enough=1)
"""


def prepared(ws: runstore.Workspace, monkeypatch: pytest.MonkeyPatch, runs: int = 60) -> None:
    """Runs, half of them in three blocks, of some of these something newer; the others loose, most of them sealed."""
    monkeypatch.setattr(levels, "WIDTH", 9)
    for number in range(runs):
        run = unions.logged(ws, f"r{number:02d}", number, small=b"s%d" % number)
        sealing.seal(ws.path, run.path) if number % 8 else None
        if number in (runs // 6, runs // 3, runs // 2):
            compaction.compact(ws.path, grace=0, enough=1)
    for number in (1, 5, 21):
        unions.logged(ws, f"r{number:02d}", number)
        ws.get_run(f"r{number + 1:02d}").set_tags({"later": number})
    ws.delete("r03")
    assert len(block.active(ws.path)) == 3
    monkeypatch.setattr(levels, "WIDTH", 2)
    monkeypatch.setattr(levels, "FULL_RUNS", 40)


def killed(at: Path, seconds: float) -> None:
    child = subprocess.Popen([sys.executable, "-c", CODE, str(at)], stdout=subprocess.PIPE)
    assert child.stdout is not None
    child.stdout.readline()
    time.sleep(seconds)
    child.kill()
    child.wait()
    child.stdout.close()
    block.forget(at)


def tried(ws: runstore.Workspace, tmp_path: Path, tries: int) -> None:
    whole = unions.copied(ws, tmp_path / "whole")
    expected = unions.answers(ws)
    begun = time.monotonic()
    compaction.compact(whole.path, grace=0, enough=1)
    length = time.monotonic() - begun
    assert unions.answers(whole) == expected
    dice, at = random.Random("compaction"), unions.copied(ws, tmp_path / "at")
    for number in range(tries):
        killed(at.path, dice.random() * length)
        if number % 2:
            assert unions.answers(at) == expected
        if number % 3 == 2:  # killed again and again before that
            finished(at, expected)
            shutil.rmtree(at.path)
            at = unions.copied(ws, tmp_path / f"at {number}")


def finished(ws: runstore.Workspace, expected: dict[str, list[str]]) -> None:
    """A compaction that is left alone does the rest, and the next one finds little to do."""
    for _ in range(2):  # a run that went back to its directory goes into a block with the second
        assert compaction.compact(ws.path, grace=0, enough=1).damaged == []
    assert unions.answers(ws) == expected
    assert [one for one in check(ws.path) if one.severity != "note"] == []
    assert [name for name in files.names_in(ws.path / names.BLOCKS) if not names.is_block(name)] == []
    stays = [path for path in compaction.run_paths(ws.path) if path != ws.path / names.run_dir("r03")]
    assert all(inventory.scan(path).temporaries for path in stays)  # of makers that may be alive for all we know
    assert not (stays and is_local(ws.path))


@pytest.mark.slow
def test_a_compaction_that_was_killed_is_finished_by_the_next_one(
    ws: runstore.Workspace, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    prepared(ws, monkeypatch)
    tried(ws, tmp_path, 10)


@pytest.mark.soak
def test_a_hundred_compactions_that_were_killed(
    ws: runstore.Workspace, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    prepared(ws, monkeypatch)
    tried(ws, tmp_path, 100)
