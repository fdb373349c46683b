"""A workspace on this machine as a remote: what a server serves. What is sent is merged in, as ``merge`` does it.

Objects wait in the workspace's ``server/incoming`` until a commit names them. A commit is judged as a whole first, in
a workspace made of it; only what nothing is wrong with is merged.
"""

from __future__ import annotations

import hashlib
import os
import secrets
import shutil
import threading
import time
from collections.abc import Callable, Collection, Iterable, Iterator, Sequence
from contextlib import contextmanager, suppress
from itertools import chain
from pathlib import Path, PurePosixPath

from runstore.disk import block, files, inventory, ledger, wherever
from runstore.disk.capabilities import CAN
from runstore.errors import FormatTooNew, Refused, RemoteConflict, RunstoreError
from runstore.format import VERSION, documents, journal, names
from runstore.query import sealing, union
from runstore.runs import tombstones
from runstore.sync import judging, legal, outgoing
from runstore.sync.incoming import Incoming
from runstore.sync.piece import SEGMENTS, Piece
from runstore.sync.remote import CHUNK, Object, Told
from runstore.sync.telling import Telling

_WHOLE = (*SEGMENTS, "blob")  # kinds whose bytes are compared with their hashes when they are merged
_ME = "00000000"  # who sends where no server is in between


