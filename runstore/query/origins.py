"""Where a run came from, read back: code, command line, packages, machine (``runs/provenance.py`` captures them)."""

from __future__ import annotations

from collections.abc import Mapping
from pathlib import Path
from typing import Any

from runstore.query import pieces
from runstore.runs import state

Body = Mapping[str, Any]


def of(run_path: Path) -> dict[str, Any]:
    """The body of the ``provenance`` fact of the newest attempt, that which asked git; empty where there is none."""
    told = state.told(run_path, "provenance")
    newest = max((attempt for attempt, _, _ in told), default=0)
    bodies = [body for attempt, _, body in told if attempt == newest]
    found: dict[str, Any] = next((body for body in bodies if "git" in body), bodies[0] if bodies else {})
    return found


def packages(workspace: Path, body: Body) -> dict[str, str]:
    """The installed packages, name to version.

    Raises:
        StoreError: their list is not there.
        Damaged: it is not what was stored.
    """
    if "packages" not in body:
        return {}
    text = pieces.read(workspace, {"name": "packages", **body["packages"]}).decode()
    return dict(line.split("==", 1) for line in text.splitlines())


def changes(workspace: Path, body: Body) -> str:
    """What was not committed, as git's diff, without secrets; empty where all was, or nothing is known.

    Raises:
        StoreError: it is not there.
        Damaged: it is not what was stored.
    """
    found = body.get("git", {}).get("diff")
    return pieces.read(workspace, {"name": "diff", **found}).decode() if found else ""
