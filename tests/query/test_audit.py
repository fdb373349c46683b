"""One run is looked at as of one moment, file by file and as a whole."""

from __future__ import annotations

import errno
import os
from pathlib import Path

import pytest

from runstore.disk import files, inventory
from runstore.format import documents, lines, names
from runstore.query import audit
from runstore.query.audit import DAMAGE, NOTE, Finding
from tests.disk import build
from tests.disk.build import OTHER, WRITER


def put_facts(run_path: Path, points: int, name: str = "a1.jsonl", writer: str = WRITER) -> None:
    told = [("start", {"opener": True}), ("end", {"status": "Completed", "points": points})]
    data = [lines.fact(kind, 1, body) for kind, body in told]
    (run_path / name).write_bytes(build.journal(data, lines.FACTS, writer=writer))


@pytest.fixture
def run_path(tmp_path: Path) -> Path:
    """A run of ten points that is well."""
    path = build.run_path(tmp_path)
    put_facts(path, 10)
    build.put_points(path, build.some_points(0, 10))
    return path


def found(run_path: Path) -> list[Finding]:
    return audit.run(run_path.parents[2], run_path)


def whats(run_path: Path) -> list[tuple[str, str]]:
    return [(finding.what, finding.severity) for finding in found(run_path)]


def test_a_run_that_is_well_gives_nothing(run_path: Path) -> None:
    assert found(run_path) == []


def test_a_damaged_job_is_found(run_path: Path) -> None:
    job = run_path / names.JOB
    job.write_bytes(documents.render({"argv": ["python"]}))
    assert found(run_path) == []
    job.write_bytes(job.read_bytes().replace(b"python", b"pythom"))
    assert [severity for _, severity in whats(run_path)] == [DAMAGE]


def test_points_that_the_facts_count_and_no_file_holds_are_missing(run_path: Path) -> None:
    build.put_points(run_path, build.some_points(0, 6))
    assert whats(run_path) == [(f"points 6-9 of writer {WRITER} are missing", DAMAGE)]


def test_a_gap_between_journals_is_found_though_nobody_ended(run_path: Path) -> None:
    (run_path / "a1.jsonl").write_bytes(build.journal([lines.fact("start", 1, {})], lines.FACTS, closed=False))
    build.put_points(run_path, build.some_points(0, 3))
    build.put_points(run_path, build.some_points(3, 5), number=1, first=5)
    assert (f"points 3-4 of writer {WRITER} are missing", DAMAGE) in whats(run_path)


def test_many_gaps_are_told_in_short(run_path: Path) -> None:
    put_facts(run_path, 100)
    for number in range(8):
        build.put_points(run_path, build.some_points(0, 2), number=number, first=number * 5)
    ((what, _),) = whats(run_path)
    assert what.startswith("points 2-4, 7-9, 12-14, 17-19, 22-24 and 3 more stretches of writer")


def test_what_a_side_lacks_is_told_as_its_writers(run_path: Path) -> None:
    end = {"status": "Completed", "points": 10, "side": {"records": 4, "journals": 1, "dropped": 0}}
    data = [lines.fact("start", 1, {"opener": True}), lines.fact("end", 1, end)]
    (run_path / "a1.jsonl").write_bytes(build.journal(data, lines.FACTS))
    build.put_points(run_path, [lines.record("s", {"text": "x"}, n, 1) for n in range(3)], writer=f"{WRITER}s")
    assert whats(run_path) == [(f"side records 3 of writer {WRITER} are missing", DAMAGE)]


def test_a_side_of_a_writer_without_facts_is_damage(run_path: Path) -> None:
    build.put_points(run_path, [lines.record("s", {"text": "x"}, 0, 1)], writer=f"{OTHER}s")
    assert whats(run_path) == [(f"no facts of writer {OTHER} can be read", DAMAGE)]


def test_points_of_a_writer_without_facts_are_damage(run_path: Path) -> None:
    build.put_points(run_path, build.some_points(0, 3), writer=OTHER)
    assert whats(run_path) == [(f"no facts of writer {OTHER} can be read", DAMAGE)]


def test_a_journal_with_other_bytes_than_when_it_was_closed_is_damage(run_path: Path) -> None:
    size = (run_path / names.points(WRITER, 0)).stat().st_size
    told = [("points", {"number": 0, "first": 0, "count": 10, "size": size + 1}), ("end", {"points": 10})]
    data = [lines.fact(kind, 1, body) for kind, body in told]
    (run_path / "a1.jsonl").write_bytes(build.journal(data, lines.FACTS))
    assert whats(run_path) == [(f"was closed with {size + 1} bytes and has {size}", DAMAGE)]


