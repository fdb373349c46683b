"""The public Model: a named, versioned set of files. What is registered lies in ``runs.models``; this asks it."""

from __future__ import annotations

import builtins
import os
from collections.abc import Iterable, Mapping, Sequence
from datetime import UTC, datetime
from pathlib import Path
from typing import TYPE_CHECKING, Any, Self, TypeAlias
from urllib.parse import quote

from runstore.errors import ModelNotFound, UsageError
from runstore.format import values
from runstore.query import registry
from runstore.query.registry import Filter
from runstore.runs import models
from runstore.runs.models import ModelState

if TYPE_CHECKING:
    from runstore.query.run import Run
    from runstore.query.workspace import Workspace

Texts: TypeAlias = "list[str]"  # in the class, ``list`` is its own
Files: TypeAlias = "list[dict[str, Any]]"


class Model:
    """One version of a registered model.

    ``Model(ws, "churn")`` is the latest, ``Model(ws, "churn", version=3)``, ``Model(ws, "churn:3")`` and
    ``Model(ws, "churn@production")`` are others. What can change (aliases, tags, properties, description) is read
    when it is asked for.
    """

    def __init__(
        self,
        workspace: Workspace,
        name: str | None = None,
        id: str | None = None,
        *,
        tags: Filter = None,
        properties: Filter = None,
        version: int | None = None,
        run_id: str | None = None,
        alias: str | None = None,
    ) -> None:
        """Find the latest version that answers to everything given.

        Args:
            workspace: where it is registered.
            name: the model's name; or ``name:version`` or ``name@alias`` where no model has just that name.
            id: ``name:version`` or ``name@alias``.
            tags: only versions with these tags.
            properties: only versions with these properties.
            version: this version.
            run_id: only versions that this run registered.
            alias: only the version that has this alias.

        Raises:
            ModelNotFound: none does.
        """
        states = registry.named(workspace.path, name, id)
        wanted = None if version is None else int(version)
        found = [
            state
            for state in states
            if wanted in (None, state.version)
            and run_id in (None, state.body["run"])
            and (alias is None or alias in state.aliases)
            and registry.has(state, tags, properties)
        ]
        if not found:
            asked = {"name": name, "id": id, "tags": tags, "properties": properties, "version": version,
                     "run_id": run_id, "alias": alias}  # fmt: skip
            raise ModelNotFound(registry.missing(workspace.path, asked))
        self.workspace = workspace
        self._state = max(found, key=lambda state: (state.body["created"], state.version))

    @classmethod
    def _of(cls, workspace: Workspace, state: ModelState) -> Self:
        model = cls.__new__(cls)
        model.workspace, model._state = workspace, state
        return model

    def __repr__(self) -> str:
        return f"Model(name={self.name!r}, version={self.version})"

    def __eq__(self, other: object) -> bool:
        return isinstance(other, Model) and (self.workspace.path, self.id) == (other.workspace.path, other.id)

    def __hash__(self) -> int:
        return hash((self.workspace.path, self.id))

    # ---- registering and listing

    @classmethod
    def register(
        cls,
        workspace: Workspace,
        model_path: str | os.PathLike[str],
        model_name: str,
        tags: Mapping[str, Any] | None = None,
        properties: Mapping[str, Any] | None = None,
        description: str | None = None,
        *,
        model_framework: str | None = None,
        model_framework_version: str | None = None,
        aliases: Sequence[str] = (),
    ) -> Self:
        """Register a local file or directory as the next version of a model. Its bytes are stored.

        Args:
            workspace: where to.
            model_path: a file, or a directory with everything below it.
            model_name: any non-empty Unicode text.
            tags: labels that may change.
            properties: labels that never change.
            description: a text.
            model_framework: such as ``scikit-learn``.
            model_framework_version: of that.
            aliases: names for this version, such as ``production``; each moves here from any other version.

        Raises:
            StoreError: there is no such file, or it can't be read.
            NotWritable: the workspace can't take it.
        """
        about = registry.about(tags, properties, description, model_framework, model_framework_version)
        path = Path(model_path)
        about |= {"run": None, "experiment": None, "path": path.absolute().name, "folder": path.is_dir()}
        found = [] if workspace.disabled else [*registry.local(workspace.path, path)]
        return cls._registered(workspace, model_name, found, about, aliases)

    @classmethod
    def _of_run(cls, run: Run, name: str, path: str | None, about: dict[str, Any], aliases: Sequence[str]) -> Self:
        """See ``Run.register_model``."""
        workspace = run.experiment.workspace
        found: Files = []
        about |= {"run": run.id, "experiment": run.experiment.name, "path": name, "folder": False}
        if not workspace.disabled:
            about["path"], about["folder"], found = registry.of_run(run.path, run.id, path or name)
        return cls._registered(workspace, name, found, about, aliases)

    @classmethod
    def _registered(
        cls, workspace: Workspace, name: str, found: Files, about: dict[str, Any], aliases: Sequence[str]
    ) -> Self:
        name, aliases = values.name(name, "model name"), registry.aliases(aliases)
        if workspace.disabled:
            return cls._of(workspace, ModelState({"name": name, "version": 0, "created": 0, "files": found, **about}))
        return cls(workspace, name, version=models.register(workspace.path, name, found, about, aliases))

    @classmethod
    def list(
        cls,
        workspace: Workspace,
        name: str | None = None,
        tags: Filter = None,
        properties: Filter = None,
        run_id: str | None = None,
        latest: bool = False,
    ) -> builtins.list[Self]:
        """The registered models, the newest registration first.

        Args:
            workspace: where they are registered.
            name: only versions of this model.
            tags: only those with these tags: ``["stage", ["owner", "ann"]]`` or ``{"owner": "ann"}``.
            properties: only those with these properties.
            run_id: only those that this run registered.
            latest: only the latest version of each name.
        """
        states = [*models.every(workspace.path)] if name is None else models.versions(workspace.path, name)
        if latest:
            states = [*{state.name: state for state in states}.values()]
        found = [s for s in states if run_id in (None, s.body["run"]) and registry.has(s, tags, properties)]
        found.sort(key=lambda state: (state.body["created"], state.name, state.version), reverse=True)
        return [cls._of(workspace, state) for state in found]

    # ---- what it is

    @property
    def name(self) -> str:
        """The model's name."""
        return self._state.name

    @property
    def version(self) -> int:
        """The version, from 1; one more with each registration under the name."""
        return self._state.version

    @property
    def id(self) -> str:
        """``name:version``."""
        return f"{self.name}:{self.version}"

    @property
    def url(self) -> str:
        """A text that names it: ``runstore://models/<name>/<version>``; the name percent-encoded."""
        return f"runstore://models/{quote(self.name, safe='')}/{self.version}"

    @property
    def created_time(self) -> datetime:
        """When it was registered, in UTC."""
        return datetime.fromtimestamp(self._state.body["created"] / 1e9, UTC)

    @property
    def run_id(self) -> str | None:
        """The id of the run that registered it, if one did."""
        found: str | None = self._state.body["run"]
        return found

    @property
    def run(self) -> Run | None:
        """The run that registered it, if one did.

        Raises:
            RunNotFound: it is not in this workspace any more.
        """
        return None if self.run_id is None else self.workspace.get_run(self.run_id)

    @property
    def experiment_name(self) -> str | None:
        """The experiment of that run."""
        found: str | None = self._state.body["experiment"]
        return found

    @property
    def framework(self) -> str | None:
        """The framework given."""
        found: str | None = self._state.body["framework"]
        return found

    @property
    def framework_version(self) -> str | None:
        """The framework's version given."""
        found: str | None = self._state.body["framework_version"]
        return found

    @property
    def path(self) -> str:
        """The artifact, or the folder of artifacts, that was registered."""
        return str(self._state.body["path"])

    @property
    def files(self) -> dict[str, int]:
        """Its files: path below the model's own, and size in bytes."""
        return {file["path"]: file["size"] for file in self._state.files}

    @property
    def sha256(self) -> str:
        """The hash of its file; of a folder, that of the lines ``<sha256>  <path>`` of its files, sorted by path."""
        return self._state.sha256

    def download(self, target_dir: str | os.PathLike[str] = ".", exist_ok: bool = False) -> Path:
        """Write the model's file or folder into a directory; give its path there.

        The bytes are verified before anything appears; a folder that was not there appears whole.

        Args:
            target_dir: where to; made where it is missing.
            exist_ok: whether it may take the place of what has its name there.

        Raises:
            StoreError: something has its name there; or the bytes are not there.
            Damaged: the bytes are not what was registered.
            NotWritable: it can't be written there.
        """
        return registry.download(self.workspace.path, self._state, Path(target_dir), exist_ok)

    # ---- what may change

    @property
    def aliases(self) -> Texts:
        """The names this version has now, sorted."""
        return self._now().aliases

    @property
    def tags(self) -> dict[str, Any]:
        """The tags as they are now."""
        return {key: values.from_json(value) for key, value in self._now().tags.items()}

    @property
    def properties(self) -> dict[str, Any]:
        """The properties."""
        return {key: values.from_json(value) for key, value in self._now().properties.items()}

    @property
    def description(self) -> str | None:
        """The description as it is now."""
        return self._now().description

    def set_alias(self, alias: str) -> None:
        """Give this version a name, such as ``production``. An alias is one version's: it moves here at one instant."""
        self._change("alias", values.name(alias, "alias"))

    def remove_alias(self, alias: str) -> None:
        """Take a name from this version.

        Raises:
            UsageError: this version hasn't got it.
        """

        def allowed(state: ModelState) -> None:
            if alias not in state.aliases:
                raise UsageError(f"model {self.id} has no alias {alias!r}; it has {state.aliases}")

        self._change("unalias", alias, allowed)

    def add_tags(self, tags: Mapping[str, Any]) -> None:
        """Set tags; the newest value counts."""
        self._change("tags", registry.labels(tags, "tag"))

    def remove_tags(self, tags: str | Iterable[str]) -> None:
        """Take tags away, by their keys; one that isn't there is no error."""
        self._change("untag", [tags] if isinstance(tags, str) else [str(key) for key in tags])

    def add_properties(self, properties: Mapping[str, Any]) -> None:
        """Add properties. One that is there keeps its value for good.

        Raises:
            UsageError: one of them is there with another value; nothing was changed.
        """
        labels = registry.labels(properties, "property")
        self._change("properties", labels, models.unchanged(labels))

    def update(self, tags: Mapping[str, Any] | None = None, description: str | None = None) -> None:
        """Replace all tags, the description, or both; None leaves as it is."""
        if tags is not None:
            labels = registry.labels(tags, "tag")
            self._change("untag", [key for key in self._now().tags if key not in labels])
            self._change("tags", labels)
        if description is not None:
            self._change("describe", {"description": values.text(str(description), "description")})

    def delete(self) -> None:
        """Delete this version: it is found no more, its number isn't given again, its bytes may be collected."""
        self._change("delete", None)

    def _change(self, kind: str, value: Any, allowed: Any = None) -> None:
        if not self.workspace.disabled:
            models.change(self.workspace.path, self.name, self.version, kind, value, allowed)

    def _now(self) -> ModelState:
        found = models.versions(self.workspace.path, self.name, deleted=True)
        self._state = next((state for state in found if state.version == self.version), self._state)
        return self._state
