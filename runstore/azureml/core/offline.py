"""The run that ``Run.get_context()`` gives outside a submitted run: it prints what it is told, and stores nothing.

Azure ML SDK v1 prints too, and lacks most of a run's attributes; here every one of them is there, kept in memory.
"""

from __future__ import annotations

import uuid
from collections.abc import Iterable, Iterator, Mapping, Sequence
from datetime import UTC, datetime
from types import TracebackType
from typing import TYPE_CHECKING, Any, TypeAlias

from runstore.azureml import later
from runstore.azureml.core import shapes
from runstore.azureml.core.keyvault import Keyvault
from runstore.azureml.exceptions import UserErrorException

if TYPE_CHECKING:
    from runstore.azureml.core.workspace import Workspace

PREFIX = "OfflineRun_"
Raised: TypeAlias = type[BaseException] | None


class _OfflineExperiment:
    """What ``run.experiment.workspace`` needs: the workspace, opened when it is asked for."""

    name = id = "offline"

    @property
    def workspace(self) -> Workspace:
        from runstore.azureml.core.workspace import Workspace

        return Workspace.from_config()


class _OfflineRun:
    """A run of nothing: two lines on stdout for each value logged. Nothing is checked."""

    type: str | None = None
    number = 0
    description: str | None = None

    def __init__(self, parent: _OfflineRun | None = None, name: str | None = None, run_id: str | None = None) -> None:
        """Make one, below another or not."""
        whole = PREFIX + str(uuid.uuid4()) if parent is None else f"{parent.id}.{name or uuid.uuid4()}"
        self.id: str = run_id or whole
        self._run_id = self.id
        self.name = name or f"run_{self.id}"
        self.display_name: str | None = self.name
        self.parent = parent
        self.status = "Running"
        self.experiment = _OfflineExperiment()
        self.tags: dict[str, Any] = {}
        self.properties: dict[str, str] = {}
        self.input_datasets: dict[str, Any] = {}  # out of scope
        self.output_datasets: dict[str, Any] = {}
        self._started = datetime.now(UTC)
        self._error: str | None = None
        self._children: list[_OfflineRun] = []
        self._points: dict[str, list[Any]] = {}
        self._rows: dict[str, list[dict[str, Any]]] = {}

    def __repr__(self) -> str:
        return f"Run(Experiment: {self.experiment.name},\nId: {self.id},\nType: {self.type},\nStatus: {self.status})"

    # ---- logging

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

    # ---- files

    def upload_file(self, name: str, path_or_stream: Any, datastore_name: str | None = None) -> None:
        """Print the name; the file need not exist."""
        _print(f"offline: file {name!r} from {path_or_stream}")

    def upload_files(self, names: Sequence[str], paths: Sequence[str], *_: Any, **__: Any) -> None:
        """Print the names."""
        _print(f"offline: files {names} from {paths}")

    def upload_folder(self, name: str, path: str, datastore_name: str | None = None) -> None:
        """Print the name."""
        _print(f"offline: folder {name!r} from {path}")

    def get_file_names(self) -> list[str]:
        """None."""
        return []

    def get_all_logs(self, destination: str | None = None) -> list[str]:
        """None."""
        return []

    def download_file(self, name: str, output_file_path: str | None = None, **_: Any) -> None:
        """Refuse: there are no files.

        Raises:
            UserErrorException: always.
        """
        raise UserErrorException(f"{name!r}: an offline run keeps no files; start a run with Experiment.start_logging")

    def download_files(self, *_: Any, **__: Any) -> None:
        """Do nothing: there are no files."""

    def take_snapshot(self, input_path: str) -> None:
        """Do nothing."""

    def get_snapshot_id(self) -> None:
        """None was taken."""
        return None

    restore_snapshot = later.method("restore_snapshot() of an offline run", later.NEVER)
    register_model = later.method("register_model() of an offline run", later.NEVER)
    submit_child = later.method("submit_child()", later.SCRIPTS)
    get_environment = later.method("get_environment()", later.SCRIPTS)

    # ---- tags, properties, children

    def tag(self, key: str, value: Any = None) -> None:
        """Print and keep a tag."""
        _print(f"offline: tag {key!r}: {value}")
        self.tags[key] = None if value is None else str(value)

    def set_tags(self, tags: Mapping[str, Any]) -> None:
        """Print and keep tags."""
        _print(f"offline: tags {tags}")
        self.tags.update((key, None if value is None else str(value)) for key, value in tags.items())

    def get_tags(self) -> dict[str, Any]:
        """The tags."""
        return dict(self.tags)

    def remove_tags(self, tags: Iterable[str]) -> None:
        """Take tags away."""
        for key in tags:
            self.tags.pop(key, None)

    def add_properties(self, properties: Mapping[str, Any]) -> None:
        """Print and keep properties."""
        _print(f"offline: properties {properties}")
        for key, value in properties.items():
            self.properties.setdefault(key, str(value))

    def get_properties(self) -> dict[str, str]:
        """The properties."""
        return dict(self.properties)

    def child_run(self, name: str | None = None, run_id: str | None = None, outputs: Any = None) -> _OfflineRun:
        """Another one, below this."""
        self._children.append(_OfflineRun(self, name, run_id))
        return self._children[-1]

    def create_children(
        self, count: int | None = None, tag_key: str | None = None, tag_values: Sequence[Any] | None = None
    ) -> list[_OfflineRun]:
        """Several of them."""
        return [self.child_run() for _ in range(len(tag_values or ()) if count is None else count)]

    def get_children(self, recursive: bool = False, **_: Any) -> Iterator[_OfflineRun]:
        """Those below this one, the newest first."""
        for child in reversed(self._children):
            yield child
            if recursive:
                yield from child.get_children(recursive=True)

    # ---- its end, and what there is to know

    def start(self) -> None:
        """Do nothing: it runs."""

    def flush(self, timeout_seconds: float = 300) -> None:
        """Print that there is nothing to wait for."""
        _print("offline: flush")

    def complete(self, _set_status: bool = True) -> None:
        """End well, silently."""
        self._end("Completed")

    def cancel(self) -> None:
        """End as canceled, silently."""
        self._end("Canceled")

    def fail(self, error_details: Any = None, error_code: str | None = None, _set_status: bool = True) -> None:
        """End as failed; print why."""
        self._error = None if error_details is None else str(error_details)
        _print(f"offline: failed with code {error_code}: {error_details}")
        self._end("Failed")

    def __enter__(self) -> _OfflineRun:
        _print(f"offline: START {self.id}")
        return self

    def __exit__(self, kind: Raised, error: BaseException | None, _: TracebackType | None) -> None:
        _print(f"offline: STOP {self.id}")

    def get_status(self) -> str:
        """Running, or how it ended."""
        return self.status

    def get_detailed_status(self) -> dict[str, Any]:
        """The status."""
        return {"status": self.status, "details": None}

    def wait_for_completion(self, *_: Any, **__: Any) -> dict[str, Any]:
        """Return at once: nothing runs elsewhere."""
        return self.get_details()

    def get_details(self) -> dict[str, Any]:
        """What there is to know, under the SDK's names."""
        found: dict[str, Any] = {
            "runId": self.id, "target": "local", "status": self.status,
            "startTimeUtc": self._started.strftime("%Y-%m-%dT%H:%M:%S.%fZ"), "services": {},
            "properties": self.get_properties(), "inputDatasets": [], "outputDatasets": [], "logFiles": {},
        }  # fmt: skip
        if self._error is not None:
            found["error"] = {"error": {"code": "UserError", "message": self._error}}
        return found

    get_details_with_logs = get_details

    def get_portal_url(self) -> str:
        """No page shows it."""
        return ""

    portal_url = property(get_portal_url)

    def get_secret(self, name: str) -> str:
        """A secret from the environment."""
        return Keyvault().get_secret(name)

    def get_secrets(self, secrets: Iterable[str]) -> dict[str, str | None]:
        """Secrets from the environment."""
        return Keyvault().get_secrets(secrets)

    def _end(self, status: str) -> None:
        from logging import getLogger

        self.status = status
        getLogger(f"runstore.core.run.{self.id}").debug("offline run ended: %s", status)

    def _say(self, kind: str, name: object, value: object) -> None:
        _print(f"offline: {kind} metric {name!r}\n{value}")


def _print(line: str) -> None:
    import sys

    sys.stdout.write(line + "\n")
