from __future__ import annotations

import os
from pathlib import Path

import pytest

from runstore.disk import files, inventory
from runstore.format import names
from tests.disk import build
from tests.disk.build import OTHER, WRITER


@pytest.fixture
def run(tmp_path: Path) -> Path:
    return build.run_path(tmp_path)


def entry(name: str, kind: str = "points") -> dict[str, object]:
    return {"kind": kind, "file": name, "sha256": "0" * 64, "size": 1, "rows": 1}


def segment(run: Path, letter: str, kind: str = "points") -> str:
    name = f"{kind}-{letter * 24}.parquet"
    (run / name).touch()
    return name


def test_every_file_lands_in_the_list_of_its_kind(run: Path) -> None:
    kinds = {
        "journals": ["a1.jsonl", f"a1-{OTHER}.jsonl"],
        "merged": ["facts-" + "0" * 24 + ".jsonl"],
        "points": [names.points(WRITER, 0)],
        "packs": [names.pack(WRITER, 0)],
        "segment_files": ["points-" + "0" * 24 + ".parquet", "rows-" + "0" * 24 + ".parquet"],
        "ends": ["a1.end.json"],
        "jobs": ["job.json"],
        "locks": [f"{WRITER}.lock"],
        "requests": ["rotate"],
        "temporaries": [".x.0.tmp"],
        "unknown": ["notes.txt"],
    }
    for listed in kinds.values():
        for name in listed:
            (run / name).touch()
    found = inventory.scan(run)
    assert {kind: [p.name for p in getattr(found, kind)] for kind in kinds} == {k: sorted(v) for k, v in kinds.items()}
    assert not found.damaged


def test_a_missing_directory_holds_nothing(tmp_path: Path) -> None:
    assert inventory.scan(tmp_path / "nothing").names == frozenset()


def test_a_damaged_seal_record_is_listed_and_covers_nothing(run: Path) -> None:
    path = build.put_seal(run, build.seal_body((WRITER, 0, 9)))
    path.write_bytes(path.read_bytes().replace(b"mnist", b"mnisu"))
    found = inventory.scan(run)
    assert [name for name, _ in found.damaged] == [path.name]
    assert found.sealed == {}


def test_a_seal_record_of_a_later_format_is_refused(run: Path) -> None:
    path = build.put_seal(run, build.seal_body((WRITER, 0, 9), runstore=2))
    assert "newer" in dict(inventory.scan(run).damaged)[path.name]


def test_a_file_that_a_seal_record_names_must_be_there(run: Path) -> None:
    build.put_seal(run, build.seal_body((WRITER, 0, 9), segments=[entry("points-" + "0" * 24 + ".parquet")]))
    assert [name for name, _ in inventory.scan(run).damaged] == ["points-" + "0" * 24 + ".parquet"]


def test_a_replaced_record_counts_no_more(run: Path) -> None:
    one, two, both = (segment(run, letter) for letter in "123")
    old = [
        build.put_seal(run, build.seal_body((WRITER, 0, 9), segments=[entry(one)])).name,
        build.put_seal(run, build.seal_body((WRITER, 10, 19), segments=[entry(two)])).name,
    ]
    assert [s.path.name for s in inventory.scan(run).segments("points")] == [one, two]
    build.put_seal(run, build.seal_body((WRITER, 0, 19), segments=[entry(both)], replaces=old))
    found = inventory.scan(run)
    assert [s.path.name for s in found.segments("points")] == [both]
    assert found.segments("rows") == []
    assert found.sealed == {WRITER: [(0, 19)]}


def test_what_a_record_replaced_comes_back_when_the_record_is_damaged(run: Path) -> None:
    one, both = segment(run, "1"), segment(run, "2")
    old = build.put_seal(run, build.seal_body((WRITER, 0, 9), segments=[entry(one)])).name
    new = build.put_seal(run, build.seal_body((WRITER, 0, 9), segments=[entry(both)], replaces=[old]))
    new.write_bytes(new.read_bytes()[:-9])
    assert [s.path.name for s in inventory.scan(run).segments("points")] == [one]


