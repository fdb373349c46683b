"""One writer: its facts, its points, its pack, its lock, and nothing of anybody else's."""

from __future__ import annotations

import hashlib
import os
from pathlib import Path
from typing import Any

import pytest

from runstore.disk import files
from runstore.format import journal, lines, names
from runstore.runs import stream as streams
from runstore.runs import writer as module
from runstore.runs.writer import Identity, Writer


def gone(line: bytes, count: int) -> None:
    raise AssertionError("nothing comes after the end")


def opened(path: Path, requests: list[Path] | None = None, opener: bool = True, mapped: bool = False) -> Writer:
    asked = requests if requests is not None else []
    identity = Identity.new("r", "e", 1, opener=opener)
    return Writer(path, identity, {"opener": opener}, mapped, lambda: None, asked.append)


def facts(path: Path, name: str = "a1.jsonl") -> list[list[Any]]:
    return list(journal.read(files.read(path / name)).items())


def test_the_opener_claims_the_attempt_by_its_first_file(tmp_path: Path) -> None:
    one = opened(tmp_path)
    with pytest.raises(FileExistsError):
        opened(tmp_path)
    two = opened(tmp_path, opener=False)
    assert [name for name, *_ in facts(tmp_path)] == ["start"]
    two.end("Completed", None, True, gone)
    one.end("Completed", None, True, gone)


def test_the_end_says_how_much_there_is(tmp_path: Path) -> None:
    one = opened(tmp_path)
    for step in range(5):
        one.stream.hot.log("a", 1.0, step=step)
    assert one.end("Completed", None, True, gone) == 0
    kind, _, body = facts(tmp_path)[-1]
    assert (kind, body["status"], body["points"], body["journals"], body["dropped"]) == ("end", "Completed", 5, 1, 0)


def test_ending_twice_says_it_once(tmp_path: Path) -> None:
    one = opened(tmp_path)
    one.end("Failed", "x", True, gone)
    one.end("Completed", None, True, gone)
    assert [body["status"] for kind, _, body in facts(tmp_path) if kind == "end"] == ["Failed"]


def test_every_journal_is_closed_and_the_lock_goes(tmp_path: Path) -> None:
    one = opened(tmp_path)
    one.stream.hot.log("a", 1.0, step=0)
    one.end("Completed", None, True, gone)
    for entry in files.listing(tmp_path):
        assert journal.read(files.read(Path(entry.path))).closed, entry.name
    assert not (tmp_path / names.lock(one.identity.writer)).exists()


def test_a_running_run_asks_for_sealing_eight_journals_at_a_time(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(streams, "ROTATE", 2000)
    monkeypatch.setattr(streams, "LOOK", 1)
    asked: list[Path] = []
    one = opened(tmp_path, asked)
    while one.stream.number < 2 * module.SEAL_AT:
        for step in range(60):
            one.stream.hot.log("a", 1.0, step=step)
        one.flush()
    assert len(asked) == 2
    one.end("Completed", None, True, gone)
    assert len(asked) == 3


def test_a_run_without_points_asks_for_no_sealing(tmp_path: Path) -> None:
    asked: list[Path] = []
    opened(tmp_path, asked).end("Completed", None, True, gone)
    assert asked == []


def test_a_pack_is_closed_with_its_hash(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(module, "FULL", 100)
    one = opened(tmp_path)
    contents = [bytes([number]) * 60 for number in range(3)]
    places = [one.keep(data, hashlib.sha256(data).hexdigest()) for data in contents]
    one.end("Completed", None, True, gone)
    closed = [body for kind, _, body in facts(tmp_path) if kind == "pack"]
    assert [place[0] for place in places] == [body["number"] for body in closed] == [0, 1, 2]


def test_a_heartbeat_touches_the_lock_file(tmp_path: Path) -> None:
    one = opened(tmp_path)
    path = tmp_path / names.lock(one.identity.writer)
    os.utime(path, (1, 1))
    one.beat()
    assert files.age(path) < 60
    one.end("Completed", None, True, gone)


def test_what_could_not_be_kept_is_told_in_the_facts(tmp_path: Path) -> None:
    one = opened(tmp_path)
    one.stream.faults.dropped = 7
    one.stream.faults.reason = "No space left on device"
    one.flush()
    one.stream.faults.dropped = 9
    assert one.end("Completed", None, True, gone) == 9
    told = [body["points"] for kind, _, body in facts(tmp_path) if kind == "dropped"]
    assert told == [7, 2]


def test_facts_are_lines_of_the_facts_journal(tmp_path: Path) -> None:
    one = opened(tmp_path)
    one.record("tags", {"a": "b"})
    header = journal.read(files.read(tmp_path / "a1.jsonl")).header
    assert header["columns"] == lines.COLUMNS[lines.FACTS]
    assert facts(tmp_path)[1][0] == "tags"
    one.end("Completed", None, True, gone)
