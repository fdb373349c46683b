"""The run that ``Run.get_context()`` gives outside a submitted run: it prints what it is told, and stores nothing.

Azure ML SDK v1 prints too, and lacks most of a run's attributes; here every one of them is there, kept in memory.
"""

from __future__ import annotations

import uuid
from collections.abc import Iterable, Mapping, Sequence
from datetime import UTC, datetime
from types import TracebackType
from typing import TYPE_CHECKING, Any, TypeAlias

from runstore.azureml import later
from runstore.azureml.core.keyvault import Keyvault
from runstore.azureml.core.printing import PrintingRun, tell
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


class _OfflineRun(PrintingRun):
    """A run of nothing: two lines on stdout for each value logged. Nothing is checked."""

    type: str | None = None
    number = 0
    description: str | None = None

    def __init__(self, parent: _OfflineRun | None = None, name: str | None = None, run_id: str | None = None) -> None:
        """Make one, below another or not."""
        whole = PREFIX + str(uuid.uuid4()) if parent is None else f"{parent.id}.{name or uuid.uuid4()}"
        super().__init__(run_id or whole)
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

    def __repr__(self) -> str:
        return f"Run(Experiment: {self.experiment.name},\nId: {self.id},\nType: {self.type},\nStatus: {self.status})"

    def _repr_html_(self) -> str:
        from runstore.query import details

        return details.table({"Id": self.id, "Status": self.status}, {})

    # ---- files

    def upload_file(self, name: str, path_or_stream: Any, datastore_name: str | None = None) -> None:
        """Print the name; the file need not exist."""
        tell(f"offline: file {name!r} from {path_or_stream}")

    def upload_files(self, names: Sequence[str], paths: Sequence[str], *_: Any, **__: Any) -> None:
        """Print the names."""
        tell(f"offline: files {names} from {paths}")

    def upload_folder(self, name: str, path: str, datastore_name: str | None = None) -> None:
        """Print the name."""
        tell(f"offline: folder {name!r} from {path}")

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
    submit_child = later.method("submit_child() of an offline run", later.NEVER)
    get_environment = later.method("get_environment() of an offline run", later.NEVER)

    # ---- tags, properties, children

    def tag(self, key: str, value: Any = None) -> None:
        """Print and keep a tag."""
        tell(f"offline: tag {key!r}: {value}")
        self.tags[key] = None if value is None else str(value)

    def set_tags(self, tags: Mapping[str, Any]) -> None:
        """Print and keep tags."""
        tell(f"offline: tags {tags}")
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
        tell(f"offline: properties {properties}")
        for key, value in properties.items():
            self.properties.setdefault(key, str(value))

    def get_properties(self) -> dict[str, str]:
        """The properties."""
        return dict(self.properties)

    def child_run(self, name: str | None = None, run_id: str | None = None, outputs: Any = None) -> _OfflineRun:
        """Another one, below this."""
        child = _OfflineRun(self, name, run_id)
        self._children.append(child)
        return child

    def create_children(
        self, count: int | None = None, tag_key: str | None = None, tag_values: Sequence[Any] | None = None
    ) -> list[_OfflineRun]:
        """Several of them."""
        return [self.child_run() for _ in range(len(tag_values or ()) if count is None else count)]

    # ---- its end, and what there is to know

    def start(self) -> None:
        """Do nothing: it runs."""

    def flush(self, timeout_seconds: float = 300) -> None:
        """Print that there is nothing to wait for."""
        tell("offline: flush")

    def complete(self, _set_status: bool = True) -> None:
        """End well, silently."""
        self._end("Completed")

    def cancel(self) -> None:
        """End as canceled, silently."""
        self._end("Canceled")

    def fail(self, error_details: Any = None, error_code: str | None = None, _set_status: bool = True) -> None:
        """End as failed; print why."""
        self._error = None if error_details is None else str(error_details)
        tell(f"offline: failed with code {error_code}: {error_details}")
        self._end("Failed")

    def __enter__(self) -> _OfflineRun:
        tell(f"offline: START {self.id}")
        return self

    def __exit__(self, kind: Raised, error: BaseException | None, _: TracebackType | None) -> None:
        tell(f"offline: STOP {self.id}")

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
