"""Who is told how far work is that begins by itself in the midst of a question: an index that had to be made."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from contextlib import contextmanager
from typing import TypeAlias

Progress: TypeAlias = Callable[[int, int], None]

_watching: list[Progress] = []


def watch(progress: Progress) -> None:
    """From now on call this with (done, total); it takes the place of what was given before."""
    _watching[:] = [progress]


@contextmanager
def watched(progress: Progress) -> Iterator[None]:
    """Call this as well, until the block ends."""
    _watching.append(progress)
    try:
        yield
    finally:
        _watching.remove(progress)


def tell(done: int, total: int) -> None:
    """Say how far it is."""
    for progress in _watching:
        progress(done, total)
