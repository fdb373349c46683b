from __future__ import annotations

from pathlib import Path

from hypothesis import given
from hypothesis import strategies as st

import runstore
from runstore.errors import Unreachable
from runstore.runs.state import RunState
from runstore.sync.choice import EVERYTHING
from runstore.sync.mlflow import cursor, pushing
from runstore.sync.mlflow.course import Course, _levels
from runstore.sync.retry import Patience
from tests.sync.mlflow import logged
from tests.sync.mlflow.fake import Fake, Store


@given(st.dictionaries(st.integers(0, 12), st.one_of(st.none(), st.integers(0, 12))))
def test_every_run_goes_once_and_none_before_its_parent(parents: dict[int, int | None]) -> None:
    runs = [
        RunState(Path(), None, run_id=str(one), parent_id=None if above is None else str(above))  # type: ignore[arg-type]
        for one, above in parents.items()
    ]
    seen: list[str] = []
    for level in _levels([(run, "") for run in runs]):
        there = {*seen}
        roots = [run for run, _ in level if run.parent_id in {one.run_id for one in runs} - there]
        assert not roots or len(roots) == len(level)  # only where they go round in a circle
        seen += [run.run_id for run, _ in level]
    assert sorted(seen) == sorted(run.run_id for run in runs)


def course(workspace: Path, server: Fake, verify: bool = False) -> Course:
    return Course(workspace, server, cursor.Cursors(workspace, logged.ID), EVERYTHING, verify, None)


def test_what_has_arrived_is_noted_though_somebody_ends_it(workspace: Path) -> None:
    class Enough(Exception):
        pass

    def progress(done: int, total: int) -> None:
        assert 0 < done <= total
        raise Enough

    run, store = logged.everything(workspace), Store()
    run.complete()
    cursors = cursor.Cursors(workspace, logged.ID)
    found = pushing.signed(workspace, EVERYTHING)
    try:
        Course(workspace, Fake(store), cursors, EVERYTHING, False, progress).push(found, False, 2)
    except Enough:
        pass
    (entry,) = [cursors.run(path.parent.name + path.name) for path, _ in pushing.signed(workspace, EVERYTHING)]
    assert entry is not None and entry.there in store.runs and not entry.sure
    with cursor.Cursors(workspace, logged.ID).open() as cut_off:
        assert cut_off
    course(workspace, Fake(store)).push(pushing.signed(workspace, EVERYTHING), False, 2)
    assert logged.exactly(workspace, run.id, store.run(run.id)) and len(store.runs) == 1


def test_a_run_that_a_server_has_no_time_for_keeps_no_other(workspace: Path) -> None:
    runs = [logged.everything(workspace, name=name) for name in "abc"]
    for run in runs:
        run.complete()
    store = Store()

    class Slow(Fake):
        def _runs_create(self, given: dict[str, str]) -> object:  # type: ignore[override]
            if given["run_name"] == "b":
                raise Unreachable("500")
            return super()._runs_create(given)

    done = course(workspace, Slow(store, patience=Patience(total=0.0))).push(
        pushing.signed(workspace, EVERYTHING), False, 1
    )
    assert done.failed.keys() == {runs[1].id} and sorted(done.ok) == sorted([runs[0].id, runs[2].id])


def test_a_directory_that_tells_nothing_is_named_and_keeps_no_other(workspace: Path) -> None:
    run, store = logged.everything(workspace), Store()
    run.complete()
    (workspace / "runs" / "ab" / "0123456789abcdef").mkdir(parents=True)
    done = course(workspace, Fake(store)).push(pushing.signed(workspace, EVERYTHING), False, 2)
    assert done.ok == [run.id] and done.failed.keys() == {"0123456789abcdef"}


def test_looking_counts_what_would_go(workspace: Path) -> None:
    run = runstore.start_run("ex", workspace=runstore.Workspace(workspace))
    run.log_batch("m", [1.0] * 2500)
    run.complete()
    store = Store()
    done = course(workspace, Fake(store)).look(pushing.signed(workspace, EVERYTHING))
    assert (done.sent_segments, done.ok, store.asked) == (3, [run.id], [])
