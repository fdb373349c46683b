"""Records of Python's ``logging``, kept as log records of a run. Loaded only where ``logging`` is.

Inside ``with run`` they are taken where they are made, not by a handler: a handler on the root logger would keep
``logging.basicConfig(level=DEBUG)`` from doing anything.
"""

from __future__ import annotations

import logging
from collections.abc import Callable
from typing import TYPE_CHECKING, Any

from runstore.runs import warned
from runstore.runs.warned import listeners

if TYPE_CHECKING:
    from runstore.runs.run import Run

_TAKEN = "_runstore_taken"  # attribute of a record: the ids of the runs that have it
_formatter = logging.Formatter()
_hooked: tuple[Callable[..., Any], Callable[..., Any]] | None = None  # ours, and the one before


class LogHandler(logging.Handler):
    """A handler that writes log records into a run: level, logger, message, time and exception.

    The view ``logs`` has them as stream ``python``, and the run counts warnings and errors. It never raises and never
    prints; when the run has ended it is silent. A record that ``with run`` has taken already is not taken again.

    Args:
        run: a run that is open for logging.
        level: the least level it takes.
    """

    def __init__(self, run: Run, level: int | str = logging.NOTSET) -> None:
        super().__init__(level)
        self._run = run

    def emit(self, record: logging.LogRecord) -> None:
        """Take one record."""
        text = None
        if self.formatter is not None:
            try:
                text = self.format(record)
            except Exception as problem:  # noqa: BLE001 - a wrong format must not end the training
                text = f"{record.msg!r} (can't be formatted: {problem})"
        _take(self._run, record, text)


def hook() -> None:
    """Take the records that are made from now on into the run that listens, whatever handlers there are."""
    global _hooked
    before = logging.getLogRecordFactory()
    if _hooked is None or before is not _hooked[0]:
        _hooked = _factory(before), before
        logging.setLogRecordFactory(_hooked[0])


def unhook() -> None:
    """Take no more where nobody listens; the hook goes unless somebody has put another on top of it."""
    global _hooked
    if _hooked is not None and not listeners:
        if logging.getLogRecordFactory() is _hooked[0]:
            logging.setLogRecordFactory(_hooked[1])
        _hooked = None


def _factory(before: Callable[..., Any]) -> Callable[..., Any]:
    def make(*args: Any, **named: Any) -> Any:
        record = before(*args, **named)
        if listeners:
            _take(listeners[-1], record)
        return record

    return make


def _take(run: Run, record: logging.LogRecord, text: str | None = None) -> None:
    """Take a record, once."""
    taken: frozenset[str] = getattr(record, _TAKEN, frozenset())
    if run.id in taken or warned.busy():
        return
    setattr(record, _TAKEN, taken | {run.id})
    told, exception = text or _message(record), _exception(record)
    warned.put(run, record.name, record.levelno, record.levelname, told, exception, int(record.created * 1e9))


def _message(record: logging.LogRecord) -> str:
    try:
        return record.getMessage()
    except Exception as problem:  # noqa: BLE001 - whatever its arguments do; logging itself tells the user
        return f"{record.msg!r} (can't be formatted: {problem})"


def _exception(record: logging.LogRecord) -> str | None:
    parts = []
    if record.exc_text:
        parts.append(record.exc_text)
    elif record.exc_info and record.exc_info[0] is not None:
        parts.append(_formatter.formatException(record.exc_info))
    if record.stack_info:
        parts.append(record.stack_info)
    return "\n".join(parts) or None
