"""The files of a run, and those outside of runs, as a plan wants them: what each covers, how far it is whole."""

from __future__ import annotations

import hashlib
from collections.abc import Container, Iterator, Mapping
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from runstore.disk import files, inventory, tail, wherever
from runstore.disk.inventory import Inventory
from runstore.errors import Damaged, StoreError
from runstore.format import documents, journal, names, ranges
from runstore.query import pieces, snapshots
from runstore.runs import state
from runstore.runs.state import RunState
from runstore.sync.piece import Span
from runstore.sync.plan import File, Held, cover

_ROOTS = (names.EXPERIMENTS, names.TOMBSTONES)
_REGISTRIES = (names.MODELS, names.ENVIRONMENTS)


@dataclass(slots=True)
class Described:
    """A run to be sent.

    ``content``: files outside of the run that it refers to, blobs; what lies in another run's pack is to be sent as
    one. ``packed``: for each of those its piece (``query.pieces``). ``unsealed``: points and rows that lie in journals
    still; ``trouble``: what can't be sent, and why.
    """

    run: RunState
    files: list[File] = field(default_factory=list)
    content: list[File] = field(default_factory=list)
    packed: dict[str, Mapping[str, Any]] = field(default_factory=dict)
    unsealed: int = 0
    trouble: list[str] = field(default_factory=list)

    @property
    def complete(self) -> bool:
        """Whether all of the run that there is is in it."""
        return not self.unsealed and not self.trouble


def run(workspace: Path, run_path: Path) -> Described:
    """What there is of a run. Facts are read first: what they promise is there when the rest is listed."""
    told = state.fold(run_path)
    found = told.inventory
    seen = Described(told)
    facts = [*_facts(workspace, found, seen)]
    found = inventory.scan(run_path)
    seen.trouble += [f"{name}: {why}" for name, why in found.damaged]
    seen.files = [*_records(workspace, found), *_plain(workspace, found, told), *facts]
    sealed = found.sealed
    for path in found.points + found.sides:
        one = tail.verified(path)
        left = ranges.subtract(tail.held(one), sealed.get(_writer(path), []))
        seen.unsealed += ranges.count(left)
        seen.trouble += [f"{path.name}: {finding.what}" for finding in one.damage]
    _content(workspace, told, seen)
    return seen


def whose(run_path: Path) -> tuple[str, str]:
    """A run's id and experiment."""
    told = state.fold(run_path)
    return told.run_id, told.experiment


def held(workspace: Path, run_path: Path) -> Held:
    """What is here of a run, in segments and journals."""
    found = inventory.scan(run_path)
    seen, have = Described(state.fold(run_path, found)), Held()
    for one in [*_records(workspace, found), *_plain(workspace, found, seen.run), *_facts(workspace, found, seen)]:
        have.add(one, one.size)
    for path in found.points + found.sides:
        writer = _writer(path)
        cover(have.data, [(writer, first, last) for first, last in tail.held(tail.verified(path))])
    return have


def _writer(path: Path) -> str:
    name = names.parse(path.name)
    return name.writer if name else ""


def _relative(workspace: Path, path: Path) -> str:
    return path.relative_to(workspace).as_posix()


def _records(workspace: Path, found: Inventory) -> Iterator[File]:
    """Seal records that count and whose files are all there, and these files."""
    for name, body in found.active:
        if not inventory.named(body) <= found.names:
            continue
        spans = tuple((str(writer), int(first), int(last)) for writer, _, first, last in body["ranges"])
        needs = tuple(sorted(entry["file"] for entry in body["segments"]))
        path = found.path / name
        yield File(_relative(workspace, path), "seal", found.size(path), spans, needs, 0, bool(body.get("thinned")))
        for entry in body["segments"]:
            where = _relative(workspace, found.path / entry["file"])
            yield File(where, entry["kind"], entry["size"], spans, (), entry["rows"])


def _plain(workspace: Path, found: Inventory, told: RunState) -> Iterator[File]:
    """Packs, raw logs, end files, and the locks of writers that are dead by proof."""
    for path in found.packs:
        yield File(_relative(workspace, path), "pack", found.size(path))
    for path in found.logs:
        yield File(_relative(workspace, path), "log", found.size(path), modified=wherever.modified(path))
    for path in found.ends:
        yield File(_relative(workspace, path), "end", found.size(path), version=_version(found.read(path)))
    for part in told.writers:
        path = found.path / names.lock(part.writer)
        if part.error == state.VANISHED and path.name in found.names:
            yield File(_relative(workspace, path), "lock", 0, modified=wherever.modified(path))


def _facts(workspace: Path, found: Inventory, seen: Described) -> Iterator[File]:
    for path in found.facts:
        try:
            parts = journal.read_all(found.read(path), path.name)
        except StoreError as problem:
            seen.trouble.append(str(problem))
            continue
        damage = [f"{path.name}: {finding.what}" for part in parts for finding in part.damage]
        if damage:
            seen.trouble += damage
            continue
        spans = tuple(_span(part) for part in parts if part.header and part.next > part.first)
        size = sum(len(part.data) for part in parts[:-1]) + whole(parts[-1])
        if spans:
            yield File(_relative(workspace, path), "facts", size, spans, version=spans[0][0])


def _version(data: bytes) -> str:
    return hashlib.sha256(data).hexdigest()[:16]


def _span(part: journal.Journal) -> Span:
    return str(part.header["writer"]), part.first, part.next - 1


def whole(part: journal.Journal) -> int:
    """How many bytes of a journal are whole lines: nothing torn, nothing that is only allocated."""
    return part.data.rstrip(b"\0").rfind(b"\n") + 1


# ---- content


def _content(workspace: Path, told: RunState, seen: Described) -> None:
    """What the run refers to and that lies outside of it."""
    for piece in _pieces(workspace, told, seen):
        place = pieces.locate(workspace, piece, told.path)
        if place.packed and place.path.parent == told.path:
            continue
        where = names.blob(piece["sha256"])
        if where in seen.packed or any(one.path == where for one in seen.content):
            continue
        if place.packed and wherever.there(place.path):
            seen.packed[where] = piece
        elif place.packed or not place.path.exists():
            seen.trouble.append(f"{piece.get('name') or piece['sha256']}: its content is missing")
            continue
        seen.content.append(File(where, "blob", piece["size"]))


def _pieces(workspace: Path, told: RunState, seen: Described) -> Iterator[Mapping[str, Any]]:
    yield from (piece for piece in told.artifacts if not piece.get("reference"))
    try:
        yield from snapshots.referred(workspace, told)
    except (StoreError, OSError) as problem:
        seen.trouble.append(str(problem))


# ---- outside of runs


def outside(workspace: Path, known: Container[str] = ()) -> Iterator[File]:
    """The documents that belong to no run: experiments, tombstones, models, environments. Damaged ones are left out.

    ``known``: the keys of those that are not asked for.
    """
    folders = [workspace / root for root in _ROOTS]
    folders += [Path(e.path) for root in _REGISTRIES for e in files.listing(workspace / root) if e.is_dir()]
    for folder in folders:
        for name in files.names_in(folder):
            where = _relative(workspace, folder / name)
            if name.endswith(".json") and not name.startswith("."):
                try:
                    data = files.read(folder / name)
                    documents.parse(data, name)
                except (Damaged, FileNotFoundError):
                    continue
                file = File(where, "document", len(data), version=_version(data))
                if file.key not in known:
                    yield file
