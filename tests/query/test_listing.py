"""Listing finds every run, remembers only what can't change, and damage hides nothing."""

from __future__ import annotations

import os
import time
import warnings
from pathlib import Path

import pytest

import runstore
from runstore.disk import block, inventory
from runstore.format import names
from runstore.query import listing
from runstore.runs import state
from tests.disk import build
from tests.query import blocked
from tests.runs.test_state import end, put, start


def aged(path: Path) -> None:
    """Make a directory look as if nothing had happened in it for a while."""
    past = time.time() - 2 * inventory.SETTLED_SECONDS
    os.utime(path, (past, past))


def test_every_run_is_listed_with_its_number_in_its_experiment(ws: runstore.Workspace) -> None:
    expected = {}
    for number in range(1, 4):
        for experiment in ("a", "b"):
            with ws.experiment(experiment).start_logging() as run:
                expected[run.id] = number
    listed = listing.runs(ws.path)
    assert {run.run_id for run in listed} == set(expected)
    assert listing.numbers(listed) == expected


def test_a_missing_workspace_has_no_runs(tmp_path: Path) -> None:
    assert listing.runs(tmp_path / "none") == []


def test_runs_can_be_had_without_listing_the_others(ws: runstore.Workspace, monkeypatch: pytest.MonkeyPatch) -> None:
    for run_id in ("a", "b", "c"):
        ws.experiment("e").start_logging(run_id=run_id).complete()
    monkeypatch.setattr(listing, "_directories", lambda workspace: pytest.fail("listed"))
    assert [run.run_id for run in listing.some(ws.path, ["c", "a", "nope"])] == ["a", "c"]


def test_a_settled_run_is_folded_once(ws: runstore.Workspace, monkeypatch: pytest.MonkeyPatch) -> None:
    run = ws.experiment("e").start_logging()
    run.complete()
    aged(run.path)
    (first,) = listing.runs(ws.path)
    monkeypatch.setattr(state, "fold", lambda path: pytest.fail("folded again"))
    assert listing.runs(ws.path) == [first]


def test_a_run_that_goes_on_is_folded_again(ws: runstore.Workspace) -> None:
    run = ws.experiment("e").start_logging()
    aged(run.path)
    assert [found.points for found in listing.runs(ws.path)] == [0]
    run.log("a", 1.0)
    aged(run.path)
    assert [found.points for found in listing.runs(ws.path)] == [1]
    run.complete()


def test_a_directory_changed_just_now_is_not_trusted(ws: runstore.Workspace) -> None:
    run = ws.experiment("e").start_logging()
    run.complete()
    listing.runs(ws.path)
    changed = os.stat(run.path)
    with ws.experiment("e").start_logging(run_id=run.id):
        pass
    os.utime(run.path, ns=(changed.st_atime_ns, changed.st_mtime_ns))  # as a coarse clock would have it
    assert [len(found.attempts) for found in listing.runs(ws.path)] == [2]


def test_a_resumed_run_is_seen_though_it_was_remembered(ws: runstore.Workspace) -> None:
    run = ws.experiment("e").start_logging()
    run.complete()
    aged(run.path)
    listing.runs(ws.path)
    again = ws.experiment("e").start_logging(run_id=run.id)
    assert [found.status for found in listing.runs(ws.path)] == ["Running"]
    again.complete()


def test_a_damaged_run_is_warned_of_and_hides_no_other(tmp_path: Path) -> None:
    good, bad = build.run_path(tmp_path, "good"), build.run_path(tmp_path, "bad")
    put(good, start(), end(), run_id="good")
    file = put(bad, start(), end(), run_id="bad")
    build.put_points(bad, build.some_points(0, 3), run_id="bad")
    file.write_bytes(b"\xff" + file.read_bytes()[1:])
    with pytest.warns(UserWarning, match="bad"):
        assert sorted(run.run_id for run in listing.runs(tmp_path)) == ["bad", "good"]


def test_a_directory_that_is_no_run_is_not_listed(tmp_path: Path) -> None:
    build.run_path(tmp_path, "empty")
    (tmp_path / names.RUNS / "stray").write_text("")
    assert listing.runs(tmp_path) == []


def test_people_are_told_the_beginning_of_a_uuid_and_all_of_an_id_that_says_something() -> None:
    assert listing.short("3f2a1b22-9c1d-4e5f-8a7b-1234567890ab") == "3f2a1b22"
    assert listing.short("mnist_1764067000_0a1b2c3d") == "mnist_1764067000_0a1b2c3d"


def test_params_are_what_was_given(ws: runstore.Workspace) -> None:
    given = {"a": 0.5, "b": {"c": [1, float("inf")], "d": None}, "e": 2**70, "f": {}}
    with warnings.catch_warnings(), ws.experiment("e").start_logging(params=given):
        (run,) = listing.runs(ws.path)
        assert listing.params(run) == {"a": 0.5, "b.c": [1, float("inf")], "b.d": None, "e": 2**70, "f": {}}


def test_runs_in_blocks_are_listed_with_what_was_said_since(ws: runstore.Workspace) -> None:
    for run_id in ("a", "b"):
        ws.experiment("e").start_logging(run_id=run_id).complete()
    blocked.put(ws.path)
    ws.get_run("b").tag("stage", "x")
    assert [(run.run_id, sorted(run.tags)) for run in listing.some(ws.path, ["a", "b"])] == [
        ("a", []),
        ("b", ["stage"]),
    ]
    assert {run.run_id for run in listing.every(ws.path)} == {"a", "b"}


def test_a_run_that_is_remembered_is_looked_at_again_where_its_block_is_replaced(ws: runstore.Workspace) -> None:
    with ws.experiment("e").start_logging(run_id="a", tags={"k": "v"}) as run:
        run.complete()
    first = ws.path / names.BLOCKS / blocked.put(ws.path)
    aged(first.parent)
    (before,) = listing.runs(ws.path)
    second = first.with_name("0" * 24)
    first.rename(second)
    (after,) = listing.runs(ws.path)
    assert (before.inventory.held["a1.jsonl"].block.path, after.inventory.held["a1.jsonl"].block.path) == (
        first,
        second,
    )


@pytest.mark.parametrize("name", [names.BLOCK_RECORD, names.BLOCK_INDEX])
def test_a_block_that_can_t_be_read_is_warned_of_and_hides_no_other_run(ws: runstore.Workspace, name: str) -> None:
    for run_id in ("a", "b"):
        ws.experiment("e").start_logging(run_id=run_id).complete()
    path = ws.path / names.BLOCKS / blocked.put(ws.path, [ws.get_run("a").path]) / name
    path.write_bytes(b"?" + path.read_bytes()[1:])
    block._known.clear()
    block.forget(ws.path)
    with warnings.catch_warnings(record=True, action="always") as said:
        assert [run.run_id for run in listing.every(ws.path)] == ["b"]
    (text,) = [str(one.message) for one in said if "its runs are left out" in str(one.message)]
    assert f"{name}: checksum does not match" in text
