"""Something happens at the Nth call through the one seam for file calls (``runstore.disk.files``)."""

from __future__ import annotations

import os
import signal
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from typing import Any

from runstore.disk import files

CALLS = (
    "read", "create", "write", "read_at", "allocate", "mapping", "sync", "sync_dir", "truncate", "close", "unlink",
    "make_dirs", "listing", "reveal", "touch", "size",
)  # fmt: skip

Act = Callable[[str, Callable[..., Any], tuple[Any, ...]], Any]


@contextmanager
def acting(number: int, act: Act, times: int = 1) -> Iterator[list[str]]:
    """Have ``act`` stand in for the call with that number, from 1 on, and for the next ones if it is several ``times``.

    Gives the names of the calls made so far.
    """
    made: list[str] = []
    real = {name: getattr(files, name) for name in CALLS}

    def wrap(name: str) -> Callable[..., Any]:
        def call(*arguments: Any, **named: Any) -> Any:
            made.append(name)
            if number <= len(made) < number + times:
                return act(name, lambda *other: real[name](*(other or arguments), **named), arguments)
            return real[name](*arguments, **named)

        return call

    for name in CALLS:
        setattr(files, name, wrap(name))
    try:
        yield made
    finally:
        for name, function in real.items():
            setattr(files, name, function)


def die_before(name: str, call: Callable[..., Any], arguments: tuple[Any, ...]) -> None:
    """The process is killed before the call."""
    os.kill(os.getpid(), signal.SIGKILL)


def die_during(name: str, call: Callable[..., Any], arguments: tuple[Any, ...]) -> None:
    """The process is killed when the call is done; a write has taken only half of its bytes."""
    try:
        if name == "write":
            call(arguments[0], bytes(arguments[1])[: len(arguments[1]) // 2])
        else:
            call()
    finally:
        os.kill(os.getpid(), signal.SIGKILL)


def refusing(code: int) -> Act:
    """The system refuses the call; it takes half of the first write, as it does when a disk becomes full."""
    taken: list[int] = []

    def refuse(name: str, call: Callable[..., Any], arguments: tuple[Any, ...]) -> Any:
        if name == "write" and not taken and len(arguments[1]) > 1:
            taken.append(call(arguments[0], bytes(arguments[1])[: len(arguments[1]) // 2]))
            return taken[0]
        if name == "close":
            call()  # the descriptor is free, whatever close says
        raise OSError(code, os.strerror(code))

    return refuse
