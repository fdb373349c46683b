"""How a launcher learns that its run was ended by somebody else: from the facts that were laid beside its own."""

from __future__ import annotations

import os
import time
from pathlib import Path

from runstore.disk import files
from runstore.errors import FormatTooNew
from runstore.format import journal, names
from runstore.runs import state

FINE = 1.0  # seconds: how coarse the times of a file system may be
SELDOM = 2.0  # seconds between two looks where the directory's time doesn't change


class Outside:
    """The end of one attempt of a run, as told from outside.

    Asking costs one ``stat`` as long as no file was added to the run. Of those added, only edit journals are read, each
    once: they appear whole.
    """

    def __init__(self, directory: Path, attempt: int) -> None:
        """Nothing is known yet."""
        self._directory, self._attempt = directory, attempt
        self._seen: set[str] = set()
        self._changed, self._looked = 0.0, 0.0
        self._end: tuple[str, str | None] | None = None

    def end(self) -> tuple[str, str | None] | None:
        """Status and error as they were told; None as long as nobody has."""
        if self._end is None and self._grown() and self._new_end():
            for attempt in state.fold(self._directory).attempts:
                if attempt.number == self._attempt and attempt.status in state.TERMINAL:
                    self._end = attempt.status, attempt.error
        return self._end

    def _grown(self) -> bool:
        """Whether files may have been added since the last look."""
        try:
            changed = os.stat(self._directory).st_mtime
        except OSError:
            return False
        now = time.time()
        if changed == self._changed and now - self._looked < SELDOM and self._looked - changed > FINE:
            return False
        self._changed, self._looked = changed, now
        return True

    def _new_end(self) -> bool:
        found = False
        for text in files.names_in(self._directory):
            name = None if text in self._seen else names.parse(text)
            if name is not None and name.kind == "facts" and name.attempt == self._attempt and name.writer:
                self._seen.add(text)
                found = self._ends(self._directory / text) or found
        return found

    def _ends(self, path: Path) -> bool:
        try:
            parts = journal.read_all(files.read(path), path.name)
        except (OSError, FormatTooNew):
            return False
        return any(item[0] == "end" for part in parts for item in part.items())
