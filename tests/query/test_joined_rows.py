"""Rows with the same key in several runs stand beside each other, whatever each run has of them."""

from __future__ import annotations

from typing import Any

import pytest

import runstore
from runstore.errors import UsageError
from runstore.query import joined_rows, sealing
from runstore.query.cells import Condition
from runstore.query.joined_rows import Joined, Wanted


@pytest.fixture(params=["live", "sealed"])
def runs(request: pytest.FixtureRequest, ws: runstore.Workspace) -> list[runstore.Run]:
    made = []
    for at, scores in enumerate(((1.0, 5.0, 3.0), (1.0, 9.0), (2.0, 4.0, 3.0))):
        with ws.experiment("e").start_logging() as run:
            for key, score in zip("abc", scores, strict=False):
                run.log_row("t", kind="x" if key == "a" else "y", id=key, score=score)
            if at == 1:
                run.log_row("t", kind="x", id="a", score=7.0)  # a key that repeats
        made.append(run)
    if request.param == "sealed":
        for run in made:
            sealing.seal(ws.path, run.path)
    return made


def joined(runs: list[runstore.Run], key: str | None = "id", limit: int = 100, offset: int = 0, **how: Any) -> Joined:
    ids = [run.id for run in runs]
    return joined_rows.join(runs[0].experiment.workspace.path, ids, "t", key, Wanted(**how), limit, offset)


def scores(found: Joined) -> dict[str, list[Any]]:
    return {key: [cells and cells["score"] for cells in each] for key, each in found.rows}


def test_each_run_has_its_own_row_or_none_and_a_repeated_key_counts_once(runs: list[runstore.Run]) -> None:
    found = joined(runs)
    assert scores(found) == {"a": [1.0, 1.0, 2.0], "b": [5.0, 9.0, 4.0], "c": [3.0, None, 3.0]}
    assert (found.total, found.columns) == (3, ["kind", "score"])


def test_the_key_is_a_column_that_tells_rows_apart(runs: list[runstore.Run]) -> None:
    of_two = [runs[0], runs[2]]
    found = joined(of_two, None)
    assert (found.key, found.keys) == ("id", ["id", "score"])
    assert joined(runs, None).key == "score"


def test_pages_are_parts(runs: list[runstore.Run]) -> None:
    found = joined(runs, limit=1, offset=1)
    assert ([key for key, _ in found.rows], found.total) == (["b"], 3)


def test_only_what_differs_is_left(runs: list[runstore.Run]) -> None:
    assert [key for key, _ in joined([runs[0], runs[2]], differs=True).rows] == ["a", "b"]
    assert joined(runs[:1], differs=True).rows == []


def test_rows_are_sorted_by_a_run_or_by_how_far_it_is_from_the_first(runs: list[runstore.Run]) -> None:
    order = [key for key, _ in joined(runs, sort="score", of=2, desc=True).rows]
    assert order == ["b", "c", "a"]
    assert [key for key, _ in joined(runs, sort="score", of=1, change=True, desc=True).rows] == ["b", "a", "c"]


def test_a_condition_and_a_search_want_some_run_to_fit(runs: list[runstore.Run]) -> None:
    assert [key for key, _ in joined(runs, where=[Condition("score", ">", "8")]).rows] == ["b"]
    both = [Condition("score", ">", "8"), Condition("score", "<", "5")]
    assert joined(runs, where=both).rows == []
    assert [key for key, _ in joined(runs, search='"x"').rows] == ["a"]


def test_what_can_not_be_joined_is_refused(runs: list[runstore.Run]) -> None:
    with pytest.raises(UsageError, match=r"no table 't'.*'nope'"):
        joined(runs, "nope")
    with pytest.raises(UsageError, match="to sort by"):
        joined(runs, of=3)


def test_a_table_that_no_run_has_is_empty(ws: runstore.Workspace, runs: list[runstore.Run]) -> None:
    found = joined_rows.join(ws.path, [runs[0].id], "nope", None, Wanted(), 10, 0)
    assert (found.total, found.rows, found.columns) == (0, [], [])
