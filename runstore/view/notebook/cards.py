"""An outline as a card of HTML: small, self-contained, without a script or a link, every name in it escaped."""

from __future__ import annotations

import html
from collections.abc import Sequence

from runstore.view.notebook.outlines import Outline
from runstore.view.notebook.pictures import COLOURS, MUTED, chart
from runstore.view.notebook.subjects import Subject

_STATUSES = {"Completed": "#2e9e5b", "Failed": "#e0525a", "NotResponding": "#e0525a", "Running": "#3b82d6"}
_CARD = "font:13px/1.5 system-ui,-apple-system,'Segoe UI',Roboto,sans-serif;color:inherit;max-width:800px"
_CELL = "text-align:left;padding:2px 14px 2px 0;border:0;background:none;white-space:nowrap"


def of(subject: Subject) -> str | None:
    """The card of what there is now; None where it can't be told."""
    outline = subject.outline()
    return None if outline is None else card(outline)


def curves_of(subject: Subject) -> str:
    """The charts of what there is now; empty where it can't be told."""
    outline = subject.outline()
    return "" if outline is None else curves(outline)


def card(outline: Outline) -> str:
    """The card."""
    parts = [_head(outline), curves(outline)]
    if outline.error:
        parts.insert(1, f'<div style="color:{_STATUSES["Failed"]}">{_safe(outline.error[:300])}</div>')
    if outline.facts:
        parts.insert(-1, _facts(outline.facts, outline.more))
    if outline.table:
        parts.insert(-1, _table(outline.table, bool(outline.charts)))
    return f'<div class="rs-card" style="{_CARD}">{"".join(parts)}</div>'


def curves(outline: Outline) -> str:
    """Its charts alone, beside each other."""
    if not outline.charts:
        return ""
    shown = "".join(map(chart, outline.charts))
    return f'<div style="display:flex;flex-wrap:wrap;gap:8px 16px;margin-top:8px">{shown}</div>'


def _head(outline: Outline) -> str:
    mark = ""
    if outline.status:
        colour = _STATUSES.get(outline.status, MUTED)
        mark = (
            f'<span style="display:inline-block;width:9px;height:9px;border-radius:50%;background:{colour};'
            'margin-right:7px"></span>'
        )
    return (
        f'<div>{mark}<strong style="font-size:14px">{_safe(outline.title)}</strong> '
        f'<span style="color:{MUTED}">{_safe(outline.kind.lower())}</span></div>'
        f'<div style="color:{MUTED};font-size:12px">{_safe(outline.note)}</div>'
    )


def _facts(facts: Sequence[tuple[str, str]], more: int) -> str:
    shown = "".join(
        f'<span><span style="color:{MUTED}">{_safe(name)}</span> {_safe(value)}</span>' for name, value in facts
    )
    shown += f'<span style="color:{MUTED}">and {more} more</span>' if more else ""
    return f'<div style="display:flex;flex-wrap:wrap;gap:2px 16px;margin-top:6px;font-size:12px">{shown}</div>'


def _table(table: Sequence[Sequence[str]], drawn: bool) -> str:
    """The first row is its heads. Where curves are drawn, each run has the mark of its own."""
    heads, *rows = table
    head = "".join(f'<th style="{_CELL};color:{MUTED};font-weight:400">{_safe(cell)}</th>' for cell in heads)
    body = []
    for at, (first, *rest) in enumerate(rows):
        colour = COLOURS[at % len(COLOURS)]
        mark = f'<span style="color:{colour}">\N{BLACK SQUARE}</span> ' if drawn else ""
        cells = [f"{mark}{_safe(first)}", *map(_safe, rest)]
        body.append("<tr>" + "".join(f'<td style="{_CELL}">{cell}</td>' for cell in cells) + "</tr>")
    style = "border-collapse:collapse;margin:6px 0 0;font-size:12px;border:0"
    return f'<table style="{style}"><tr>{head}</tr>{"".join(body)}</table>'


def _safe(text: str) -> str:
    return html.escape(text[:500].encode("utf-8", "replace").decode())
