"""What some runs' journals hold, at one moment: verified segments and one tail, loaded when first asked for."""

from __future__ import annotations

import functools
import itertools
import re
import warnings
from collections.abc import Callable, Collection, Iterator
from contextlib import ExitStack
from functools import cached_property
from pathlib import Path
from typing import TYPE_CHECKING, Any, TypeVar

import orjson

from runstore.disk import files, segment, tail
from runstore.disk.inventory import Segment
from runstore.errors import Damaged, StoreError
from runstore.format import schemas
from runstore.format.journal import Journal
from runstore.query import decoded, listing, live, past, thinned, views
from runstore.query.connect import DuckDBPyConnection
from runstore.query.thinned import Told
from runstore.runs.state import RunState

if TYPE_CHECKING:
    from concurrent.futures import Executor

    from runstore.query.catalog import Indexed

_Found = TypeVar("_Found")
_GLANCE = 1 << 16
_TRIES = 5  # a sealer needs milliseconds between its record and the unlinking of what it replaces


class Points:
    """What the views over points stand on. A file that vanished meanwhile makes its run be listed again.

    Where only some names matter (``names``), live points of others may be missing and sequence numbers keep their
    order only. ``until``: what was logged later is left out (``query.past``). ``indexed``: runs that nobody has folded,
    whose rows lie in blocks. ``kept``: what was decoded of journals is kept for the next question; the connection is
    then one of ``connect.connect``. ``since``: live points of earlier steps may be missing.
    """

    def __init__(
        self,
        connection: DuckDBPyConnection,
        runs: Collection[RunState],
        names: Collection[str] | None = None,
        until: int | None = None,
        indexed: Indexed | None = None,
        kept: bool = False,
        since: int | None = None,
    ) -> None:
        self._since = since
        self._kept = decoded.of_process() if kept else None
        self._connection, self.names, self._until, self._indexed = connection, names, until, indexed
        self._runs = {run.run_id: run for run in runs}
        self._segments: dict[tuple[str, str], list[Segment]] = {}

    @property
    def runs(self) -> list[RunState]:
        """The runs, as they were when their files were read."""
        return list(self._runs.values())

    def __getitem__(self, run_id: str) -> RunState:
        return self._runs[run_id]

    def summaries(self, run_id: str) -> list[dict[str, Any]]:
        """The summaries in the seal records of a run that count."""
        return self._read(run_id, lambda run: [run.inventory.summary(record) for record, _ in run.inventory.active])

    def told(self, run_id: str) -> list[Told]:
        """What seal records of a run say of curves that were thinned since, where all of it was logged by then."""
        told = self._read(run_id, lambda run: thinned.told(run.inventory))
        if self._until is None or not told:
            return told
        later = (
            f"SELECT count(*) FROM ({self.later_too(schemas.POINTS, [run_id])}) WHERE NOT {past.condition(self._until)}"
        )
        return [one for one in told if self._connection.execute(f"{later} AND ({one.within})").fetchall() == [(0,)]]

    @cached_property
    def live(self) -> frozenset[str]:
        """The ids of runs with points in journals; these are now in ``live_points`` and ``live_rows``."""
        load = functools.partial(live.load, since=self._since)
        return self._load(load, [run.run_id for run in self.runs if run.inventory.points], sides=False)

    @cached_property
    def sides(self) -> frozenset[str]:
        """The ids of runs with side journals; what these hold is now in ``live_system`` and ``live_logs``.

        Whoever wants ``live`` too asks for the sides first.
        """
        return self._load(live.load_sides, [run.run_id for run in self.runs if run.inventory.sides], sides=True)

    def _load(self, load: Callable[..., None], run_ids: list[str], sides: bool) -> frozenset[str]:
        ids: set[str] = set()
        if run_ids:
            from concurrent.futures import ThreadPoolExecutor

            with ThreadPoolExecutor(1) as pool:
                journals = _ahead(self._journals(run_ids, sides, ids), pool)
                for first in journals:
                    load(self._connection, itertools.chain([first], journals), self.names, self._kept)
        return frozenset(ids)

    def _journals(self, run_ids: list[str], sides: bool, ids: set[str]) -> Iterator[Journal]:
        """Every journal that holds something, one after another; ``ids`` gathers whose they are."""
        for run_id in run_ids:
            with ExitStack() as stack:
                for path, journal in self._read(run_id, _opened, stack, sides):
                    for finding in journal.damage:
                        _warn(run_id, f"{path.name}: {finding.what}, at byte {finding.offset}; left out")
                    if journal.spans:
                        ids.add(run_id)
                        yield journal

    def sql(self, kind: str, only: Collection[str] | None = None) -> str:
        """A SELECT of everything of a kind (of ``schemas.COLUMNS``), of all runs or of some ids."""
        return self._by_then(self.later_too(kind, only))

    @property
    def tail(self) -> str:
        """What ``live_points`` holds, to stand after FROM."""
        return "live_points" if self._until is None else f"({self._by_then('SELECT * FROM live_points')})"

    def _by_then(self, select: str) -> str:
        return select if self._until is None else f"SELECT * FROM ({select}) WHERE {past.condition(self._until)}"

    def sealed_later(self, run: RunState) -> bool:
        """Whether summaries in seal records of a run may tell of points that were logged later."""
        records = run.inventory.active
        if self._until is None or not records:
            return False
        several = len({attempt for _, body in records for _, attempt, *_ in body["ranges"]}) > 1
        return several or any(run.inventory.latest[name] > self._until for name, _ in records)

    def later_too(self, kind: str, only: Collection[str] | None = None) -> str:
        """As ``sql``, with what was logged after the time that is asked about."""
        blocks = self._settled(kind) if only is None and self._indexed is not None else ""
        folded = self._of_folded(kind, self._runs if only is None else only)
        return " UNION ALL ".join(filter(None, (folded, blocks))) or views.nothing(kind)

    def settled(self, kind: str, where: str = "true") -> str:
        """A SELECT of everything of a kind of the runs that nobody has folded, as far as a condition is true."""
        return self._by_then(self._settled(kind, where) or views.nothing(kind))

    def _settled(self, kind: str, where: str = "true") -> str:
        if self._indexed is None:
            return ""
        paths = [path for path, entry in self._indexed.rows(kind) if _sound(path, entry)]
        return views.settled(kind, paths, f"({where}) AND {self._indexed.condition()}") if paths else ""

    def _of_folded(self, kind: str, run_ids: Collection[str]) -> str:
        if kind == schemas.POINTS and self._until is not None:
            past.warn_of_thinned([self._runs[run_id] for run_id in run_ids], self._until)
        journals = self.sides if kind in (schemas.SYSTEM, schemas.LOGS) else self.live
        self.verify_ahead(kind, run_ids)
        found = [s for run_id in run_ids for s in self._read(run_id, self._verified, kind)]
        sealed = views.sealed(kind, found)
        if not journals.intersection(run_ids):
            return sealed
        if not sealed:
            return f"SELECT * FROM live_{kind}"
        return f"{sealed} UNION ALL {views.later_rows(sealed) if kind == 'rows' else f'SELECT * FROM live_{kind}'}"

    def _read(self, run_id: str, read: Callable[..., _Found], *more: object) -> _Found:
        for _ in range(_TRIES):
            try:
                return read(self._runs[run_id], *more)
            except FileNotFoundError:
                self._runs[run_id] = listing.again(self._runs[run_id], self._until)
        raise StoreError(f"run {run_id}: its files change too fast to be read; ask again")

    def verify_ahead(self, kind: str, run_ids: Collection[str]) -> None:
        """Verify what runs have of a kind, several files at once; asked for one by one they are known then."""
        new = [run_id for run_id in run_ids if (run_id, kind) not in self._segments]
        if len(new) > 1:  # of a single one there is one file
            found = (self._read(run_id, lambda run: run.inventory.segments(kind)) for run_id in new)
            segment.verify_ahead({one.path: one.entry for several in found for one in several})

    def _verified(self, run: RunState, kind: str) -> list[Segment]:
        key = run.run_id, kind
        if key not in self._segments:
            self._segments[key] = [s for s in run.inventory.segments(kind) if _good(run, s)]
        return self._segments[key]


