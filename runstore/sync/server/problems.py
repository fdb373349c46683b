"""What goes wrong, as an answer: a status and JSON that says what happened and what to do."""

from __future__ import annotations

import errno
import logging

from starlette.responses import Response

from runstore.errors import (
    Damaged,
    FormatTooNew,
    Refused,
    RemoteConflict,
    RemoteError,
    RunstoreError,
    Unreachable,
    UsageError,
)
from runstore.sync.server import unexpected
from runstore.sync.server.answers import json_answer

_log = logging.getLogger("runstore.server")
DO = {
    400: "Read the description at /api/v1/openapi.json.",
    401: "Send a token that is good: Authorization: Bearer rs_...; `runstore token create` makes one.",
    403: "Ask who runs the server.",
    404: "Ask for what there is, and try again.",
    405: "Read the description at /api/v1/openapi.json.",
    408: "Try again, faster.",
    409: "Ask what is there, and solve it there or here.",
    411: "Say how long the body is.",
    413: "Send less at once.",
    414: "Send less at once.",
    415: "Send application/json.",
    422: "Send something else: the same will be refused again.",
    429: "Try again later.",
    431: "Send fewer headers.",
    500: "Look for that id in the server's log, or ask who runs it.",
    503: "Try again later.",
    507: "Ask who runs the server for room.",
}


class Problem(Exception):
    """Ends a request with a status."""

    def __init__(self, status: int, error: str, headers: dict[str, str] | None = None) -> None:
        super().__init__(error)
        self.status, self.error, self.headers = status, error, headers or {}

    def answer(self) -> Response:
        """What is sent."""
        return json_answer({"error": self.error, "do": DO[self.status]}, self.status, self.headers)


def of(problem: Exception) -> Problem:
    """What an exception of a remote is to the one who asked. What nobody foresaw is not told to strangers."""
    if isinstance(problem, Problem):
        return problem
    if isinstance(problem, Unreachable):
        return Problem(503, str(problem), {"retry-after": str(max(1, round(problem.after)))})
    if isinstance(problem, OSError) and problem.errno in (errno.ENOSPC, errno.EDQUOT):
        return Problem(507, "the server's disk is full")
    for kind, status in _STATUSES:
        if isinstance(problem, kind):
            return Problem(status, str(problem))
    return Problem(500, f"{unexpected.MESSAGE} {unexpected.log(_log, problem)}")


_STATUSES: tuple[tuple[type[RunstoreError], int], ...] = (
    (RemoteConflict, 409),
    (Refused, 422),
    (FormatTooNew, 422),
    (UsageError, 422),
    (Damaged, 503),
    (RemoteError, 404),
)
