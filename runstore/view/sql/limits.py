"""What one answer to a stranger's question may take."""

from __future__ import annotations

from typing import NamedTuple


class Limits(NamedTuple):
    """Sizes are in bytes."""

    rows: int = 10_000
    size: int = 16 << 20  # of the rows as JSON
    seconds: float = 10.0  # from the moment it was asked, waiting for a process included
    memory: int = 512 << 20
    spill: int = 2 << 30  # on the disk, where memory is short
    children: int = 2  # that answer at the same time
    frame: int = 256 << 20  # of an answer of the feed
