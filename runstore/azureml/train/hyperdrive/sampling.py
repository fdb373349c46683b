"""Which parameters the runs of a sweep get."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from runstore.azureml.train.hyperdrive.runconfig import HyperDriveConfigException


class HyperParameterSampling:
    """A space of parameters and the way through it."""

    SAMPLING: str = ""
    _NATIVE: str = ""
    ALLOWED: tuple[str, ...] = ()

    def __init__(self, parameter_space: Mapping[str, Any], properties: Mapping[str, Any] | None = None) -> None:
        """Take the space: name to expression.

        Raises:
            HyperDriveConfigException: an expression that this way can't follow.
        """
        self.parameter_space, self.properties = dict(parameter_space), dict(properties or {})
        for name, expression in self.parameter_space.items():
            if self.ALLOWED and expression[0] not in self.ALLOWED:
                allowed = ", ".join(self.ALLOWED)
                raise HyperDriveConfigException(
                    f"{name!r}: {type(self).__name__} takes {allowed} only, not {expression[0]}"
                )


class RandomParameterSampling(HyperParameterSampling):
    """At random."""

    SAMPLING = "RANDOM"
    _NATIVE = "random"


class GridParameterSampling(HyperParameterSampling):
    """Every combination of choices."""

    SAMPLING = "GRID"
    _NATIVE = "grid"
    ALLOWED = ("choice",)


class BayesianParameterSampling(HyperParameterSampling):
    """By what earlier runs have shown."""

    SAMPLING = "BayesianOptimization"
    _NATIVE = "bayesian"
    ALLOWED = ("choice", "uniform", "quniform")
