"""Child processes by the hundred: forked from a template that has imported runstore already.

The template is started once per test process and per set of capabilities; it has no threads, so a fork of it is clean.
A child runs one job (a function ``job(talk, shared, **arguments)``) and talks to its test in JSON lines over a socket
of its own. What it has done it also counts in memory shared with the test: that survives SIGKILL.
"""

from __future__ import annotations

import importlib
import json
import mmap
import os
import select
import signal
import socket
import subprocess
import sys
import time
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

ROOT = Path(__file__).resolve().parents[2]
PATIENCE = 60.0  # seconds that anything may take before the test gives up
COUNTERS = 128  # 64-bit counters of a ``Shared``


class Shared:
    """Counters in a file that test and children have mapped; one store is one instruction."""

    def __init__(self, path: Path, create: bool = False) -> None:
        if create:
            path.write_bytes(bytes(8 * COUNTERS))
        with open(path, "r+b") as file:
            self._memory = mmap.mmap(file.fileno(), 8 * COUNTERS)
        self.path = path
        self.counters = memoryview(self._memory).cast("q")

    def __getitem__(self, index: int) -> int:
        return self.counters[index]

    def __setitem__(self, index: int, value: int) -> None:
        self.counters[index] = value

    def clear(self) -> None:
        """All counters to 0."""
        for index in range(COUNTERS):
            self.counters[index] = 0

    def close(self) -> None:
        self.counters.release()
        self._memory.close()


class Talk:
    """JSON lines over a socket, both ways."""

    def __init__(self, sock: socket.socket) -> None:
        self._socket = sock
        self._file = sock.makefile("rb")

    def send(self, message: object) -> None:
        self._socket.sendall(json.dumps(message).encode() + b"\n")

    def receive(self) -> Any:
        """The next message.

        Raises:
            EOFError: the other side is gone.
        """
        try:
            line = self._file.readline()
        except ConnectionError:
            line = b""
        if not line.endswith(b"\n"):
            raise EOFError("the other side is gone")
        return json.loads(line)

    def close(self) -> None:
        self._file.close()
        self._socket.close()


class Child:
    """A running job."""

    def __init__(self, template: Template, pid: int, talk: Talk) -> None:
        self.template, self.pid, self.talk = template, pid, talk
        self.code: int | None = None

    def ask(self, *message: Any) -> Any:
        """Send a message and wait for the answer."""
        self.talk.send(message)
        return self.talk.receive()

    def kill(self, number: int = signal.SIGKILL) -> None:
        """Send a signal. The template has not reaped the child yet, so the pid is still its own."""
        if self.code is None:
            os.kill(self.pid, number)

    def wait(self) -> int:
        """Wait for the end; the exit code, negative for a signal."""
        if self.code is None:
            self.code = self.template.reap(self.pid)
            self.talk.close()
        return self.code


class Template:
    """A process that forks children on request. Close it: what still runs of its children is killed."""

    def __init__(self, environment: dict[str, str], *modules: str) -> None:
        """Start it; it imports the jobs and ``modules`` before the first fork."""
        ours, theirs = socket.socketpair()
        with theirs:
            self._process = subprocess.Popen(
                [sys.executable, "-m", "tests.crash.template", str(theirs.fileno()), *modules],
                pass_fds=[theirs.fileno()], env=environment, cwd=ROOT,
            )  # fmt: skip
        ours.settimeout(PATIENCE)
        self._socket, self._talk = ours, Talk(ours)
        self._children: list[Child] = []

    def start(
        self, job: Callable[..., Any], shared: Shared | None = None, errors: Path | None = None, **arguments: Any
    ) -> Child:
        """Fork a child that does ``job``; what it writes to stderr goes to the file ``errors``."""
        ours, theirs = socket.socketpair()
        ours.settimeout(PATIENCE)
        path = str(shared.path) if shared else None
        where = str(errors or os.environ.get("CHILD_ERRORS", os.devnull))
        request = [job.__module__, job.__qualname__, path, where, arguments]
        with theirs:
            socket.send_fds(self._socket, [json.dumps(request, default=str).encode() + b"\n"], [theirs.fileno()])
        child = Child(self, int(self._talk.receive()), Talk(ours))
        self._children.append(child)
        return child

    def reap(self, pid: int) -> int:
        self._talk.send(pid)
        return int(self._talk.receive())

    def clear(self) -> None:
        """Kill and reap what is left of the children."""
        for child in self._children:
            child.kill()
            child.wait()
        self._children.clear()

    def close(self) -> None:
        self._talk.close()
        self._process.wait(PATIENCE)


def until(what: Callable[[], Any], why: str) -> Any:
    """Wait till something is true; give it.

    Raises:
        TimeoutError: it never was.
    """
    deadline = time.monotonic() + PATIENCE
    while not (found := what()):
        if time.monotonic() > deadline:
            raise TimeoutError(f"waited {PATIENCE:.0f} s for: {why}")
        time.sleep(0.0005)
    return found


# ---- in the template


def _requests(sock: socket.socket) -> Iterator[tuple[Any, list[int]]]:
    """Each is ``(pid, [])``, reap it, or ``([module, function, ...], [socket])``."""
    while True:
        data, fds, _, _ = socket.recv_fds(sock, 1 << 16, 1)
        while data and not data.endswith(b"\n"):
            data += sock.recv(1 << 16)
        if not data:
            return
        yield json.loads(data), fds


def _reaped(pid: int, control: socket.socket) -> int:
    """Wait for a child's end, unless the test goes away first."""
    while True:
        done, status = os.waitpid(pid, os.WNOHANG)
        if done:
            return status
        if select.select([control], [], [], 0.0005)[0] and not control.recv(1, socket.MSG_PEEK):
            os.kill(pid, signal.SIGKILL)


def _run(request: list[Any], sock: socket.socket) -> None:
    module, function, path, errors, arguments = request
    job = getattr(importlib.import_module(module), function)
    os.dup2(os.open(errors, os.O_WRONLY | os.O_CREAT | os.O_APPEND, 0o666), 2)
    job(Talk(sock), Shared(Path(path)) if path else None, **arguments)


def _serve(control: socket.socket) -> None:
    for module in ("tests.crash.jobs", *sys.argv[2:]):
        importlib.import_module(module)
    signal.signal(signal.SIGINT, signal.default_int_handler)  # who runs the tests may have had them ignored, for all
    if hasattr(signal, "SIGHUP"):  # that it starts: `nohup`, or `&` in a script
        signal.signal(signal.SIGHUP, signal.SIG_DFL)
    talk, children = Talk(control), set()
    try:
        for request, fds in _requests(control):
            if isinstance(request, int):
                status = _reaped(request, control)
                children.discard(request)
                talk.send(os.waitstatus_to_exitcode(status))
                continue
            pid = os.fork()
            if pid == 0:
                talk.close()
                _run(request, socket.socket(fileno=fds[0]))
                return
            os.close(fds[0])
            children.add(pid)
            talk.send(pid)
    finally:
        for pid in children if os.getpid() == _PID else ():
            os.kill(pid, signal.SIGKILL)


_PID = os.getpid()

if __name__ == "__main__":
    _serve(socket.socket(fileno=int(sys.argv[1])))