def test_a_file_that_can_t_be_read_is_told_and_hides_nothing(run_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    put_facts(run_path, 3, f"a1-{OTHER}.jsonl", OTHER)
    build.put_points(run_path, build.some_points(0, 3), writer=OTHER)
    true = files.read

    def read(path: Path) -> bytes:
        if path.name == names.points(OTHER, 0):
            raise OSError(errno.EIO, os.strerror(errno.EIO))
        return true(path)

    monkeypatch.setattr(files, "read", read)
    build.put_points(run_path, build.some_points(0, 6))
    told = {(f.path.rpartition("/")[2], f.what) for f in found(run_path)}
    assert (names.points(OTHER, 0), "can't be read (Input/output error)") in told
    assert (run_path.name, f"points 6-9 of writer {WRITER} are missing") in told


def test_a_run_that_changes_meanwhile_is_looked_at_again(run_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    true, calls = inventory.scan, []

    def scan(path: Path) -> inventory.Inventory:
        calls.append(path)
        seen = true(path)
        if len(calls) == 2:
            seen.points.append(path / names.points(WRITER, 7))  # sealed between the listing and the reading
        return seen

    monkeypatch.setattr(inventory, "scan", scan)
    assert found(run_path) == []
    assert len(calls) == 4


def test_a_run_that_never_holds_still_is_a_note(run_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    def gone(path: Path) -> inventory.Inventory:
        raise FileNotFoundError

    monkeypatch.setattr(inventory, "scan", gone)
    assert [severity for _, severity in whats(run_path)] == [NOTE]


def test_an_attempt_claimed_and_never_begun_is_no_damage(run_path: Path) -> None:
    (run_path / "a2.jsonl").touch()
    assert found(run_path) == []


def test_facts_in_a_file_of_another_attempt_are_damage(run_path: Path) -> None:
    put_facts(run_path, 0, "a2.jsonl", OTHER)
    assert whats(run_path) == [("belongs to another run or has another name", DAMAGE)]


def test_two_journals_in_a_file_for_one_are_damage(run_path: Path) -> None:
    data = (run_path / "a1.jsonl").read_bytes()
    more = build.journal([lines.fact("start", 1, {})], lines.FACTS, writer=OTHER)
    (run_path / "a1.jsonl").write_bytes(data + more)
    assert ("holds more than one journal", DAMAGE) in whats(run_path)


def put_log(run_path: Path, data: bytes, *told: tuple[str, dict[str, object]]) -> Path:
    """A raw log, and facts that tell of it beside those of the run."""
    facts: list[tuple[str, dict[str, object]]] = [("start", {"opener": True}), *told, ("end", {"points": 10})]
    journal = build.journal([lines.fact(kind, 1, body) for kind, body in facts], lines.FACTS)
    (run_path / "a1.jsonl").write_bytes(journal)
    path = run_path / names.log(WRITER, 0)
    path.write_bytes(data)
    return path


STREAM: tuple[str, dict[str, object]] = ("stream", {"number": 0, "stream": "user_logs/std_log.txt"})
SHA256 = "7692c3ad3540bb803c020b3aee66cd8887123234ea0c6e7143c0add73ff431ed"  # of b"one"
STREAMED: tuple[str, dict[str, object]] = ("streamed", {"number": 0, "size": 3, "sha256": SHA256})


@pytest.mark.parametrize("data", [b"one", b"one, and what others appended"])
def test_a_raw_log_that_begins_as_it_was_left_is_well(run_path: Path, data: bytes) -> None:
    put_log(run_path, data, STREAM, STREAMED)
    assert found(run_path) == []


@pytest.mark.parametrize("data", [b"on", b"One"])
def test_a_raw_log_that_is_not_what_was_left_is_damage(run_path: Path, data: bytes) -> None:
    put_log(run_path, data, STREAM, STREAMED)
    assert whats(run_path) == [("does not match its SHA-256", DAMAGE)]


def test_a_raw_log_that_is_missing_is_damage_where_something_was_in_it(run_path: Path) -> None:
    put_log(run_path, b"", STREAM, STREAMED).unlink()
    assert whats(run_path) == [("missing; it had 3 bytes", DAMAGE)]
    put_log(run_path, b"", STREAM, ("streamed", {"number": 0, "size": 0, "sha256": ""})).unlink()
    assert found(run_path) == []


def test_a_raw_log_that_nobody_names_is_a_note(run_path: Path) -> None:
    put_log(run_path, b"one")
    assert whats(run_path) == [(f"no facts of writer {WRITER} name it", NOTE)]


def test_a_spool_has_its_first_line_or_is_damage(run_path: Path) -> None:
    path = run_path / names.spool(WRITER, 0)
    path.write_bytes(b'{"copied":%020d}\nrest' % 0)
    assert found(run_path) == []
    path.write_bytes(b"rest")
    assert whats(run_path) == [("has not the first line of a spool", DAMAGE)]
