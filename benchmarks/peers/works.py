"""The whole work, tracker after tracker in each round, so that all of them meet the same machine."""

from __future__ import annotations

import os
import random
import shutil
import statistics
import subprocess
import sys
import time
from collections.abc import Callable, Iterable
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from benchmarks import child
from benchmarks.peers import environments, jobs
from benchmarks.peers.trackers import Tracker

FIRST = 100  # points before which nobody is killed
PATIENCE = 600.0  # seconds for one job
PACE = 0.001  # seconds between two points of a loop that leaves the interpreter to others


@dataclass(frozen=True, slots=True)
class Sizes:
    """How much of everything. Points and steps are divided by a tracker's slowness."""

    points: int
    steps: int
    runs: int
    curve: int
    rounds: int  # of logging
    readings: int  # by fresh processes
    kills: int


SIZES = {
    "tiny": Sizes(points=200, steps=4, runs=3, curve=300, rounds=1, readings=1, kills=1),
    "small": Sizes(points=50_000, steps=1_000, runs=50, curve=20_000, rounds=1, readings=3, kills=2),
    "full": Sizes(points=100_000, steps=2_500, runs=300, curve=100_000, rounds=3, readings=5, kills=5),
}


@dataclass(slots=True)
class Subject:
    """A tracker, where it works, and what was found of it."""

    name: str
    tracker: type[Tracker]
    python: str
    place: Path
    found: dict[str, list[float]] = field(default_factory=dict)  # by row
    details: dict[str, Any] = field(default_factory=dict)
    failed: dict[str, str] = field(default_factory=dict)  # by part of the work

    def note(self, row: str, figure: float) -> None:
        """One more figure of a row."""
        self.found.setdefault(row, []).append(figure)

    def store(self, name: str) -> Path:
        """A directory for a new store, made ready by the tracker."""
        path = self.place / name
        shutil.rmtree(path, ignore_errors=True)
        path.mkdir(parents=True)
        self.do("prepare", path)
        return path

    def process(self, job: str, store: Path, **arguments: Any) -> dict[str, Any]:
        """How a process that does a job is started."""
        home = self.place / "home"
        home.mkdir(parents=True, exist_ok=True)
        own = self.python == sys.executable
        variables = child.environment(HOME=str(home)) if own else environments.variables(home)
        command = jobs.command(self.python, self.name, job, store, arguments)
        return {"args": command, "env": {**variables, **self.tracker.variables}, "cwd": home}

    def do(self, job: str, store: Path, **arguments: Any) -> Any:
        """What a job gives.

        Raises:
            RuntimeError: it fails; the text says why.
        """
        try:
            done = subprocess.run(
                **self.process(job, store, **arguments), stdin=subprocess.DEVNULL, capture_output=True, text=True,
                timeout=PATIENCE, check=False,
            )  # fmt: skip
        except subprocess.TimeoutExpired as error:
            raise RuntimeError(f"{job} has not ended after {PATIENCE:g} s") from error
        if done.returncode:
            raise RuntimeError(f"{job}: {environments.reason(done.stderr)}")
        return jobs.result(done.stdout)

    def wall(self, job: str, store: Path, **arguments: Any) -> float:
        """Milliseconds of a whole process, from its start to its end."""
        start = time.perf_counter_ns()
        self.do(job, store, **arguments)
        return (time.perf_counter_ns() - start) / 1e6

    def figures(self) -> dict[str, float]:
        """The median of each row; of lost points the worst."""
        middle = {row: max if row.startswith("lost") else statistics.median for row in self.found}
        return {row: middle[row](several) for row, several in self.found.items()}


Part = Callable[[Subject, Sizes, int], None]  # the number is that of the round


