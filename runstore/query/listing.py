"""All runs of a workspace, folded; what can't change any more is remembered while the process lives."""

from __future__ import annotations

import gc
import math
import os
import time
import warnings
from collections.abc import Collection, Iterable, Iterator
from contextlib import contextmanager
from pathlib import Path

import orjson

from runstore.disk import wherever
from runstore.disk.inventory import SETTLED_SECONDS
from runstore.format import names, values
from runstore.query import past
from runstore.runs import state, tombstones
from runstore.runs.state import RunState

_remembered: dict[str, tuple[tuple[int, int], RunState]] = {}


def runs(workspace: Path, until: int | None = None) -> list[RunState]:
    """Every run that is not deleted, in the order of their directories. Damage is warned of and hides nothing.

    Args:
        workspace: the workspace's directory.
        until: as of this time (``query.past``); None for now.
    """
    return [run for run in every(workspace, until) if run.deleted is None]


def every(workspace: Path, until: int | None = None, among: Iterable[Path] | None = None) -> list[RunState]:
    """Every run, the deleted ones as well; ``among``: of these directories only."""
    if among is None:
        warn(wherever.unreadable(workspace))
    with _uncollected():
        gone = tombstones.every(workspace) if until is not None else {}  # they may lie there by halves
        directories = _directories(workspace, wherever.runs(workspace) if among is None else among)
        found = (_folded(path, changed, until) for path, changed in directories)
        return [run for run in found if run is not None and run.run_id and run.run_id not in gone]


def warn(unreadable: Iterable[str]) -> None:
    """Say that there are blocks whose runs are not listed."""
    for text in unreadable:
        warnings.warn(f"{text}; its runs are left out", stacklevel=3)


@contextmanager
def _uncollected() -> Iterator[None]:
    """Many objects are made here and all are kept: looking for garbage among them costs a third of the time."""
    enabled = gc.isenabled()
    gc.disable()
    try:
        yield
    finally:
        if enabled:
            gc.enable()


def some(workspace: Path, run_ids: Collection[str], deleted: bool = False, until: int | None = None) -> list[RunState]:
    """The runs of these ids that there are, without listing the others; ``deleted``: also those that are deleted."""
    found = []
    for run_id in sorted(run_ids):
        path = workspace / names.run_dir(run_id)
        run = _folded(str(path), _changed(path), until)
        if run is None or run.run_id != run_id or (until is not None and tombstones.there(run.path)):
            continue
        if deleted or run.deleted is None:
            found.append(run)
    return found


def remembered(run: RunState) -> bool:
    """Whether this very object will be listed again, as long as nothing comes to its run."""
    return _remembered.get(str(run.path), (None, None))[1] is run


def again(run: RunState, until: int | None = None) -> RunState:
    """The run as its directory is now: a file of the last listing has gone meanwhile."""
    _remembered.pop(str(run.path), None)
    return state.fold(run.path, past=past.of(until))


def numbers(listed: Iterable[RunState]) -> dict[str, int]:
    """Each run's number in its experiment, from 1, by start."""
    counts: dict[str, int] = {}
    given: dict[str, int] = {}
    for run in sorted(listed, key=lambda run: (run.started or 0, run.run_id)):
        given[run.run_id] = counts[run.experiment] = counts.get(run.experiment, 0) + 1
    return given


def params(run: RunState) -> dict[str, object]:
    """A run's params as plain Python values, by dotted name."""
    return {name: value(leaf) for name, leaf in run.params.items()}


def value(leaf: object) -> object:
    """What was given where this JSON value is recorded: a param's leaf, a tag, a property."""
    if isinstance(leaf, dict):
        return values.from_document(leaf["j"]) if "j" in leaf else values.from_json(leaf)
    return leaf


def shown(value: object) -> str | None:
    """A value as text: what was given where that is text, else its JSON."""
    if value is None or isinstance(value, str):
        return value
    if type(value) is float and not math.isfinite(value):
        return str(value)
    if isinstance(value, bool | float):
        return orjson.dumps(value).decode()
    return str(value) if isinstance(value, int) else orjson.dumps(values.document(value)).decode()


def short(run_id: str) -> str:
    """As much of a run's id as people are told: eight characters of a UUID, all of one that says something."""
    return run_id[:8] if len(run_id) == 36 and run_id.count("-") == 4 else run_id


def _directories(workspace: Path, paths: Iterable[Path]) -> Iterator[tuple[str, tuple[int, int]]]:
    """Runs' directories and when their lists of files, and that of blocks, last changed."""
    blocks = _time(workspace / names.BLOCKS)
    for path in paths:
        yield str(path), (_time(path), blocks)


def _changed(path: Path) -> tuple[int, int]:
    return _time(path), _time(path.parents[2] / names.BLOCKS)


def _time(path: Path) -> int:
    try:
        return os.stat(path).st_mtime_ns
    except OSError:
        return 0  # in blocks only, or gone meanwhile


def _known(path: str, changed: tuple[int, int]) -> RunState | None:
    """A run that is remembered, if nothing has come or gone since; blocks only matter to those who are in one."""
    when, run = _remembered.get(path, ((-1, -1), None))
    return run if run is not None and (when == changed or (when[0] == changed[0] and not run.inventory.held)) else None


def _folded(path: str, changed: tuple[int, int], until: int | None = None) -> RunState | None:
    """A run, folded now or remembered; None where it hadn't begun by then."""
    run = _known(path, changed)
    if run is not None:
        if until is not None and not past.whole(run, until):
            run = state.fold(run.path, run.inventory, past.of(until))
    else:
        now = time.time_ns()
        run = state.fold(Path(path), past=past.of(until))
        if run.settled and not run.partial and max(changed) < now - SETTLED_SECONDS * 1e9:
            _remembered[path] = changed, run
    for text in run.damaged:
        warnings.warn(f"run {run.run_id or path}: {text}", stacklevel=2)
    return run if until is None or run.writers else None
