"""Exact account of what the file system refused, and the one warning about it."""

from __future__ import annotations

import os
import sys
import time
from contextlib import suppress
from pathlib import Path

PAUSE, LONGEST_PAUSE = 1.0, 10.0  # seconds between two tries to copy what the disk failed to take: doubled each time


class Faults:
    """The faults that one stream of journals has met."""

    def __init__(self, label: str, fate: str = "", things: str = "points") -> None:
        """Nothing has happened yet.

        Args:
            label: whose stream it is, in messages.
            fate: what becomes of what finds no room; empty: it is counted and lost.
            things: what the stream holds, in messages.
        """
        self.label, self.fate, self.things = label, fate or f"{things} are counted and lost", things
        self.dropped = 0
        self.told = 0  # of dropped, how many are recorded in the facts
        self.reason = ""
        self.retry_at = 0.0
        self._said: set[str] = set()
        self._copy_at, self._pause = 0.0, PAUSE

    def share(self, other: Faults) -> None:
        """Belong to the same writer: what the other has said need not be said again."""
        self._said = other._said

    def early(self) -> bool:
        """Whether it is too early to copy again what the disk failed to take; each next pause is longer."""
        now = time.monotonic()
        if now < self._copy_at:
            return True
        self._copy_at = now + self._pause
        self._pause = min(self._pause * 2, LONGEST_PAUSE)
        return False

    def settled(self) -> None:
        """The disk has confirmed something: it may be asked at once again."""
        self._copy_at, self._pause = 0.0, PAUSE

    def refuse(self, problem: Exception, where: Path) -> None:
        """Take note that points can't be kept, and say it once."""
        self.reason = _reason(problem)
        self.say(
            f"can't write to {where} ({self.reason}); training goes on, {self.fate} until there is room",
            once="refused",
        )

    def doubt(self, problem: Exception) -> None:
        """Take note that the disk does not confirm what is stored, and say it once."""
        self.reason = _reason(problem)
        self.say(f"the disk does not confirm what is logged ({self.reason}); it is asked again", once="doubted")

    def deleted(self, where: Path, directory: bool) -> None:
        """Report once that journals, or their whole directory, were deleted; what they held counts as dropped."""
        self.reason = "its directory was deleted" if directory else "its journal was deleted"
        lost = f"{self.dropped:,} {self.things} so far are lost"
        if directory:
            later = "later ones are counted and lost as well"
            self.say(f"{where} was deleted while the run logs; {lost}, training goes on, {later}", once="deleted")
            self._said.add("refused")  # it would be the same news again
        else:
            self.say(f"a journal in {where} was deleted; {lost}, logging goes on in a new one", once="deleted")

    def moved(self, where: Path) -> None:
        """Report once that the directory is no longer at its path, though its files are somewhere."""
        advice = "files and other new data are refused; end this run and start the next one in the new place"
        self.say(f"{where} was moved while the run logs; points go to its open journal, {advice}", once="moved")

    def say(self, what: str, once: str = "") -> None:
        """Tell the user, wherever stderr may lead; of each kind of news ``once`` no more than once."""
        if once and once in self._said:
            return
        self._said.add(once)
        with suppress(OSError, ValueError, AttributeError):
            sys.stderr.write(f"runstore: {self.label}: {what}\n")


def _reason(problem: Exception) -> str:
    number = getattr(problem, "errno", None)
    return os.strerror(number) if number else str(problem)
