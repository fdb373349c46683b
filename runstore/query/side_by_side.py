"""A comparison of runs as a table for notebooks: as much as one can look through, in a frame that scrolls."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from html import escape
from typing import TYPE_CHECKING, Any

from runstore.query import listing

if TYPE_CHECKING:
    from runstore.query.comparison import Comparison, Metric, Param

RUNS, ROWS = 10, 40  # shown at most: runs beside each other, and rows of params and of metrics each
_LONG = 40  # characters of a value or a name

_FRAME = (
    '<div style="overflow-x:auto;max-width:100%"><table style="border-collapse:collapse">{rows}</table></div>{note}'
)
_CELL = '<{tag} style="text-align:{align};padding:2px 8px;white-space:nowrap"{title}>{text}</{tag}>'


def html(comparison: Comparison) -> str:
    """What differs: the params, then the last values of the metrics with their difference to the first run."""
    runs = comparison.runs[:RUNS]
    params = [one for one in comparison.params if one.changed]
    metrics = [one for one in comparison.metrics if one.changed]
    heads = [_cell(run.name or listing.short(run.run_id), "th", title=run.run_id) for run in runs]
    rows = [_row([_cell("", "th"), *heads])]
    rows.append(_row([_cell("status"), *(_cell(run.status) for run in runs)]))
    rows += [_row([_cell(one.name), *_values(one, len(runs))]) for one in params[:ROWS]]
    rows += [_row([_cell(one.name), *_measured(one, len(runs))]) for one in metrics[:ROWS]]
    return _FRAME.format(rows="".join(rows), note=_note(comparison, params, metrics))


def _note(comparison: Comparison, params: Sequence[Param], metrics: Sequence[Metric]) -> str:
    """What isn't shown."""
    more = [
        (len(comparison.runs) - RUNS, "runs more"),
        (len(params) - ROWS, "params more"),
        (len(metrics) - ROWS, "metrics more"),
        (len(comparison.params) - len(params), "params the same in all"),
        (len(comparison.metrics) - len(metrics), "metrics the same in all"),
    ]
    told = "; ".join(f"{count:,} {what}" for count, what in more if count > 0)
    return f"<p>{told}</p>" if told else ""


def _values(param: Param, runs: int) -> Iterable[str]:
    for value, given in zip(param.values[:runs], param.given, strict=False):
        numeric = isinstance(value, int | float) and not isinstance(value, bool)
        text = "-" if not given else repr(value) if value is None or numeric else listing.shown(value) or ""
        yield _cell(text, right=numeric)


def _measured(metric: Metric, runs: int) -> Iterable[str]:
    for value, delta in zip(metric.values[:runs], metric.delta, strict=False):
        text = "-" if value is None else f"{value:.6g}"
        text += f" ({delta:+.4g})" if delta else ""
        yield _cell(text, right=True, strong=value is not None and value == metric.best)


def _row(cells: Iterable[str]) -> str:
    return f"<tr>{''.join(cells)}</tr>"


def _cell(text: Any, tag: str = "td", *, right: bool = False, strong: bool = False, title: str = "") -> str:
    whole = str(text)
    shown = whole if len(whole) <= _LONG else whole[: _LONG - 1] + "\N{HORIZONTAL ELLIPSIS}"
    told = title or (whole if shown != whole else "")
    body = f"<b>{escape(shown)}</b>" if strong else escape(shown)
    attribute = f' title="{escape(told)}"' if told else ""
    return _CELL.format(tag=tag, align="right" if right else "left", title=attribute, text=body)
