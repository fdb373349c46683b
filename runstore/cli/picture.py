"""Charts as PNG, by matplotlib (extra ``plot``)."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any, BinaryIO

from runstore.cli import figures
from runstore.cli.curves import Chart
from runstore.cli.svg import LIGHT
from runstore.cli.text import elide, safe
from runstore.errors import RunstoreError

_MOST = 8e307  # matplotlib can't draw values whose difference is no double any more
_DASHES = ("-", "--", ":", "-.")


def png(charts: Sequence[Chart], target: BinaryIO) -> None:
    """Write one picture of all charts, one below the other.

    Raises:
        RunstoreError: matplotlib is missing.
    """
    try:
        from matplotlib.figure import Figure
    except ImportError:
        raise RunstoreError(
            "png pictures need matplotlib: pip install 'runstore[plot]'; svg and html need nothing"
        ) from None
    entries = sum(len(chart.curves) for chart in charts)
    figure = Figure(figsize=(8.6, 3.6 * len(charts) + 0.24 * entries), dpi=160, layout="constrained")
    for number, chart in enumerate(charts):
        _draw(figure.add_subplot(len(charts), 1, number + 1), chart)
    figure.savefig(target, format="png")


def _draw(axes: Any, chart: Chart) -> None:
    for number, curve in enumerate(chart.curves):
        last = f"  {figures.number(curve.last, 5)}" if curve.points else ""
        axes.plot(
            curve.xs,
            [min(max(y, -_MOST), _MOST) for y in curve.ys],
            color=LIGHT[number % len(LIGHT)],
            linestyle=_DASHES[number // len(LIGHT) % len(_DASHES)],
            linewidth=1.2,
            marker="o" if len(curve.xs) == 1 else None,
            markersize=4,
            label=_text(elide(safe(curve.label), 100)) + last,
        )
    axes.set_title(_text(elide(safe(chart.metric), 90)), loc="left", fontsize=11, fontweight="bold")
    below = "\n".join(safe(line) for line in (chart.x_title, *chart.notes()))
    axes.set_xlabel(_text(below), loc="right", fontsize=9, color="#59636e")
    _scale(axes, chart)
    axes.grid(axis="y", color="#e6e9ed", linewidth=0.8)
    axes.set_axisbelow(True)
    axes.spines[["top", "right", "left"]].set_visible(False)
    axes.tick_params(labelsize=9, labelcolor="#59636e", left=False)
    axes.legend(loc="upper left", bbox_to_anchor=(0, -0.16), frameon=False, fontsize=9, borderaxespad=0)


def _scale(axes: Any, chart: Chart) -> None:
    """The same axes and marks that the other pictures have."""
    x_axis, y_axis = chart.axes(room=0.04)
    if chart.log:
        axes.set_yscale("log")
    for along, shown, marks in (("x", x_axis, x_axis.marks(8, chart.whole)), ("y", y_axis, y_axis.marks(6))):
        getattr(axes, f"set_{along}lim")(max(shown.low, -_MOST), min(shown.high, _MOST))
        values = [value for value, _ in marks]
        getattr(axes, f"set_{along}ticks")(values, [text for _, text in marks])
        getattr(axes, f"set_{along}ticks")([], minor=True)


def _text(text: str) -> str:
    """A name is never read as a formula, nor as one that the legend leaves out."""
    text = text.replace("$", "\\$")
    return f"\u200b{text}" if text.startswith("_") else text
