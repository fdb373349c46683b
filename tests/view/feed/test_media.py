"""What was logged as files comes by step; tables come in pages; a chart's JSON is plain."""

from __future__ import annotations

import struct
import zlib
from pathlib import Path
from typing import Any

import pytest

import runstore
from runstore.errors import StoreError, UsageError
from runstore.view.feed import media


def png(shade: int) -> bytes:
    def chunk(kind: bytes, body: bytes) -> bytes:
        return struct.pack(">I", len(body)) + kind + body + struct.pack(">I", zlib.crc32(kind + body))

    header = struct.pack(">IIBBBBB", 1, 1, 8, 0, 0, 0, 0)
    pixels = chunk(b"IDAT", zlib.compress(bytes([0, shade])))
    return b"\x89PNG\r\n\x1a\n" + chunk(b"IHDR", header) + pixels + chunk(b"IEND", b"")


@pytest.fixture
def run(ws: runstore.Workspace, tmp_path: Path) -> runstore.Run:
    with ws.experiment("e").start_logging() as run:
        for step in (20, 3):
            (tmp_path / f"{step}.png").write_bytes(png(step))
            run.log_image("image", tmp_path / f"{step}.png", step=step)
        for step in (1, 2):
            run.log_histogram("weights", ([step, 2], [0.0, 0.5, 1.0]), step=step)
        run.log_confusion_matrix("matrix", y_true=[0, 1], y_pred=[0, 0])
        run.log_text("said", "hello")
        run.log_row("table", n=1, text="a")
        run.log_row("table", n=float("nan"), big=2**60)
    return run


def test_files_come_by_name_and_step(ws: runstore.Workspace, run: runstore.Run, as_sent: Any) -> None:
    found = as_sent(media.media(ws, run.id))
    assert [(one["name"], one["kind"], one["step"]) for one in found["items"]] == [
        ("image", "image", 3),
        ("image", "image", 20),
        ("matrix", "confusion", None),
        ("said", "text", None),
        ("weights", "histogram", 1),
        ("weights", "histogram", 2),
    ]
    assert found["items"][0] | {"time": None, "size": 0} == {
        "name": "image", "step": 3, "time": None, "kind": "image", "path": "3.png", "size": 0,
        "media_type": "image/png",
    }  # fmt: skip


def test_files_are_chosen_by_kind_and_name(ws: runstore.Workspace, run: runstore.Run) -> None:
    assert media.media(ws, run.id, kind="histogram", limit=1, offset=1)["items"][0]["step"] == 2
    assert media.media(ws, run.id, name="said")["total"] == 1
    assert media.media(ws, run.id, kind="video") == {"items": [], "total": 0}


def test_a_table_comes_with_its_cells_in_columns(ws: runstore.Workspace, run: runstore.Run, as_sent: Any) -> None:
    found = as_sent(media.rows(ws, run.id, "table"))
    assert (found["total"], found["columns"]) == (2, ["n", "text", "big"])
    assert [row[:2] + row[3:] for row in found["rows"]] == [[0, 0, 1, "a", None], [1, 1, None, None, str(2**60)]]
    assert media.rows(ws, run.id, "nope") == {"total": 0, "columns": [], "rows": []}


def test_a_chart_is_its_json_at_a_step(ws: runstore.Workspace, run: runstore.Run, as_sent: Any) -> None:
    last = as_sent(media.value(ws, run.id, "weights"))
    assert (last["kind"], last["step"], last["steps"]) == ("histogram", 2, [1, 2])
    assert last["value"]["data"]["bin_counts"] == [2, 2]
    assert media.value(ws, run.id, "weights", step=1)["value"]["data"]["bin_counts"] == [1, 2]
    assert media.value(ws, run.id, "matrix")["value"]["data"]["matrix"] == [[1, 0], [1, 0]]


def test_what_is_no_chart_or_not_there_is_refused(ws: runstore.Workspace, run: runstore.Run) -> None:
    for name, step in (("weights", 9), ("said", None), ("nope", None)):
        with pytest.raises(StoreError, match="no value"):
            media.value(ws, run.id, name, step)


def test_rows_are_left_that_fit_all_conditions(ws: runstore.Workspace, run: runstore.Run) -> None:
    found = media.rows(ws, run.id, "table", where=[["n", "=", "1"], ["text", "has", "A"]])
    assert (found["total"], found["columns"]) == (1, ["n", "text", "big"])
    with pytest.raises(UsageError):
        media.rows(ws, run.id, "table", where=["n"])
