"""The values of a column are told with how many runs have them."""

from __future__ import annotations

from typing import Any

import runstore
from runstore.view.feed import facets


def test_facets_are_plain(ws: runstore.Workspace, as_sent: Any) -> None:
    for lr in (0.1, 0.1, 0.4):
        ws.experiment("e").start_logging(params={"lr": lr}).complete()
    ws.experiment("e").start_logging().complete()
    assert as_sent(facets.facets(ws, "params.lr")) == {
        "values": [{"value": 0.1, "count": 2}, {"value": 0.4, "count": 1}, {"value": None, "count": 1}],
        "min": 0.1,
        "max": 0.4,
        "different": 2,
        "without": 1,
    }
    assert as_sent(facets.facets(ws, "started", limit=1))["min"].endswith("Z")
