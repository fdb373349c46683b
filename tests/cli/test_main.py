"""One line and a truthful exit code, whatever goes wrong."""

from __future__ import annotations

import os
import signal
import subprocess
import sys
import time
import warnings
from pathlib import Path

import click
import pytest

import runstore
from runstore.cli import main, sql
from runstore.runs import seal
from tests.cli import scenes
from tests.cli.conftest import Call

PROGRAM = [sys.executable, "-m", "runstore"]


def program(*args: str, **options: object) -> subprocess.CompletedProcess[str]:
    return subprocess.run([*PROGRAM, *args], capture_output=True, text=True, timeout=60, **options)  # type: ignore[call-overload, no-any-return]


def test_every_command_is_listed_with_what_it_does(call: Call) -> None:
    done = call("--help")
    assert done.exit_code == 0
    for name in main.COMMANDS:
        (line,) = [line for line in done.stdout.splitlines() if line.startswith(f"  {name} ")]
        assert not line.endswith("...")  # said whole, in one line


@pytest.mark.parametrize("name", main.COMMANDS)
def test_every_command_has_help_with_an_example(call: Call, name: str) -> None:
    command = main.cli.get_command(click.Context(main.cli), name)
    below = [(name, one) for one in command.commands] if isinstance(command, click.Group) else []
    for words in [(name,), *below]:
        done = call(*words, "--help")
        assert done.exit_code == 0
        assert f"Example:\n    runstore {' '.join(words)}" in done.stdout
        assert "--workspace" in done.stdout or (below and len(words) == 1)


def test_the_version_is_told(call: Call) -> None:
    assert call("--version").stdout == f"runstore {runstore.__version__}\n"


def test_without_a_command_help_is_shown_as_it_is_with_help() -> None:
    done = program()
    assert (done.returncode, done.stdout) == (2, "")
    assert done.stderr == program("--help").stdout


@pytest.mark.parametrize(
    "args", [("nothing",), ("runs", "--nothing"), ("runs", "--limit", "many"), ("sql",), ("check", "a", "b")]
)
def test_a_usage_mistake_exits_2_in_one_line(call: Call, args: tuple[str, ...]) -> None:
    done = call(*args)
    assert (done.exit_code, done.stdout) == (2, "")
    assert done.stderr.startswith("runstore: ")
    assert done.stderr.count("\n") == 1


@pytest.mark.parametrize(
    ("args", "says"),
    [
        (("runs", "--where", "lr <"), "where 'lr <'"),
        (("runs", "--sort", "nonsense"), "nonsense"),
        (("show", "ffff"), "no run's id is or begins with 'ffff'"),
        (("sql", "selekt 1"), "syntax error"),
        (("sql", "select * from nowhere"), "the views are"),
        (("check", "ffff"), "no run ids begin with 'ffff'"),
    ],
)
def test_what_was_asked_for_and_failed_exits_1_in_one_line(
    ws: runstore.Workspace, call: Call, args: tuple[str, ...], says: str
) -> None:
    scenes.finished(ws, run_id="aaaa")
    done = call(*args)
    assert (done.exit_code, done.stdout) == (1, "")
    assert says in done.stderr
    assert done.stderr.startswith("runstore: ")
    assert done.stderr.count("\n") == 1


@pytest.mark.parametrize("name", ["runs", "show", "compare", "plot", "logs", "check", "compact"])
def test_a_reading_command_makes_no_workspace(workspace: Path, call: Call, name: str) -> None:
    done = call(name)
    assert done.exit_code in (1, 2)
    assert "Traceback" not in done.stderr
    assert not workspace.exists()


def test_another_directory_is_no_workspace(tmp_path: Path, call: Call) -> None:
    (tmp_path / "file").write_text("x")
    done = call("runs", "-w", tmp_path)
    assert done.exit_code == 1
    assert "no runstore workspace" in done.stderr


def test_there_is_no_traceback_without_debug(tmp_path: Path) -> None:
    done = program("runs", "-w", str(tmp_path / "none"))
    assert (done.returncode, done.stdout) == (1, "")
    assert done.stderr.count("\n") == 1


@pytest.mark.parametrize("place", ["before", "after"])
def test_debug_shows_the_traceback_wherever_it_stands(tmp_path: Path, place: str) -> None:
    args = ["runs", "-w", str(tmp_path / "none")]
    done = program(*(["--debug", *args] if place == "before" else [*args, "--debug"]))
    assert done.returncode == 1
    assert "Traceback" in done.stderr
    assert "NotAWorkspace" in done.stderr.splitlines()[-2]


