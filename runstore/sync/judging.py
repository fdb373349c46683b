"""Whether what somebody sent can be taken in: what files say inside, after their paths, sizes and hashes were right.

Judged before anything of it counts. Parquet files are looked at by their footers only: nothing is decompressed.
"""

from __future__ import annotations

from collections.abc import Callable, Collection, Mapping
from pathlib import Path, PurePosixPath
from typing import Any

import orjson

from runstore.disk import files, segment
from runstore.disk.inventory import Inventory, covered, named, scan
from runstore.errors import FormatTooNew, Refused, StoreError
from runstore.format import VERSION, documents, journal, lines, names, ranges
from runstore.runs import state
from runstore.sync import wording
from runstore.sync.piece import SEGMENTS

SMALL = 16 << 20  # bytes of a document, at most
FACTS = 1 << 30
RECORD = 256 << 20
_MOST = {"document": SMALL, "end": SMALL, "facts": FACTS, "seal": RECORD, "lock": 0}
_TEXT, _NUMBER = (str,), (int,)
_SAID = {  # of experiments
    "tags": wording.each(wording.scalar), "untag": wording.many(wording.text), "archived": wording.flag,
    "deleted": wording.flag,
}  # fmt: skip


def size(kind: str, path: str, found: int) -> None:
    """Whether a file of a kind may have so many bytes.

    Raises:
        Refused: no.
    """
    if found > _MOST.get(kind, found):
        raise Refused(f"{path}: {found:,} bytes are more than such a file may have; nothing was taken")


def file(staging: Path, path: str, kind: str, run_id: str, experiment: str) -> None:
    """Judge a file in a workspace that was made to be merged.

    Raises:
        Refused: what it says can't be, or is about something else than its name.
        FormatTooNew: a later runstore wrote it; this one can't judge it.
    """
    place = staging / PurePosixPath(path)
    judge = _JUDGES.get(kind)
    try:
        if judge is not None:
            judge(place, path, run_id, experiment)
    except FormatTooNew:
        raise
    except (StoreError, ValueError, TypeError, KeyError, AttributeError, IndexError, RecursionError) as problem:
        why = str(problem) if isinstance(problem, StoreError) else "does not say what such a file says"
        raise Refused(f"{path}: {why}; nothing was taken") from None


def run(staged: Path, ours: Path, experiments: Collection[str]) -> None:
    """Judge a run that is to be merged, as far as it came: whether its facts can be understood.

    Args:
        staged: its directory, with what came.
        ours: its directory here.
        experiments: that it was sent as a run of.

    Raises:
        Refused: no.
    """
    told, here = state.fold(staged), state.fold(ours)
    if {*experiments, *({here.experiment} if here.run_id else ())} != {told.experiment}:
        raise Refused(f"run {told.run_id or staged.name}: is of another experiment; nothing was taken")
    wrong = [what for what in told.damaged if what not in here.damaged]
    if wrong:
        raise Refused(f"run {told.run_id or staged.name}: {wrong[0]}; nothing was taken")


def records(staged: Path, ours: Path) -> None:
    """Judge what records that are to be merged name: their segments must be there, and they cover what they replace.

    Raises:
        Refused: they don't, so that something would be lost.
    """
    found = scan(staged)
    for name, body in found.seals:
        lacking = sorted(named(body) - found.names)
        if lacking:
            raise Refused(f"{name}: names {lacking[0]}, which is not there; nothing was taken")
    replaced(found, ours)


def replaced(found: Inventory, ours: Path) -> None:
    """Judge what the records of a run that is to be merged take the place of: they must have all that it covers.

    Raises:
        Refused: they don't.
    """
    here = dict(scan(ours).seals)
    for name, body in found.seals:
        covers = covered(body)
        for old in (here[one] for one in body["replaces"] if one in here and name not in here):
            for writer, pieces in covered(old).items():
                if ranges.subtract(pieces, covers.get(writer, [])):
                    raise Refused(f"{name}: replaces a record without having all that it covers; nothing was taken")


# ---- kinds of files


def _document(place: Path, path: str, run_id: str, experiment: str) -> None:
    folder, _, name = path.partition("/")
    body = documents.parse(files.read(place), path)
    if body.get("runstore", VERSION) > VERSION:
        raise FormatTooNew(f"{path}: of a later version of the format; upgrade this runstore")
    if path not in _places(folder, name, body):
        raise Refused(f"{path}: is about something else than its name says; nothing was taken")


def _places(folder: str, name: str, body: Mapping[str, Any]) -> list[str]:
    """What such a document may be called."""
    if folder == names.EXPERIMENTS:
        _typed(body, experiment=_TEXT)
        time = names.event_time(name)
        if time is None:
            _typed(body, created=_NUMBER)
            return [names.experiment_file(body["experiment"])]
        _typed(body, time=_NUMBER)
        _said(wording.fields({}, _SAID)(body))
        return [names.experiment_event(body["experiment"], body["time"], name[-13:-5])]
    if folder == names.TOMBSTONES:
        _typed(body, run=_TEXT, removed=_NUMBER)
        return [names.tombstone(names.run_dir(body["run"])[len(names.RUNS) :].replace("/", ""))]
    _typed(body, name=_TEXT, version=_NUMBER)
    known = names.parse_model(name.rpartition("/")[2])
    version = known is not None and known.version
    if version and version != body["version"]:
        return []
    if version and folder == names.MODELS:
        _said(wording.MODEL(body))
    elif version:
        _typed(body, created=_NUMBER, definition=(dict,))
    else:
        _typed(body, time=_NUMBER, change=_TEXT)
        _said(wording.CHANGES.get(body["change"], wording.anything)(body.get("value")))
    where = names.model_dir(body["name"]) if folder == names.MODELS else names.environment_dir(body["name"])
    return [f"{where}/{name.rpartition('/')[2]}"]


