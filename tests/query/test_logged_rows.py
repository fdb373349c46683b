"""A table comes back page by page: sorted, searched, every cell as it was logged."""

from __future__ import annotations

import pytest

import runstore
from runstore.query import logged_rows, sealing


@pytest.fixture(params=["live", "sealed"])
def run(request: pytest.FixtureRequest, ws: runstore.Workspace) -> runstore.Run:
    with ws.experiment("e").start_logging() as run:
        for at, text in enumerate(("b", "A", "c")):
            run.log_row("t", n=10 - at, text=text)
        run.log_row("t", **{"n": 2, "odd/~key": 2**60})
        run.log_row("other", n=1)
    if request.param == "sealed":
        sealing.seal(ws.path, run.path)
    return run


def page(run: runstore.Run, **how: object) -> logged_rows.Rows:
    return logged_rows.page(run.experiment.workspace.path, run.id, "t", **how)  # type: ignore[arg-type]


def test_rows_come_in_the_order_of_logging(run: runstore.Run) -> None:
    found = page(run)
    assert found.total == 4
    assert found.columns == ["n", "text", "odd/~key"]
    assert [row[0] for row in found.rows] == [0, 1, 2, 3]
    assert found.rows[0][3] == {"n": 10, "text": "b"}
    assert found.rows[3][3] == {"n": 2, "odd/~key": 2**60}


def test_a_page_is_a_part_with_the_columns_of_all(run: runstore.Run) -> None:
    found = page(run, limit=1, offset=1)
    assert (found.total, [row[3]["text"] for row in found.rows]) == (4, ["A"])
    assert found.columns == ["n", "text", "odd/~key"]


def test_numbers_are_sorted_as_numbers(run: runstore.Run) -> None:
    assert [row[3]["n"] for row in page(run, sort="n").rows] == [2, 8, 9, 10]
    assert [row[3]["n"] for row in page(run, sort="n", desc=True).rows] == [10, 9, 8, 2]
    assert page(run, sort="odd/~key").rows[0][3]["n"] == 2


def test_a_search_leaves_rows_out(run: runstore.Run) -> None:
    found = page(run, search='"a"')
    assert (found.total, [row[3]["text"] for row in found.rows]) == (1, ["A"])


def test_a_table_that_is_not_there_is_empty(run: runstore.Run) -> None:
    found = logged_rows.page(run.experiment.workspace.path, run.id, "nope")
    assert (found.total, found.columns, found.rows) == (0, [], [])


def test_the_tables_of_runs_are_listed(run: runstore.Run) -> None:
    path = run.experiment.workspace.path
    assert logged_rows.tables(path, [run.id]) == {"other": (1, 1, 0), "t": (1, 4, 3)}
    assert logged_rows.tables(path, []) == {}
