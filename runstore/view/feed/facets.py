"""What values a column has, and how often."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import TYPE_CHECKING, Any

from runstore.query import facets as query
from runstore.view.feed import chosen, plain

if TYPE_CHECKING:
    from runstore.query.workspace import Workspace

MOST = 1000


def facets(
    ws: Workspace,
    column: str,
    where: str | None = None,
    experiment: str | None = None,
    limit: int = 50,
    figures: Sequence[str] | None = None,
) -> dict[str, Any]:
    """The most frequent values of a column, and the ends of all; ``without``: how many runs have none.

    ``different``: how many values there are in all. ``figures``: columns of which each value tells what they are among
    its runs: n, mean, std, min and max of their finite numbers, and ``same``, what all of them have.
    """
    limit, _ = chosen.page(limit, 0, MOST)
    found = query.of(ws.path, column, chosen.filtering(where), experiment, limit, figures or ())
    told = zip(found.values, found.figures, strict=True)
    return {
        "values": [{"value": plain.value(value), "count": n, "figures": _figures(sums)} for (value, n), sums in told],
        "min": plain.value(found.least),
        "max": plain.value(found.greatest),
        "different": found.different,
        "without": found.without,
    }


def _figures(sums: Mapping[str, tuple[Any, ...]]) -> dict[str, dict[str, Any]]:
    return {column: dict(zip(query.FIGURES, map(plain.value, row), strict=True)) for column, row in sums.items()}
