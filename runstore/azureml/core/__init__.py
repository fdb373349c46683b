"""Azure ML SDK v1: ``azureml.core``. Names are loaded on first use."""

from __future__ import annotations

import importlib
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from runstore import __version__
    from runstore.azureml.core.compute import ComputeTarget
    from runstore.azureml.core.dataset import Dataset
    from runstore.azureml.core.datastore import Datastore
    from runstore.azureml.core.diagnostics import diagnostic_log
    from runstore.azureml.core.environment import Environment
    from runstore.azureml.core.experiment import Experiment
    from runstore.azureml.core.keyvault import Keyvault
    from runstore.azureml.core.model import Model
    from runstore.azureml.core.run import Run, get_run
    from runstore.azureml.core.runconfig import RunConfiguration
    from runstore.azureml.core.script_run import ScriptRun
    from runstore.azureml.core.script_run_config import ScriptRunConfig
    from runstore.azureml.core.workspace import Workspace

    VERSION = __version__

__all__ = [
    "VERSION",
    "ComputeTarget",
    "Dataset",
    "Datastore",
    "Environment",
    "Experiment",
    "Keyvault",
    "Model",
    "Run",
    "RunConfiguration",
    "ScriptRun",
    "ScriptRunConfig",
    "Workspace",
    "__version__",
    "diagnostic_log",
    "get_run",
]

_WHERE = {
    "ComputeTarget": "compute",
    "Dataset": "dataset",
    "Datastore": "datastore",
    "diagnostic_log": "diagnostics",
    "Environment": "environment",
    "Experiment": "experiment",
    "Keyvault": "keyvault",
    "Model": "model",
    "Run": "run",
    "get_run": "run",
    "RunConfiguration": "runconfig",
    "ScriptRun": "script_run",
    "ScriptRunConfig": "script_run_config",
    "Workspace": "workspace",
}


def __getattr__(name: str) -> Any:
    if name in ("VERSION", "__version__"):
        from runstore import __version__ as value
    elif name in _WHERE:
        value = getattr(importlib.import_module(f"{__name__}.{_WHERE[name]}"), name)
    else:
        raise AttributeError(f"module {__name__!r} has no attribute {name!r}")
    globals()[name] = value
    return value


def __dir__() -> list[str]:
    return sorted(__all__)
