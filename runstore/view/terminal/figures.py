"""Numbers, times and sizes as people read them: short, and alike within a column."""

from __future__ import annotations

import math
from collections.abc import Iterable, Sequence
from datetime import UTC, datetime

_SIGNIFICANT = 5
_BARS = "▁▂▃▄▅▆▇█"


def number(value: float, digits: int = 6) -> str:
    """One number on its own, at most ``digits`` significant digits; integers whole."""
    if isinstance(value, int) or (math.isfinite(value) and value.is_integer() and abs(value) < 1e15):
        return str(int(value)) if value or math.copysign(1, value) > 0 else "-0"
    return f"{value:.{digits}g}"


def column(values: Sequence[object]) -> list[str]:
    """Numbers of one column with the same number of decimals, so that their points stand in one line.

    Where the magnitudes lie too far apart for that, each is written in its own shortest way.
    """
    finite = [abs(v) for v in values if isinstance(v, float) and math.isfinite(v)]
    decimals = _decimals(finite)
    return [_cell(value, decimals) for value in values]


def _decimals(finite: list[float]) -> int | None:
    """How many decimals show all of these with enough digits; None if no number of decimals does."""
    largest = max(finite, default=0.0)
    if all(v.is_integer() for v in finite):
        return 0 if largest < 1e15 else None
    smallest = min(v for v in finite if v)
    if largest >= 1e7 or smallest < 1e-4:
        return None
    decimals = max(_SIGNIFICANT - 1 - math.floor(math.log10(largest)), 1)
    written = [len(repr(v).partition(".")[2]) for v in finite if "e" not in repr(v)]
    decimals = min(decimals, max(written, default=decimals))
    return decimals if smallest >= 10.0 ** (1 - decimals) else None


def _cell(value: object, decimals: int | None) -> str:
    if isinstance(value, bool):
        return str(value).lower()
    if isinstance(value, float) and math.isfinite(value) and decimals is not None:
        return f"{value:.{decimals}f}"
    if isinstance(value, int | float):
        return number(value)
    return "" if value is None else str(value)


def change(delta: float | None) -> str:
    """By how much a number differs from another: signed, ``=`` for not at all, empty where it can't be said."""
    if delta is None or math.isnan(delta):
        return ""
    return f"{delta:+.4g}" if delta else "="


def count(value: int) -> str:
    """A count with separators: 12,000."""
    return f"{value:,}"


def plural(value: int, noun: str) -> str:
    """``1 row``, ``2 rows``."""
    return f"{value:,} {noun}" + ("" if value == 1 else "s")


def size(value: int) -> str:
    """Bytes in the unit that keeps the number short."""
    if value < 1000:
        return f"{value} B"
    amount = float(value)
    for unit in ("kB", "MB", "GB", "TB"):
        amount /= 1000
        if amount < 999.5 or unit == "TB":
            break
    return f"{amount:.3g} {unit}"


def duration(seconds: float) -> str:
    """How long: the two largest units."""
    if seconds < 0:
        return "-" + duration(-seconds)
    if seconds < 59.95:
        return f"{seconds:.1f}s" if seconds >= 0.0995 else f"{seconds * 1000:.0f}ms"
    whole = round(seconds)
    if whole < 3600:
        return f"{whole // 60}m {whole % 60:02d}s"
    if whole < 86400:
        return f"{whole // 3600}h {whole % 3600 // 60:02d}m"
    return f"{whole // 86400}d {whole % 86400 // 3600:02d}h"


def ago(then: datetime | None, now: datetime | None = None) -> str:
    """A moment (naive UTC, as the views give it) seen from now: ``5 min ago``; long past ones as a date."""
    if then is None:
        return ""
    seconds = ((now or utc_now()) - then).total_seconds()
    if seconds < 0:
        return f"{then:%Y-%m-%d %H:%M}" if seconds < -60 else "now"
    for limit, length, unit in ((60, 1, "s"), (3600, 60, "min"), (86400, 3600, "h"), (14 * 86400, 86400, "d")):
        if seconds < limit:
            return f"{int(seconds // length)} {unit} ago"
    return f"{then:%Y-%m-%d}"


def moment(then: datetime | None, now: datetime | None = None) -> str:
    """A moment in full, UTC, with how long ago it was."""
    return f"{then:%Y-%m-%d %H:%M:%S} UTC ({ago(then, now)})" if then else ""


def utc_now() -> datetime:
    """Now as the views write times: UTC without a zone."""
    return datetime.now(UTC).replace(tzinfo=None)


def sparkline(values: Iterable[float | None], ends: tuple[float, float] | None = None) -> str:
    """A row of bars, one per value; a gap where there is none. ``ends``: of the least and the highest bar."""
    found = list(values)
    finite = [v for v in found if v is not None and math.isfinite(v)]
    if not finite:
        return ""
    low, high = ends or (min(finite), max(finite))
    found = [v if v is None or not math.isfinite(v) else min(max(v, low), high) for v in found]
    scale = 7 / (high - low) if 0 < high - low < math.inf else 0.0
    return "".join(
        " " if v is None or not math.isfinite(v) else _BARS[round((v - low) * scale) if scale else 3] for v in found
    )
