"""What a run answers about itself, and the runs above and below it."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from typing import TYPE_CHECKING, Any, Self, cast

from runstore.query import provenance
from runstore.runs.labels import when

if TYPE_CHECKING:
    from datetime import datetime

    from runstore.query.children import Wanted
    from runstore.query.experiment import Experiment
    from runstore.query.run import Run


class AnsweringRun(provenance.TracedRun):
    """A run that tells what it is."""

    if TYPE_CHECKING:
        experiment: Experiment

    # ---- what it is

    @property
    def number(self) -> int:
        """Its number in the experiment, from 1, in the order of starting; children count too."""
        from runstore.query import catalog, lookup

        return lookup.number(catalog.of(self.experiment.workspace.path), self._folded())

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
            to URI), ``submittedBy``; and where there are such, ``runDefinition`` (of a script that was submitted),
            ``error`` and ``warnings``.
        """
        from runstore.query import details

        return details.of(self)

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
            wait_post_processing: accepted; what a run does last is waited for in any case: its files are there then.
            raise_on_error: raise if it has failed; a canceled run never raises.

        Returns:
            What ``get_details`` gives then.

        Raises:
            RunFailed: it has failed.
        """
        from runstore.query import waiting

        return waiting.wait(self, show_output, raise_on_error)

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
    ) -> list[Self]:
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
