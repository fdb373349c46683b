"""The run of a sweep, above the runs that it started."""

from __future__ import annotations

import json
from typing import TYPE_CHECKING, Any, cast

from runstore.azureml import later
from runstore.azureml.core.run import Run
from runstore.azureml.translation import translated

if TYPE_CHECKING:
    from runstore.azureml.core.experiment import Experiment
    from runstore.launch.sweep.results import Result


@translated
class HyperDriveRun(Run):
    """A sweep (Azure ML SDK v1: ``azureml.train.hyperdrive.HyperDriveRun``)."""

    RUN_TYPE = "hyperdrive"

    def __init__(
        self,
        experiment: Experiment,
        run_id: str,
        hyperdrive_config: Any = None,
        outputs: str | None = None,
        **kwargs: Any,
    ) -> None:
        """Name a sweep that there is.

        Args:
            experiment: its experiment.
            run_id: its id.
            hyperdrive_config: kept as ``hyperdrive_config``.
            outputs: accepted.
            kwargs: accepted.
        """
        super().__init__(experiment, run_id, outputs, **kwargs)
        self.hyperdrive_config = hyperdrive_config

    def get_best_run_by_primary_metric(
        self, include_failed: bool = True, include_canceled: bool = True, include_resume_from_runs: bool = True
    ) -> Run | None:
        """The run with the best value of the primary metric; None where none has logged it.

        Args:
            include_failed: also where it has failed.
            include_canceled: also where it was canceled.
            include_resume_from_runs: also of the sweeps that this one was resumed from.
        """
        from runstore.launch.sweep import results

        best = results.best(self, include_failed, include_canceled, include_resume_from_runs)
        return None if best is None else cast(Run, self.experiment.workspace.get_run(best.run_id))

    def get_children_sorted_by_primary_metric(
        self, top: int = 0, reverse: bool = False, discard_no_metric: bool = False
    ) -> list[dict[str, Any]]:
        """The runs, the best first, each as a dict: run_id, hyperparameters (JSON), best_primary_metric, status.

        Args:
            top: so many at most; 0 for all.
            reverse: the worst first.
            discard_no_metric: leave out those that have logged no value; else they come last either way.
        """
        from runstore.launch.sweep import results

        ranked = results.ranked(self)
        known = [one for one in ranked if one.best_primary_metric is not None]
        others = [] if discard_no_metric else ranked[len(known) :]
        listed = [*(reversed(known) if reverse else known), *others]
        return [
            {
                "run_id": one.run_id,
                "hyperparameters": _text(one),
                "best_primary_metric": one.best_primary_metric,
                "status": one.status,
            }
            for one in listed[: top or None]
        ]

    def get_hyperparameters(self) -> dict[str, str]:
        """What each run was given, as JSON, by run id."""
        from runstore.launch.sweep import results

        return {one.run_id: _text(one) for one in results.found(self)}

    def get_metrics(
        self, name: str | None = None, recursive: bool = True, run_type: str | None = None, populate: bool = False
    ) -> dict[str, Any]:
        """What the runs have logged: ``{run id: {name: ...}}``, without runs that have no metric.

        Args:
            name: only this metric.
            recursive: accepted: the sweep itself logs nothing.
            run_type: only runs of this type.
            populate: as in ``Run.get_metrics``.
        """
        found = super().get_metrics(name, recursive=True, run_type=run_type, populate=populate)
        return {run_id: logged for run_id, logged in found.items() if run_id != self.id}

    fail = later.method("HyperDriveRun.fail()", later.NEVER)
    get_diagnostics = later.method("HyperDriveRun.get_diagnostics()", later.NEVER)


def _text(one: Result) -> str:
    return json.dumps(one.hyperparameters)
