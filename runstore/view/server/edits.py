"""What a page may change: what people say about a run. Each edit is an event in the store, whoever logs the run."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import TYPE_CHECKING, Any

from runstore.view.server.problems import Problem

if TYPE_CHECKING:
    from runstore.query.workspace import Run, Workspace

Change = Callable[["Workspace", "Run", Mapping[str, Any]], object]


def edit(ws: Workspace, body: Mapping[str, Any]) -> str:
    """Make one change; give the run's whole id.

    Args:
        ws: the workspace.
        body: ``run_id``, ``change``, and what that takes: ``key`` and ``value`` for tag, ``key`` for untag, ``text``
            for note and describe, ``name`` for name, ``children`` (may be left out) for delete and restore.

    Raises:
        Problem: no such change, or something is missing.
        RunstoreError: it can't be made.
    """
    change, run_id = body.get("change"), _text(body, "run_id")
    if change == "restore":
        ws.restore([run_id], children=bool(body.get("children")))
        return ws.get_run(run_id).id
    if not isinstance(change, str) or change not in _CHANGES:
        raise Problem(400, f"no change is called {str(change)[:100]!r}", f"There are: {', '.join(_CHANGES)}, restore.")
    run = ws.get_run(run_id)
    _CHANGES[change](ws, run, body)
    return run.id


def _tag(ws: Workspace, run: Run, body: Mapping[str, Any]) -> None:
    run.tag(_text(body, "key"), body.get("value"))


def _name(ws: Workspace, run: Run, body: Mapping[str, Any]) -> None:
    run.display_name = _text(body, "name")


def _describe(ws: Workspace, run: Run, body: Mapping[str, Any]) -> None:
    run.description = _text(body, "text", empty=True)


def _delete(ws: Workspace, run: Run, body: Mapping[str, Any]) -> None:
    ws.delete([run.id], children=bool(body.get("children")))


_CHANGES: dict[str, Change] = {
    "tag": _tag,
    "untag": lambda ws, run, body: run.remove_tags([_text(body, "key")]),
    "note": lambda ws, run, body: run.note(_text(body, "text")),
    "describe": _describe,
    "name": _name,
    "archive": lambda ws, run, body: run.archive(),
    "reactivate": lambda ws, run, body: run.reactivate(),
    "delete": _delete,
}


def _text(body: Mapping[str, Any], key: str, empty: bool = False) -> str:
    found = body.get(key)
    if not isinstance(found, str) or not (found or empty):
        raise Problem(400, f"{key} is missing, or no text", f"Send {key}.")
    return found