def _ahead(items: Iterator[Journal], pool: Executor) -> Iterator[Journal]:
    """The same, each got in another thread while the one before is worked on: reading and checksums leave it free."""
    following = pool.submit(next, items, None)
    while (item := following.result()) is not None:
        following = pool.submit(next, items, None)
        yield item


def _opened(run: RunState, stack: ExitStack, sides: bool) -> Iterator[tuple[Path, Journal]]:
    """The run's journals, open from now on."""
    return stack.enter_context(tail.opened(run.inventory, sides))


def mentions(run: RunState, metric: str, thorough: bool) -> bool:
    """Whether a run's journals hold a metric's name, told from their bytes without decoding them.

    Args:
        run: the run.
        metric: the name.
        thorough: look at all of them; else only where each begins, for what is logged again and again is there too.
    """
    encoded = orjson.dumps(metric)
    wanted = re.compile(rb"\n\[%b,|\n\[null,\{(?:[^\n]*,)?%b:" % (re.escape(encoded), re.escape(encoded)))
    for path in run.inventory.points:
        try:
            fd = files.descriptor(path)
        except OSError:
            continue  # sealed or unreadable now: whoever reads the points tells
        try:
            data = files.read_at(fd, 0, files.size(fd) if thorough else _GLANCE)
        finally:
            files.close(fd)
        if wanted.search(data):
            return True
    return False


def _good(run: RunState, found: Segment) -> bool:
    try:
        segment.verify(found.path, found.entry)
    except FileNotFoundError:
        raise
    except (Damaged, OSError) as problem:
        _warn(run.run_id, f"{problem}; left out")
        return False
    return True


def _sound(path: Path, entry: dict[str, Any]) -> bool:
    """Whether a block's file is as it was written."""
    try:
        segment.verify(path, entry)
    except (Damaged, OSError) as problem:
        warnings.warn(f"{problem}; left out", stacklevel=2)
        return False
    return True


def _warn(run_id: str, text: str) -> None:
    warnings.warn(f"run {run_id}: {text}", stacklevel=2)
