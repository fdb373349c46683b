"""The default datastore: a local folder beside the workspace's runs."""

from __future__ import annotations

import os
import shutil
from collections.abc import Sequence
from pathlib import Path
from typing import TYPE_CHECKING, Any

from runstore.azureml import later
from runstore.azureml.exceptions import UserErrorException

if TYPE_CHECKING:
    from runstore.azureml.core.workspace import Workspace

DEFAULT = "workspaceblobstore"


class Datastore:
    """A folder that files can be uploaded into.

    Of the SDK's datastores only this one has a local meaning, and of its calls only ``upload_files``.
    """

    datastore_type = "AzureBlob"

    def __init__(self, workspace: Workspace, name: str | None = None) -> None:
        """Name a datastore of a workspace; there is one, ``workspaceblobstore``."""
        self.workspace, self.name = workspace, name or DEFAULT
        if self.name != DEFAULT:
            raise UserErrorException(f"no datastore {self.name!r}; the only one here is {DEFAULT!r}")

    def __repr__(self) -> str:
        return f"Datastore(name={self.name!r}, path={str(self.path)!r})"

    @property
    def path(self) -> Path:
        """The folder, beside the workspace's directory."""
        return self.workspace.path.with_name(self.workspace.path.name + "-data")

    @classmethod
    def get(cls, workspace: Workspace, datastore_name: str) -> Datastore:
        """A datastore by name."""
        return cls(workspace, datastore_name)

    @classmethod
    def get_default(cls, workspace: Workspace) -> Datastore:
        """The only one."""
        return cls(workspace)

    def upload_files(
        self,
        files: Sequence[str],
        relative_root: str | None = None,
        target_path: str | None = None,
        overwrite: bool = False,
        show_progress: bool = True,
    ) -> list[str]:
        """Copy files into the folder.

        Args:
            files: paths of them.
            relative_root: what to leave out of their paths; None: everything but the file's name.
            target_path: the folder inside the datastore.
            overwrite: False leaves what is there already.
            show_progress: accepted.

        Returns:
            The paths written, inside the datastore.
        """
        written = []
        for file in files:
            name = Path(file).name if relative_root is None else os.path.relpath(file, relative_root)
            target = self.path / (target_path or "") / name
            if not target.resolve().is_relative_to(self.path.resolve()):
                raise UserErrorException(f"{name}: lies outside the datastore; name a target_path within it")
            if overwrite or not target.exists():
                target.parent.mkdir(parents=True, exist_ok=True)
                shutil.copyfile(file, target)
                written.append(target.relative_to(self.path).as_posix())
        return written

    upload = later.method("Datastore.upload()", later.NEVER)
    download = later.method("Datastore.download()", later.NEVER)
    register_azure_blob_container = later.method("Datastore.register_azure_blob_container()", later.NEVER)

    def as_mount(self) -> Any:
        """Raise: nothing is mounted here."""
        later.not_yet("Datastore.as_mount()", later.NEVER)

    def as_download(self) -> Any:
        """Raise: nothing is downloaded here."""
        later.not_yet("Datastore.as_download()", later.NEVER)
