"""What a block prints, in processes of their own: there the descriptors are the test's."""

from __future__ import annotations

import io
import os
import signal
import subprocess
import sys
import textwrap
import threading
from pathlib import Path

import pytest

import runstore
from runstore.runs import console
from runstore.runs.run import Run
from runstore.runs.workspace import Workspace

START = """
import os, sys, runstore
run = runstore.start_run("x", workspace="ws", run_id="r")
"""


def played(tmp_path: Path, program: str, **how: object) -> subprocess.CompletedProcess[bytes]:
    """The program, after the start of run ``r``, in a fresh process."""
    kept = {"stdout": subprocess.PIPE, "stderr": subprocess.PIPE, **how}
    argv = [sys.executable, "-c", START + textwrap.dedent(program)]
    return subprocess.run(argv, cwd=tmp_path, check=False, **kept)  # type: ignore[call-overload,no-any-return]


def logged(tmp_path: Path, run_id: str = "r") -> list[str]:
    """What the run has kept of what was printed, line by line."""
    rows = runstore.Workspace(tmp_path / "ws").sql(
        "SELECT text FROM logs WHERE run_id = ? AND level IS NULL ORDER BY writer, line", params=[run_id]
    )
    return [text for (text,) in rows.fetchall()]


EVERYWHERE = """
print("before")
with run:
    print("python")
    sys.stdout.flush()
    os.write(1, b"raw\\n")
    os.system("echo child")
    print("wrong", file=sys.stderr)
print("after")
"""


def test_all_that_is_written_to_the_descriptors_is_kept_and_shown_where_it_belongs(tmp_path: Path) -> None:
    done = played(tmp_path, EVERYWHERE)
    assert done.stdout.split() == [b"before", b"python", b"raw", b"child", b"after"]
    assert done.stderr.split() == [b"wrong"]
    assert sorted(logged(tmp_path)) == ["child", "python", "raw", "wrong"]


def test_where_both_lead_to_one_place_the_log_has_the_order_of_writing(tmp_path: Path) -> None:
    done = played(tmp_path, EVERYWHERE, stderr=subprocess.STDOUT)
    assert logged(tmp_path) == ["python", "raw", "child", "wrong"]
    assert done.stdout.split() == [b"before", b"python", b"raw", b"child", b"wrong", b"after"]


def test_where_they_lead_apart_python_lines_keep_their_order(tmp_path: Path) -> None:
    program = """
    with run:
        for number in range(20):
            print(number, file=(sys.stdout, sys.stderr)[number % 2], flush=True)
    """
    played(tmp_path, program)
    assert logged(tmp_path) == [str(number) for number in range(20)]
    assert [path.name for path in (tmp_path / "ws").rglob("e-*")] == []


@pytest.mark.parametrize(
    ("ending", "status"),
    [
        ("raise ValueError('bad')", "Failed"),
        ("raise KeyboardInterrupt", "Failed"),
        ("sys.exit(0)", "Completed"),
        ("sys.exit('no')", "Failed"),
    ],
)
def test_however_the_block_ends_everything_is_given_back(tmp_path: Path, ending: str, status: str) -> None:
    program = f"""
    before = sys.stdout, sys.stderr, os.fstat(1).st_ino, os.fstat(2).st_ino
    try:
        with run:
            print("inside")
            {ending}
    except BaseException:
        pass
    print((sys.stdout, sys.stderr, os.fstat(1).st_ino, os.fstat(2).st_ino) == before)
    """
    assert played(tmp_path, program).stdout.split() == [b"inside", b"True"]
    assert logged(tmp_path) == ["inside"]
    assert runstore.Workspace(tmp_path / "ws").get_run("r").status == status


def test_the_inner_of_two_runs_keeps_what_it_prints_and_the_outer_goes_on(tmp_path: Path) -> None:
    program = """
    with run:
        print("one")
        with run.child_run(run_id="inner"):
            print("two")
        print("three")
    """
    assert played(tmp_path, program).stdout.split() == [b"one", b"two", b"three"]
    assert logged(tmp_path) == ["one", "three"]
    assert logged(tmp_path, "inner") == ["two"]


def test_a_run_that_ends_inside_its_block_keeps_nothing_more(tmp_path: Path) -> None:
    program = """
    with run:
        print("one")
        run.complete()
        print("two")
    """
    assert played(tmp_path, program).stdout.split() == [b"one", b"two"]
    assert logged(tmp_path) == ["one"]


def test_capture_may_begin_again(tmp_path: Path) -> None:
    program = """
    for number in range(3):
        with run.capture():
            print(number)
        print("outside")
    run.complete()
    """
    played(tmp_path, program)
    assert logged(tmp_path) == ["0", "1", "2"]
    assert len(list((tmp_path / "ws").rglob("o-*"))) == 1


def test_an_interactive_run_keeps_nothing(tmp_path: Path) -> None:
    played(tmp_path, "print('one')\nrun.complete()")
    assert logged(tmp_path) == []


def test_where_nothing_is_printed_no_file_is_left(tmp_path: Path) -> None:
    played(tmp_path, "with run: run.log('loss', 1.0)")
    assert list((tmp_path / "ws").rglob("o-*")) == []


