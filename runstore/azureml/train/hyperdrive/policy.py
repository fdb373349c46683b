"""When a run of a sweep is stopped early."""

from __future__ import annotations

from typing import Any

from runstore.azureml.train.hyperdrive.runconfig import HyperDriveConfigException


class EarlyTerminationPolicy:
    """A rule, looked at every ``evaluation_interval`` values of the primary metric."""

    def __init__(self, evaluation_interval: int = 1, delay_evaluation: int = 0) -> None:
        """Say how often, and from which value on."""
        self.evaluation_interval, self.delay_evaluation = evaluation_interval, delay_evaluation

    def _native(self) -> dict[str, Any] | None:
        """The rule as ``runstore.Sweep`` has it, of what the object says now; None where it stops nothing."""
        return None

    def _when(self) -> dict[str, int]:
        return {"evaluation_interval": self.evaluation_interval, "delay_evaluation": self.delay_evaluation}


class BanditPolicy(EarlyTerminationPolicy):
    """Stops what is worse than the best by more than a slack."""

    def __init__(
        self,
        evaluation_interval: int = 1,
        slack_factor: float | None = None,
        slack_amount: float | None = None,
        delay_evaluation: int = 0,
    ) -> None:
        """Give one slack.

        Raises:
            HyperDriveConfigException: none, or both.
        """
        super().__init__(evaluation_interval, delay_evaluation)
        if (slack_factor is None) == (slack_amount is None):
            raise HyperDriveConfigException("BanditPolicy takes slack_factor or slack_amount, exactly one")
        self.slack_factor, self.slack_amount = slack_factor, slack_amount

    def _native(self) -> dict[str, Any]:
        return {"bandit": {"slack_factor": self.slack_factor, "slack_amount": self.slack_amount, **self._when()}}


class MedianStoppingPolicy(EarlyTerminationPolicy):
    """Stops what is worse than the median of the others."""

    def _native(self) -> dict[str, Any]:
        return {"median": self._when()}


class TruncationSelectionPolicy(EarlyTerminationPolicy):
    """Stops the worst so many percent."""

    def __init__(self, truncation_percentage: int, evaluation_interval: int = 1, delay_evaluation: int = 0) -> None:
        """Give the share, 1 to 99.

        Raises:
            HyperDriveConfigException: no integer of that range.
        """
        super().__init__(evaluation_interval, delay_evaluation)
        if not isinstance(truncation_percentage, int) or not 1 <= truncation_percentage <= 99:
            raise HyperDriveConfigException(f"truncation_percentage is 1 to 99, not {truncation_percentage!r}")
        self.truncation_percentage = truncation_percentage

    def _native(self) -> dict[str, Any]:
        return {"truncation": {"percentage": self.truncation_percentage, **self._when()}}


class NoTerminationPolicy(EarlyTerminationPolicy):
    """Lets every run end by itself."""
