"""Runs made through the write path, and a reader of its own to compare with: what tests of sealing stand on."""

from __future__ import annotations

import errno
import os
import shutil
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

import pyarrow.parquet as pq
import pytest

from runstore.disk import files, inventory, lock, tail
from runstore.disk.capabilities import CAN
from runstore.runs import seal, stream
from runstore.runs.run import Run
from runstore.runs.workspace import Workspace

Point = tuple[str, int, str, str, int]  # writer, number, name, value or data as text, step

PRIMITIVES = (
    "read", "sha256", "create", "write", "sync", "sync_dir", "close", "unlink", "make_dirs", "listing", "reveal",
)  # fmt: skip


@pytest.fixture
def workspace(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Workspace:
    """A workspace in which nothing is sealed unless a test does it, and death can be proven on any machine."""
    monkeypatch.setattr(seal, "request", lambda workspace, run_dir: None)
    if not CAN.proc:
        monkeypatch.setattr(lock, "verdict", lambda identity, path: "alive" if _exists(identity["pid"]) else "dead")
    return Workspace(tmp_path / "w")


def _exists(pid: int) -> bool:
    try:
        os.kill(pid, 0)
    except ProcessLookupError:
        return False
    return True


def log_some(run: Run, count: int = 20, start: int = 0) -> None:
    """Points narrow and wide, rows, every kind of value."""
    for step in range(start, start + count):
        run.log("loss", step / 7, step=step)
        run.log({"acc": step / 3, "note": f"s{step}", "big": 2**60 + step}, step=step)
        if step % 5 == 0:
            run.log("free", float("nan"))
            run.log_row("table", step=step, a=step, b=str(step))


def log_side(run: Run, count: int = 5, start: int = 0) -> None:
    """Log records, time marks and system metrics, as an open run's own parts put them beside its points."""
    side = run._live().side()
    for number in range(start, start + count):
        side.log("run.log", "a.b", "INFO", f"line {number}\nof two")
        side.log("run.log", None, None, f"x\0y{number}", "Traceback ...")
        side.mark("std_log.txt", number * 100)
        side.system({"cpu.percent": number / 7, "memory.used_bytes": number + 0.5})


def small_journals(monkeypatch: pytest.MonkeyPatch, size: int = 1) -> None:
    """Make writers begin a new journal as often as they can."""
    monkeypatch.setattr(stream, "ROTATE", size)
    monkeypatch.setattr(stream, "LOOK", 500)


def die(log: Callable[[], Any]) -> None:
    """Run ``log`` in a child that is killed at once afterwards: nothing gets a chance to end."""
    pid = os.fork()
    if pid == 0:
        try:
            log()
        finally:
            os._exit(0)
    os.waitpid(pid, 0)


def points(run_path: Path) -> list[Point]:
    """Everything a run holds, read without the engine: sealed files by Arrow, journals line by line."""
    found = inventory.scan(run_path)
    held: list[Point] = []
    for kind, column in (("points", "value"), ("rows", "data"), ("system", "value"), ("logs", "text")):
        for part in found.segments(kind):
            for row in pq.read_table(part.path).to_pylist():
                skipped = part.skip.get(row["writer"], [])
                own = part.run_id in ("", row["run_id"])
                if own and not any(first <= row["seq"] <= last for first, last in skipped):
                    step = row["line"] if kind == "logs" else row["step"]
                    held.append((row["writer"], row["seq"], row["name"], _text(row, column), step))
    for sides in (False, True):
        with tail.opened(found, sides) as journals:
            for _, journal in journals:
                held.extend(_items(journal.header["writer"], journal))
    return sorted(held)


def _text(row: dict[str, Any], column: str) -> str:
    if column == "data":
        return str(row["data"]).replace(" ", "")
    if column == "text" and row["mark"] is not None:
        return f"mark {row['mark']}"
    return str(row["text"] if row["text"] is not None else row["value"])


def _items(writer: str, journal: tail.Journal) -> Iterator[Point]:
    for span in journal.spans:
        one = tail.Journal(journal.header, journal.data, [span])
        number = span.first
        for name, value, step, _ in one.items():
            many = value.items() if name is None else [(name, value)]
            for place, (key, logged) in enumerate(many):
                at = step[place] if isinstance(step, list) else step
                yield writer, number, key, _logged(logged), at
                number += 1


def _logged(value: Any) -> str:
    import orjson

    if isinstance(value, dict) and "log" in value:
        return str(value["log"].get("text", f"mark {value['log'].get('mark')}"))
    if isinstance(value, dict):
        return orjson.dumps(value["row"]).decode() if "row" in value else str(value.get("f", value.get("i")))
    return str(value)


def copied(run_path: Path, place: Path) -> Path:
    """A copy of a run in another workspace directory."""
    copy = place.joinpath(*run_path.parts[-3:])
    shutil.copytree(run_path, copy)
    return copy


class Killed(BaseException):
    """The process is dead: no file call works any more."""


@contextmanager
def refused_at(call: int) -> Iterator[list[int]]:
    """Let the n-th call that changes something find the disk full. Gives a list of one number: the calls there were."""
    calls = [0]

    def failing(true: Callable[..., Any]) -> Callable[..., Any]:
        def one(*args: Any, **options: Any) -> Any:
            calls[0] += 1
            if calls[0] == call:
                raise OSError(errno.ENOSPC, os.strerror(errno.ENOSPC))
            return true(*args, **options)

        return one

    with pytest.MonkeyPatch.context() as patch:
        for name in ("create", "write", "sync", "sync_dir", "reveal"):
            patch.setattr(files, name, failing(getattr(files, name)))
        yield calls


@contextmanager
def killed_at(call: int, after: bool) -> Iterator[list[int]]:
    """Let the process die at the n-th file call: before it, or when it has just been done.

    Gives a list of one number: how many calls there were.
    """
    calls = [0]

    def deadly(true: Callable[..., Any]) -> Callable[..., Any]:
        def one(*args: Any, **options: Any) -> Any:
            calls[0] += 1
            if calls[0] > call or (calls[0] == call and not after):
                raise Killed
            done = true(*args, **options)
            if calls[0] == call:
                raise Killed
            return done

        return one

    with pytest.MonkeyPatch.context() as patch:
        for name in PRIMITIVES:
            patch.setattr(files, name, deadly(getattr(files, name)))
        yield calls