def test_what_the_user_put_in_place_of_stdout_stays(tmp_path: Path) -> None:
    program = """
    import io
    other = io.StringIO()
    with run:
        sys.stdout = other
        print("theirs")
    print(sys.stdout is other, file=sys.__stdout__)
    """
    assert played(tmp_path, program).stdout.split() == [b"True"]


def test_a_forked_child_writes_into_the_same_log_and_its_end_disturbs_nothing(tmp_path: Path) -> None:
    program = """
    with run:
        print("parent", flush=True)
        if os.fork() == 0:
            print("child", flush=True)
            sys.exit(0)
        os.wait()
        print("parent again", flush=True)
    """
    done = played(tmp_path, program)
    assert done.stdout.splitlines() == [b"parent", b"child", b"parent again"]
    assert logged(tmp_path) == ["parent", "child", "parent again"]


def test_a_forked_child_that_writes_to_both_makes_nothing_twice(tmp_path: Path) -> None:
    program = """
    with run:
        print("parent", file=sys.stderr, flush=True)
        if os.fork() == 0:
            for number in range(50):
                print(number, file=(sys.stdout, sys.stderr)[number % 2], flush=True)
            os._exit(0)
        os.wait()
    """
    played(tmp_path, program)
    assert sorted(logged(tmp_path)) == sorted(["parent", *map(str, range(50))])


def test_nothing_that_was_written_is_lost_where_the_process_is_killed(tmp_path: Path) -> None:
    program = """
    with run:
        for number in range(1000):
            os.write(1 + number % 2, b"%d\\n" % number)
        os.kill(os.getpid(), 9)
    """
    assert played(tmp_path, program).returncode == -signal.SIGKILL
    assert sorted(map(int, logged(tmp_path))) == list(range(1000))


def test_a_terminal_that_is_closed_does_not_disturb(tmp_path: Path) -> None:
    reading, writing = os.pipe()
    program = """
    with run:
        print("one", flush=True)
        print("two", flush=True)
    """
    os.close(reading)
    done = played(tmp_path, program, stdout=writing)
    os.close(writing)
    assert (done.returncode, done.stderr) == (0, b"")
    assert logged(tmp_path) == ["one", "two"]


def test_a_terminal_that_takes_nothing_holds_the_end_up_for_moments_only(tmp_path: Path) -> None:
    reading, writing = os.pipe()  # and nobody reads
    program = """
    from runstore.runs import console
    console.PATIENCE = 0.2
    with run:
        print("x" * 1_000_000, flush=True)
    os._exit(0)
    """
    assert played(tmp_path, program, stdout=writing, timeout=60).returncode == 0
    os.close(reading)
    os.close(writing)
    assert [len(line) for line in logged(tmp_path)] == [1_000_000]


def test_where_the_disk_takes_no_more_printing_goes_on_with_one_warning(tmp_path: Path) -> None:
    program = """
    import resource
    with run:
        resource.setrlimit(resource.RLIMIT_FSIZE, (1 << 16, -1))
        for number in range(20_000):
            print("line", number)
    """
    done = played(tmp_path, program)
    assert done.returncode == 0
    assert done.stdout.decode().splitlines() == [f"line {number}" for number in range(20_000)]
    assert done.stderr.count(b"can't keep what is printed") == 1
    assert logged(tmp_path)[0] == "line 0"


def test_lines_of_several_threads_are_all_kept(tmp_path: Path) -> None:
    program = """
    from threading import Thread
    def some(name):
        for number in range(500):
            os.write(1, b"%d %d\\n" % (name, number))
    with run:
        threads = [Thread(target=some, args=(name,)) for name in range(4)]
        [thread.start() for thread in threads]
        [thread.join() for thread in threads]
    """
    played(tmp_path, program)
    assert len(set(logged(tmp_path))) == 2000


def test_what_stdout_holds_back_is_kept_all_the_same_before_the_block_ends(tmp_path: Path) -> None:
    program = """
    import time
    with run:
        print("held back")
        log = next(run.path.glob("o-*"))
        while not log.read_bytes():
            time.sleep(0.01)
    """
    assert played(tmp_path, program, timeout=60).returncode == 0


def test_a_notebooks_streams_get_their_text_and_the_run_too(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    own = io.StringIO()
    monkeypatch.setattr(sys, "stdout", own)
    run = Workspace(tmp_path / "ws").experiment("x").start_logging(run_id="r")
    with run:
        print("shown")
    assert (sys.stdout, own.getvalue()) == (own, "shown\n")
    assert logged(tmp_path) == ["shown"]


def test_no_thread_and_no_descriptor_is_left(tmp_path: Path) -> None:
    workspace = Workspace(tmp_path / "ws")
    for _ in range(3):
        with workspace.experiment("x").start_logging():
            print("line")
    assert console._outside == {}
    assert [thread for thread in threading.enumerate() if thread.name == "runstore-console"] == []


def test_a_machine_that_gives_no_file_costs_a_word_and_nothing_else(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    run: Run = Workspace(tmp_path / "ws").experiment("x").start_logging()
    monkeypatch.setattr(console.logfile, "opened", lambda *_: (_ for _ in ()).throw(OSError(24, "Too many open files")))
    with run:
        print("shown")
    told = capsys.readouterr()
    assert told.out == "shown\n"
    assert "what is printed is not kept" in told.err
