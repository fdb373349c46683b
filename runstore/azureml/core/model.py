"""A registered model under the SDK's names (Azure ML SDK v1: ``azureml.core.Model``)."""

from __future__ import annotations

import os
import re
from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import TYPE_CHECKING, Any, cast

from runstore import errors
from runstore.azureml import later
from runstore.azureml.core import scalars
from runstore.azureml.exceptions import WebserviceException
from runstore.azureml.translation import translated
from runstore.query import listing
from runstore.query import models as native

if TYPE_CHECKING:
    from runstore.azureml.core.workspace import Workspace

_NAME = re.compile(r"[a-zA-Z0-9][a-zA-Z0-9\-._]{0,254}")
Filter = Sequence[str | Sequence[str]] | Mapping[str, str] | str | None


@translated
class Model(native.Model):
    """One version of a registered model."""

    class Framework:
        """Names of frameworks."""

        CUSTOM, ONNX, SCIKITLEARN, TENSORFLOW = "Custom", "Onnx", "ScikitLearn", "TensorFlow"

    def __init__(
        self,
        workspace: Workspace,
        name: str | None = None,
        id: str | None = None,
        tags: Filter = None,
        properties: Filter = None,
        version: int | None = None,
        run_id: str | None = None,
        model_framework: str | None = None,
        expand: bool = True,
        **kwargs: Any,
    ) -> None:
        """Find the latest version that answers to everything given.

        Args:
            workspace: where it is registered.
            name: its name.
            id: ``name:version``.
            tags: a list of keys and of ``[key, value]``.
            properties: likewise.
            version: this version.
            run_id: of the run that registered it.
            model_framework: accepted.
            expand: accepted.
            kwargs: accepted.

        Raises:
            WebserviceException: none does.
        """
        super().__init__(workspace, name, id, tags=tags, properties=properties, version=version, run_id=run_id)

    def __repr__(self) -> str:
        return (
            f"Model(workspace={self.workspace!r}, name={self.name}, id={self.id}, version={self.version}, "
            f"tags={self.tags}, properties={self.properties})"
        )

    # ---- tags and properties: text, as in the SDK

    @property
    def tags(self) -> dict[str, str | None]:
        """The tags as they are now."""
        return {key: listing.shown(value) for key, value in super().tags.items()}

    @property
    def properties(self) -> dict[str, str | None]:
        """The properties."""
        return {key: listing.shown(value) for key, value in super().properties.items()}

    def add_tags(self, tags: Mapping[str, Any]) -> None:
        """Set tags; the newest value counts."""
        super().add_tags(scalars.labels("tag", tags))

    def add_properties(self, properties: Mapping[str, Any]) -> None:
        """Add properties. One that is there keeps its value for good.

        Raises:
            UserErrorException: one of them is there with another value; nothing was changed.
        """
        super().add_properties(scalars.labels("property", properties))

    def update(self, tags: Mapping[str, Any] | None = None, description: str | None = None) -> None:
        """Replace all tags, the description, or both; None leaves as it is."""
        super().update(None if tags is None else scalars.labels("tag", tags), description)

    @property
    def model_framework(self) -> str | None:
        """The framework given."""
        return self.framework

    @property
    def model_framework_version(self) -> str | None:
        """The framework's version given."""
        return self.framework_version

    @classmethod
    def register(  # type: ignore[override]
        cls,
        workspace: Workspace,
        model_path: str | os.PathLike[str],
        model_name: str,
        tags: Mapping[str, Any] | None = None,
        properties: Mapping[str, Any] | None = None,
        description: str | None = None,
        datasets: Any = None,
        model_framework: str | None = None,
        model_framework_version: str | None = None,
        child_paths: Any = None,
        **kwargs: Any,
    ) -> Model:
        """Register a local file or directory as the next version of a model.

        Raises:
            FileNotFoundError: there is none.
            PermissionError: it does not lie below the current directory.
            WebserviceException: a name that the SDK refuses.
        """
        path = Path(model_path).absolute()
        if not path.exists():
            raise FileNotFoundError(f"{model_path}: no such file or directory to register; check the path")
        if not path.resolve().is_relative_to(Path.cwd().resolve()):
            raise PermissionError(f"{model_path}: lies outside the current directory; change to above it, or copy it")
        return super().register(
            workspace, path, checked(model_name), scalars.labels("tag", tags), scalars.labels("property", properties),
            description, model_framework=model_framework, model_framework_version=model_framework_version,
        )  # fmt: skip

    @classmethod
    def list(  # type: ignore[override]
        cls,
        workspace: Workspace,
        name: str | None = None,
        tags: Filter = None,
        properties: Filter = None,
        run_id: str | None = None,
        latest: bool = False,
        dataset_id: str | None = None,
        expand: bool = True,
        page_count: int = 255,
        model_framework: str | None = None,
    ) -> Sequence[Model]:
        """The registered models, the newest first; tags and properties are lists of keys and ``[key, value]``."""
        return cast("Sequence[Model]", super().list(workspace, name, tags, properties, run_id, latest))

    def download(self, target_dir: str = ".", exist_ok: bool = False, exists_ok: bool | None = None) -> str:  # type: ignore[override]
        """Fetch its files; the path of the file or folder.

        Raises:
            WebserviceException: it is there already and ``exist_ok`` is False.
        """
        try:
            return os.fspath(super().download(target_dir, exist_ok=exist_ok or bool(exists_ok)))
        except errors.StoreError as problem:
            raise WebserviceException(str(problem), inner_exception=problem) from problem

    @staticmethod
    def get_model_path(model_name: str, version: int | None = None, _workspace: Workspace | None = None) -> str:
        """Where a model's files are, fetched below ``azureml-models`` if need be.

        Raises:
            ModelNotFoundException: there is none.
        """
        from runstore.azureml.core.workspace import Workspace as Opened
        from runstore.azureml.exceptions import ModelNotFoundException

        try:
            model = Model(_workspace or Opened(), model_name, version=version)
        except WebserviceException as problem:
            raise ModelNotFoundException(problem.message, inner_exception=problem) from problem
        return model.download(os.path.join("azureml-models", model.name, str(model.version)), exist_ok=True)

    deploy = staticmethod(later.method("Model.deploy()", later.NEVER))
    package = staticmethod(later.method("Model.package()", later.NEVER))
    profile = staticmethod(later.method("Model.profile()", later.NEVER))


def checked(name: str) -> str:
    """A model's name that the SDK takes.

    Raises:
        WebserviceException: it doesn't.
    """
    if not (isinstance(name, str) and _NAME.fullmatch(name)):
        raise WebserviceException(
            f"model name {name!r}: take 1 to 255 letters, digits, -, . and _, beginning with a letter or digit"
        )
    return name
