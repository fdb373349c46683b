"""A workspace with every kind of file, made once by a process that is gone; and ways to damage a copy of it."""

from __future__ import annotations

import io
import os
import random
import shutil
import subprocess
import sys
import tempfile
import warnings
from pathlib import Path
from typing import Any

import pytest

import runstore
from runstore.disk.pack import SMALL
from runstore.format import documents, names
from runstore.query import sealing
from runstore.query.check import DAMAGE, Finding, check
from runstore.runs import seal, stream
from tests.query import scenes

ROOT = Path(__file__).resolve().parents[2]
KINDS = ("flip", "cut", "zeros", "flips", "empty", "gone")
Seen = dict[tuple[Any, ...], str]


@pytest.fixture(scope="session")
def original(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The workspace; tests only copy it. Whoever logged there is dead, and nobody can doubt it."""
    place = tmp_path_factory.mktemp("damaging") / "w"
    off = {"RUNSTORE_PROVENANCE": "0", "RUNSTORE_SYSTEM": "0", "PYTHONPATH": str(ROOT), "HOME": str(place.parent)}
    command = [sys.executable, "-c", "import sys; from tests.query import damaging; damaging.build(sys.argv[1])", place]
    subprocess.run([str(part) for part in command], check=True, env={**os.environ, **off}, cwd=ROOT)
    for lock in place.rglob("*.lock"):
        lock.unlink()
    return place


@pytest.fixture
def place(original: Path, tmp_path: Path) -> Path:
    """A copy to damage."""
    return copied(original, tmp_path / "copy")


def copied(original: Path, target: Path) -> Path:
    """A copy, in place of what was there."""
    shutil.rmtree(target, ignore_errors=True)
    return Path(shutil.copytree(original, target))


def build(place: str) -> None:
    """Make it, and die without a word."""
    seal.request = lambda workspace, run_dir: None
    ws = runstore.Workspace(place)
    run = _begun(ws, "sealed", "e", b"1")
    run.complete()
    sealing.seal(ws.path, run.path)
    run.register_model("m", "small1")
    _begun(ws, "journals", "e", b"2").complete()
    for number in (b"3", b"4"):  # two attempts, merged; what that replaced lies there still
        run = _begun(ws, "merged", "f", number)
        run.complete()
        sealing.seal(ws.path, run.path)
    stream.ROTATE, stream.LOOK = 1, 500
    run = _begun(ws, "many", "f", b"5")
    run.complete()
    (run.path / names.end(1)).write_bytes(documents.render({"status": "Completed", "error": None, "time": 1}))
    run = _begun(ws, "open", "g", b"6")
    run.flush()
    run.tag("late", "x")  # another checked range of facts
    run.flush()
    run.log("loss", 1.0)
    os._exit(0)


def _begun(ws: runstore.Workspace, run_id: str, experiment: str, content: bytes) -> Any:
    run = runstore.start_run(experiment, run_id=run_id, params={"lr": 0.1, "by": run_id}, workspace=ws)
    scenes.log_some(run, 12)
    scenes.log_side(run, 2)
    run.upload_file("small" + content.decode(), io.BytesIO(b"small " + content))
    run.upload_file("same", io.BytesIO(b"same" * 20))
    run.upload_file("large", io.BytesIO(b"l" * SMALL))
    return run


def run_path(place: Path, run_id: str) -> Path:
    """Where a run lies."""
    return place / names.run_dir(run_id)


def one(place: Path, run_id: str, pattern: str) -> Path:
    """The first file of a run that is called so."""
    return sorted(run_path(place, run_id).glob(pattern))[0]


def change(path: Path, start: int, data: bytes) -> None:
    """Put other bytes into a file."""
    old = path.read_bytes()
    path.unlink()  # what is linked elsewhere, or remembered by its number, stays
    path.write_bytes(old[:start] + data + old[start + len(data) :])


def flip(path: Path, at: int, bits: int = 1) -> None:
    """Change bits of one byte."""
    change(path, at, bytes([path.read_bytes()[at] ^ bits]))


def hurt(path: Path, how: str, choose: random.Random) -> None:
    """Damage a file in one of ``KINDS``."""
    data = path.read_bytes()
    at = choose.randrange(len(data)) if data else 0
    path.unlink()
    if how == "gone":
        return
    changed = bytearray(data)
    for place in [at] * (how == "flip") + [choose.randrange(len(data)) for _ in range(5)] * (how == "flips"):
        changed[place : place + 1] = bytes([changed[place] ^ choose.randrange(1, 256)]) if data else b""
    if how == "zeros":
        changed[at : at + 300] = bytes(len(changed[at : at + 300]))
    path.write_bytes({"cut": changed[:at], "empty": bytearray()}.get(how, changed))


def everything(place: Path) -> list[Path]:
    """Every file that a check looks at."""
    found = sorted(path for path in place.rglob("*") if path.is_file())
    return [path for path in found if not path.name.endswith((names.README, ".lock"))]


def damage(place: Path) -> list[Finding]:
    """What a check finds that is no note."""
    return [found for found in check(place) if found.severity == DAMAGE]


def seen(place: Path) -> Seen:
    """What a reader is told: every point, system metric, row and param, by what identifies it."""
    with warnings.catch_warnings(action="ignore"), tempfile.TemporaryDirectory():
        ws = runstore.Workspace(place)
        found: Seen = {}
        for view in ("metrics", "system_metrics"):
            for row in ws.sql(f"select run_id, writer, seq, name, step, value, kind, text from {view}").fetchall():
                found[view, *row[:3]] = repr(row)
        for row in ws.sql("select run_id, writer, attempt, name, step, data from rows").fetchall():
            found["rows", *row[:5]] = repr(row)
        for row in ws.sql("select run_id, name, kind, value, text from params").fetchall():
            found["params", *row[:2]] = repr(row)
    return found
