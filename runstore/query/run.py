"""The public Run: what it logs comes from runs/, what it answers from here. Asking loads DuckDB; logging never does."""

from __future__ import annotations

import os
from collections.abc import Iterable, Iterator, Mapping, Sequence
from typing import TYPE_CHECKING, Any, cast

from runstore.query import traced
from runstore.runs.labels import when

if TYPE_CHECKING:
    from datetime import datetime
    from pathlib import Path

    from duckdb import DuckDBPyRelation

    from runstore.query.children import Wanted
    from runstore.query.experiment import Experiment
    from runstore.query.files import Artifact
    from runstore.query.models import Model


class Run(traced.TracedRun):
    """A run of an experiment: log into it, end it, ask it.

    Started by ``Experiment.start_logging`` or ``runstore.start_run``; from ``Workspace.get_run`` it takes no points.
    """

    if TYPE_CHECKING:
        experiment: Experiment

    def history(self, names: str | Iterable[str] | None = None) -> DuckDBPyRelation:
        """The run's points in the order of logging, without those that a later attempt overwrote.

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

    # ---- what it is

    @property
    def number(self) -> int:
        """Its number in the experiment, from 1, in the order of starting; children count too."""
        from runstore.query import listing

        return listing.numbers(listing.runs(self.experiment.workspace.path)).get(self.id, 0)

    @property
    def name(self) -> str | None:
        """The name given at the start, for people."""
        return self._folded().name

    @property
    def type(self) -> str | None:
        """What kind of run it is, as said at its start."""
        from runstore.query import children

        return children.type_of(self._folded())

    @property
    def parent_id(self) -> str | None:
        """The id of the run this one is below."""
        return self._folded().parent_id

    @property
    def error(self) -> str | None:
        """Why the run failed, where it did and said so."""
        return self._folded().error

    @property
    def started(self) -> datetime | None:
        """When the run began, UTC."""
        time = self._folded().started
        return None if time is None else when(time)

    @property
    def ended(self) -> datetime | None:
        """When its newest attempt ended, UTC; None while it goes on."""
        time = self._folded().ended
        return None if time is None else when(time)

    @property
    def params(self) -> dict[str, Any]:
        """The params by dotted name (``optimizer.name``); a later attempt's over an earlier one's."""
        from runstore.query import listing

        return listing.params(self._folded())

    def get_status(self) -> str:
        """The status now; see ``status``."""
        return self.status

    def get_details(self) -> dict[str, Any]:
        """What there is to know about the run, under the keys of the Azure ML SDK v1.

        Returns:
            ``runId``, ``target``, ``status``, ``startTimeUtc``, ``endTimeUtc`` (ISO 8601, microseconds and Z; absent
            while it goes on), ``services``, ``properties``, ``inputDatasets``, ``outputDatasets``, ``logFiles`` (name
            to URI), ``submittedBy``; and where there are such, ``error`` and ``warnings``.
        """
        from runstore.query import details

        return details.of(self)

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

    def get_details_with_logs(self) -> dict[str, Any]:
        """As ``get_details``, with the text of each log in place of its URI."""
        from runstore.query import details

        return details.of(self, texts=True)

    def get_portal_url(self) -> str:
        """A URL that names the run and opens: that of its directory. No server runs."""
        return self.path.as_uri()

    def wait_for_completion(
        self, show_output: bool = False, wait_post_processing: bool = False, raise_on_error: bool = True
    ) -> dict[str, Any]:
        """Wait until the run has ended, whichever process it is in. Ctrl-C ends the waiting, not the run.

        Args:
            show_output: print what the run's logs gain meanwhile.
            wait_post_processing: wait also while it is ``Finalizing`` or ``CancelRequested``.
            raise_on_error: raise if it has failed; a canceled run never raises.

        Returns:
            What ``get_details`` gives then.

        Raises:
            RunFailed: it has failed.
        """
        from runstore.query import waiting

        return waiting.wait(self, show_output, wait_post_processing, raise_on_error)

    # ---- the runs above and below

    @property
    def parent(self) -> Run | None:
        """The run this one is below, None if there is none. Looked for once.

        It can be logged to as long as it goes on, from any process: this one then joins it as one more writer.
        """
        if self._parent is None:
            from runstore.query import children

            self._parent = children.parent(self)
        return cast("Run | None", self._parent)

    def create_children(
        self, count: int | None = None, tag_key: str | None = None, tag_values: Iterable[Any] | None = None
    ) -> list[Run]:
        """Start several children: so many, or one for each value of a tag.

        Args:
            count: how many, at most 100; each has its index as tag ``batch_child_number``.
            tag_key: the tag's key, with ``tag_values``.
            tag_values: one child for each, in this order; at most 100.

        Raises:
            UsageError: not exactly one of the two ways, or too many.
        """
        from runstore.query import children

        return [self.child_run(tags=tags) for tags in children.batch(count, tag_key, tag_values)]

    def get_children(
        self,
        recursive: bool = False,
        tags: Wanted = None,
        properties: Wanted = None,
        type: str | None = None,
        status: str | None = None,
    ) -> Iterator[Run]:
        """The runs below this one, the newest start first, one after another.

        Args:
            recursive: also those below them, at any depth.
            tags: only runs that have this tag (a text), or all of these with these values (a dict), compared as text.
            properties: the same for properties.
            type: only runs of this type.
            status: only runs of this status, a word of the Azure ML SDK v1 such as ``"Completed"``.

        Raises:
            UsageError: no status is called so.
        """
        from runstore.query import children

        wanted = children.Filter.of(type, tags, properties, status)
        workspace = self.experiment.workspace
        return (
            workspace._object(run) for run in children.below(workspace.path, self.id, recursive) if wanted.takes(run)
        )

    # ---- as text

    def __str__(self) -> str:
        run = self._folded()
        told = {"Experiment": self.experiment.name, "Id": self.id, "Type": run.type, "Status": run.status}
        return f"Run({f',{chr(10)}    '.join(f'{key}: {value}' for key, value in told.items())})"

    def _repr_html_(self) -> str:
        """The run as a table of one row, for notebooks."""
        from runstore.query import details

        return details.row(self)
