"""Everything that nobody needs any more, found and removed: ``plan`` tells, ``collect`` does.

Deleted runs after a while, content that nothing refers to, what merging has replaced, what never became whole, jobs of
runs that have ended. Each stage leaves a correct workspace wherever it is interrupted; the next call does the rest.
"""

from __future__ import annotations

import os
import time
from collections import Counter
from collections.abc import Callable, Iterator
from dataclasses import dataclass, field, replace
from pathlib import Path

from runstore.disk import files, inventory, lock
from runstore.errors import Damaged, RunstoreError
from runstore.format import names
from runstore.query import collecting_blocks, compaction, merging, only_copies, references, removing, sealing
from runstore.query.references import YOUNG, References
from runstore.runs import mirrored, state, tombstones
from runstore.runs.state import TERMINAL, RunState

Progress = Callable[[int, int], None]
RUN, CONTENT, REPLACED, TEMPORARY, JOB, LOCK, INDEX, BLOCK = (
    "run", "content", "replaced", "temporary", "job", "lock", "index", "block"
)  # fmt: skip


_LATER = "something of it is in use, or was a short while ago; that goes later"


@dataclass(frozen=True, slots=True)
class Part:
    """Something that goes, or went: a file, a run, all content without a user. ``bytes``: how many fewer there are.

    ``only``: a run that no remote has, in a workspace with remotes (``only_copies``).
    """

    kind: str
    path: str
    bytes: int
    run_id: str = ""
    only: bool = False


@dataclass(slots=True)
class Collected:
    """What goes, or went. What stays for now and what is in the way, each with the reason."""

    parts: list[Part] = field(default_factory=list)
    kept: list[tuple[str, str]] = field(default_factory=list)
    trouble: list[tuple[str, str]] = field(default_factory=list)

    @property
    def bytes(self) -> int:
        """By how much the workspace gets, or got, smaller."""
        return sum(part.bytes for part in self.parts)


def plan(workspace: Path, grace: float = removing.GRACE, young: float = YOUNG) -> Collected:
    """What ``collect`` would remove now. Writes nothing.

    Args:
        workspace: the workspace's directory.
        grace: seconds that a deleted run stays.
        young: seconds that content stays after it was stored, or found stored.
    """
    found, before, alone = Collected(), time.time() - young, only_copies.finder(workspace)
    counted = references.count(workspace, _leaving(grace))
    for run in _doomed(workspace, counted, grace, found):
        found.parts.append(replace(_planned(workspace, run, counted, before), only=alone(run)))
    if counted.doubts:
        found.trouble.append(("content", _doubt(counted)))
    else:
        found.parts += _unused(workspace, counted, before)
    gone = {run.path for run in counted.leaving}
    for run in counted.runs:
        if run.path not in gone:
            found.parts += [
                Part(kind, _shown(workspace, path), _size(path), run.run_id) for kind, path in _left(run, found)
            ]
    found.parts += [
        Part(TEMPORARY, _shown(workspace, path), removing.bytes_of(path)) for path in _temporaries(workspace)
    ]
    found.parts += [
        Part(REPLACED, _shown(workspace, path), size) for path, size in collecting_blocks.replaced(workspace)
    ]
    _in_blocks(workspace, counted, found)
    return found


def collect(
    workspace: Path, grace: float = removing.GRACE, young: float = YOUNG, progress: Progress | None = None
) -> Collected:
    """Remove what nobody needs any more. Safe beside those who log and read.

    Args:
        workspace: the workspace's directory.
        grace: seconds that a deleted run stays.
        young: seconds that content stays after it was stored, or found stored.
        progress: called with (runs done, runs there are).

    Returns:
        What went. What is in the way is in ``trouble`` and never stops the rest.
    """
    mirrored.refuse(workspace)
    done, before, index = Collected(), time.time() - young, _index(workspace)
    with lock.exclusive(workspace / names.LOCKS / "sweep.lock"):
        counted = references.count(workspace, _leaving(grace))
        alone = only_copies.finder(workspace)
        removed = [
            _remove(workspace, run, counted, grace, before, alone(run), done)
            for run in _doomed(workspace, counted, grace, done)
        ]
    if any(removed):
        references.reindex(workspace)
    _sweep(workspace, young, done)
    for number, run in enumerate(counted.runs):
        if run.path.is_dir() and not tombstones.there(run.path):
            _tidy(workspace, run.path, done)
        if progress is not None:
            progress(number + 1, len(counted.runs))
    for path in _temporaries(workspace):
        _gone(workspace, TEMPORARY, path, done)
    _blocks(workspace, counted, before, done)
    saved = index - _index(workspace)
    if saved:
        done.parts.append(Part(INDEX, names.BLOBS, saved))
    return done


