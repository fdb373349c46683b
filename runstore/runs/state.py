"""What a run is by its facts: the fold of every facts journal in its directory, and a status derived from proof.

Facts only, never points, so that listing stays cheap. Nothing here writes. Damage is told, never raised.
"""

from __future__ import annotations

import os
from collections import Counter
from collections.abc import Iterable
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import orjson

from runstore.disk import files, inventory, lock
from runstore.disk.inventory import Inventory
from runstore.errors import Damaged, FormatTooNew
from runstore.format import documents, journal, lines, names
from runstore.format.journal import Journal
from runstore.runs import tally
from runstore.runs.facts import TAKERS
from runstore.runs.past import Past

RUNNING, COMPLETED, FAILED, CANCELED, NOT_RESPONDING = "Running", "Completed", "Failed", "Canceled", "NotResponding"
QUEUED = "Queued"  # written down, to be begun by a launcher
STATUSES = (
    "NotStarted", QUEUED, "Preparing", "Provisioning", "Starting", RUNNING, "Finalizing", "CancelRequested",
    COMPLETED, FAILED, CANCELED, NOT_RESPONDING, "Unapproved", "Pausing", "Paused",
)  # fmt: skip  # the words of the Azure ML SDK v1
TERMINAL = frozenset({COMPLETED, FAILED, CANCELED})
LIVE = frozenset({RUNNING})
VANISHED = "vanished"


@dataclass(slots=True)
class WriterState:
    """One process's part in the run. ``points`` is the sequence number after its last point."""

    writer: str
    attempt: int
    opener: bool = False
    rank: int | None = None
    host: str | None = None
    user: str | None = None
    pid: int | None = None
    state: str = RUNNING
    error: str | None = None
    started: int | None = None
    ended: int | None = None
    dropped: int = 0
    points: int = 0
    counted: tuple[int, int] = (0, 0)  # warnings, errors
    streams: dict[int, dict[str, Any]] = field(default_factory=dict)  # by number: what is told of raw logs
    start: dict[str, Any] = field(default_factory=dict)
    end: dict[str, Any] | None = None
    failure: dict[str, Any] | None = None
    edit: bool = False  # no process: somebody who said something about the run
    settled: bool = False  # ended, or dead by proof: nothing more will come from it


@dataclass(slots=True)
class AttemptState:
    """One start of the run; its status is its opener's."""

    number: int
    status: str = RUNNING
    phase: str = RUNNING  # what its opener is at, while it lives
    error: str | None = None
    failure: dict[str, Any] | None = None  # code, message and, of an exception, type and trace
    started: int | None = None
    ended: int | None = None
    params: dict[str, Any] = field(default_factory=dict)


@dataclass(slots=True)
class RunState:
    """A run, folded. Leaves of params, values of tags and properties are JSON values (``format.values``)."""

    path: Path
    inventory: Inventory
    run_id: str = ""
    experiment: str = ""
    name: str | None = None
    parent_id: str | None = None
    type: str | None = None
    display_name: str | None = None
    description: str | None = None
    status: str = RUNNING
    error: str | None = None
    failure: dict[str, Any] | None = None
    started: int | None = None
    ended: int | None = None
    newest: int = 0  # when the newest fact was recorded
    host: str | None = None
    user: str | None = None
    archived: bool = False
    deleted: int | None = None  # since when; it is hidden, and `gc` may remove it
    restored: int = 0  # when it was last brought back
    withheld: int = 0  # when damaged bytes seem to delete it: it is hidden, and `gc` leaves it
    attempts: list[AttemptState] = field(default_factory=list)
    writers: list[WriterState] = field(default_factory=list)
    tags: dict[str, tuple[Any, int]] = field(default_factory=dict)  # value, time
    properties: dict[str, tuple[Any, int]] = field(default_factory=dict)
    notes: list[tuple[int, str]] = field(default_factory=list)  # time, text
    snapshot: dict[str, Any] | None = None
    definition: dict[str, Any] | None = None  # what a launcher was to start
    refers: list[dict[str, Any]] = field(default_factory=list)  # content that its ``provenance`` facts name
    artifacts: list[dict[str, Any]] = field(default_factory=list)  # every version of those that were not removed
    inputs: list[dict[str, Any]] = field(default_factory=list)
    repacked: dict[tuple[str, int], list[dict[str, Any]]] = field(default_factory=dict)  # by writer, number of the pack
    descriptions: dict[str, str] = field(default_factory=dict)
    points: int = 0
    dropped: int = 0
    warnings: int = 0
    errors: int = 0
    damaged: list[str] = field(default_factory=list)
    partial: bool = False  # as of a time: its files tell more, or will

    @property
    def params(self) -> dict[str, Any]:
        """The params that hold: a later attempt's over an earlier one's."""
        merged: dict[str, Any] = {}
        for attempt in self.attempts:
            merged |= attempt.params
        return merged

    @property
    def settled(self) -> bool:
        """Whether nothing more will come from any writer there is."""
        return all(writer.settled for writer in self.writers)


