"""What is tried next, and who is stopped."""

from __future__ import annotations

import math
from typing import Any

import pytest

from runstore.launch.config import ScriptRunConfig
from runstore.launch.sweep.config import Sweep
from runstore.launch.sweep.study import Study
from runstore.runs.state import CANCELED, COMPLETED, FAILED
from tests.launch.sweep.scenes import standing

SPACE = {"lr": ("loguniform", -5, 0), "depth": [2, 4, 8], "width": ("normal", 10, 1), "seed": ("randint", 1000)}


def sweep(**given: Any) -> Sweep:
    known = {"parameters": SPACE, "metric": "loss", "seed": 7, "runs": 30}
    return Sweep(ScriptRunConfig(script="a.py"), **{**known, **given})


def best_of(values: dict[str, Any]) -> float:
    return float(abs(math.log(values["lr"]) + 3) + (values["depth"] != 4))


# ---- what is tried


@pytest.mark.parametrize("sampling", ["random", "bayesian"])
def test_the_same_seed_tries_the_same_and_another_one_others(sampling: str) -> None:
    def tried(seed: int) -> list[dict[str, Any]]:
        study = Study(sweep(sampling=sampling, seed=seed))
        found = []
        for number in range(15):
            found.append(study.draw(number))
            study.tell(number, COMPLETED, False, {1: best_of(found[-1])})
        return found

    assert tried(1) == tried(1)
    assert tried(1) != tried(2)


@pytest.mark.parametrize("sampling", ["random", "bayesian"])
def test_a_search_that_is_taken_over_tries_what_it_would_have_tried(sampling: str) -> None:
    first, second = Study(sweep(sampling=sampling)), Study(sweep(sampling=sampling))
    for number in range(14):
        values = first.draw(number)
        first.tell(number, COMPLETED, False, {1: best_of(values)})
        assert second.adopt(number, values)
        second.tell(number, COMPLETED, False, {1: best_of(values)})
    expected, found = first.draw(14), second.draw(14)
    assert found.keys() == expected.keys()
    assert found["lr"] == pytest.approx(expected["lr"])
    assert found["depth"] == expected["depth"]


def test_chance_does_not_try_the_same_again_and_again() -> None:
    study = Study(sweep())
    assert len({study.draw(number)["lr"] for number in range(30)}) == 30


def test_a_grid_tries_every_combination_once_whoever_controls_it() -> None:
    grid = sweep(parameters={"a": [1, 2, 3], "b": ["x", "y"]}, sampling="grid")
    study = Study(grid)
    found = [study.draw(number) for number in range(3)]
    other = Study(grid)
    for number, values in enumerate(found):
        other.adopt(number, values)
    found += [other.draw(number) for number in range(3, 6)]
    assert found == [{"a": a, "b": b} for a in (1, 2, 3) for b in ("x", "y")]


def test_bayes_learns_from_what_was_good() -> None:
    study = Study(sweep(sampling="bayesian"))
    lost = []
    for number in range(60):
        values = study.draw(number)
        lost.append(best_of(values))
        study.tell(number, COMPLETED, False, {1: lost[-1]})
    assert sum(lost[-15:]) < sum(lost[:15])


def test_parameters_of_another_space_are_not_learnt_from() -> None:
    study = Study(sweep(parameters={"lr": ("uniform", 0, 1)}))
    assert not study.adopt("x", {"lr": 5.0})
    assert not study.adopt("y", {"depth": 2})
    assert study.adopt("z", {"lr": 0.5, "other": 1})
    assert study.follow("x", {1: 1.0}) is None
    study.tell("x", COMPLETED, False, {1: 1.0})


def test_children_that_end_in_any_way_are_taken() -> None:
    study = Study(sweep(policy="median"))
    ends: list[tuple[str, bool, list[float]]] = [
        (COMPLETED, False, [1.0]), (COMPLETED, False, []), (COMPLETED, False, [math.nan]),
        (COMPLETED, False, [math.inf]), (FAILED, False, [1.0]), (CANCELED, True, [2.0]), (CANCELED, True, []),
        (CANCELED, False, []),
    ]  # fmt: skip
    for number, (status, stopped, values) in enumerate(ends):
        study.draw(number)
        study.follow(number, standing(values))
        study.tell(number, status, stopped, standing(values))
    study.draw(len(ends))


# ---- who is stopped


