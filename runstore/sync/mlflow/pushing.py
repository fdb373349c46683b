"""Everything that an MLflow server lacks of a workspace, sent there; at any moment, any number of times.

That there is nothing to send is found out without loading MLflow's client or DuckDB.
"""

from __future__ import annotations

import hashlib
import uuid
from collections.abc import Iterator
from contextlib import suppress
from pathlib import Path
from typing import Any

from runstore.disk import block, ledger, wherever
from runstore.errors import Damaged, RunstoreError
from runstore.format import names
from runstore.runs import tombstones
from runstore.sync.choice import EVERYTHING, Choice
from runstore.sync.mlflow import cursor
from runstore.sync.mlflow.cursor import Cursors
from runstore.sync.push import JOBS, Progress, Pushed, Spend
from runstore.sync.retry import PATIENT, Patience

GLANCE = Patience(total=5.0)


def probe(url: str, patience: Patience = GLANCE) -> dict[str, Any]:
    """Look whether a tracking server answers.

    Args:
        url: ``mlflow+https://host/path`` or the like.
        patience: how long to try.

    Returns:
        Plain JSON: ``id``, what identifies it (it is its address), and ``version``, empty where it does not tell.

    Raises:
        Unreachable: nobody answers.
        Refused: who asks may not, or it is no tracking server.
    """
    from runstore.sync.mlflow.course import greet
    from runstore.sync.mlflow.server import Server

    server = Server(url, patience)
    greet(server)
    return {"id": str(uuid.uuid5(uuid.NAMESPACE_URL, url)), "version": server.version}


def push(
    workspace: Path,
    url: str,
    remote_id: str,
    choice: Choice = EVERYTHING,
    *,
    dry_run: bool = False,
    verify: bool = False,
    deletes: bool = False,
    jobs: int = JOBS,
    spend: Spend | None = None,
    progress: Progress | None = None,
    patience: Patience = PATIENT,
) -> Pushed:
    """Send what the server lacks.

    Args:
        workspace: the workspace's directory.
        url: the server's.
        remote_id: what ``probe`` said.
        choice: only that.
        dry_run: only say what would be sent, asking nobody.
        verify: ask it for all that it has of every run that is chosen, whatever is noted, and send what lacks.
        deletes: delete there what is deleted here.
        jobs: runs on their way at once.
        spend: called with the bytes of each request before it is sent; may wait.
        progress: called with (bytes sent, bytes known to be sent).
        patience: how long what can't be reached is tried again.

    Returns:
        What was sent. ``sent_segments`` counts batches of points.

    Raises:
        Unreachable, Refused: the server can't be asked at all. Trouble of single runs is in ``failed``.
        Busy: another process sends there.
    """
    with cursor.held(workspace, remote_id) as cursors:
        runs = [*(signed(workspace, choice) if verify else changed(workspace, cursors, choice))]
        if not runs and not deletes:
            return Pushed()
        from runstore.sync.mlflow.course import Course
        from runstore.sync.mlflow.server import Server

        course = Course(workspace, Server(url, patience, spend), cursors, choice, verify, progress)
        return course.look(runs) if dry_run else course.push(runs, deletes, max(1, jobs))


def changed(workspace: Path, cursors: Cursors, choice: Choice = EVERYTHING) -> Iterator[tuple[Path, str]]:
    """The runs of which the server may lack something, with their signatures; asks nobody."""
    mark = choice.mark
    whole = frozenset(name.removesuffix(mark) for name in cursors.blocks if "-" not in name or name.endswith(mark))
    for path, now in signed(workspace, choice, whole):
        entry = cursors.run(block.key(path))
        if entry is None or entry.orphan or not now or entry.signature not in (now, now + mark):
            yield path, now


def signed(workspace: Path, choice: Choice, without: frozenset[str] = frozenset()) -> Iterator[tuple[Path, str]]:
    """The runs that may be meant, with their signatures, without those that were removed for good.

    Args:
        workspace: the workspace's directory.
        choice: what is meant.
        without: blocks whose runs are left out, where they lie nowhere else.
    """
    for path in _chosen(workspace, choice, without):
        if not tombstones.there(path):
            yield path, signature(path)


def _chosen(workspace: Path, choice: Choice, without: frozenset[str]) -> Iterator[Path]:
    if choice.run_ids is not None:
        yield from (workspace / names.run_dir(run_id) for run_id in sorted(choice.run_ids))
        return
    yield from wherever.live(workspace)
    told = set[str]()
    for name, keys in blocks(workspace):
        for key in keys if name not in without else ():
            path = workspace / names.RUNS / key[:2] / key[2:]
            if key not in told and not path.is_dir():
                yield path
            told.add(key)


def blocks(workspace: Path) -> Iterator[tuple[str, list[str]]]:
    """The blocks that can be read, with the digits of their runs."""
    for one in block.active(workspace):
        with suppress(Damaged, OSError):
            yield one.name, one.keys()


def signature(run_path: Path) -> str:
    """What changes when something is added to a run; empty where that can't be told without looking closer."""
    if run_path.is_dir():
        return ledger.signature(run_path)
    told = []
    try:
        for _, entry in wherever.holding(run_path):
            told += [f"{name} {member.size}" for name, member in entry.files.items()] + [*entry.segments]
    except (RunstoreError, OSError):
        return ""
    return hashlib.sha256("\n".join(sorted(told)).encode()).hexdigest()[:16] if told else ""
