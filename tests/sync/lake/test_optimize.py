"""A lake that is put in order answers as before, in fewer files."""

from __future__ import annotations

import threading
from pathlib import Path

import pytest

import runstore
from runstore.query import collecting
from runstore.sync.lake import columns, lake, optimize
from runstore.sync.pull import pull
from runstore.sync.push import push
from tests.query import unions
from tests.sync.lake import reading
from tests.sync.servers.places import Place

FACTS = (*columns.OF_RUNS, *columns.OF_ALL)


@pytest.fixture
def ws(tmp_path: Path) -> runstore.Workspace:
    return runstore.Workspace(tmp_path / "ws")


def pushed(ws: runstore.Workspace, url: str, times: int = 3) -> None:
    """Push several times: a run that goes on, others, and one that loses a tag."""
    for number in range(times):
        unions.logged(ws, "r0", number)
        unions.logged(ws, f"s{number}", number)
        ws.get_run("r0").set_tags({f"k{number}": "v"})
        ws.experiment("e").tag("n", str(number))
        push(ws.path, lake.opened(url, create=True))
    ws.get_run("r0").remove_tags(["k0"])
    push(ws.path, lake.opened(url))


def answers(url: str) -> dict[str, list[str]]:
    tables = {table: f"select * from {table}" for table in columns.EVERY}
    return {table: sorted(map(repr, reading.ask(url, query))) for table, query in tables.items()}


def parts(url: str, table: str) -> int:
    return len(lake.opened(url).tables.parts(table))


@pytest.mark.slow
def test_what_the_tables_answer_stays_the_same_in_one_file_each(ws: runstore.Workspace, tmp_path: Path) -> None:
    url = str(tmp_path / "lake")
    pushed(ws, url)
    before, segments = answers(url), parts(url, "segments")
    done = optimize.optimize(lake.opened(url), 0, young=0)
    assert answers(url) == before
    assert {table: parts(url, table) for table in FACTS if before[table]} == {
        table: 1 for table in FACTS if before[table]
    }
    assert (done.merged > 10, done.into < done.merged, done.deleted) == (True, True, done.merged)
    assert parts(url, "segments") == segments
    assert reading.ask(url, "select count(*) from runs_all") == [(4,)]
    other = runstore.Workspace(tmp_path / "other")
    assert pull(other.path, lake.opened(url)).refused == []
    assert unions.answers(other) == unions.answers(ws)
    assert optimize.optimize(lake.opened(url), 0, young=0) == optimize.Optimized()


@pytest.mark.slow
def test_a_lake_on_a_store_can_be_put_in_order_too(each_store: Place, ws: runstore.Workspace, tmp_path: Path) -> None:
    pushed(ws, each_store.url, 2)
    done = optimize.optimize(lake.opened(each_store.url), 0, young=0)
    assert done.deleted == done.merged > 5
    other = runstore.Workspace(tmp_path / "other")
    pull(other.path, lake.opened(each_store.url))
    assert unions.answers(other) == unions.answers(ws)


def test_files_of_a_push_that_may_go_on_stay_as_they_are(ws: runstore.Workspace, tmp_path: Path) -> None:
    url = str(tmp_path / "lake")
    pushed(ws, url)
    assert optimize.optimize(lake.opened(url), 0) == optimize.Optimized()


def test_old_files_stay_for_those_who_read_them(ws: runstore.Workspace, tmp_path: Path) -> None:
    url = str(tmp_path / "lake")
    pushed(ws, url)
    done = optimize.optimize(lake.opened(url), young=0)
    assert done.merged > 10 and done.deleted == 0


def test_a_push_meanwhile_loses_nothing(ws: runstore.Workspace, tmp_path: Path) -> None:
    url = str(tmp_path / "lake")
    pushed(ws, url)
    ended = threading.Event()

    def again() -> None:
        while not ended.is_set():
            optimize.optimize(lake.opened(url), young=0)

    thread = threading.Thread(target=again)
    thread.start()
    try:
        for number in range(4):
            unions.logged(ws, f"t{number}", number)
            push(ws.path, lake.opened(url))
    finally:
        ended.set()
        thread.join()
    for table in ("runs", "params", "metric_summary"):
        own = "run_id" if table == "runs" else "run_id, name"
        expected = ws.sql(f"select {own} from {table} order by all").fetchall()
        assert reading.ask(url, f"select {own} from {table} order by all") == expected


def test_rows_of_runs_that_were_removed_for_good_go_from_the_storage(ws: runstore.Workspace, tmp_path: Path) -> None:
    url = str(tmp_path / "lake")
    pushed(ws, url, 2)
    files = {one.name for one in Path(url, "metrics").glob("*.parquet")}
    ws.delete("s1")
    collecting.collect(ws.path, grace=0)
    push(ws.path, lake.opened(url))
    assert optimize.optimize(lake.opened(url), young=0).deleted == 0  # not yet
    optimize.optimize(lake.opened(url), 0, young=0)
    left = {one.name for one in Path(url, "metrics").glob("*.parquet")}
    assert left < files and reading.ask(url, "select distinct run_id from metrics order by 1") == [("r0",), ("s0",)]
    other = runstore.Workspace(tmp_path / "other")
    assert pull(other.path, lake.opened(url)).refused == []
    assert unions.answers(other)["runs"] == unions.answers(ws)["runs"]
