"""The questions of the page that are asked by POST, since what they ask with is more than an address holds."""

from __future__ import annotations

from collections.abc import Mapping
from typing import TYPE_CHECKING, Any

from runstore.view.server.problems import Problem
from runstore.view.server.questions import answering

if TYPE_CHECKING:
    from runstore.query.workspace import Workspace

Body = Mapping[str, Any]


def curves(ws: Workspace, body: Body) -> bytes:
    """Curves, as one frame. ``body``: ``requests``, and ``cursor`` if wanted.

    Raises:
        Problem: there are no requests.
    """
    frame: bytes = answering("curves.curves")(ws, requests(body), body.get("cursor"))
    return frame


def requests(body: Body) -> list[Any]:
    """What curves are asked for.

    Raises:
        Problem: there are no requests.
    """
    asked = body.get("requests")
    if not isinstance(asked, list):
        raise Problem(400, "requests is missing, or no list", "Send one for each curve.")
    return asked


def has(requested: list[Any], *keys: str) -> bool:
    """Whether any request has a value for one of these keys."""
    return any(isinstance(each, dict) and any(each.get(key) for key in keys) for each in requested)


def compare(ws: Workspace, body: Body) -> Any:
    """Some runs beside each other. ``body``: ``runs``, and ``baseline`` if wanted.

    Raises:
        Problem: one of them is no such thing.
    """
    runs, baseline = body.get("runs"), body.get("baseline")
    if not isinstance(runs, list) or not all(isinstance(one, str) for one in runs):
        raise Problem(400, "runs is missing, or no list of ids", "Send from two to ten.")
    if not isinstance(baseline, str | None):
        raise Problem(400, "baseline is no run's id", "Send one of the runs, or none.")
    return answering("compare.compare")(ws, runs, baseline)
