"""What is asked of processes and pipes is answered alike in every form that a system may need."""

from __future__ import annotations

import os
import signal
import subprocess
import sys
from collections.abc import Iterator

import pytest

from runstore.disk import processes
from runstore.disk.capabilities import CAN

WAITS = "import sys; print('there', flush=True); sys.stdin.read()"


@pytest.fixture
def child() -> Iterator[subprocess.Popen[bytes]]:
    environment = {**os.environ, "OF_A_TEST": "1"}
    one = subprocess.Popen(
        [sys.executable, "-c", WAITS],
        stdin=subprocess.PIPE,
        stdout=subprocess.PIPE,
        env=environment,
        **processes.apart(),
    )
    assert one.stdin
    assert one.stdout
    one.stdout.readline()
    try:
        yield one
    finally:
        one.stdin.close()
        one.stdout.close()
        one.kill()
        one.wait()


def found(pid: int) -> list[processes.Process]:
    return [one for one in processes.table() if one.pid == pid]


def test_the_table_has_a_child_with_its_parent_group_and_environment(child: subprocess.Popen[bytes]) -> None:
    [one] = found(child.pid)
    assert one.parent == os.getpid()
    assert one.group == os.getpgid(child.pid)
    assert b"OF_A_TEST=1" in one.environment.replace(b"\0", b" ").split(b" ")
    assert one.session in (0, os.getsid(child.pid))


def test_both_ways_to_the_table_tell_the_same(child: subprocess.Popen[bytes]) -> None:
    if not CAN.proc:
        return
    [one] = [one for one in processes._from_proc() if one.pid == child.pid]
    [other] = [one for one in processes._from_ps() if one.pid == child.pid]
    assert one[:3] == other[:3]


def test_a_child_is_apart_where_it_can_be(child: subprocess.Popen[bytes]) -> None:
    assert (os.getsid(child.pid) == child.pid) is CAN.groups


def test_a_zombie_is_not_in_the_table(child: subprocess.Popen[bytes]) -> None:
    processes.destroy(child.pid)
    while found(child.pid):
        pass
    assert child.wait() == -signal.SIGKILL


def test_without_ps_the_table_is_empty(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("PATH", "")
    assert processes._from_ps() == []


def test_a_child_that_is_asked_ends(child: subprocess.Popen[bytes]) -> None:
    assert processes.ended(child) is None
    processes.ask_to_end(child.pid)
    while processes.ended(child) is None:
        pass
    assert processes.ended(child) == -signal.SIGTERM


def test_a_child_that_has_ended_keeps_its_id_until_it_is_waited_for(child: subprocess.Popen[bytes]) -> None:
    processes.destroy(child.pid)
    while processes.ended(child) is None:
        pass
    if CAN.peek:
        os.kill(child.pid, 0)  # it is there, as a zombie
    assert child.wait() == processes.ended(child) == -signal.SIGKILL


def test_an_exit_code_is_told() -> None:
    child = subprocess.Popen([sys.executable, "-c", "import os; os._exit(7)"])
    while processes.ended(child) is None:
        pass
    assert (processes.ended(child), child.wait()) == (7, 7)


def test_a_child_that_somebody_else_waited_for_has_ended() -> None:
    child = subprocess.Popen([sys.executable, "-c", ""])
    os.waitpid(child.pid, 0)
    assert processes.ended(child) is not None


def test_one_that_has_gone_can_be_asked_and_ended() -> None:
    child = subprocess.Popen([sys.executable, "-c", ""])
    child.wait()
    processes.ask_to_end(child.pid)
    processes.destroy(child.pid)


def test_a_pipe_holds_more_where_it_can() -> None:
    output, into = os.pipe()
    try:
        processes.widen(output)
        processes.widen(output)
        os.set_blocking(into, False)
        taken = os.write(into, bytes(processes.PIPE_BYTES))
        assert 0 < taken <= processes.PIPE_BYTES
    finally:
        os.close(output)
        os.close(into)


def test_a_descriptor_can_be_handed_down_by_number() -> None:
    output, into = os.pipe()
    script = f"import os; os.write({into}, b'here')"
    try:
        done = subprocess.run([sys.executable, "-c", script], **processes.hand_down(into), capture_output=True)
        os.close(into)
        assert (os.read(output, 9) == b"here") is CAN.hand_down is (done.returncode == 0)
    finally:
        os.close(output)
