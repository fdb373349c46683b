"""The audit log: a line for each request, each with its checksum; old logs are kept for a while, never too much."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import pytest

from runstore.disk import files
from runstore.format import documents
from runstore.sync.server.audit import Audit


@pytest.fixture
def log(tmp_path: Path) -> Iterator[Audit]:
    made = Audit(tmp_path / "audit.jsonl", largest=1000, kept=2)
    yield made
    made.close()


def write(log: Audit, what: str = "/x") -> None:
    log.write("me", "127.0.0.1", "GET", what, 200)


def test_a_line_says_who_did_what_and_how_it_ended(log: Audit) -> None:
    log.write("me", "127.0.0.1", "PUT", "/x", 422, "no", 7)
    (line,) = log.last(10)
    assert {**line, "time": 0} == {
        "time": 0, "token": "me", "address": "127.0.0.1", "verb": "PUT", "what": "/x", "outcome": 422, "bytes": 7,
        "said": "no",
    }  # fmt: skip


def test_what_somebody_else_chose_is_cut_and_cannot_begin_a_line(log: Audit) -> None:
    write(log, "/\n" + "x" * 10_000)
    (line,) = log.path.read_bytes().splitlines()
    assert len(line) < 800


def test_old_logs_are_renamed_and_the_oldest_one_goes(log: Audit) -> None:
    for number in range(40):
        write(log, f"/{number}")
    there = sorted(path.name for path in log.path.parent.iterdir())
    assert there == ["audit-1.jsonl", "audit-2.jsonl", "audit.jsonl"]
    told = [
        documents.parse(line, "")["what"]
        for name in ("audit-2.jsonl", "audit-1.jsonl", "audit.jsonl")
        for line in (log.path.parent / name).read_bytes().splitlines(keepends=True)
    ]
    assert told == [f"/{number}" for number in range(40 - len(told), 40)]
    assert all(path.stat().st_size <= 1000 for path in log.path.parent.iterdir())


def test_it_goes_on_where_it_was(log: Audit) -> None:
    write(log, "/1")
    log.close()
    write(log, "/2")
    assert [one["what"] for one in log.last(10)] == ["/1", "/2"]
    assert [one["what"] for one in log.last(1)] == ["/2"]


def test_a_torn_line_stays_the_last_of_its_file(log: Audit) -> None:
    write(log, "/1")
    log.close()
    with log.path.open("ab") as file:
        file.write(b'{"crc32":"00')
    write(log, "/2")
    assert [one["what"] for one in log.last(10)] == ["/2"]
    assert (log.path.parent / "audit-1.jsonl").read_bytes().endswith(b'{"crc32":"00')


def test_a_full_disk_is_no_reason_not_to_serve(log: Audit, monkeypatch: pytest.MonkeyPatch) -> None:
    def full(fd: int, data: bytes) -> None:
        raise OSError(28, "No space left on device")

    monkeypatch.setattr(files, "write_all", full)
    write(log)
    monkeypatch.undo()
    write(log, "/2")
    assert [one["what"] for one in log.last(10)] == ["/2"]


def test_where_nothing_was_written_there_is_nothing(log: Audit) -> None:
    assert log.last(10) == []
