"""A submitted run, watched until it has ended: how it is prepared, what it prints, how it ends."""

from __future__ import annotations

import sys
from collections import deque
from collections.abc import Iterable
from typing import TYPE_CHECKING

from runstore.cli import figures, logs, output, style
from runstore.cli.progress import Spinner
from runstore.cli.text import safe
from runstore.errors import RunFailed
from runstore.query.listing import short

if TYPE_CHECKING:
    from runstore import Run, Workspace
    from runstore.query.growth import Line

_PHASES = {
    "Queued": "waiting for its turn",
    "Preparing": "preparing",
    "Starting": "starting",
    "Finalizing": "taking in its files",
    "CancelRequested": "ending",
}
_LAST = 20  # lines of a failed preparation


def follow(ws: Workspace, run: Run, format_: str | None) -> None:
    """Show what a run prints until it has ended.

    Args:
        ws: its workspace.
        run: the run.
        format_: ``json`` for one object a line.

    Raises:
        RunFailed: it has failed, or was canceled.
    """
    with Spinner() as spinner:
        screen = _Screen(spinner, format_)
        for lines in logs.followed(ws, run, logs.Wanted(None, None, None), screen.look):
            screen.show(lines)
    if run.status == "Failed":
        screen.explain()
    end(run, format_)


def end(run: Run, format_: str | None) -> None:
    """Say how a run ended.

    Raises:
        RunFailed: it has failed, or was canceled.
    """
    status, error = run.status, run.error
    if format_ == "json":
        output.print_json_line({"run_id": run.id, "status": status, "error": error})
    if status != "Completed":
        raise RunFailed(f"run {short(run.id)} {how(run)}")
    style.note(f"run {safe(short(run.id))} {how(run)}")


def how(run: Run) -> str:
    """How a run ended, as the end of a sentence about it."""
    status, error, started, ended = run.status, run.error, run.started, run.ended
    told = f" after {figures.duration((ended - started).total_seconds())}" if started and ended else ""
    if status == "Failed":
        return f"has failed{told}: {error or 'nobody said why'}"
    if status == "Canceled":
        return f"was canceled{told}{f': {error}' if error else ''}"
    return f"is {status.lower()}{told}"


class _Screen:
    """What somebody sees who waits for a run."""

    def __init__(self, spinner: Spinner, format_: str | None) -> None:
        self._spinner, self._format = spinner, format_
        self._built: deque[str] = deque(maxlen=_LAST)
        self._printed = False

    def look(self, status: str) -> None:
        """Show what the run is at, where nothing of its own is to be seen."""
        if status in _PHASES:
            self._spinner(_PHASES[status], self._built[-1] if self._built and status == "Preparing" else "")
        else:
            self._spinner.stop()

    def show(self, lines: Iterable[Line]) -> None:
        """Show new lines. Of how its environment is built only the newest where there is room for one only."""
        if self._format == "json":
            return logs.show(lines, self._format)
        own = [line for line in lines if line["stream"] != logs.BUILT]
        for line in lines:
            if line["stream"] == logs.BUILT:
                self._built.append(line["text"])
                if not style.watched(sys.stderr):
                    style.note(safe(line["text"]))
        if own:
            self._printed = True
            self._spinner.stop()
            logs.show(own, None)
        return None

    def explain(self) -> None:
        """Show the last of how its environment was built where it came to nothing."""
        if self._built and not self._printed and style.watched(sys.stderr):
            style.note("\n".join(map(safe, self._built)))
