"""One run, looked at file by file and then as a whole: is every byte right, and is everything there?"""

from __future__ import annotations

import hashlib
from collections.abc import Callable, Collection, Iterator, Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from runstore.disk import files, inventory, pack, segment, tail, wherever
from runstore.disk.inventory import Inventory
from runstore.errors import Damaged, FormatTooNew, StoreError
from runstore.format import documents, journal, names, ranges, schemas
from runstore.format.journal import Journal
from runstore.format.ranges import Range
from runstore.query import pieces, snapshots
from runstore.query.promises import Promises
from runstore.runs import spool, state

DAMAGE, NOTE = "damage", "note"
_TRIES = 5
_LINE = 1 << 16


@dataclass(frozen=True, slots=True, order=True)
class Finding:
    """Something that is not as it should be.

    ``path`` is relative to the workspace; ``run_id`` is empty where it is no run's or can't be told.
    """

    run_id: str
    path: str
    what: str
    severity: str


def unknown(workspace: Path, path: Path) -> Finding:
    """What to say of a file that no runstore writes, or that never became whole."""
    name = names.parse(path.name)
    left = name is not None and name.kind == "temporary"
    what = (
        "was never finished; compact removes it when it is a day old" if left else "unknown; not a file of runstore's"
    )
    return Finding("", path.relative_to(workspace).as_posix(), what, NOTE)


def reason(problem: Exception) -> str:
    """Why a file is not good, in a few words."""
    if isinstance(problem, Damaged):
        return str(problem).partition(": ")[2] or str(problem)
    return f"can't be read ({getattr(problem, 'strerror', None) or problem})"


def run(workspace: Path, run_path: Path, told: Collection[Path] = ()) -> list[Finding]:
    """Everything there is to say about a run. One that is being logged into or sealed is looked at as of one moment.

    Args:
        workspace: the workspace's directory.
        run_path: the run's.
        told: files of blocks of which it is told already that they are damaged, and whose runs are hit.
    """
    for _ in range(_TRIES):
        try:
            return _Audit(workspace, run_path, told).all()
        except FileNotFoundError:
            continue  # sealed or compacted meanwhile: look again
    relative = run_path.relative_to(workspace).as_posix()
    return [Finding("", relative, "its files change too fast to be checked; check again", NOTE)]


def _claimed(found: Inventory) -> str:
    """The run that a damaged journal says it is of, if the directory's name, a hash of the id, says so too."""
    for path in (*found.facts, *found.points, *found.sides):
        try:
            head = found.read(path)[:_LINE]
            owner = str(journal.read(head[: head.find(b"\n") + 1], path.name).header.get("run", ""))
        except (FormatTooNew, Damaged):
            continue
        if names.run_dir(owner)[-16:] == path.parent.name:
            return owner
    return ""


