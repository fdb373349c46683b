"""What the runs of a report logged to be looked at and to be heard, as far as there is room."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any

from runstore.errors import RunstoreError
from runstore.runs.images import PLOTLY
from runstore.view.feed import files

if TYPE_CHECKING:
    from runstore.query.workspace import Workspace

KINDS = frozenset({"image", "text", "audio", "video"})
LARGEST = 4 << 20
"""Bytes of one file that a report holds."""


@dataclass(slots=True)
class Taken:
    """Files by run and path, as (media type, bytes). ``left_out``: how many there was no room for."""

    files: dict[tuple[str, str], tuple[str, bytes]] = field(default_factory=dict)
    left_out: int = 0


def taken(ws: Workspace, items: Mapping[str, Sequence[Mapping[str, Any]]], room: int, plotly: bool) -> Taken:
    """The newest of each name first, then the ones before, until there is no more room.

    Args:
        ws: the workspace.
        items: of each run what it logged as files, as ``feed.media`` tells it.
        room: bytes that may be taken.
        plotly: take figures of Plotly too.
    """
    found = Taken()
    for run, item in _in_turns(items, plotly):
        if item["size"] > min(room, LARGEST):
            found.left_out += 1
            continue
        try:
            content = files.file(ws, run, item["path"])
            data = content.read()
        except RunstoreError:
            found.left_out += 1
            continue
        found.files[run, item["path"]] = content.media_type, data
        room -= len(data)
    return found


def _in_turns(
    items: Mapping[str, Sequence[Mapping[str, Any]]], plotly: bool
) -> Iterator[tuple[str, Mapping[str, Any]]]:
    """The last of every name of every run, the one before of every name, and so on."""
    piles: dict[tuple[str, str], list[Mapping[str, Any]]] = {}
    for run, all_of_it in items.items():
        for item in all_of_it:
            if item["kind"] in KINDS or (plotly and item["media_type"] == PLOTLY):
                piles.setdefault((run, item["name"]), []).append(item)
    while piles:
        for key, pile in [*piles.items()]:
            yield key[0], pile.pop()
            if not pile:
                del piles[key]