# ---- deleted runs


def _leaving(grace: float) -> Callable[[RunState], bool]:
    def leaves(run: RunState) -> bool:
        return tombstones.there(run.path) or (run.deleted is not None and not removing.waits(run, grace))

    return leaves


def _doomed(workspace: Path, counted: References, grace: float, told: Collected) -> Iterator[RunState]:
    """The runs that can go. Of the other deleted ones it is told why they stay."""
    for run in counted.runs:
        if run.deleted is None and not tombstones.there(run.path):
            continue
        reason = removing.waits(run, grace)
        if not reason and _in_block_only(run) and not removing.loose(workspace, removing.needed(counted, run), False):
            continue  # it goes with its block
        if not reason and counted.doubts and run.inventory.packs:
            told.trouble.append((_called(run), f"others may use what is in its packs: {_doubt(counted)}"))
        elif reason:
            told.kept.append((_called(run), reason))
        else:
            yield run


def _in_block_only(run: RunState) -> bool:
    """Whether nothing is left of a removed run but what a block has."""
    return tombstones.there(run.path) and not run.path.is_dir()


def _called(run: RunState) -> str:
    return f"run {run.run_id or run.path.name}"


def _doubt(counted: References) -> str:
    return f"while something is damaged, who uses what is not certain ({counted.doubts[0]}); run `check`"


def _planned(workspace: Path, run: RunState, counted: References, before: float) -> Part:
    stays = {path for path in run.inventory.packs if _mtime(path) > before}
    if stays:  # and so do the facts, until the packs go
        stays.update(run.inventory.journals + run.inventory.merged)
    found = [Path(where, name) for where, _, there in os.walk(run.path) for name in there]
    size = sum(_size(path) for path in found if path not in stays) - tombstones.size(run)
    copied = sum(one.size for one in removing.loose(workspace, removing.needed(counted, run), touch=False))
    return Part(RUN, _shown(workspace, run.path), size - copied, run.run_id)


def _remove(
    workspace: Path, run: RunState, counted: References, grace: float, before: float, only: bool, done: Collected
) -> bool:
    try:
        freed = removing.remove(workspace, run, removing.needed(counted, run), grace, before)
    except (RunstoreError, OSError) as problem:
        done.trouble.append((_called(run), str(problem)))
        return False
    if freed is not None:
        done.parts.append(Part(RUN, _shown(workspace, run.path), freed, run.run_id, only))
    if run.path.is_dir() and freed is not None:
        done.kept.append((_called(run), _LATER))
    return freed is not None


# ---- content


def _unused(workspace: Path, counted: References, before: float) -> Iterator[Part]:
    settled = {run.path: run.run_id for run in counted.runs if run.settled}
    gone = {run.path for run in counted.leaving}
    for one in counted.unreferenced:
        if _mtime(one.path) > before or one.path.parent in gone or (one.offset >= 0 and references.in_block(one.path)):
            continue
        if one.offset < 0 or one.path.parent in settled:
            yield Part(CONTENT, _shown(workspace, one.path), one.size, settled.get(one.path.parent, ""))


def _sweep(workspace: Path, young: float, done: Collected) -> None:
    try:
        swept = references.sweep(workspace, young=young)
    except (Damaged, OSError) as problem:
        done.trouble.append(("content", str(problem)))
        return
    if swept.blobs or swept.packs or swept.rewritten:
        done.parts.append(Part(CONTENT, names.BLOBS, swept.bytes - swept.written))


def _index(workspace: Path) -> int:
    directory = workspace / names.BLOBS
    return sum(_size(directory / name) for name in files.names_in(directory) if names.is_index(name))


# ---- blocks


