"""A lake as a remote (``sync.remote.Remote``): its layout, what a commit does and in which order. ``docs/lake.md``."""

from __future__ import annotations

import hashlib
import json
import os
import re
import tempfile
import time
import uuid
import warnings
from collections.abc import Callable, Collection, Iterable, Iterator, Sequence
from concurrent.futures import ThreadPoolExecutor
from contextlib import suppress
from pathlib import Path
from typing import TypeVar

from runstore.errors import FormatTooNew, Refused, RemoteError
from runstore.format import VERSION, documents, names
from runstore.sync import piece as pieces
from runstore.sync.lake import columns, facts, rows, storage
from runstore.sync.lake.facts import Written
from runstore.sync.lake.storage import Storage
from runstore.sync.lake.tables import New, Tables
from runstore.sync.lake.troubles import Missing
from runstore.sync.piece import Piece
from runstore.sync.plan import Covered, cover, lacking
from runstore.sync.remote import Object, Told

DOCUMENT = names.LAKE
_AT_ONCE = 16  # requests
_MOST = 64 << 20  # bytes that a document of a lake, or one entry of a log, may have
_UUID = r"[0-9a-f]{8}(?:-[0-9a-f]{4}){3}-[0-9a-f]{12}"  # the name of a directory here
_PART = re.compile(r"[0-9a-f]{24}-([0-9a-f]{24})\.parquet")  # what a commit is called, and its bytes
_T = TypeVar("_T")


def opened(url: str | os.PathLike[str], create: bool = False) -> Lake:
    """Open a lake.

    Args:
        url: a path, ``file://``, ``s3://``, ``az://``, ``abfss://`` or ``gs://``.
        create: make it where there is none.

    Raises:
        UsageError: that is no such address.
        Refused: there is none, or the credentials don't do.
        Unreachable: the storage can't be asked.
        FormatTooNew: a later runstore made it.
    """
    return Lake(storage.at(url), create)


