"""Is A better than B, and how sure is that?"""

from __future__ import annotations

import math
import random
import statistics
from typing import Any

import pytest

import runstore
from runstore.errors import QueryError, RunNotFound, UsageError
from runstore.query import better


def run(ws: runstore.Workspace, opt: str, seed: int | None, *values: Any) -> runstore.Run:
    params = {"opt": opt} if seed is None else {"opt": opt, "seed": seed}
    with runstore.start_run("e", workspace=ws, params=params, run_id=f"{opt}-{seed}-{len(values)}") as made:
        for step, value in enumerate(values):
            made.log("loss", value, step=step)
    return made


def two(ws: runstore.Workspace, gain: float, seeds: int = 8) -> None:
    """Optimizers over seeds whose own spread is far larger than the gain between the two."""
    for seed in range(seeds):
        run(ws, "adam", seed, 100.0 * seed + seed % 3 / 10)
        run(ws, "sgd", seed, 100.0 * seed + gain)


def test_a_small_difference_is_seen_because_pairs_are_compared(ws: runstore.Workspace) -> None:
    two(ws, 1.0)
    found = ws.better("loss", "opt = 'adam'", "opt = 'sgd'")
    differences = [seed % 3 / 10 - 1.0 for seed in range(8)]
    assert [pair.difference for pair in found.pairs] == pytest.approx(differences)
    assert [pair.key for pair in found.pairs] == [*range(8)]
    assert found.difference == pytest.approx(statistics.fmean(differences))
    assert found.interval is not None
    low, high = found.interval
    assert min(differences) <= low < found.difference < high <= max(differences)
    assert found.probability == 1.0
    assert found.verdict.startswith("A is better than B: last 'loss' of A less that of B is -0.9125 on average (95 %: ")
    assert str(found) == found.verdict
    assert "\n" not in found.verdict
    assert found.unpaired == {}


def test_which_way_is_better_is_said_by_the_mode(ws: runstore.Workspace) -> None:
    two(ws, 1.0)
    found = ws.better("loss", "opt = 'adam'", "opt = 'sgd'", mode="max")
    assert found.verdict.startswith("B is better than A: ")
    assert found.probability == 0.0
    assert ws.better("loss", "opt = 'sgd'", "opt = 'adam'", mode="max").verdict.startswith("A is better than B: ")


def test_a_difference_that_may_be_chance_is_none(ws: runstore.Workspace) -> None:
    for seed, gain in enumerate([1.0, -1.0, 2.0, -2.0, 0.5, -0.25]):
        run(ws, "adam", seed, gain)
        run(ws, "sgd", seed, 0.0)
    found = ws.better("loss", "opt = 'adam'", "opt = 'sgd'")
    assert found.verdict.startswith("no difference shown: ")
    assert 0.2 < (found.probability or 0) < 0.8


def test_the_same_on_both_sides_is_no_difference(ws: runstore.Workspace) -> None:
    two(ws, 0.0, seeds=1)
    run(ws, "adam", 5, 1.0)
    run(ws, "sgd", 5, 1.0)
    found = ws.better("loss", "opt = 'adam'", "opt = 'sgd'")
    assert (found.difference, found.interval, found.probability) == (0.0, (0.0, 0.0), 0.5)
    assert found.verdict.startswith("no difference shown: ")


def test_the_answer_is_the_same_each_time_and_depends_on_the_seed(ws: runstore.Workspace) -> None:
    two(ws, 0.1)
    asked = [ws.better("loss", "opt = 'adam'", "opt = 'sgd'", seed=seed, samples=500) for seed in (0, 0, 1)]
    assert asked[0] == asked[1]
    assert asked[0].interval != asked[2].interval


