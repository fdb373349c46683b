"""Which bytes of the workspace something refers to, counted exactly; and the rest of them swept away.

What refers: the artifacts of runs in all their versions, snapshots and captured origins, registered models. Stored is
each blob, and each piece in each pack. Sweeping is safe beside those who store: they touch what they find stored
(``runs/dedup.py``) and what was touched a short while ago stays; what live writers hold is left alone.
"""

from __future__ import annotations

import hashlib
import os
import time
import warnings
from collections.abc import Callable, Iterator, Mapping, Sequence
from contextlib import suppress
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any, NamedTuple

from runstore.disk import files, lock, pack, packed, wherever
from runstore.errors import Damaged, StoreError
from runstore.format import names
from runstore.query import indexing, pieces, sealing, snapshots
from runstore.query.compaction import GRACE
from runstore.query.pieces import Place
from runstore.runs import edits, mirrored, models, state, tombstones
from runstore.runs.state import RunState

YOUNG = 3600.0  # seconds in which something stored, or found stored, is named by a fact


class Stored(NamedTuple):
    """Bytes that lie somewhere: ``offset`` is -1 for a blob, and that of the first byte for a piece in a pack."""

    path: Path
    offset: int
    sha256: str
    size: int


class User(NamedTuple):
    """Who refers to something: a run (``artifacts`` or ``snapshots``), or the registry (``models``; no run)."""

    run_id: str
    kind: str
    name: str

    def __str__(self) -> str:
        return f"{self.run_id or 'model'}: {self.name}"


@dataclass(slots=True)
class References:
    """What is stored, and who refers to it, once for each reference."""

    stored: dict[tuple[Path, int], Stored] = field(default_factory=dict)
    users: dict[tuple[Path, int], list[User]] = field(default_factory=dict)
    missing: list[tuple[User, Place]] = field(default_factory=list)
    runs: list[RunState] = field(default_factory=list)
    leaving: list[RunState] = field(default_factory=list)  # of those, the ones whose references count no more
    doubts: list[str] = field(default_factory=list)  # what keeps the count from being exact: damage

    def of(self, stored: Stored) -> list[str]:
        """Who refers to it: ``run id: name`` of an artifact, ``model: name``."""
        return list(map(str, self.users.get((stored.path, stored.offset), [])))

    @property
    def unreferenced(self) -> list[Stored]:
        """What nothing refers to."""
        return [one for key, one in self.stored.items() if key not in self.users]


@dataclass(slots=True)
class Swept:
    """What was done. ``bytes`` of content went; ``written``: bytes of facts that say where the rest of it is now."""

    blobs: int = 0
    packs: int = 0
    rewritten: int = 0
    bytes: int = 0
    written: int = 0


# ---- counting


def _removed(run: RunState) -> bool:
    return tombstones.there(run.path)


def count(workspace: Path, leaving: Callable[[RunState], bool] = _removed) -> References:
    """Count every reference of a workspace. Damage is told in ``doubts`` and hides nothing else.

    Args:
        workspace: the workspace's directory.
        leaving: the runs whose references don't count; without it, those that were removed and still lie there.
    """
    found = References(doubts=wherever.unreadable(workspace))
    for run_path in wherever.runs(workspace):
        run = state.fold(run_path)
        found.runs.append(run)
        if leaving(run):
            found.leaving.append(run)
            continue
        found.doubts += [f"run {run.run_id or run_path.name}: {text}" for text in run.damaged]
    for one in _everything(workspace):  # after the facts: what they name is there by now
        found.stored[one.path, one.offset] = one
    repacked = {run.path: run.repacked for run in found.runs}
    for who, piece, run_path in _references(workspace, found):
        place = pieces.first(workspace, piece, run_path)
        if piece["pack"]:
            place = pieces.replaced(workspace, place, piece, lambda path: repacked.get(path, {}))
        key = place.path, place.offset if piece["pack"] and place.packed else -1
        if key in found.stored:
            found.users.setdefault(key, []).append(who)
        else:
            found.missing.append((who, place))
    return found


