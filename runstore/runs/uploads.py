"""Files of a run."""

from __future__ import annotations

from typing import Any

from runstore.format import values
from runstore.runs.labels import LabeledRun


class UploadingRun(LabeledRun):
    """A run that takes files."""

    def upload_file(
        self,
        name: str,
        path_or_stream: Any,
        *,
        step: Any = None,
        overwrite: bool = False,
        reference: bool = False,
        kind: str = "file",
        media_type: str | None = None,
    ) -> None:
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
        self._store(
            name,
            path_or_stream,
            kind=kind,
            media_type=media_type,
            step=step,
            overwrite=overwrite,
            reference=reference,
        )

    def _store(
        self,
        name: str,
        source: Any,
        *,
        kind: str = "file",
        media_type: str | None = None,
        step: int | None = None,
        overwrite: bool = True,
        reference: bool = False,
    ) -> dict[str, Any]:
        """Take bytes, a path or a binary stream in as an artifact; give the body of the fact that records it.

        Where runstore is disabled nothing is read and the body is empty.

        Raises:
            UsageError: other bytes are stored under the name, and ``overwrite`` is false.
            StoreError: the file can't be read.
            NotWritable: the workspace can't take it.
        """
        if self._disabled:
            return {}
        from runstore.runs import artifacts

        workspace = self.experiment.workspace.path
        body = artifacts.add(workspace, self._live(), name, source, kind, step, media_type)
        self._record("artifact", body)
        return body

    def _put(self, source: Any, name: str = "") -> dict[str, Any]:
        """Take content in that no artifact names: ``{"sha256", "size", "pack"}``.

        ``pack`` is None where it lies under ``blobs/``, else ``[number, offset, writer, run id]``, whoever's it is.
        """
        if self._disabled:
            return {}
        from runstore.runs import artifacts

        writer = self._live()
        body = artifacts.add(self.experiment.workspace.path, writer, name, source, "", None, "")
        pack = body["pack"] and [*body["pack"], writer.identity.writer, self.id]
        return {"sha256": body["sha256"], "size": body["size"], "pack": pack}
