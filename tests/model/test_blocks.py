"""Log, tag, resume, die, delete, compact, sweep in any order: every view is as in a twin that was never compacted."""

from __future__ import annotations

import os
import shutil
import tempfile
import warnings
from collections.abc import Callable
from pathlib import Path
from typing import Any
from unittest import mock

import pytest
from hypothesis import HealthCheck, settings
from hypothesis import strategies as st
from hypothesis.stateful import RuleBasedStateMachine, precondition, rule

import runstore
from runstore.disk import block
from runstore.disk.capabilities import CAN
from runstore.query import check, collecting, compaction, levels
from runstore.runs import seal

RUNS = st.sampled_from(["a", "b", "c", "d", "é", "é2", "f"])
POINTS = st.lists(
    st.tuples(
        st.sampled_from(["loss", "acc"]),
        st.one_of(st.floats(allow_nan=False, width=16), st.sampled_from([2**60, "x", None, True])),
        st.one_of(st.none(), st.integers(0, 4)),
    ),
    max_size=4,
)
QUERIES = {
    "runs": "run_id, experiment, name, number, status, attempts, writers, points, dropped, error, archived, tags",
    "fields": "run_id, params.lr, last.loss, last.acc",
    "experiments": "experiment, runs",
    "params": "run_id, attempt, name, kind, value, text",
    "tags": "run_id, name, value",
    "metrics": "run_id, experiment, name, step, value, attempt, seq, kind, text",
    "curve_points": "run_id, name, step, value, attempt, seq",
    "metric_summary": "run_id, name, count, first, last, min, max, mean, last_step",
    "rows": "run_id, name, row, step, data, attempt",
    "artifacts": "run_id, name, sha256, size, kind",
    "writers": "run_id, attempt, state, dropped",
}


def _plain(row: tuple[object, ...]) -> str:
    """A row as text; which of two equal zeros is the least is nobody's promise."""
    return repr(tuple(one + 0.0 if isinstance(one, float) else one for one in row))


class Twins(RuleBasedStateMachine):
    """A workspace that is compacted again and again, and one that never is."""

    def __init__(self) -> None:
        super().__init__()
        self.place = Path(tempfile.mkdtemp(prefix="runstore-blocks-"))
        self.one, self.other = (runstore.Workspace(self.place / name) for name in ("one", "other"))
        self.there: set[str] = set()
        self.gone: set[str] = set()  # deleted
        self.removed: set[str] = set()
        self.patch = mock.patch.multiple(levels, WIDTH=2, FULL_RUNS=9)
        self.patch.start()
        self.request, seal.request = seal.request, lambda *_: None

    def both(self, act: Callable[[runstore.Workspace], Any]) -> None:
        for ws in (self.one, self.other):
            act(ws)

    def known(self, data: st.DataObject) -> str:
        return str(data.draw(st.sampled_from(sorted(self.there - self.gone))))

    # ---- what users do

    @rule(run_id=RUNS, points=POINTS, lr=st.integers(0, 3), end=st.sampled_from(["complete", "fail", "cancel"]))
    def log(self, run_id: str, points: list[tuple[str, Any, int | None]], lr: int, end: str) -> None:
        """Begin a run, or go on with it."""
        if run_id in self.gone | self.removed:
            return

        def act(ws: runstore.Workspace) -> None:
            run = runstore.start_run("e" if run_id < "c" else "f", run_id=run_id, params={"lr": lr}, workspace=ws)
            for name, value, step in points:
                run.log(name, value, step=step)
            run.log_row("table", n=lr)
            getattr(run, end)()

        self.both(act)
        self.there.add(run_id)

    @precondition(lambda self: CAN.fork and CAN.proc)
    @rule(run_id=RUNS, points=POINTS)
    def die(self, run_id: str, points: list[tuple[str, Any, int | None]]) -> None:
        if run_id in self.there | self.removed:
            return

        def act(ws: runstore.Workspace) -> None:
            pid = os.fork()
            if pid == 0:
                try:
                    run = runstore.start_run("e" if run_id < "c" else "f", run_id=run_id, workspace=ws)
                    for name, value, step in points:
                        run.log(name, value, step=step)
                finally:
                    os._exit(0)
            os.waitpid(pid, 0)

        self.both(act)
        self.there.add(run_id)

    @precondition(lambda self: self.there - self.gone)
    @rule(data=st.data(), key=st.sampled_from("xyz"), value=st.integers(0, 9))
    def tag(self, data: st.DataObject, key: str, value: int) -> None:
        run_id = self.known(data)
        self.both(lambda ws: ws.get_run(run_id).set_tags({key: value}))

    @precondition(lambda self: self.there - self.gone)
    @rule(data=st.data())
    def upload(self, data: st.DataObject) -> None:
        run_id, path = self.known(data), self.place / "file"
        path.write_bytes(run_id.encode() * 50)

        def act(ws: runstore.Workspace) -> None:
            run = runstore.start_run(ws.get_run(run_id).experiment.name, run_id=run_id, workspace=ws)
            run.upload_file("file", path)
            run.complete()

        self.both(act)

    @precondition(lambda self: self.there - self.gone)
    @rule(data=st.data())
    def delete(self, data: st.DataObject) -> None:
        run_id = self.known(data)
        self.both(lambda ws: ws.delete(run_id))
        self.gone.add(run_id)

    @precondition(lambda self: self.gone)
    @rule(data=st.data())
    def restore(self, data: st.DataObject) -> None:
        run_id = data.draw(st.sampled_from(sorted(self.gone)))
        self.both(lambda ws: ws.restore(run_id))
        self.gone.remove(run_id)

    @precondition(lambda self: self.gone)
    @rule()
    def gc(self) -> None:
        self.both(self.collected)
        self.there -= self.gone
        self.removed |= self.gone
        self.gone = set()

    def collected(self, ws: runstore.Workspace) -> None:
        assert collecting.collect(ws.path, grace=0, young=0).trouble == []

    # ---- what only one of them sees

    @rule(grace=st.sampled_from([0.0, 600.0]), enough=st.sampled_from([1, 1, 3]))
    def compact(self, grace: float, enough: int) -> None:
        assert compaction.compact(self.one.path, grace=grace, enough=enough).damaged == []

    @rule()
    def a_new_process(self) -> None:
        """Nothing is remembered."""
        block.forget(self.one.path)
        self.one = runstore.Workspace(self.one.path)

    @rule(view=st.sampled_from(sorted(QUERIES)))
    def compare(self, view: str) -> None:
        query = f"SELECT {QUERIES[view]} FROM {view if view != 'fields' else 'runs'}"
        with warnings.catch_warnings():
            warnings.simplefilter("ignore")  # nobody has logged a field yet
            one, other = (sorted(map(_plain, ws.sql(query).fetchall())) for ws in (self.one, self.other))
        assert one == other

    def teardown(self) -> None:
        try:
            for view in QUERIES:
                self.compare(view)
            for run_id in self.there - self.gone:
                assert self.one.get_run(run_id).status == self.other.get_run(run_id).status
            assert [str(found) for found in check.check(self.one.path) if found.severity == check.DAMAGE] == []
        finally:
            self.patch.stop()
            seal.request = self.request
            shutil.rmtree(self.place)


Twins.TestCase.settings = settings(
    max_examples=25, stateful_step_count=20, deadline=None, suppress_health_check=list(HealthCheck)
)
TestTwins = Twins.TestCase
TestTwins.pytestmark = [pytest.mark.slow]