def test_a_bug_is_told_in_one_line_too(call: Call, monkeypatch: pytest.MonkeyPatch) -> None:
    @click.command("sql")
    def broken() -> None:
        raise ZeroDivisionError("oh\nno")

    monkeypatch.setattr(sql, "sql", broken)
    done = call("sql")
    assert done.exit_code == 1
    assert done.stderr == ("runstore: unexpected ZeroDivisionError: oh no; `runstore --debug ...` shows where\n")


def test_control_characters_in_a_message_are_escaped(call: Call) -> None:
    done = call("runs", "-w", "no\x1b[31m\u202esuch")
    assert "\x1b" not in done.stderr
    assert "\u202e" not in done.stderr
    assert "\\x1b[31m" in done.stderr


def test_warnings_of_the_store_are_one_line_each_on_stderr(ws: runstore.Workspace, call: Call) -> None:
    scenes.damaged(ws, scenes.finished(ws))
    done = call("runs")
    assert done.exit_code == 0
    assert done.stderr.startswith("runstore: warning: run ")
    assert "a1.jsonl" in done.stderr


def test_of_many_warnings_the_first_are_shown_and_the_rest_counted(
    ws: runstore.Workspace, call: Call, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(seal, "request", lambda workspace, run_dir: None)  # what is found stays as it is
    for _ in range(main.WARNINGS + 3):
        scenes.damaged(ws, scenes.finished(ws))
    with warnings.catch_warnings(record=True, action="always") as told:
        ws.runs().fetchall()
    count = len({str(one.message) for one in told})
    assert count >= main.WARNINGS + 3
    lines = call("runs").stderr.splitlines()
    assert len(lines) == main.WARNINGS + 1
    assert lines[-1].startswith(f"runstore: {count - main.WARNINGS} more warnings; ")


def test_a_reader_that_stops_reading_ends_the_command_quietly(ws: runstore.Workspace) -> None:
    command = f"{sys.executable} -m runstore sql --csv 'select * from range(1000000)' -w {ws.path} | head -1"
    done = subprocess.run(["bash", "-o", "pipefail", "-c", command], capture_output=True, text=True)
    assert (done.returncode, done.stdout, done.stderr) == (0, "range\n", "")


def test_ctrl_c_exits_130_without_a_word(ws: runstore.Workspace) -> None:
    with runstore.start_run("mnist", workspace=ws) as run:
        run.log("loss", 1.0)
        follower = subprocess.Popen(
            [*PROGRAM, "logs", "-f", run.id, "-w", str(ws.path)], stdout=subprocess.PIPE, stderr=subprocess.PIPE
        )
        deadline = time.monotonic() + 30
        while not _sleeps(follower.pid) and time.monotonic() < deadline:
            time.sleep(0.05)
        follower.send_signal(signal.SIGINT)
        out, err = follower.communicate(timeout=30)
    assert (follower.returncode, out, err) == (130, b"", b"")


def test_ctrl_c_while_the_engine_is_at_work_exits_130_too(ws: runstore.Workspace) -> None:
    program = (
        "import os, signal, threading; from runstore.cli.main import main\n"
        "threading.Timer(1.5, os.kill, (os.getpid(), signal.SIGINT)).start(); main()"
    )
    endless = "select count(*) from range(1000000000000) where range % 7 = 3"  # in short steps, each of them may end
    command = [sys.executable, "-c", program, "sql", endless, "-w", str(ws.path)]
    done = subprocess.run(command, capture_output=True, timeout=120)
    assert (done.returncode, done.stdout, done.stderr) == (130, b"", b"")


def test_the_cursor_that_a_bar_has_hidden_is_shown_again_on_a_terminal_only() -> None:
    program = "from runstore.cli.main import _show_cursor; _show_cursor()"
    assert subprocess.run([sys.executable, "-c", program], capture_output=True).stderr == b""
    ours, theirs = os.openpty()
    subprocess.run([sys.executable, "-c", program], stderr=theirs, check=True)
    assert os.read(ours, 100).startswith(b"\x1b[?25h")
    os.close(ours)
    os.close(theirs)


def _sleeps(pid: int) -> bool:
    """Whether the process has come as far as loading the engine and waits."""
    try:
        maps = Path(f"/proc/{pid}/maps").read_text()
        state = Path(f"/proc/{pid}/stat").read_text().rpartition(")")[2].split()[0]
    except OSError:
        time.sleep(3)
        return True
    return "duckdb" in maps and state == "S"


def test_a_character_that_the_encoding_lacks_is_escaped(ws: runstore.Workspace) -> None:
    environment = os.environ | {"PYTHONIOENCODING": "latin-1", "PYTHONUTF8": "0"}
    done = program("sql", "select '長' as x", "-w", str(ws.path), env=environment)
    assert done.returncode == 0
    assert "\\u9577" in done.stdout
