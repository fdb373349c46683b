"""The registered models, each with its versions."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from runstore.query import listing
from runstore.runs import models as registered
from runstore.runs.models import ModelState
from runstore.view.feed import chosen, plain

if TYPE_CHECKING:
    from runstore.query.workspace import Workspace

MOST, FILES = 1000, 1000
_ABOUT = ("run", "experiment", "path", "folder", "framework", "framework_version")


def models(ws: Workspace, search: str = "", limit: int = 200, offset: int = 0) -> dict[str, Any]:
    """The models whose name, alias or description has ``search`` in it, that registered last first.

    The newest version of each comes first.
    """
    limit, offset = chosen.page(limit, offset, MOST)
    by_name: dict[str, list[ModelState]] = {}
    for one in registered.every(ws.path):
        by_name.setdefault(one.name, []).append(one)
    found = [versions for versions in by_name.values() if any(_has(one, search.lower()) for one in versions)]
    for versions in found:
        versions.sort(key=lambda one: -one.version)
    found.sort(key=lambda versions: (-versions[0].body["created"], versions[0].name))
    page = found[offset : offset + limit]
    shown = [{"name": versions[0].name, "versions": [*map(_version, versions)]} for versions in page]
    return {"models": shown, "total": len(found)}


def _has(one: ModelState, search: str) -> bool:
    return any(search in text.lower() for text in (one.name, one.description or "", *one.aliases))


def _version(one: ModelState) -> dict[str, Any]:
    files = one.files
    about = {key: one.body.get(key) for key in _ABOUT}
    return {
        "version": one.version,
        "aliases": list(one.aliases),
        "created": plain.nanoseconds(one.body["created"]),
        "description": one.description,
        "tags": {key: plain.value(listing.value(value)) for key, value in one.tags.items()},
        "properties": {key: plain.value(listing.value(value)) for key, value in one.properties.items()},
        "sha256": one.sha256,
        "size": sum(file["size"] for file in files),
        "files": [{"path": file["path"], "size": file["size"], "sha256": file["sha256"]} for file in files[:FILES]],
        "files_total": len(files),
        "run_id": about.pop("run"),
        **about,
    }
