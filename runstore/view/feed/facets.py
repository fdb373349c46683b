"""What values a column has, and how often."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from runstore.query import facets as query
from runstore.view.feed import chosen, plain

if TYPE_CHECKING:
    from runstore.query.workspace import Workspace

MOST = 1000


def facets(
    ws: Workspace, column: str, where: str | None = None, experiment: str | None = None, limit: int = 50
) -> dict[str, Any]:
    """The most frequent values of a column, and the ends of all; ``without``: how many runs have none.

    ``different``: how many values there are in all.
    """
    limit, _ = chosen.page(limit, 0, MOST)
    found = query.of(ws.path, column, chosen.filtering(where), experiment, limit)
    return {
        "values": [{"value": plain.value(value), "count": count} for value, count in found.values],
        "min": plain.value(found.least),
        "max": plain.value(found.greatest),
        "different": found.different,
        "without": found.without,
    }
