"""The public Run: what it logs comes from runs/, what it answers from here. Asking loads DuckDB; logging never does."""

from __future__ import annotations

import os
from collections.abc import Iterable, Mapping, Sequence
from typing import TYPE_CHECKING, Any

from runstore.query import answers

if TYPE_CHECKING:
    from pathlib import Path

    from duckdb import DuckDBPyRelation

    from runstore.query.files import Artifact
    from runstore.query.models import Model


class Run(answers.AnsweringRun):
    """A run of an experiment: log into it, end it, ask it.

    Started by ``Experiment.start_logging`` or ``runstore.start_run``; from ``Workspace.get_run`` it takes no points.
    """

    def history(self, names: str | Iterable[str] | None = None) -> DuckDBPyRelation:
        """The run's points in the order of logging, without those that a later attempt of the same rank overwrote.

        Args:
            names: one metric or several; None for all.

        Returns:
            A relation of name, step, time, value, kind, text, attempt, writer. ``text`` is exact where
            ``value``, a DOUBLE, can't be.
        """
        from runstore.query import history

        wanted = [names] if isinstance(names, str) else names
        return history.history(self.experiment.workspace.path, self.id, wanted)

    def get_metrics(
        self, name: str | None = None, recursive: bool = False, run_type: str | None = None, populate: bool = False
    ) -> dict[str, Any]:
        """What was logged, exactly, by name. What this process has logged is in it at once.

        One value is that value, several are the list of them in the order of logging. A table is a dict of its columns:
        of cells where it has one row, else of lists, with None where a row has no such column. What was logged as a
        file (images, charts, text, sound ...) is its URI, ``runstore://<run id>/<artifact>``, or a list of URIs. Where
        a name holds several kinds of thing, it is the first.

        Args:
            name: only this metric: ``{name: ...}``, or ``{}`` where there is none.
            recursive: of this run and all below it: ``{run id: {name: ...}}``, without runs that have no metric.
            run_type: of the runs below, only those of this type.
            populate: in place of a URI an object with the file's bytes ``data``, ``filename`` and ``data_location``.

        Raises:
            StoreError: a file to populate with can't be read.
        """
        from runstore.query import metrics

        if recursive:
            return metrics.recursive(self.experiment.workspace.path, self.id, name, run_type, populate)
        return metrics.of(self.experiment.workspace.path, self.id, name, populate)

    def register_model(
        self,
        model_name: str,
        model_path: str | None = None,
        tags: Mapping[str, Any] | None = None,
        properties: Mapping[str, Any] | None = None,
        model_framework: str | None = None,
        model_framework_version: str | None = None,
        description: str | None = None,
        *,
        aliases: Sequence[str] = (),
    ) -> Model:
        """Register artifacts of this run as the next version of a model. Their bytes are not copied.

        What lies in the run's watched directories is taken in before.

        Args:
            model_name: any non-empty Unicode text.
            model_path: an artifact's name, or a folder of artifacts; None: the model's name is the path.
            tags: labels that may change.
            properties: labels that never change.
            model_framework: such as ``scikit-learn``.
            model_framework_version: of that.
            description: a text.
            aliases: names for this version, such as ``production``; each moves here from any other version.

        Raises:
            ModelNotFound: the run has no such artifact; the message lists what it has.
            NotWritable: the workspace can't take it.
        """
        from runstore.query import registry
        from runstore.query.models import Model
        from runstore.runs import watch

        about = registry.about(tags, properties, description, model_framework, model_framework_version)
        if self._writer is not None:
            watch.settle(self)
            self.flush()  # a version never names bytes that the death of the machine would take
        return Model._of_run(self, model_name, model_path, about, aliases)

    def delete(self, *, children: bool = False, force: bool = False) -> None:
        """Delete the run; see ``Workspace.delete``, which also says what ``Workspace.restore`` undoes."""
        self.experiment.workspace.delete(self.id, children=children, force=force)

    # ---- files

    def get_file_names(self) -> list[str]:
        """The names of the run's files, sorted: its artifacts and the logs it printed."""
        from runstore.query import files

        return files.file_names(self.experiment.workspace.path, self.id)

    def read_file(self, name: str) -> bytes:
        """The bytes of a file of the run, verified.

        Raises:
            StoreError: it has no such file (the message lists what there is), or its bytes are not there.
            Damaged: they are not what was stored, or, by reference, have changed since.
        """
        from runstore.query import files

        return files.find(self.experiment.workspace.path, self.id, name).read()

    def download_file(self, name: str, output_file_path: str | os.PathLike[str] | None = None) -> Path:
        """Write a file of the run to disk, verified, in place of what lies there; give where.

        Args:
            name: its name in the run.
            output_file_path: where to; a directory that is there: inside it; None: its last part, here. Directories
                above it are made.

        Raises:
            StoreError, Damaged: as ``read_file``; what lay there stays.
            NotWritable: the path can't be written.
        """
        from runstore.query import files

        return files.download(self.experiment.workspace.path, self.id, name, output_file_path)

    def download_files(
        self,
        prefix: str | None = None,
        output_directory: str | os.PathLike[str] | None = None,
        output_paths: Sequence[str | os.PathLike[str]] | None = None,
        append_prefix: bool = True,
    ) -> list[Path]:
        """Write the files of a folder of the run to disk, verified; give where.

        Args:
            prefix: a folder; ``out`` is not ``outputs``. None: every file.
            output_directory: where to; None: here.
            output_paths: where to, one for each file in the order of names; of another length they are ignored, with a
                warning.
            append_prefix: False leaves the folder out of the paths.

        Raises:
            StoreError, Damaged, NotWritable: as ``download_file``; the files before it are written.
        """
        from runstore.query import files

        workspace = self.experiment.workspace.path
        return files.download_all(workspace, self.id, prefix, output_directory, output_paths, append_prefix)

    def versions(self, name: str) -> list[Artifact]:
        """Every version of an artifact, the oldest first; ``upload_file(..., overwrite=True)`` makes them.

        Raises:
            StoreError: the run has no such artifact.
        """
        from runstore.query import files

        return files.versions(self.experiment.workspace.path, self.id, name)

    def use_artifact(self, run: Run | str, name: str, version: int | None = None) -> Artifact:
        """An artifact of another run, verified; that this run used it is recorded (``inputs``).

        Args:
            run: the run, or its id, or any unique beginning of it.
            name: the artifact's name there.
            version: which one; None: the newest.

        Raises:
            RunNotFound, StoreError, Damaged: there is no such thing, or its bytes are not what was stored.
        """
        from runstore.query import files

        source = self.experiment.workspace.get_run(run) if isinstance(run, str) else run
        found = files.version(files.versions(source.experiment.workspace.path, source.id, name), version)
        found.verify()
        self._record("input", found.body)
        return found

    @property
    def inputs(self) -> list[Artifact]:
        """The artifacts that this run said it used, in the order in which it said so."""
        from runstore.query import files

        return files.used(self.experiment.workspace.path, self.id)

    def get_all_logs(self, destination: str | os.PathLike[str] | None = None) -> list[str]:
        """Write every log of the run to a directory: what it printed, attached logs, files under ``logs/`` and so on.

        Args:
            destination: the directory, made where it is missing; None: one of the run's id in the current directory.

        Returns:
            The paths of the files, in the order of the logs' names.

        Raises:
            UsageError: the destination is a file.
            NotWritable: it can't be written.
        """
        from runstore.query import logtexts

        found = logtexts.download_all(self.experiment.workspace.path, self.id, destination)
        return [str(path) for path in found]
