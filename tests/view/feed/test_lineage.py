"""A file's lineage: its versions, the models made of it, the runs that used it."""

from __future__ import annotations

import io
from typing import Any

import pytest

import runstore
from runstore.errors import StoreError
from runstore.view.feed import lineage


def test_what_came_of_a_file_is_told(ws: runstore.Workspace, as_sent: Any) -> None:
    with ws.experiment("e").start_logging() as run:
        run.upload_file("outputs/m.bin", io.BytesIO(b"one"))
        run.register_model("old", "outputs/m.bin")
        run.upload_file("outputs/m.bin", io.BytesIO(b"second"), overwrite=True)
        run.upload_file("outputs/n.bin", io.BytesIO(b"third"))
        run.register_model("new", "outputs")
    with ws.experiment("e").start_logging("user") as user:
        user.use_artifact(run, "outputs/m.bin", 1)
    found = as_sent(lineage.lineage(ws, run.id, "outputs/m.bin"))
    assert [one["size"] for one in found["versions"]] == [3, 6]
    assert found["models"] == [{"name": "new", "version": 1}]
    assert (found["used_by"], found["looked"]) == ([{"run_id": user.id, "name": "user", "version": 1}], 2)
    assert lineage.lineage(ws, run.id, "outputs/n.bin")["used_by"] == []


def test_what_is_no_file_leads_nowhere(ws: runstore.Workspace) -> None:
    run = ws.experiment("e").start_logging()
    with pytest.raises(StoreError, match="no file"):
        lineage.lineage(ws, run.id, "nope")
