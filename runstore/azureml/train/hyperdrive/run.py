"""The run of a sweep, above the runs that it started."""

from __future__ import annotations

from runstore.azureml import later
from runstore.azureml.core.run import Run
from runstore.azureml.translation import translated


@translated
class HyperDriveRun(Run):
    """A sweep: what is its own comes with sweeps."""

    RUN_TYPE = "hyperdrive"

    get_best_run_by_primary_metric = later.method("HyperDriveRun.get_best_run_by_primary_metric()", later.SWEEPS)
    get_children_sorted_by_primary_metric = later.method(
        "HyperDriveRun.get_children_sorted_by_primary_metric()", later.SWEEPS
    )
    get_hyperparameters = later.method("HyperDriveRun.get_hyperparameters()", later.SWEEPS)
    get_diagnostics = later.method("HyperDriveRun.get_diagnostics()", later.NEVER)
