"""Who did what: one line for each request, appended; old logs are renamed, and the oldest one goes."""

from __future__ import annotations

import itertools
import os
import threading
import time
from contextlib import suppress
from pathlib import Path
from typing import Any

from runstore.disk import files
from runstore.errors import Damaged
from runstore.format import documents

LARGEST, KEPT = 16 << 20, 9
_LONGEST = 500  # letters of what somebody else chose


class Audit:
    """A log at ``path``. Every line is a document (``format.documents``), so that a changed byte is found."""

    def __init__(self, path: Path, largest: int = LARGEST, kept: int = KEPT) -> None:
        self.path, self._largest, self._kept = path, largest, kept
        self._lock = threading.Lock()
        self._fd = -1

    def write(
        self, token: str, address: str, verb: str, what: str, outcome: int, said: str = "", size: int = 0
    ) -> None:
        """Append a line. A full disk is no reason not to serve.

        Args:
            token: the name of whose it was; empty for nobody.
            address: where it came from.
            verb: the method.
            what: the path.
            outcome: the status that was answered.
            said: why it was refused.
            size: bytes that came.
        """
        body: dict[str, Any] = {
            "time": time.time_ns(), "token": token, "address": address, "verb": verb[:20], "what": what[:_LONGEST],
            "outcome": outcome, "bytes": size,
        }  # fmt: skip
        if said:
            body["said"] = said[:_LONGEST]
        line = documents.render(body)
        with self._lock, suppress(OSError):
            self._append(line)

    def last(self, count: int) -> list[Any]:
        """The newest lines, in the order in which they were written; of the newest file only."""
        try:
            lines = files.read(self.path).splitlines(keepends=True)[-count:]
        except FileNotFoundError:
            return []
        found = []
        for line in lines:
            with suppress(Damaged):
                found.append(documents.parse(line, self.path.name))
        return found

    def close(self) -> None:
        """Let go of the file."""
        with self._lock:
            if self._fd >= 0:
                files.close(self._fd)
                self._fd = -1

    def _append(self, line: bytes) -> None:
        if self._fd >= 0 and files.size(self._fd) + len(line) > self._largest:
            files.close(self._fd)
            self._fd = -1
            self._rotate()
        if self._fd < 0:
            self._fd = self._opened()
        files.write_all(self._fd, line)

    def _opened(self) -> int:
        files.make_dirs(self.path.parent)
        try:
            fd = files.reopen(self.path, append=True)
        except FileNotFoundError:
            return files.create(self.path, append=True, private=True)
        size = files.size(fd)
        if size and files.read_at(fd, size - 1, size) != b"\n":  # torn when its server died: leave it at that
            files.close(fd)
            self._rotate()
            return files.create(self.path, append=True, private=True)
        return fd

    def _rotate(self) -> None:
        older = [self.path, *(self.path.with_name(f"{self.path.stem}-{n}.jsonl") for n in range(1, self._kept + 1))]
        for newer, old in reversed(list(itertools.pairwise(older))):
            with suppress(FileNotFoundError):
                os.replace(newer, old)
