"""Numbers, times and sizes as every surface for people writes them; see ``runstore.view.terminal.figures``."""

from __future__ import annotations

from runstore.view.terminal.figures import (
    ago,
    change,
    column,
    count,
    duration,
    moment,
    number,
    plural,
    size,
    sparkline,
    utc_now,
)

__all__ = [
    "ago", "change", "column", "count", "duration", "moment", "number", "plural", "size", "sparkline", "utc_now",
]  # fmt: skip
