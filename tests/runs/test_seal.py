"""The sealer is a child process of its own, one at a time; that it can't start loses nothing."""

from __future__ import annotations

import sys
import threading
import time
from collections.abc import Iterator
from pathlib import Path

import pytest

from runstore.runs import seal

real = seal.request


@pytest.fixture(autouse=True)
def requests(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> Iterator[list[list[str]]]:
    """The argument lists of the sealers that would have been started here."""
    settle()  # what earlier tests of this process asked for
    started: list[list[str]] = []

    def spawn(argv: list[str]) -> object:
        if argv[3] == str(tmp_path):
            started.append(argv)
        return lambda: None

    monkeypatch.setattr(seal, "_spawn", spawn)
    monkeypatch.setattr(seal, "_popen", spawn)
    yield started
    settle()


def settle() -> None:
    deadline = time.monotonic() + 60
    while seal._thread is not None and time.monotonic() < deadline:
        time.sleep(0.005)
    assert seal._thread is None


def test_a_request_starts_a_sealer_for_that_run(requests: list[list[str]], tmp_path: Path) -> None:
    real(tmp_path, tmp_path / "runs" / "aa" / "bb")
    settle()
    ((program, *rest),) = requests
    assert program == sys.executable
    assert rest == ["-m", "runstore.query.sealer", str(tmp_path), "runs/aa/bb"]


def test_requests_that_come_while_one_is_at_work_go_into_the_next(
    requests: list[list[str]], tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    go, begun = threading.Event(), threading.Event()

    def slow(argv: list[str]) -> object:
        requests.append(argv)
        begun.set()
        return lambda: go.wait(10)

    monkeypatch.setattr(seal, "_spawn", slow)
    monkeypatch.setattr(seal, "_popen", slow)
    real(tmp_path, tmp_path / "r1")
    assert begun.wait(10)
    for name in ("r2", "r3", "r2"):
        real(tmp_path, tmp_path / name)
    go.set()
    settle()
    assert [argv[4:] for argv in requests] == [["r1"], ["r2", "r3"]]


def test_a_sealer_that_can_not_start_is_no_error(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    def refuse(argv: list[str]) -> object:
        raise OSError(12, "no memory")

    monkeypatch.setattr(seal, "_spawn", refuse)
    monkeypatch.setattr(seal, "_popen", refuse)
    real(tmp_path, tmp_path / "r")
    settle()


@pytest.mark.parametrize(("name", "value"), [("frozen", True), ("executable", ""), ("executable", None)])
def test_a_program_without_an_interpreter_is_never_started_again(
    requests: list[list[str]], tmp_path: Path, monkeypatch: pytest.MonkeyPatch, name: str, value: object
) -> None:
    monkeypatch.setattr(sys, name, value, raising=False)
    real(tmp_path, tmp_path / "r")
    settle()
    assert requests == []


def test_no_file_of_the_current_directory_stands_in_for_a_module(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.undo()
    monkeypatch.chdir(tmp_path)
    (tmp_path / "random.py").write_text(f"open({str(tmp_path / 'used')!r}, 'w')")
    for start in (seal._popen, *([seal._spawn] if seal.CAN.spawn else [])):
        start([sys.executable, "-c", "import random"])()
        assert not (tmp_path / "used").exists()


def test_what_is_pending_at_exit_is_started_at_once(requests: list[list[str]], tmp_path: Path) -> None:
    with seal._lock:
        seal._pending[tmp_path] = {"r1", "r2"}
    seal.last()
    assert [argv[4:] for argv in requests] == [["r1", "r2"]]
    assert not seal._pending


def test_the_child_finds_this_very_package() -> None:
    first = seal._environment()["PYTHONPATH"].split(":" if sys.platform != "win32" else ";")[0]
    assert (Path(first) / "runstore" / "runs" / "seal.py").exists()


def test_a_started_child_is_waited_for(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.undo()
    script = f"import pathlib, time; time.sleep(0.05); pathlib.Path({str(tmp_path / 'done')!r}).touch()"
    for start in (seal._popen, *([seal._spawn] if seal.CAN.spawn else [])):
        start([sys.executable, "-c", script])()
        assert (tmp_path / "done").exists()
        (tmp_path / "done").unlink()
