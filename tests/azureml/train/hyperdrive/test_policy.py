"""Early ends."""

from __future__ import annotations

from typing import Any

import pytest

from runstore.azureml.train.hyperdrive import (
    BanditPolicy,
    HyperDriveConfigException,
    MedianStoppingPolicy,
    NoTerminationPolicy,
    TruncationSelectionPolicy,
)


@pytest.mark.parametrize("slack", [{}, {"slack_factor": 0.1, "slack_amount": 1}])
def test_a_bandit_has_exactly_one_slack(slack: dict[str, Any]) -> None:
    with pytest.raises(HyperDriveConfigException):
        BanditPolicy(**slack)
    assert BanditPolicy(evaluation_interval=2, slack_factor=0.1, delay_evaluation=5).slack_factor == 0.1


@pytest.mark.parametrize("share", [0, 100, 0.5])
def test_a_truncation_is_a_whole_percentage(share: Any) -> None:
    with pytest.raises(HyperDriveConfigException):
        TruncationSelectionPolicy(share)
    assert TruncationSelectionPolicy(20).truncation_percentage == 20


def test_the_others_take_when_they_look() -> None:
    assert MedianStoppingPolicy(evaluation_interval=3).evaluation_interval == 3
    assert NoTerminationPolicy().delay_evaluation == 0
