"""What somebody sent is judged by what it says: Parquet files by their footers, everything else by its fields."""

from __future__ import annotations

import hashlib
from pathlib import Path
from typing import Any

import pyarrow as pa
import pyarrow.parquet as pq
import pytest

from runstore.disk import segment as segment_
from runstore.errors import FormatTooNew, Refused
from runstore.format import VERSION, documents, names, schemas
from runstore.sync import judging

RUN = "r0"


def row(**changes: Any) -> dict[str, Any]:
    """One point."""
    values = {"run_id": RUN, "experiment": "e", "name": "loss", "step": 0, "time": 0, "value": 0.5}
    more = {"writer": "0" * 16, "attempt": 1, "seq": 0, "kind": "float", "text": None, "indexed": False}
    return {**values, **more, **changes}


def segment(table: pa.Table, **options: Any) -> bytes:
    sink = pa.BufferOutputStream()
    pq.write_table(table, sink, **options)
    return sink.getvalue().to_pybytes()


def points(rows: list[dict[str, Any]], **options: Any) -> bytes:
    return segment(pa.Table.from_pylist(rows, schema=schemas.schema("points")), **options)


def sealed(directory: Path, data: bytes, rows: int, last: int | None = None, **changes: Any) -> str:
    """A segment and a record that names it; the record's path."""
    folder = directory / names.run_dir(RUN)
    folder.mkdir(parents=True)
    sha256 = hashlib.sha256(data).hexdigest()
    entry = {
        "kind": "points",
        "file": names.segment("points", sha256),
        "sha256": sha256,
        "size": len(data),
        "rows": rows,
    }
    (folder / entry["file"]).write_bytes(data)  # type: ignore[operator]
    body = {
        "runstore": VERSION, "run": RUN, "experiment": "e", "created": 1, "segments": [entry], "summary": {},
        "ranges": [["0" * 16, 1, 0, rows - 1 if last is None else last]], "replaces": [], "merged_facts": None,
        **changes,
    }  # fmt: skip
    name = names.seal(sha256)
    (folder / name).write_bytes(documents.render(body))
    return f"{names.run_dir(RUN)}/{name}"


def judge(directory: Path, path: str) -> None:
    judging.file(directory, path, "seal", RUN, "e")


def test_a_segment_as_sealing_makes_it_is_fine(tmp_path: Path) -> None:
    judge(tmp_path, sealed(tmp_path, points([row(seq=n) for n in range(3)]), 3))


def test_what_is_no_parquet_file_is_refused(tmp_path: Path) -> None:
    with pytest.raises(Refused, match="no Parquet"):
        judge(tmp_path, sealed(tmp_path, b"PAR1" + bytes(100) + b"PAR1", 3))


def test_other_columns_are_refused(tmp_path: Path) -> None:
    with pytest.raises(Refused, match="columns"):
        judge(tmp_path, sealed(tmp_path, segment(pa.table({"run_id": [RUN]})), 1))


def test_other_rows_than_are_told_of_are_refused(tmp_path: Path) -> None:
    with pytest.raises(Refused, match="rows"):
        judge(tmp_path, sealed(tmp_path, points([row()]), 2))


def test_more_rows_than_numbers_are_refused(tmp_path: Path) -> None:
    with pytest.raises(Refused, match="more rows than numbers"):
        judge(tmp_path, sealed(tmp_path, points([row()] * 5), 5, last=2))


def test_a_file_that_would_become_a_thousand_times_its_size_is_refused_unread(tmp_path: Path) -> None:
    text = "x" * (1 << 20)
    rows = [row(seq=n, text=f"{text}{n}") for n in range(100)]
    data = points(rows, compression="zstd", use_dictionary=False)
    assert len(data) < 64 << 10 < 100 << 20
    with pytest.raises(Refused, match="that would become"):
        judge(tmp_path, sealed(tmp_path, data, len(rows)))


def test_a_few_bytes_that_would_become_very_many_rows_are_refused_unread(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(segment_, "MOST_ROWS", 10)
    schema, one = schemas.schema("points"), row()
    table = pa.table([pa.repeat(pa.scalar(one[field.name], field.type), 1 << 20) for field in schema], schema=schema)
    data = segment(table, compression="zstd")
    assert table.num_rows > 10 * len(data)
    with pytest.raises(Refused, match="that would become"):
        judge(tmp_path, sealed(tmp_path, data, table.num_rows))


def test_a_record_of_a_later_format_is_not_judged(tmp_path: Path) -> None:
    with pytest.raises(FormatTooNew):
        judge(tmp_path, sealed(tmp_path, points([row()]), 1, runstore=VERSION + 1))


@pytest.mark.parametrize(
    ("path", "body"),
    [
        ("models/{}/v1.json", {"name": "net", "version": 2}),
        ("models/{}/v1.json", {"name": "other", "version": 1, "created": 1, "files": [], "tags": {}, "properties": {}}),
        ("models/{}/v1.json", {"name": "net", "version": 1, "created": 1, "files": 5, "tags": {}, "properties": {}}),
        ("models/{}/e-00000000000000000001-00000000.json", {"name": "net", "version": 1, "time": "x", "change": "a"}),
        ("environments/{}/v1.json", {"name": "net", "version": 1, "created": 1, "definition": []}),
        ("tombstones/000000000000000000.json", {"run": "r0", "removed": 1}),
    ],
)
def test_a_document_that_is_not_what_its_name_says_is_refused(tmp_path: Path, path: str, body: object) -> None:
    path = path.format(hashlib.sha256(b"net").hexdigest()[:24])
    (tmp_path / path).parent.mkdir(parents=True)
    (tmp_path / path).write_bytes(documents.render(body))
    with pytest.raises(Refused):
        judging.file(tmp_path, path, "document", "", "")


@pytest.mark.parametrize(
    "body", [{"status": "Running", "error": None, "time": 1}, {"status": "Failed", "error": 5, "time": 1}, 5]
)
def test_an_end_that_is_none_is_refused(tmp_path: Path, body: object) -> None:
    (tmp_path / "a1.end.json").write_bytes(documents.render(body))
    with pytest.raises(Refused):
        judging.file(tmp_path, "a1.end.json", "end", RUN, "e")


def test_a_document_may_not_be_large() -> None:
    judging.size("pack", "p", 1 << 40)
    with pytest.raises(Refused, match="more than"):
        judging.size("document", "d", 17 << 20)


@pytest.mark.parametrize("data", [b"", b"{", b"[" * 5000, b'{"a":1e999}x', b"\xff", b'"\\ud800"', b"NaN"])
def test_what_is_no_json_is_refused(data: bytes) -> None:
    with pytest.raises(Refused, match="not JSON"):
        judging.parsed(data)