def test_of_two_files_that_cover_one_range_the_record_with_the_smaller_name_gives_it(run: Path) -> None:
    bodies = [
        build.seal_body((WRITER, 0, 9), segments=[entry(segment(run, "1"))]),
        build.seal_body((WRITER, 5, 19), (OTHER, 0, 3), segments=[entry(segment(run, "2"))]),
    ]
    records = sorted((build.put_seal(run, body).name, body) for body in bodies)
    found = {s.path.name: s.skip for s in inventory.scan(run).segments("points")}
    winner, loser = (body["segments"][0]["file"] for _, body in records)  # type: ignore[index]
    assert found == {winner: {}, loser: {WRITER: [(5, 9)]}}


def test_a_record_that_adds_nothing_gives_no_segment(run: Path) -> None:
    for letter in "12":
        build.put_seal(run, build.seal_body((WRITER, 0, 9), segments=[entry(segment(run, letter))]))
    assert len(inventory.scan(run).segments("points")) == 1


def test_merged_facts_stand_for_the_journals_they_replace(run: Path) -> None:
    for name in ("a1.jsonl", f"a1-{OTHER}.jsonl", "a2.jsonl", "facts-" + "0" * 24 + ".jsonl"):
        (run / name).touch()
    unnamed = ["facts-" + "0" * 24 + ".jsonl", f"a1-{OTHER}.jsonl", "a1.jsonl", "a2.jsonl"]
    assert [p.name for p in inventory.scan(run).facts] == unnamed  # its record may be damaged
    merged = {"file": "facts-" + "0" * 24 + ".jsonl", "sha256": "", "replaces": ["a1.jsonl", f"a1-{OTHER}.jsonl"]}
    build.put_seal(run, build.seal_body(merged_facts=merged))
    assert [p.name for p in inventory.scan(run).facts] == ["facts-" + "0" * 24 + ".jsonl", "a2.jsonl"]


def test_sources_of_merged_facts_count_while_the_merged_file_is_missing(run: Path) -> None:
    (run / "a1.jsonl").touch()
    build.put_seal(run, build.seal_body(merged_facts={"file": "facts-0.jsonl", "sha256": "", "replaces": ["a1.jsonl"]}))
    assert [p.name for p in inventory.scan(run).facts] == ["a1.jsonl"]


def test_a_listing_torn_by_a_sealer_is_made_again(run: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    journal = build.put_points(run, build.some_points(0, 5))
    record = build.put_seal(run, build.seal_body((WRITER, 0, 4)))
    journal.unlink()
    true, calls = files.names_in, []

    def torn(directory: Path) -> list[str]:
        calls.append(directory)
        return [name for name in true(directory) if len(calls) > 1 or name != record.name]

    monkeypatch.setattr(files, "names_in", torn)
    assert inventory.scan(run).sealed == {WRITER: [(0, 4)]}


def test_a_directory_at_rest_is_listed_once(run: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    os.utime(run, (1, 1))
    true, calls = files.names_in, []
    monkeypatch.setattr(files, "names_in", lambda directory: (calls.append(directory), true(directory))[1])
    inventory.scan(run)
    assert len(calls) == 1


def test_the_last_values_are_kept_and_the_summary_is_read_again_on_demand(tmp_path: Path) -> None:
    path = build.run_path(tmp_path)
    summary = {"loss": {"count": 3, "last": 0.5}, "note": {"count": 1, "last": "x"}}
    record = build.put_seal(path, build.seal_body((build.WRITER, 0, 3), summary=summary))
    found = inventory.scan(path)
    assert found.lasts == {record.name: {"loss": 0.5, "note": "x"}}
    assert "summary" not in found.active[0][1]
    assert found.summary(record.name) == summary
