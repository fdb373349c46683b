"""Charts as SVG, and as a page around it: written out here, without any library."""

from __future__ import annotations

from collections.abc import Sequence
from html import escape

from runstore.cli import figures
from runstore.cli.curves import Chart, Curve
from runstore.cli.text import elide, safe
from runstore.view.terminal.ticks import Axis

WIDTH, HEIGHT = 860, 380
LEFT, RIGHT, TOP, BOTTOM = 68, 20, 44, 46
LINE = 22  # of the legend

# The same hues for a white and for a dark ground, each with a contrast of at least 3 to 1 against it.
LIGHT = ("#0068b5", "#c44e00", "#00805c", "#a33d8f", "#8a6a00", "#5551c9", "#b8324a", "#0c7c8c", "#5d6673", "#7d4a1e")
DARK = ("#58b1f5", "#ff9b57", "#3fc99b", "#e58ad3", "#d9b13b", "#a5a1ff", "#ff7f92", "#4cc7d9", "#a7b0bd", "#cf9a6a")
_INK = {  # ground, text, muted text, grid
    False: ("#ffffff", "#1b1f24", "#59636e", "#e6e9ed"),
    True: ("#14171c", "#eceff4", "#9aa4b2", "#2a303a"),
}
_NAMES = ("ground", "text", "muted", "grid")
_STYLE = """
.rs text { font: 12px system-ui, -apple-system, "Segoe UI", Roboto, sans-serif; fill: var(--muted) }
.rs .title { font-size: 15px; font-weight: 600; fill: var(--text) }
.rs .name { fill: var(--text) }
.rs .grid { stroke: var(--grid); stroke-width: 1 }
.rs .axis { stroke: var(--muted); stroke-width: 1 }
.rs .curve { fill: none; stroke-width: 1.6; stroke-linejoin: round; stroke-linecap: round }
"""
_PAGE = """<!doctype html>
<html lang="en">
<head>
<meta charset="utf-8">
<meta name="viewport" content="width=device-width, initial-scale=1">
<title>{title}</title>
<style>
{variables}
@media (prefers-color-scheme: dark) {{
{dark}
}}
body {{ margin: 32px auto; max-width: 900px; padding: 0 20px; background: var(--ground); color: var(--text);
  font: 14px/1.5 system-ui, -apple-system, "Segoe UI", Roboto, sans-serif }}
svg {{ width: 100%; height: auto }}
table {{ border-collapse: collapse; margin: 8px 0 40px; width: 100%; font-variant-numeric: tabular-nums }}
th, td {{ text-align: right; padding: 4px 12px; border-bottom: 1px solid var(--grid) }}
th {{ color: var(--muted); font-weight: 500 }}
th:first-child, td:first-child {{ text-align: left; padding-left: 0 }}
footer {{ color: var(--muted) }}
{style}</style>
</head>
<body>
{body}
<footer>Made by runstore, {made}</footer>
</body>
</html>
"""


def svg(charts: Sequence[Chart]) -> str:
    """One picture of all charts, one below the other, on a white ground."""
    heights = [_height(chart) for chart in charts]
    tops = [sum(heights[:number]) for number in range(len(charts))]
    body = "".join(
        f'<g transform="translate(0 {top})">\n{_drawing(chart)}</g>\n' for chart, top in zip(charts, tops, strict=True)
    )
    total = sum(heights)
    return (
        f'<svg xmlns="http://www.w3.org/2000/svg" class="rs" viewBox="0 0 {WIDTH} {total}" width="{WIDTH}" '
        f'height="{total}" role="img">\n<title>{_text(_title(charts))}</title>\n'
        f"<style>{_fixed(_STYLE)}</style>\n"
        f'<rect width="100%" height="100%" fill="{_INK[False][0]}"/>\n{_fixed(body)}</svg>\n'
    )


def page(charts: Sequence[Chart]) -> str:
    """A page that stands by itself: every chart with a table of its numbers, in the reader's light or dark colours."""
    parts = []
    for chart in charts:
        parts.append(
            f'<svg class="rs" viewBox="0 0 {WIDTH} {_height(chart)}" role="img" aria-label="{_text(chart.metric)}">\n'
            f"{_drawing(chart)}</svg>\n{_numbers(chart)}"
        )
    return _PAGE.format(
        title=_text(_title(charts)),
        variables=_variables(dark=False),
        dark=_variables(dark=True),
        style=_STYLE,
        body="\n".join(parts),
        made=f"{figures.utc_now():%Y-%m-%d %H:%M} UTC",
    )


def _title(charts: Sequence[Chart]) -> str:
    return ", ".join(chart.metric for chart in charts)


def _colours(dark: bool) -> dict[str, str]:
    curves = {f"c{number}": colour for number, colour in enumerate(DARK if dark else LIGHT)}
    return dict(zip(_NAMES, _INK[dark], strict=True)) | curves