def _in_blocks(workspace: Path, counted: References, told: Collected) -> None:
    """Tell what lies in blocks, of removed runs and of content without a user, and stays there for now."""
    needed = collecting_blocks.needed(workspace, counted)
    for path, dead, worth in collecting_blocks.waiting(workspace, needed):
        when = "soon" if worth else "when they are a tenth of it"
        what = f"{dead.bytes:,} bytes of removed runs are in it; it is made anew without them {when}"
        told.kept.append((_shown(workspace, path), what))
    gone = {run.path for run in counted.leaving}
    unused: Counter[Path] = Counter()
    for one in counted.unreferenced:
        unused[one.path] += one.size if one.offset >= 0 and one.path.parent not in gone else 0
    size = sum(size for path, size in unused.items() if size and references.in_block(path))
    if size:
        told.kept.append((names.BLOCKS, f"{size:,} bytes of content that nothing refers to stay with their runs"))


def _blocks(workspace: Path, counted: References, before: float, done: Collected) -> None:
    try:
        done.parts += [
            Part(REPLACED, _shown(workspace, path), size) for path, size in collecting_blocks.sweep(workspace)
        ]
        if not counted.doubts:
            needed = collecting_blocks.needed(workspace, counted)
            for path, freed in collecting_blocks.shrink(workspace, needed, before):
                done.parts.append(Part(BLOCK, _shown(workspace, path), freed))
    except (RunstoreError, OSError) as problem:
        done.trouble.append((names.BLOCKS, str(problem)))
    _in_blocks(workspace, counted, done)


# ---- what is left over


def _left(run: RunState, told: Collected) -> Iterator[tuple[str, Path]]:
    """What is left over in a run's directory."""
    found = inventory.scan(run.path)
    if len(found.seals) > 1 or found.merged or {path.name for path in found.segment_files} - _named(found):
        try:
            yield from ((REPLACED, path) for path in merging.replaced(run.path, compaction.GRACE))
        except (RunstoreError, OSError) as problem:
            told.trouble.append((_called(run), f"what was replaced stays: {problem}"))
    yield from ((TEMPORARY, path) for path in found.temporaries if files.age(path) >= compaction.STALE)
    if run.settled and run.status in TERMINAL:
        yield from ((JOB, path) for path in found.jobs if files.age(path) >= compaction.GRACE)


def _named(found: inventory.Inventory) -> set[str]:
    return {file for _, body in found.active for file in inventory.named(body)}


def _tidy(workspace: Path, run_path: Path, done: Collected) -> None:
    with lock.exclusive(sealing.exclusive_lock(workspace, run_path)):
        run = state.fold(run_path)
        for kind, path in _left(run, done):
            _gone(workspace, kind, path, done, run.run_id)
        locks = compaction.sweep_locks(run_path)
    done.parts += [Part(LOCK, _shown(workspace, run_path), 0, run.run_id)] * locks


def _temporaries(workspace: Path) -> Iterator[Path]:
    """What never became whole outside of runs."""
    for top in ("", names.EXPERIMENTS, names.BLOBS, names.MODELS, names.ENVIRONMENTS, names.TOMBSTONES, names.REMOTES):
        directory = workspace / top
        below = [Path(entry.path) for entry in files.listing(directory) if top and entry.is_dir()]
        for place in [directory, *below]:
            for name in files.names_in(place):
                parsed = names.parse(name)
                if parsed and parsed.kind == TEMPORARY and files.age(place / name) >= compaction.STALE:
                    yield place / name


def _gone(workspace: Path, kind: str, path: Path, done: Collected, run_id: str = "") -> None:
    try:
        there, size = path.exists(), removing.gone(path)
    except OSError as problem:
        done.trouble.append((_shown(workspace, path), str(problem)))
        return
    if there and not path.exists():
        done.parts.append(Part(kind, _shown(workspace, path), size, run_id))


def _shown(workspace: Path, path: Path) -> str:
    return path.relative_to(workspace).as_posix()


def _size(path: Path) -> int:
    try:
        return os.stat(path).st_size
    except FileNotFoundError:
        return 0


def _mtime(path: Path) -> float:
    try:
        return os.stat(path).st_mtime
    except FileNotFoundError:
        return 0.0
