"""Ways through a space of parameters."""

from __future__ import annotations

import pytest

from runstore.azureml.train.hyperdrive import (
    BayesianParameterSampling,
    GridParameterSampling,
    HyperDriveConfigException,
    RandomParameterSampling,
    choice,
    normal,
    uniform,
)


def test_a_grid_is_of_choices_only() -> None:
    assert GridParameterSampling({"--a": choice(1, 2)}).parameter_space == {"--a": ["choice", [[1, 2]]]}
    with pytest.raises(HyperDriveConfigException):
        GridParameterSampling({"--a": uniform(0, 1)})


def test_bayes_takes_uniforms_too_but_no_normals() -> None:
    BayesianParameterSampling({"--a": uniform(0, 1)})
    with pytest.raises(HyperDriveConfigException):
        BayesianParameterSampling({"--a": normal(0, 1)})


def test_chance_takes_all() -> None:
    sampling = RandomParameterSampling({"--a": normal(0, 1)}, properties={"seed": 3})
    assert sampling.properties == {"seed": 3}
