"""Ranks know who they are, share nothing but what they should, and are told apart by their ends."""

from __future__ import annotations

import json
import os
import signal
import socket
import sys
from pathlib import Path

import pytest

from runstore.disk.capabilities import CAN
from runstore.errors import LaunchError
from runstore.launch import ranks
from runstore.launch.ranks import Ranks, Start
from tests.launch.scripts import SLEEP, lives, pid, running, until

SAYS = "import json, os; print(json.dumps({}))"


def only(tmp_path: Path, script: str, environment: dict[str, str] | None = None) -> str:
    """What one script prints."""
    start = Start([sys.executable, "-c", script], dict(os.environ) if environment is None else environment)
    one = Ranks([start], tmp_path, "m")
    try:
        one.start()
        said = b""
        while piece := os.read(one.outputs[0], 1 << 16):
            said += piece
        until(lambda: one.poll() != [None])
        return said.decode()
    finally:
        one.close()


def test_several_ranks_are_told_who_they_are() -> None:
    first, last = ranks.variables(0, 3, 29500), ranks.variables(2, 3, 29500)
    assert first == {
        "RANK": "0", "LOCAL_RANK": "0", "WORLD_SIZE": "3", "LOCAL_WORLD_SIZE": "3", "NODE_RANK": "0",
        "MASTER_ADDR": "127.0.0.1", "MASTER_PORT": "29500",
    }  # fmt: skip
    assert {**first, "RANK": "2", "LOCAL_RANK": "2"} == last


def test_a_single_process_has_no_rank() -> None:
    assert ranks.variables(0, 1, 29500) == {"MASTER_ADDR": "127.0.0.1", "MASTER_PORT": "29500"}


def test_the_port_where_they_meet_is_free() -> None:
    with socket.socket() as one:
        one.bind((ranks.ADDRESS, ranks.free_port()))


def test_a_script_gets_its_environment_and_the_mark_and_nothing_else(tmp_path: Path) -> None:
    told = json.loads(only(tmp_path, SAYS.format("dict(os.environ)"), {"A": "1", "RUNSTORE_LAUNCH": "other"}))
    told.pop("LC_CTYPE", None)  # Python's own doing
    assert told == {"A": "1", "RUNSTORE_LAUNCH": "m"}


def test_a_script_works_in_its_directory(tmp_path: Path) -> None:
    assert os.path.samefile(only(tmp_path, "import os; print(os.getcwd())").strip(), tmp_path)


def test_a_script_has_nothing_to_read(tmp_path: Path) -> None:
    assert only(tmp_path, "import sys; print(repr(sys.stdin.read()))").strip() == "''"


def test_a_script_inherits_no_descriptor_but_the_three(tmp_path: Path) -> None:
    fds = "[fd for fd in range(3, 200) if not os.system(f'exit 0') and os.path.exists(f'/dev/fd/{fd}')]"
    assert os.path.exists("/dev/fd/0")
    secret = os.open(tmp_path, os.O_RDONLY)
    try:
        assert json.loads(only(tmp_path, SAYS.format(fds))) == []
    finally:
        os.close(secret)


def test_both_streams_go_one_way_in_their_order(tmp_path: Path) -> None:
    script = "import os\nfor n in range(6): os.write(1 + n % 2, b'%d' % n)"
    assert only(tmp_path, script) == "012345"


def test_each_rank_has_a_session_of_its_own(tmp_path: Path) -> None:
    with running(tmp_path, "born('a')\n" + SLEEP, "born('b')\n" + SLEEP) as script:
        assert [pid(tmp_path / "a"), pid(tmp_path / "b")] == script.ranks.groups
        if CAN.groups:
            assert [os.getsid(rank) for rank in script.ranks.groups] == script.ranks.groups


def test_each_end_is_told_and_a_signal_as_its_negative_number(tmp_path: Path) -> None:
    ends = ("pass", "sys.exit(3)", "os.kill(os.getpid(), signal.SIGKILL)", "born('d')\n" + SLEEP)
    with running(tmp_path, *ends) as script:
        pid(tmp_path / "d")
        until(lambda: None not in script.ranks.poll()[:3])
        assert script.ranks.codes == [0, 3, -signal.SIGKILL, None]


def test_an_end_is_remembered_after_the_ranks_are_closed(tmp_path: Path) -> None:
    with running(tmp_path, "sys.exit(3)") as script:
        until(lambda: script.ranks.poll() != [None])
        script.ranks.close()
        assert script.ranks.poll() == [3]


def test_no_zombie_and_no_descriptor_is_left(tmp_path: Path) -> None:
    def fds() -> set[int]:
        return {fd for fd in range(200) if _is_open(fd)}

    before = fds()
    with running(tmp_path, "pass", "sys.exit(1)", SLEEP, guarded=True) as script:
        until(lambda: None not in script.ranks.poll()[:2])
        processes = [*script.ranks.groups, script.guard.pid if script.guard else 0]
    assert fds() == before
    for one in processes:
        with pytest.raises(ProcessLookupError):
            os.kill(one, 0)  # a zombie would be there


def _is_open(fd: int) -> bool:
    try:
        os.fstat(fd)
    except OSError:
        return False
    return True


@pytest.mark.parametrize("name", ["no-such-program", "./not-executable", "./no-interpreter", "a\0b"])
def test_a_program_that_can_not_be_started_is_told_and_the_others_end(tmp_path: Path, name: str) -> None:
    (tmp_path / "not-executable").write_text("")
    (tmp_path / "no-interpreter").write_text("#!/no/such/python\n")
    (tmp_path / "no-interpreter").chmod(0o755)
    environment = dict(os.environ)
    several = Ranks([Start([sys.executable, "-c", SLEEP], environment), Start([name], environment)], tmp_path, "m-e")
    with pytest.raises(LaunchError, match="can't be started in"):
        several.start()
    several.close()
    assert not any(lives(one) for one in several.groups)


def test_a_directory_that_is_not_there_is_told(tmp_path: Path) -> None:
    one = Ranks([Start([sys.executable], dict(os.environ))], tmp_path / "gone", "m")
    with pytest.raises(LaunchError, match="gone"):
        one.start()
    one.close()
