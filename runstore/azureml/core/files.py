"""A run's files, snapshot and models, with the SDK's signatures (Azure ML SDK v1)."""

from __future__ import annotations

import os
from collections.abc import Iterable, Mapping, Sequence
from typing import TYPE_CHECKING, Any, cast

from runstore import errors
from runstore.azureml.core import scalars
from runstore.azureml.core.metrics import LoggingRun
from runstore.azureml.exceptions import ModelPathNotFoundException, UserErrorException

if TYPE_CHECKING:
    from runstore.azureml.core.model import Model
    from runstore.azureml.core.workspace import Workspace


_MLFLOW = {"repository_uri": "repoURL", "branch": "branch", "commit": "commit"}


class KeepingRun(LoggingRun):
    """A run that keeps files."""

    def upload_file(  # type: ignore[override]
        self, name: str, path_or_stream: Any, datastore_name: str | None = None, *, overwrite: bool = False
    ) -> None:
        """Store a file under a name.

        Args:
            name: such as ``outputs/model.pkl``.
            path_or_stream: a path, or a binary file object.
            datastore_name: accepted.
            overwrite: replace other bytes that are stored under the name; the same bytes again are no error anyway.

        Raises:
            UserErrorException: neither path nor file; a name that no folder can hold; other bytes are there.
            FileNotFoundError: no such file.
        """
        if not isinstance(path_or_stream, str | os.PathLike) and not hasattr(path_or_stream, "read"):
            kind = type(path_or_stream).__name__
            raise UserErrorException(f"upload_file({name!r}) takes a path or a binary file, not a {kind}")
        _there(path_or_stream)
        super().upload_file(name, path_or_stream, overwrite=overwrite)

    def upload_files(
        self,
        names: Sequence[str],
        paths: Sequence[str],
        return_artifacts: bool = False,
        timeout_seconds: float | None = None,
        datastore_name: str | None = None,
        *,
        overwrite: bool = False,
    ) -> None:
        """Store several files.

        Raises:
            TypeError: not as many names as paths.
            FileNotFoundError: one of the files isn't there; none is stored then.
        """
        if len(names) != len(paths):
            raise TypeError(f"upload_files() got {len(names)} names for {len(paths)} paths; give as many of each")
        for path in paths:
            _there(path)
        super().upload_files(names, paths, overwrite=overwrite)

    def upload_folder(  # type: ignore[override]
        self, name: str, path: str, datastore_name: str | None = None, *, overwrite: bool = False
    ) -> None:
        """Store everything below a directory as ``name/<path below it>``.

        Raises:
            UserErrorException: no directory.
        """
        super().upload_folder(name, path, overwrite=overwrite)

    def download_file(  # type: ignore[override]
        self, name: str, output_file_path: str | None = None, _validate_checksum: bool = False
    ) -> None:
        """Fetch a file.

        Args:
            name: its name in the run.
            output_file_path: where to; a directory that is there: inside it; None: its last part, here.
            _validate_checksum: accepted: it always is.

        Raises:
            UserErrorException: there is none; the message lists what there is.
        """
        try:
            super().download_file(name, output_file_path)
        except errors.StoreError as problem:
            raise UserErrorException(str(problem), inner_exception=problem) from problem

    def download_files(  # type: ignore[override]
        self,
        prefix: str | None = None,
        output_directory: str | None = None,
        output_paths: Sequence[str] | None = None,
        batch_size: int = 100,
        append_prefix: bool = True,
        timeout_seconds: float | None = None,
    ) -> None:
        """Fetch the files of a folder.

        Args:
            prefix: a folder in the run; ``out`` is not ``outputs``. None: all.
            output_directory: where to; None: here.
            output_paths: where to, one for each file; of another length they are ignored, with a warning.
            batch_size: accepted.
            append_prefix: False leaves the folder out of the paths.
            timeout_seconds: accepted.
        """
        super().download_files(prefix, output_directory, output_paths, append_prefix)

    # ---- source and models

    def take_snapshot(self, input_path: str) -> str:  # type: ignore[override]
        """Keep a directory of source; its id. A run has one.

        Raises:
            SnapshotException: a second one, or it can't be kept.
        """
        from runstore.azureml.core.datastore import Datastore

        data = Datastore(cast("Workspace", self.experiment.workspace)).path
        self._left_out = [*self._left_out, data]  # it lies beside the workspace, and is no source either
        snapshot_id = super().take_snapshot(input_path)
        if snapshot_id:
            self._record("properties", {"ContentSnapshotId": snapshot_id})
        return snapshot_id

    def _git_properties(self, facts: Mapping[str, str | bool]) -> dict[str, str]:
        found = {f"azureml.git.{key}": str(value) for key, value in facts.items()}
        return found | {f"mlflow.source.git.{_MLFLOW[key]}": str(facts[key]) for key in _MLFLOW if key in facts}

    def register_model(
        self,
        model_name: str,
        model_path: str | None = None,
        tags: Mapping[str, Any] | None = None,
        properties: Mapping[str, Any] | None = None,
        model_framework: str | None = None,
        model_framework_version: str | None = None,
        description: str | None = None,
        datasets: Iterable[Any] | None = None,
        sample_input_dataset: Any = None,
        sample_output_dataset: Any = None,
        resource_configuration: Any = None,
        **kwargs: Any,
    ) -> Model:
        """Register files of this run as the next version of a model.

        Args:
            model_name: 1 to 255 letters, digits, ``-``, ``.``, ``_``, the first a letter or digit.
            model_path: a file or folder of the run; None: the name is the path.
            tags: labels that may change.
            properties: labels that never change.
            model_framework: such as ``Model.Framework.SCIKITLEARN``.
            model_framework_version: of that.
            description: a text.
            datasets: accepted.
            sample_input_dataset: accepted.
            sample_output_dataset: accepted.
            resource_configuration: accepted.
            kwargs: accepted.

        Raises:
            WebserviceException: a name that the SDK refuses.
            ModelPathNotFoundException: the run has no such file; the message lists what it has.
        """
        from runstore.azureml.core.model import Model, checked

        try:
            made = super().register_model(
                checked(model_name), model_path, scalars.labels("tag", tags), scalars.labels("property", properties),
                model_framework, model_framework_version, description,
            )  # fmt: skip
        except errors.ModelNotFound as problem:
            raise ModelPathNotFoundException(str(problem), inner_exception=problem) from problem
        return Model._of(made.workspace, made._state)


def _there(path: Any) -> None:
    if isinstance(path, str | os.PathLike) and not os.path.exists(path):
        raise FileNotFoundError(f"{os.fspath(path)}: no such file; check the path")