Fact = tuple[int, str, int, str, Any, int]  # time, writer, number, kind, body, attempt


def fold(run_path: Path, seen: Inventory | None = None, past: Past | None = None) -> RunState:
    """Fold a run's directory. Never raises for damage; ``run_id`` is empty where nothing tells it.

    Args:
        run_path: the run's directory.
        seen: its inventory, where it is made already.
        past: fold it as it was then; ``writers`` is empty where it hadn't begun. ``points`` of a ``partial`` run
            tells no more than how many there can have been.
    """
    found = seen or inventory.scan(run_path)
    run = RunState(run_path, found)
    run.damaged.extend(text for _, text in found.damaged)
    writers: dict[str, WriterState] = {}
    attempts: dict[int, AttemptState] = {}
    facts = _facts(run, found)
    for time, writer, _, kind, body, number in facts:
        if past is not None and time > past.until:
            run.partial = True
            continue
        part = writers.get(writer) or writers.setdefault(writer, WriterState(writer, number))
        attempt = attempts.get(number) or attempts.setdefault(number, AttemptState(number))
        run.newest = max(run.newest, time)
        take = TAKERS.get(kind)
        if take is not None:
            try:
                take(run, part, attempt, time, body)
            except (KeyError, TypeError, ValueError, AttributeError):  # of a line that no checksum covers yet
                run.damaged.append(f"a fact of writer {writer} can't be understood: {kind}")
    if run.deleted is None and run.withheld > run.restored and (past is None or run.withheld <= past.until):
        run.deleted = run.withheld
    parts = sorted(writers.values(), key=lambda w: (w.attempt, not w.opener, w.started or 0, w.writer))
    run.writers = [part for part in parts if not part.edit]
    run.attempts = [attempts[number] for number in sorted({part.attempt for part in run.writers})]
    _name(run, found)
    _count(run, found)
    _judge(run, found, [part for part in parts if part.edit and part.end], past, facts)
    return run


def told(run_path: Path, kind: str) -> list[tuple[int, str, Any]]:
    """What a run's facts of one kind say, in the order of time: attempt, writer, body."""
    found = inventory.scan(run_path)
    facts = _facts(RunState(run_path, found), found)
    return [(attempt, writer, body) for _, writer, _, one, body, attempt in facts if one == kind]


