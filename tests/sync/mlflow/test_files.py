from __future__ import annotations

import json
import logging
from collections.abc import Iterable
from pathlib import Path

import runstore
from runstore.runs import state
from runstore.runs.state import RunState
from runstore.sync.choice import EVERYTHING, Choice
from runstore.sync.mlflow import files, points
from runstore.sync.mlflow.files import File


def start(workspace: Path) -> runstore.Run:
    return runstore.start_run("ex", workspace=runstore.Workspace(workspace))


def content(found: Iterable[File], tmp_path: Path) -> dict[str, bytes | None]:
    read = {}
    for file in found:
        target = tmp_path / "target"
        target.unlink(missing_ok=True)
        read[file.path] = target.read_bytes() if file.write(target) else None
    return read


def upload(run: runstore.Run, tmp_path: Path, name: str, data: bytes) -> None:
    (tmp_path / "source").write_bytes(data)
    run.upload_file(name, str(tmp_path / "source"), overwrite=True)


def tables(workspace: Path, run: RunState, there: dict[str, str] | None = None) -> list[File]:
    return files.tables(workspace, run, points.held(run.path, []), there or {}, EVERYTHING)


def test_every_version_of_an_artifact_goes_and_the_newest_under_its_name(workspace: Path, tmp_path: Path) -> None:
    run = start(workspace)
    for data in (b"one", b"two", b"three"):
        upload(run, tmp_path, "out/m?.bin", data)
    upload(run, tmp_path, "runstore/mine", b"x")
    run.complete()
    found = content(files.artifacts(workspace, state.fold(run.path)), tmp_path)
    newest = next(path for path, data in found.items() if data == b"three")
    assert newest.startswith("out/m_-x") and newest.endswith(".bin")
    older = {f"runstore/versions/1/{newest}": b"one", f"runstore/versions/2/{newest}": b"two"}
    assert found.items() >= older.items() and len(found) == 4
    assert sum(path.startswith("runstore/") for path in found) == 2  # a user's own stands elsewhere


def test_what_was_printed_goes_and_again_when_it_has_grown(workspace: Path, tmp_path: Path) -> None:
    with start(workspace) as run:
        print("said")
        run.flush()
        first = list(files.logs(workspace, state.fold(run.path)))
        print("more")
    second = list(files.logs(workspace, state.fold(run.path)))
    found = content(second, tmp_path)
    assert found == {"user_logs/std_log.txt": b"said\nmore\n"}
    assert {one.mark for one in first} != {one.mark for one in second}


def test_log_records_go_exactly(workspace: Path, tmp_path: Path) -> None:
    run = start(workspace)
    handler = runstore.LogHandler(run)
    handler.handle(
        logging.makeLogRecord({"name": "mine", "levelno": logging.ERROR, "levelname": "ERROR", "msg": "broke"})
    )
    run.complete()
    found = content(files.derived(workspace, state.fold(run.path), points.held(run.path, []), EVERYTHING), tmp_path)
    lines = [json.loads(line) for line in (found.get(files.LOGS) or b"").splitlines()]
    assert [(one["level"], one["logger"], one["text"]) for one in lines] == [("ERROR", "mine", "broke")]


def test_where_there_is_nothing_odd_there_is_no_document(workspace: Path, tmp_path: Path) -> None:
    run = start(workspace)
    run.log("m", 1.0)
    run.complete()
    told = state.fold(run.path)
    found = content(files.derived(workspace, told, points.held(run.path, []), EVERYTHING), tmp_path)
    assert found[files.POINTS] is None


def test_tables_are_laid_out_as_mlflow_lays_them_out(workspace: Path, tmp_path: Path) -> None:
    run = start(workspace)
    run.log_table("t/1", {"a": [1, 2], "b": ["x", None]})
    run.log_row("t/1", c=float("inf"), big=2**70)
    run.log_row("other", n=1)
    run.complete()
    found = content(tables(workspace, state.fold(run.path)), tmp_path)
    assert found[files.TABLES] is None
    one = json.loads(found["runstore/tables/t/1.json"] or b"")
    assert one["columns"][:4] == ["a", "b", "c", "big"] and one["columns"][4] == "runstore.step"
    assert [row[:4] for row in one["data"]] == [
        [1, "x", None, None], [2, None, None, None], [None, None, "Infinity", str(2**70)],
    ]  # fmt: skip


def test_tables_that_have_not_grown_are_not_looked_at(workspace: Path, tmp_path: Path) -> None:
    run = start(workspace)
    run.log_row("t*", n=1)
    run.flush()
    told = state.fold(run.path)
    first = tables(workspace, told)
    again = tables(workspace, told, {file.path: file.mark for file in first})
    assert [(file.path, file.mark) for file in again] == [(file.path, file.mark) for file in first]
    assert content(again, tmp_path) == content(first, tmp_path)
    run.log_row("t*", n=2)
    run.complete()
    grown = tables(workspace, state.fold(run.path), {file.path: file.mark for file in first})
    assert all(one.mark != two.mark for one, two in zip(first, grown, strict=True))


def test_only_what_is_meant_is_made(workspace: Path) -> None:
    run = start(workspace)
    run.log("m", "text")
    run.log_row("t", n=1)
    run.complete()
    told, have = state.fold(run.path), points.held(run.path, [])
    none = Choice(kinds=frozenset({"pack"}))
    assert list(files.derived(workspace, told, have, none)) == []
    assert files.tables(workspace, told, have, {}, none) == []
    assert files.wants(EVERYTHING, "points") and not files.wants(none, "points")


def test_the_document_is_the_same_for_the_same(tmp_path: Path) -> None:
    one, other = files.document({"b": 1, "a": [2]}), files.document({"a": [2], "b": 1})
    assert one.mark == other.mark and content([one], tmp_path) == content([other], tmp_path)
    assert files.document({"a": [3]}).mark != one.mark
