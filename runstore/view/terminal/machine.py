"""What the machine did while a run ran, as few figures as there is room for."""

from __future__ import annotations

from typing import TYPE_CHECKING

from runstore.view.terminal.wanted import Gauge

if TYPE_CHECKING:
    from runstore.query.workspace import Workspace

BUCKETS = 40
_BUCKETS = f"""
WITH told AS (SELECT name, epoch(time) AS seconds, value FROM system_metrics WHERE run_id = ? AND isfinite(value)),
ends AS (SELECT min(seconds) AS low, greatest(max(seconds) - min(seconds), 1e-6) AS span FROM told)
SELECT name, least(floor((seconds - low) / span * {BUCKETS}), {BUCKETS - 1})::INT AS bucket, sum(value), count(*),
max(value), arg_max(value, seconds) FROM told, ends GROUP BY ALL ORDER BY name, bucket
"""


def read(ws: Workspace, run_id: str) -> tuple[Gauge, ...]:
    """Every system metric of a run, in stretches of equal time."""
    found: dict[str, list[tuple[int, float, int, float, float]]] = {}
    for name, *bucket in ws.sql(_BUCKETS, params=[run_id]).fetchall():
        found.setdefault(name, []).append(tuple(bucket))
    return tuple(sorted((_gauge(name, rows) for name, rows in found.items()), key=_rank))


def _gauge(name: str, rows: list[tuple[int, float, int, float, float]]) -> Gauge:
    means: list[float | None] = [None] * BUCKETS
    for bucket, total, count, _, _ in rows:
        means[bucket] = total / count
    mean = sum(row[1] for row in rows) / sum(row[2] for row in rows)
    return Gauge(name, tuple(means), rows[-1][4], mean, max(row[3] for row in rows))


def _rank(gauge: Gauge) -> tuple[int, str]:
    """How busy and how full it is comes first: of the GPUs, the processor, the memory."""
    starts = ("gpu.", "cpu.percent", "cgroup.cpu", "memory.percent", "process.")
    return next((at for at, start in enumerate(starts) if gauge.name.startswith(start)), len(starts)), gauge.name
