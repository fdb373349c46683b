"""Pushing sends what is lacking, once, whatever happens on the way."""

from __future__ import annotations

from pathlib import Path

import pytest

import runstore
from runstore.errors import Unreachable
from runstore.query import compaction
from runstore.sync.choice import Choice
from runstore.sync.pull import pull
from runstore.sync.push import push
from tests.query import scenes, unions
from tests.sync.fakes import ONCE, Memory, failing


@pytest.fixture
def ws(tmp_path: Path) -> runstore.Workspace:
    return runstore.Workspace(tmp_path / "ws")


def test_all_of_a_run_comes_out_at_the_other_end(ws: runstore.Workspace, tmp_path: Path) -> None:
    unions.logged(ws, "r0", small=b"few bytes", large=b"many" * 100_000)
    unions.logged(ws, "r1", 3, small=b"few bytes")
    remote, other = Memory(), runstore.Workspace(tmp_path / "other")
    done = push(ws.path, remote)
    assert (sorted(done.ok), done.partial, done.failed) == (["r0", "r1"], {}, {})
    taken = pull(other.path, remote)
    assert (taken.runs, taken.refused) == (2, [])
    assert unions.answers(other) == unions.answers(ws)
    assert other.get_run("r0").read_file("large") == b"many" * 100_000


def test_a_second_push_asks_nobody(ws: runstore.Workspace) -> None:
    unions.logged(ws, "r0", small=b"few bytes")
    remote = Memory()
    push(ws.path, remote)
    before = [*remote.asked]
    done = push(ws.path, remote)
    assert (remote.asked, done.asked, done.sent_bytes) == (before, False, 0)


def test_what_compaction_merged_is_not_sent_again(ws: runstore.Workspace) -> None:
    for number in range(3):
        unions.logged(ws, f"r{number}", number)
    remote = Memory()
    push(ws.path, remote)
    sent = remote.put_bytes
    compaction.compact(ws.path, grace=0, enough=1)
    compaction.compact(ws.path, grace=0, enough=1)
    push(ws.path, remote)
    assert remote.put_bytes == sent


def test_of_a_run_that_goes_on_only_new_points_are_sent(ws: runstore.Workspace, tmp_path: Path) -> None:
    remote, other = Memory(), runstore.Workspace(tmp_path / "other")
    for attempt in range(3):
        with runstore.start_run("e", run_id="r", workspace=ws) as run:
            scenes.log_some(run, 500, 500 * attempt)
        before = remote.put_bytes
        done = push(ws.path, remote)
        assert done.failed == {} and done.partial == {}
        assert remote.put_bytes - before < 40_000
    pull(other.path, remote)
    assert unions.answers(other) == unions.answers(ws)


@pytest.mark.parametrize("number", [7, 10, 13])
def test_a_line_that_is_cut_again_and_again_neither_loses_nor_doubles(
    ws: runstore.Workspace, tmp_path: Path, number: int
) -> None:
    for at in range(3):
        unions.logged(ws, f"r{at}", at, **{f"f{at}": bytes([at]) * 300_000})
    remote, other = Memory(), runstore.Workspace(tmp_path / "other")
    remote.fault = failing(number)
    for way in (lambda: push(ws.path, remote, patience=ONCE), lambda: pull(other.path, remote, patience=ONCE)):
        for _ in range(100):
            try:
                way()
                break
            except Unreachable:
                continue
        else:
            raise AssertionError("it never came to an end")
    remote.fault = lambda what: None
    assert unions.answers(other) == unions.answers(ws)
    assert pull(other.path, remote).files == 0


def test_only_what_is_chosen_is_sent(ws: runstore.Workspace, tmp_path: Path) -> None:
    unions.logged(ws, "r0", large=b"many" * 100_000)
    unions.logged(ws, "r1")
    remote, other = Memory(), runstore.Workspace(tmp_path / "other")
    assert push(ws.path, remote, Choice(run_ids=frozenset({"r0"}), kinds=frozenset({"points"}))).ok == ["r0"]
    pull(other.path, remote)
    assert other.sql("select run_id, name, value from metrics order by step").fetchall() == [
        ("r0", "loss", 0.0), ("r0", "loss", 0.1), ("r0", "loss", 0.2)
    ]  # fmt: skip
    assert other.sql("select count(*) from rows").fetchall() == [(1,)] and not (other.path / "blobs").exists()
    assert sorted(push(ws.path, remote).ok) == ["r0", "r1"]
    pull(other.path, remote)
    assert unions.answers(other) == unions.answers(ws)


def test_equal_content_in_another_runs_pack_comes_along(ws: runstore.Workspace, tmp_path: Path) -> None:
    unions.logged(ws, "r0", small=b"few bytes")
    unions.logged(ws, "r1", small=b"few bytes")
    remote, other = Memory(), runstore.Workspace(tmp_path / "other")
    push(ws.path, remote, Choice(run_ids=frozenset({"r1"})))
    pull(other.path, remote)
    assert other.get_run("r1").read_file("small") == b"few bytes"


def test_verifying_what_cannot_be_asked_forgets_nothing(ws: runstore.Workspace) -> None:
    unions.logged(ws, "r0")
    remote = Memory()
    push(ws.path, remote)
    remote.fault = failing(1)
    with pytest.raises(Unreachable):
        push(ws.path, remote, verify=True, patience=ONCE)
    assert not push(ws.path, remote).asked


def test_a_dry_run_sends_nothing(ws: runstore.Workspace) -> None:
    unions.logged(ws, "r0", small=b"few bytes")
    compaction.compact(ws.path, grace=0)
    remote = Memory()
    done = push(ws.path, remote, dry_run=True)
    assert (remote.objects, remote.log) == ({}, []) and done.sent_bytes > 0
    assert done.sent_bytes >= push(ws.path, remote).sent_bytes > 0


def test_a_lost_ledger_costs_questions_and_no_bytes(ws: runstore.Workspace) -> None:
    from runstore.disk.ledger import Ledger

    unions.logged(ws, "r0", large=b"many" * 100_000)
    remote = Memory()
    push(ws.path, remote)
    sent = remote.put_bytes
    Ledger(ws.path, remote.id).forget()
    assert push(ws.path, remote).failed == {} and remote.put_bytes == sent


def test_one_bad_run_does_not_hold_up_the_others(ws: runstore.Workspace) -> None:
    unions.logged(ws, "r0")
    unions.logged(ws, "r1")
    compaction.compact(ws.path, grace=0)
    (segment,) = ws.get_run("r0").path.glob("points-*.parquet")
    data = bytearray(segment.read_bytes())
    data[100] ^= 1
    segment.write_bytes(bytes(data))
    done = push(ws.path, Memory())
    assert done.ok == ["r1"] and "SHA-256" in done.failed["r0"]
