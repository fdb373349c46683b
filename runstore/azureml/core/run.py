"""A run under the SDK's names (Azure ML SDK v1: ``azureml.core.Run``)."""

from __future__ import annotations

import os
from collections.abc import Iterator
from types import TracebackType
from typing import TYPE_CHECKING, Any, Self, TypeAlias, cast

from runstore.azureml.core.offline import _OfflineRun
from runstore.azureml.core.relations import RelatedRun
from runstore.azureml.exceptions import UserErrorException
from runstore.azureml.translation import translated
from runstore.errors import RunNotFound
from runstore.runs import process

if TYPE_CHECKING:
    from runstore.azureml.core.compute import ComputeTarget
    from runstore.azureml.core.experiment import Experiment, Filter
    from runstore.azureml.core.workspace import Workspace
    from runstore.runs.state import RunState

__all__ = ["Run", "_OfflineRun", "_SubmittedRun", "get_run"]

Raised: TypeAlias = type[BaseException] | None
_ON_COMPUTE = ("Running", "Queued")
DOCS = "https://learn.microsoft.com/python/api/azureml-core/azureml.core.run.run"


@translated
class Run(RelatedRun):
    """A run of an experiment. ``Run(experiment, run_id)`` is one that there is; ``start_logging`` starts a new one."""

    RUN_TYPE: str | None = None
    if TYPE_CHECKING:
        experiment: Experiment

    def __init__(self, experiment: Experiment, run_id: str, outputs: str | None = None, **kwargs: Any) -> None:
        """Name a run.

        Args:
            experiment: its experiment.
            run_id: its id.
            outputs: accepted; ``Experiment.start_logging`` watches directories.
            kwargs: accepted.
        """
        super().__init__(experiment, run_id)
        self._may_join = True  # what goes on elsewhere takes values from here too, as in the SDK
        self._interactive = False
        self._directory: str | None = None

    def __repr__(self) -> str:
        from runstore.query import children

        run = super()._folded()  # of one that is not there, too
        told = {"Experiment": self.experiment.name, "Id": self.id, "Type": children.type_of(run)}
        told["Status"] = run.status if run.run_id else None
        return f"Run({f',{chr(10)}'.join(f'{key}: {value}' for key, value in told.items())})"

    __str__ = __repr__

    def _repr_html_(self) -> str:
        from runstore.query import details
        from runstore.view.notebook import cards, subjects

        told = {"Experiment": self.experiment.name, "Id": self.id, "Type": self.type, "Status": self.status}
        row = details.table(told, {"Details Page": self.get_portal_url(), "Docs Page": DOCS})
        return row + cards.curves_of(subjects.of_run(self))

    # ---- which run

    @staticmethod
    def get_context(allow_offline: bool = True, used_for_context_manager: bool = False, **kwargs: Any) -> Any:
        """The run that this process is part of; outside a submitted run, one that only prints.

        Args:
            allow_offline: False makes that an error.
            used_for_context_manager: accepted.
            kwargs: accepted.

        Raises:
            RunEnvironmentException: there is no submitted run.
        """
        from runstore.azureml.core.context import context

        return context(allow_offline)

    @staticmethod
    def get_submitted_run(**kwargs: Any) -> Any:
        """The old name of ``get_context(allow_offline=False)``."""
        return Run.get_context(allow_offline=False)

    @staticmethod
    def get(workspace: Workspace, run_id: str) -> Run:
        """A run by its id, in the class of its type.

        Raises:
            ServiceException: there is none.
        """
        return cast(Run, workspace.get_run(run_id))

    @staticmethod
    def list(
        experiment: Experiment,
        type: str | None = None,
        tags: Filter = None,
        properties: Filter = None,
        status: str | None = None,
        include_children: bool = False,
    ) -> Iterator[Run]:
        """The runs of an experiment; ``Experiment.get_runs`` with a filter for the status."""
        return experiment.get_runs(type, tags, properties, include_children, status=status)

    @staticmethod
    def list_by_compute(
        compute: ComputeTarget,
        type: str | None = None,
        tags: Filter = None,
        properties: Filter = None,
        status: str | None = None,
    ) -> Iterator[Run]:
        """The submitted runs that go on or wait on a compute target, the newest start of each experiment first.

        Raises:
            UserErrorException: another status than ``Running`` or ``Queued``.
        """
        if status not in (None, *_ON_COMPUTE):
            raise UserErrorException(f"list_by_compute() knows {' and '.join(_ON_COMPUTE)}, not the status {status!r}")
        for experiment in compute.workspace.experiments.values():
            for run in experiment.get_runs(type, tags, properties, include_children=True):
                if run._folded().definition and run.get_status() in ([status] if status else _ON_COMPUTE):
                    yield run

    @property
    def _run_id(self) -> str:
        return self.id

    @property
    def name(self) -> str:
        """The name given at the start, else ``run_<id>``."""
        return super().name or f"run_{self.id}"

    @property
    def number(self) -> int:
        """The number within the experiment. Runs of several machines may get the same one: a warning is logged."""
        from logging import getLogger

        getLogger("runstore.core.run").warning("run.number is for people only; name a run by its id")
        return super().number

    @property
    def portal_url(self) -> str:
        """Where the run can be seen."""
        return self.get_portal_url()

    # ---- its end

    def _folded(self) -> RunState:
        found = super()._folded()
        if not found.run_id and not self._disabled:
            raise RunNotFound(f"no run {self.id!r} in experiment {self.experiment.name!r}; get_runs() gives those")
        return found

    def start(self) -> None:
        """Do nothing: a run has started when there is one."""

    def flush(self, timeout_seconds: float = 300) -> None:
        """Wait until what was logged is stored; that takes milliseconds here, whatever the limit."""
        if self._writer is not None:  # else there is nothing to wait for
            super().flush()

    def complete(self, _set_status: bool = True) -> None:
        """End well."""
        if _set_status:
            super().complete()
        else:
            self._keep_all()

    def fail(
        self,
        error_details: BaseException | str | None = None,
        error_code: str | None = None,
        _set_status: bool = True,
    ) -> None:
        """End as failed.

        Args:
            error_details: why.
            error_code: a word for the kind of error; ``UserError`` where none is given.
            _set_status: False records the error only.

        Raises:
            TypeError: neither text nor an exception.
        """
        if not isinstance(error_details, str | BaseException | None):
            raise TypeError(f"error_details is text or an exception, not {type(error_details).__name__}")
        if _set_status:
            super().fail(error_details, error_code)
        else:
            self._record("failure", process.failure(error_details, error_code)[1] or {})
            self._keep_all()

    def _end(self, status: str, error: str | None, explicit: bool, failure: dict[str, Any] | None = None) -> None:
        """A status is final: to end what this object has ended changes nothing."""
        if self._writer is not None or self._outside:
            super()._end(status, error, explicit, failure)

    def _keep_all(self) -> None:
        """What an end does besides ending: watched files are taken in, values made durable."""
        from runstore.runs import watch

        watch.settle(self)
        self.flush()

    def __enter__(self) -> Self:
        if self._interactive and self._writer is not None:
            from runstore.runs import watch

            self._directory = os.getcwd()
            watch.start(self, logs=True)
        return super().__enter__()

    def __exit__(self, kind: Raised, error: BaseException | None, at: TracebackType | None) -> None:
        try:
            super().__exit__(kind, error, at)
        finally:
            directory, self._directory = self._directory, None
            if directory is not None:
                os.chdir(directory)


@translated
class _SubmittedRun(Run):
    """The run that a script is, seen from inside: the launcher sets its status, by the exit code."""

    def complete(self, _set_status: bool = True) -> None:
        """Store what is there; the status stays."""
        self._keep_all()

    def fail(
        self,
        error_details: BaseException | str | None = None,
        error_code: str | None = None,
        _set_status: bool = True,
    ) -> None:
        """Record the error; the status stays."""
        super().fail(error_details, error_code, _set_status=False)

    def cancel(self) -> None:
        """Ignore it, with a warning: the one who submitted the run cancels it."""
        from logging import getLogger

        getLogger("runstore.core.run").warning("cancel() inside a submitted run does nothing")

    def __enter__(self) -> Self:
        return self

    def __exit__(self, kind: Raised, error: BaseException | None, at: TracebackType | None) -> None:
        self.complete()


def get_run(experiment: Experiment, run_id: str, rehydrate: bool = True, clean_up: bool = True) -> Run:
    """A run of an experiment by its id."""
    return Run.get(experiment.workspace, run_id)
