"""An experiment under the SDK's names."""

from __future__ import annotations

import os
import re
from collections.abc import Iterator, Mapping
from typing import TYPE_CHECKING, Any, cast

from runstore.azureml.core import scalars
from runstore.azureml.exceptions import UserErrorException
from runstore.azureml.translation import translated
from runstore.launch import experiment as native

if TYPE_CHECKING:
    from runstore.azureml.core.run import Run
    from runstore.azureml.core.workspace import Workspace

_NAME = re.compile(r"[a-zA-Z0-9][\w-]{0,254}")
Filter = str | Mapping[str, Any] | None


class ViewType:
    """Which experiments ``Experiment.list`` gives."""

    ActiveOnly = "ActiveOnly"
    All = "All"
    ArchivedOnly = "ArchivedOnly"


@translated
class Experiment(native.Experiment):
    """Azure ML SDK v1: ``azureml.core.Experiment``."""

    if TYPE_CHECKING:
        workspace: Workspace

    def __init__(self, workspace: Workspace, name: str, _skip_name_validation: bool = False, **kwargs: Any) -> None:
        """Get an experiment, or make it.

        Args:
            workspace: where it lies.
            name: 1 to 255 letters, digits, underscores and hyphens, the first an ASCII letter or digit.
            _skip_name_validation: take any text.
            kwargs: accepted.

        Raises:
            UserErrorException: a name that the SDK refuses.
        """
        if not _skip_name_validation and not (isinstance(name, str) and _NAME.fullmatch(name)):
            raise UserErrorException(
                f"experiment name {name!r}: take 1 to 255 letters, digits, _ and -, beginning with a letter or digit"
            )
        super().__init__(workspace, name)

    def __repr__(self) -> str:
        return f"Experiment(Name: {self.name},\nWorkspace: {self.workspace.name})"

    def _repr_html_(self) -> str:
        from runstore.query import details
        from runstore.view.notebook import cards, subjects

        told = {"Name": self.name, "Workspace": self.workspace.name}
        row = details.table(told, {"Report Page": self.get_portal_url()})
        return row + cards.curves_of(subjects.of_experiment(self))

    def start_logging(  # type: ignore[override]
        self,
        name: str | None = None,
        run_id: str | None = None,
        outputs: str | bool | None = None,
        snapshot_directory: str | os.PathLike[str] | None = ".",
        display_name: str | None = None,
        description: str | None = None,
        **kwargs: Any,
    ) -> Run:
        """Start an interactive run.

        Args:
            name: a name for people.
            run_id: the id; None: a new uuid4.
            outputs: the directory whose files are taken in: None or True is ``./outputs``, made at once; False is none.
            snapshot_directory: the source to keep a snapshot of; None: none.
            display_name: the name to show.
            description: what the run is about.
            kwargs: what ``runstore.Experiment.start_logging`` takes besides.

        Raises:
            SnapshotException: the source can't be kept; with ``snapshot_directory=None`` none is.
        """
        kwargs.setdefault("outputs", True if outputs is None else outputs)
        run = super().start_logging(
            name, run_id, snapshot_directory=snapshot_directory, display_name=display_name, description=description,
            **kwargs,
        )  # fmt: skip
        run = cast("Run", run)
        run._interactive = "parent_id" not in kwargs
        return run

    def submit(
        self,
        config: Any,
        tags: Mapping[str, Any] | None = None,
        *,
        run_id: str | None = None,
        show_output: bool = False,
        **kwargs: Any,
    ) -> Run:
        """Run a script or a sweep; returns while it runs.

        Args:
            config: a ``ScriptRunConfig`` or a ``HyperDriveConfig``; what is changed in it later is of no consequence.
            tags: labels; what is no text becomes it, with a warning.
            run_id: the id of the new run; None: ``<experiment>_<seconds>_<8 digits>``.
            show_output: print what it prints until it has ended.
            kwargs: what ``runstore.Experiment.submit`` takes besides.

        Raises:
            AzureMLException: it is nothing that could be submitted.
            ExperimentExecutionException: it can't be started; or Ctrl-C while its output was shown, and it goes on.
            RunConfigurationException: what it is to run in can't be had.
            SnapshotException: the source can't be kept.
        """
        from runstore.azureml.core import submitting

        asked, labels = submitting.launchable(config), scalars.labels("tag", tags)
        run_id = run_id or getattr(config, "custom_run_id", None)
        return cast("Run", super().submit(asked, labels, run_id=run_id, show_output=show_output, **kwargs))

    def get_runs(  # type: ignore[override]
        self,
        type: str | None = None,
        tags: Filter = None,
        properties: Filter = None,
        include_children: bool = False,
        *,
        status: str | None = None,
    ) -> Iterator[Run]:
        """The runs, the newest start first, each in the class of its type.

        Args:
            type: only runs of this type.
            tags: a key, or a dict of keys and values that all must be so.
            properties: likewise.
            include_children: also runs below others.
            status: only runs of this status.
        """
        found = super().get_runs(
            type=type, tags=tags, properties=properties, status=status, include_children=include_children
        )
        return cast("Iterator[Run]", found)

    def set_tags(self, tags: Mapping[str, Any]) -> None:
        """Set several tags; the others stay. What is no text becomes it, with a warning."""
        super().set_tags(scalars.labels("tag", tags))

    def reactivate(self, new_name: str | None = None) -> None:
        """Bring an archived experiment back.

        Raises:
            UserErrorException: ``new_name``: names can't be changed.
        """
        if new_name is not None:
            raise UserErrorException("reactivate(new_name=...) is not supported; an experiment keeps its name")
        super().reactivate()

    def get_portal_url(self) -> str:
        """Where the experiment can be seen: a ``file:`` URL of the workspace."""
        return self.workspace.path.as_uri()

    def refresh(self) -> None:
        """Do nothing: what is asked for is read when it is."""