def _end(place: Path, path: str, run_id: str, experiment: str) -> None:
    body = documents.parse(files.read(place), path)
    _typed(body, status=_TEXT, error=(str, type(None)), time=_NUMBER)
    if body["status"] not in state.TERMINAL:
        raise Refused(f"{path}: no status that a run ends with; nothing was taken")


def _facts(place: Path, path: str, run_id: str, experiment: str) -> None:
    for part in journal.read_all(files.read(place), path):
        if part.damage or not part.header:
            raise Refused(f"{path}: its checksums are wrong; nothing was taken")
        head = part.header
        _typed(head, run=_TEXT, experiment=_TEXT, writer=_TEXT, attempt=_NUMBER, number=_NUMBER, first=_NUMBER)
        if (head["journal"], head["run"], head["experiment"]) != (lines.FACTS, run_id, experiment):
            raise Refused(f"{path}: facts of another run than it was sent as; nothing was taken")
        _numbers(head["attempt"], head["number"], head["first"])
        for fact in part.items():
            kind, time, said = fact
            _numbers(time)
            if type(kind) is not str or not wording.fact(kind, said):
                raise Refused(f"{path}: a fact {str(kind)[:40]!r} that says something else; nothing was taken")


def _record(place: Path, path: str, run_id: str, experiment: str) -> None:
    body = documents.parse(files.read(place), path)
    _typed(
        body, runstore=_NUMBER, run=_TEXT, experiment=_TEXT, created=_NUMBER, segments=(list,), ranges=(list,),
        replaces=(list,), summary=(dict,), merged_facts=(dict, type(None)),
    )  # fmt: skip
    if body["runstore"] > VERSION:
        raise FormatTooNew(f"{path}: of a later version of the format; upgrade this runstore")
    if (body["run"], body["experiment"]) != (run_id, experiment):
        raise Refused(f"{path}: of another run than it was sent as; nothing was taken")
    if body["merged_facts"] is not None:
        raise Refused(f"{path}: names merged facts, which travel by themselves; nothing was taken")
    for writer, attempt, first, last in [*body["ranges"], *(piece[:4] for piece in body.get("thinned", []))]:
        _writer(writer)
        _numbers(attempt, first, last - first, last)
    for _, _, _, _, kept, time in body.get("thinned", []):
        _numbers(kept, time)
    for name in body["replaces"]:
        if names.parse(name) is None or names.parse(name).kind != "seal":  # type: ignore[union-attr]
            raise Refused(f"{path}: replaces what is no record; nothing was taken")
    most = sum(last - first + 1 for _, _, first, last in body["ranges"])
    for entry in body["segments"]:
        _entry(place, entry, most)
    if not all(map(wording.SUMMARY, body["summary"].values())):
        raise Refused(f"{path}: its summary is none; nothing was taken")


def _entry(place: Path, entry: Mapping[str, Any], most: int) -> None:
    """A segment that a record names; where it was sent along, it must be what the record says."""
    _typed(entry, kind=_TEXT, file=_TEXT, sha256=_TEXT, size=_NUMBER, rows=_NUMBER)
    right = entry["kind"] in SEGMENTS and names.is_sha256(entry["sha256"])
    if not right or entry["file"] != names.segment(entry["kind"], entry["sha256"]):
        raise Refused(f"{place.name}: names a segment that can't be called so; nothing was taken")
    if not 0 <= entry["rows"] <= most:
        raise Refused(f"{entry['file']}: more rows than numbers; nothing was taken")
    path = place.parent / entry["file"]
    if path.exists():
        segment.claims(path, dict(entry))


def _typed(body: Mapping[str, Any], **types: tuple[type, ...]) -> None:
    for name, allowed in types.items():
        if type(body[name]) not in allowed:
            raise TypeError(name)


def _said(right: bool) -> None:
    if not right:
        raise ValueError("something else")


def _writer(text: str) -> None:
    if len(names.owner(text)) != 16 or set(names.owner(text)) - set("0123456789abcdef") or len(text) > 17:
        raise ValueError(text)


def _numbers(*found: int) -> None:
    if any(type(one) is not int or not 0 <= one < 1 << 63 for one in found):
        raise ValueError(found)


_JUDGES: dict[str, Callable[[Path, str, str, str], None]] = {
    "document": _document, "end": _end, "facts": _facts, "seal": _record,
}  # fmt: skip


def parsed(data: bytes) -> Any:
    """JSON that somebody sent.

    Raises:
        Refused: it is none.
    """
    try:
        return orjson.loads(data)
    except orjson.JSONDecodeError:
        raise Refused("not JSON; nothing was taken") from None
