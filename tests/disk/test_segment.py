from __future__ import annotations

import errno
import hashlib
import os
import random
import shutil
import threading
from collections.abc import Iterator
from pathlib import Path

import pyarrow as pa
import pyarrow.parquet as pq
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from runstore.disk import files, segment
from runstore.errors import Damaged
from runstore.format import names, schemas

INT64 = st.integers(-(2**63), 2**63 - 1)
TEXT = st.text(st.characters(exclude_categories=["Cs"]))
POINT = st.fixed_dictionaries(
    {
        "run_id": TEXT,
        "experiment": TEXT,
        "name": TEXT,
        "step": INT64,
        "time": st.integers(0, 2**62),
        "value": st.none() | st.floats(allow_nan=False),
        "writer": TEXT,
        "attempt": st.integers(1, 9),
        "seq": INT64,
        "kind": st.sampled_from(["float", "int", "bool", "str", "none"]),
        "text": st.none() | TEXT,
        "indexed": st.booleans(),
    }
)


def table(points: list[dict[str, object]]) -> pa.Table:
    return pa.Table.from_pylist(
        [{**p, "time": pa.scalar(p["time"], pa.timestamp("us", "UTC"))} for p in points], schemas.schema("points")
    )


def ordinary(count: int) -> pa.Table:
    constant = {"run_id": "r", "experiment": "e", "name": "loss", "writer": "w", "attempt": 1, "kind": "float"}
    return table([{**constant, "step": i, "time": i, "value": i / 7, "seq": i, "indexed": False} for i in range(count)])


@pytest.fixture(scope="module")
def sealed(tmp_path_factory: pytest.TempPathFactory) -> Iterator[tuple[Path, dict[str, object]]]:
    directory = tmp_path_factory.mktemp("sealed")
    entry = segment.write(ordinary(2000).to_batches(), directory, "points")
    yield directory / str(entry["file"]), entry


def test_the_entry_tells_the_truth_and_the_name_is_the_content(sealed: tuple[Path, dict[str, object]]) -> None:
    path, entry = sealed
    data = path.read_bytes()
    digest = hashlib.sha256(data).hexdigest()
    assert entry == {
        "kind": "points", "file": names.segment("points", digest), "sha256": digest, "size": len(data), "rows": 2000,
    }  # fmt: skip
    assert pq.read_table(path).equals(ordinary(2000))
    assert [p.name for p in path.parent.iterdir()] == [path.name]


@settings(max_examples=30, deadline=None)
@given(st.lists(POINT, max_size=8))
def test_every_value_comes_back_as_it_was(
    tmp_path_factory: pytest.TempPathFactory, points: list[dict[str, object]]
) -> None:
    directory = tmp_path_factory.mktemp("round")
    entry = segment.write(table(points).to_batches(), directory, "points")
    back = pq.read_table(directory / str(entry["file"]))
    assert back.equals(table(points))
    signs = [str(v) for v in back["value"].to_pylist()]  # -0.0 equals 0.0, but isn't it
    assert signs == [str(p["value"]) for p in points]


def test_nan_and_the_infinities_come_back(tmp_path: Path) -> None:
    special = ordinary(4).set_column(5, "value", pa.array([float("nan"), float("inf"), float("-inf"), -0.0]))
    entry = segment.write(special.to_batches(), tmp_path, "points")
    assert list(map(str, pq.read_table(tmp_path / entry["file"])["value"].to_pylist())) == [
        "nan",
        "inf",
        "-inf",
        "-0.0",
    ]


