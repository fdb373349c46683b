"""What a process does to its runs without being asked: how it ends, and when it forks.

An open run gets a truthful end: the exception that nobody caught, the code given to ``sys.exit``, or a normal end.
No signal handler is installed. A forked child lets go of its parent's files; if it logs, it opens its own writer.
"""

from __future__ import annotations

import atexit
import builtins
import os
import sys
import threading
from collections.abc import Callable
from contextlib import suppress
from pathlib import Path
from types import FrameType, TracebackType
from typing import Any, NoReturn, Protocol

from runstore.disk.capabilities import CAN
from runstore.errors import InvalidValue
from runstore.format import values
from runstore.runs import flusher, provenance, sampler, seal


class Open(Protocol):
    """What is needed of a run that is still open in this process."""

    def end_at_exit(self, error: str | None) -> None:
        """The process ends; ``error`` says why, None for a normal end."""

    def forked(self) -> None:
        """This process is a child that was just forked."""


_USER = "UserError"
_open_runs: set[Any] = set()  # an open run ends with the process, not with the last name for it
_error: str | None = None
_interrupted = False
_leaving: tuple[str, FrameType] | None = None
_installed = False


def watch(run: Open) -> None:
    """Look after an open run."""
    _install()
    _open_runs.add(run)


def has_logged() -> bool:
    """Whether any run was ever open in this process, so that its end is to be waited for."""
    return _installed


def unwatch(run: Open) -> None:
    """The run has ended."""
    _open_runs.discard(run)


def describe(error: BaseException) -> str:
    """An exception as type and text, without its notes."""
    import traceback  # not before it is needed: logging starts in milliseconds

    told = traceback.TracebackException(type(error), error, None)
    told.__notes__ = None  # type: ignore[attr-defined,unused-ignore]
    return [*told.format_exception_only()][-1].strip()


def failure(error: BaseException | str | None, code: str | None = None) -> tuple[str | None, dict[str, Any] | None]:
    """What is recorded of an error: its text, and what is known about it.

    The keys are those of the Azure ML SDK v1: ``code``, ``message``, and of an exception ``debug_type``,
    ``debug_message``, ``debug_stack_trace``.

    Raises:
        InvalidValue: neither text nor an exception.
    """
    if error is None:
        return None, {"code": _text(code), "message": None} if code else None
    if isinstance(error, str):
        text = _text(error)
        return text, {"code": _text(code or _USER), "message": text}
    if not isinstance(error, BaseException):
        raise InvalidValue(f"an error is told as text or as an exception, not as {type(error).__name__}")
    import traceback

    text = _text(describe(error))
    return text, {
        "code": _text(code or _USER),
        "message": f"The run failed with {text}",
        "debug_type": type(error).__name__,
        "debug_message": text.partition(": ")[2],
        "debug_stack_trace": _text("".join(traceback.format_exception(error))),
    }


def _text(text: str) -> str:
    return values.text(text, "error")


def opened(path: Path) -> Any:
    """The run of this directory that is open in this process, if one is."""
    return next((run for run in list(_open_runs) if run.path == path), None)


def end_all() -> None:
    """End every open run of this process as it stands."""
    error = _error or _left()
    for run in list(_open_runs):
        run.end_at_exit(error)
    seal.last()
    if _interrupted:
        _mark_interrupted()


def _mark_interrupted() -> None:
    """Have the interpreter die of SIGINT when it has ended.

    It does so after a KeyboardInterrupt that nobody caught, unless text is evaluated later, as imports do: that makes
    it forget.
    """
    with suppress(KeyboardInterrupt):
        exec("raise KeyboardInterrupt")  # only one out of evaluated text counts


def _install() -> None:
    global _installed
    if _installed:
        return
    _installed = True
    atexit.register(end_all)
    sys.excepthook = _excepthook(sys.excepthook)
    sys.exit = _exit(sys.exit)
    quitter = type(getattr(builtins, "exit", None))
    if quitter.__name__ == "Quitter":  # the ``exit`` and ``quit`` that every script has
        quitter.__call__ = _quit(quitter.__call__)  # type: ignore[method-assign]
    if CAN.fork:
        os.register_at_fork(after_in_child=_after_fork)


def _excepthook(before: Callable[..., Any]) -> Callable[..., None]:
    def hook(kind: type[BaseException], error: BaseException, trace: TracebackType | None) -> None:
        global _error, _interrupted
        if not hasattr(sys, "ps1"):  # at a prompt an exception ends nothing
            _error = describe(error)
            _interrupted = kind is KeyboardInterrupt and getattr(sys, "last_value", None) is error  # not by hand
        before(kind, error, trace)

    return hook


def _exit(before: Callable[..., NoReturn]) -> Callable[..., NoReturn]:
    def leave(status: Any = None, /) -> NoReturn:
        _note(status)
        before(status)

    return leave


def _quit(before: Callable[..., NoReturn]) -> Callable[..., NoReturn]:
    def leave(self: Any, code: Any = None) -> NoReturn:
        _note(code)
        before(self, code)

    return leave


def _note(status: Any) -> None:
    """Remember with what this process may be about to end, and the outermost frame that the exception would leave."""
    global _leaving
    if threading.current_thread() is not threading.main_thread():
        return
    frame = sys._getframe()
    while frame.f_back is not None:
        frame = frame.f_back
    failing = status is not None and not (isinstance(status, int) and status == 0)
    _leaving = (f"SystemExit: {status}", frame) if failing else None


def _left() -> str | None:
    """With what the process ends, if by ``sys.exit``: if somebody caught it, the outermost frame has returned."""
    if _leaving is None:
        return None
    import opcode

    text, frame = _leaving
    return None if opcode.opname[frame.f_code.co_code[frame.f_lasti]].startswith("RETURN") else text


def _after_fork() -> None:
    flusher.forget()
    sampler.forget()
    seal.forget()
    provenance.forget()
    runs = list(_open_runs)
    _open_runs.clear()
    for run in runs:
        run.forked()
    multiprocessing = sys.modules.get("multiprocessing.util")
    if multiprocessing is not None:  # its children leave by os._exit, past atexit
        multiprocessing.Finalize(None, end_all, exitpriority=0)
