"""When somebody last saw that a run was alive."""

from __future__ import annotations

import math

from runstore.disk import files
from runstore.format import names
from runstore.runs.state import RunState


def age(run: RunState) -> float | None:
    """Seconds since the newest heartbeat of a run's processes, by this machine's clock; None where none is kept."""
    ages = [files.age(run.path / names.lock(part.writer)) for part in run.writers if part.end is None]
    youngest = min(ages, default=math.inf)
    return max(youngest, 0.0) if math.isfinite(youngest) else None