def test_the_answer_does_not_depend_on_the_ids_of_runs(ws: runstore.Workspace) -> None:
    answers = []
    for experiment in ("one", "other"):
        sides: list[list[runstore.Run]] = [[], []]
        for seed in range(7):
            for side, loss in zip(sides, (seed / 7, seed % 3), strict=True):
                with runstore.start_run(experiment, workspace=ws, params={"seed": seed}) as made:
                    made.log("loss", loss)
                side.append(made)
        answers.append(ws.better("loss", *sides, samples=200))
    assert answers[0] == answers[1]


def test_runs_without_a_partner_are_named_with_the_reason(ws: runstore.Workspace) -> None:
    two(ws, 1.0, seeds=2)
    lone, without = run(ws, "adam", 7, 1.0), run(ws, "sgd", None, 1.0)
    diverged, silent = run(ws, "adam", 8, math.nan, math.nan), run(ws, "sgd", 8)
    found = ws.better("loss", "opt = 'adam'", "opt = 'sgd'")
    assert len(found.pairs) == 2
    assert found.unpaired == {
        lone.id: "no run of B has params.seed 7",
        without.id: "it has no params.seed",
        diverged.id: "its last 'loss' is nan",
        silent.id: "its last 'loss' is no number",
    }


def test_runs_may_be_given_as_objects_or_beginnings_of_ids(ws: runstore.Workspace) -> None:
    one, other = run(ws, "adam", 1, 1.0), run(ws, "sgd", 1, 3.0)
    for a, b in (([one], [other]), (one, other), (["adam"], ["sgd-1"]), (one.id, other.id)):
        found = ws.better("loss", a, b)
        assert (found.difference, found.interval, found.probability) == (-2.0, None, None)
        assert found.verdict == "one pair can't tell: last 'loss' of A less that of B is -2"


def test_runs_of_one_side_that_share_a_key_count_as_their_mean(ws: runstore.Workspace) -> None:
    runs = [run(ws, "adam", 1, 1.0), run(ws, "adam", 1, 9.0, 3.0), run(ws, "sgd", 1, 5.0)]
    (pair,) = ws.better("loss", runs[:2], runs[2]).pairs
    assert (pair.key, pair.a, pair.b) == (1, 2.0, 5.0)


def test_pairs_may_be_made_by_several_names_and_of_another_value(ws: runstore.Workspace) -> None:
    runs = [run(ws, "adam", seed, 1.0 + seed, 5.0) for seed in (1, 2)]
    others = [run(ws, "sgd", seed, 1.0, 9.0) for seed in (1, 2)]
    found = ws.better("loss", runs, others, pair_by=["experiment", "seed"], of="min")
    assert [(pair.key, pair.difference) for pair in found.pairs] == [(("e", 1), 1.0), (("e", 2), 2.0)]
    assert "fewer than 6 pairs" in found.verdict


def test_an_interval_covers_the_truth_about_as_often_as_it_says(ws: runstore.Workspace) -> None:
    source, hits = random.Random(3), 0
    for turn in range(200):
        low, high = better._bootstrap([source.gauss(0.3, 1.0) for _ in range(40)], "min", 400, turn)[0]
        hits += low <= 0.3 <= high
    assert 180 <= hits <= 198


def test_what_can_not_be_compared_is_refused(ws: runstore.Workspace) -> None:
    one, other = run(ws, "adam", 1, 1.0), run(ws, "sgd", 2, 1.0)
    with pytest.raises(QueryError, match=r"no run of A shares params\.seed with one of B .*no run of B has"):
        ws.better("loss", one, other)
    with pytest.raises(QueryError, match="there are none"):
        ws.better("loss", "opt = 'none'", "opt = 'nothing'")
    with pytest.raises(UsageError, match="both A and B"):
        ws.better("loss", [one, other], [one])
    for wrong in ({"mode": "least"}, {"samples": 3}, {"of": "median"}, {"pair_by": []}):
        with pytest.raises(UsageError):
            ws.better("loss", one, other, **wrong)  # type: ignore[arg-type]
    with pytest.raises(RunNotFound):
        ws.better("loss", ["nobody"], other)
