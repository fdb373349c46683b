"""Waiting for a run that some process logs, this one or another."""

from __future__ import annotations

import sys
import time
from typing import TYPE_CHECKING, Any

from runstore.disk import files as disk
from runstore.errors import RunFailed
from runstore.query import consoles
from runstore.runs.state import FAILED, TERMINAL

if TYPE_CHECKING:
    from runstore.query.answers import AnsweringRun

_FIRST, _LONGEST = 0.02, 0.2  # seconds between two looks
_SHOWN = (  # the streams that are shown, in this order
    "azureml-logs/20_image_build_log.txt",
    "azureml-logs/hyperdrive.txt",
    "user_logs/std_log.txt",
    "user_logs/std_log_process_0.txt",
)


def wait(run: AnsweringRun, show_output: bool, raise_on_error: bool) -> dict[str, Any]:
    """Wait for the end of a run; see ``Run.wait_for_completion``."""
    output = Output(run) if show_output else None
    pause = _FIRST
    while True:
        ended = run._disabled or run.status in TERMINAL  # asked first: what came before the end is shown
        if output is not None:
            output.show(ended)
        if ended:
            break
        time.sleep(pause)
        pause = min(pause * 1.5, _LONGEST)
    details = run.get_details()
    if output is not None:
        output.sum_up(details)
    if raise_on_error and details["status"] == FAILED:
        raise RunFailed(f"run {run.id} has failed: {run.error or 'nobody said why'}")
    return details


class Output:
    """What the newest attempt of the run that is waited for prints: while it is prepared, and then its first process.

    Goes to ``sys.stdout`` as it is at each call: notebooks swap it.
    """

    def __init__(self, run: AnsweringRun) -> None:
        self._run = run
        self._name = ""
        self._shown: dict[str, int] = {}  # bytes of each log
        _say(f"run {run.id}\n{run.get_portal_url()}\n")

    def show(self, ended: bool) -> None:
        """Print the new lines; at the end also what is no whole line."""
        newest: dict[str, consoles.Raw] = {}
        for raw in consoles.raws(self._run._folded()):
            stream = raw.told["stream"]
            if stream in _SHOWN and (stream not in newest or raw.attempt > newest[stream].attempt):
                newest[stream] = raw
        for stream in _SHOWN:
            if stream in newest:
                self._new(newest[stream], ended)

    def _new(self, raw: consoles.Raw, ended: bool) -> None:
        start = self._shown.get(raw.name, 0)
        try:
            with disk.opened(raw.path) as file:
                data = disk.read_at(file.fileno(), start, disk.size(file.fileno()))
        except OSError:
            return  # nothing was printed yet
        data = data if ended else data[: data.rfind(b"\n") + 1]
        if data:
            self._shown[raw.name] = start + len(data)
            _say(self._head(raw.name) + consoles.text(data))

    def _head(self, name: str) -> str:
        if name == self._name:
            return ""
        self._name = name
        return f"\n{name}\n{'-' * len(name)}\n"

    def sum_up(self, details: dict[str, Any]) -> None:
        """Say how it ended."""
        lines = [f"\nrun {self._run.id}: {details['status']}", self._run.get_portal_url()]
        lines += [f"warning: {one['message']}" for one in details.get("warnings", ())]
        if "error" in details:
            lines.append(f"error: {details['error']['error']['message']}")
        _say("\n".join(lines) + "\n")


def _say(text: str) -> None:
    sys.stdout.write(text)
    sys.stdout.flush()