def _references(workspace: Path, found: References) -> Iterator[tuple[User, Mapping[str, Any], Path]]:
    gone = {run.path for run in found.leaving}
    for run in found.runs:
        if run.path in gone:
            continue
        for fact in run.artifacts:
            if not fact.get("reference"):
                yield User(run.run_id, "artifacts", fact["name"]), fact, run.path
        try:
            for piece in snapshots.referred(workspace, run):
                yield User(run.run_id, "snapshots", "snapshot"), piece, run.path
        except StoreError as problem:
            found.doubts.append(f"run {run.run_id}: {problem}")
    with warnings.catch_warnings(record=True, action="always") as damage:
        models_refer = list(models.references(workspace))
    found.doubts += [str(warning.message) for warning in damage]
    for piece in models_refer:
        if not piece.get("reference"):
            yield User("", "models", piece["path"]), piece, workspace


def _everything(workspace: Path) -> Iterator[Stored]:
    for path, sha256 in blobs(workspace):
        try:
            yield Stored(path, -1, sha256, os.stat(path).st_size)
        except FileNotFoundError:
            continue
    for run_path in wherever.runs(workspace):
        for name in _listed(run_path):
            parsed = names.parse(name) if name.startswith("k-") else None
            if parsed is not None:
                path = run_path / name
                with suppress(FileNotFoundError):  # gone meanwhile, or with its block
                    yield from (Stored(path, blob.offset, blob.sha256, blob.size) for blob in pack.frames(path))


def _listed(run_path: Path) -> list[str]:
    """The names of a run's files; what a damaged block has of it is told by its facts."""
    try:
        return wherever.listed(run_path)
    except Damaged:
        return files.names_in(run_path)


def blobs(workspace: Path) -> Iterator[tuple[Path, str]]:
    """Every blob with the hash that its name says."""
    for directory in files.listing(workspace / names.BLOBS):
        if directory.is_dir():
            for entry in files.listing(Path(directory.path)):
                if names.is_sha256(directory.name + entry.name):
                    yield Path(entry.path), directory.name + entry.name


# ---- sweeping


def sweep(workspace: Path, grace: float = GRACE, young: float = YOUNG) -> Swept:
    """Remove exactly the bytes that nothing refers to, and of equal pieces in several packs all but one.

    Args:
        workspace: the workspace's directory.
        grace: seconds that a pack stays after another has replaced it.
        young: seconds that something stored, or found stored, stays whatever is known of it.

    Raises:
        Damaged: who refers to what can't be told for sure; nothing was removed.
        OSError: the file system refuses; what is left goes the next time.
    """
    mirrored.refuse(workspace)
    with lock.exclusive(workspace / names.LOCKS / "sweep.lock"):
        before = time.time() - young  # and what was touched while it was counted stays in any case
        found, done = count(workspace), Swept()
        if found.doubts:
            raise Damaged(f"{workspace}: nothing is swept while something is damaged ({found.doubts[0]}); run `check`")
        for one in found.unreferenced:
            if one.offset < 0 and remove(one.path, before):
                done.blobs += 1
                done.bytes += one.size
        _Packs(workspace, found, done, grace, before).sweep()
        if done.packs or done.rewritten:
            reindex(workspace)
    return done


def reindex(workspace: Path) -> None:
    """Make the index say what lies in packs now."""
    packed.rebuild(workspace, _indexed(workspace))


def _indexed(workspace: Path) -> Iterator[packed.Spot]:
    for run_path in wherever.runs(workspace):
        for key in indexing.closed(run_path):
            yield from indexing.spots(run_path, *key)


