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
def acting(number: int, act: Act) -> Iterator[list[str]]:
    """Have ``act`` stand in for the call with that number, from 1 on. Gives the names of the calls made so far."""
    made: list[str] = []
    real = {name: getattr(files, name) for name in CALLS}

    def wrap(name: str) -> Callable[..., Any]:
        def call(*arguments: Any, **named: Any) -> Any:
            made.append(name)
            if len(made) == number:
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
