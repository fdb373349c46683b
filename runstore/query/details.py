"""What there is to know about a run, as one dict or one row of HTML."""

from __future__ import annotations

import html
import warnings
from collections.abc import Iterator, Mapping
from typing import TYPE_CHECKING, Any
from urllib.parse import quote

from runstore.errors import StoreError
from runstore.query import children, consoles, listing, logtexts
from runstore.runs.labels import when
from runstore.runs.state import TERMINAL, RunState

if TYPE_CHECKING:
    from runstore.query import files
    from runstore.query.answers import AnsweringRun

TARGET = "local"
MOST = 100  # warnings told one by one


def of(run: AnsweringRun, texts: bool = False) -> dict[str, Any]:
    """The details of a run, under the keys of the Azure ML SDK v1; see ``Run.get_details``.

    Args:
        run: which.
        texts: the text of each log in place of its URI.
    """
    folded = run._folded()
    target = (folded.definition or {}).get("target", TARGET)
    found: dict[str, Any] = {"runId": run.id, "target": target, "status": folded.status}
    found["startTimeUtc"] = _iso(folded.started)
    if folded.status in TERMINAL and folded.ended is not None:
        found["endTimeUtc"] = _iso(folded.ended)
    found["services"] = {}
    found["properties"] = {key: listing.shown(listing.value(value)) for key, (value, _) in folded.properties.items()}
    found |= {
        "inputDatasets": [],
        "outputDatasets": [],
        "logFiles": dict(_logs(run, folded, texts)),
        "submittedBy": folded.user,
    }
    if folded.definition is not None:
        found["runDefinition"] = folded.definition
    if failure := _failure(folded):
        found["error"] = {"error": failure}
    if folded.warnings:
        found["warnings"] = list(_warnings(run, folded.warnings))
    return found


def _iso(time_ns: int | None) -> str | None:
    return None if time_ns is None else when(time_ns).strftime("%Y-%m-%dT%H:%M:%S.%fZ")


def _failure(run: RunState) -> dict[str, Any] | None:
    if run.failure or run.error is None:
        return run.failure
    return {"code": "UserError", "message": run.error}


def _warnings(run: AnsweringRun, count: int) -> Iterator[dict[str, str]]:
    """The first warnings, and how many more there are."""
    query = "SELECT text FROM logs WHERE run_id = ? AND level = 'WARNING' ORDER BY attempt, time, writer, line LIMIT ?"
    told = run.experiment.workspace.sql(query, params=[run.id, MOST]).fetchall()
    yield from ({"message": text} for (text,) in told)
    if count > len(told):
        how = f"`runstore logs {listing.short(run.id)} --level warning`"
        yield {"message": f"{count - len(told):,} more; {how} shows what was kept"}


def _logs(run: AnsweringRun, folded: RunState, texts: bool) -> Iterator[tuple[str, str]]:
    """Every log by name, with its URI or its text."""
    for name, file in logtexts.of(run.experiment.workspace.path, folded).items():
        if texts:
            yield name, _text(name, file)
        elif isinstance(file, consoles.LogText):
            yield name, file.path.as_uri()
        else:
            yield name, f"{run.path.as_uri()}#{quote(name)}"


def _text(name: str, file: files.File) -> str:
    try:
        return consoles.text(file.read())
    except (StoreError, OSError) as problem:
        warnings.warn(f"log {name!r} can't be read: {problem}", stacklevel=2)
        return ""


def row(run: AnsweringRun) -> str:
    """A run as a table of one row."""
    folded = run._folded()
    told = {"Experiment": folded.experiment, "Id": run.id, "Type": children.type_of(folded), "Status": folded.status}
    return table(told, {"Files": run.get_portal_url()})


def table(told: Mapping[str, object], links: Mapping[str, str] | None = None) -> str:
    """A table of one row of HTML. Everything in it is data: names may hold any character."""
    cells = {key: html.escape("" if value is None else str(value)) for key, value in told.items()}
    for key, url in (links or {}).items():
        cells[key] = f'<a href="{html.escape(url)}" target="_blank" rel="noopener">open</a>'
    head, body = (
        "".join(f"<th>{html.escape(key)}</th>" for key in cells),
        "".join(f"<td>{cell}</td>" for cell in cells.values()),
    )
    return f"<table><tr>{head}</tr><tr>{body}</tr></table>"