class Place:
    """A workspace directory; see ``Remote``."""

    def __init__(self, workspace: Path) -> None:
        """Open it.

        Raises:
            Damaged, FileNotFoundError: it is no workspace.
        """
        body = documents.parse(files.read(workspace / names.WORKSPACE), str(workspace / names.WORKSPACE))
        if body["runstore"] > VERSION:
            raise FormatTooNew(f"{workspace}: format {body['runstore']}, newer than this runstore; upgrade it")
        self.id, self.label = str(body["workspace"]), str(workspace)
        self.workspace = workspace
        self.incoming = Incoming(workspace / names.SERVER_INCOMING)
        self._telling = Telling(workspace)
        self._known = _Known()
        self._committing = threading.Lock()
        _tidy(workspace)

    def pieces(self, cursor: str = "", runs: Collection[str] | None = None) -> Told:
        """What there is, or has changed; see ``Remote``."""
        since, told = self._known.since(cursor), dict[Path, str]()
        with self._known.lock:
            for run_path in self._runs(runs):
                told[run_path] = self._known.run(run_path, lambda one=run_path: self._signature(one))  # type: ignore[misc]
            outside = self._outside(since) if runs is None or "" in runs else []
            changed = [path for path in told if self._known.when(path) > since]
            now = self._known.cursor()
        return Told(chain(outside, chain.from_iterable(map(self._telling.run, changed))), now)

    def _runs(self, runs: Collection[str] | None) -> Iterable[Path]:
        every = wherever.runs(self.workspace) if runs is None else self._named(runs)
        return (path for path in every if not tombstones.there(path))

    def _named(self, runs: Collection[str]) -> Iterator[Path]:
        return (self.workspace / PurePosixPath(names.run_dir(run_id)) for run_id in sorted(set(runs) - {""}))

    def _signature(self, run_path: Path) -> str:
        """What changes when a run does: by the names and sizes of its files where these tell it, else by its pieces."""
        blocks = ",".join(self._known.blocks(self.workspace).get(block.key(run_path), []))
        there = self._known.listed(run_path)
        if not there and files.names_in(run_path):
            with suppress(RunstoreError, OSError):  # somebody else is at it, or it is damaged
                sealing.seal(self.workspace, run_path, timeout=0)
            there = self._known.listed(run_path)
        if not there and files.names_in(run_path):
            there = hashlib.sha256(repr(list(self._telling.run(run_path))).encode()).hexdigest()[:16]
        return f"{blocks} {there}{' otherwise' * self._telling.otherwise(run_path)}"

    def _outside(self, since: int) -> list[Piece]:
        for piece in self._telling.outside(self._known.keys()):
            self._known.document(piece)
        return [one for one, when in self._known.documents.values() if when > since]

    # ---- what is sent

    def lacking(self, objects: Collection[Object]) -> set[str]:
        """Those that do not wait here."""
        return {one.sha256 for one in objects if not self.incoming.has(one.sha256, one.size)}

    def put(self, one: Object) -> None:
        """Keep an object until it is committed; see ``Remote``."""
        if self.incoming.has(one.sha256, one.size):
            return
        receiving = self.incoming.receive(one.sha256, one.size, _ME)
        try:
            for chunk in one.read():
                receiving.write(chunk)
            whole = receiving.finish()
        except BaseException:
            receiving.stop(keep=False)
            raise
        if not whole:
            raise Refused(f"{one.sha256}: fewer bytes than it was to have")

    def commit(self, pieces: Sequence[Piece], source: Path | None = None) -> None:
        """Take pieces in; see ``Remote``. Nothing is taken where anything is wrong with any of them."""
        by_path: dict[str, list[Piece]] = {}
        for piece in pieces:
            own = by_path.setdefault(legal.check(piece).path, [])
            if piece.kind != "blob" or not own:  # which may be of several runs
                own.append(piece)
        with self._committing, _staged(self.workspace) as staging:
            for path, own in sorted(by_path.items()):
                self._build(staging, path, sorted(own, key=lambda one: one.offset))
            for path, (one, *_) in sorted(by_path.items()):
                judging.file(staging, path, one.kind, one.run_id, one.experiment)
            touched = {piece.run_id for piece in pieces if piece.run_id and piece.kind != "blob"}
            for run_id in sorted(touched):
                self._complete(staging, names.run_dir(run_id))
            _documented(self.workspace, staging, {piece.experiment for piece in pieces if piece.run_id in touched})
            self._judge(staging, by_path, touched)
            self._merge(staging)
        self.incoming.used({piece.object for piece in pieces if piece.object})

    def _build(self, staging: Path, path: str, pieces: list[Piece]) -> None:
        """Put a file together: what is here of it already, and what was sent."""
        first, end = pieces[0], max(piece.end for piece in pieces)
        if len({(piece.kind, piece.run_id) for piece in pieces}) > 1:
            raise Refused(f"{path}: pieces of more than one file; nothing was taken")
        judging.size(first.kind, path, end)
        target = staging / PurePosixPath(path)
        files.make_dirs(target.parent)
        if first.kind in _WHOLE and self._linked(first, target):
            return
        with open(target, "wb") as file:
            for chunk in self._before(first):
                file.write(chunk)
            for piece in pieces:
                if piece.offset != file.tell():
                    raise _gap(piece)
                for chunk in self._sent(piece):
                    file.write(chunk)
        if pieces[-1].modified:
            os.utime(target, ns=(pieces[-1].modified, pieces[-1].modified))

    def _linked(self, piece: Piece, target: Path) -> bool:
        """Whether a file that is an object is there without having been copied. Merging looks at its bytes."""
        if piece.object != piece.sha256 or piece.at or not CAN.hard_link:
            return False
        try:
            files.link(self.incoming.path(piece.object), target)
        except OSError:
            return False
        if target.stat().st_size == piece.size:
            return True
        target.unlink()
        return False

    def _before(self, piece: Piece) -> Iterator[bytes]:
        """The bytes that lie before a piece in its file, which is here up to there."""
        place = self.workspace / PurePosixPath(piece.path)
        if not piece.offset:
            return
        if piece.kind == "facts":
            yield self._facts(place.parent, piece)
        elif not (wherever.there(place) and wherever.size(place) >= piece.offset):
            raise _gap(piece)
        else:
            yield from outgoing.chunks(place, 0, piece.offset)

    def _facts(self, run_path: Path, piece: Piece) -> bytes:
        """The same of facts, which may lie under another name here: both may have begun the same attempt."""
        writer, found = piece.key.rpartition("#")[2], inventory.scan(run_path)
        for path in sorted(found.facts, key=lambda one: one.name != piece.path.rpartition("/")[2]):
            for part in journal.read_all(found.read(path), path.name):
                data = part.data[: piece.offset]
                if part.header.get("writer") == writer and len(data) == piece.offset and data.endswith(b"\n"):
                    return data
        raise _gap(piece)

    def _sent(self, piece: Piece) -> Iterator[bytes]:
        """The bytes of a piece out of its object, whose hash is right when the last one has come.

        Where that is not kept any more, they may be here since an earlier commit whose answer was lost.
        """
        if not piece.size:
            return
        digest, seen = hashlib.sha256(), 0
        for chunk in self._kept(piece):
            digest.update(chunk)
            seen += len(chunk)
            yield chunk
        if seen != piece.size or digest.hexdigest() != piece.sha256:
            raise Refused(f"{piece.path}: its bytes are not those of its SHA-256; nothing was taken")

    def _kept(self, piece: Piece) -> Iterator[bytes]:
        place = self.workspace / PurePosixPath(piece.path)
        try:
            file = files.opened(self.incoming.path(piece.object or piece.sha256))
        except FileNotFoundError:
            if not (wherever.there(place) and wherever.size(place) >= piece.end):
                raise Refused(
                    f"{piece.path}: its object was not put, or is no longer kept; put it and commit again"
                ) from None
            yield from outgoing.chunks(place, piece.offset, piece.end)
            return
        with file:
            for at in range(piece.at, piece.at + piece.size, CHUNK):
                yield files.read_at(file.fileno(), at, min(at + CHUNK, piece.at + piece.size))

    def _complete(self, staging: Path, where: str) -> None:
        """Beside what came of a run, what tells of it: its facts here, and that segments are here that records name."""
        theirs, ours = staging / where, self.workspace / where
        here, came = inventory.scan(ours), inventory.scan(theirs)
        for path in here.facts:
            data = here.read(path)
            name = path.name if path.name not in came.names else names.merged_facts(hashlib.sha256(data).hexdigest())
            if path.name not in came.names or not files.read(theirs / path.name).startswith(data):
                files.publish(theirs, name, data, durable=False)
        for _, body in came.seals:
            for entry in body["segments"]:
                name = str(entry["file"])
                parsed = names.parse(name)
                if parsed is not None and parsed.kind == "segment" and name in here.names and name not in came.names:
                    (theirs / name).touch()  # it stands for the one that is here, and is never read

    def _judge(self, staging: Path, by_path: dict[str, list[Piece]], touched: Iterable[str]) -> None:
        for run_id in touched:
            where = PurePosixPath(names.run_dir(run_id))
            named = {one.experiment for own in by_path.values() for one in own if one.run_id == run_id}
            judging.records(staging / where, self.workspace / where)
            judging.run(staging / where, self.workspace / where, named)

    def _merge(self, staging: Path) -> None:
        for dry in (True, False):
            refused = union.merge(self.workspace, staging, dry).refused
            if refused:
                what, why = refused[0]
                more = f" (and {len(refused) - 1} more)" if len(refused) > 1 else ""
                raise RemoteConflict(f"{what}: {why}{more}; nothing was changed there")

    # ---- what is asked for

    def get(self, piece: Piece) -> Iterator[bytes]:
        """The bytes of a piece; see ``Remote``."""
        yield from self._telling.read(legal.check(piece))

    def close(self) -> None:
        """Let go of what is open."""
        self._telling.close()