def _facts(run: RunState, found: Inventory) -> list[Fact]:
    """Every fact once, in the order of time."""
    facts: list[Fact] = []
    journals = 0
    for path in found.facts:
        try:
            parts = journal.read_all(found.read(path), path.name)
        except (OSError, FormatTooNew, Damaged) as problem:
            run.damaged.append(f"{path.name}: can't be read ({getattr(problem, 'strerror', None) or problem})")
            if isinstance(problem, FormatTooNew):  # a flipped bit may say so too
                run.withheld = max(run.withheld, journal.damaged_deletion(found.read(path)))
            continue
        journals += len(parts)
        for part in parts:
            run.damaged.extend(f"{path.name}: {finding.what}, at byte {finding.offset}" for finding in part.damage)
            if part.damage:
                run.withheld = max(run.withheld, journal.damaged_deletion(part.data))
            if part.header and _belongs(run, part, path):
                facts.extend(_numbered(part))
    if journals > 1 or run.damaged:
        facts.sort(key=lambda fact: fact[:3])
        facts = list({fact[1:3]: fact for fact in facts}.values())  # a rescued journal repeats its forerunner's end
    return facts


def _belongs(run: RunState, part: Journal, path: Path) -> bool:
    owner = str(part.header["run"])
    if part.header["journal"] == lines.FACTS and (
        owner == run.run_id or path.parent.name == names.run_dir(owner)[-16:]
    ):
        if not part.believable and not _vouched(part.header, path):
            return False
        run.run_id, run.experiment = owner, str(part.header["experiment"])
        return True
    run.damaged.append(f"{path.name}: belongs to another run")
    return False


def _vouched(header: dict[str, Any], path: Path) -> bool:
    """Whether what a damaged header says is so by other signs: the file's name, the experiment's document."""
    name = names.parse(path.name)
    known = path.parents[3] / names.experiment_file(str(header["experiment"]))
    return name is not None and name.attempt == header["attempt"] and known.exists()


def _numbered(part: Journal) -> Iterable[Fact]:
    writer, attempt = part.header["writer"], part.header["attempt"]
    for span in part.spans:
        rows = part.data[span.start : span.end].splitlines()
        items = orjson.loads(b"[%b]" % b",".join([row for row in rows if row.startswith(b"[")]))
        for number, (kind, time, body) in enumerate(items, span.first):
            yield time, writer, number, kind, body, attempt


# ---- what follows from all of them


def _name(run: RunState, found: Inventory) -> None:
    """Where no facts can be read, a seal record or a points journal still says whose directory this is."""
    if run.run_id:
        return
    heads = [(body["run"], body["experiment"]) for _, body in found.seals]
    if not heads:
        journals = found.points + found.sides
        heads = [(header["run"], header["experiment"]) for path in journals if (header := _header(path))]
    for owner, experiment in heads:
        if names.run_dir(owner)[-16:] == run.path.name:
            run.run_id, run.experiment = owner, experiment
            run.damaged.append("no facts of this run can be read")
            return


def _header(path: Path) -> dict[str, Any] | None:
    try:
        with files.opened(path) as file:
            return journal.read(file.read(1 << 16).partition(b"\n")[0] + b"\n", path.name).header or None
    except (OSError, FormatTooNew):
        return None


def _count(run: RunState, found: Inventory) -> None:
    """How many points each writer logged, without decoding one. What its side holds are no points."""
    sealed = {writer: pieces for writer, pieces in found.sealed.items() if pieces and names.owner(writer) == writer}
    reached: dict[str, int] = {writer: pieces[-1][1] + 1 for writer, pieces in sealed.items()}
    ended = set()
    for part in run.writers:
        reached[part.writer] = max(part.points, reached.get(part.writer, 0))
        if part.end is not None:
            ended.add(part.writer)
            part.dropped = max(part.dropped, part.end.get("dropped", 0))
    if len(ended) < len(run.writers) or not ended:
        looked: Counter[str] = Counter()
        for path in reversed(found.points):  # the newest may have died with its header, or hold a late copy
            name = names.parse(path.name)
            if name and name.writer not in ended and looked[name.writer] < 3:
                number = tally.next_number(path)
                looked[name.writer] += number > 0
                reached[name.writer] = max(reached.get(name.writer, 0), number)
    for part in run.writers:
        part.points = reached[part.writer]
    run.points = sum(reached.values())
    run.dropped = sum(part.dropped for part in run.writers)


