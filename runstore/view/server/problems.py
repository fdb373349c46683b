"""What goes wrong, as an answer: a status and JSON that says what happened and what to do."""

from __future__ import annotations

import logging
from typing import TYPE_CHECKING

from runstore.errors import (
    Damaged,
    LaunchError,
    ModelNotFound,
    NotWritable,
    QueryError,
    RemoteError,
    RunNotFound,
    RunstoreError,
    StoreError,
    UsageError,
)
from runstore.sync.server import unexpected

if TYPE_CHECKING:
    from starlette.responses import Response

_log = logging.getLogger("runstore.view")
_STATUSES: tuple[tuple[type[RunstoreError], int], ...] = (  # the first that fits
    (RunNotFound, 404),
    (ModelNotFound, 404),
    (NotWritable, 403),
    (Damaged, 422),
    (UsageError, 400),
    (QueryError, 400),
    (LaunchError, 400),
    (RemoteError, 502),
    (StoreError, 404),
)


class Problem(Exception):
    """Ends a request with a status; ``allow``: the methods that there are, where it was asked by another (RFC 9110)."""

    def __init__(self, status: int, error: str, hint: str = "", allow: str = "") -> None:
        super().__init__(error)
        self.status, self.error, self.hint, self.allow = status, error, hint, allow

    @property
    def told(self) -> dict[str, str]:
        """What is said of it, wherever the page is."""
        return {"error": self.error, "hint": self.hint}

    def answer(self) -> Response:
        """What the server sends. In a notebook there is none, and maybe no Starlette."""
        from runstore.view.server.answers import json_answer

        made = json_answer(self.told, self.status)
        if self.allow:
            made.headers["allow"] = self.allow
        return made


def of(problem: Exception) -> Problem:
    """An exception as an answer. The text of one that nobody foresaw stays in the server's log."""
    if isinstance(problem, Problem):
        return problem
    for kind, status in _STATUSES:
        if isinstance(problem, kind):
            return _told(status, str(problem))
    incident = unexpected.log(_log, problem)
    return Problem(500, f"{unexpected.MESSAGE} {incident}", f"Look for {incident} in the server's log.")


def _told(status: int, text: str) -> Problem:
    """A message is one line: what and where, and after its last semicolon what to do."""
    error, mark, hint = text.rpartition("; ")
    return Problem(status, error, hint) if mark else Problem(status, text)
