"""What an index tells of is not folded; what it can't tell of is; and nothing is told twice."""

from __future__ import annotations

import os
import warnings
from collections.abc import Iterator

import pytest

import runstore
from runstore.disk import block
from runstore.query import catalog, index_tables, listing
from runstore.query.index_tables import METRIC, PARAM
from runstore.runs import state
from tests.query import blocked
from tests.query.settled import settle, small_indexes


@pytest.fixture
def ws(ws: runstore.Workspace) -> Iterator[runstore.Workspace]:
    """Four runs, two of them in a block."""
    for number in range(4):
        with ws.experiment("e").start_logging(run_id=f"r{number}", params={f"p{number}": number}) as run:
            run.log(f"m{number}", number)
    assert sorted(settle(ws.path, lambda run: run.run_id in ("r0", "r1"))) == ["r0", "r1"]
    with small_indexes():
        yield ws


def ids(ws: runstore.Workspace) -> tuple[list[str], list[str]]:
    """Those that are folded, and those that an index tells of."""
    found = catalog.of(ws.path)
    told = found.indexed.ask("run_id", rest="ORDER BY 1") if found.indexed is not None else []
    return sorted(run.run_id for run in found.loose), [run_id for (run_id,) in told]


def test_runs_in_a_block_are_told_by_its_index(ws: runstore.Workspace) -> None:
    assert ids(ws) == (["r2", "r3"], ["r0", "r1"])


def test_no_run_in_a_large_block_is_folded(ws: runstore.Workspace, monkeypatch: pytest.MonkeyPatch) -> None:
    catalog.of(ws.path)
    listing._remembered.clear()
    folded: list[str] = []
    true = state.fold

    def fold(path: object, *more: object, **options: object) -> state.RunState:
        run = true(path, *more, **options)  # type: ignore[arg-type]
        folded.append(run.run_id)
        return run

    monkeypatch.setattr(state, "fold", fold)
    ws.sql("select run_id, params.p0, last.m0, number from runs").fetchall()
    ws.runs(limit=2).fetchall()
    ws.leaderboard("m0", "min").fetchall()
    assert {*folded} <= {"r2", "r3"}


def test_runs_of_a_small_block_are_folded(ws: runstore.Workspace, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(catalog, "LEAST", 3)
    assert ids(ws) == (["r0", "r1", "r2", "r3"], [])


def test_a_run_of_which_more_is_said_is_folded(ws: runstore.Workspace) -> None:
    catalog.of(ws.path)
    ws.get_run("r0").tag("later", "x")
    assert ids(ws) == (["r0", "r2", "r3"], ["r1"])
    assert ws.sql("select run_id, tags['later'] from runs order by 1").fetchall() == [
        ("r0", "x"), ("r1", None), ("r2", None), ("r3", None),
    ]  # fmt: skip


def test_a_deleted_run_is_in_neither(ws: runstore.Workspace) -> None:
    catalog.of(ws.path)
    ws.delete("r1")
    assert ids(ws) == (["r2", "r3"], ["r0"])
    assert ws.sql("select count(*), count(distinct run_id) from metrics").fetchall() == [(3, 3)]


def test_names_are_those_of_runs_that_count(ws: runstore.Workspace) -> None:
    assert sorted(catalog.of(ws.path).names(PARAM)) == ["p0", "p1", "p2", "p3"]
    assert {*catalog.of(ws.path).names(METRIC)} >= {"m0", "m1"}
    ws.delete("r1")
    assert sorted(catalog.of(ws.path).names(PARAM)) == ["p0", "p2", "p3"]


def test_a_run_that_several_blocks_have_parts_of_is_told_once(ws: runstore.Workspace) -> None:
    with ws.experiment("e").start_logging(run_id="r0") as run:
        run.log("m0", 9)
    assert settle(ws.path, lambda run: run.run_id == "r3") == ["r3"]
    assert ids(ws) == (["r0", "r2"], ["r1", "r3"])
    assert ws.sql("select run_id, number from runs order by 1").fetchall() == [(f"r{n}", n + 1) for n in range(4)]


def test_where_no_index_can_be_made_runs_are_folded(ws: runstore.Workspace, monkeypatch: pytest.MonkeyPatch) -> None:
    def full(*_: object) -> None:
        raise OSError(28, "No space left on device")

    monkeypatch.setattr(index_tables, "write", full)
    assert ids(ws) == (["r0", "r1", "r2", "r3"], [])


def test_what_is_prepared_is_there_when_a_question_comes(
    ws: runstore.Workspace, monkeypatch: pytest.MonkeyPatch
) -> None:
    catalog.prepare(ws.path)
    monkeypatch.setattr(index_tables, "write", None)  # nobody makes one now
    assert ids(ws) == (["r2", "r3"], ["r0", "r1"])


def test_runs_whose_directories_begin_alike_are_folded(ws: runstore.Workspace, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(index_tables, "id_of", lambda run: 7)
    assert ids(ws) == (["r0", "r1", "r2", "r3"], [])
    assert ws.sql("select run_id, params.p0, params.p1 from runs order by 1 limit 2").fetchall() == [
        ("r0", 0, None), ("r1", None, 1),
    ]  # fmt: skip


def test_a_directory_that_holds_nothing_but_what_its_block_has_makes_no_run_loose(ws: runstore.Workspace) -> None:
    (run,) = (run for run in listing.runs(ws.path) if run.run_id == "r2")
    assert settle(ws.path, lambda run: run.run_id == "r2", leave=False) == ["r2"]
    os.utime(run.path, (1, 1))  # at rest
    assert ids(ws) == (["r3"], ["r0", "r1", "r2"])
    ws.get_run("r2").tag("later", "x")
    assert ids(ws) == (["r2", "r3"], ["r0", "r1"])
    assert ws.sql("select count(*), count(distinct run_id) from metrics").fetchall() == [(4, 4)]


def test_a_block_that_can_t_be_read_is_warned_of_beside_one_that_has_an_index(ws: runstore.Workspace) -> None:
    record = ws.path / "blocks" / blocked.put(ws.path, [ws.get_run("r3").path]) / "block.json"
    record.write_bytes(b"?" + record.read_bytes()[1:])
    block._known.clear()
    block.forget(ws.path)
    with warnings.catch_warnings(record=True, action="always") as said:
        assert ids(ws) == (["r2"], ["r0", "r1"])
    assert any("block.json: checksum" in str(one.message) for one in said)
