"""Log, die, join, resume, seal, compact in any order: the store holds exactly what was logged."""

from __future__ import annotations

import os
import shutil
import tempfile
from collections import Counter
from pathlib import Path
from typing import Any

from hypothesis import HealthCheck, settings
from hypothesis import strategies as st
from hypothesis.stateful import Bundle, RuleBasedStateMachine, consumes, initialize, precondition, rule

import runstore
from runstore.disk.capabilities import CAN
from runstore.query import check, compaction, sealing
from runstore.runs import seal

VALUES = st.one_of(
    st.floats(), st.integers(-(2**70), 2**70), st.booleans(), st.none(), st.text(max_size=6)
)  # fmt: skip
NAMES = st.sampled_from(["loss", "val/loss", "é 😀\0", "a.b"])
STEPS = st.one_of(st.none(), st.integers(-(2**63), 2**63 - 1), st.integers(0, 5))
POINTS = st.lists(st.tuples(NAMES, VALUES, STEPS), min_size=1, max_size=8)


def decoded(kind: str, value: float | None, text: str | None) -> Any:
    if kind == "int":
        return int(text) if text is not None else int(value or 0)
    return {"float": value, "bool": bool(value), "str": text, "none": None}[kind]


class Store(RuleBasedStateMachine):
    """The store beside a plain list of what was logged."""

    open_runs = Bundle("open_runs")

    def __init__(self) -> None:
        super().__init__()
        self.place = Path(tempfile.mkdtemp(prefix="runstore-model-"))
        self.ws = runstore.Workspace(self.place / "w")
        self.logged: dict[str, Counter[tuple[str, str, int | None]]] = {}
        self.rows: Counter[str] = Counter()
        self.ended: dict[str, str] = {}
        self.request, seal.request = seal.request, lambda *_: None

    @initialize(target=open_runs)
    def first(self) -> runstore.Run:
        return self.start()

    @rule(target=open_runs)
    def start(self) -> runstore.Run:
        run = self.ws.experiment("e").start_logging()
        self.logged[run.id] = Counter()
        return run

    def put(self, run: runstore.Run, points: list[tuple[str, Any, int | None]]) -> None:
        for name, value, step in points:
            run.log(name, value, step=step)

    def note(self, run_id: str, points: list[tuple[str, Any, int | None]]) -> None:
        self.logged[run_id].update((name, repr(value), step) for name, value, step in points)

    @rule(run=open_runs, points=POINTS)
    def log(self, run: runstore.Run, points: list[tuple[str, Any, int | None]]) -> None:
        self.put(run, points)
        self.note(run.id, points)

    @rule(run=open_runs, many=st.dictionaries(NAMES, VALUES, min_size=1), step=STEPS)
    def log_dict(self, run: runstore.Run, many: dict[str, Any], step: int | None) -> None:
        run.log(many, step=step)
        self.note(run.id, [(name, value, step) for name, value in many.items()])

    @rule(run=open_runs, value=VALUES)
    def log_row(self, run: runstore.Run, value: Any) -> None:
        run.log_row("table", x=value)
        self.rows[run.id] += 1

    @rule(run=open_runs)
    def flush(self, run: runstore.Run) -> None:
        run.flush()

    @precondition(lambda self: CAN.fork)
    @rule(run=open_runs, points=POINTS)
    def child_logs_and_dies(self, run: runstore.Run, points: list[tuple[str, Any, int | None]]) -> None:
        pid = os.fork()
        if pid == 0:
            try:
                self.put(run, points)
            finally:
                os._exit(0)  # as a SIGKILL would: nothing gets a chance to end
        os.waitpid(pid, 0)
        self.note(run.id, points)

    @rule(run=open_runs, points=POINTS)
    def another_writer_joins(self, run: runstore.Run, points: list[tuple[str, Any, int | None]]) -> None:
        joined = self.ws.experiment("e").start_logging(run_id=run.id)
        self.put(joined, points)
        joined.complete()
        self.note(run.id, points)

    @rule(run=consumes(open_runs), how=st.sampled_from(["Completed", "Failed", "Canceled"]))
    def end(self, run: runstore.Run, how: str) -> None:
        {"Completed": run.complete, "Failed": run.fail, "Canceled": run.cancel}[how]()
        self.ended[run.id] = how

    @precondition(lambda self: self.ended)
    @rule(target=open_runs, data=st.data())
    def resume(self, data: st.DataObject) -> runstore.Run:
        run_id = data.draw(st.sampled_from(sorted(self.ended)))
        del self.ended[run_id]
        return self.ws.experiment("e").start_logging(run_id=run_id)

    @rule(data=st.data())
    def seal(self, data: st.DataObject) -> None:
        run_id = data.draw(st.sampled_from(sorted(self.logged)))
        sealing.seal(self.ws.path, self.ws.get_run(run_id).path)

    @rule()
    def compact(self) -> None:
        assert compaction.compact(self.ws.path, grace=0).damaged == []

    @rule(data=st.data())
    def compare(self, data: st.DataObject) -> None:
        self.same(data.draw(st.sampled_from(sorted(self.logged))))

    def same(self, run_id: str) -> None:
        query = "SELECT name, kind, value, text, step FROM metrics WHERE run_id = ?"
        found = self.ws.sql(query, params=[run_id]).fetchall()
        exact = Counter((name, repr(decoded(kind, value, text))) for name, kind, value, text, _ in found)
        wanted: Counter[tuple[str, str]] = Counter()
        steps: Counter[tuple[str, int]] = Counter()
        for (name, value, step), times in self.logged[run_id].items():
            wanted[name, value] += times
            if step is not None:
                steps[name, step] += times
        assert exact == wanted
        assert not steps - Counter((name, step) for name, *_, step in found)
        ((rows,),) = self.ws.sql("SELECT count(*) FROM rows WHERE run_id = ?", params=[run_id]).fetchall()
        assert rows == self.rows[run_id]

    def teardown(self) -> None:
        try:
            for run_id, status in self.ended.items():
                assert self.ws.get_run(run_id).status == status
            for run_id in self.logged:
                self.same(run_id)
            assert [f for f in check.check(self.ws.path) if f.severity == "damage"] == []
        finally:
            from runstore.runs import process

            for run in list(process._open_runs):
                if run.experiment.workspace.path == self.ws.path:
                    run.cancel()
            seal.request = self.request
            shutil.rmtree(self.place)


Store.TestCase.settings = settings(
    max_examples=30, stateful_step_count=25, deadline=None, suppress_health_check=list(HealthCheck)
)
TestStore = Store.TestCase
