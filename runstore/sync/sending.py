"""Sending to a remote, fetching from it, how it stands: by what the workspace knows of it, its rules and its ledger."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator
from contextlib import closing
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING

from runstore.disk import block, files
from runstore.disk.ledger import Entry, Ledger
from runstore.errors import RunNotFound
from runstore.format import names
from runstore.sync import connecting, describe, push, remotes, rules
from runstore.sync.addresses import MLFLOW
from runstore.sync.choice import Choice
from runstore.sync.known import learn
from runstore.sync.limit import Limit
from runstore.sync.piece import Span
from runstore.sync.plan import Covered, lacking
from runstore.sync.push import JOBS, Pushed
from runstore.sync.remote import Remote
from runstore.sync.remotes import Configured
from runstore.sync.retry import PATIENT, Patience, retry
from runstore.sync.rules import NONE, Rules

if TYPE_CHECKING:
    from runstore.sync.mlflow.cursor import Cursors
    from runstore.sync.pull import Pulled

Progress = Callable[[int, int], None]
USUAL = Patience(total=30.0)
"""For who waits for a command."""

BRIEF = Patience(longest=5.0, total=10.0)
"""For a question, and for who tries again anyway."""


@dataclass(frozen=True, slots=True)
class How:
    """How to go about it.

    Attributes:
        dry_run: only say what would travel.
        verify: ask the remote for all it has, whatever the ledger says, and read it back.
        jobs: pieces on their way at once.
        limit: how fast they may go.
        progress: called with (bytes that have travelled, bytes known to).
        patience: how long what can't be reached is tried again.
        deletes: delete on an MLflow server what is deleted here.
    """

    dry_run: bool = False
    verify: bool = False
    jobs: int = JOBS
    limit: Limit | None = None
    progress: Progress | None = None
    patience: Patience = PATIENT
    deletes: bool = False

    @property
    def spend(self) -> Callable[[int], None] | None:
        """What is called with the bytes of each chunk before it goes, and may wait."""
        return self.limit.wait if self.limit is not None else None


PLAIN = How()


def send(workspace: Path, known: Configured, asked: Rules = NONE, how: How = PLAIN) -> Pushed:
    """Send what a remote lacks and may have.

    Args:
        workspace: the workspace's directory.
        known: the remote, whose rules are kept.
        asked: only that, of what the rules leave.
        how: how to go about it.

    Raises:
        QueryError, RunNotFound: as ``rules.chosen``.
        RemoteError: the remote can't be asked at all. Trouble of single runs is in ``failed``.
    """
    known = remotes.met(workspace, known)
    choice = meant(workspace, known, asked)
    if known.kind == MLFLOW:
        with connecting.installed(MLFLOW):
            from runstore.sync import mlflow
        return mlflow.push(
            workspace, known.url, known.id, choice, dry_run=how.dry_run, verify=how.verify, jobs=how.jobs,
            deletes=how.deletes, progress=how.progress, spend=how.spend, patience=how.patience,
        )  # fmt: skip
    with closing(remotes.later(known)) as remote:
        return push.push(
            workspace, remote, choice, dry_run=how.dry_run, verify=how.verify, jobs=how.jobs, progress=how.progress,
            spend=how.spend, patience=how.patience,
        )  # fmt: skip


def meant(workspace: Path, known: Configured, asked: Rules = NONE) -> Choice:
    """What a remote's rules, and what is asked for besides, leave of what there is now."""
    told = _noted(workspace, known)
    return rules.chosen(workspace, [known.rules, asked], lambda path: told.run(block.key(path)) is not None)


def _noted(workspace: Path, known: Configured) -> Ledger | Cursors:
    """What is known to be there."""
    if known.kind != MLFLOW:
        return Ledger(workspace, known.id or _NOBODY)
    from runstore.sync.mlflow import cursor

    return cursor.Cursors(workspace, known.id or _NOBODY)


