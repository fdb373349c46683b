"""The processes of one script: N ranks, each in a session of its own, what it prints in a pipe of its own."""

from __future__ import annotations

import errno
import os
import subprocess
from collections.abc import Sequence
from contextlib import suppress
from pathlib import Path
from typing import NamedTuple

from runstore.disk import processes
from runstore.errors import LaunchError
from runstore.launch import tree

ADDRESS = "127.0.0.1"


class Start(NamedTuple):
    """How one process is started. ``environment`` is all it gets, besides the mark."""

    command: list[str]
    environment: dict[str, str]


def variables(rank: int, processes: int, port: int) -> dict[str, str]:
    """What a rank finds in its environment: as torchrun has it, for one machine.

    Args:
        rank: from 0.
        processes: how many there are; one alone is told where the others would meet, but no rank.
        port: where they meet; the same for all of them, from ``free_port``.
    """
    meeting = {"MASTER_ADDR": ADDRESS, "MASTER_PORT": str(port)}
    if processes == 1:
        return meeting
    own, all_of_them = str(rank), str(processes)
    return {
        "RANK": own, "LOCAL_RANK": own, "WORLD_SIZE": all_of_them, "LOCAL_WORLD_SIZE": all_of_them, "NODE_RANK": "0",
        **meeting,
    }  # fmt: skip


def free_port() -> int:
    """A TCP port of this machine that nobody uses at this moment."""
    import socket

    with socket.socket() as one:
        one.bind((ADDRESS, 0))
        port: int = one.getsockname()[1]
        return port


class Ranks:
    """The processes of one script, from their pipes to their ends. ``outputs`` are the pipes' ends to read from."""

    def __init__(self, starts: Sequence[Start], directory: Path, mark: str) -> None:
        """Make the pipes; nothing is started yet.

        Args:
            starts: one per rank.
            directory: where they work.
            mark: by which ``tree`` finds what they start.

        Raises:
            OSError: no pipe is to be had.
        """
        self.mark = mark
        self.codes: list[int | None] = [None] * len(starts)
        self.outputs: list[int] = []
        self._starts, self._directory = list(starts), directory
        self._inputs: list[int] = []
        self._children: list[subprocess.Popen[bytes]] = []
        for _ in starts:
            output, into = os.pipe()
            processes.widen(output)
            self.outputs.append(output)
            self._inputs.append(into)

    @property
    def groups(self) -> list[int]:
        """The ids of those that were started, which are their groups' too."""
        return [child.pid for child in self._children]

    def start(self) -> None:
        """Start all of them.

        Raises:
            LaunchError: one can't be started; those before it are ended.
        """
        try:
            for start, into in zip(self._starts, self._inputs, strict=True):
                self._children.append(self._started(start, into))
        except LaunchError:
            tree.kill(self.groups, self.mark, grace=0)
            raise
        finally:
            for into in self._inputs:
                os.close(into)
            self._inputs = []

    def _started(self, start: Start, into: int) -> subprocess.Popen[bytes]:
        try:
            return subprocess.Popen(
                start.command,
                cwd=self._directory,
                env={**start.environment, tree.MARK: self.mark},
                stdin=subprocess.DEVNULL,
                stdout=into,
                stderr=into,
                **processes.apart(),
            )
        except (OSError, ValueError) as problem:
            reason = getattr(problem, "strerror", None) or problem
            large = getattr(problem, "errno", None) == errno.E2BIG
            way = "put long arguments and variables in a file" if large else "name a program that is there"
            raise LaunchError(f"{start.command[0]}: can't be started in {self._directory} ({reason}); {way}") from None

    def poll(self) -> list[int | None]:
        """With what each has ended, None for those that live; the negative number of a signal for those it killed."""
        for rank, child in enumerate(self._children):
            if self.codes[rank] is None:
                self.codes[rank] = processes.ended(child)
        return self.codes

    def close(self) -> None:
        """Let go of processes that have ended, and of the pipes. Call when nobody reads them any more."""
        self.poll()
        for child in self._children:
            if child.poll() is None:
                continue  # it can't be ended: the machine's init gets it
        for pipe in self.outputs + self._inputs:
            with suppress(OSError):
                os.close(pipe)
        self.outputs, self._inputs = [], []
