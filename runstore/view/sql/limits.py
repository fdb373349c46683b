"""What one answer to a stranger's SELECT may take."""

from __future__ import annotations

from typing import NamedTuple


class Limits(NamedTuple):
    """Sizes are in bytes."""

    rows: int = 10_000
    size: int = 16 << 20  # of the rows as JSON
    seconds: float = 30.0
    memory: int = 512 << 20
    spill: int = 2 << 30  # on the disk, where memory is short
    children: int = 2  # that answer at the same time
