"""Of a damaged segment only rows come back that were written, and a changed byte of a page is put right."""

from __future__ import annotations

import hashlib
import random
from pathlib import Path
from typing import Any

import pyarrow as pa
import pyarrow.parquet as pq
import pytest

from runstore.disk import salvage, segment
from runstore.format import schemas

GROUP = 4000  # rows


@pytest.fixture(scope="module")
def sealed(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A segment of several row groups."""
    choose, rows = random.Random(1), 3 * GROUP // 2
    columns: dict[str, Any] = {
        "run_id": ["r"] * rows, "experiment": ["e"] * rows, "name": ["loss"] * rows, "step": list(range(rows)),
        "time": [choose.randrange(10**15) for _ in range(rows)], "writer": ["w"] * rows, "attempt": [1] * rows,
        "value": [choose.choice([choose.random(), float("nan"), None]) for _ in range(rows)], "seq": list(range(rows)),
        "kind": ["float"] * rows, "text": [None] * rows, "indexed": [False] * rows,
    }  # fmt: skip
    types = schemas.schema("points")
    table = pa.table({name: pa.array(columns[name], types.field(name).type) for name in types.names})
    directory = tmp_path_factory.mktemp("sealed")
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(segment, "ROW_GROUP", GROUP)
        return directory / str(segment.write(table.to_batches(), directory, "points")["file"])


def found(path: Path) -> set[str]:
    return {repr(row) for table in salvage.tables(path, "points", {}) for row in table.to_pylist()}


def hurt(sealed: Path, tmp_path: Path, at: int, data: bytes) -> Path:
    whole = sealed.read_bytes()
    path = tmp_path / "points.parquet"
    path.write_bytes(whole[:at] + data + whole[at + len(data) :])
    return path


def test_an_undamaged_segment_comes_back_whole(sealed: Path) -> None:
    assert sum(table.num_rows for table in salvage.tables(sealed, "points", {})) == 3 * GROUP // 2


def test_damage_in_one_row_group_leaves_the_other(sealed: Path, tmp_path: Path) -> None:
    about = pq.ParquetFile(sealed).metadata.row_group(0).column(5)
    path = hurt(sealed, tmp_path, about.data_page_offset + about.total_compressed_size - 100, bytes(50))
    sizes = [table.num_rows for table in salvage.tables(path, "points", {})]
    assert sizes[-1] == GROUP // 2 and sum(sizes) < 3 * GROUP // 2


@pytest.mark.slow
def test_whatever_is_damaged_no_row_comes_back_that_was_not_written(sealed: Path, tmp_path: Path) -> None:
    whole, choose, size = found(sealed), random.Random(2), sealed.stat().st_size
    for turn in range(24):
        at = choose.randrange(size - 5000, size - 1) if turn % 2 else choose.randrange(size)
        path = hurt(sealed, tmp_path, at, choose.randbytes(1 + turn))
        assert found(path) <= whole


def test_a_footer_about_which_pyarrow_ends_the_process_ends_only_another(sealed: Path, tmp_path: Path) -> None:
    data, asked = sealed.read_bytes(), []
    codec = b"\x15\x0c\x16"  # Thrift for the codec ZSTD and a number after it; one more is a negative codec
    footer = len(data) - 8 - int.from_bytes(data[-8:-4], "little")
    for at in [at for at in range(footer, len(data) - 8) if data[at : at + 3] == codec][:2]:
        path = hurt(sealed, tmp_path, at, b"\x15\x0d\x16")
        asked.append(salvage._can_be_asked(path, "points"))
        assert found(path) <= found(sealed)
        assert salvage.mended(path, hashlib.sha256(data).hexdigest()) == data
    assert False in asked


def test_a_known_column_need_not_be_read(sealed: Path, tmp_path: Path) -> None:
    about = pq.ParquetFile(sealed).metadata.row_group(0).column(0)
    path = hurt(sealed, tmp_path, about.dictionary_page_offset, bytes(40))
    known = {"run_id": "r", "experiment": "e"}
    sizes = [table.num_rows for table in salvage.tables(path, "points", known)]
    assert sum(sizes) == 3 * GROUP // 2


@pytest.mark.parametrize("data", [b"", b"PAR1", b"no parquet at all", bytes(1000)])
def test_what_is_no_segment_gives_nothing(tmp_path: Path, data: bytes) -> None:
    (tmp_path / "x").write_bytes(data)
    assert list(salvage.tables(tmp_path / "x", "points", {})) == []
    assert salvage.mended(tmp_path / "x", "0" * 24) is None


def test_a_segment_of_another_kind_gives_nothing(sealed: Path) -> None:
    assert list(salvage.tables(sealed, "rows", {})) == []


def test_a_changed_byte_of_a_page_is_put_right(sealed: Path, tmp_path: Path) -> None:
    right = sealed.read_bytes()
    digest = hashlib.sha256(right).hexdigest()
    at = pq.ParquetFile(sealed).metadata.row_group(0).column(4).data_page_offset + 200
    path = hurt(sealed, tmp_path, at, bytes([right[at] ^ 0x5A]))
    assert salvage.mended(path, digest) == right


@pytest.mark.parametrize("back", [1, 9, 700])
def test_a_changed_bit_of_the_footer_is_put_right(sealed: Path, tmp_path: Path, back: int) -> None:
    right = sealed.read_bytes()
    path = hurt(sealed, tmp_path, len(right) - back, bytes([right[-back] ^ 16]))
    assert salvage.mended(path, sealed.stem[-24:]) == right


def test_more_than_one_damaged_page_is_not_guessed_at(sealed: Path, tmp_path: Path) -> None:
    assert salvage.mended(hurt(sealed, tmp_path, 20_000, bytes(300)), "0" * 24) is None


def test_a_file_that_can_not_be_read_is_no_damage(tmp_path: Path) -> None:
    with pytest.raises(OSError):
        list(salvage.tables(tmp_path / "none", "points", {}))
