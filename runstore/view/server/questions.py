"""The questions of the page that are asked by GET: each address, what it may be asked with, and who answers.

The feed answers. It is loaded by the first question, so that the page is there before DuckDB is.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from importlib import import_module
from typing import Any, Final, NamedTuple

from runstore.view.server.arguments import Reader, flag, listed, name, number, several, text

JSON: Final = "json"
FILE: Final = "file"
ZIP: Final = "zip"  # a file that is made to be sent
LONGEST: Final = 10.0
"""Seconds that an answer may take."""
_TRANSFER: Final = 600.0  # of all files of a run, which nothing but their size makes slow
SQL_ARGUMENTS: Final = frozenset({"where", "sort", "columns", "column", "figures", "search"})
"""Arguments whose text decides what a statement says: what has one of them is answered by a confined process."""
_PAGE: Mapping[str, Reader] = {"limit": number, "offset": number}
_ROWS: Mapping[str, Reader] = {"sort": text, "desc": flag, "search": name, "where": several, **_PAGE}
_RUN = "/api/runs/{run_id}"


class Question(NamedTuple):
    """One address.

    Attributes:
        path: the address.
        asked: module and function of the feed.
        known: its arguments.
        needs: those that it can't do without.
        sent: how it is answered.
        seconds: how long that may take.
    """

    path: str
    asked: str
    known: Mapping[str, Reader] = {}
    needs: tuple[str, ...] = ()
    sent: str = JSON
    seconds: float = LONGEST


QUESTIONS: Final = (
    Question("/api/experiments", "workspace.experiments", {"search": name, **_PAGE}),
    Question(
        "/api/runs", "runs.runs",
        {"where": text, "sort": listed, "desc": flag, "columns": listed, "experiment": text, **_PAGE},
    ),
    Question("/api/columns", "columns.columns", {"experiment": text, "search": name, **_PAGE}),
    Question(
        "/api/facets", "facets.facets",
        {"column": name, "where": text, "experiment": text, "limit": number, "figures": listed}, ("column",),
    ),
    Question("/api/metrics", "metrics.metrics", {"runs": listed, "experiment": text, "search": name, **_PAGE}),
    Question(
        "/api/points", "points.points",
        {"metric": name, "runs": listed, "experiment": text, "where": text, "system": flag}, ("metric",), ZIP,
    ),
    Question("/api/models", "models.models", {"search": name, **_PAGE}),
    Question("/api/sweeps", "sweeps.sweeps", {"experiment": text, **_PAGE}),
    Question("/api/sweeps/{run_id}", "sweeps.sweep"),
    Question(
        "/api/report", "report.sending.report",
        {"runs": listed, "where": text, "experiment": text, "sort": listed}, (), ZIP,
    ),
    Question(_RUN, "run.run"),
    Question(f"{_RUN}/children", "run.children", _PAGE),
    Question(f"{_RUN}/media", "media.media", {"kind": text, "name": text, **_PAGE}),
    Question(f"{_RUN}/rows", "media.rows", {"name": name, **_ROWS}, ("name",)),
    Question(
        "/api/rows", "tables.joined",
        {"runs": listed, "name": name, "key": text, "differs": flag, "of": number, "change": flag, **_ROWS},
        ("runs", "name"),
    ),
    Question(f"{_RUN}/value", "media.value", {"name": name, "step": number}, ("name",)),
    Question(f"{_RUN}/files", "files.files", {"search": name, **_PAGE}),
    Question(f"{_RUN}/file", "files.file", {"path": name, "download": flag}, ("path",), FILE),
    Question(f"{_RUN}/lineage", "lineage.lineage", {"path": name}, ("path",)),
    Question(f"{_RUN}/archive", "files.archive", {"prefix": text}, (), ZIP, _TRANSFER),
    Question(f"{_RUN}/data", "data.data", {"form": name, "metric": name, "table": name}, (), ZIP),
    Question(f"{_RUN}/logs", "logs.logs"),
    Question(f"{_RUN}/log", "logs.log", {"name": name, **_PAGE}, ("name",)),
    Question(f"{_RUN}/snapshot", "snapshot.snapshot"),
    Question(f"{_RUN}/snapshot/file", "snapshot.file", {"path": name, "download": flag}, ("path",), FILE),
    Question(f"{_RUN}/system", "system.system"),
)  # fmt: skip


def answering(asked: str) -> Callable[..., Any]:
    """The function that answers: of the feed, such as ``runs.runs``, or of another part, ``report.sending.report``."""
    module, _, function = asked.rpartition(".")
    place = module if "." in module else f"feed.{module}"
    found: Callable[..., Any] = getattr(import_module(f"runstore.view.{place}"), function)
    return found
