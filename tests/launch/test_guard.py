"""When the launcher dies, whatever way, the guard ends the script and keeps the last it printed."""

from __future__ import annotations

import os
import signal
import subprocess
import sys
import time
from collections.abc import Iterator
from pathlib import Path

import pytest

from runstore.disk import processes
from runstore.disk.capabilities import CAN
from runstore.launch.guard import Guard
from tests.launch.scripts import DEADLINE, SLEEP, child, lives, pid, running, until

ROOT = Path(__file__).resolve().parents[2]
LAUNCHER = """
import os, pathlib, signal, sys, time
from tests.launch.scripts import Script, start
script = Script(pathlib.Path.cwd(), start(sys.argv[1]), guarded=True)
pathlib.Path("guard").write_text(str(script.guard.pid))
time.sleep(600)
"""
GOES_ON = "born('script')\nwhile True:\n    time.sleep(0.001)\n    if os.path.exists('say'): break\n"


@pytest.fixture
def launcher(tmp_path: Path) -> Iterator[list[subprocess.Popen[bytes]]]:
    """What the test starts of launchers; none is left."""
    started: list[subprocess.Popen[bytes]] = []
    yield started
    for one in started:
        one.kill()
        one.wait()


def launch(started: list[subprocess.Popen[bytes]], directory: Path, script: str) -> subprocess.Popen[bytes]:
    """Start a launcher with a script."""
    environment = {**os.environ, "PYTHONPATH": str(ROOT)}
    one = subprocess.Popen([sys.executable, "-c", LAUNCHER, script], cwd=directory, env=environment)
    started.append(one)
    return one


def test_a_launcher_that_is_killed_leaves_no_process(tmp_path: Path, launcher: list[subprocess.Popen[bytes]]) -> None:
    if not processes.table():
        return
    one = launch(launcher, tmp_path, child("os.setsid()\nborn('child')\n" + SLEEP) + "born('script')\n" + SLEEP)
    left = [pid(tmp_path / "script"), pid(tmp_path / "child"), pid(tmp_path / "guard")]

    one.kill()

    until(lambda: not any(lives(process) for process in left))


def test_the_last_lines_reach_the_log_after_the_launcher(
    tmp_path: Path, launcher: list[subprocess.Popen[bytes]]
) -> None:
    if not CAN.hand_down or not CAN.proc:
        return
    last = "print('last words', end='')\nborn('said')\n"
    one = launch(launcher, tmp_path, GOES_ON + last + SLEEP)
    guard = pid(tmp_path / "guard")
    pid(tmp_path / "script")
    one.send_signal(signal.SIGSTOP)
    until(lambda: set(states(one.pid)) == {b"T"})  # from now on nobody reads
    (tmp_path / "say").touch()
    pid(tmp_path / "said")

    one.kill()

    until(lambda: not lives(guard))
    assert (tmp_path / "log0").read_bytes() == b"last words"


def test_no_line_is_missing_or_there_twice_where_the_launcher_is_killed_amid_printing(
    tmp_path: Path, launcher: list[subprocess.Popen[bytes]]
) -> None:
    if not CAN.hand_down or not CAN.splice:
        return
    for number in range(3):
        directory = tmp_path / str(number)
        directory.mkdir()
        one = launch(launcher, directory, "for n in range(10**9): print(n)\n")
        guard = pid(directory / "guard")
        log = directory / "log0"
        until(lambda log=log: log.stat().st_size > 100_000)

        one.kill()

        until(lambda guard=guard: not lives(guard))
        *lines, _ = log.read_bytes().split(b"\n")
        assert [int(line) for line in lines] == list(range(len(lines)))


def test_what_a_script_says_when_it_is_asked_to_end_reaches_the_log(
    tmp_path: Path, launcher: list[subprocess.Popen[bytes]]
) -> None:
    if not CAN.hand_down:
        return
    farewell = "signal.signal(signal.SIGTERM, lambda *_: (os.write(1, b'x' * 3_000_000 + b'bye'), os._exit(0)))\n"
    one = launch(launcher, tmp_path, farewell + "born('script')\n" + SLEEP)
    guard = pid(tmp_path / "guard")
    pid(tmp_path / "script")

    one.kill()

    until(lambda: not lives(guard))
    assert (tmp_path / "log0").read_bytes() == b"x" * 3_000_000 + b"bye"


def test_a_guard_that_is_told_ends_and_harms_nobody(tmp_path: Path) -> None:
    with running(tmp_path, "born('a')\n" + SLEEP) as script:
        guard = Guard(script.ranks.mark, [])
        guard.know(script.ranks.groups)
        alive = pid(tmp_path / "a")

        guard.done()

        assert lives(alive)
        with pytest.raises(ProcessLookupError):
            os.kill(guard.pid, 0)  # a zombie would be there


def test_a_guard_finds_by_the_mark_what_it_was_not_told_of(tmp_path: Path) -> None:
    if not processes.table():
        return
    with running(tmp_path, "born('a')\n" + SLEEP) as script:
        guard = Guard(script.ranks.mark, [])
        alive = pid(tmp_path / "a")

        die(guard)

        until(lambda: not lives(alive))


def test_a_guard_is_not_ended_by_what_ends_others(tmp_path: Path) -> None:
    with running(tmp_path, "born('a')\n" + SLEEP) as script:
        guard = Guard(script.ranks.mark, [])
        guard.know(script.ranks.groups)
        alive = pid(tmp_path / "a")
        until(lambda: ignores_signals(guard.pid))
        os.kill(guard.pid, signal.SIGTERM)
        os.kill(guard.pid, signal.SIGINT)

        die(guard)

        until(lambda: not lives(alive))


def test_a_guard_does_what_ends_that_which_no_signal_reaches(tmp_path: Path) -> None:
    guard = Guard("nobody has this mark", [])
    touch = [sys.executable, "-c", f"open({str(tmp_path / 'ended')!r}, 'w')"]
    guard.know([], [["no-such-program"], touch])

    die(guard)

    assert (tmp_path / "ended").exists()


def test_a_guard_that_has_gone_is_no_error(tmp_path: Path) -> None:
    guard = Guard("nobody has this mark", [])
    os.kill(guard.pid, signal.SIGKILL)
    time.sleep(0)
    until(lambda: not lives(guard.pid))
    guard.know([1 << 22])
    guard.done()


def test_a_guard_does_not_carry_the_mark_of_whoever_started_it(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("RUNSTORE_LAUNCH", "outer")
    guard = Guard("inner", [])
    seen = [one.environment for one in processes.table() if one.pid == guard.pid]
    guard.done()
    assert not any(b"RUNSTORE_LAUNCH=" in environment for environment in seen)


def die(guard: Guard) -> None:
    """Let go of the pipe, as the kernel does for a launcher that dies, and wait for the guard to be done."""
    assert guard._process.stdin
    guard._process.stdin.close()
    guard._process.wait(DEADLINE)


def states(process: int) -> list[bytes]:
    """What each thread of a process is at."""
    threads = Path(f"/proc/{process}/task").glob("*/stat")
    return [thread.read_bytes().rpartition(b")")[2].split()[0] for thread in threads]


def ignores_signals(process: int) -> bool:
    """Whether a process ignores SIGTERM; where that can't be seen, whether it has had time to."""
    if not os.path.exists("/proc/self/status"):
        time.sleep(2)
        return True
    lines = Path(f"/proc/{process}/status").read_text().splitlines()
    ignored = next(int(line.split()[1], 16) for line in lines if line.startswith("SigIgn"))
    return bool(ignored >> (signal.SIGTERM - 1) & 1 and ignored >> (signal.SIGHUP - 1) & 1)