class _Packs:
    """The packs of the runs that have ended."""

    def __init__(self, workspace: Path, found: References, done: Swept, grace: float, before: float) -> None:
        self._workspace, self._found, self._done = workspace, found, done
        self._grace, self._before = grace, before
        self._held: dict[Path, list[Stored]] = {}
        self._chosen: dict[tuple[str, int], Stored] = {}  # of equal pieces, the one that stays
        self._gone = {run.path for run in found.leaving}
        settled = {run.path for run in found.runs if run.settled} - self._gone
        self._blocked = {path for path in {path for path, offset in found.stored if offset >= 0} if in_block(path)}
        for key, one in sorted(found.stored.items(), key=lambda item: item[1].path not in self._blocked):
            if one.offset >= 0 and one.path.parent in settled:
                self._held.setdefault(one.path, []).append(one)
                if key in found.users:
                    self._chosen.setdefault((one.sha256, one.size), one)

    def sweep(self) -> None:
        """First what stays gets its new place everywhere, then what was replaced goes: packs refer to each other."""
        old: list[tuple[RunState, Path]] = []
        for run in self._found.runs:
            own = sorted(self._packs_of(run))
            if own:
                with lock.exclusive(sealing.exclusive_lock(self._workspace, run.path)):
                    old += [(run, path) for path in own if self._replaced(run, path)]
        for run, path in old:
            size = os.stat(path).st_size
            with lock.exclusive(sealing.exclusive_lock(self._workspace, run.path)):
                if remove(path, self._before):
                    self._done.packs += 1
                    self._done.bytes += size

    def _packs_of(self, run: RunState) -> Iterator[Path]:
        if run.settled and run.path not in self._gone:
            own = (run.path / name for name in files.names_in(run.path) if name.startswith("k-"))
            yield from (path for path in own if path not in self._blocked)

    def _replaced(self, run: RunState, path: Path) -> bool:
        """Whether a pack may go: nothing in it is used, or all that is has been in another one for long enough."""
        name = names.parse(path.name)
        if name is None:
            return False
        held = self._held.get(path, [])
        kept = [one for one in held if self._chosen.get((one.sha256, one.size)) is one]
        used = [one for one in held if self._found.of(one)]
        told = run.repacked.get((name.writer, name.number), [])
        if told and not used:
            return self._waited(run, told)
        # used though it was replaced: somebody found in it what had been left behind
        whole = sum(len(pack.frame(one.sha256, one.size)) + one.size + 1 for one in kept) == os.stat(path).st_size
        if (whole and not told) or not self._old(path):
            return False
        return self._waited(run, [*told, self._replace(run, name, path, kept, used)])

    def _old(self, path: Path) -> bool:
        return _untouched(path, self._before)

    def _replace(
        self, run: RunState, name: names.FileName, path: Path, kept: list[Stored], used: list[Stored]
    ) -> dict[str, Any]:
        """Publish what stays as another pack, and record where everything went."""
        into = self._rewritten(path, kept) if kept else None
        moved = [self._chosen[one.sha256, one.size] for one in used if one not in kept]
        for one in moved:
            pack.read(one.path, one.offset, one.size, one.sha256)  # it is whole before the other copy goes
        elsewhere = {one.sha256: self._where(one) for one in moved}
        body = {"writer": name.writer, "number": name.number, "into": into, "elsewhere": elsewhere}
        said = edits.record(self._workspace, run.run_id, run.experiment, [("repacked", body)])
        self._done.written += os.stat(said).st_size
        return body

    def _rewritten(self, path: Path, kept: list[Stored]) -> dict[str, Any]:
        contents = ((one, pack.read(path, one.offset, one.size, one.sha256)) for one in kept)
        data = b"".join(pack.frame(one.sha256, one.size) + content + b"\n" for one, content in contents)
        writer = os.urandom(8).hex()
        files.publish(path.parent, names.pack(writer, 0), data)
        self._done.rewritten += 1
        self._done.bytes -= len(data)
        return {"writer": writer, "number": 0, "size": len(data), "sha256": hashlib.sha256(data).hexdigest()}

    def _where(self, one: Stored) -> list[Any]:
        """How a fact says where a piece lies."""
        name = names.parse(one.path.name)
        owner = next(run.run_id for run in self._found.runs if run.path == one.path.parent)
        assert name is not None
        return [name.number, one.offset, name.writer, owner]

    def _waited(self, run: RunState, told: Sequence[Mapping[str, Any]]) -> bool:
        """Whether whoever was reading the old pack has had time to finish."""
        packs = (names.pack(str(b["into"]["writer"]), int(b["into"]["number"])) for b in told if b["into"] is not None)
        return all(files.age(run.path / name) >= self._grace for name in packs)


def in_block(path: Path) -> bool:
    """Whether a block holds a pack: it stays as it is then."""
    with suppress(Damaged):
        return wherever.held(path) is not None
    return True


def remove(path: Path, before: float) -> bool:
    """Unlink a file unless it was touched since, even in this instant; whether it is gone."""
    if not _untouched(path, before):
        return False
    aside = path.with_name(names.temporary(path.name, os.urandom(4).hex()))
    try:
        os.rename(path, aside)
    except (FileNotFoundError, PermissionError):
        return False  # gone, or in use where that can't be
    if not _untouched(aside, before):
        with suppress(FileExistsError):  # stored again meanwhile
            files.reveal(aside, path)
        files.unlink(aside)
        return False
    return files.unlink(aside)


def _untouched(path: Path, before: float) -> bool:
    """Whether a file was last modified before that time (seconds since 1970)."""
    try:
        return os.stat(path).st_mtime <= before
    except FileNotFoundError:
        return False
