"""What a run has lost for good, recorded in the run: a ``lost`` fact, by which a check knows it, here and in any copy.

Lost numbers are recorded before the damaged files go, as those may be all that tells of them. What content is lost
shows when they have gone; the facts that name it are still there then.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from typing import Any

from runstore.disk import files
from runstore.errors import StoreError
from runstore.format import names, ranges
from runstore.format.ranges import Range
from runstore.query import pieces, snapshots
from runstore.query.promises import Promises
from runstore.query.repair_points import held
from runstore.query.repair_work import Work
from runstore.runs import edits, state

_SHOWN = 12  # stretches of numbers that are told; all of them are recorded


def numbers(work: Work, by_facts: bool) -> None:
    """Record which points and side records are lost.

    Args:
        work: what is done.
        by_facts: whether the facts that are there now are the run's, and all that stay of it.
    """
    told, have = Promises(work.path), held(work)
    reached = told.reached if by_facts else {}
    gone: dict[str, list[Range]] = {}
    for writer in {*reached, *work.claims, *have}:
        own = have.get(writer, [])
        reach = max(reached.get(writer, 0), work.claims.get(writer, 0), own[-1][1] + 1 if own else 0)
        lost = ranges.subtract([(0, reach - 1)], own)
        gone[writer] = ranges.subtract(lost, ranges.join(told.lost.ranges.get(writer, [])))
    gone = {writer: lost for writer, lost in sorted(gone.items()) if lost}
    for writer, lost in gone.items():
        count, side = ranges.count(lost), names.owner(writer) != writer
        what = "side record" if side else "point"
        work.lose("", f"{count:,} {what}{'s' * (count != 1)} of writer {names.owner(writer)}: {_shown(lost)}")
    if gone:
        _record(work, ranges=[[writer, first, last] for writer, lost in gone.items() for first, last in lost])


def _shown(lost: list[Range]) -> str:
    shown = [f"{first}" if first == last else f"{first}-{last}" for first, last in lost]
    return ", ".join(shown[:_SHOWN]) + (f" and {len(shown) - _SHOWN} more stretches" if len(shown) > _SHOWN else "")


def writers(work: Work) -> None:
    """Record of whom there are points and no facts any more."""
    told = Promises(work.path)
    lost = sorted({*map(names.owner, held(work))} - told.writers - told.lost.writers)
    for writer in lost:
        work.lose("", f"all facts of writer {writer}")
    if lost:
        _record(work, writers=lost)


def content(work: Work) -> None:
    """Record what content is nowhere any more, and which raw logs are not what was written."""
    told = Promises(work.path)
    missing: dict[str, list[str]] = {}
    for name, sha256 in _missing(work, told):
        if sha256 not in told.lost.content:
            missing.setdefault(sha256, []).append(name)
    for whose in missing.values():
        more = f" and {len(whose) - 1} more" if len(whose) > 1 else ""
        work.lose("", f"the content of {whose[0]}{more}")
    logs = sorted(set(_logs(work, told)) - told.lost.logs)
    for writer, number in logs:
        work.lose(names.log(writer, number), "is not what was printed; it stays as it is, nothing vouches for it")
    if missing or logs:
        _record(work, content=sorted(missing), logs=[list(key) for key in logs])


def _record(work: Work, **lost: list[Any]) -> None:
    body = {"ranges": [], "writers": [], "content": [], "logs": [], **lost}
    edits.record(work.workspace, work.origin.run_id, work.origin.experiment, [("lost", body)])


def _missing(work: Work, told: Promises) -> Iterator[tuple[str, str]]:
    """Name and hash of everything that the run refers to and that is nowhere."""
    for name, piece in _referred(work, told):
        wrong = pieces.wrong(work.workspace, piece, work.path)
        if wrong and not wrong.startswith("can't be read"):
            yield name, str(piece["sha256"])


def _referred(work: Work, told: Promises) -> Iterator[tuple[str, Mapping[str, Any]]]:
    for fact in told.artifacts:
        yield f"artifact {fact.name!r}", fact.piece
    run = state.fold(work.path)
    try:
        for piece in snapshots.referred(work.workspace, run):
            yield f"{piece.get('name', 'content')!r} of its snapshot or origin", piece
    except StoreError:
        return  # the manifest was given before it was read


def _logs(work: Work, told: Promises) -> Iterator[tuple[str, int]]:
    for key, left in told.logs.items():
        path = work.path / names.log(*key)
        if left is None:
            continue
        if not path.exists():
            if left.size and path.name in work.damaged:
                yield key
        elif files.sha256(path, left.size) != left.sha256:
            yield key
