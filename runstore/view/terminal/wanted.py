"""What the screen asks for, and what it was told: plain values, so that reading knows nothing of drawing."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any

CURVES, MACHINE, LOG = "curves", "machine", "log"
PANELS = (CURVES, MACHINE, LOG)
STEP, TIME = "step", "relative"
SMOOTHINGS = (0.0, 0.5, 0.8, 0.9, 0.95, 0.99)
AT_WORK = ("Preparing", "Starting", "Running", "Finalizing", "CancelRequested")
GOING_ON = (*AT_WORK, "NotStarted", "Queued", "Provisioning", "NotResponding")


@dataclass(frozen=True, slots=True)
class Wanted:
    """What is to be read.

    ``run_id``: the chosen run; None for the first one of the list. ``marked``: runs whose curves are drawn beside its.
    ``first`` and ``limit``: which stretch of the list. ``skip`` and ``charts``: which of the metrics that ``search``
    finds. ``given``: the only metrics, where some were named. ``pixels``: dots across a chart.
    """

    experiment: str | None = None
    where: str = ""
    sort: str = ""
    desc: bool = False
    first: int = 0
    limit: int = 60
    run_id: str | None = None
    marked: tuple[str, ...] = ()
    given: tuple[str, ...] = ()
    search: str = ""
    skip: int = 0
    charts: int = 1
    pixels: int = 160
    x: str = STEP
    smoothing: float = 0.0
    log: bool = False
    panel: str = CURVES
    lines: int = 40


@dataclass(frozen=True, slots=True)
class Row:
    """A run in the list. Times are naive UTC, as the views have them."""

    run_id: str
    experiment: str
    name: str | None
    status: str
    started: datetime | None
    ended: datetime | None
    points: int

    @property
    def going_on(self) -> bool:
        """Whether more may come."""
        return self.status in GOING_ON


@dataclass(frozen=True, slots=True)
class Page:
    """A stretch of the list, from ``first`` on, of ``total`` runs that the filter lets through.

    ``metrics``: those that most of these runs have. ``values``: the last value by run and metric. ``running``: how many
    of all runs of the list are running.
    """

    rows: tuple[Row, ...] = ()
    first: int = 0
    total: int = 0
    running: int = 0
    metrics: tuple[str, ...] = ()
    values: Mapping[str, Mapping[str, float]] = field(default_factory=dict)


@dataclass(slots=True)
class Series:
    """One run's line. ``odd``: points that are NaN or infinite; ``number``: which run, the same in all charts."""

    run_id: str
    label: str
    number: int = 0
    xs: list[float] = field(default_factory=list)
    ys: list[float] = field(default_factory=list)
    points: int = 0
    odd: int = 0
    last: float | None = None
    low: float | None = None
    high: float | None = None


@dataclass(slots=True)
class Chart:
    """One metric of the drawn runs. ``hidden``: finite points that a logarithmic axis has no place for."""

    metric: str
    series: list[Series]
    unit: str = ""
    hidden: int = 0


@dataclass(frozen=True, slots=True)
class Charts:
    """The charts to draw, and of how many metrics there could be."""

    charts: tuple[Chart, ...] = ()
    total: int = 0


@dataclass(frozen=True, slots=True)
class Gauge:
    """A figure of the machine over the time of a run."""

    name: str
    means: tuple[float | None, ...]
    last: float
    mean: float
    high: float


@dataclass(frozen=True, slots=True)
class Found:
    """An answer. What was not asked for, or could not be read, is as it was before; ``problem`` says why."""

    wanted: Wanted = Wanted()
    page: Page = Page()
    run_id: str | None = None
    charts: Charts = Charts()
    gauges: tuple[Gauge, ...] = ()
    lines: tuple[str, ...] = ()
    problem: str = ""
    warnings: tuple[str, ...] = ()
    read: bool = False

    @property
    def row(self) -> Row | None:
        """The chosen run, if the list shows it."""
        return next((row for row in self.page.rows if row.run_id == self.run_id), None)


Rows = list[tuple[Any, ...]]
