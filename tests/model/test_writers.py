"""Processes that log, die, join, resume and end while others seal and compact: the store holds the list of it all."""

from __future__ import annotations

import os
import tempfile
from collections import defaultdict
from collections.abc import Iterator
from pathlib import Path
from typing import Any, NamedTuple

import pytest
from hypothesis import HealthCheck, settings
from hypothesis import strategies as st
from hypothesis.stateful import RuleBasedStateMachine, initialize, precondition, rule, run_state_machine_as_test

from runstore.disk import inventory
from runstore.format import names, values
from runstore.query import summaries
from tests.crash.fixtures import Templates
from tests.crash.template import Child, Template
from tests.model import puppet

SCALARS = st.one_of(st.floats(), st.integers(-(2**70), 2**70), st.booleans(), st.none(), st.text(max_size=6))
NAMES = st.sampled_from(["loss", "val/loss", "é 😀\0", "a.b"])
STEPS = st.one_of(st.none(), st.integers(-(2**63), 2**63 - 1), st.integers(0, 5))
PLACES = st.integers(0, 10**6)  # which of those there are, modulo their number
DEAD = {"mapped": "Failed", "written": "NotResponding"}  # without proof of death silence has to do


class Point(NamedTuple):
    """A point as it was logged; ``order`` is its place in the whole run's list."""

    seq: int
    name: str
    value: str
    step: int
    indexed: bool
    order: int


class Writer:
    """A process of a run and the plain list of what its calls that returned have logged."""

    def __init__(self, child: Child, run_id: str) -> None:
        self.child, self.run_id = child, run_id
        self.id, self.attempt = child.talk.receive()
        self.state = "Running"
        self.opener = False
        self.points: list[Point] = []
        self.rows: list[tuple[int, str, str, int]] = []
        self.seq = 0
        self.bursts = 0
        self.indexes: dict[str, int] = defaultdict(int)

    def note(self, name: str, value: object, step: int | None, order: int) -> None:
        at = self.indexes[name] if step is None else step
        self.indexes[name] += step is None
        self.points.append(Point(self.seq, name, repr(value), at, step is None, order))
        self.seq += 1

    def note_row(self, name: str, data: str, step: int | None) -> None:
        key = f"row {name}"
        at = self.indexes[key] if step is None else step
        self.indexes[key] += step is None
        self.rows.append((self.seq, name, data, at))
        self.seq += 1


