"""A server for as long as a block runs: a real process on loopback that ends with the tests, even with killed ones.

What starts it waits for the end of a pipe that the tests hold open, and then ends the server with all that it started.
"""

from __future__ import annotations

import os
import signal
import socket
import subprocess
import sys
import time
from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager
from pathlib import Path

SECONDS = 300.0  # for which it is waited; a busy machine takes long to load some of them
TRIES = 3  # another process may have taken the port that was free just now

_WARDEN = """
import os, signal, subprocess, sys, threading
signal.signal(signal.SIGINT, signal.SIG_IGN)
server = subprocess.Popen(sys.argv[1:], stdin=subprocess.DEVNULL)
threading.Thread(target=lambda: os._exit(server.wait() & 255), daemon=True).start()
sys.stdin.buffer.read()
os.killpg(0, signal.SIGKILL) if hasattr(os, "killpg") else server.kill()
"""


class NotStarted(Exception):
    """A server is not there. The message says what it said, or what is lacking."""


@contextmanager
def running(
    command: Callable[[list[int]], list[str]],
    ready: Callable[[int], bool],
    place: Path,
    environment: Mapping[str, str] | None = None,
    ports: int = 1,
) -> Iterator[int]:
    """The server runs while the block does; gives its (first) port.

    Args:
        command: starts it, given free ports.
        ready: whether it answers at that port; what it raises of ``OSError`` means no.
        place: its working directory; what it says goes to ``said.log`` there.
        environment: variables that it has besides ours.
        ports: how many it needs.

    Raises:
        NotStarted: it ended, or does not answer.
    """
    place.mkdir(parents=True, exist_ok=True)
    said = place / "said.log"
    for _ in range(TRIES):
        free = free_ports(ports)
        process = _started(command(free), place, said, environment or {})
        try:
            if _answers(process, lambda: ready(free[0])):  # noqa: B023
                yield free[0]
                return
        finally:
            _end(process)
    raise NotStarted(f"{command([0] * ports)} does not answer; it said: {said.read_text('utf-8', 'replace')[-4000:]}")


def free_ports(count: int) -> list[int]:
    """Ports of loopback that nobody listens at."""
    bound = [socket.socket() for _ in range(count)]
    try:
        for one in bound:
            one.bind(("127.0.0.1", 0))
        return [one.getsockname()[1] for one in bound]
    finally:
        for one in bound:
            one.close()


def _started(command: list[str], place: Path, said: Path, environment: Mapping[str, str]) -> subprocess.Popen[bytes]:
    variables = {name: value for name, value in os.environ.items() if not name.startswith(("RUNSTORE_", "PYTHONPATH"))}
    with open(said, "ab") as log:
        return subprocess.Popen(
            [sys.executable, "-c", _WARDEN, *command], cwd=place, env={**variables, **environment},
            stdin=subprocess.PIPE, stdout=log, stderr=log, start_new_session=os.name == "posix",
        )  # fmt: skip


def _answers(process: subprocess.Popen[bytes], ready: Callable[[], bool]) -> bool:
    deadline = time.monotonic() + SECONDS
    while time.monotonic() < deadline and process.poll() is None:
        try:
            if ready():
                return True
        except OSError:
            pass
        time.sleep(0.05)
    return False


def _end(process: subprocess.Popen[bytes]) -> None:
    """All that it started, too: the warden leads a group of its own."""
    assert process.stdin is not None
    if os.name == "posix":
        try:
            os.killpg(process.pid, signal.SIGKILL)
        except ProcessLookupError:
            pass
    process.stdin.close()
    process.wait()
