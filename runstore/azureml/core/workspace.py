"""A workspace under the SDK's names: Azure's ids are labels, the store is a directory."""

from __future__ import annotations

import os
import sys
from collections.abc import Mapping
from pathlib import Path
from typing import TYPE_CHECKING, Any

from runstore.azureml import later
from runstore.azureml.core import configuration
from runstore.azureml.core.experiment import Experiment
from runstore.azureml.core.kinds import run_class
from runstore.azureml.core.run import Run
from runstore.azureml.exceptions import UserErrorException, WorkspaceException
from runstore.azureml.translation import translated
from runstore.format import names
from runstore.launch import workspace as native
from runstore.runs.workspace import find

if TYPE_CHECKING:
    from runstore.azureml.core.compute import ComputeTarget
    from runstore.azureml.core.datastore import Datastore
    from runstore.azureml.core.environment import Environment
    from runstore.azureml.core.keyvault import Keyvault
    from runstore.azureml.core.model import Model
    from runstore.runs.state import RunState

LOCAL = "local"  # what a label is where nothing says otherwise: never None, samples join them as text


@translated
class Workspace(native.Workspace):
    """Azure ML SDK v1: ``azureml.core.Workspace``, over a local directory."""

    experiment_class = Experiment
    run_class = Run

    def __init__(
        self,
        subscription_id: str | None = None,
        resource_group: str | None = None,
        workspace_name: str | None = None,
        auth: Any = None,
        _location: str | None = None,
        _disable_service_check: bool = False,
        _workspace_id: str | None = None,
        sku: str | None = None,
        tags: Mapping[str, str] | None = None,
        *,
        store: str | os.PathLike[str] | None = None,
        _create: bool = True,
        **kwargs: Any,
    ) -> None:
        """Open a workspace, or make it where there is none.

        Args:
            subscription_id: a label.
            resource_group: a label.
            workspace_name: a label.
            auth: accepted; nobody signs in.
            _location: a label.
            _disable_service_check: accepted.
            _workspace_id: accepted.
            sku: a label.
            tags: labels.
            store: its directory; None: $RUNSTORE_DIR, the nearest .runstore upwards, ./.runstore.
            _create: False only opens.
            kwargs: accepted.
        """
        super().__init__(store, create=_create)
        self.subscription_id, self.resource_group = subscription_id or LOCAL, resource_group or LOCAL
        self.name, self.location = workspace_name or LOCAL, _location or LOCAL
        self.sku, self.tags = sku or LOCAL, dict(tags or {})

    def __repr__(self) -> str:
        return (
            f"Workspace.create(name={self.name!r}, subscription_id={self.subscription_id!r}, "
            f"resource_group={self.resource_group!r})"
        )

    @classmethod
    def from_config(
        cls,
        path: str | os.PathLike[str] | None = None,
        auth: Any = None,
        _logger: Any = None,
        _file_name: str | None = None,
        *,
        strict: bool = False,
    ) -> Workspace:
        """The workspace that a configuration file names.

        Looked for in ``.runstore``, ``.azureml``, ``aml_config`` and the plain directory, each through all parents
        before the next. Where there is none, the workspace is found or made as if none were named.

        Args:
            path: the file, or the directory to begin in; None: the current one.
            auth: accepted.
            _logger: accepted.
            _file_name: its name; None: ``config.json`` or ``project.json``.
            strict: no file is an error, as it is in Azure's SDK.

        Raises:
            UserErrorException: a file that says nothing; none, where ``path`` names a file or ``strict`` is set.
        """
        start = Path(path or ".").absolute()
        file = start if start.is_file() else configuration.find(start, _file_name)
        if file is not None:
            found = configuration.read(file)
            store = found.store or _store(found.project)
            labels = found.labels
            return cls(labels.get("subscription_id"), labels.get("resource_group"), labels.get("workspace_name"),
                       store=store)  # fmt: skip
        if strict or not start.is_dir():
            raise UserErrorException(
                f"{start}: no {' or '.join(configuration.NAMES)} there or above; write_config() one"
            )
        made = cls(store=_store(start))
        sys.stderr.write(f"runstore: no config.json from {start} upwards; using the workspace {made.path}\n")
        return made

    @classmethod
    def get(
        cls,
        name: str,
        auth: Any = None,
        subscription_id: str | None = None,
        resource_group: str | None = None,
        location: str | None = None,
        *,
        store: str | os.PathLike[str] | None = None,
        **kwargs: Any,
    ) -> Workspace:
        """Open a workspace that is there.

        Raises:
            WorkspaceException: there is none.
        """
        return cls(subscription_id, resource_group, name, _location=location, store=store, _create=False)

    @classmethod
    def create(
        cls,
        name: str,
        auth: Any = None,
        subscription_id: str | None = None,
        resource_group: str | None = None,
        location: str | None = None,
        create_resource_group: bool = True,
        sku: str = "basic",
        tags: Mapping[str, str] | None = None,
        exist_ok: bool = False,
        *,
        store: str | os.PathLike[str] | None = None,
        **kwargs: Any,
    ) -> Workspace:
        """Make a workspace.

        Raises:
            WorkspaceException: there is one, and ``exist_ok`` is False.
        """
        place = Path(store) if store is not None else find()
        if not exist_ok and (place / names.WORKSPACE).exists():
            raise WorkspaceException(f"{place}: there is a workspace; say exist_ok=True to open it")
        return cls(subscription_id, resource_group, name, _location=location, sku=sku, tags=tags, store=place)

    def write_config(self, path: str | os.PathLike[str] | None = None, file_name: str | None = None) -> None:
        """Write the configuration that ``from_config`` finds, to ``<path>/.azureml/config.json``."""
        labels = dict(zip(configuration.KEYS, (self.subscription_id, self.resource_group, self.name), strict=True))
        configuration.write(Path(path or "."), file_name or "config.json", labels, self.path)

    def get_details(self) -> dict[str, Any]:
        """What the workspace is."""
        from runstore import __version__

        return {
            "id": self.id, "name": self.name, "location": self.location, "store": str(self.path),
            "version": __version__, "subscriptionId": self.subscription_id, "resourceGroup": self.resource_group,
            "sku": self.sku, "tags": dict(self.tags),
        }  # fmt: skip

    # ---- what is in it

    def _object(self, found: RunState) -> Run:
        return run_class(found.type)(Experiment.existing(self, found.experiment), found.run_id)

    @property
    def models(self) -> dict[str, Model]:  # type: ignore[override]
        """The latest version of each model, by name."""
        from runstore.azureml.core.model import Model

        return {model.name: model for model in Model.list(self, latest=True)}

    @property
    def environments(self) -> dict[str, Environment]:
        """The newest version of each registered environment, by name."""
        from runstore.azureml.core.environment import Environment

        return Environment.list(self)

    @property
    def compute_targets(self) -> dict[str, ComputeTarget]:
        """This machine."""
        from runstore.azureml.core.compute import ComputeTarget

        return {target.name: target for target in ComputeTarget.list(self)}

    @property
    def datasets(self) -> dict[str, Any]:
        """Registered datasets: out of scope, so none."""
        return {}

    @property
    def datastores(self) -> dict[str, Datastore]:
        """The one local folder."""
        return {self.get_default_datastore().name: self.get_default_datastore()}

    def get_default_datastore(self) -> Datastore:
        """The local folder beside the workspace."""
        from runstore.azureml.core.datastore import Datastore

        return Datastore(self)

    def get_default_keyvault(self) -> Keyvault:
        """The environment variables of this process."""
        from runstore.azureml.core.keyvault import Keyvault

        return Keyvault(self)

    def get_mlflow_tracking_uri(self, with_auth: bool = False) -> str:
        """Raise: MLflow is told where to log when remotes are built."""
        later.not_yet("Workspace.get_mlflow_tracking_uri()", later.MLFLOW)


def _store(project: Path) -> Path:
    """Where a project's workspace lies whose configuration doesn't say."""
    given = os.environ.get("RUNSTORE_DIR")
    if given:
        return Path(given)
    nearest = [above for above in (project, *project.parents) if (above / ".runstore" / names.WORKSPACE).exists()]
    return (nearest[0] if nearest else project) / ".runstore"
