"""A submitted script, seen from outside: every run of its type is given in this class."""

from __future__ import annotations

from runstore.azureml.core.run import Run
from runstore.azureml.translation import translated


@translated
class ScriptRun(Run):
    """Azure ML SDK v1: ``azureml.core.ScriptRun``."""

    RUN_TYPE = "azureml.scriptrun"