def compare(subjects: Iterable[Subject], sizes: Sizes, say: Callable[[str], None]) -> None:
    """Do all of the work; what fails is noted, and the rest goes on."""
    several = list(subjects)
    parts: list[tuple[str, int, Part]] = [
        ("logging", sizes.rounds, _logging),
        ("many runs", sizes.rounds, _many),
        ("leaderboard", sizes.readings, _board),
        ("one long curve", 1, _fill),
        ("reading it", sizes.readings, _curve),
        ("killed in a loop", sizes.kills, _kill(0.0, "lost")),
        ("killed in a loop with pauses", max(1, sizes.kills // 2), _kill(PACE, "lost_paced")),
    ]
    for title, rounds, part in parts:
        for number in range(rounds):
            for subject in several:
                say(f"{title}, {number + 1} of {rounds}: {subject.tracker.title}")
                try:
                    part(subject, sizes, number)
                except (RuntimeError, ValueError, OSError) as error:
                    subject.failed[title] = str(error)
                    say(f"  failed: {error}")


def _fewer(subject: Subject, number: int) -> int:
    return max(4, number // subject.tracker.slowness)


def _logging(subject: Subject, sizes: Sizes, number: int) -> None:
    for job, arguments in (
        ("scalars", {"points": _fewer(subject, sizes.points)}),
        ("wide", {"steps": _fewer(subject, sizes.steps)}),
    ):
        taken = subject.do(job, subject.store(job), **arguments)
        subject.note(job, taken["calls"] / 1e3)
        subject.note(f"{job}_finished", taken["finished"] / 1e3)
        subject.details |= arguments


def _many(subject: Subject, sizes: Sizes, number: int) -> None:
    store = subject.store("many")
    taken = subject.do("many", store, runs=sizes.runs)
    subject.note("many", taken["seconds"])
    subject.details["until_at_rest_s"] = taken["settling"]
    size, files = occupied(store)
    subject.note("many_bytes", size / 1e6)
    subject.note("many_files", files)


def _board(subject: Subject, sizes: Sizes, number: int) -> None:
    subject.note("board", subject.wall("board", subject.place / "many", runs=sizes.runs))


def _fill(subject: Subject, sizes: Sizes, number: int) -> None:
    store = subject.store("curve")
    subject.do("fill", store, points=sizes.curve)
    size, _ = occupied(store)
    subject.note("curve_bytes", size / sizes.curve)


def _curve(subject: Subject, sizes: Sizes, number: int) -> None:
    store = subject.place / "curve"
    subject.note("curve_fresh", subject.wall("curve", store, points=sizes.curve, rounds=0))
    for taken in subject.do("curve", store, points=sizes.curve, rounds=3):
        subject.note("curve_warm", taken)


def _kill(pause: float, row: str) -> Part:
    def part(subject: Subject, sizes: Sizes, number: int) -> None:
        after = random.Random(f"{row} {number}").uniform(0.5, 2.0)  # the same instant for all
        store, shared = subject.store(f"killed-{row}"), subject.place / "returned"
        shared.write_bytes(bytes(jobs.COUNTER))
        process = subprocess.Popen(
            **subject.process("endless", store, shared=str(shared), pause=pause),
            stdin=subprocess.DEVNULL, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL,
        )  # fmt: skip
        try:
            deadline = time.monotonic() + PATIENCE / 10
            while process.poll() is None and _returned(shared) < FIRST and time.monotonic() < deadline:
                time.sleep(0.001)
            time.sleep(after)
        finally:
            process.kill()
            process.wait()
        returned = _returned(shared)
        if returned < FIRST:
            raise RuntimeError(f"it had logged only {returned} points when it was to be killed")
        _still(store)
        lost = returned - subject.do("count", store, returned=returned)
        subject.note(row, lost)
        subject.details.setdefault(row, []).append([lost, returned])

    return part


def _returned(shared: Path) -> int:
    return int.from_bytes(shared.read_bytes(), "little")


def _still(store: Path, quiet: float = 1.0, patience: float = 10.0) -> None:
    """Wait until nobody has written for a while: what lives on may still save something."""
    deadline, since, before = time.monotonic() + patience, time.monotonic(), occupied(store)
    while time.monotonic() < min(deadline, since + quiet):
        time.sleep(0.1)
        now = occupied(store)
        if now != before:
            before, since = now, time.monotonic()


def occupied(store: Path) -> tuple[int, int]:
    """Bytes in all files below a directory, and how many files those are."""
    sizes = []
    for path, _, names in os.walk(store):
        for name in names:
            try:
                sizes.append(os.lstat(os.path.join(path, name)).st_size)
            except OSError:  # gone meanwhile
                continue
    return sum(sizes), len(sizes)
