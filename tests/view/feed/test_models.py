"""Registered models come with their versions, the newest first."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest

import runstore
from runstore.view.feed import models


@pytest.fixture
def run(ws: runstore.Workspace, tmp_path: Path) -> runstore.Run:
    (tmp_path / "m.bin").write_bytes(b"model")
    with ws.experiment("e").start_logging() as run:
        run.upload_file("outputs/m.bin", tmp_path / "m.bin")
    run.register_model("churn", "outputs/m.bin", tags={"n": 1}, aliases=["production"], description="the first")
    run.register_model("churn", "outputs", model_framework="sklearn")
    run.register_model("other", "outputs/m.bin")
    return run


def test_models_have_their_versions(ws: runstore.Workspace, run: runstore.Run, as_sent: Any) -> None:
    found = as_sent(models.models(ws))
    assert (found["total"], [one["name"] for one in found["models"]]) == (2, ["other", "churn"])
    second, first = found["models"][1]["versions"]
    assert (first["version"], first["aliases"], first["tags"], first["description"]) == (
        1, ["production"], {"n": 1}, "the first",
    )  # fmt: skip
    assert (first["run_id"], first["path"], first["folder"], first["size"]) == (run.id, "outputs/m.bin", False, 5)
    assert (second["version"], second["folder"], second["framework"], second["files_total"]) == (2, True, "sklearn", 1)
    assert first["created"].endswith("Z") and len(first["sha256"]) == 64


def test_models_are_searched(ws: runstore.Workspace, run: runstore.Run) -> None:
    assert [one["name"] for one in models.models(ws, "PROD")["models"]] == ["churn"]
    assert models.models(ws, limit=1, offset=1)["models"][0]["name"] == "churn"


def test_there_may_be_none(ws: runstore.Workspace) -> None:
    assert models.models(ws) == {"models": [], "total": 0}