class _Audit:
    def __init__(self, workspace: Path, run_path: Path, known: Collection[Path]) -> None:
        self.path = run_path
        self.known = known
        self.hit = False  # what a block holds of it can't be read, so that what that says of the rest isn't known
        self.workspace = workspace
        self.relative = run_path.relative_to(workspace).as_posix()
        self.told = Promises(run_path)  # before the listing: what facts say must then be in it
        self.found: Inventory = inventory.scan(run_path)
        if [path.name for path in self.found.facts] != self.told.files:
            raise FileNotFoundError(f"{run_path}: changed while it was read")
        sealed = next((str(body["run"]) for _, body in self.found.seals), "")
        self.run_id = self.told.run_id or sealed or _claimed(self.found)
        self.findings: list[Finding] = []
        self.held: dict[str, list[Range]] = {w: list(pieces) for w, pieces in self.found.sealed.items()}

    def say(self, name: str, what: str, severity: str = DAMAGE) -> None:
        path = f"{self.relative}/{name}" if name else self.relative
        self.findings.append(Finding(self.run_id, path, what, severity))

    def all(self) -> list[Finding]:
        for kind, paths in (
            (self._facts, self.found.journals),
            (self._merged, self.found.merged),
            (self._points, self.found.points + self.found.sides),
            (self._pack, self.found.packs),
            (self._log, self.found.logs),
            (self._spool, self.found.spools),
            (self._segment, self.found.segment_files),
            (self._document, self.found.ends + self.found.jobs),
            (self._odd, self.found.unknown + self.found.temporaries),
        ):
            for path in paths:
                self._look(kind, path)
        self._seals()
        if not self.hit:
            self._missing()
            self._complete()
        self._artifacts()
        return self.findings

    def _look(self, kind: Callable[[Path], None], path: Path) -> None:
        try:
            kind(path)
        except FileNotFoundError:
            raise
        except (Damaged, OSError) as problem:
            self._trouble(path.name, reason(problem))

    def _trouble(self, name: str, what: str) -> None:
        """A file is not good; where it lies in a block of which that is told, its run is named there."""
        held = self.found.held.get(name) if name not in self.found.live else None
        self.hit = self.hit or held is not None
        if held is None:
            self.say(name, what)
        elif (members := held.block.path / names.BLOCK_MEMBERS) not in self.known:
            where = members.relative_to(self.workspace).as_posix()
            self.findings.append(Finding(self.run_id, where, f"{name}: {what}", DAMAGE))

    # ---- each file by itself

    def _facts(self, path: Path) -> None:
        parts = self._parts(path)
        for part in parts:
            self._journal(path, part, belongs=self._whose(path, part))
            if _edit(part) and not part.closed and not part.damage:
                self.say(path.name, "an edit without its closing line")  # it was published whole
        if len(parts) > 1:
            self.say(path.name, "holds more than one journal")

    def _merged(self, path: Path) -> None:
        digest = self._sha256(path)
        entries = [
            b["merged_facts"] for _, b in self.found.seals if (b.get("merged_facts") or {}).get("file") == path.name
        ]
        if path.name != names.merged_facts(digest) or any(entry["sha256"] != digest for entry in entries):
            self.say(path.name, "does not match its SHA-256")
        elif not entries:
            self.say(path.name, "no seal record names it; a merge that did not end left it", NOTE)
        for part in self._parts(path):
            self._journal(path, part, belongs=self._whose(path, part), sealed=True)

    def _parts(self, path: Path) -> list[Journal]:
        try:
            return journal.read_all(self.found.read(path), path.name)
        except FormatTooNew as problem:
            raise Damaged(f"{path.name}: {reason(problem)}") from None

    def _sha256(self, path: Path, size: int | None = None) -> str:
        if path.name in self.found.held.keys() - self.found.live:
            return hashlib.sha256(memoryview(self.found.read(path))[:size]).hexdigest()
        return files.sha256(path, size)

    def _points(self, path: Path) -> None:
        found = tail.verified(path)
        self._journal(path, found, belongs=True)
        name = names.parse(path.name)
        assert name is not None
        own = self.held.setdefault(name.writer, [])
        own.extend(tail.held(found))
        size = self.told.closed.get((name.writer, name.number))
        if size is not None and size != len(found.data) - found.torn and not found.damage:
            self.say(path.name, f"was closed with {size} bytes and has {len(found.data)}")

    def _journal(self, path: Path, found: Journal, belongs: bool, sealed: bool = False) -> None:
        for finding in found.damage:
            self.say(path.name, f"{finding.what}, at byte {finding.offset}")
        if found.damage:
            return
        if not belongs:
            self.say(path.name, "belongs to another run or has another name")
        if sealed and (not found.closed or found.torn):
            self.say(path.name, "holds a journal without its closing line")
        if found.torn and found.data[len(found.data) - found.torn :].strip(b"\0"):
            self.say(path.name, f"{found.torn} bytes of an incomplete last line", NOTE)
        waiting = sum(span.count for span in found.spans if not span.verified)
        if waiting:
            self.say(path.name, f"{waiting} lines not verified yet", NOTE)

    def _whose(self, path: Path, found: Journal) -> bool:
        """Whether facts lie in their own run, in a file of their attempt."""
        header, name = found.header, names.parse(path.name)
        if not header:
            return True  # not even the first line was finished
        return (
            header.get("journal") == "facts"
            and names.run_dir(str(header.get("run"))) == self.relative
            and name is not None
            and (name.kind == "merged" or name.attempt == header.get("attempt"))
        )

    def _pack(self, path: Path) -> None:
        name = names.parse(path.name)
        assert name is not None
        data = self.found.read(path)
        entry = self.told.packs.get((name.writer, name.number))
        if entry is not None and (len(data), hashlib.sha256(data).hexdigest()) != entry:
            self.say(path.name, "does not match its SHA-256")
            return
        blobs: dict[int, pack.Blob] = {}
        try:
            blobs.update((blob.offset, blob) for blob in pack.blobs(data, path.name))
        except Damaged as problem:
            self._torn_pack(path, data, blobs, problem)

    def _torn_pack(self, path: Path, data: bytes, blobs: dict[int, pack.Blob], problem: Damaged) -> None:
        """An artifact cut short at the end of a pack that was never closed was never recorded either."""
        rest = data[max((blob.offset + blob.size + 1 for blob in blobs.values()), default=0) :]
        if pack.torn(rest):
            self.say(path.name, f"{len(rest)} bytes of an artifact that was never finished", NOTE)
        else:
            self.say(path.name, reason(problem))

    def _log(self, path: Path) -> None:
        """What other processes appended after its writer had left it is nobody's word."""
        name = names.parse(path.name)
        assert name is not None
        left = self.told.logs.get((name.writer, name.number))
        if left is not None and self._sha256(path, left.size) != left.sha256:
            lost = (name.writer, name.number) in self.told.lost.logs
            self.say(path.name, "does not match its SHA-256", NOTE if lost else DAMAGE)
        elif (name.writer, name.number) not in self.told.logs:
            self.say(path.name, f"no facts of writer {name.writer} name it", NOTE)

    def _spool(self, path: Path) -> None:
        if spool.rest(self.found.read(path)) is None:
            self.say(path.name, "has not the first line of a spool")

    def _segment(self, path: Path) -> None:
        entries = [e for _, body in self.found.seals for e in body["segments"] if e["file"] == path.name]
        for entry in entries:
            segment.verify(path, entry, deep=True)
        if not entries:
            parsed = names.parse(path.name)
            kind = parsed.segment_kind if parsed else ""
            if names.segment(kind, files.sha256(path)) != path.name:
                self.say(path.name, "does not match its SHA-256")
            else:
                self._unnamed(path)

    def _unnamed(self, path: Path) -> None:
        """What a sealing that did not end has written lies in the journals still; else a record is missing."""
        lost = []
        for writer, found in segment.numbers(path).items():
            gone = ranges.subtract(found, ranges.join(self.held.get(writer, [])))
            lost += [f"{_things(writer)} {_shown(gone)} of writer {names.owner(writer)}"] if gone else []
        if lost:
            self.say(path.name, f"its seal record is missing, and nothing else has {', '.join(lost)}")
        else:
            self.say(path.name, "no seal record names it; a sealing that did not end left it", NOTE)

    def _document(self, path: Path) -> None:
        documents.parse(self.found.read(path), path.name)

    def _odd(self, path: Path) -> None:
        finding = unknown(self.workspace, path)
        self.findings.append(Finding(self.run_id, finding.path, finding.what, finding.severity))

    def _seals(self) -> None:
        for name, what in self.found.damaged:
            if name == names.BLOCKS:  # of blocks that is said by itself
                self.hit = True
            else:
                self._trouble(name, what.partition(": ")[2] or what)
        for name, body in self.found.seals:
            if names.seal(self._sha256(self.path / name)) != name:
                self.say(name, "does not match its SHA-256")
            elif names.run_dir(str(body["run"])) != self.relative:
                self.say(name, "belongs to another run")
        for kind in schemas.COLUMNS:
            for part in self.found.segments(kind):
                for writer, given in part.skip.items():
                    what = f"{_things(writer)} {_shown(given)} of writer {names.owner(writer)}"
                    text = f"gives {what} that another file gives too"
                    self.say(part.name, text, NOTE)

    # ---- the run as a whole

    def _missing(self) -> None:
        for (writer, number), sealed in self.told.packs.items():
            name = names.pack(writer, number)
            if not wherever.there(self.path / name):
                self.say(name, f"missing; it had {sealed.size} bytes")
        for (writer, number), left in self.told.logs.items():
            name = names.log(writer, number)
            if (left is None or left.size) and not wherever.there(self.path / name):
                known = left is None or (writer, number) in self.told.lost.logs
                self.say(name, f"missing; it had {left.size} bytes" if left else "missing", NOTE if known else DAMAGE)
        for writer in sorted({*map(names.owner, self.held)} - self.told.writers):
            self.say(
                "", f"no facts of writer {writer} can be read", NOTE if writer in self.told.lost.writers else DAMAGE
            )
        for name in sorted(set(self.told.odd)):
            self.say(name, "holds a fact that can't be understood")
        for name in self.told.doubled:
            self.say(name, "holds facts that another file holds too", NOTE)

    def _complete(self) -> None:
        """Every number that was ever given must be held by some file."""
        for writer in self.told.reached.keys() | self.held.keys():
            held = ranges.join(self.held.get(writer, []))
            reached = max(self.told.reached.get(writer, 0), held[-1][1] + 1 if held else 0)
            gaps = ranges.subtract([(0, reached - 1)], held)
            known = ranges.join(self.told.lost.ranges.get(writer, []))
            for pieces_of, severity in ((ranges.subtract(gaps, known), DAMAGE), (ranges.overlap(gaps, known), NOTE)):
                if pieces_of:
                    what = f"{_things(writer)} {_shown(pieces_of)} of writer {names.owner(writer)} are missing"
                    self.say("", what if severity == DAMAGE else f"{what}: a repair found them lost", severity)

    def _artifacts(self) -> None:
        """Everything that the run refers to must be there; its bytes are checked where they lie."""
        wrong: dict[tuple[str, str, str], list[str]] = {}
        for what, piece in self._pieces():
            finding = pieces.wrong(self.workspace, piece, self.path)
            place = pieces.locate(self.workspace, piece, self.path).path if finding else self.path
            if finding and not self._told(place):
                severity = NOTE if piece["sha256"] in self.told.lost.content else DAMAGE
                wrong.setdefault((place.relative_to(self.workspace).as_posix(), finding, severity), []).append(what)
        for (path, finding, severity), whose in wrong.items():
            more = f" and {len(whose) - 1} more" if len(whose) > 1 else ""
            self.findings.append(Finding(self.run_id, path, f"{finding}; it is to hold {whose[0]}{more}", severity))

    def _told(self, path: Path) -> bool:
        """Whether a pack lies in a block of which it is told that it is damaged."""
        try:
            held = None if path.exists() else wherever.held(path)
        except Damaged:
            return True
        return held is not None and held.block.path / names.BLOCK_MEMBERS in self.known

    def _pieces(self) -> Iterator[tuple[str, Mapping[str, Any]]]:
        for fact in self.told.artifacts:
            yield f"artifact {fact.name!r}", fact.piece
        if not self.told.refers:
            return
        run = state.fold(self.path)
        try:
            for piece in snapshots.referred(self.workspace, run):
                yield f"{piece.get('name', 'content')!r} of its snapshot or origin", piece
        except StoreError as problem:
            lost = run.snapshot and run.snapshot["manifest"]["sha256"] in self.told.lost.content
            self.say("", str(problem), NOTE if lost else DAMAGE)


def _edit(part: Journal) -> bool:
    """Whether a facts journal is an edit journal, as far as that can still be told."""
    kind, _, body = next(part.items(), ("", 0, {}))
    return kind == "start" and "edit" in body


def _things(writer: str) -> str:
    """What the numbers of a writer, or of a side, stand for."""
    return "points" if names.owner(writer) == writer else "side records"


def _shown(pieces: list[Range]) -> str:
    shown = [f"{first}" if first == last else f"{first}-{last}" for first, last in pieces]
    return ", ".join(shown[:5]) + (f" and {len(shown) - 5} more stretches" if len(shown) > 5 else "")
