"""One run on its way: what of it is lacking there, sent in an order in which nothing is told before it is so."""

from __future__ import annotations

import hashlib
from collections.abc import Callable
from dataclasses import asdict, dataclass, field, replace
from pathlib import Path

import orjson

from runstore.disk import block
from runstore.errors import Refused, RunstoreError
from runstore.format import names
from runstore.query import provenance
from runstore.runs import state
from runstore.runs.state import RunState
from runstore.sync.choice import Choice
from runstore.sync.mlflow import cursor, files, keys, labels, picture, points
from runstore.sync.mlflow.cursor import Entry
from runstore.sync.mlflow.files import File
from runstore.sync.mlflow.picture import DELETED, Picture
from runstore.sync.mlflow.sending import BATCH, EVERY, Sending
from runstore.sync.mlflow.server import Missing, NoEntry, Server
from runstore.sync.mlflow.there import Catalog, There
from runstore.sync.piece import Span
from runstore.sync.plan import Covered, cover

_POINT = 80  # bytes of one in a request, about
_TABLES_TAG = "mlflow.loggedArtifacts"


@dataclass(slots=True)
class Ready:
    """A run as it is here, and what of it is not there, by what is known without asking.

    ``wanted``: the numbers of what is to be there; ``told``: the hash of its picture; ``trouble``: what is damaged.
    """

    run: RunState
    key: str
    entry: Entry
    wanted: Covered
    files: list[File]
    picture: Picture
    told: str
    trouble: list[str] = field(default_factory=list)

    @property
    def spans(self) -> list[Span]:
        """The numbers that are not there."""
        return points.lacking(self.wanted, self.entry.sent)

    @property
    def lacking(self) -> list[File]:
        """The files that are not there."""
        return [file for file in self.files if self.entry.files.get(file.path) != file.mark]

    @property
    def nothing(self) -> bool:
        """Whether nothing is lacking."""
        return bool(self.entry.there) and self.entry.told == self.told and not self.spans and not self.lacking

    @property
    def requests(self) -> int:
        """How many batches there will be, about."""
        return -(-sum(last - first + 1 for _, first, last in self.spans) // BATCH)

    @property
    def size(self) -> int:
        """How many bytes there will be, about."""
        numbers = sum(last - first + 1 for _, first, last in self.spans)
        return numbers * _POINT + sum(file.size for file in self.lacking)


def ready(workspace: Path, run: RunState, entry: Entry | None, choice: Choice, parent: str) -> Ready:
    """Look at a run.

    Args:
        workspace: the workspace's directory.
        run: the run, folded.
        entry: what is known to be there of it.
        choice: what of it is meant.
        parent: MLflow's id of its parent; empty where none is known.
    """
    trouble = list(run.damaged)
    have, key = points.held(run.path, trouble), block.key(run.path)
    found = files.artifacts(workspace, run) if files.wants(choice, "pack", "blob") else []
    named = {file.path: file.mark for file in found}
    if files.wants(choice, "log"):
        found += files.logs(workspace, run)
    mine = replace(entry, sent=dict(entry.sent), files=dict(entry.files)) if entry is not None else Entry()
    tables = files.tables(workspace, run, have, mine.files, choice)
    found += [*files.derived(workspace, run, have, choice), *tables]
    wanted = {
        writer: pieces for writer, pieces in have.items()
        if files.wants(choice, "points" if names.owner(writer) == writer else "system")
    }  # fmt: skip
    seen = picture.of(run, key, parent, _script(run))
    shown = [{"path": file.path, "type": "table"} for file in tables if file.path != files.TABLES]
    if shown:
        listed = orjson.dumps(shown).decode()
        seen = replace(seen, tags={**seen.tags, _TABLES_TAG: listed} if len(listed) <= keys.TAG else seen.tags)
    document = files.document(picture.whole(run, named))
    told = hashlib.sha256(orjson.dumps(asdict(seen), option=orjson.OPT_SORT_KEYS)).hexdigest()[:16]
    mine.orphan = bool(run.parent_id) and not parent
    return Ready(run, key, mine, wanted, [*found, document], seen, told, list(dict.fromkeys(trouble)))


def _script(run: RunState) -> str:
    """What was started, where that is known."""
    command = provenance.of(run.path).get("argv") or [(run.definition or {}).get("script")]
    return str(command[0] or "")


@dataclass(slots=True)
class Way:
    """How a run gets there.

    Attributes:
        workspace: the workspace's directory.
        server: where to.
        catalog: what was found there by now.
        prefix: stands before the names of experiments.
        cut_off: who sent last was killed: more may be there than was noted.
        verify: ask for all that is there, and send what lacks of it.
        sent: called with the bytes of each request that was done.
    """

    workspace: Path
    server: Server
    catalog: Catalog
    prefix: str
    cut_off: bool
    verify: bool
    sent: Callable[[int], None]

    def send(self, one: Ready) -> int:
        """Send what lacks of a run; give the number of batches. ``entry`` and ``trouble`` tell how far it came."""
        there, sure = self._there(one)
        one.entry.sure = False
        one.entry.labels = labels.send(
            self.server, there, one.picture, one.entry.labels, lambda name, why: one.trouble.append(f"{name}: {why}")
        )
        doubtful = None if self.verify else 0 if sure else (EVERY + 1) * BATCH
        sending = Sending(self.server, there.id, one.entry, there.tags, doubtful, one.trouble, self.sent)
        sending.send(self.workspace, one.run.run_id, points.lacking(one.wanted, {}) if self.verify else one.spans)
        one.entry.sure = True
        self._files(one, there)
        labels.finish(self.server, there, one.picture)
        one.entry.told = one.told
        return sending.requests

    def _there(self, one: Ready) -> tuple[There, bool]:
        """The run there, found or made, and whether nothing can be there that is not noted."""
        there = self.catalog.run(one.entry.there) if one.entry.there else None
        if there is None:
            experiment = self.catalog.experiment(keys.experiment(one.run.experiment, self.prefix))
            there = self.catalog.find(experiment, one.key)
            one.entry = Entry(orphan=one.entry.orphan)
            if there is None:
                there = self.catalog.make(experiment, one.key, one.picture)
                one.entry.there = there.id
                return there, True
        if not there.active:
            self._restore(there)
        known = bool(one.entry.there)
        one.entry.there = there.id
        sure = known and one.entry.sure and not self.cut_off
        told = cursor.told(there.tags)
        if cursor.tags(told) != {name: text for name, text in cursor.tags(one.entry.sent).items() if text}:
            sure = False
            cover(one.entry.sent, [(writer, a, b) for writer, pieces in told.items() for a, b in pieces])
        if not known or self.verify:
            one.entry.files = self._known_files(one, there)
        return there, sure

    def _restore(self, there: There) -> None:
        if DELETED not in there.tags:
            raise Refused(f"run {there.id} is deleted in MLflow; restore it there, or delete it here")
        self.server.sure("runs/restore", {"run_id": there.id})
        labels.untag(self.server, there.id, DELETED)

    def _known_files(self, one: Ready, there: There) -> dict[str, str]:
        """The files that are there: by what is noted, and what is listed there; else by the document among them."""
        listed = self.catalog.files(there.id)
        if one.entry.files:
            sizes = {file.path: file.size for file in one.files}
            return {
                path: mark for path, mark in one.entry.files.items()
                if path in listed and sizes.get(path, 0) in (0, listed[path])
            }  # fmt: skip
        if files.RUN not in listed:
            return {}
        try:
            told = orjson.loads(self.server.download(there.place, files.RUN)).get("files", {})
        except (Refused, orjson.JSONDecodeError, AttributeError):
            return {}
        return {str(path): str(mark) for path, mark in told.items() if path in listed}

    def _files(self, one: Ready, there: There) -> None:
        try:
            self.server.store(there.place)
        except Refused as problem:
            one.trouble.append(f"artifacts: {problem}")
            return
        for file in one.lacking:
            try:
                size = self.server.upload(there.place, file.path, file.write)
            except (NoEntry, Missing):
                raise
            except Refused as problem:
                one.trouble.append(f"{file.path}: {problem}")
                continue
            one.entry.files[file.path] = file.mark
            self.sent(size)


def delete(server: Server, entry: Entry) -> None:
    """Delete a run there; it says that this was done from here, and can be restored there, or from here."""
    try:
        server.sure("runs/set-tag", {"run_id": entry.there, "run_uuid": entry.there, "key": DELETED, "value": "true"})
        server.sure("runs/delete", {"run_id": entry.there})
    except Missing:
        pass


def fold(path: Path) -> RunState:
    """A run that says whose it is.

    Raises:
        RunstoreError: nothing tells that.
    """
    run = state.fold(path)
    if not run.run_id:
        raise RunstoreError("nothing tells whose run this is; run `check`")
    return run
