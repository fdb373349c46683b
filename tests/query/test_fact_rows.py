"""What a run's facts say, as rows of the views."""

from __future__ import annotations

from typing import Any

import pytest

import runstore
from runstore.query import fact_rows, listing
from runstore.runs.state import RunState


@pytest.fixture
def run(ws: runstore.Workspace) -> RunState:
    with ws.experiment("e").start_logging(
        run_id="a", name="first", params={"lr": 0.5, "opt": {"name": "adam"}}, tags={"n": 1}
    ) as logged:
        logged.add_properties({"p": "q"})
        logged.log("loss", 2)
    (found,) = listing.runs(ws.path)
    return found


def test_a_row_of_runs_has_what_is_said_and_times_in_microseconds(run: RunState) -> None:
    row = fact_rows.run(run)
    assert (row["run_id"], row["experiment"], row["name"], row["tags"]) == ("a", "e", "first", {"n": "1"})
    assert row["started"] == (run.started or 0) // 1000


def test_a_row_of_params_for_each_leaf(run: RunState) -> None:
    rows = [(row["name"], row["kind"], row.get("value"), row.get("text")) for row in fact_rows.params(run)]
    assert rows == [("lr", "float", 0.5, None), ("opt.name", "str", None, "adam")]


def test_a_row_for_each_label(run: RunState) -> None:
    (tag,) = fact_rows.labels(run, run.tags)
    assert (tag["name"], tag["value"]) == ("n", "1")
    assert {row["name"]: row["value"] for row in fact_rows.labels(run, run.properties)}["p"] == "q"


def test_a_row_for_each_writer(run: RunState) -> None:
    (row,) = fact_rows.writers(run)
    assert (row["run_id"], row["attempt"], row["state"], row["dropped"]) == ("a", 1, "Completed", 0)


@pytest.mark.parametrize(
    ("value", "number"),
    [(0.5, 0.5), (3, 3.0), (True, 1), ("x", None), (None, None), ({"f": "nan"}, "nan"), ({"i": str(2**70)}, 2.0**70)],
)
def test_the_number_of_a_recorded_value(value: Any, number: object) -> None:
    assert fact_rows.number(value) == number
