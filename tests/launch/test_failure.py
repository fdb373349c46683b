"""The cause of a failure is read from an exit code and a log that may hold anything."""

from __future__ import annotations

import signal
import subprocess
import sys
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from runstore.launch.failure import LONG, NEAR, describe

RAISED = b"""epoch 1
Traceback (most recent call last):
  File "train.py", line 7, in <module>
    fit()
  File "train.py", line 3, in fit
    raise ValueError("no data: x")
ValueError: no data: x
"""


def ran(tmp_path: Path, script: str) -> tuple[int, bytes]:
    """The exit code of a real interpreter, and all it printed."""
    (tmp_path / "train.py").write_text(script, encoding="utf-8")
    done = subprocess.run(
        [sys.executable, "train.py"], cwd=tmp_path, stdout=subprocess.PIPE, stderr=subprocess.STDOUT, check=False
    )
    return done.returncode, done.stdout


def text(code: int, log: bytes) -> str:
    error, known = describe(code, log)
    assert error is not None
    assert known is not None
    return error


def trace(code: int, log: bytes) -> str:
    known = describe(code, log)[1]
    assert known is not None
    return str(known["debug_stack_trace"])


def test_a_good_end_has_no_error() -> None:
    assert describe(0, RAISED) == (None, None)


def test_an_uncaught_exception_is_the_error() -> None:
    assert describe(1, RAISED) == (
        "ValueError: no data: x",
        {
            "code": "UserError",
            "message": "The run failed with ValueError: no data: x",
            "debug_type": "ValueError",
            "debug_message": "no data: x",
            "debug_stack_trace": RAISED.decode().partition("\n")[2],
        },
    )


@pytest.mark.parametrize(
    ("script", "expected"),
    [
        ("raise KeyError('a')", "KeyError: 'a'"),
        ("assert 1 == 2", "AssertionError"),
        ("import json; json.loads('{')", "json.decoder.JSONDecodeError: Expecting property name"),
        ("x = = 1", "SyntaxError: "),
        ("if 1:\nx = 1", "IndentationError: "),
        ("import other", "ModuleNotFoundError: No module named 'other'"),
        ("raise Exception('ä ☃')", "Exception: "),
        ("raise ExceptionGroup('two', [ValueError(1), TypeError(2)])", "ExceptionGroup: two (2 sub-exceptions)"),
        ("def f(n): f(n + 1)\nf(0)", "RecursionError: maximum recursion depth exceeded"),
        ("import traceback, os\ntry: 1 / 0\nexcept Exception: traceback.print_exc(); os._exit(3)", "ZeroDivision"),
    ],
)
def test_what_a_real_interpreter_says_is_understood(tmp_path: Path, script: str, expected: str) -> None:
    assert text(*ran(tmp_path, script)).startswith(expected)


@pytest.mark.parametrize("cause", ["", " from before"])
def test_of_chained_exceptions_the_last_is_the_error_and_all_are_kept(tmp_path: Path, cause: str) -> None:
    script = f"try: 1 / 0\nexcept Exception as before: raise OSError('disk'){cause}"

    code, log = ran(tmp_path, "print('begins')\n" + script)

    assert text(code, log) == "OSError: disk"
    assert "ZeroDivisionError: division by zero" in trace(code, log)
    assert "begins" not in trace(code, log)


def test_a_group_is_kept_with_all_that_is_in_it(tmp_path: Path) -> None:
    script = (
        "def bad(n):\n    try: raise ValueError(n)\n    except ValueError as error: return error\n"
        "try: raise ExceptionGroup('inner', [bad(1), bad(2)])\n"
        "except ExceptionGroup as group: raise ExceptionGroup('outer', [group, bad(3)])"
    )

    code, log = ran(tmp_path, script)

    assert text(code, log) == "ExceptionGroup: outer (2 sub-exceptions)"
    assert trace(code, log).count("ValueError: ") >= 3


def test_colours_are_no_part_of_an_error() -> None:
    coloured = RAISED.replace(b"ValueError: no data: x\n", b"\x1b[1;35mValueError\x1b[0m: \x1b[35mno data: x\x1b[0m\n")
    coloured = coloured.replace(b'"train.py"', b'\x1b[35m"train.py"\x1b[0m')
    assert describe(1, coloured) == describe(1, RAISED)


@pytest.mark.parametrize("prefix", [b"[rank0]: ", b"[default1]:", b"[1,0]<stderr>:", b"0: ", b"2026-11-25 E "])
def test_a_prefix_before_every_line_is_no_part_of_an_error(prefix: bytes) -> None:
    lines = RAISED.splitlines(keepends=True)
    prefixed = lines[0] + b"".join(prefix + line for line in lines[1:])
    assert describe(1, prefixed) == describe(1, RAISED)


