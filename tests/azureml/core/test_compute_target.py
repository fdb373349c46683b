"""The module of the one exception."""

from __future__ import annotations

from runstore.azureml import exceptions
from runstore.azureml.core import compute_target


def test_it_is_the_same_class() -> None:
    assert compute_target.ComputeTargetException is exceptions.ComputeTargetException
