"""What may be said: everything that a run writes, and nothing after which a question could not be answered."""

from __future__ import annotations

import hashlib
import io
import logging
import time
import warnings
import zlib
from pathlib import Path
from typing import Any

import pytest

import runstore
from runstore.errors import Refused
from runstore.format import journal, lines, names
from runstore.query.views import VIEWS
from runstore.runs import seal
from runstore.runs.facts import TAKERS
from runstore.sync import wording
from runstore.sync.piece import Piece
from runstore.sync.place import Place
from tests.query import unions
from tests.sync.served import thing

WRITER = "0123456789abcdef"
SHA256 = "0" * 64
RIGHT: dict[str, Any] = {
    "start": {"opener": True, "host": "h", "pid": 1, "name": "n", "status": "Running", "parent": None, "type": "t"},
    "params": [["lr", 0.1], ["layers", {"j": [64, {"a": {"f": "nan"}}]}]],
    "tags": {"k": "v"},
    "untag": ["k"],
    "properties": {"k": {"i": "-123456789012345678901234567890"}},
    "description": {"name": "loss", "text": "t"},
    "describe": {"description": "d"},
    "note": {"text": "t"},
    "archived": {"archived": True},
    "deleted": {"deleted": False},
    "status": {"status": "Finalizing"},
    "failure": {"code": "c", "message": "m"},
    "artifact": {
        "name": "f",
        "sha256": SHA256,
        "size": 1,
        "media_type": None,
        "kind": "file",
        "step": -1,
        "pack": [0, 9],
    },
    "removed": {"artifacts": ["f"]},
    "input": {"name": "f", "run": "r", "version": 1, "sha256": SHA256, "size": 1, "pack": [0, 9, WRITER, "r"]},
    "points": {"number": 0, "first": 0, "count": 1, "size": 1},
    "dropped": {"points": 1, "reason": "disk full"},
    "counted": {"warnings": 1, "errors": 0},
    "stream": {"stream": "s", "number": 0},
    "streamed": {"number": 0, "size": 1, "sha256": SHA256},
    "end": {"status": "Completed", "error": None, "explicit": True, "points": 0, "journals": 0, "dropped": 0},
}
ODD: list[Any] = [5, "x", [], {}, [1], {"a": {"b": [1]}}, None, True, -1, 1 << 63, 1.5, [["a", {"x": 1}]], {"i": "x"}]


@pytest.mark.parametrize("kind", RIGHT)
def test_a_fact_as_it_is_written_is_fine(kind: str) -> None:
    assert wording.fact(kind, RIGHT[kind])


def test_every_fact_that_counts_has_its_wording() -> None:
    assert {*TAKERS} <= {*wording.FACTS}


def test_every_fact_of_runs_with_a_bit_of_everything_is_fine(workspace: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(seal, "request", lambda workspace, run_dir: None)
    monkeypatch.delenv("RUNSTORE_PROVENANCE")
    ws = runstore.Workspace(workspace)
    unions.logged(ws, "r0", small=b"small", large=bytes(300_000))
    with pytest.raises(ZeroDivisionError), runstore.start_run("e", run_id="r1", workspace=ws, params={"a": {}}) as run:
        run.log_params({"list": [1, {"x": float("inf")}], "big": 10**30, "none": None})
        run.log("loss", 1.0, description="what it is")
        run.set_tags({"k": "v"}), run.note("a note")
        run.upload_file("f", io.BytesIO(b"x")), run.upload_file("f", io.BytesIO(b"y"), overwrite=True)
        logging.getLogger("test").warning("careful")
        raise ZeroDivisionError
    ws.delete("r0")
    ws.restore("r0")
    kinds = set()
    for path in (workspace / names.RUNS).rglob("a*.jsonl"):
        for part in journal.read_all(path.read_bytes(), path.name):
            for kind, _, body in part.items():
                kinds.add(kind)
                assert wording.fact(kind, body), (kind, body)
    assert {"start", "params", "tags", "note", "artifact", "deleted", "provenance", "failure", "end"} <= kinds


@pytest.mark.parametrize("kind", RIGHT)
def test_whatever_is_wrong_with_a_fact_every_question_is_answered_or_it_is_refused(
    kind: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    right = RIGHT[kind]
    wrong: list[Any] = [*ODD]
    if isinstance(right, dict):
        wrong += [{**right, name: value} for name in right for value in ODD]
    taken = [body for body in wrong if wording.fact(kind, body)]
    ws = runstore.Workspace(tmp_path / "ws")
    place = Place(ws.path)
    for number, body in enumerate(taken):  # all that may be said, each in a run of its own
        run_id = f"r{number}"
        data = facts(run_id, kind, body)
        one = thing(data)
        place.put(one)
        path = f"{names.run_dir(run_id)}/a1.jsonl"
        piece = Piece(path, "facts", run_id, "e", 0, len(data), one.sha256, ((WRITER, 0, 1),), object=one.sha256)
        try:
            place.commit([piece])
        except Refused:
            continue
    place.close()
    with warnings.catch_warnings(action="ignore"):
        for view in VIEWS:
            ws.sql(f"select * from {view}").fetchall()


def facts(run_id: str, kind: str, body: Any) -> bytes:
    """A facts journal that says this."""
    now = time.time_ns()
    rows = [lines.fact("start", now, {"opener": True, "host": "h", "pid": 7}), lines.fact(kind, now + 1, body)]
    data = lines.header(lines.FACTS, run_id, "e", WRITER, 1, 0, 0) + b"".join(rows)
    return data + lines.checksum(lines.END, 0, len(data), 0, 2, zlib.crc32(data))


@pytest.mark.parametrize(
    "value",
    [{"f": "x"}, {"f": 5}, {"i": ""}, {"i": "١"}, {"i": "1" * 5000}, {"i": 5}, {"d": 5}, {}, [], {"f": "nan", "a": 1}],
)
def test_what_is_no_value_is_none(value: object) -> None:
    assert not wording.scalar(value)
    assert not wording.each(wording.scalar)({"k": value})


@pytest.mark.parametrize(
    "value", [{"j": {"d": 5}}, {"j": {"f": "x"}}, {"j": [{"i": "x"}]}, {"k": 1}, {"j": 1, "k": 1}, []]
)
def test_what_is_no_leaf_is_none(value: object) -> None:
    assert not wording.leaf(value)


def test_what_lies_too_deep_is_refused() -> None:
    deep: Any = 1
    for _ in range(wording.DEEP + 1):
        deep = [deep]
    assert not wording.anything(deep)
    assert not wording.leaf({"j": deep})
    assert wording.anything(deep[0][0])


def test_a_fact_that_nobody_knows_may_say_anything() -> None:
    assert wording.fact("later", {"new": [1, "x"]})


@pytest.mark.parametrize("name", ["count", "last", "last_step", "mean", "last_key"])
def test_a_summary_that_is_none_is_refused(name: str) -> None:
    right = {"count": 1, "last": 0.5, "mean": 0.5, "last_step": 3, "last_key": [1, 5, WRITER, 0], "new": "x"}
    assert wording.SUMMARY(right)
    assert not wording.SUMMARY({**right, name: {"x": 1}})


def test_a_model_is_what_it_says() -> None:
    file = {"path": "a", "sha256": hashlib.sha256(b"").hexdigest(), "size": 0, "pack": None}
    right = {"name": "net", "version": 1, "created": 1, "files": [file], "tags": {}, "properties": {}, "path": "m"}
    assert wording.MODEL(right)
    assert not wording.MODEL({**right, "files": [{**file, "sha256": "../x"}]})
    assert not wording.MODEL({**right, "run": 5})
