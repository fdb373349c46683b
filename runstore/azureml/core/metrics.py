"""What is logged into a run, with the SDK's signatures and checks (Azure ML SDK v1, ``Run.log`` and the like)."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping
from typing import Any

from runstore import errors
from runstore.azureml.core import scalars
from runstore.azureml.exceptions import AzureMLException, UserErrorException
from runstore.azureml.translation import tell
from runstore.query import run as native

URI = "aml://artifactId/ExperimentRun/dcid.{}/{}"  # the run's id, the artifact's name
POINTS, TABLE, IMAGE, CHART = "values", "a table", "an image", "a chart"


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
            super().log_list(name, exact, description)

    def log_row(self, name: str, description: str | None = None, **kwargs: Any) -> None:  # type: ignore[override]
        """Log one row of a table, a scalar for each column.

        Raises:
            AzureMLException: a value is no scalar.
        """
        row = {column: scalars.element(f"{name}.{column}", value) for column, value in kwargs.items()}
        self._kind(name, TABLE)
        if not self._disabled:
            self._live().points.row(name, row, None, description or "")

    def log_table(self, name: str, value: Mapping[str, Any], description: str = "") -> None:  # type: ignore[override]
        """Log rows of a table: a dict of lists, or of scalars for one row.

        Raises:
            UserErrorException: no dict.
            AzureMLException: columns of different lengths.
        """
        columns = scalars.columns(name, value)
        if any(columns.values()):
            self._kind(name, TABLE)
            super().log_table(name, columns, description)

    def log_image(  # type: ignore[override]
        self, name: str, path: str | None = None, plot: Any = None, description: str = ""
    ) -> None:
        """Log an image: a file, or whatever has ``savefig`` (the pyplot module or a figure, which stay open).

        A file is stored under the path as given; a plot under ``<name>_<unix seconds>.png``.

        Raises:
            AzureMLException: both or none; no image file; no ``savefig``.
        """
        if (path is None) == (plot is None):
            raise AzureMLException(f"log_image({name!r}) takes path= or plot=, exactly one of them")
        if plot is not None and not callable(getattr(plot, "savefig", None)):
            raise AzureMLException(f"log_image({name!r}): plot is pyplot or a figure, not a {type(plot).__name__}")
        self._kind(name, IMAGE)
        super().log_image(name, path, plot, description)

    def log_confusion_matrix(self, name: str, value: Any, description: str = "") -> None:
        """Log a confusion matrix: a dict or its JSON text, stored as the artifact ``name``."""
        self._chart("confusion_matrix", name, value, description)

    def log_accuracy_table(self, name: str, value: Any, description: str = "") -> None:
        """Log an accuracy table: a dict or its JSON text, stored as the artifact ``name``."""
        self._chart("accuracy_table", name, value, description)

    def log_residuals(self, name: str, value: Any, description: str = "") -> None:
        """Log residuals: a dict or its JSON text, stored as the artifact ``name``."""
        self._chart("residuals", name, value, description)

    def log_predictions(self, name: str, value: Any, description: str = "") -> None:
        """Log predictions: a dict or its JSON text, stored as the artifact ``name``."""
        self._chart("predictions", name, value, description)

    def _chart(self, kind: str, name: str, value: Any, description: str) -> None:
        self._kind(name, CHART)
        getattr(super(), f"log_{kind}")(name, value, description)

    def _kind(self, name: str, kind: str) -> None:
        _same(self._kinds, name, kind)


def _checked(log: Callable[..., None], kinds: dict[str, str]) -> Callable[..., None]:
    plain = scalars.PLAIN

    def checked(name: str, value: Any, description: str = "", step: int | None = None) -> None:
        if kinds.get(name) is not POINTS:
            _same(kinds, name, POINTS)
        try:
            log(name, value if type(value) in plain else scalars.single(name, value), description, step)
        except errors.RunstoreError as problem:
            tell(problem)

    return checked


def _same(kinds: dict[str, str], name: str, kind: str) -> None:
    """A name is of one kind; the first one counts."""
    known = kinds.setdefault(name, kind)
    if known != kind:
        raise UserErrorException(f"metric {name!r} is {known} already and can't become {kind}; take another name")