def fetch(workspace: Path, known: Configured, asked: Rules = NONE, how: How = PLAIN) -> Pulled:
    """Fetch what a remote has and this workspace lacks. The remote's rules are about sending only.

    Args:
        workspace: the workspace's directory.
        known: the remote.
        asked: only these experiments and runs; of runs, beginnings of ids as the remote has them.
        how: how to go about it.

    Raises:
        RunNotFound: no run there, or more than one, answers to a beginning.
        RemoteError: the remote can't be asked, or gives something else than it says.
    """
    from runstore.sync import pull

    with closing(remotes.later(remotes.met(workspace, known))) as remote:
        runs = _of(remote, asked.runs, how.patience) if asked.runs else None
        choice = Choice(runs, frozenset(asked.experiments) or None, asked.kinds)
        return pull.pull(
            workspace, remote, choice, dry_run=how.dry_run, jobs=how.jobs, progress=how.progress, spend=how.spend,
            patience=how.patience,
        )  # fmt: skip


def _of(remote: Remote, beginnings: Iterable[str], patience: Patience) -> frozenset[str]:
    """The ids of the runs at a remote that begin so, one for each."""
    there = {piece.run_id for piece in retry(lambda: remote.pieces().pieces, patience)} - {""}
    found = set()
    for text in beginnings:
        fitting = [text] if text in there else sorted(run_id for run_id in there if run_id.startswith(text))
        if len(fitting) != 1:
            what = f"{len(fitting)} runs there begin with {text!r}; give more of the id"
            none = f"no run's id there is or begins with {text!r}; `runstore pull --dry-run` looks what there is"
            raise RunNotFound(f"{remote.label}: {what if fitting else none}")
        found.add(fitting[0])
    return frozenset(found)


# ---- how it stands


@dataclass(frozen=True, slots=True)
class Standing:
    """What the ledger tells of a remote.

    Attributes:
        runs: those of which something may not be there yet.
        documents: those outside of runs (experiments, models, ...) that are not there.
        last: seconds since something went either way; None where nothing ever did.
    """

    runs: int
    documents: int
    last: float | None


def standing(workspace: Path, known: Configured) -> Standing:
    """What may be unsent of what a remote may have, by what is noted here alone."""
    choice = meant(workspace, known)
    if known.kind == MLFLOW:
        from runstore.sync.mlflow import cursor, pushing

        changed, outside = pushing.changed(workspace, cursor.Cursors(workspace, known.id), choice), 0
    else:
        told = Ledger(workspace, known.id or _NOBODY)
        changed = push.changed(workspace, told, choice.mark)
        outside = sum(1 for _ in describe.outside(workspace, told.files))
    runs = sum(1 for path, _ in changed if choice.all_runs or choice.run(*describe.whose(path)))
    ages = [files.age(Path(entry.path)) for entry in files.listing(workspace / names.REMOTES / (known.id or _NOBODY))]
    return Standing(runs, outside, min(ages, default=None))


def lost(workspace: Path, known: Configured) -> int:
    """Ask a remote for all that it has: of how many runs something is not there that was sent, by the ledger.

    Raises:
        RemoteError: it can't be asked.
    """
    if known.kind == MLFLOW:
        connecting.ask(known.name, known.address)
        return 0
    known = remotes.met(workspace, known)
    told, there = Ledger(workspace, known.id), Ledger(workspace, _NOBODY)
    with closing(remotes.later(known)) as remote:
        learn(there, retry(lambda: remote.pieces().pieces, BRIEF))
    return sum(1 for digits, entry in told.runs() if not _within(entry, there.run(digits)))


_NOBODY = "00000000-0000-0000-0000-000000000000"  # whose ledger is on no disk


def _within(entry: Entry, there: Entry | None) -> bool:
    """Whether all numbers of an entry are in another."""
    if there is None:
        return not entry.data and not entry.facts
    pairs = ((entry.data, there.data), (entry.facts, there.facts))
    return not any(lacking(_spans(one), other) for one, other in pairs)


def _spans(covered: Covered) -> Iterator[Span]:
    for writer, pieces in covered.items():
        yield from ((writer, first, last) for first, last in pieces)
