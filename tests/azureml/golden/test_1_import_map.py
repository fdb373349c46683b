"""Section 1: every name that scripts and samples import is where they import it from, and importing costs little."""

from __future__ import annotations

import importlib
import subprocess
import sys
from pathlib import Path

import pytest

import runstore

NAMES = {
    "core": "VERSION __version__ Workspace Experiment Run ScriptRun ScriptRunConfig RunConfiguration Environment Model "
    "ComputeTarget Keyvault Datastore Dataset get_run diagnostic_log",
    "core.run": "Run get_run _OfflineRun _SubmittedRun",
    "core.workspace": "Workspace",
    "core.experiment": "Experiment ViewType",
    "core.script_run_config": "ScriptRunConfig",
    "core.script_run": "ScriptRun",
    "core.environment": "Environment CondaDependencies",
    "core.conda_dependencies": "CondaDependencies",
    "core.runconfig": "RunConfiguration DockerConfiguration MpiConfiguration PyTorchConfiguration "
    "TensorflowConfiguration",
    "core.model": "Model",
    "core.keyvault": "Keyvault",
    "core.compute": "ComputeTarget AmlCompute RemoteCompute ComputeInstance",
    "core.compute_target": "ComputeTargetException",
    "exceptions": "AzureMLException UserErrorException RunstoreException",
    "widgets": "RunDetails",
    "tensorboard": "Tensorboard",
    "tensorboard.export": "export_to_tensorboard",
    "telemetry": "set_diagnostics_collection",
    "train.hyperdrive": "HyperDriveConfig HyperDriveRun RandomParameterSampling BanditPolicy PrimaryMetricGoal choice",
    "train.hyperdrive.run": "HyperDriveRun",
    "train.hyperdrive.runconfig": "HyperDriveConfig HyperDriveRunConfig PrimaryMetricGoal",
    "train.hyperdrive.sampling": "RandomParameterSampling GridParameterSampling BayesianParameterSampling",
    "train.hyperdrive.policy": "BanditPolicy MedianStoppingPolicy TruncationSelectionPolicy NoTerminationPolicy",
    "train.hyperdrive.parameter_expressions": "choice randint uniform quniform loguniform qloguniform normal qnormal "
    "lognormal qlognormal",
}
FOREIGN = {"matplotlib", "pandas", "IPython", "mlflow", "numpy"}


@pytest.mark.parametrize("module", NAMES)
def test_every_name_is_in_its_module(module: str) -> None:
    found = importlib.import_module(f"runstore.azureml.{module}")
    assert [name for name in NAMES[module].split() if not hasattr(found, name)] == []


def test_the_version_is_runstores() -> None:
    core = importlib.import_module("runstore.azureml.core")
    assert core.VERSION == core.__version__ == runstore.__version__


def test_an_unknown_name_is_an_attribute_error() -> None:
    core = importlib.import_module("runstore.azureml.core")
    with pytest.raises(AttributeError, match="no attribute 'Trial'"):
        core.Trial  # noqa: B018
    assert "Workspace" in dir(core)


def test_importing_loads_no_foreign_library(tmp_path: Path) -> None:
    program = (
        "import sys; from runstore.azureml.core import *; import runstore.azureml.widgets; "
        "import runstore.azureml.train.hyperdrive; import runstore.azureml.tensorboard; print(*sys.modules)"
    )
    done = subprocess.run([sys.executable, "-c", program], cwd=tmp_path, capture_output=True, text=True, check=True)
    assert set(done.stdout.split()) & FOREIGN == set()


def test_nor_does_logging(tmp_path: Path) -> None:
    program = (
        "import sys; from runstore.azureml.core import Experiment, Workspace\n"
        "run = Experiment(Workspace(), 'e').start_logging(snapshot_directory=None)\n"
        "run.log('a', 1); run.log_row('b', x=1); run.log_list('c', [1]); print(*sys.modules)"
    )
    done = subprocess.run([sys.executable, "-c", program], cwd=tmp_path, capture_output=True, text=True, check=True)
    heavy = {"duckdb", "pyarrow", "click", "rich", "filelock", "logging", "subprocess", "psutil", "watchdog"}
    assert set(done.stdout.split()) & (heavy | FOREIGN) == set()