class Store(RuleBasedStateMachine):
    """The store beside the plain list."""

    def __init__(self, template: Template, way: str) -> None:
        super().__init__()
        self.template, self.way = template, way
        self.place = tempfile.TemporaryDirectory(prefix="runstore-model-")
        self.path = Path(self.place.name) / "w"
        self.runs: dict[str, list[Writer]] = {}
        self.order = 0

    @initialize()
    def begin(self) -> None:
        self.start()
        self.observer = self.template.start(puppet.observer, path=self.path)

    # ---- writers

    @precondition(lambda self: len(self.runs) < 3)
    @rule()
    def start(self) -> None:
        run_id = f"run {len(self.runs)}"
        self.runs[run_id] = []
        self.enter(run_id)

    def enter(self, run_id: str) -> None:
        own = self.runs[run_id]
        newest = max((writer.attempt for writer in own), default=0)
        live = any(writer.state == "Running" for writer in own if writer.attempt == newest)
        new = Writer(self.template.start(puppet.writer, path=self.path, run_id=run_id), run_id)
        new.opener = not live
        assert new.attempt == newest + new.opener
        own.append(new)

    @rule(place=PLACES)
    def join_or_resume(self, place: int) -> None:
        if len(self.live()) < 6:
            self.enter(sorted(self.runs)[place % len(self.runs)])

    def live(self) -> list[Writer]:
        return [writer for own in self.runs.values() for writer in own if writer.state == "Running"]

    def one(self, place: int) -> Writer:
        return self.live()[place % len(self.live())]

    @precondition(lambda self: self.live())
    @rule(place=PLACES, points=st.lists(st.tuples(NAMES, SCALARS, STEPS), min_size=1, max_size=6))
    def log(self, place: int, points: list[tuple[str, Any, int | None]]) -> None:
        writer = self.one(place)
        for name, value, step in points:
            writer.child.ask("log", name, values.to_json(value), step)
            self.order += 1
            writer.note(name, value, step, self.order)

    @precondition(lambda self: self.live())
    @rule(place=PLACES, many=st.dictionaries(NAMES, SCALARS, min_size=1), step=STEPS)
    def log_dict(self, place: int, many: dict[str, Any], step: int | None) -> None:
        writer = self.one(place)
        writer.child.ask("dict", {name: values.to_json(value) for name, value in many.items()}, step)
        for name, value in many.items():
            self.order += 1
            writer.note(name, value, step, self.order)

    @precondition(lambda self: self.live())
    @rule(place=PLACES, value=SCALARS, step=STEPS)
    def log_row(self, place: int, value: Any, step: int | None) -> None:
        writer = self.one(place)
        data = {"x": value, "deep": [value, {"f": "user's own"}]}
        writer.child.ask("row", "table", values.document(data), step)
        writer.note_row("table", repr(data), step)

    @precondition(lambda self: self.live())
    @rule(place=PLACES)
    def burst(self, place: int) -> None:
        """More than a journal takes."""
        writer = self.one(place)
        first, writer.bursts = writer.bursts, writer.bursts + 100
        writer.child.ask("burst", first, 100)
        for i in range(first, first + 100):
            self.order += 1
            writer.note("burst", i * 0.1, i, self.order)

    @precondition(lambda self: self.live())
    @rule(place=PLACES)
    def flush(self, place: int) -> None:
        self.one(place).child.ask("flush")

    @precondition(lambda self: self.live())
    @rule(place=PLACES)
    def kill(self, place: int) -> None:
        writer = self.one(place)
        writer.child.kill()
        writer.child.wait()
        writer.state = DEAD[self.way]
        run_path = self.path / names.run_dir(writer.run_id)
        for lock in inventory.scan(run_path).locks:
            if lock.name == names.lock(writer.id):
                os.utime(lock, (0, 0))

    @precondition(lambda self: self.live())
    @rule(place=PLACES, how=st.sampled_from(["Completed", "Failed", "Canceled"]))
    def end(self, place: int, how: str) -> None:
        writer = self.one(place)
        writer.child.ask(how)
        writer.child.kill()
        writer.child.wait()
        writer.state = how

    # ---- others

    @rule(place=PLACES)
    def seal(self, place: int) -> None:
        assert self.observer.ask("seal", sorted(self.runs)[place % len(self.runs)]) == []

    @rule()
    def compact(self) -> None:
        assert self.observer.ask("compact") == []

    @rule()
    def compare(self) -> None:
        """The store is the list: every point of every writer, in order; what counts of them; tables; statuses."""
        assert self.stored("metrics", "seq, name, kind, value, text, step") == self.listed(lambda point: True)
        assert self.stored("curve_points", "seq, name, kind, value, text, step") == self.counting()
        assert self.tables() == {
            (run_id, w.id): [(name, data, step, row) for row, (_, name, data, step) in enumerate(w.rows)]
            for run_id, own in self.runs.items() for w in own if w.rows
        }  # fmt: skip
        found = self.observer.ask("sql", "select run_id, status, attempts, writers, points from runs")
        assert sorted(found) == [
            [run_id, self.status(own), max(w.attempt for w in own), len(own), sum(w.seq for w in own)]
            for run_id, own in sorted(self.runs.items())
        ]

    def stored(self, view: str, columns: str) -> dict[tuple[str, str], list[tuple[int, str, str, int]]]:
        query = f"select run_id, writer, {columns} from {view} order by run_id, writer, seq"
        found: dict[tuple[str, str], list[tuple[int, str, str, int]]] = defaultdict(list)
        for run_id, writer, seq, name, kind, value, text, step in self.observer.ask("sql", query):
            found[run_id, writer].append((seq, name, repr(summaries.exact(kind, value, text)), step))
        return found

    def listed(self, wanted: Any) -> dict[tuple[str, str], list[tuple[int, str, str, int]]]:
        found = {
            (run_id, w.id): [point[:4] for point in w.points if wanted((run_id, w.attempt, point))]
            for run_id, own in self.runs.items()
            for w in own
        }
        return {key: points for key, points in found.items() if points}

    def counting(self) -> dict[tuple[str, str], list[tuple[int, str, str, int]]]:
        """Without the points that a later attempt logged again: from its first explicit step on."""
        first: dict[tuple[str, str], dict[int, tuple[int, int]]] = defaultdict(dict)
        for run_id, own in self.runs.items():
            for w in own:
                for point in w.points:
                    begun = first[run_id, point.name]
                    if not point.indexed and point.order < begun.get(w.attempt, (1 << 62, 0))[0]:
                        begun[w.attempt] = point.order, point.step

        def counts(which: tuple[str, int, Point]) -> bool:
            run_id, attempt, point = which
            later = (step for k, (_, step) in first[run_id, point.name].items() if k > attempt)
            return point.indexed or not any(point.step >= step for step in later)

        return self.listed(counts)

    def tables(self) -> dict[tuple[str, str], list[tuple[str, str, int, int]]]:
        query = "select run_id, writer, name, data::varchar, step, row from rows order by run_id, writer, row"
        found: dict[tuple[str, str], list[tuple[str, str, int, int]]] = defaultdict(list)
        import orjson

        for run_id, writer, name, data, step, row in self.observer.ask("sql", query):
            found[run_id, writer].append((name, repr(values.from_document(orjson.loads(data))), step, row))
        return found

    def status(self, own: list[Writer]) -> str:
        (opener,) = [w for w in own if w.opener and w.attempt == max(w.attempt for w in own)]
        return opener.state

    def teardown(self) -> None:
        try:
            self.compare()
            assert self.observer.ask("check") == []
        finally:
            self.template.clear()
            self.place.cleanup()


@pytest.fixture(scope="module")
def warm(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Templates]:
    """Templates that have loaded what sealing needs."""
    made = Templates(tmp_path_factory.mktemp("home"), "pyarrow.parquet", "tests.model.puppet")
    yield made
    for template in made.values():
        template.close()


@pytest.mark.slow
@pytest.mark.parametrize("way", ["mapped", "written"])
def test_the_store_is_the_list_of_what_was_logged(way: str, warm: Templates) -> None:
    run_state_machine_as_test(
        lambda: Store(warm[way], way),
        settings=settings(
            max_examples=20, stateful_step_count=30, deadline=None, suppress_health_check=list(HealthCheck)
        ),
    )