def _variables(dark: bool) -> str:
    return f":root {{ {' '.join(f'--{name}: {colour};' for name, colour in _colours(dark).items())} }}"


def _fixed(text: str) -> str:
    """The colours themselves in place of variables, which many programs that show SVG don't know."""
    for name, colour in _colours(dark=False).items():
        text = text.replace(f"var(--{name})", colour)
    return text


def _height(chart: Chart) -> int:
    return HEIGHT + LINE * (len(chart.curves) + len(chart.notes())) + 14


def _drawing(chart: Chart) -> str:
    """One chart: its title, grid, axes, curves and legend."""
    x_axis, y_axis = chart.axes(room=0.04)
    right, bottom = WIDTH - RIGHT, HEIGHT - BOTTOM
    parts = [f'<text class="title" x="{LEFT}" y="26">{_text(elide(safe(chart.metric), 90))}</text>']
    for value, text in y_axis.marks(8):
        y = _y(y_axis, value)
        parts.append(f'<line class="grid" x1="{LEFT}" x2="{right}" y1="{y}" y2="{y}"/>')
        parts.append(f'<text x="{LEFT - 8}" y="{y}" dy="4" text-anchor="end">{_text(text)}</text>')
    for value, text in x_axis.marks(8, chart.whole):
        x = _x(x_axis, value)
        parts.append(f'<line class="axis" x1="{x}" x2="{x}" y1="{bottom}" y2="{bottom + 4}"/>')
        parts.append(f'<text x="{x}" y="{bottom + 18}" text-anchor="middle">{_text(text)}</text>')
    parts.append(f'<line class="axis" x1="{LEFT}" x2="{right}" y1="{bottom}" y2="{bottom}"/>')
    parts.append(f'<text x="{right}" y="{bottom + 34}" text-anchor="end">{_text(chart.x_title)}</text>')
    for number, curve in enumerate(chart.curves):
        parts.append(_curve(curve, number, x_axis, y_axis))
        parts.append(_entry(curve, number))
    for number, note in enumerate(chart.notes(), len(chart.curves)):
        parts.append(f'<text x="{LEFT}" y="{HEIGHT + LINE * number + 8}" dy="4">{_text(elide(safe(note), 120))}</text>')
    return "".join(f"{part}\n" for part in parts if part)


def _curve(curve: Curve, number: int, x_axis: Axis, y_axis: Axis) -> str:
    if not curve.xs:
        return ""
    places = [f"{_x(x_axis, x)},{_y(y_axis, y)}" for x, y in zip(curve.xs, curve.ys, strict=True)]
    if len(places) == 1:
        x, _, y = places[0].partition(",")
        return f'<circle cx="{x}" cy="{y}" r="3.5" fill="{_colour(number)}"/>'
    return (
        f'<polyline class="curve" stroke="{_colour(number)}"{_dashes(number)} points="{" ".join(places)}">'
        f"<title>{_text(curve.label)}</title></polyline>"
    )


def _entry(curve: Curve, number: int) -> str:
    """A line of the legend: a piece of the curve, its name, its last value."""
    y = HEIGHT + LINE * number + 8
    last = figures.number(curve.last, 5) if curve.points else ""
    return (
        f'<line x1="{LEFT}" x2="{LEFT + 22}" y1="{y}" y2="{y}" stroke="{_colour(number)}" stroke-width="2.5"'
        f'{_dashes(number)}/><text class="name" x="{LEFT + 32}" y="{y}" dy="4">{_text(elide(safe(curve.label), 100))}'
        f'<tspan dx="6" fill="var(--muted)">{last}</tspan></text>'
    )


def _numbers(chart: Chart) -> str:
    """The table below a chart: what a reader who can't see the curves needs."""
    rows = "".join(
        f"<tr><td>{_text(curve.label)}</td>"
        + "".join(f"<td>{'' if v != v else figures.number(v)}</td>" for v in (curve.last, curve.low, curve.high))
        + f"<td>{curve.points:,}</td></tr>\n"
        for curve in chart.curves
    )
    return f"<table>\n<tr><th>run</th><th>last</th><th>min</th><th>max</th><th>points</th></tr>\n{rows}</table>\n"


def _x(axis: Axis, value: float) -> str:
    return f"{LEFT + axis.place(value) * (WIDTH - LEFT - RIGHT):.1f}"


def _y(axis: Axis, value: float) -> str:
    return f"{TOP + (1 - axis.place(value)) * (HEIGHT - TOP - BOTTOM):.1f}"


def _colour(number: int) -> str:
    return f"var(--c{number % len(LIGHT)})"


def _dashes(number: int) -> str:
    """From the eleventh curve on a colour comes again, with a pattern of its own."""
    patterns = ("", "6 3", "2 3", "8 3 2 3")
    pattern = patterns[number // len(LIGHT) % len(patterns)]
    return f' stroke-dasharray="{pattern}"' if pattern else ""


def _text(text: str) -> str:
    return escape(safe(text))
