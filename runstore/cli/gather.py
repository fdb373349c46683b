"""All that is known of one run, asked for at once: what ``runstore show`` draws, and prints as JSON."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from runstore.cli import listing, machine

if TYPE_CHECKING:
    from runstore import Run, Workspace

BARS = 24  # of a curve
SAID = 3  # how many of the last warnings and errors are shown
_SPARKS = f"""
WITH ends AS (SELECT name, min(step) AS low, max(step) AS high FROM points WHERE isfinite(value) GROUP BY name)
SELECT name, least(floor((step - low)::DOUBLE * {BARS} / greatest(high - low, 1)), {BARS - 1})::INT AS bar, avg(value)
FROM points JOIN ends USING (name) WHERE isfinite(value) GROUP BY ALL
"""


def gather(ws: Workspace, run: Run) -> dict[str, Any]:
    """All that is known of a run, as JSON data will have it."""
    from runstore.query import files, logtexts, metrics

    def ask(view: str, order: str) -> list[dict[str, Any]]:
        relation = ws.sql(f"SELECT * FROM {view} WHERE run_id = ? ORDER BY {order}", params=[run.id])
        names = relation.columns
        return [
            {name: cell for name, cell in zip(names, row, strict=True) if name not in ("run_id", "experiment")}
            for row in relation.fetchall()
        ]

    wanted = "* EXCLUDE (params, last, tags)"
    relation = ws.sql(f"SELECT {wanted} FROM runs WHERE run_id = ?", params=[run.id])
    facts = dict(zip(relation.columns, relation.fetchall()[0], strict=True))
    facts["display_name"], facts["description"] = run.display_name, run.description
    facts["notes"] = [{"time": note.time.replace(tzinfo=None), "text": note.text} for note in run.notes]
    facts["params"] = listing.params(ws, [run.id])[run.id]
    facts["metrics"] = _metrics(ws, run, ask("metric_summary", "name"))
    tables = ws.sql("SELECT name, count(*) FROM rows WHERE run_id = ? GROUP BY name ORDER BY name", params=[run.id])
    facts["tables"] = [{"name": name, "rows": rows} for name, rows in tables.fetchall()]
    facts["tags"] = {tag["name"]: tag["value"] for tag in ask("tags", "name")}
    facts["properties"] = {found["name"]: found["value"] for found in ask("properties", "name")}
    owners = metrics.owners(ws.path, run.id)
    listed = files.listed(ws.path, run._folded())
    facts["artifacts"] = [
        {**one, "metric": owners.get(one["name"]), "reference": getattr(listed.get(one["name"]), "reference", None)}
        for one in ask("artifacts", "name, step, time")
    ]
    facts["said"] = _said(ws, run) if facts["warnings"] or facts["errors"] else []
    facts["writers"] = ask("writers", "attempt, started, writer")
    facts["definition"] = run._folded().definition
    facts["provenance"], facts["snapshot"] = run.provenance, run.get_snapshot_id()
    facts["logs"] = {name: file.size for name, file in logtexts.of(ws.path, run._folded()).items()}
    facts["system"] = machine.gather(ws, run)
    facts["models"] = ask("models", "name, version")
    facts["inputs"] = [{"run_id": one.run_id, "name": one.name, "version": one.version} for one in run.inputs]
    facts["children"] = ws.sql("SELECT count(*) FROM runs WHERE parent_id = ?", params=[run.id]).fetchall()[0][0]
    return facts


def _said(ws: Workspace, run: Run) -> list[dict[str, Any]]:
    """The last warnings and errors among the log records."""
    asked = "SELECT time, level, logger, text, exception FROM logs WHERE run_id = ? AND level IN ('WARNING', 'ERROR', "
    relation = ws.sql(f"{asked}'CRITICAL') ORDER BY time DESC, line DESC LIMIT {SAID}", params=[run.id])
    return [dict(zip(relation.columns, row, strict=True)) for row in relation.fetchall()[::-1]]


def _metrics(ws: Workspace, run: Run, metrics: list[dict[str, Any]]) -> list[dict[str, Any]]:
    """The summaries of a run's metrics, each with the means of its points, from the first step to the last.

    ``last`` is what was logged last, also where that is text.
    """
    points = ws.sql("SELECT name, step, value FROM curve_points WHERE run_id = ?", params=[run.id])
    bars: dict[str, list[float | None]] = {metric["name"]: [None] * BARS for metric in metrics}
    drawn = points.query("points", _SPARKS)
    for name, bar, mean in drawn.fetchall() if drawn is not None else ():
        if name in bars:
            bars[name][bar] = mean
    texts = _last_texts(ws, run) if any(metric["last"] is None for metric in metrics) else {}
    return [
        {**metric, "last": texts.get(metric["name"], metric["last"]), "curve": bars[metric["name"]]}
        for metric in metrics
    ]


def _last_texts(ws: Workspace, run: Run) -> dict[str, str]:
    query = "SELECT name, text, attempt, time, writer, seq FROM curve_points WHERE run_id = ? AND kind = 'str'"
    last = "SELECT name, arg_max(text, (attempt, time, writer, seq)) FROM points GROUP BY name"
    found = ws.sql(query, params=[run.id]).query("points", last)
    return dict(found.fetchall()) if found is not None else {}
