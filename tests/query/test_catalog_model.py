"""Any workspace answers the same whether its runs are folded or an index tells of them."""

from __future__ import annotations

import math
import time
import warnings
from collections.abc import Callable
from datetime import UTC, datetime
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

import runstore
from runstore.query.views import VIEWS
from tests.query import stores
from tests.query.settled import settle, small_indexes

QUESTIONS: dict[str, Callable[[runstore.Workspace], Any]] = {
    "fields": lambda ws: ws.sql("select run_id, params, last, number, tags from runs"),
    "some fields": lambda ws: ws.sql("select run_id, params.lr, params.optimizer, last.loss, last.nope from runs"),
    "one run": lambda ws: ws.sql("select run_id, params, number from runs where run_id = 'run-1'"),
    "an experiment": lambda ws: ws.sql("select run_id, number, last.loss from runs where experiment = 'a'"),
    "counts": lambda ws: ws.sql("select experiment, count(*), sum(points), max(number) from runs group by 1"),
    "one metric": lambda ws: ws.sql("select run_id, last, min, mean from metric_summary where name = 'loss'"),
    "a curve": lambda ws: ws.sql("select run_id, step, value, text from curve_points where name = 'loss'"),
    "runs": lambda ws: ws.runs(),
    "a page": lambda ws: ws.runs(limit=2, offset=1),
    "sorted": lambda ws: ws.runs(sort="last.loss desc", columns=["run_id", "params.lr", "last.loss"], limit=3),
    "leaderboard": lambda ws: ws.leaderboard("loss", "min", columns=["params.lr"]),
    "leaderboard of means": lambda ws: ws.leaderboard("loss", "max", of="mean"),
    "pivot": lambda ws: ws.pivot(params="%"),
    "pivot of names": lambda ws: ws.pivot(["loss", "nope", "acc%"], of="max", experiment="a"),
    "groups": lambda ws: ws.groups("loss", by="params.lr"),
    "curves": lambda ws: ws.curves("loss", points=3),
} | {view: (lambda ws, view=view: ws.sql(f"select * exclude (params, last) from {view}" if view == "runs" else
     f"select * from {view}")) for view in VIEWS}  # fmt: skip


def answers(ws: runstore.Workspace) -> dict[str, Any]:
    found: dict[str, Any] = {}
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")
        for what, question in QUESTIONS.items():
            try:
                relation = question(ws)
                found[what] = sorted(map(plain, plainly(relation)), key=repr)
            except runstore.errors.QueryError as problem:
                found[what] = str(problem).partition(";")[0]
    found["compared"] = compared(ws)
    return found


def plainly(relation: Any) -> list[dict[str, Any]]:
    return [dict(zip(relation.columns, row, strict=True)) for row in relation.fetchall()]


def compared(ws: runstore.Workspace) -> Any:
    ids = [run_id for (run_id,) in ws.sql("select run_id from runs order by 1").fetchall()]
    return plain(ws.compare(ids).as_dict())


def plain(value: Any) -> Any:
    """With a NaN that is itself, numbers as far as adding up in any order leaves them the same, and dicts in order."""
    if isinstance(value, dict):
        return {key: plain(one) for key, one in sorted(value.items())}
    if isinstance(value, list | tuple):
        return [plain(one) for one in value]
    if isinstance(value, float):
        return "nan" if math.isnan(value) else float(f"{value:.9g}") + 0.0
    return value


@pytest.mark.slow
@settings(max_examples=6, deadline=None)
@given(told=stores.stores, chosen=st.sets(st.integers(0, 3)))
def test_an_index_changes_no_answer(told: list[stores.Told], chosen: set[int]) -> None:
    with stores.made(told) as ws:
        for run in told:
            for key in ("a", "b"):
                ws.get_run(run.run_id).tag(key, run.experiment)
        before = answers(ws)
        settle(ws.path, lambda run: int(run.run_id[-1]) in chosen)
        with small_indexes():
            assert answers(ws) == before


@settings(max_examples=2, deadline=None)
@given(told=stores.stores)
def test_runs_that_were_told_more_after_they_came_into_a_block_tell_it(told: list[stores.Told]) -> None:
    with stores.made(told) as ws:
        settled = settle(ws.path)
        for run_id in settled[::2]:
            ws.get_run(run_id).tag("later", "x")
            ws.experiment(ws.get_run(run_id).experiment.name).start_logging(run_id=run_id, params={"lr": 3}).complete()
        for run_id in settled[1::3]:
            ws.delete(run_id)
        before = answers(ws)
        with small_indexes():
            assert answers(ws) == before


@pytest.mark.slow
def test_an_index_changes_no_answer_as_of_a_time(ws: runstore.Workspace) -> None:
    moments = []

    def pause() -> None:
        time.sleep(0.002)
        moments.append(datetime.now(UTC))
        time.sleep(0.002)

    experiment = ws.experiment("e")
    for number in range(3):
        run = experiment.start_logging(run_id=f"r{number}", params={"lr": number})
        run.log("loss", 1.0, step=0)
        pause()
        run.log("loss", number, step=1)
        run.tag("t", number)
        pause()
        run.complete()
        pause()
    with experiment.start_logging(run_id="r0", params={"lr": 0.5}) as run:
        run.log("loss", 7.5, step=1)
        pause()
    with runstore.Workspace(ws.path).experiment("e").start_logging(run_id="r9") as run:
        run.log("other", "x")
    pause()

    def told() -> list[Any]:
        views = {view: ws.sql for view in VIEWS if view not in ("models", "logs", "system_metrics")}
        questions = [f"select * from {view}" for view in views]
        questions += ["select run_id, params.lr, last.loss, points, number from runs"]
        found = [ws.sql(question, as_of=moment) for moment in moments for question in questions]
        with warnings.catch_warnings():
            warnings.simplefilter("ignore")
            return [sorted(map(plain, plainly(one)), key=repr) for one in found]

    before = told()
    settle(ws.path)
    with small_indexes():
        assert told() == before
