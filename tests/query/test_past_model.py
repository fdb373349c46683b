"""Random histories: what every view answers after each step is what it answers later as of then."""

from __future__ import annotations

import math
import random
import warnings
from collections.abc import Callable
from datetime import datetime
from pathlib import Path
from typing import Any

import pytest

import runstore
from runstore.query import compaction, sealing
from runstore.query.models import Model
from runstore.query.views import VIEWS
from runstore.runs import stream
from tests.query.clocks import Clock
from tests.query.clocks import clock as clock

Answers = dict[str, list[str]]
FIELDS = "select run_id, params.lr, params.opt.name, last.loss, last.acc from runs"


class History:
    """A workspace that something happens in, again and again."""

    def __init__(self, ws: runstore.Workspace, clock: Clock, pick: random.Random, place: Path) -> None:
        self.ws, self.clock, self.pick, self.place = ws, clock, pick, place
        self.open: list[runstore.Run] = []
        self.ids: list[str] = []
        self.acts: list[Callable[[], Any]] = [
            self.start, self.start, self.join, self.log, self.log, self.log, self.many, self.row, self.series,
            self.label, self.edit, self.store, self.side, self.end, self.die, self.model, self.group, self.seal,
        ]  # fmt: skip

    def step(self) -> None:
        self.clock.step()
        self.pick.choice(self.acts)()
        for run in self.open:
            run.flush()

    def _one(self) -> runstore.Run:
        if not self.open:
            self.start()
        return self.pick.choice(self.open)

    def _known(self) -> runstore.Run:
        return self.ws.get_run(self.pick.choice(self.ids)) if self.ids else self._one()

    def start(self) -> None:
        run_id = f"r{len(self.ids)}" if not self.ids or self.pick.random() < 0.7 else self.pick.choice(self.ids)
        parent = self.pick.choice([None, *self.ids])
        name = self.ws.get_run(run_id).experiment.name if run_id in self.ids else self.pick.choice("de")
        run = self.ws.experiment(name).start_logging(
            run_id=run_id, parent_id=parent, params={"lr": self.pick.choice([0.1, 1, "auto"])}
        )
        self.open.append(run)
        if run_id not in self.ids:
            self.ids.append(run_id)

    def join(self) -> None:
        one = self._one()
        self.open.append(self.ws.experiment(one.experiment.name).start_logging(run_id=one.id))

    def _value(self) -> Any:
        return self.pick.choice([1.5, 2, True, "text", None, math.nan, math.inf, 2**60, self.pick.gauss(0, 1)])

    def log(self) -> None:
        step = self.pick.choice([None, self.pick.randint(0, 9)])
        self._one().log(self.pick.choice(["loss", "acc"]), self._value(), step=step)

    def many(self) -> None:
        self._one().log({"loss": self._value(), "lr": self._value()}, step=self.pick.randint(0, 9))

    def row(self) -> None:
        self._one().log_row("table", x=self.pick.random())

    def series(self) -> None:
        self._one().log_list("many", [self.pick.random() for _ in range(3)])

    def label(self) -> None:
        run = self._one()
        run.log_params({f"p{len(self.ids)}{self.clock.now}": {"name": "adam"}, "opt": {"name": str(self.clock.now)}})
        run.tag("stage", str(self.pick.random()))
        run.add_properties({f"p{self.clock.now}": self.pick.random()})

    def edit(self) -> None:
        run = self._known()
        what = self.pick.randrange(4)
        if what == 0:
            run.tag("stage", "edited")
        elif what == 1:
            run.remove_tags(["stage"])
        elif what == 2:
            run.archive()
        else:
            run.display_name = str(self.clock.now)

    def store(self) -> None:
        path = self.place / "file.txt"
        path.write_text(str(self.clock.now))
        run = self._one()
        run.upload_file(f"{self.clock.now}.txt", path)
        if self.pick.random() < 0.5:
            run.remove_files(self.pick.choice([name for name in run.get_file_names() if name.endswith(".txt")]))

    def side(self) -> None:
        side = self._one()._live().side()
        side.log("python", "a.b", "INFO", str(self.clock.now))
        side.system({"cpu.percent": self.pick.random()})

    def end(self) -> None:
        run = self._one()
        self.open.remove(run)
        getattr(run, self.pick.choice(["complete", "fail", "cancel"]))()

    def die(self) -> None:
        run = self._one()
        run.log("last", 1.0)
        run.flush()
        self.open.remove(run)
        self.clock.die(run)

    def model(self) -> None:
        path = self.place / "weights"
        path.write_text(str(self.clock.now))
        one = Model.register(self.ws, path, self.pick.choice("mn"), aliases=["newest"])
        if self.pick.random() < 0.3:
            one.delete()

    def group(self) -> None:
        experiment = self.ws.experiment(self.pick.choice("de"))
        self.pick.choice([experiment.archive, experiment.reactivate])()

    def seal(self) -> None:
        sealing.seal(self.ws.path, self._known().path)


def answers(ws: runstore.Workspace, as_of: datetime | None = None) -> Answers:
    """What every view says, in any order."""
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")  # of fields that no run has by then
        found = {view: ws.sql(f"select * from {view}", as_of=as_of) for view in VIEWS}
        found |= {"fields": ws.sql(FIELDS, as_of=as_of), "list": ws.runs(sort="experiment", as_of=as_of)}
        return {name: sorted(map(_shown, relation.fetchall())) for name, relation in found.items()}


def _shown(row: tuple[Any, ...]) -> str:
    return repr([_plain(value) for value in row])


def _plain(value: Any) -> Any:
    if isinstance(value, dict):  # the fields of a STRUCT come in the order in which names were met
        return sorted((key, _plain(one)) for key, one in value.items())
    return f"{value:.12g}" if isinstance(value, float) else value


def differences(then: Answers, now: Answers) -> list[str]:
    return [
        f"{view}: {mark} {row}"
        for view in then
        for mark, rows, others in (("then", then, now), ("as of then", now, then))
        for row in rows[view]
        if row not in others[view]
    ]


@pytest.mark.parametrize("seed", [pytest.param(n, marks=[pytest.mark.slow] * (n != 4)) for n in range(8)])
def test_as_of_any_step_every_view_says_what_it_said_then(
    ws: runstore.Workspace, clock: Clock, monkeypatch: pytest.MonkeyPatch, tmp_path: Path, seed: int
) -> None:
    monkeypatch.setattr(stream, "ROTATE", 1)
    monkeypatch.setattr(stream, "LOOK", 5)
    pick = random.Random(seed)
    history = History(ws, clock, pick, tmp_path)
    told: list[tuple[datetime, Answers]] = []
    for _ in range(pick.randint(8, 20)):
        history.step()
        told.append((clock.moment(), answers(ws)))
    asked = pick.sample(told, 4)
    for moment, then in asked:
        assert differences(then, answers(ws, moment)) == [], f"while it goes on, as of {moment}"
    clock.step()
    for run in history.open:
        run.complete()
    compaction.compact(ws.path, grace=0)
    for moment, then in asked:
        assert differences(then, answers(ws, moment)) == [], f"compacted, as of {moment}"
