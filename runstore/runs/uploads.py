"""Files of a run."""

from __future__ import annotations

from typing import Any

from runstore.format import values
from runstore.runs.labels import LabeledRun


class UploadingRun(LabeledRun):
    """A run that takes files."""

    def upload_file(self, name: str, path_or_stream: Any, *, step: Any = None) -> None:
        """Store a file's bytes as an artifact.

        Args:
            name: the artifact's name, such as ``outputs/model.pkl``; data, never a path here.
            path_or_stream: a path, or a binary file object.
            step: to which step it belongs, if to any.

        Raises:
            StoreError: the file can't be read.
            NotWritable: the workspace can't take it.
        """
        name, step = values.name(name, "artifact name"), values.step(step)
        if not self._disabled:
            from runstore.runs import artifacts

            writer = self._live()
            workspace = self.experiment.workspace.path
            self._record("artifact", artifacts.add(workspace, writer, name, path_or_stream, "file", step))