def followed(policy: Any, others: list[list[float]], values: list[float], goal: str = "minimize") -> str | None:
    """What becomes of a child beside others that have completed."""
    study = Study(sweep(policy=policy, goal=goal))
    maximize = goal == "maximize"
    for number, other in enumerate(others):
        study.draw(number)
        study.follow(number, standing(other, maximize))
        study.tell(number, COMPLETED, False, standing(other, maximize))
    study.draw(99)
    return study.follow(99, standing(values, maximize))


def test_without_a_policy_nobody_is_stopped() -> None:
    assert followed(None, [[1.0]] * 9, [1e9]) is None


def test_a_bandit_stops_what_is_too_far_from_the_best_at_the_same_interval() -> None:
    bandit = {"bandit": {"slack_factor": 0.5}}
    assert followed(bandit, [[2.0, 1.0]], [2.9]) is None
    assert followed(bandit, [[2.0, 1.0]], [2.9, 1.6]) == "bandit: loss 1.6 at interval 2"
    assert followed(bandit, [[2.0, 1.0]], [2.9, 1.4, 99.0, 99.0]) is None  # it stands at 1.4
    assert followed({"bandit": {"slack_amount": 0.5}}, [[0.9]], [0.3], "maximize") == "bandit: loss 0.3 at interval 1"


def test_a_bandit_compares_with_those_that_still_run() -> None:
    study = Study(sweep(policy={"bandit": {"slack_factor": 0.5}}))
    for number in range(3):
        study.draw(number)
    assert study.follow(0, standing([5.0])) is None
    assert study.follow(1, standing([2.0])) is None
    assert study.follow(2, standing([3.1])) == "bandit: loss 3.1 at interval 1"


@pytest.mark.parametrize("goal, good, bad", [("minimize", 2.0, 5.0), ("maximize", 5.0, 2.0)])
def test_a_bandit_stops_one_that_is_ahead_of_better_ones(goal: str, good: float, bad: float) -> None:
    study = Study(sweep(policy={"bandit": {"slack_factor": 0.5}}, goal=goal))
    for number in range(2):
        study.draw(number)
    assert study.follow(0, standing([bad] * 2)) is None
    assert study.follow(1, standing([good])) is None
    assert (
        study.follow(0, standing([bad] * 3)) == f"bandit: loss {bad:g} at interval 3"
    )  # the other one is not there yet


def test_a_median_stops_what_is_worse_than_half_of_those_that_completed() -> None:
    others = [[float(value)] * 3 for value in (1, 2, 3, 4, 5)]
    assert followed("median", others, [2.5]) is None
    assert followed("median", others, [3.5]) == "median: loss 3.5 at interval 1"
    assert followed("median", others, [2.5], "maximize") == "median: loss 2.5 at interval 1"


def test_a_truncation_stops_the_worst_share() -> None:
    others = [[float(value)] for value in range(1, 11)]
    truncation = {"truncation": {"percentage": 20}}
    assert followed(truncation, others, [8.0]) is None
    assert followed(truncation, others, [8.5]) == "truncation: loss 8.5 at interval 1"
    assert followed(truncation, others, [2.5], "maximize") == "truncation: loss 2.5 at interval 1"


def test_one_that_has_logged_no_number_so_far_is_worse_than_all() -> None:
    assert followed("median", [[1.0]] * 5, [math.nan]) == "median: loss nan at interval 1"
    assert followed({"bandit": {"slack_factor": 1}}, [[1.0]], [math.nan]) == "bandit: loss nan at interval 1"


def test_a_policy_waits_and_skips_as_it_is_told() -> None:
    bandit = {"bandit": {"slack_factor": 0.1, "evaluation_interval": 2, "delay_evaluation": 3}}
    others = [[1.0] * 9]
    assert followed(bandit, others, [9.0] * 3) is None
    assert followed(bandit, others, [9.0] * 5) == "bandit: loss 9 at interval 4"


def test_values_may_come_one_by_one_or_all_at_once() -> None:
    study = Study(sweep(policy={"bandit": {"slack_factor": 0.1}}))
    study.draw(0)
    study.follow(0, standing([1.0] * 5))
    study.draw(1)
    assert [study.follow(1, standing([1.0] * count)) for count in range(4)] == [None] * 4
    assert study.follow(1, standing([1.0] * 3)) is None
