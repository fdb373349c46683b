"""Questions in SQL from a page, each answered by a child process; one of them stays warm between two questions."""

from __future__ import annotations

import threading
import time
from pathlib import Path
from typing import Any

from runstore.errors import QueryError
from runstore.query import stopping
from runstore.view.sql.children import Child, Retired
from runstore.view.sql.limits import Limits

__all__ = ["Limits", "Questions"]

LONGEST = 100_000
"""Characters of a statement."""

_ENDING = "the server is ending; nothing more is answered"
_PATIENCE = 20.0  # seconds to wait until a child has time
_WARM = 1  # children that are kept
_TRIES = 3  # a warm child may have ended meanwhile


class Questions:
    """The children that answer, and whose turn it is. Safe for any number of threads."""

    def __init__(self, workspace: Path, limits: Limits | None = None) -> None:
        self._workspace, self._limits = workspace, limits or Limits()
        self._turns = threading.BoundedSemaphore(self._limits.children)
        self._lock = threading.Lock()
        self._idle: list[Child] = []
        self._busy: set[Child] = set()
        self._closed = False

    def ask(self, query: str, rows: int | None = None) -> dict[str, Any]:
        """Answer one SELECT of somebody who is not trusted.

        Args:
            query: what was sent.
            rows: at most so many rows; the limit of all answers holds too.

        Returns:
            ``columns`` (each ``name`` and ``type``), ``rows`` (lists of plain JSON values), ``truncated`` (None, or
            which limit there was more than: ``rows`` or ``bytes``), ``warnings`` and ``ms``.

        Raises:
            QueryError: it is refused, wrong, too slow or too large; in one line, with the place in the query.
        """
        if len(query) > LONGEST:
            raise QueryError(f"the statement has {len(query):,} characters; at most {LONGEST:,} are read")
        most = self._limits.rows if rows is None else max(0, min(rows, self._limits.rows))
        began = time.perf_counter()
        if not self._turns.acquire(timeout=_PATIENCE):
            raise QueryError("other statements are still being answered; ask again in a moment")
        try:
            answer = self._answer(query, most)
        finally:
            self._turns.release()
        if "error" in answer:
            raise QueryError(str(answer["error"]))
        return {**answer, "ms": round((time.perf_counter() - began) * 1000, 1)}

    def warm(self) -> None:
        """Start a child that waits for the first question, so that this one needn't wait for it."""
        with self._lock:
            if not self._closed and not self._idle and not self._busy:
                self._idle.append(Child(self._workspace, self._limits))

    def close(self) -> None:
        """End all children, those too that are at work: who waits for their answers is told that there is none."""
        with self._lock:
            self._closed = True
            children = [*self._idle, *self._busy]
            self._idle.clear()
        for child in children:
            child.end()

    def _answer(self, query: str, rows: int) -> dict[str, Any]:
        for _ in range(_TRIES):
            child = self._taken()
            try:
                with stopping.ending(child.kill):
                    return child.ask(query, rows)
            except Retired:
                continue
            except QueryError:
                if self._closed or stopping.over():
                    raise QueryError(_ENDING if self._closed else stopping.OVER) from None
                raise
            finally:
                self._give_back(child)
        raise QueryError("the process that answers ended again and again; ask again in a moment")

    def _taken(self) -> Child:
        """A child that waits, or a new one."""
        with self._lock:
            if self._closed:
                raise QueryError(_ENDING)
            while self._idle:
                child = self._idle.pop()
                if child.living:
                    break
                child.end()
            else:
                child = Child(self._workspace, self._limits)
            self._busy.add(child)
            return child

    def _give_back(self, child: Child) -> None:
        """Keep a child for the next question, if it lives and is wanted."""
        with self._lock:
            self._busy.discard(child)
            if child.living and not self._closed and len(self._idle) < _WARM:
                self._idle.append(child)
                return
        child.end()