def test_small_and_large_batches_make_whole_row_groups(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(segment, "ROW_GROUP", 100)
    whole = ordinary(1234)
    pieces = [*whole.slice(0, 30).to_batches(max_chunksize=7), *whole.slice(30).to_batches()]
    entry = segment.write(pieces, tmp_path, "points")
    with pq.ParquetFile(tmp_path / entry["file"]) as file:
        groups = [file.metadata.row_group(i).num_rows for i in range(file.num_row_groups)]
    assert groups == [100] * 12 + [34]
    assert pq.read_table(tmp_path / entry["file"]).equals(whole)


def test_the_numbers_of_each_writer_are_told_by_the_rows_alone(tmp_path: Path) -> None:
    rows = [*ordinary(5).to_pylist(), *ordinary(3).to_pylist()]
    held = [{**row, "writer": "a" if n < 5 else "b", "seq": row["seq"] + 2 * (n == 4)} for n, row in enumerate(rows)]
    entry = segment.write(pa.Table.from_pylist(held, schemas.schema("points")).to_batches(), tmp_path, "points")
    assert segment.numbers(tmp_path / str(entry["file"])) == {"a": [(0, 3), (6, 6)], "b": [(0, 2)]}


def test_the_same_points_make_the_same_file_once(tmp_path: Path) -> None:
    entries = [segment.write(ordinary(50).to_batches(), tmp_path, "points") for _ in range(2)]
    assert entries[0] == entries[1]
    assert len(list(tmp_path.iterdir())) == 1


def test_rows_are_sealed_too(tmp_path: Path) -> None:
    row = {
        "run_id": "r",
        "experiment": "e",
        "name": "t",
        "row": 0,
        "step": 0,
        "data": '{"a": 1}',
        "writer": "w",
        "attempt": 1,
        "seq": 0,
    }
    rows = pa.Table.from_pylist([row], schemas.schema("rows"))
    entry = segment.write(rows.to_batches(), tmp_path, "rows")
    assert pq.read_table(tmp_path / entry["file"]).equals(rows)


def test_any_flipped_bit_is_found(sealed: tuple[Path, dict[str, object]], tmp_path: Path) -> None:
    path, entry = sealed
    data, copy = path.read_bytes(), tmp_path / path.name
    choose = random.Random(1)
    for at in choose.sample(range(len(data)), 200):
        changed = bytearray(data)
        changed[at] ^= 1 << choose.randrange(8)
        copy.unlink(missing_ok=True)
        copy.write_bytes(changed)
        with pytest.raises(Damaged, match="SHA-256"):
            segment.verify(copy, entry)


def test_a_file_that_stays_the_same_is_hashed_once(
    sealed: tuple[Path, dict[str, object]], monkeypatch: pytest.MonkeyPatch
) -> None:
    path, entry = sealed
    segment.verify(path, entry)
    monkeypatch.setattr(files, "sha256", lambda path: pytest.fail("hashed again"))
    segment.verify(path, entry)


def test_a_file_that_a_thread_reads_through_is_not_read_by_another(
    sealed: tuple[Path, dict[str, object]], tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    path, entry = Path(shutil.copy(sealed[0], tmp_path)), sealed[1]
    read: list[Path] = []
    other = threading.Thread(target=segment.verify, args=(path, entry))

    def sha256(of: Path) -> object:
        read.append(of)
        if len(read) == 1:
            other.start()
            other.join(0.2)  # it waits for this one, and would be through by then
        return entry["sha256"]

    monkeypatch.setattr(files, "sha256", sha256)
    segment.verify(path, entry)
    other.join(30)
    assert (read, other.is_alive()) == ([path], False)


def test_large_files_are_verified_ahead_at_the_same_time(
    sealed: tuple[Path, dict[str, object]], tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Each waits for the other: one after another they would wait for ever."""
    entry, meeting = sealed[1], threading.Barrier(2, timeout=30)
    monkeypatch.setattr(segment, "LARGE", 1)
    monkeypatch.setattr(os, "cpu_count", lambda: 2)
    monkeypatch.setattr(files, "sha256", lambda path: meeting.wait() * 0 or entry["sha256"])
    copies = [Path(shutil.copy(sealed[0], tmp_path / name)) for name in ("a", "b")]
    segment.verify_ahead(dict.fromkeys(copies, entry))
    monkeypatch.setattr(files, "sha256", lambda path: pytest.fail("hashed again"))
    for path in copies:
        segment.verify(path, entry)


def test_what_is_wrong_is_not_told_ahead(
    sealed: tuple[Path, dict[str, object]], tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(segment, "LARGE", 1)
    wrong = {**sealed[1], "sha256": "0" * 64}
    path = Path(shutil.copy(sealed[0], tmp_path))
    segment.verify_ahead({path: wrong, tmp_path / "gone": wrong})
    with pytest.raises(Damaged, match="SHA-256"):
        segment.verify(path, wrong)


def test_deep_finds_damage_that_the_hash_hides(tmp_path: Path) -> None:
    """A hash taken of bytes that were already wrong when they were written."""
    entry = segment.write(ordinary(2000).to_batches(), tmp_path, "points")
    path = tmp_path / entry["file"]
    data = bytearray(path.read_bytes())
    data[len(data) // 3] ^= 1
    path.write_bytes(data)
    wrong = {**entry, "sha256": hashlib.sha256(data).hexdigest()}
    segment.verify(path, wrong)
    with pytest.raises(Damaged):
        segment.verify(path, wrong, deep=True)


def test_deep_counts_the_rows(sealed: tuple[Path, dict[str, object]]) -> None:
    path, entry = sealed
    with pytest.raises(Damaged, match="2000 rows, 1999"):
        segment.verify(path, {**entry, "rows": 1999}, deep=True)


@pytest.mark.parametrize("call", ["create", "write", "sync", "reveal", "sha256"])
def test_a_fault_leaves_nothing_behind(call: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    def fail(*_: object, **__: object) -> None:
        raise OSError(errno.ENOSPC, os.strerror(errno.ENOSPC))

    monkeypatch.setattr(files, call, fail)
    with pytest.raises(OSError, match="No space"):
        segment.write(ordinary(50).to_batches(), tmp_path, "points")
    assert list(tmp_path.iterdir()) == []


def test_bytes_that_change_on_their_way_to_the_disk_are_not_published(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    true = files.write_all
    monkeypatch.setattr(files, "write_all", lambda fd, data: true(fd, bytes([data[0] ^ 1]) + data[1:]))
    with pytest.raises(Damaged):
        segment.write(ordinary(50).to_batches(), tmp_path, "points")
    assert list(tmp_path.iterdir()) == []
