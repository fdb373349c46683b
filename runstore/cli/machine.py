"""What the machine did while a run ran, in a few lines. All of it is in the view ``system_metrics``."""

from __future__ import annotations

import re
from collections.abc import Sequence
from typing import TYPE_CHECKING, Any

from runstore.cli import figures
from runstore.cli.table import Column
from runstore.cli.text import safe

if TYPE_CHECKING:
    from runstore import Run, Workspace

SHOWN = re.compile(
    r"cpu\.percent|cgroup\.cpu\.percent|memory\.percent|process\.memory\.rss_bytes"
    r"|gpu\.\d+\.(utilization|memory\.percent)"
)


def gather(ws: Workspace, run: Run) -> list[dict[str, Any]]:
    """Of each system metric how many samples there are, their mean and the highest."""
    asked = "SELECT name, count(value), avg(value), max(value) FROM system_metrics WHERE run_id = ? GROUP BY name"
    rows = ws.sql(f"{asked} ORDER BY name", params=[run.id]).fetchall()
    return [dict(zip(("name", "count", "mean", "max"), row, strict=True)) for row in rows]


def columns(found: Sequence[dict[str, Any]]) -> list[Column]:
    """Those that tell how busy and how full it was."""
    shown = [one for one in found if SHOWN.fullmatch(one["name"]) and one["count"]]
    return [
        Column("name", [safe(one["name"]) for one in shown], weight=100),
        *(Column(key, [_figure(one["name"], one[key]) for one in shown], right=True) for key in ("mean", "max")),
    ]


def _figure(name: str, value: float) -> str:
    return figures.size(round(value)) if name.endswith("_bytes") else f"{value:.1f} %"