def test_lines_of_another_rank_between_are_left_out() -> None:
    lines = [b"[rank0]: " + line for line in RAISED.splitlines(keepends=True)[1:]]
    mixed = lines[0] + lines[1] + b"[rank1]: step 4\n".join(lines[2:])
    assert describe(1, mixed) == describe(1, RAISED)


def test_a_group_with_a_prefix_before_every_line_is_understood(tmp_path: Path) -> None:
    code, log = ran(tmp_path, "raise ExceptionGroup('two', [ValueError(1), TypeError(2)])")
    prefixed = b"".join(b"[rank3]: " + line for line in log.splitlines(keepends=True))
    assert describe(code, prefixed) == describe(code, log)


def test_a_traceback_behind_a_progress_bar_is_found() -> None:
    bar = b"\r 10%|#   | 1/10\r 20%|##  | 2/10"
    assert describe(1, bar + RAISED.partition(b"\n")[2]) == describe(1, RAISED)


def test_lines_may_end_as_on_windows() -> None:
    assert describe(1, RAISED.replace(b"\n", b"\r\n")) == describe(1, RAISED)


def test_a_framed_traceback_is_found() -> None:
    framed = "╭──── Traceback (most recent call last) ────╮\n│ train.py:3 in fit │\n╰────╯\nValueError: no\n".encode()
    assert text(1, framed) == "ValueError: no"


def test_a_message_of_several_lines_is_kept_and_its_first_is_the_error() -> None:
    log = RAISED + b"field\n  is missing\n\nbye\n"
    assert text(1, log) == "ValueError: no data: x"
    assert trace(1, log).endswith("ValueError: no data: x\nfield\n  is missing\n")


def test_what_is_said_at_exit_hides_no_traceback() -> None:
    assert text(1, RAISED + b"\n" + b"saved\n" * (NEAR - 1)) == "ValueError: no data: x"


def test_a_traceback_long_ago_was_caught() -> None:
    assert text(1, RAISED + b"\n" + b"epoch\n" * 2 * (NEAR + LONG)) == "exit code 1"


def test_another_exit_code_than_that_of_an_exception_was_chosen() -> None:
    assert text(3, RAISED + b"\nwent on\n") == "exit code 3"


def test_what_is_printed_right_after_a_traceback_may_be_no_part_of_it() -> None:
    printed = RAISED + b"going on without it\n"
    assert text(4, printed) == "exit code 4"
    assert text(1, printed) == text(4, RAISED) == "ValueError: no data: x"


def test_the_last_of_several_tracebacks_counts() -> None:
    later = RAISED.replace(b"no data: x", b"later")
    assert text(1, RAISED + b"\nretry\n" + later) == "ValueError: later"
    assert "no data" not in trace(1, RAISED + b"\nretry\n" + later)


def test_system_exit_with_a_text_is_told_by_its_type_where_it_is_printed() -> None:
    log = RAISED.replace(b"ValueError: no data: x", b"SystemExit: no data")
    assert text(1, log) == "SystemExit: no data"


def test_a_text_given_to_exit_is_known_as_the_last_line(tmp_path: Path) -> None:
    assert describe(*ran(tmp_path, "import sys; sys.exit('no such table')")) == (
        "exit code 1",
        {"code": "UserError", "message": "The script ended with exit code 1", "debug_message": "no such table"},
    )


@pytest.mark.parametrize(
    ("code", "expected"),
    [
        (-9, "killed by SIGKILL (9)"),
        (-15, "killed by SIGTERM (15)"),
        (137, "killed by SIGKILL (9)"),
        (139, "killed by SIGSEGV (11)"),
        (-33, "killed by signal 33"),
        (3, "exit code 3"),
        (127, "exit code 127"),
        (128, "exit code 128"),
        (255, "exit code 255"),
        (0xC0000005, "exit code 3221225477 (0xc0000005)"),
    ],
)
def test_codes_are_told_as_what_they_mean(code: int, expected: str) -> None:
    assert text(code, b"") == expected


def test_a_death_by_signal_is_not_told_as_an_exception() -> None:
    assert text(-signal.SIGTERM, RAISED) == "killed by SIGTERM (15)"


@given(st.binary(), st.binary(), st.sampled_from([1, 3, -9, 130]))
def test_no_log_is_too_odd(before: bytes, after: bytes, code: int) -> None:
    assert describe(code, before + RAISED + after)[0]
    assert describe(code, before + after)[0]
    for cut in range(0, len(RAISED), 7):
        assert describe(code, RAISED[cut:] + after)[0]
        assert describe(code, before + RAISED[:cut])[0]
