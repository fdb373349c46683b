"""``runstore top``: what it is started with, and a real terminal that is left as it was."""

from __future__ import annotations

import os
import pty
import re
import select
import signal
import subprocess
import sys
import time
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest

import runstore
from runstore.cli import style
from runstore.cli import top as module
from runstore.view.terminal import app
from tests.cli.conftest import Call
from tests.cli.scenes import finished

PATIENCE = 60.0


@pytest.fixture
def started(monkeypatch: pytest.MonkeyPatch) -> list[app.Top]:
    """What was about to be shown, had there been a terminal."""
    found: list[app.Top] = []
    monkeypatch.setattr(style, "watched", lambda stream=None: True)
    monkeypatch.setattr(module, "_can_draw", lambda: True)
    monkeypatch.setattr(app.Top, "run", lambda self: found.append(self))
    return found


def test_what_is_to_be_shown_is_handed_on(ws: runstore.Workspace, call: Call, started: list[app.Top]) -> None:
    assert call("top", "-e", "mnist", "-m", "loss", "-m", "acc", "--where", "lr > 0").exit_code == 0
    wanted = started[0].view.wanted
    assert (wanted.experiment, wanted.given, wanted.where) == ("mnist", ("loss", "acc"), "lr > 0")


def test_without_a_terminal_it_says_what_prints(ws: runstore.Workspace, call: Call) -> None:
    done = call("top")
    assert done.exit_code == 2
    assert done.stderr == "runstore: top needs a terminal to draw in; `runstore runs` and `runstore plot` print\n"


def test_without_textual_it_says_how_to_get_it(
    ws: runstore.Workspace, call: Call, monkeypatch: pytest.MonkeyPatch
) -> None:
    for name in [name for name in sys.modules if name.startswith("runstore.view.terminal")]:
        monkeypatch.delitem(sys.modules, name)
    monkeypatch.setitem(sys.modules, "textual.app", None)
    done = call("top")
    assert (done.exit_code, done.stdout) == (2, "")
    assert done.stderr == "runstore: top needs textual: pip install 'runstore[tui]'\n"


def test_where_there_is_no_workspace_none_is_made(workspace: Path, call: Call) -> None:
    done = call("top")
    assert done.exit_code == 1
    assert not workspace.exists()


class Terminal:
    """A terminal of 80 by 24 with the command in it."""

    def __init__(self, workspace: Path, **environment: str) -> None:
        self.end, inside = pty.openpty()
        command = [sys.executable, "-m", "runstore", "top", "-w", str(workspace)]
        known = {**os.environ, "TERM": "xterm-256color", "COLUMNS": "80", "LINES": "24", **environment}
        self.process = subprocess.Popen(
            command, stdin=inside, stdout=inside, stderr=inside, env=known, start_new_session=True
        )
        os.close(inside)
        self.seen = b""

    def until(self, true: Callable[[], bool]) -> None:
        """Read until this is so."""
        deadline = time.monotonic() + PATIENCE
        while not true():
            assert time.monotonic() < deadline, self.seen[-3000:]
            if select.select([self.end], [], [], 0.1)[0]:
                try:
                    self.seen += os.read(self.end, 1 << 16)
                except OSError:
                    return  # it has ended

    def press(self, keys: bytes) -> None:
        os.write(self.end, keys)


@pytest.fixture
def terminals() -> Iterator[list[Terminal]]:
    made: list[Terminal] = []
    yield made
    for one in made:
        one.process.kill()
        one.process.wait()
        os.close(one.end)


@pytest.mark.parametrize("key", [b"q", b"\x03"])
def test_a_terminal_is_left_as_it_was(ws: runstore.Workspace, terminals: list[Terminal], key: bytes) -> None:
    finished(ws)
    terminals.append(one := Terminal(ws.path))
    one.until(lambda: b"Completed" in one.seen)
    assert b"\x1b[?1049h" in one.seen
    assert re.search(rb"\x1b\[3[0-7];49m", one.seen)
    one.press(key)
    one.until(lambda: one.process.poll() is not None)
    one.until(lambda: b"\x1b[?1049l" in one.seen)
    assert one.process.wait() == 0
    assert one.seen.rindex(b"\x1b[?25h") > one.seen.rindex(b"\x1b[?25l")
    assert b"Traceback" not in one.seen


@pytest.mark.parametrize("number", [signal.SIGTERM, signal.SIGINT, signal.SIGHUP])
def test_a_signal_leaves_the_terminal_as_it_was_too(
    ws: runstore.Workspace, terminals: list[Terminal], number: signal.Signals
) -> None:
    finished(ws)
    terminals.append(one := Terminal(ws.path))
    one.until(lambda: b"Completed" in one.seen)
    one.process.send_signal(number)
    one.until(lambda: one.process.poll() is not None)
    one.until(lambda: b"\x1b[?1049l" in one.seen)
    assert one.process.wait() == 128 + number


def test_no_color_is_respected(ws: runstore.Workspace, terminals: list[Terminal]) -> None:
    finished(ws)
    terminals.append(one := Terminal(ws.path, NO_COLOR="1"))
    one.until(lambda: b"Completed" in one.seen)
    one.press(b"q")
    one.until(lambda: one.process.poll() is not None)
    assert not re.search(rb"\x1b\[(?:[\d;]*;)?(?:3[0-7]|4[0-7]|9[0-7]|10[0-7]|38|48)(?:;[\d;]*)?m", one.seen)
