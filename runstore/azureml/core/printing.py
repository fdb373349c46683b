"""Values printed instead of stored: two lines for each. Nothing is checked (Azure ML SDK v1, offline runs)."""

from __future__ import annotations

import sys
from collections.abc import Callable, Iterable, Iterator
from typing import Any

from runstore.azureml.core import shapes


def _native(kind: str) -> Callable[..., None]:
    """A logging call that runstore has and the SDK lacks."""

    def call(self: PrintingRun, name: Any, value: Any = None, *_: Any, **given: Any) -> None:
        self._say(kind, name, given if value is None and given else value)

    call.__doc__ = f"Print a {kind} metric; nothing is kept."
    return call


class PrintingRun:
    """What a run that stores nothing does with values; they are kept in memory for ``get_metrics``."""

    def __init__(self, run_id: str) -> None:
        """Begin."""
        self.id = self._run_id = run_id
        self._children: list[Any] = []
        self._points: dict[str, list[Any]] = {}
        self._rows: dict[str, list[dict[str, Any]]] = {}

    def log(self, name: str, value: Any, description: str = "", step: int | None = None) -> None:
        """Print a value."""
        self._say("scalar", name, value)
        self._points.setdefault(name, []).append(value)

    def log_list(self, name: str, value: Any, description: str = "") -> None:
        """Print a list."""
        value = list(value) if isinstance(value, Iterator) else value
        self._say("list", name, value)
        self._points.setdefault(name, []).extend(value if isinstance(value, Iterable) else [value])

    def log_row(self, name: str, description: str | None = None, **kwargs: Any) -> None:
        """Print a row."""
        self._say("row", name, kwargs)
        self._rows.setdefault(name, []).append(kwargs)

    def log_table(self, name: str, value: Any, description: str = "") -> None:
        """Print a table."""
        self._say("table", name, value)
        self._points.setdefault(name, []).append(value)

    def log_image(self, name: str, path: Any = None, plot: Any = None, description: str = "") -> None:
        """Print which image it is."""
        self._say("image", name, plot if path is None else path)
        self._points.setdefault(name, []).append(path)

    def log_confusion_matrix(self, name: str, value: Any, description: str = "") -> None:
        """Print a confusion matrix."""
        self._say("confusion matrix", name, value)
        self._points.setdefault(name, []).append(value)

    def log_accuracy_table(self, name: str, value: Any, description: str = "") -> None:
        """Print an accuracy table."""
        self._say("accuracy table", name, value)
        self._points.setdefault(name, []).append(value)

    def log_residuals(self, name: str, value: Any, description: str = "") -> None:
        """Print residuals."""
        self._say("residuals", name, value)
        self._points.setdefault(name, []).append(value)

    def log_predictions(self, name: str, value: Any, description: str = "") -> None:
        """Print predictions."""
        self._say("predictions", name, value)
        self._points.setdefault(name, []).append(value)

    log_batch, log_text, log_html = _native("batch"), _native("text"), _native("HTML")
    log_figure, log_histogram, log_point_cloud = _native("figure"), _native("histogram"), _native("point cloud")
    log_audio, log_video = _native("audio"), _native("video")

    def log_params(self, params: Any) -> None:
        """Print parameters."""
        tell(f"offline: parameters {params}")

    def get_metrics(
        self, name: str | None = None, recursive: bool = False, run_type: str | None = None, populate: bool = False
    ) -> dict[str, Any]:
        """What was logged, in the shapes of a run's ``get_metrics``."""
        found = {key: shapes.points(logged) for key, logged in self._points.items()}
        found |= {key: shapes.table(shapes.columns(rows)) for key, rows in self._rows.items()}
        own = found if name is None else {key: value for key, value in found.items() if key == name}
        if not recursive:
            return own
        below = [(child.id, child.get_metrics(name)) for child in self.get_children(recursive=True)]
        return {run_id: metrics for run_id, metrics in [(self.id, own), *below] if metrics}

    def get_children(self, recursive: bool = False, **_: Any) -> Iterator[Any]:
        """Those below this one, the newest first."""
        for child in reversed(self._children):
            yield child
            if recursive:
                yield from child.get_children(recursive=True)

    def _say(self, kind: str, name: object, value: object) -> None:
        tell(f"offline: {kind} metric {name!r}\n{value}")


def tell(line: str) -> None:
    """Print, to whatever stdout is now."""
    sys.stdout.write(line + "\n")
