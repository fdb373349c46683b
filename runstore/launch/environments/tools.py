"""The programs that build environments, run to their end: their output line by line, and none of it on the terminal.

A guard stands beside each, as beside a script: none outlives the launcher that started it, however that dies.
"""

from __future__ import annotations

import os
import queue
import subprocess
import threading
import uuid
from collections.abc import Callable, Mapping, Sequence
from pathlib import Path
from typing import NamedTuple

from runstore.disk import processes
from runstore.errors import LaunchError
from runstore.launch import tree
from runstore.launch.guard import Guard

Say = Callable[[str], None]
Stop = Callable[[], bool]

LOOK_SECONDS = 0.2  # how often somebody who wants to stop is asked
PATIENCE = 20.0  # seconds for a program that is only asked something
GRACE = 5.0  # seconds a program has between the request to end and its end
_KEPT = 500  # lines of output from which a failure is explained


class Stopped(LaunchError):
    """Somebody asked to stop while an environment was built or waited for."""


class Done(NamedTuple):
    """How a program ended: its exit code and the last lines of its output."""

    code: int
    lines: list[str]

    @property
    def last(self) -> str:
        """The last line that says something."""
        return next((line.strip() for line in reversed(self.lines) if line.strip()), f"exit code {self.code}")


def never() -> bool:
    """Nobody wants to stop."""
    return False


def run(
    command: Sequence[str],
    say: Say,
    stop: Stop = never,
    *,
    variables: Mapping[str, str] | None = None,
    directory: Path | None = None,
    given: str | None = None,
) -> Done:
    """Run a program to its end.

    Args:
        command: the program and its arguments.
        say: gets each line of its output, both streams as one.
        stop: asked every 0.2 s; True ends the program.
        variables: its whole environment; None: this process's.
        directory: where it runs.
        given: what it reads from its standard input.

    Raises:
        LaunchError: it can't be started.
        Stopped: ``stop`` said so.
    """
    mark = f"building-{uuid.uuid4().hex}"
    guard = _guard(mark)
    try:
        process = _started(command, variables, directory, given is not None, mark)
        guard.know([process.pid])
        return _run(process, mark, say, stop, given)
    finally:
        guard.done()


def _run(process: subprocess.Popen[str], mark: str, say: Say, stop: Stop, given: str | None) -> Done:
    lines: queue.SimpleQueue[str | None] = queue.SimpleQueue()
    reader = threading.Thread(target=_read, args=(process, lines, given), daemon=True)
    reader.start()
    kept: list[str] = []
    try:
        while (line := _next(lines, stop)) is not None:
            kept = [*kept[-_KEPT:], line] if len(kept) > 2 * _KEPT else kept
            kept.append(line)
            say(line)
        return Done(process.wait(), kept)
    finally:
        if process.poll() is None:
            tree.kill([process.pid], mark, GRACE)
        process.wait()
        reader.join()


def _guard(mark: str) -> Guard:
    try:
        return Guard(mark, (), GRACE)
    except OSError as problem:
        raise LaunchError(f"no further process can be started ({problem.strerror}); end some") from None


def _started(
    command: Sequence[str], variables: Mapping[str, str] | None, directory: Path | None, given: bool, mark: str
) -> subprocess.Popen[str]:
    try:
        return subprocess.Popen(
            command,
            stdin=subprocess.PIPE if given else subprocess.DEVNULL,
            stdout=subprocess.PIPE,
            stderr=subprocess.STDOUT,
            env={**(os.environ if variables is None else variables), tree.MARK: mark},
            cwd=directory,
            encoding="utf-8",
            errors="replace",
            **processes.apart(),
        )
    except OSError as problem:
        raise LaunchError(f"{command[0]}: can't be started ({problem.strerror}); install it anew") from None


def _read(process: subprocess.Popen[str], lines: queue.SimpleQueue[str | None], given: str | None) -> None:
    try:
        if process.stdin is not None:
            with process.stdin:
                process.stdin.write(given or "")
    except OSError:
        pass  # it ended without reading: its exit code tells
    if process.stdout is not None:
        with process.stdout:
            for line in process.stdout:
                lines.put(line.rstrip())
    lines.put(None)


def _next(lines: queue.SimpleQueue[str | None], stop: Stop) -> str | None:
    while True:
        if stop():
            raise Stopped("stopped while its environment was being built; submit it again")
        try:
            return lines.get(timeout=LOOK_SECONDS)
        except queue.Empty:
            continue


def ask(command: Sequence[str], variables: Mapping[str, str] | None = None, seconds: float = PATIENCE) -> Done:
    """Ask a program something; one that is not there or takes too long has exit code 127."""
    try:
        done = subprocess.run(
            command,
            stdin=subprocess.DEVNULL,
            capture_output=True,
            env=None if variables is None else dict(variables),
            timeout=seconds,
            check=False,
        )
    except OSError as problem:
        return Done(127, [problem.strerror or "can't be started"])
    except subprocess.TimeoutExpired:
        return Done(127, [f"no answer within {seconds:.0f} s"])
    output = done.stdout if done.returncode == 0 else done.stderr or done.stdout
    return Done(done.returncode, output.decode("utf-8", "replace").splitlines())
