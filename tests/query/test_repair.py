"""What can be saved is saved, what can't is named, a check is content afterwards; interrupted, the next one ends it."""

from __future__ import annotations

import errno
import functools
import os
import random
import signal
import subprocess
import sys
import tempfile
import time
from collections.abc import Callable
from pathlib import Path

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

import runstore
from runstore.disk import files
from runstore.errors import RunNotFound, StoreError
from runstore.format import names
from runstore.query import merging, union
from runstore.query.promises import Promises
from runstore.query.repair import repair
from tests.query import blocked
from tests.query.damaging import (
    KINDS,
    ROOT,
    change,
    copied,
    damage,
    everything,
    flip,
    hurt,
    one,
    original,
    place,
    run_path,
    seen,
)  # fmt: skip

__all__ = ["original", "place"]


def test_a_whole_workspace_is_left_as_it_is(place: Path) -> None:
    before = {path: path.read_bytes() for path in everything(place)}
    done = repair(place)
    assert done.whole and not done.saved and not done.aside
    assert {path: path.read_bytes() for path in everything(place)} == before


@pytest.mark.slow
@settings(max_examples=15, deadline=None, suppress_health_check=list(HealthCheck))
@given(seed=st.integers(0, 2**32), how=st.lists(st.sampled_from(KINDS), min_size=1, max_size=3))
def test_whatever_is_damaged_no_good_point_is_lost_and_the_lost_ones_are_named(
    original: Path, seed: int, how: list[str]
) -> None:
    choose, whole = random.Random(seed), _whole(original)
    with tempfile.TemporaryDirectory() as directory:
        ws = copied(original, Path(directory) / "w")
        for kind, path in zip(how, choose.sample(everything(ws), len(how)), strict=True):
            hurt(path, kind, choose)
        before = _seen(ws)

        done = repair(ws)

        left = damage(ws)
        assert {finding.path for finding in left} <= {told.path for told in done.left}
        after = _seen(ws)
        if not left:
            assert {key: after.get(key) for key in before} == before
            assert {key: whole[key] for key in after} == after
            assert _named(ws, set(whole) - set(after)) == set()
        again = repair(ws)
        assert (again.saved, again.lost, again.aside) == ([], [], [])


@functools.cache
def _whole(original: Path) -> dict[tuple[object, ...], str]:
    return dict(seen(original))


def _seen(ws: Path) -> dict[tuple[object, ...], str]:
    try:
        return dict(seen(ws))
    except StoreError:  # as long as files are missing, or workspace.json is
        return {}


def _named(ws: Path, lost: set[tuple[object, ...]]) -> set[tuple[object, ...]]:
    """Of the points that are lost, those that no fact tells of."""
    unnamed = set()
    for key in lost:
        if key[0] in ("metrics", "system_metrics"):
            view, run_id, writer, seq = map(str, key)
            told, whose = Promises(run_path(ws, run_id)), names.side(writer) if view == "system_metrics" else writer
            named = any(first <= int(seq) <= last for first, last in told.lost.ranges.get(whose, []))
            if not named and int(seq) < told.reached.get(whose, 0):  # else nothing tells any more that it was there
                unnamed.add(key)
    return unnamed


