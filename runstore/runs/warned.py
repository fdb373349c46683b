"""What Python says beside the user's prints: who listens, how it is kept, and warnings. Loads no ``logging``."""

from __future__ import annotations

import threading
import warnings
from collections.abc import Callable
from typing import TYPE_CHECKING, Any

from runstore.errors import RunstoreError
from runstore.runs.counts import WARNING

if TYPE_CHECKING:
    from runstore.runs.run import Run

STREAM = "python"
_BEFORE = "_runstore_before"
_FRESH = 1.0  # seconds for which the environment's secrets are taken to be the same
_LOGGING = "logging"  # whose own hook makes a record of a warning
_inside = threading.local()
listeners: list[Run] = []  # the innermost last: a record is one run's


def listen(run: Run) -> None:
    """Take what is said from now on into this run; warnings at once."""
    listeners.append(run)
    if not hasattr(warnings.showwarning, _BEFORE):
        warnings.showwarning = _shower(warnings.showwarning)


def leave(run: Run) -> None:
    """Take no more of it; the hook goes unless somebody has put another on top of it."""
    if run in listeners:
        listeners.remove(run)
    before = getattr(warnings.showwarning, _BEFORE, None)
    if before is not None and not listeners:
        warnings.showwarning = before


def put(
    run: Run,
    logger: str,
    level: int,
    level_name: str,
    text: str,
    exception: str | None = None,
    time_ns: int | None = None,
) -> None:
    """Keep one record of a run and count it; silent where the run has ended. What this makes others say is not kept.

    Args:
        run: whose it is.
        logger: who says it.
        level: a level of Python's logging.
        level_name: its name.
        text: what is said.
        exception: the traceback, if there is one.
        time_ns: when it was, nanoseconds UTC; None is now.
    """
    if run._disabled or run._writer is None or busy():
        return
    from runstore.runs import redact  # not before it is needed: logging starts in milliseconds

    _inside.busy = True
    try:
        writer = run._live()
        redactor = redact.of_process(_FRESH)
        text, exception = redactor.text(text), redactor.text(exception) if exception else None
        writer.side().log(STREAM, logger, level_name, text, exception, time_ns)
        writer.counts.add(level)
    except RunstoreError:
        return  # it has just ended, or a forked child can't have files of its own
    finally:
        _inside.busy = False


def busy() -> bool:
    """Whether this thread is keeping a record right now."""
    return getattr(_inside, "busy", False)


def _shower(before: Callable[..., None]) -> Callable[..., None]:
    def show(message: Any, category: type[Warning], filename: str, lineno: int, *rest: Any, **named: Any) -> None:
        if listeners and before.__module__ != _LOGGING:
            text = f"{filename}:{lineno}: {category.__name__}: {message}"
            put(listeners[-1], "py.warnings", WARNING, "WARNING", text)
        before(message, category, filename, lineno, *rest, **named)

    setattr(show, _BEFORE, before)
    return show
