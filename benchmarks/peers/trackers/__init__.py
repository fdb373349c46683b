"""One module for each tracker: how it does the work, by what its own documentation says, in its own environment.

A module's library is imported inside its functions only, so that each of them can be read and checked without it.
"""

from __future__ import annotations

import importlib
from collections.abc import Iterable, Mapping, Sequence
from pathlib import Path
from typing import Any, ClassVar

Params = Mapping[str, Any]
Curve = tuple[Sequence[Any], Sequence[Any]]  # the steps, and the values


class Tracker:
    """A tracker and one store of it, in the directory ``place``."""

    title: ClassVar[str]
    packages: ClassVar[tuple[str, ...]]  # what pip installs; their versions are named beside the figures
    used: ClassVar[str]  # its mode, its settings, its calls: what a reader needs to judge the figures
    slowness: ClassVar[int] = 1  # its loops are so many times shorter than those of the fastest
    variables: ClassVar[Mapping[str, str]] = {}  # of its processes

    def __init__(self, place: Path) -> None:
        self.place = place

    def prepare(self) -> None:
        """Make an empty store, where the first run would have to; not timed."""

    def start(self, name: str, params: Params) -> None:
        """Open a run."""
        raise NotImplementedError

    def scalars(self, values: Iterable[float]) -> None:
        """Log each as ``loss``, its place as the step, one call each."""
        raise NotImplementedError

    def rows(self, rows: Iterable[Mapping[str, float]]) -> None:
        """Log each, its place as the step, in one call where there is one."""
        raise NotImplementedError

    def finish(self) -> None:
        """End the run; it can be read from now on."""
        raise NotImplementedError

    def fill(self, values: Iterable[float]) -> None:
        """Log one long curve of ``loss``, in the fastest way there is; not timed."""
        self.scalars(values)

    def admit(self) -> None:
        """Do what reading asks for before it finds a run, one that was killed too; not timed as reading."""

    def settle(self) -> None:
        """Bring the store to rest: what goes on, or is offered, when runs have ended; not timed as reading."""
        self.admit()

    def leaderboard(self, params: Sequence[str]) -> list[tuple[Any, ...]]:
        """Of every run the final ``loss`` and these params, the least loss first."""
        raise NotImplementedError

    def curve(self) -> Curve:
        """All of ``loss`` of the only run."""
        raise NotImplementedError


NAMES = ("runstore", "mlflow", "wandb", "tensorboard", "aim", "trackio")


def find(name: str) -> type[Tracker]:
    """A tracker by the name of its module."""
    found: type[Tracker] = importlib.import_module(f"{__name__}.{name}").TRACKER
    return found
