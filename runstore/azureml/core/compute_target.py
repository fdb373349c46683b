"""Azure ML SDK v1: ``azureml.core.compute_target``."""

from __future__ import annotations

from runstore.azureml.exceptions import ComputeTargetException

__all__ = ["ComputeTargetException"]
