"""Which class the run of a type is given in."""

from __future__ import annotations

from runstore.azureml.core.run import Run


def run_class(type: str | None) -> type[Run]:
    """The class for a type of run, as ``runs.type`` has it."""
    if type == "azureml.scriptrun":
        from runstore.azureml.core.script_run import ScriptRun

        return ScriptRun
    if type == "hyperdrive":
        from runstore.azureml.train.hyperdrive.run import HyperDriveRun

        return HyperDriveRun
    return Run
