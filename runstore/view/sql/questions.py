"""Questions in SQL from a page, each answered by a child process; one of them stays warm between two questions."""

from __future__ import annotations

import logging
import threading
import time
from collections.abc import Mapping
from pathlib import Path
from typing import Any

import orjson

from runstore import errors
from runstore.errors import QueryError, RunstoreError
from runstore.query import stopping
from runstore.view.sql.children import Child, Retired
from runstore.view.sql.exchange import Answer, Question
from runstore.view.sql.limits import Limits

__all__ = ["Limits", "Questions", "Unexpected"]

LONGEST = 100_000
"""Characters of a statement."""

_log = logging.getLogger("runstore.view")
_ENDING = "the server is ending; nothing more is answered"
_LEAST = 1.0  # seconds that an answer has, however long it waited
_LOGGED = 100  # different warnings of a server's life
_WARM = 1  # children that are kept
_TRIES = 3  # a warm child may have ended meanwhile


class Unexpected(Exception):
    """A child met an exception that is no answer; the text is its traceback, for the server's log."""


class Questions:
    """The children that answer, and whose turn it is. Safe for any number of threads."""

    def __init__(self, workspace: Path, limits: Limits | None = None, targets: Path | None = None) -> None:
        """No child is started yet.

        Args:
            workspace: the workspace's directory.
            limits: what one answer may take.
            targets: the directory below which answers that are files go.
        """
        self._workspace, self._limits, self._targets = workspace, limits or Limits(), targets
        self._turns = threading.BoundedSemaphore(self._limits.children)
        self._lock = threading.Lock()
        self._idle: list[Child] = []
        self._busy: set[Child] = set()
        self._closed = False
        self._logged: set[str] = set()

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
        answer = self._turn(Question(self._limits.seconds, query, most))
        found: dict[str, Any] = orjson.loads(answer.body)
        ms = round((time.perf_counter() - began) * 1000, 1)
        return {**found, "warnings": answer.head["warnings"], "ms": ms}

    def feed(self, asked: str, arguments: Mapping[str, Any], target: Path | None = None) -> Answer:
        """Call a function of the feed for somebody who is not trusted.

        Args:
            asked: the function, such as ``runs.runs``.
            arguments: its arguments, plain JSON values.
            target: the file that it makes, where it makes one.

        Returns:
            The answer as bytes; of a file only ``name``, ``media_type`` and ``size``, in the head.

        Raises:
            RunstoreError: what the function raises; or a QueryError: it is too slow or too large.
            Unexpected: it has raised something else.
        """
        place = str(target) if target is not None else ""
        answer = self._turn(Question(self._limits.seconds, asked=asked, arguments=dict(arguments), target=place))
        for line in answer.head.get("warnings", ()):
            self._log(line)
        return answer

    def _log(self, line: str) -> None:
        """Log a warning of a child, each once."""
        if line not in self._logged and len(self._logged) < _LOGGED:
            self._logged.add(line)
            _log.warning(line)

    def _turn(self, question: Question) -> Answer:
        """Wait for a child that has time, ask it, and raise what it refuses."""
        until = time.monotonic() + question.seconds
        if not self._turns.acquire(timeout=question.seconds):
            raise QueryError("other questions are still being answered; ask again in a moment")
        try:
            answer = self._answer(question._replace(seconds=max(_LEAST, until - time.monotonic())))
        finally:
            self._turns.release()
        if "unexpected" in answer.head:
            raise Unexpected(answer.head["unexpected"])
        if "error" in answer.head:
            raise _error(answer.head)
        return answer

    def warm(self) -> None:
        """Start a child that waits for the first question, so that this one needn't wait for it."""
        with self._lock:
            if not self._closed and not self._idle and not self._busy:
                self._idle.append(Child(self._workspace, self._limits, self._targets))

    def close(self) -> None:
        """End all children, those too that are at work: who waits for their answers is told that there is none."""
        with self._lock:
            self._closed = True
            children = [*self._idle, *self._busy]
            self._idle.clear()
        for child in children:
            child.end()

    def _answer(self, question: Question) -> Answer:
        for _ in range(_TRIES):
            child = self._taken()
            try:
                with stopping.ending(child.cancel):
                    return child.ask(question)
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
                child = Child(self._workspace, self._limits, self._targets)
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


def _error(head: Mapping[str, Any]) -> RunstoreError:
    """The error that a child met."""
    kind = getattr(errors, str(head.get("kind")), QueryError)
    kind = kind if isinstance(kind, type) and issubclass(kind, RunstoreError) else QueryError
    return kind(str(head["error"]))
