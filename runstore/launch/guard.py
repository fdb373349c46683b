"""A small process beside the launcher: when that dies, it ends what was started, and keeps what was printed last.

It waits at a pipe whose other end the launcher alone has open. "done" ends it. The end of the pipe without that word
is the launcher's death, however it came: the script's processes are ended, and what is left in their pipes, which the
guard holds open too, goes to the log files. Where the system can't share what was read and not yet written, that dies
with the launcher: what was printed within some microseconds.
"""

from __future__ import annotations

import json
import os
import subprocess
import sys
from collections.abc import Collection, Sequence
from contextlib import suppress
from pathlib import Path

from runstore.disk import processes
from runstore.disk.capabilities import CAN
from runstore.launch import tree
from runstore.launch.output import Output

PATIENCE = 10.0  # seconds that the guard's end is waited for
_ROOT = Path(__file__).resolve().parents[2]


class Guard:
    """The launcher's side of it."""

    def __init__(self, mark: str, streams: Sequence[tuple[int, ...]], grace: float = tree.GRACE) -> None:
        """Start it; this doesn't wait until it looks.

        Args:
            mark: by which ``tree`` finds what it has to end.
            streams: those of the ``Output``.
            grace: seconds that processes have to end by themselves.

        Raises:
            OSError: no process can be started.
        """
        streams = streams if CAN.hand_down else ()
        given = [fd for stream in streams for fd in stream if fd >= 0]
        told = [",".join(map(str, stream)) for stream in streams]
        command = [sys.executable, "-S", "-m", "runstore.launch.guard", mark, str(grace), *told]
        self._process = subprocess.Popen(
            command,
            cwd=_ROOT,  # it keeps no directory of a run in use
            env=_environment(),
            stdin=subprocess.PIPE,
            stdout=subprocess.DEVNULL,
            stderr=subprocess.DEVNULL,
            bufsize=0,
            **processes.apart(),
            **processes.hand_down(*given),
        )

    @property
    def pid(self) -> int:
        """Its process id."""
        return self._process.pid

    def know(
        self, groups: Collection[int], commands: Sequence[Sequence[str]] = (), last: Sequence[str] | None = None
    ) -> None:
        """Tell it what to do. It is no error if a process is not there any more, or a command fails.

        Args:
            groups: the processes that were started.
            commands: what ends what can't be reached by a signal, such as a container.
            last: what clears up when all has ended.
        """
        told = [*groups, *map(json.dumps, commands), *([json.dumps({"last": last})] if last else [])]
        self._say("".join(f"{one}\n" for one in told))

    def done(self) -> None:
        """All has ended well: end it too."""
        self._say("done\n")
        if self._process.stdin:
            self._process.stdin.close()
        try:
            self._process.wait(PATIENCE)
        except subprocess.TimeoutExpired:
            self._process.kill()
            self._process.wait()

    def _say(self, words: str) -> None:
        with suppress(OSError, ValueError):
            if self._process.stdin:
                self._process.stdin.write(words.encode())


def _environment() -> dict[str, str]:
    kept = {name: value for name, value in os.environ.items() if name not in (tree.MARK, "PYTHONSTARTUP")}
    return {**kept, "PYTHONPATH": str(_ROOT), "PYTHONDONTWRITEBYTECODE": "1"}


def main(mark: str, grace: float, streams: Sequence[str]) -> None:
    """Wait for the launcher's word or its death."""
    _ignore_signals()
    said = b""
    while piece := os.read(0, 1 << 16):
        said += piece
    lines = said.splitlines()
    if b"done" in lines:
        return
    output = Output([tuple(map(int, stream.split(","))) for stream in streams])
    output.start()
    for line in lines:
        if line.startswith(b"["):
            _run(json.loads(line), PATIENCE)
    tree.kill([int(line) for line in lines if line.isdigit()], mark, grace)
    output.stop()
    for line in lines:
        if line.startswith(b"{"):
            _run(json.loads(line)["last"], None)


def _run(command: list[str], seconds: float | None) -> None:
    null = subprocess.DEVNULL
    with suppress(OSError, subprocess.TimeoutExpired):
        subprocess.run(command, stdin=null, stdout=null, stderr=null, timeout=seconds, check=False)


def _ignore_signals() -> None:
    """What ends the launcher must not end the guard before it."""
    import signal

    for name in ("SIGTERM", "SIGINT", "SIGHUP"):
        if hasattr(signal, name):
            signal.signal(getattr(signal, name), signal.SIG_IGN)


if __name__ == "__main__":
    main(sys.argv[1], float(sys.argv[2]), sys.argv[3:])
    os._exit(0)
