"""What is damaged is kept, beside a report of what was done; a repair that was interrupted goes on in its directory."""

from __future__ import annotations

from pathlib import Path

from runstore.disk import files
from runstore.format import names
from runstore.query import repair_aside
from runstore.query.repair_aside import Quarantine, Repaired, Told


def put(path: Path, data: bytes = b"damaged") -> Path:
    files.make_dirs(path.parent)
    path.write_bytes(data)
    return path


def test_a_file_is_moved_with_its_place_and_reported(tmp_path: Path) -> None:
    path, done = put(tmp_path / "runs" / "aa" / "bb" / "x.jsonl"), Repaired()
    done.lost.append(Told("runs/aa/bb", "3 points", "r"))
    quarantine = Quarantine(tmp_path, done)
    quarantine.take(path, "a damaged journal")
    quarantine.close()
    assert not path.exists() and (tmp_path / done.place / "runs" / "aa" / "bb" / "x.jsonl").read_bytes() == b"damaged"
    report = repair_aside.report(tmp_path / done.place)
    assert [(one["path"], one["size"], one["why"]) for one in report["files"]] == [
        ("runs/aa/bb/x.jsonl", 7, "a damaged journal")
    ]
    assert report["lost"] == [{"path": "runs/aa/bb", "what": "3 points", "run_id": "r"}]
    assert done.aside == [("runs/aa/bb/x.jsonl", 7)]


def test_where_nothing_was_done_nothing_is_made(tmp_path: Path) -> None:
    Quarantine(tmp_path, Repaired()).close()
    assert list(tmp_path.iterdir()) == []


def test_a_file_gets_its_right_bytes_and_the_wrong_ones_are_kept(tmp_path: Path) -> None:
    path, done = put(tmp_path / "blobs" / "x"), Repaired()
    quarantine = Quarantine(tmp_path, done)
    quarantine.replace(path, b"right", "a changed byte")
    quarantine.close()
    assert path.read_bytes() == b"right"
    assert (tmp_path / done.place / "blobs" / "x").read_bytes() == b"damaged"


def test_who_was_interrupted_goes_on_in_the_same_directory(tmp_path: Path) -> None:
    Quarantine(tmp_path, Repaired()).take(put(tmp_path / "runs" / "one"), "damaged")
    done = Repaired()
    quarantine = Quarantine(tmp_path, done)
    quarantine.take(put(tmp_path / "runs" / "one"), "damaged again")
    quarantine.close()
    (kept,) = repair_aside.kept(tmp_path)
    assert {one["path"] for one in repair_aside.report(kept)["files"]} == {"runs/one", "runs/one-2"}


def test_the_next_repair_has_a_directory_of_its_own(tmp_path: Path) -> None:
    for _ in range(2):
        quarantine = Quarantine(tmp_path, Repaired())
        quarantine.take(put(tmp_path / "workspace.json"), "damaged")
        quarantine.close()
    assert [(count, size) for _, count, size in repair_aside.sizes(tmp_path)] == [(1, 7), (1, 7)]
    assert all((kept / names.REPORT).exists() for kept in repair_aside.kept(tmp_path))


def test_what_is_gone_is_no_trouble(tmp_path: Path) -> None:
    done = Repaired()
    Quarantine(tmp_path, done).take(tmp_path / "none", "damaged")
    assert done.aside == []
