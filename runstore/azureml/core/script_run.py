"""A submitted script, seen from outside. Submitting comes later; runs of this type are given in this class now."""

from __future__ import annotations

from runstore.azureml.core.run import Run
from runstore.azureml.translation import translated


@translated
class ScriptRun(Run):
    """Azure ML SDK v1: ``azureml.core.ScriptRun``."""

    RUN_TYPE = "azureml.scriptrun"
