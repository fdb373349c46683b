from __future__ import annotations

import os
import subprocess
import sys
import threading
import time
from pathlib import Path

import pytest

from runstore.disk import processes
from runstore.disk.capabilities import CAN
from runstore.errors import LaunchError
from runstore.launch.environments import tools

WAITING = "import os, time; print(os.getpid(), flush=True); time.sleep(600)"


def gone(pid: int) -> bool:
    """Whether a process is gone; one that nobody has reaped yet is."""
    living = processes.table()
    if living:
        return all(one.pid != pid for one in living)
    try:
        os.kill(pid, 0)
    except OSError:
        return True
    return False


def test_both_streams_are_said_line_by_line_and_nothing_reaches_the_terminal(
    said: list[str], capfd: pytest.CaptureFixture[str]
) -> None:
    program = "import sys; print('out', flush=True); print('err', file=sys.stderr, flush=True); sys.exit(3)"
    done = tools.run([sys.executable, "-c", program], said.append)
    assert (said, done.code, done.last) == (["out", "err"], 3, "err")
    assert capfd.readouterr() == ("", "")


def test_a_line_is_said_while_the_program_still_runs() -> None:
    heard: list[str] = []
    with pytest.raises(tools.Stopped):
        tools.run([sys.executable, "-c", WAITING], heard.append, lambda: bool(heard))
    assert gone(int(heard[0]))


def test_a_program_ends_with_whoever_listens_to_it(said: list[str]) -> None:
    def listen(line: str) -> None:
        said.append(line)
        raise KeyboardInterrupt

    with pytest.raises(KeyboardInterrupt):
        tools.run([sys.executable, "-c", WAITING], listen)
    assert gone(int(said[0]))


def test_a_program_that_does_not_want_to_end_is_killed(said: list[str], monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(tools, "GRACE", 0.05)
    deaf = "import signal; signal.signal(signal.SIGTERM, signal.SIG_IGN);" + WAITING
    with pytest.raises(tools.Stopped):
        tools.run([sys.executable, "-c", deaf], said.append, lambda: bool(said))
    assert gone(int(said[0]))


def test_what_a_program_has_started_ends_with_it(said: list[str]) -> None:
    if not CAN.groups:
        return
    starter = f"import subprocess, sys; subprocess.Popen([sys.executable, '-c', {WAITING!r}]).wait()"
    with pytest.raises(tools.Stopped):
        tools.run([sys.executable, "-c", starter], said.append, lambda: bool(said))
    assert gone(int(said[0]))


def test_a_program_does_not_outlive_a_launcher_that_is_killed() -> None:
    if not CAN.groups:
        return
    building = (
        "import sys; from runstore.launch.environments import tools;"
        f"tools.run([sys.executable, '-c', {WAITING!r}], lambda line: print(line, flush=True))"
    )
    with subprocess.Popen([sys.executable, "-c", building], stdout=subprocess.PIPE) as launcher:
        assert launcher.stdout is not None
        pid = int(launcher.stdout.readline())
        launcher.kill()
    last = time.monotonic() + 30
    while not gone(pid) and time.monotonic() < last:
        time.sleep(0.02)
    assert gone(pid)


def test_it_reads_what_it_is_given(said: list[str]) -> None:
    tools.run([sys.executable, "-c", "print(input())"], said.append, given="password\n")
    assert said == ["password"]


def test_one_that_does_not_read_what_it_is_given_ends_as_it_likes(said: list[str]) -> None:
    done = tools.run([sys.executable, "-c", "import os; os.close(0); os._exit(4)"], said.append, given="x" * 1_000_000)
    assert done.code == 4


def test_it_has_the_variables_and_the_directory_it_is_given(said: list[str], tmp_path: Path) -> None:
    program = "import os; print(os.getcwd(), os.environ.get('A'), 'HOME' in os.environ)"
    tools.run([sys.executable, "-c", program], said.append, variables={"A": "b"}, directory=tmp_path)
    assert said == [f"{tmp_path.resolve()} b False"]


def test_a_program_that_is_not_there_is_named(said: list[str], tmp_path: Path) -> None:
    with pytest.raises(LaunchError, match=r"missing: can't be started \(No such file"):
        tools.run([str(tmp_path / "missing")], said.append)


def test_only_the_last_lines_are_kept_and_all_are_said(said: list[str]) -> None:
    done = tools.run([sys.executable, "-c", "for n in range(5000): print(n)"], said.append)
    assert len(said) == 5000
    assert (done.last, len(done.lines) < 1100) == ("4999", True)


def test_what_is_no_text_is_said_all_the_same(said: list[str]) -> None:
    tools.run([sys.executable, "-c", "import os; os.write(1, b'a\\xffb\\n')"], said.append)
    assert said == ["a\ufffdb"]


def test_no_thread_is_left(said: list[str]) -> None:
    before = threading.active_count()
    tools.run([sys.executable, "-c", "pass"], said.append)
    assert threading.active_count() == before


def test_a_program_that_is_asked_answers() -> None:
    assert tools.ask([sys.executable, "-c", "print('a'); print('b')"]) == (0, ["a", "b"])
    failed = tools.ask([sys.executable, "-c", "import sys; print('out'); sys.exit('why')"])
    assert (failed.code, failed.last) == (1, "why")


def test_one_that_is_not_there_or_takes_too_long_does_not(tmp_path: Path) -> None:
    assert tools.ask([str(tmp_path / "missing")]).code == 127
    begun = time.monotonic()
    done = tools.ask([sys.executable, "-c", "import time; time.sleep(600)"], seconds=0.1)
    assert (done.code, done.last) == (127, "no answer within 0 s")
    assert time.monotonic() - begun < 300


def test_a_program_that_says_nothing_is_told_by_its_exit_code() -> None:
    assert tools.Done(7, ["", "  "]).last == "exit code 7"
