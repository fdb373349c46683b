"""A writer is dead on proof only; exclusive jobs exclude each other."""

from __future__ import annotations

import importlib.util
import os
import subprocess
import sys
import time
from pathlib import Path
from typing import Any

import pytest

from runstore.disk import lock
from runstore.disk.capabilities import CAN

HOLD = """
import json, sys, pathlib
from runstore.disk import lock
held = lock.Liveness(pathlib.Path(sys.argv[1]))
print(json.dumps(lock.me()), flush=True)
sys.stdin.readline()
"""


def holder(path: Path) -> tuple[subprocess.Popen[str], dict[str, Any]]:
    import json

    child = subprocess.Popen(
        [sys.executable, "-c", HOLD, str(path)], stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True
    )
    assert child.stdout is not None
    return child, json.loads(child.stdout.readline())


def end(child: subprocess.Popen[str]) -> None:
    child.kill()
    child.communicate()


def test_a_living_process_is_never_called_dead(tmp_path: Path) -> None:
    child, identity = holder(tmp_path / "w.lock")
    try:
        assert lock.verdict(identity, tmp_path / "w.lock") != "dead"
        if CAN.proc:
            assert lock.verdict(identity, tmp_path / "w.lock") == "alive"
    finally:
        end(child)


def test_a_killed_process_is_dead_by_proof_where_there_is_proof(tmp_path: Path) -> None:
    child, identity = holder(tmp_path / "w.lock")
    end(child)
    assert lock.verdict(identity, tmp_path / "w.lock") == ("dead" if CAN.proc else "unknown")


def test_this_process_is_alive() -> None:
    assert lock.me()["pid"] == os.getpid()
    if CAN.proc:
        assert lock.verdict(lock.me(), Path("none")) == "alive"


def test_another_process_under_the_same_pid_is_not_the_writer() -> None:
    identity = {**lock.me(), "born": 1}
    assert lock.verdict(identity, Path("none")) == ("dead" if CAN.proc else "unknown")


def test_a_writer_of_another_host_is_unknown() -> None:
    identity = {**lock.me(), "host": "elsewhere", "boot": "another"}
    assert lock.verdict(identity, Path("none")) == "unknown"


def test_a_writer_of_another_pid_namespace_is_judged_by_its_lock(tmp_path: Path) -> None:
    child, identity = holder(tmp_path / "w.lock")
    identity["pidns"] = 1
    try:
        assert lock.verdict(identity, tmp_path / "w.lock") == ("alive" if CAN.proc and CAN.flock else "unknown")
    finally:
        end(child)
    assert lock.verdict(identity, tmp_path / "w.lock") == "unknown"


def test_after_a_reboot_on_a_local_disk_the_writer_is_dead(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    identity = {**lock.me(), "boot": "the boot before"}
    monkeypatch.setattr(lock, "is_local", lambda path: True)
    assert lock.verdict(identity, tmp_path / "w.lock") == ("dead" if CAN.proc else "unknown")
    monkeypatch.setattr(lock, "is_local", lambda path: False)
    assert lock.verdict(identity, tmp_path / "w.lock") == "unknown"


def test_where_the_run_lies_in_a_block_only_it_is_the_place_above_that_is_asked(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    identity = {**lock.me(), "boot": "the boot before"}
    monkeypatch.setattr(lock, "is_local", lambda path: path == tmp_path)
    assert lock.verdict(identity, tmp_path / "runs/xx/yyyy/w.lock") == ("dead" if CAN.proc else "unknown")


def test_a_heartbeat_is_the_age_of_the_lock_file(tmp_path: Path) -> None:
    held = lock.Liveness(tmp_path / "w.lock")
    assert lock.beating(tmp_path / "w.lock")
    os.utime(tmp_path / "w.lock", (1, 1))
    assert not lock.beating(tmp_path / "w.lock")
    held.touch()
    assert lock.beating(tmp_path / "w.lock")
    held.release()
    assert not (tmp_path / "w.lock").exists()


def test_where_there_is_no_lock_yet_the_start_is_the_heartbeat(tmp_path: Path) -> None:
    assert lock.beating(tmp_path / "w.lock", time.time_ns())
    assert not lock.beating(tmp_path / "w.lock", time.time_ns() - int(2 * lock.SILENT_SECONDS * 1e9))
    lock.Liveness(tmp_path / "w.lock").abandon()
    os.utime(tmp_path / "w.lock", (1, 1))
    assert not lock.beating(tmp_path / "w.lock", time.time_ns())


def test_a_lock_that_was_made_just_now_may_not_be_locked_yet(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(lock, "_held", lambda path: False)
    identity = {**lock.me(), "boot": None}
    (tmp_path / "w.lock").touch()
    assert lock.verdict(identity, tmp_path / "w.lock") == "unknown"
    os.utime(tmp_path / "w.lock", (1, 1))
    assert lock.verdict(identity, tmp_path / "w.lock") == "dead"


def test_exclusive_jobs_exclude_each_other(tmp_path: Path) -> None:
    path = tmp_path / "locks" / "00.lock"
    code = (
        "import sys, pathlib\nfrom runstore.disk import lock\n"
        "try:\n    with lock.exclusive(pathlib.Path(sys.argv[1]), 0): sys.exit(0)\nexcept lock.Busy: sys.exit(7)"
    )
    with lock.exclusive(path):
        assert subprocess.run([sys.executable, "-c", code, str(path)], check=False).returncode == 7
    assert subprocess.run([sys.executable, "-c", code, str(path)], check=False).returncode == 0


def test_a_process_that_became_another_program_is_not_the_writer(tmp_path: Path) -> None:
    identity = {**lock.me(), "stack": 1, "image": "before exec"}
    assert lock.verdict(identity, Path("none")) == ("dead" if CAN.proc else "unknown")
    assert lock.verdict({**identity, "stack": None}, Path("none")) == "dead"  # it knows its own image


def test_where_the_system_tells_nothing_a_process_knows_its_own_image(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(lock, "_machine", lambda: {"host": "here", "boot": None, "pidns": None})
    monkeypatch.setattr(lock, "_birth", lambda pid: (None, None))
    monkeypatch.setattr(lock, "_held", lambda path: None)
    assert lock.verdict(lock.me(), Path("none")) == "unknown"
    assert lock.verdict({**lock.me(), "image": "before exec"}, Path("none")) == "dead"
    assert lock.verdict({**lock.me(), "image": "another", "pid": 1}, Path("none")) == "unknown"
    assert lock.verdict({**lock.me(), "image": "another", "host": "there"}, Path("none")) == "unknown"


def test_the_same_program_loaded_again_is_the_same_image() -> None:
    before = lock.me()
    again = importlib.util.module_from_spec(importlib.util.find_spec("runstore.disk.lock"))  # type: ignore[arg-type]
    again.__spec__.loader.exec_module(again)  # type: ignore[union-attr]
    assert again.me() == before
