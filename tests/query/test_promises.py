"""Facts promise how much there must be; what can't be believed promises nothing."""

from __future__ import annotations

from pathlib import Path

from runstore.format import lines
from runstore.query.promises import Artifact, Promises, Sealed
from tests.disk import build
from tests.disk.build import OTHER, WRITER
from tests.query import blocked

FACTS = [
    ("start", {"opener": True}),
    ("points", {"number": 0, "first": 0, "count": 10, "size": 500}),
    ("artifact", {"name": "a", "sha256": "0" * 64, "size": 3, "pack": [0, 88]}),
    ("artifact", {"name": "b", "sha256": "1" * 64, "size": 9, "pack": None}),
    ("pack", {"number": 0, "size": 92, "sha256": "2" * 64}),
    ("end", {"status": "Completed", "points": 12}),
]


def facts(chosen: list[tuple[str, object]], **options: object) -> bytes:
    return build.journal([lines.fact(kind, 1, body) for kind, body in chosen], lines.FACTS, **options)  # type: ignore[arg-type]


def test_facts_tell_of_every_other_file(tmp_path: Path) -> None:
    run_path = build.run_path(tmp_path)
    (run_path / "a1.jsonl").write_bytes(facts(FACTS))
    told = Promises(run_path)
    assert (told.run_id, told.files, told.writers) == (build.RUN, ["a1.jsonl"], {WRITER})
    assert told.reached == {WRITER: 12}
    assert told.closed == {(WRITER, 0): 500}
    assert told.packs == {(WRITER, 0): Sealed(92, "2" * 64)}
    assert told.artifacts == [
        Artifact(WRITER, "a", "0" * 64, 3, (0, 88), told.artifacts[0].time),
        Artifact(WRITER, "b", "1" * 64, 9, None, told.artifacts[1].time),
    ]
    assert (told.doubled, told.odd) == ([], [])


def test_what_a_side_holds_is_promised_apart_from_the_points(tmp_path: Path) -> None:
    run_path = build.run_path(tmp_path)
    side = {"number": 0, "first": 0, "count": 7, "size": 90}
    end = {"status": "Completed", "points": 12, "side": {"records": 9, "journals": 2, "dropped": 0}}
    (run_path / "a1.jsonl").write_bytes(facts([*FACTS[:2], ("side", side), ("end", end)]))
    told = Promises(run_path)
    assert told.reached == {WRITER: 12, f"{WRITER}s": 9}
    assert told.closed == {(WRITER, 0): 500, (f"{WRITER}s", 0): 90}
    assert (told.writers, told.odd) == ({WRITER}, [])


def test_merged_facts_promise_what_each_part_did(tmp_path: Path) -> None:
    run_path = build.run_path(tmp_path)
    merged = run_path / ("facts-" + "0" * 24 + ".jsonl")
    merged.write_bytes(facts(FACTS) + facts([("end", {"points": 7})], writer=OTHER))
    assert Promises(run_path).reached == {WRITER: 12, OTHER: 7}


def test_the_same_journal_twice_counts_once(tmp_path: Path) -> None:
    run_path = build.run_path(tmp_path)
    for name in ("a1.jsonl", f"a1-{OTHER}.jsonl"):
        (run_path / name).write_bytes(facts(FACTS))
    told = Promises(run_path)
    assert len(told.artifacts) == 2
    assert told.doubled == ["a1.jsonl"]


def test_a_fact_of_no_known_shape_is_told_and_stops_nothing(tmp_path: Path) -> None:
    run_path = build.run_path(tmp_path)
    strange = [("points", {"number": 0}), ("artifact", {"name": "a"}), ("end", None), ("pack", [1]), ("new kind", 1)]
    (run_path / "a1.jsonl").write_bytes(facts([*strange, *FACTS]))
    told = Promises(run_path)
    assert told.odd == ["a1.jsonl"] * 4
    assert told.reached == {WRITER: 12}


def test_facts_whose_header_is_damaged_promise_nothing(tmp_path: Path) -> None:
    run_path = build.run_path(tmp_path)
    (run_path / "a1.jsonl").write_bytes(facts(FACTS).replace(WRITER.encode(), OTHER.encode()))
    assert Promises(run_path).writers == set()


def test_what_was_removed_is_promised_no_more_and_what_was_stored_since_is(tmp_path: Path) -> None:
    run_path = build.run_path(tmp_path)
    artifact = {"name": "a", "sha256": "0" * 64, "size": 3, "pack": [0, 88]}
    said = [(1, "artifact", artifact), (2, "removed", {"artifacts": ["a"]}), (3, "artifact", {**artifact, "size": 4})]
    said.append((4, "artifact", {**artifact, "name": "b", "pack": [0, 88, OTHER, "other run"]}))
    said.append((5, "artifact", {**artifact, "name": "c", "pack": None, "reference": "file:///data"}))
    data = build.journal([lines.fact(kind, time, body) for time, kind, body in said], lines.FACTS)
    (run_path / "a1.jsonl").write_bytes(data)
    told = Promises(run_path)
    assert [(one.name, one.size, one.pack) for one in told.artifacts] == [
        ("a", 4, (0, 88)),
        ("b", 3, (0, 88, OTHER, "other run")),
    ]
    assert told.odd == []


def test_a_replaced_pack_is_promised_no_more_and_what_replaces_it_is(tmp_path: Path) -> None:
    run_path = build.run_path(tmp_path)
    into = {"writer": OTHER, "number": 0, "size": 7, "sha256": "3" * 64}
    repacked = {"writer": WRITER, "number": 0, "into": into, "elsewhere": {}}
    (run_path / "a1.jsonl").write_bytes(facts([*FACTS, ("repacked", repacked)]))
    assert Promises(run_path).packs == {(OTHER, 0): Sealed(7, "3" * 64)}
    again = {"writer": OTHER, "number": 0, "into": None, "elsewhere": {}}
    (run_path / "a1.jsonl").write_bytes(facts([*FACTS, ("repacked", repacked), ("repacked", again)]))
    assert Promises(run_path).packs == {}


def test_facts_that_lie_in_a_block_tell_the_same(tmp_path: Path) -> None:
    run_path = build.run_path(tmp_path)
    (run_path / "a1.jsonl").write_bytes(facts(FACTS))
    before = vars(Promises(run_path))
    blocked.put(tmp_path, [run_path])
    assert vars(Promises(run_path)) == before
