"""Real processes for the tests of a script's process side, and ways to wait for what they do."""

from __future__ import annotations

import os
import sys
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path

from runstore.disk import files
from runstore.launch.guard import Guard
from runstore.launch.output import Output
from runstore.launch.ranks import Ranks, Start

DEADLINE = 60.0  # seconds after which a condition is taken not to come true

BORN = """
import os, pathlib, signal, subprocess, sys, time
def born(name):
    pathlib.Path(name + '.new').write_text(str(os.getpid()))
    os.replace(name + '.new', name)
"""  # a script says with `born(name)` that it is there
SLEEP = "time.sleep(600)\n"


def child(script: str, more: str = "") -> str:
    """The line of a script that starts another."""
    return f"subprocess.Popen([sys.executable, '-c', {BORN + script!r}]{more})\n"


def until(condition: Callable[[], object]) -> None:
    """Wait for a condition."""
    last = time.monotonic() + DEADLINE
    while not condition():
        assert time.monotonic() < last, "it has not come true"
        time.sleep(0.005)


def pid(path: Path) -> int:
    """The id of a process that has told it in a file, once it has."""
    until(path.exists)
    return int(path.read_text())


def lives(process: int) -> bool:
    """Whether a process runs; a zombie doesn't."""
    try:
        os.kill(process, 0)
        with open(f"/proc/{process}/stat", "rb") as file:
            return file.read().rpartition(b")")[2].split()[0] not in (b"Z", b"X")
    except FileNotFoundError:
        return not os.path.exists("/proc/self/stat")  # there is no /proc, or the process has gone just now
    except ProcessLookupError:
        return False


def start(script: str, **variables: str) -> Start:
    """How a script is started."""
    return Start([sys.executable, "-c", BORN + script], {**os.environ, "PYTHONUNBUFFERED": "1", **variables})


class Script:
    """Some ranks, their output, and the files it goes to."""

    def __init__(self, directory: Path, *starts: Start, guarded: bool = False) -> None:
        """Start them."""
        self.ranks = Ranks(starts, directory, f"test-{os.urandom(8).hex()}")
        self.paths = [directory / f"log{number}" for number in range(len(starts))]
        self.logs = [files.create(path, append=True) for path in self.paths]
        streams = list(zip(self.ranks.outputs, self.logs, strict=True))
        self.output = Output(streams)
        self.guard = Guard(self.ranks.mark, self.output.streams) if guarded else None
        self.output.start()
        self.ranks.start()
        if self.guard:
            self.guard.know(self.ranks.groups)

    def read(self, rank: int = 0) -> bytes:
        """What a rank's log has."""
        return self.paths[rank].read_bytes()


@contextmanager
def running(directory: Path, *scripts: str, guarded: bool = False) -> Iterator[Script]:
    """Ranks that run; whatever the test does, none of them is left."""
    from runstore.launch import supervise

    script = Script(directory, *(start(one) for one in scripts), guarded=guarded)
    try:
        yield script
    finally:
        left = supervise.end(script.ranks, script.output, script.guard, grace=0)
        for log in script.logs:
            os.close(log)
    assert left == set()