def _judge(run: RunState, found: Inventory, outside: list[WriterState], past: Past | None, facts: list[Fact]) -> None:
    """Derive every writer's state, then the run's from the opener of its newest attempt, or who ended it before."""
    ends = {name.attempt: path for path in found.ends if (name := names.parse(path.name))}
    for part in run.writers:
        if part.end is None:
            if not (part.opener and part.attempt in ends and _left(run, found, part, ends[part.attempt])):
                _live(part, run.path / names.lock(part.writer))
            if past is not None and part.state != RUNNING and _lived(run, part, past, facts):
                part.state, part.error, part.ended, part.settled = RUNNING, None, None, False
        part.settled = part.settled or part.ended is not None
    run.partial = run.partial or (past is not None and not run.settled)
    for attempt in run.attempts:
        own = [part for part in run.writers if part.attempt == attempt.number]
        last = _first_end(_speaker(own), [part for part in outside if part.attempt == attempt.number])
        attempt.status, attempt.error, attempt.ended = last.state, last.error, last.ended
        if last.state == RUNNING:
            attempt.status = attempt.phase
        elif last.state == QUEUED:
            attempt.ended = None
        attempt.failure = last.failure or _told(own)
    if run.attempts:
        newest = run.attempts[-1]
        run.status, run.error, run.ended, run.failure = newest.status, newest.error, newest.ended, newest.failure
    elif run.run_id:
        run.status, run.error = FAILED, VANISHED


def _speaker(own: list[WriterState]) -> WriterState:
    """Whose end is the attempt's: its opener's; of those who queued it, the one that came last."""
    queued = [part for part in own if part.start.get("queued")]
    return own[0] if own[0].opener or not queued else queued[-1]


def _first_end(opener: WriterState, outside: list[WriterState]) -> WriterState:
    """Whose word on how an attempt ended counts: the first one's. That the opener died is nobody's word."""
    final = opener.ended is not None and opener.state != QUEUED
    said = [opener] if final and (opener.end or opener.error != VANISHED) else []
    return min([*said, *outside], key=lambda part: (part.ended or 0, part.writer), default=opener)


def _told(parts: list[WriterState]) -> dict[str, Any] | None:
    """The newest error that a writer told of without ending anything by it, as a submitted script does."""
    told = [part.failure for part in parts if part.failure and not (part.end or {}).get("explicit")]
    return told[-1] if told else None


def _left(run: RunState, found: Inventory, part: WriterState, path: Path) -> bool:
    """Take the end that a signal handler left in a file; False where it can't be read."""
    try:
        body = documents.parse(found.read(path), path.name)
    except FileNotFoundError:
        return False
    except (OSError, Damaged) as problem:
        run.damaged.append(f"{path.name}: can't be read ({problem})")
        return False
    part.state, part.error, part.ended = body["status"], body["error"], body["time"]
    return True


def _live(part: WriterState, lock_path: Path) -> None:
    """Alive, dead by proof, or silent."""
    verdict = lock.verdict(part.start, lock_path) if part.start else "unknown"
    if verdict == "dead":
        part.state, part.error, part.settled = FAILED, VANISHED, True
        part.ended = _beat(lock_path) or part.started
    elif verdict == "unknown" and not lock.beating(lock_path):
        part.state = NOT_RESPONDING


def _lived(run: RunState, part: WriterState, past: Past, facts: list[Fact]) -> bool:
    """Whether a writer without a last word, as it is judged now, was still at work at an earlier time."""
    if part.ended is not None and part.error != VANISHED:  # an end file's
        return part.ended > past.until
    silence = lock.SILENT_SECONDS if part.state == NOT_RESPONDING else 0.0
    return past.lived(run, part, facts, run.path / names.lock(part.writer), silence)


def _beat(lock_path: Path) -> int | None:
    try:
        return os.stat(lock_path).st_mtime_ns
    except OSError:
        return None