class Lake:
    """See ``sync.remote.Remote``."""

    def __init__(self, place: Storage, create: bool = False) -> None:
        """See ``opened``."""
        self.storage, self.label = place, place.label
        self.id = _identity(place, create)
        self.tables = Tables(place)
        self._there: dict[tuple[str, str], int] = {}  # the sizes of objects that were seen, by hash and kind
        self._read: dict[str, list[Piece]] = {}  # parts of ``segments``

    # ---- what counts

    def pieces(self, cursor: str = "", runs: Collection[str] | None = None, removed: bool = False) -> Told:
        """See ``Remote``. The cursor is a version of ``segments``. ``removed``: also those of runs removed for good."""
        since = self._since(cursor)
        if since is None:
            version = self.tables.version(columns.SEGMENTS)
            if version is None:
                return Told((), "")
            parts = self.tables.parts(columns.SEGMENTS)
            paths = [one.path for one in parts if runs is None or _may_hold(one.first_run, one.last_run, runs)]
        else:
            version, paths = since
        found = self._pieces(paths, runs)
        gone = self._removed() if paths and not removed else set()
        return Told((one for one in found if digits(one.path) not in gone) if gone else found, str(version))

    def _since(self, cursor: str) -> tuple[int, list[str]] | None:
        """The newest version and the files added since another; None where the log doesn't tell."""
        if not (cursor.isascii() and cursor.isdecimal() and len(cursor) <= 15):
            return None
        version, paths = int(cursor), []
        log = f"{columns.SEGMENTS}/_delta_log"
        known = f"{log}/{version:020d}.json"
        later = {one.name: one for one in self.storage.names(log, known[:-1])}
        if known not in later:
            return None  # not the log of this lake
        while (name := f"{log}/{version + 1:020d}.json") in later:
            if later[name].size > _MOST:
                return None
            for line in b"".join(self.storage.read(name)).splitlines():
                with suppress(ValueError, KeyError, TypeError):
                    paths.append(str(json.loads(line)["add"]["path"]))
            version += 1
        return version, paths

    def _pieces(self, paths: Sequence[str], runs: Collection[str] | None) -> Iterator[Piece]:
        lacking = [path for path in paths if path not in self._read]
        with ThreadPoolExecutor(_AT_ONCE) as pool:
            for path, found in zip(lacking, pool.map(self._part, lacking), strict=True):
                self._read[path] = found
        return (one for path in paths for one in self._read[path] if runs is None or one.run_id in runs)

    def _part(self, path: str) -> list[Piece]:
        name = f"{columns.SEGMENTS}/{path}"
        size = self.storage.size(name)
        if size is not None and size > rows.MOST_BYTES:
            raise RemoteError(f"{self.label}/{name}: is no list of pieces ({size} bytes); look who has written it")
        data = b"".join(self.storage.read(name))
        told = _PART.fullmatch(path)
        if told and hashlib.sha256(data).hexdigest()[:24] != told[1]:
            raise RemoteError(f"{self.label}/{name}: is not what was put there; restore it from a copy")
        return rows.read(data, f"{self.label}/{name}")

    # ---- objects

    def lacking(self, objects: Collection[Object]) -> set[str]:
        """See ``Remote``."""
        self._look((one.sha256, one.kind) for one in objects)
        return {one.sha256 for one in objects if self._there.get((one.sha256, one.kind)) != one.size}

    def _look(self, objects: Iterable[tuple[str, str]]) -> None:
        """Find out how large objects are that were not seen yet, by hash and kind."""
        asked = [*{*objects} - self._there.keys()]
        with ThreadPoolExecutor(_AT_ONCE) as pool:
            sizes = [*pool.map(lambda one: self.storage.size(_name(*one)), asked)]
        self._there.update((one, size) for one, size in zip(asked, sizes, strict=True) if size is not None)

    def put(self, one: Object) -> None:
        """See ``Remote``. What is read is hashed on its way: other bytes never get the name."""
        self.storage.put(_name(one.sha256, one.kind), _hashed(one), one.size)
        self._there[one.sha256, one.kind] = one.size

    def get(self, piece: Piece) -> Iterator[bytes]:
        """See ``Remote``."""
        if not piece.size:
            return
        kind = piece.kind if piece.kind in pieces.SEGMENTS else ""
        sha256 = piece.object or piece.sha256
        try:
            yield from self.storage.read(_name(sha256, kind), piece.at, piece.size)
        except Missing:
            if not kind:
                raise
            yield from self.storage.read(_name(sha256, ""), piece.at, piece.size)

    def close(self) -> None:
        """See ``Remote``."""
        self._read.clear()

    # ---- commits

    def commit(self, pieces: Sequence[Piece], source: Path | None = None) -> None:
        """See ``Remote``. Tables of rows first, those of facts then, ``segments`` last: its rows are the pieces."""
        told = [*pieces]
        if not told:
            return
        once = _called(told)
        if self.tables.version(columns.SEGMENTS) is None:  # so that who reads finds all of them, empty or not
            _each(self.tables.make, columns.EVERY[1:])
            self.tables.make(columns.SEGMENTS)
        if any(part.path.startswith(once) for part in self.tables.parts(columns.SEGMENTS)):
            return  # the answer was lost
        self._sound(told)
        self.storage.settle()
        removed = self._tombstones(told)
        kept = [one for one in told if digits(one.path) not in removed]
        self._segments(kept)
        self._facts(source or self._ahead(told), kept, once, max(one.time for one in told) // 1000)
        data, count = rows.render(told)
        self._add(columns.SEGMENTS, data, count, once, sorted({one.run_id for one in told}))

    def _segments(self, told: Sequence[Piece]) -> None:
        """Make segments parts of their tables, and those no longer whose rows were thinned."""
        outdated = self._outdated(told)

        def commit(table: str) -> None:
            new = [_new(one) for one in told if columns.OF_KIND.get(one.kind) == table]
            gone = [_new(one).path for one in outdated if columns.OF_KIND.get(one.kind) == table]
            if new or gone:
                self.tables.commit(table, [*{one.path: one for one in new}.values()], gone)

        _each(commit, columns.OF_KIND.values())

    def _ahead(self, told: Sequence[Piece]) -> Path | None:
        """A workspace that has all that these pieces are of, where they come from none that is at hand."""
        from runstore.sync.lake import mirror

        try:
            return mirror.ahead(self, told)
        except OSError as problem:  # what counts are the pieces; a later push tells the rest
            warnings.warn(f"{self.label}: its tables of facts are not up to date: {problem}", stacklevel=2)
            return None

    def _outdated(self, told: Sequence[Piece]) -> list[Piece]:
        """The segments whose rows were thinned: a record among these pieces has fewer rows for all of their numbers."""
        thinned = [one for one in told if one.thinned]
        runs = {one.run_id for one in thinned}
        segments = [one for one in self.pieces("", runs).pieces if one.kind in pieces.SEGMENTS] if runs else []
        found = []
        for record in thinned:
            covered: Covered = {}
            cover(covered, record.spans)
            for one in segments:
                name = one.path.rpartition("/")[2]
                if one.run_id == record.run_id and name not in record.needs and not lacking(one.spans, covered):
                    found.append(one)
        return found

    def _sound(self, told: Iterable[Piece]) -> None:
        """See that the objects of these pieces are there.

        Raises:
            Refused: one is not.
        """
        wanted = {(one.object, one.kind if one.kind in pieces.SEGMENTS else ""): one for one in told if one.size}
        self._look(wanted)
        for key, one in wanted.items():
            if self._there.get(key, -1) < one.at + one.size:
                raise Refused(f"{self.label}: the object of {one.path} is not there; put it first")

    def _facts(self, source: Path | None, told: Sequence[Piece], once: str, revision: int) -> None:
        """Add to the tables of facts what the source says now of the runs these pieces are of."""
        if source is None:
            return
        run_ids = sorted({one.run_id for one in told if one.run_id and one.kind not in ("blob", "document")})
        with tempfile.TemporaryDirectory(prefix="runstore-") as directory:
            outside = any(one.kind == "document" for one in told)
            of_all = [*facts.of_all(source, revision, Path(directory))] if outside else []
            of_runs = [*facts.of_runs(source, run_ids, revision, Path(directory))]

            def add(made: Written) -> None:
                named = run_ids if made.table in columns.OF_RUNS else []
                self._add(made.table, made.path.read_bytes(), made.rows, once, named)

            _each(add, [*of_all, *(made for made in of_runs if made.table != "runs")])
            _each(add, [made for made in of_runs if made.table == "runs"])

    def _add(self, table: str, data: bytes, count: int, once: str, run_ids: Sequence[str]) -> None:
        """Put a file of a commit and make it a part of a table, unless the commit has one there already."""
        path = f"{once}-{hashlib.sha256(data).hexdigest()[:24]}.parquet"
        self.storage.put(f"{table}/{path}", [data], len(data))
        self.storage.settle()
        least, greatest = ({"run_id": run_ids[0]}, {"run_id": run_ids[-1]}) if run_ids else ({}, {})
        self.tables.commit(table, [New(path, len(data), count, least, greatest)], once=once)

    # ---- removed runs

    def _tombstones(self, told: Sequence[Piece]) -> set[str]:
        """Take note of the runs that were removed for good, and take their rows away; the digits of all such runs."""
        stones = [one for one in told if one.path.startswith(f"{names.TOMBSTONES}/")]
        known = self._removed()
        fresh = []
        for one in stones:
            data = b"".join(self.get(one))
            fresh.append(str(documents.parse(data, one.path)["run"]))
            if one.path.rpartition("/")[2].partition(".")[0] not in known:
                self.storage.create(one.path, data)
        if fresh:
            self._forget(fresh)
        return known | {one.path.rpartition("/")[2].partition(".")[0] for one in stones}

    def _removed(self) -> set[str]:
        """The digits of the runs that were removed for good."""
        return {one.name.rpartition("/")[2].partition(".")[0] for one in self.storage.names(names.TOMBSTONES)}

    def _forget(self, run_ids: Sequence[str]) -> None:
        """Take the rows of runs out of the tables. Files of one run go as they are, others are written anew."""
        for table in columns.OF_KIND.values():
            gone = [one.path for one in self.tables.parts(table) if one.first_run == one.last_run in run_ids]
            self.tables.commit(table, gone=gone)
        for table in columns.OF_RUNS:
            for part in self.tables.parts(table):
                if _may_hold(part.first_run, part.last_run, run_ids):
                    self._rewrite(table, part.path, run_ids)

    def _rewrite(self, table: str, path: str, run_ids: Sequence[str]) -> None:
        with tempfile.TemporaryDirectory(prefix="runstore-") as directory:
            old, new = Path(directory, "old.parquet"), Path(directory, "new.parquet")
            old.write_bytes(b"".join(self.storage.read(f"{table}/{path}")))
            left = facts.without(old, run_ids, new)
            if left is None:
                return
            self.replace(table, [path], new if left else None, left, path.partition("-")[0])

    def replace(self, table: str, gone: Sequence[str], by: Path | None, count: int, prefix: str) -> bool:
        """Put one file in the place of parts of a table, in one commit; False where one of them is none any more."""
        new = []
        if by is not None:
            data, between = by.read_bytes(), facts.ends(by) if "run_id" in columns.of(table) else None
            path = f"{prefix}-{hashlib.sha256(data).hexdigest()[:24]}.parquet"
            self.storage.put(f"{table}/{path}", [data], len(data))
            self.storage.settle()
            least, greatest = ({"run_id": between[0]}, {"run_id": between[1]}) if between else ({}, {})
            new = [New(path, len(data), count, least, greatest)]
        return self.tables.commit(table, new, gone, whole=True)


def _identity(place: Storage, create: bool) -> str:
    """The id of the lake there, which is made once.

    Raises:
        Refused: there is none.
    """
    made = {"runstore": VERSION, "lake": str(uuid.uuid4()), "created": time.time_ns()}
    size = place.size(DOCUMENT)
    if size is None:
        if not create:
            raise Refused(f"{place.label}: no lake there; make one with `runstore remote add NAME {place.label}`")
        place.create(DOCUMENT, documents.render(made))  # or another has made it meanwhile
        size = place.size(DOCUMENT)
    where = f"{place.label}/{DOCUMENT}"
    if size is None or size > _MOST:
        raise RemoteError(f"{where}: is no document of a lake ({size} bytes); look who has written it")
    body = documents.parse(b"".join(place.read(DOCUMENT)), where)
    told = body if isinstance(body, dict) else {}
    version, lake_id = told.get("runstore"), told.get("lake")
    if isinstance(version, int) and version > VERSION:
        raise FormatTooNew(f"{place.label}: format {version}, this runstore reads up to {VERSION}; upgrade it")
    if not isinstance(version, int) or not isinstance(lake_id, str) or not re.fullmatch(_UUID, lake_id):
        raise RemoteError(f"{where}: is no document of a lake; look who has written it")
    return lake_id


def _each(do: Callable[[_T], None], many: Iterable[_T]) -> None:
    """Do something with each of them, at once; what one raises is raised when all have ended."""
    with ThreadPoolExecutor(_AT_ONCE) as pool:
        for _ in pool.map(do, many):
            pass


def _name(sha256: str, kind: str) -> str:
    """Where an object lies: a segment in the directory of its table, all others by their digits."""
    if not names.is_sha256(sha256):
        raise RemoteError(f"{sha256[:80]!r} is no SHA-256; look who has written it")
    return f"{columns.OF_KIND[kind]}/{sha256}.parquet" if kind else f"objects/{sha256[:2]}/{sha256[2:]}"


def _hashed(one: Object) -> Iterator[bytes]:
    digest, size = hashlib.sha256(), 0
    for chunk in one.read():
        digest.update(chunk)
        size += len(chunk)
        yield chunk
    if size != one.size or digest.hexdigest() != one.sha256:
        raise Refused(f"object {one.sha256}: has changed while it was sent; synchronize again, or run `check`")


def _called(told: Iterable[Piece]) -> str:
    """What the files of a commit are called by: the same pieces are the same commit."""
    text = json.dumps([pieces.dump(one) for one in told], sort_keys=True)
    return hashlib.sha256(text.encode("utf-8", "backslashreplace")).hexdigest()[:24]


def _new(one: Piece) -> New:
    told = {"run_id": one.run_id, "experiment": one.experiment} if one.experiment else {}  # both, or nothing is stated
    return New(f"{one.object or one.sha256}.parquet", one.size, one.rows, told, told)


def digits(path: str) -> str:
    """The 18 digits of the run in whose directory a file lies; empty for others."""
    parts = path.split("/")
    return parts[1] + parts[2] if len(parts) == 4 and parts[0] == names.RUNS else ""


def _may_hold(first: str | None, last: str | None, runs: Collection[str]) -> bool:
    return first is None or last is None or any(first <= run_id <= last for run_id in runs)
