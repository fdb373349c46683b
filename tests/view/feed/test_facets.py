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
        "values": [{"value": value, "count": n, "figures": {}} for value, n in ((0.1, 2), (0.4, 1), (None, 1))],
        "min": 0.1,
        "max": 0.4,
        "different": 2,
        "without": 1,
    }
    assert as_sent(facets.facets(ws, "started", limit=1))["min"].endswith("Z")


def test_figures_of_a_column_are_told_by_name(ws: runstore.Workspace, as_sent: Any) -> None:
    for loss in (1.0, 3.0):
        with ws.experiment("e").start_logging() as run:
            run.log("loss", loss)
    (one,) = as_sent(facets.facets(ws, "experiment", figures=["last.loss"]))["values"]
    told = one["figures"]["last.loss"]
    assert (told["n"], told["mean"], told["min"], told["max"], told["same"]) == (2, 2.0, 1.0, 3.0, None)
