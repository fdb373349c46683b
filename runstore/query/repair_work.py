"""One damaged run while it is repaired: what is known of it, what was found, what has to be done at the end.

Everything that is saved is published first; then what is lost is recorded in the run; only then the damaged files go.
So whoever is interrupted and begins again finds all of it again, or that it was done.
"""

from __future__ import annotations

import itertools
import re
import zlib
from collections.abc import Iterable, Iterator
from dataclasses import dataclass, field
from pathlib import Path

from runstore.disk import files, inventory, lock
from runstore.disk.inventory import Inventory
from runstore.errors import Damaged, FormatTooNew
from runstore.format import journal, lines, mending, names
from runstore.format.journal import Journal
from runstore.query import segments
from runstore.query.removing import SILENT
from runstore.query.repair_aside import Told
from runstore.runs.state import RUNNING, RunState

_FIRST = re.compile(rb'\{"(?:sum|end)":\[0,\d+,(\d+),')


@dataclass(slots=True)
class Origin:
    """Whose directory it is, and who logged into it. ``attempts``: of each writer; 0 where nothing tells it."""

    run_id: str = ""
    experiment: str = ""
    attempts: dict[str, int] = field(default_factory=dict)


@dataclass(slots=True)
class Work:
    """What is found and done while a run is repaired."""

    workspace: Path
    path: Path
    origin: Origin
    damaged: frozenset[str]  # names of the files that a check found damaged
    saved: list[Told] = field(default_factory=list)
    words: list[Told] = field(default_factory=list)  # what is lost
    left: list[Told] = field(default_factory=list)  # what can't be repaired
    reserved: set[str] = field(default_factory=set)  # names that a record says are replaced
    aside: dict[Path, str] = field(default_factory=dict)
    spent: list[Path] = field(default_factory=list)  # undamaged files of which everything is published elsewhere now
    claims: dict[str, int] = field(default_factory=dict)  # by writer or side: numbers below this one were given

    @classmethod
    def of(cls, workspace: Path, run_path: Path, damaged: Iterable[str]) -> Work:
        """Begin with a run.

        Args:
            workspace: the workspace's directory.
            run_path: the run's directory.
            damaged: names of the files in it that a check found damaged or missing.
        """
        found = inventory.scan(run_path)
        replaced = {name for _, body in found.seals for name in (body.get("merged_facts") or {}).get("replaces", ())}
        return cls(workspace, run_path, origin(workspace, run_path, found), frozenset(damaged), reserved=replaced)

    def save(self, name: str, what: str) -> None:
        """Tell of something that is saved."""
        self.saved.append(self._told(name, what))

    def lose(self, name: str, what: str) -> None:
        """Tell of something that is lost."""
        self.words.append(self._told(name, what))

    def leave(self, name: str, why: str) -> None:
        """Tell of something that stays as it is."""
        self.left.append(self._told(name, why))

    def claim(self, writer: str, reach: int) -> None:
        """Numbers below ``reach`` were given."""
        self.claims[writer] = max(reach, self.claims.get(writer, 0))

    def _told(self, name: str, what: str) -> Told:
        return Told(f"{self.path.relative_to(self.workspace).as_posix()}/{name}".rstrip("/"), what, self.origin.run_id)


def origin(workspace: Path, run_path: Path, found: Inventory) -> Origin:
    """What all files of a run, the damaged ones included, tell of whose they are."""
    told = Origin()
    for _, body in found.seals:
        if names.run_dir(str(body["run"]))[-16:] == run_path.name:
            told.run_id, told.experiment = str(body["run"]), str(body["experiment"])
        told.attempts |= {str(writer): attempt for writer, attempt, _, _ in body["ranges"]}
    heads = list(_heads(found))
    for part in sorted(heads, key=lambda part: part.believable):
        header = part.header
        if names.run_dir(str(header["run"]))[-16:] != run_path.name:
            continue
        known = (workspace / names.experiment_file(str(header["experiment"]))).exists()
        if part.believable or known or not told.experiment:
            told.run_id, told.experiment = str(header["run"]), str(header["experiment"])
        if part.believable:
            told.attempts[str(header["writer"])] = int(header["attempt"])
    for run_id, experiment, writer, attempt in _sealed(found) if not told.run_id else ():
        if names.run_dir(run_id)[-16:] == run_path.name:
            told.run_id, told.experiment = run_id, experiment
            told.attempts[writer] = attempt
    for name in found.names:
        parsed = names.parse(name)
        if parsed is not None and parsed.writer:
            told.attempts.setdefault(parsed.writer, parsed.attempt)
    for writer in list(told.attempts):  # a side goes with its writer
        told.attempts[writer] = told.attempts[writer] or told.attempts.get(names.owner(writer), 0)
    return told


def _heads(found: Inventory) -> Iterator[Journal]:
    for path in (*found.facts, *found.points, *found.sides):
        try:
            for part in journal.read_all(found.read(path), path.name):
                one = part if part.header else journal.read(mending.journal(part.data), path.name)
                if one.header:
                    yield one
        except (FormatTooNew, FileNotFoundError, Damaged):
            continue


def _sealed(found: Inventory) -> Iterator[tuple[str, str, str, int]]:
    """Run, experiment, writer and attempt in the undamaged segments."""
    columns = "run_id, experiment, writer, attempt"
    for path in found.segment_files:
        if path.exists() and files.sha256(path)[:24] in path.name:
            with segments.workshop() as connection:
                yield from connection.execute(f"SELECT DISTINCT {columns} FROM {segments.parquet([path])}").fetchall()


def headed(data: bytes, kind: str, told: Origin, whose: Iterable[tuple[str, int]], numbers: Iterable[int]) -> bytes:
    """A journal whose header line was damaged, with the line that its first checksum is over; as it is, else.

    Args:
        data: the journal.
        kind: ``lines.POINTS`` or ``lines.FACTS``.
        told: what is known of the run.
        whose: writers, with their attempts, that it may be of.
        numbers: which of the writer's journals it may be.
    """
    first = _FIRST.search(data)
    for (writer, attempt), number in itertools.product(whose, numbers):
        start = int(first[1]) if first else 0
        head = lines.header(kind, told.run_id, told.experiment, writer, attempt, number, start)
        if data.startswith(head):
            return data
        whole = head + data[len(head) :]
        if _proven(whole):
            return whole
    return data


def _proven(data: bytes) -> bool:
    """Whether a checking line vouches for the beginning of a journal."""
    return any(span.start == 0 and span.verified for span in journal.read(data).spans)


def rebuilt(told: Origin, writer: str, attempt: int, number: int, first: int, facts: list[bytes]) -> bytes:
    """A closed facts journal of these lines."""
    head = lines.header(lines.FACTS, told.run_id, told.experiment, writer, attempt, number, first)
    data = head + b"".join(facts)
    return data + lines.checksum(lines.END, 0, len(data), first, len(facts), zlib.crc32(data))


def alive(run: RunState) -> bool:
    """Whether a process may still log into a run: nothing proves it dead, and its lock was touched within a day.

    Whose facts can't be read has a lock all the same.
    """
    settled = {part.writer for part in run.writers if part.settled}
    if any(part.state == RUNNING and part.writer not in settled for part in run.writers):
        return True
    for path in run.inventory.locks:
        dead = path.stem in settled or lock.verdict({"host": lock.host()}, path) == "dead"
        if not dead and files.age(path) < SILENT:
            return True
    return False
