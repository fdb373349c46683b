"""What is logged into a run, with the SDK's signatures and checks (Azure ML SDK v1, ``Run.log`` and the like)."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping
from typing import Any

from runstore import errors
from runstore.azureml.core import scalars
from runstore.azureml.exceptions import UserErrorException
from runstore.azureml.translation import tell
from runstore.launch import run as native

URI = "aml://artifactId/ExperimentRun/dcid.{}/{}"  # the run's id, the artifact's name
POINTS, TABLE = "values", "table"


class LoggingRun(native.Run):
    """A run that logs as the SDK does."""

    def __init__(self, experiment: Any, run_id: str) -> None:
        """Name a run."""
        super().__init__(experiment, run_id)
        self._kinds: dict[str, str] = {}

    def _use(self, writer: Any) -> None:
        super()._use(writer)
        self._check_what_is_logged()

    def forked(self) -> None:
        """This process is a forked child; see ``runstore.Run``."""
        super().forked()
        self._check_what_is_logged()

    def _check_what_is_logged(self) -> None:
        """The instance has its writer's own ``log``: put the SDK's checks before it."""
        if "log" in self.__dict__:
            self.log = _checked(self.__dict__["log"], self._kinds)  # type: ignore[method-assign]

    def log(self, name: str, value: Any, description: str = "", step: int | None = None) -> None:  # type: ignore[override]
        """Log one value of a metric.

        Args:
            name: any text.
            value: a number, bool, text or None, kept as that; anything else but a list is kept as its text.
            description: said once about the name.
            step: an integer; if used, give it for every value of the metric.

        Raises:
            UserErrorException: a list, range or generator; ``log_list`` takes them. Or the name is a table's.
        """
        if not self._disabled:
            self._live()  # a run that goes on elsewhere is joined
            self.__dict__["log"](name, value, description, step)

    def log_list(self, name: str, value: Iterable[Any], description: str = "") -> None:  # type: ignore[override]
        """Log several values of a metric, as if one after the other. An iterable is read once.

        Raises:
            AzureMLException: an element is no scalar.
        """
        exact = scalars.several(name, value)
        if exact:
            self._kind(name, POINTS)
            super().log_list(name, exact, str(description or ""))

    def log_row(self, name: str, description: str | None = None, **kwargs: Any) -> None:  # type: ignore[override]
        """Log one row of a table, a scalar for each column.

        Raises:
            AzureMLException: a value is no scalar.
        """
        row = kwargs
        if not {*map(type, row.values())} <= scalars.PLAIN:
            row = {column: scalars.element(column, value) for column, value in kwargs.items()}
        self._kind(name, TABLE)
        writer = self._taking(1)
        if writer is not None:
            writer.points.row(name, row, None, str(description or ""))

    def log_table(self, name: str, value: Mapping[str, Any], description: str = "") -> None:  # type: ignore[override]
        """Log rows of a table: a dict of lists, or of scalars for one row.

        Raises:
            UserErrorException: no dict.
            AzureMLException: columns of different lengths.
        """
        columns = scalars.columns(name, value)
        if any(columns.values()):
            self._kind(name, TABLE)
            super().log_table(name, columns, str(description or ""))

    def get_metrics(
        self, name: str | None = None, recursive: bool = False, run_type: str | None = None, populate: bool = False
    ) -> dict[str, Any]:
        """What was logged, by name, at once: see ``runstore.Run.get_metrics``. URIs of files are Azure's.

        Args:
            name: only this metric: a dict still, empty where there is none.
            recursive: of this run and all below it, by run id; runs without metrics are left out.
            run_type: of the runs below, only those of this type.
            populate: in place of a URI an object with ``data``, ``filename`` and ``data_location``.
        """
        from runstore.query import metrics

        path = self.experiment.workspace.path
        if recursive:
            return metrics.recursive(path, self.id, name, run_type, populate, URI)
        return metrics.of(path, self.id, name, populate, URI)

    def _keep(self, name: str, kind: str, *stored: Any) -> None:
        self._kind(name, kind)  # images and charts
        super()._keep(name, kind, *stored)

    def _kind(self, name: str, kind: str) -> None:
        _same(self._kinds, name, kind)


def _checked(log: Callable[..., None], kinds: dict[str, str]) -> Callable[..., None]:
    plain = scalars.PLAIN

    def checked(name: str, value: Any, description: str = "", step: int | None = None) -> None:
        if kinds.get(name) is not POINTS:
            _same(kinds, name, POINTS)
        try:
            value = value if type(value) in plain else scalars.single(name, value)
            log(name, value, description if type(description) is str else str(description or ""), step)
        except errors.RunstoreError as problem:
            tell(problem)

    return checked


def _same(kinds: dict[str, str], name: str, kind: str) -> None:
    """A name is of one kind; the first one counts."""
    known = kinds.setdefault(name, kind)
    if known != kind:
        raise UserErrorException(f"metric {name!r} holds {known} already; log the {kind} under another name")
