"""A cut record holds exactly the numbers that were asked for, and its summary is of these."""

from __future__ import annotations

from pathlib import Path

import pyarrow.parquet as pq
import pytest

import runstore
from runstore.disk import files, inventory
from runstore.errors import Damaged
from runstore.format import documents
from runstore.query import compaction
from runstore.sync import slicing


@pytest.fixture
def run(tmp_path: Path) -> runstore.Run:
    ws = runstore.Workspace(tmp_path / "ws")
    with runstore.start_run("e", run_id="r", workspace=ws) as run:
        for step in range(10):
            run.log("loss", step / 2, step=step)
        run.log_row("t", a=1)
    compaction.compact(ws.path, grace=0)
    return ws.get_run("r")


def test_it_holds_the_numbers_that_are_lacking(run: runstore.Run, tmp_path: Path) -> None:
    found = inventory.scan(run.path)
    ((name, body),) = found.active
    writer = body["ranges"][0][0]
    (tmp_path / "cut").mkdir()
    made = slicing.cut(found, name, [(writer, 4, 6), (writer, 9, 20)], tmp_path / "cut")
    told = documents.parse(files.read(tmp_path / "cut" / made), made)
    assert told["ranges"] == [[writer, 1, 4, 6], [writer, 1, 9, 10]] and told["replaces"] == []
    by_kind = {entry["kind"]: pq.read_table(tmp_path / "cut" / entry["file"]) for entry in told["segments"]}
    assert by_kind["points"]["seq"].to_pylist() == [4, 5, 6, 9] and by_kind["rows"]["seq"].to_pylist() == [10]
    assert told["summary"]["loss"]["count"] == 4 and told["summary"]["loss"]["min"] == 2.0


def test_a_record_that_is_gone_can_not_be_cut(run: runstore.Run, tmp_path: Path) -> None:
    with pytest.raises(Damaged, match="try again"):
        slicing.cut(inventory.scan(run.path), "seal-none", [("w", 0, 1)], tmp_path)
