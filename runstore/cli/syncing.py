"""Sending again and again until somebody ends it, and what is done by the way."""

from __future__ import annotations

import os
import signal
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager, suppress
from functools import partial
from pathlib import Path
from typing import Any

from runstore.cli import sent, style
from runstore.cli.main import INTERRUPTED
from runstore.cli.sent import Outcome
from runstore.cli.text import safe
from runstore.errors import RunstoreError

Progress = Callable[[int, int], None]
Turn = Callable[[str, Progress], Outcome]
_SIGNALS = (signal.SIGINT, signal.SIGTERM)


class _Ended(Exception):
    """Somebody has ended it while bytes were on their way."""


class _Ending:
    """Whether somebody has ended it. A signal's handler sets it, so it takes no lock."""

    def __init__(self) -> None:
        self.called = False

    def progress(self, done: int, total: int) -> None:
        """Called after each piece that was sent: no further one is begun."""
        if self.called and done < total:
            raise _Ended


def watch(path: Path, remotes: Sequence[str], turn: Turn, format_: str | None) -> bool:
    """Go on until Ctrl-C or SIGTERM: what is on its way then is ended, what is not sent by then is sent next time.

    Args:
        path: the workspace.
        remotes: the names of those to send to.
        turn: sends to one of them; raises what goes wrong.
        format_: ``json`` for one object a line, for each turn that sent something.

    Returns:
        Whether there was trouble in the end: a remote that can't be asked, a run that can't be sent.
    """
    from runstore.sync.watching import Watching

    ending, failed = _Ending(), dict[str, dict[str, str]]()

    def one(remote: str) -> None:
        outcome = turn(remote, ending.progress)
        if outcome.bytes or outcome.failed != failed.get(remote, {}):
            sent.show_turn(outcome, format_)
        failed[remote] = outcome.failed
        tidy(path, [outcome])

    watching = Watching(path, {remote: partial(one, remote) for remote in remotes}, _say)

    def end() -> None:
        ending.called = True
        watching.stop()

    with _signals(end), suppress(_Ended):
        watching.run()
    return bool(watching.troubled) or any(failed.values())


def tidy(path: Path, done: Sequence[Outcome]) -> None:
    """Who has just sent something has time: many loose runs are put into blocks by the way."""
    if any(one.bytes for one in done):
        from runstore.query import compaction

        with suppress(RunstoreError, OSError):  # nobody has asked for it
            compaction.background(path)


@contextmanager
def _signals(end: Callable[[], None]) -> Iterator[None]:
    """Within this the first signal ends it cleanly, and the second at once."""
    called = False

    def heard(number: int, frame: Any) -> None:
        nonlocal called
        if called:
            os._exit(INTERRUPTED)
        called = True
        end()
        with suppress(RuntimeError):  # in the midst of another line
            _say("ending after what is on its way; once more ends at once")

    before = [(number, signal.signal(number, heard)) for number in _SIGNALS]
    impatient = signal.set_wakeup_fd(-1)  # who waits there for a Ctrl-C would end the program within seconds
    try:
        yield
    finally:
        signal.set_wakeup_fd(impatient, warn_on_full_buffer=False)
        for number, handler in before:
            signal.signal(number, handler)


def _say(text: str) -> None:
    style.note(f"runstore: {safe(text)}")
