"""Points on their way: in batches, with the cursor behind them, and without sending twice what has arrived.

A request whose answer was lost may have been done. MLflow's SQL stores take a point that they have already for the
same one; others add it again. So before points go again, those that are there are read back and left out.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from functools import partial
from pathlib import Path

from runstore.errors import Refused
from runstore.sync.mlflow import cursor, points
from runstore.sync.mlflow.cursor import Entry
from runstore.sync.mlflow.points import Point
from runstore.sync.mlflow.server import Missing, NoEntry, Server
from runstore.sync.piece import Span
from runstore.sync.plan import cover
from runstore.sync.retry import retry

BATCH, TAGS = 1000, 100  # what one request may hold, of both together 1,000
PART = 990  # points that go at once: there is room for the cursors of ten writers
EVERY = 10  # batches, after which the tags say so


@dataclass(slots=True)
class Sending:
    """The points of one run on their way.

    Attributes:
        server: where to.
        run: MLflow's id of the run.
        entry: what is there, kept up to date.
        tags: the run's tags as they are there.
        doubtful: how many points from now on may be there already; None for all.
        trouble: what was refused is added to it.
        sent: called with the bytes of each request that was done.
    """

    server: Server
    run: str
    entry: Entry
    tags: dict[str, str]
    doubtful: int | None
    trouble: list[str]
    sent: Callable[[int], None]
    requests: int = 0
    _untold: set[str] = field(default_factory=set)  # writers whose tags are behind
    _there: dict[str, frozenset[object]] = field(default_factory=dict)
    _refused: list[Span] = field(default_factory=list)
    _empty_refused: bool | None = None

    def send(self, workspace: Path, run_id: str, spans: Sequence[Span]) -> None:
        """Send the points among these numbers."""
        for part, reached, last in _parts(workspace, run_id, spans):
            covered = points.without(reached, self._refused)
            fresh = self._fresh(part)
            self.requests += bool(fresh)
            self._untold |= {writer for writer, _, _ in covered}
            tell = last or (self.requests and self.requests % EVERY == 0)
            tags = self._tags(covered) if tell else {}
            fits = len(tags) <= TAGS and len(fresh) + len(tags) <= BATCH
            refused = self._deliver(fresh, tags if fits else {})
            self._refused += refused
            cover(self.entry.sent, points.without(covered, refused))
            if tell:
                if refused or not fits:
                    self._tell(tags := self._tags(()))
                self.tags |= tags
                self._untold.clear()

    def _tags(self, more: Sequence[Span]) -> dict[str, str]:
        """The tags that are behind, as they are to be when these numbers are there too."""
        sent = {writer: self.entry.sent.get(writer, []) for writer in sorted(self._untold)}
        cover(sent, more)
        return {name: text for name, text in cursor.tags(sent).items() if self.tags.get(name) != text}

    def _tell(self, tags: Mapping[str, str]) -> None:
        names = sorted(tags)
        for start in range(0, len(names), TAGS):
            part = {name: tags[name] for name in names[start : start + TAGS]}
            self.sent(retry(partial(self.server.log_batch, self.run, [], part), self.server.patience))

    # ---- what is there already

    def _fresh(self, part: list[Point]) -> list[Point]:
        """Those that can't be there yet, or are not."""
        if self.doubtful == 0:
            return part
        doubted = part if self.doubtful is None else part[: self.doubtful]
        if self.doubtful is not None:
            self.doubtful -= len(doubted)
        for key in {one.key for one in doubted} - self._there.keys():
            self._there[key] = frozenset(self.server.history(self.run, key))
        fresh = [one for one in doubted if one.identity not in self._there[one.key]]
        if self.doubtful == 0:
            self._there.clear()
        return fresh + part[len(doubted) :]

    def _absent(self, part: Sequence[Point]) -> list[Point]:
        there = {key: self.server.history(self.run, key) for key in {one.key for one in part}}
        return [one for one in part if one.identity not in there[one.key]]

    # ---- requests

    def _deliver(self, part: Sequence[Point], tags: Mapping[str, str]) -> list[Span]:
        """Send a batch; give the numbers of those points that are refused, each by itself."""
        if not part and not tags:
            return []
        try:
            self._once(part, tags)
        except (NoEntry, Missing):
            raise
        except Refused as problem:
            if self._refuses_all() or not part:
                raise
            if len(part) == 1:
                self.trouble.append(f"{part[0].key}: {problem}")
                return [(part[0].writer, part[0].number, part[0].number)]
            half = len(part) // 2  # the tags go when it is known what is there
            return [*self._deliver(part[:half], {}), *self._deliver(part[half:], {})]
        return []

    def _once(self, part: Sequence[Point], tags: Mapping[str, str]) -> None:
        left, doubt = part, False

        def attempt() -> int:
            nonlocal left, doubt
            if doubt:
                left = self._absent(left)
            doubt = True
            return self.server.log_batch(self.run, left, tags) if left or tags else 0

        self.sent(retry(attempt, self.server.patience))

    def _refuses_all(self) -> bool:
        """Whether it is the run that is refused, not what is in a batch."""
        if self._empty_refused is None:
            try:
                retry(lambda: self.server.log_batch(self.run, [], {}), self.server.patience)
                self._empty_refused = False
            except Refused:
                self._empty_refused = True
        return self._empty_refused


def _parts(workspace: Path, run_id: str, spans: Sequence[Span]) -> Iterator[tuple[list[Point], Sequence[Span], bool]]:
    """Points that go at once, with the numbers that are there when they are, and whether these are the last."""
    windows = list(points.windows(spans))
    for number, window in enumerate(windows, 1):
        parts = list(points.batches(points.read(workspace, run_id, window), PART)) or [[]]
        for part in parts[:-1]:
            yield part, points.until(window, part[-1].writer, part[-1].number), False
        yield parts[-1], window, number == len(windows)
