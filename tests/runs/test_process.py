"""What a process does to its open runs when it ends or forks. (Whole processes: tests/crash.)"""

from __future__ import annotations

import signal
import subprocess
import sys
from pathlib import Path

import pytest

from runstore.format import names
from runstore.runs import process, state

INTERRUPTED = 0xC000013A if sys.platform == "win32" else -signal.SIGINT  # a process's exit code after Ctrl-C
CTRL_C = """
import os, signal
signal.signal(signal.SIGINT, signal.default_int_handler)
"""

START = """
import os, sys
from runstore.runs.workspace import Workspace
run = Workspace(sys.argv[1]).experiment("e").start_logging(run_id="r")
run.log("a", 1.0, step=0)
"""


def status(tmp_path: Path, ending: str) -> tuple[str, str | None]:
    subprocess.run([sys.executable, "-c", START + ending, str(tmp_path / "w")], check=False, capture_output=True)
    return folded(tmp_path / "w")


def folded(workspace: Path) -> tuple[str, str | None]:
    run = state.fold(workspace / names.run_dir("r"))
    return run.status, run.error


@pytest.mark.parametrize(
    ("ending", "expected"),
    [
        ("", ("Completed", None)),
        ("sys.exit(0)", ("Completed", None)),
        ("sys.exit(3)", ("Failed", "SystemExit: 3")),
        ("raise ValueError('bad')", ("Failed", "ValueError: bad")),
        ("try:\n    sys.exit(3)\nexcept SystemExit:\n    pass", ("Completed", None)),
    ],
)
def test_the_status_says_how_the_process_ended(tmp_path: Path, ending: str, expected: tuple[str, str | None]) -> None:
    assert status(tmp_path, ending) == expected


@pytest.mark.parametrize(
    ("ending", "code", "expected"),
    [
        ("signal.raise_signal(signal.SIGINT)", INTERRUPTED, ("Failed", "KeyboardInterrupt")),
        ("with run:\n    signal.raise_signal(signal.SIGINT)", INTERRUPTED, ("Failed", "KeyboardInterrupt")),
        (
            "hook = sys.excepthook\nsys.excepthook = lambda *error: hook(*error)\nsignal.raise_signal(signal.SIGINT)",
            INTERRUPTED,
            ("Failed", "KeyboardInterrupt"),
        ),
        ("try:\n    signal.raise_signal(signal.SIGINT)\nexcept KeyboardInterrupt:\n    pass", 0, ("Completed", None)),
        (
            "try:\n    signal.raise_signal(signal.SIGINT)\nexcept KeyboardInterrupt:\n"
            "    sys.excepthook(*sys.exc_info())\n    sys.exit(5)",
            5,
            ("Failed", "KeyboardInterrupt"),
        ),
    ],
)
def test_ctrl_c_ends_the_process_as_it_does_without_a_run(
    tmp_path: Path, ending: str, code: int, expected: tuple[str, str | None]
) -> None:
    argv = [sys.executable, "-c", CTRL_C + START + ending, str(tmp_path / "w")]
    assert subprocess.run(argv, check=False, capture_output=True).returncode == code
    assert folded(tmp_path / "w") == expected


def test_an_exception_is_told_in_its_own_words() -> None:
    assert process.describe(ValueError("bad")) == "ValueError: bad"
    assert process.describe(KeyboardInterrupt()) == "KeyboardInterrupt"


def test_an_exception_is_told_without_its_notes() -> None:
    error = ValueError("first\n  second")
    error.add_note("a note")
    assert process.describe(error) == "ValueError: first\n  second"


def test_an_exception_that_can_not_be_printed_is_told_all_the_same() -> None:
    class Odd(Exception):
        def __str__(self) -> str:
            raise RuntimeError

    assert "Odd" in process.describe(Odd())


def test_a_run_that_has_ended_is_left_alone_at_exit(tmp_path: Path) -> None:
    assert status(tmp_path, "run.cancel()\nraise ValueError('later')") == ("Canceled", None)


def test_a_process_that_only_reads_has_not_logged(tmp_path: Path) -> None:
    script = "from runstore.runs import process\nprint(process.has_logged())\n{}\nprint(process.has_logged())"
    start = "from runstore.runs.workspace import Workspace as W; W({!r}).experiment('e').start_logging()"
    code = script.format(start.format(str(tmp_path / "w")))
    done = subprocess.run([sys.executable, "-c", code], check=True, capture_output=True, text=True)
    assert done.stdout.split() == ["False", "True"]


def test_an_error_is_recorded_with_all_that_is_known_of_it() -> None:
    try:
        raise ValueError("bad\ud800")
    except ValueError as error:
        with pytest.warns(UserWarning, match="surrogate"):
            text, told = process.failure(error)
    assert text == "ValueError: bad\\ud800"
    assert told is not None
    assert (told["code"], told["debug_type"], told["debug_message"]) == ("UserError", "ValueError", "bad\\ud800")
    assert process.failure("why", "Code") == ("why", {"code": "Code", "message": "why"})
    assert process.failure(None) == (None, None)


class Unsayable(Exception):
    def __str__(self) -> str:
        raise RuntimeError("no words")


def test_an_exception_that_can_not_be_told_is_recorded_all_the_same() -> None:
    text, told = process.failure(Unsayable())
    assert text is not None
    assert text.startswith("Unsayable") or "Unsayable" in text
    assert told is not None
    assert told["debug_type"] == "Unsayable"