class _Known:
    """When what changed, as numbers that count up from the opening of the workspace."""

    def __init__(self) -> None:
        self._epoch, self._count = secrets.token_hex(8), 0
        self._runs: dict[Path, tuple[str, int]] = {}
        self.documents: dict[str, tuple[Piece, int]] = {}
        self._blocks: tuple[list[str], dict[str, list[str]]] = ([], {})
        self._listed: dict[Path, tuple[int, str]] = {}
        self.lock = threading.RLock()

    def since(self, cursor: str) -> int:
        """The number in a cursor; 0 in one that is not of this opening."""
        epoch, _, number = cursor.partition(".")
        known = epoch == self._epoch and number.isascii() and number.isdigit() and len(number) < 19
        return int(number) if known else 0

    def cursor(self) -> str:
        """Now."""
        return f"{self._epoch}.{self._count}"

    def run(self, run_path: Path, signature: Callable[[], str]) -> str:
        """Note a run's signature; give it."""
        now = signature()
        if self._runs.get(run_path, ("", 0))[0] != now:
            self._count += 1
            self._runs[run_path] = now, self._count
        return now

    def listed(self, run_path: Path) -> str:
        """The signature of a run's directory, listed again only where something was put there or taken away.

        What it has a signature for grows by being replaced only.
        """
        try:
            changed = os.stat(run_path).st_mtime_ns
        except FileNotFoundError:
            return ""
        before = self._listed.get(run_path)
        if before is not None and before[0] == changed:
            return before[1]
        found = ledger.signature(run_path)
        if found and not -block.SETTLED_SECONDS < time.time() - changed / 1e9 < block.SETTLED_SECONDS:
            self._listed[run_path] = changed, found
        return found

    def when(self, run_path: Path) -> int:
        """When it changed last."""
        return self._runs[run_path][1]

    def document(self, piece: Piece) -> None:
        """Note a document."""
        before = self.documents.get(piece.path)
        if before is None or before[0] != piece:
            self._count += 1
            self.documents[piece.path] = piece, self._count

    def keys(self) -> set[str]:
        """Those of the documents that are known."""
        return {piece.key for piece, _ in self.documents.values()}

    def blocks(self, workspace: Path) -> dict[str, list[str]]:
        """By a run's key, the blocks that hold something of it."""
        counting = block.active(workspace)
        if [one.name for one in counting] != self._blocks[0]:
            held: dict[str, list[str]] = {}
            for one in counting:
                for digits in one.keys():  # noqa: SIM118  it is no dict
                    held.setdefault(digits, []).append(one.name)
            self._blocks = [one.name for one in counting], held
        return self._blocks[1]


def _gap(piece: Piece) -> Refused:
    return Refused(f"{piece.path}: what lies before byte {piece.offset} is not here; nothing was taken")


@contextmanager
def _staged(workspace: Path) -> Iterator[Path]:
    """An empty workspace beside the incoming objects, which goes when it was merged."""
    staging = workspace / names.SERVER / names.temporary("commit", os.urandom(4).hex())
    body = {"runstore": VERSION, "workspace": "", "created": time.time_ns()}
    try:
        for folder in (names.RUNS, names.EXPERIMENTS):
            files.make_dirs(staging / folder)
        files.publish(staging, names.WORKSPACE, documents.render(body), durable=False)
        yield staging
    finally:
        shutil.rmtree(staging, ignore_errors=True)


def _documented(workspace: Path, staging: Path, experiments: set[str]) -> None:
    """An experiment has its document before anything else names it."""
    for name in experiments:
        path = names.experiment_file(name)
        if not (workspace / path).exists() and not (staging / path).exists():
            body = {"experiment": name, "created": time.time_ns()}
            files.publish(staging / names.EXPERIMENTS, path.rpartition("/")[2], documents.render(body), durable=False)


def _tidy(workspace: Path) -> None:
    """Remove what a server that was killed has left."""
    for entry in files.listing(workspace / names.SERVER):
        if entry.is_dir() and entry.name.startswith(".commit."):
            shutil.rmtree(entry.path, ignore_errors=True)