def test_what_is_lost_is_exactly_what_is_not_there(place: Path, original: Path) -> None:
    path = one(place, "sealed", "points-*")
    change(path, path.stat().st_size // 2, bytes(200))
    whole = {key for key in seen(original) if key[:2] == ("metrics", "sealed")}

    done = repair(place)

    kept = {key for key in seen(place) if key[:2] == ("metrics", "sealed")}
    told = Promises(run_path(place, "sealed")).lost.ranges
    lost = {("metrics", "sealed", w, n) for w, found in told.items() for a, b in found for n in range(a, b + 1)}
    assert kept | lost == whole and not kept & lost
    assert not done.whole and any(" points of writer " in loss.what for loss in done.lost)
    assert damage(place) == []


def test_a_changed_bit_costs_nothing(place: Path, original: Path) -> None:
    """Journals, segments, records, documents: the checksum tells which bit it was."""
    chosen = [
        one(place, "journals", "a1.jsonl"), one(place, "journals", "p-????????????????-*"), one(place, "many", "p-*"),
        one(place, "sealed", "seal-*"), place / names.WORKSPACE, place / names.experiment_file("e"),
    ]  # fmt: skip
    for path in chosen:
        flip(path, path.stat().st_size // 3, 4)
    assert {finding.path for finding in damage(place)} >= {path.relative_to(place).as_posix() for path in chosen}
    done = repair(place)
    assert done.whole and damage(place) == []
    assert seen(place) == seen(original)


def test_a_run_that_is_logged_to_is_left_alone(place: Path) -> None:
    run = runstore.start_run("e", run_id="live", workspace=runstore.Workspace(place))
    run.log("loss", 1.0)
    run.flush()
    path = one(place, "live", "a1.jsonl")
    flip(path, 20, 6)
    before = path.read_bytes()
    done = repair(place)
    assert [(told.path, "ended" in told.what) for told in done.left] == [(names.run_dir("live"), True)]
    assert path.read_bytes() == before


def test_one_run_is_repaired_and_the_others_are_not(place: Path) -> None:
    flip(one(place, "many", "a1.jsonl"), 9, 255)
    flip(one(place, "journals", "p-*"), 9, 255)
    repair(place, run="journals")
    assert {finding.path.split("/")[2] for finding in damage(place)} == {run_path(place, "many").name}


def test_a_run_that_is_not_there_is_an_error(place: Path) -> None:
    with pytest.raises(RunNotFound):
        repair(place, run="none")


def test_what_was_lost_comes_back_out_of_a_copy_by_a_merge(place: Path, original: Path) -> None:
    for path in (one(place, "sealed", "points-*"), one(place, "journals", "p-*"), one(place, "many", "a1.jsonl")):
        change(path, path.stat().st_size // 3, bytes(300))
    for path in (one(place, "merged", "k-*"), *(place / names.BLOBS).glob("*/*")):
        change(path, 40, bytes(50))
    assert not repair(place).whole

    refused = union.merge(place, original).refused

    assert refused == []
    assert seen(place) == seen(original)
    assert damage(place) == []


def test_merged_and_swept_afterwards_nothing_is_lost(place: Path) -> None:
    change(one(place, "merged", "facts-*"), 40, bytes(20))
    change(one(place, "merged", "points-*"), 900, bytes(20))
    assert repair(place)
    before = seen(place)
    merging.merge(run_path(place, "merged"))
    merging.sweep(run_path(place, "merged"), grace=0)
    assert seen(place) == before and damage(place) == []


def test_an_end_file_a_job_and_a_spool_are_put_aside_and_named(place: Path) -> None:
    run = run_path(place, "open")
    (writer,) = Promises(run).writers
    for name in (names.end(1), names.JOB, names.spool(writer, 0)):
        (run / name).write_bytes(b"what is this")
    done = repair(place)
    assert [told.what for told in done.lost] == [
        "how attempt 1 ended", "what a launcher was to start", "how much of what was printed is in the log already"
    ]  # fmt: skip
    assert damage(place) == [] and len(done.aside) == 3


def test_an_end_file_costs_nothing_where_a_fact_says_how_it_ended(place: Path) -> None:
    (run_path(place, "many") / names.end(1)).write_bytes(b"?")
    assert repair(place).whole and damage(place) == []


def test_what_can_not_be_read_is_named_and_stays_where_it_is(place: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """An I/O error is the disk's trouble: nobody knows whether the file is damaged."""
    (blob,) = (place / names.BLOBS).glob("*/*")
    chosen = [blob, place / names.experiment_file("e"), one(place, "many", "p-*"), one(place, "sealed", "points-*")]

    def failing(real: Callable[..., object]) -> Callable[..., object]:
        def call(path: Path, *more: object) -> object:
            if path in chosen:
                raise OSError(errno.EIO, "Input/output error", str(path))
            return real(path, *more)

        return call

    with monkeypatch.context() as patch:
        for name in ("read", "sha256", "opened"):
            patch.setattr(files, name, failing(getattr(files, name)))
        done = repair(place)
    assert (done.saved, done.lost, done.aside) == ([], [], [])
    told = {one.path for one in done.left}
    assert {path.relative_to(place).as_posix() for path in chosen[:2]} <= told
    assert {names.run_dir("many"), names.run_dir("sealed")} <= told
    assert damage(place) == []


def test_how_far_it_is_is_told(place: Path) -> None:
    seen: list[tuple[int, int]] = []
    repair(place, progress=lambda done, total: seen.append((done, total)))
    assert seen[-1] == (5, 5)


def test_runs_in_blocks_are_told_what_they_have_lost_of_others(place: Path) -> None:
    blocked.put(place)
    (blob,) = (place / names.BLOBS).glob("*/*")
    blob.unlink()
    done = repair(place)
    assert {told.run_id for told in done.lost} == {"sealed", "journals", "merged", "many", "open"}
    assert damage(place) == [] and repair(place).lost == []


def test_a_damaged_block_stays_as_it_is_and_is_named(place: Path) -> None:
    path = place / names.BLOCKS / Path(blocked.put(place)).name / names.BLOCK_MEMBERS
    flip(path, 60, 255)
    wrong = path.read_bytes()
    done = repair(place)
    assert [told.path for told in done.left] == [path.relative_to(place).as_posix()]
    assert (done.lost, done.aside, path.read_bytes()) == ([], [], wrong)


@pytest.mark.slow
def test_killed_anywhere_the_next_repair_ends_it(original: Path, tmp_path: Path) -> None:
    def hurt_copy(name: str) -> Path:
        ws = copied(original, tmp_path / name)
        for run_id, pattern in (("sealed", "points-*"), ("journals", "p-*"), ("merged", "facts-*"), ("merged", "k-*")):
            path = one(ws, run_id, pattern)
            change(path, path.stat().st_size // 3, bytes(100))
        return ws

    ws = hurt_copy("whole")
    repair(ws)
    expected = seen(ws)
    program = "import sys, pathlib; from runstore.query.repair import repair; print(flush=True); "
    program += "repair(pathlib.Path(sys.argv[1]))"
    choose = random.Random(5)
    for _ in range(4):
        ws = hurt_copy("killed")
        process = subprocess.Popen([sys.executable, "-c", program, str(ws)], stdout=subprocess.PIPE, cwd=ROOT)
        assert process.stdout is not None
        process.stdout.readline()
        time.sleep(choose.uniform(0.05, 1.5))
        os.kill(process.pid, signal.SIGKILL if hasattr(signal, "SIGKILL") else signal.SIGTERM)
        process.communicate()
        repair(ws)
        assert damage(ws) == [] and seen(ws) == expected
        assert repair(ws).aside == []
