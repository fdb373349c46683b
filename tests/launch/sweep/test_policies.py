"""When children are stopped early."""

from __future__ import annotations

from typing import Any

import pytest

from runstore.errors import UsageError
from runstore.launch.sweep import policies
from runstore.launch.sweep.policies import ROUND, Bandit, Median, Truncation
from runstore.query import connect


@pytest.mark.parametrize(
    ("given", "policy"),
    [
        (None, None),
        ("none", None),
        ("median", Median()),
        ({"median": {"evaluation_interval": 2}}, Median(evaluation_interval=2)),
        ({"median": None}, Median()),
        ({"bandit": {"slack_factor": 0.1, "delay_evaluation": 5}}, Bandit(slack_factor=0.1, delay_evaluation=5)),
        ({"truncation": {"percentage": 20}}, Truncation(percentage=20)),
        (Bandit(slack_amount=1), Bandit(slack_amount=1)),
    ],
    ids=repr,
)
def test_a_policy_is_read(given: Any, policy: policies.Policy | None) -> None:
    assert policies.read(given) == policy
    assert policies.read(policies.as_dict(policy)) == policy


@pytest.mark.parametrize(
    ("given", "says"),
    [
        ("medium", "bandit, median, truncation"),
        (3, "bandit, median, truncation"),
        ("bandit", "exactly one"),
        ({"bandit": {"slack_factor": 0.1, "slack_amount": 1}}, "exactly one"),
        ({"bandit": {"slack_factor": -1}}, "at least 0"),
        ({"bandit": {"slack": 1}}, "slack_factor"),
        ("truncation", "percentage"),
        ({"truncation": {"percentage": 100}}, "1 to 99"),
        ({"median": {"evaluation_interval": 0}}, "evaluation_interval"),
        ({"median": {"delay_evaluation": -1}}, "delay_evaluation"),
        ({"median": 3}, "settings"),
    ],
    ids=repr,
)
def test_what_is_none_is_told_with_what_is_allowed(given: Any, says: str) -> None:
    with pytest.raises(UsageError, match=f"policy.*{says}"):
        policies.read(given)


def test_a_policy_looks_at_multiples_of_its_interval_after_its_delay() -> None:
    policy = Median(evaluation_interval=3, delay_evaluation=5)
    assert [interval for interval in range(1, 14) if policy.due(interval)] == [6, 9, 12]


def test_far_on_three_digits_are_enough() -> None:
    due = [interval for interval in range(1, 100_001) if Median().due(interval)]
    assert due[:1000] == list(range(1, 1001))
    assert due[1000:1003] == [1010, 1020, 1030]
    assert len(due) == 1000 + 900 + 900
    same = connect.connect().sql(f"SELECT interval FROM (SELECT unnest(range(1, 100001)) AS interval) WHERE {ROUND}")
    assert due == sorted(interval for (interval,) in same.fetchall())


@pytest.mark.parametrize(
    ("policy", "best", "maximize", "worst"),
    [
        (Bandit(slack_factor=0.25), 0.8, True, 0.64),
        (Bandit(slack_factor=0.25), 0.8, False, 1.0),
        (Bandit(slack_factor=0.25), -0.8, True, -1.0),
        (Bandit(slack_factor=0.25), -0.8, False, -0.64),
        (Bandit(slack_amount=0.2), 0.8, True, 0.6),
        (Bandit(slack_amount=0.2), -0.8, False, -0.6),
        (Bandit(slack_factor=0.25), 0.0, True, 0.0),
    ],
)
def test_a_bandits_bound_is_on_the_worse_side_of_the_best(
    policy: Bandit, best: float, maximize: bool, worst: float
) -> None:
    assert policy.worst(best, maximize) == pytest.approx(worst)
