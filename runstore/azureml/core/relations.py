"""A run's labels, the runs around it, and what there is to know about it (Azure ML SDK v1)."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping, Sequence
from typing import TYPE_CHECKING, Any, Self, cast

from runstore.azureml.core import scalars
from runstore.azureml.core.files import KeepingRun
from runstore.azureml.exceptions import (
    ActivityFailedException,
    ExperimentExecutionException,
    UserErrorException,
)

if TYPE_CHECKING:
    from runstore.azureml.core.environment import Environment
    from runstore.azureml.core.experiment import Experiment, Filter
    from runstore.azureml.core.run import Run


class RelatedRun(KeepingRun):
    """A run with labels, a parent, children and details."""

    if TYPE_CHECKING:
        experiment: Experiment

    # ---- tags and properties: text, as in the SDK

    def set_tags(self, tags: Mapping[str, Any]) -> None:
        """Set several tags; the others stay. What is no text becomes it, with a warning."""
        super().set_tags(scalars.labels("tag", tags))

    def get_tags(self) -> dict[str, str | None]:
        """The tags, read afresh: those that were logged as numbers by native calls as their text."""
        from runstore.query import listing

        return {key: listing.shown(value) for key, value in super().get_tags().items()}

    def get_properties(self) -> dict[str, str | None]:
        """The properties, read afresh, likewise."""
        from runstore.query import listing

        return {key: listing.shown(value) for key, value in super().get_properties().items()}

    def add_properties(self, properties: Mapping[str, Any] | None) -> None:
        """Add properties, all or none. None and ``{}`` add nothing.

        Raises:
            UserErrorException: one is there with another value.
        """
        super().add_properties(scalars.labels("property", properties))

    # ---- runs below and above

    def child_run(
        self, name: str | None = None, run_id: str | None = None, outputs: str | bool | None = None, **start: Any
    ) -> Self:
        """Start a run below this one.

        Args:
            name: appended to this run's name.
            run_id: its id; None: a new uuid4.
            outputs: the directory to take files from; None: none.
            start: what ``start_logging`` takes besides.
        """
        start = {"snapshot_directory": None, "logs": None, **start, "outputs": outputs or False}
        return super().child_run(name and f"{self.name}>{name}", run_id, **start)

    def create_children(  # type: ignore[override]
        self, count: int | None = None, tag_key: str | None = None, tag_values: Sequence[Any] | None = None
    ) -> Sequence[Self]:
        """Start several runs below this one: so many, or one for each value of a tag."""
        from runstore.query import children

        tags = children.batch(count, tag_key, tag_values)
        if count is not None:
            tags = [{"azureml.batch_child_number": str(number)} for number in range(count)]
        return [self.child_run(tags=tag) for tag in tags]

    def submit_child(self, config: Any, tags: Mapping[str, Any] | None = None, **kwargs: Any) -> Run:
        """Run a script or a sweep below this run; see ``Experiment.submit``."""
        return self.experiment.submit(config, tags, parent_id=self.id, **kwargs)

    def get_children(
        self,
        recursive: bool = False,
        tags: Filter = None,
        properties: Filter = None,
        type: str | None = None,
        status: str | None = None,
        _rehydrate_runs: bool = True,
    ) -> Iterator[Run]:
        """The runs below this one, the newest first, each in the class of its type."""
        return cast(
            "Iterator[Run]",
            super().get_children(recursive, tags=tags, properties=properties, type=type, status=status),
        )

    # ---- what there is to know

    def wait_for_completion(
        self, show_output: bool = False, wait_post_processing: bool = False, raise_on_error: bool = True
    ) -> dict[str, Any]:
        """Wait until the run has ended.

        Args:
            show_output: print what its logs gain meanwhile.
            wait_post_processing: accepted; what a run does last is waited for in any case: its files are there then.
            raise_on_error: raise if it has failed; a canceled run never raises.

        Returns:
            What ``get_details`` gives then.

        Raises:
            ActivityFailedException: it has failed; the message is the error as JSON.
            ExperimentExecutionException: Ctrl-C; the run goes on.
        """
        try:
            found = super().wait_for_completion(show_output, wait_post_processing, raise_on_error=False)
        except KeyboardInterrupt:
            raise ExperimentExecutionException(f"no longer waiting for run {self.id}; the run goes on") from None
        if raise_on_error and found["status"] == "Failed":
            raise ActivityFailedException(found.get("error", {}))
        return found

    def get_details(self) -> dict[str, Any]:
        """What there is to know, under the SDK's keys; see ``runstore.Run.get_details``."""
        return _linked(super().get_details())

    def get_details_with_logs(self) -> dict[str, Any]:
        """As ``get_details``, with the text of each log in place of its URI."""
        return _linked(super().get_details_with_logs())

    def get_detailed_status(self) -> dict[str, Any]:
        """The status, and what a queued run waits for."""
        from runstore.runs.state import QUEUED

        status = self.get_status()
        return {"status": status, "details": "its launcher has not begun it" if status == QUEUED else None}

    def get_environment(self) -> Environment:
        """The environment as it was when the script was submitted.

        Raises:
            UserErrorException: the run was not submitted.
        """
        from runstore.azureml.core import definitions

        definition = self._folded().definition
        if definition is None:
            raise UserErrorException(f"run {self.id} was not submitted, so it has no environment")
        return definitions.read_environment(definition["environment"])

    def get_secret(self, name: str) -> str:
        """A secret: an environment variable."""
        return self.experiment.workspace.get_default_keyvault().get_secret(name)

    def get_secrets(self, secrets: Iterable[str]) -> dict[str, str | None]:
        """Several secrets; None for those that there are not."""
        return self.experiment.workspace.get_default_keyvault().get_secrets(secrets)

    input_datasets = property(lambda self: {}, doc="Datasets are out of scope: none.")
    output_datasets = property(lambda self: {}, doc="Datasets are out of scope: none.")


def _linked(details: dict[str, Any]) -> dict[str, Any]:
    """What the SDK has besides: an error's link to more, of which there is none, and the log's other names."""
    from runstore.query import consoles

    logs = details["logFiles"]
    known = consoles.aliases(details.get("runDefinition"))
    logs |= {alias: logs[name] for alias, name in known.items() if name in logs}
    error = details.get("error", {}).get("error", {})
    if "debug_type" in error:
        error["details_uri"] = None
    return details
