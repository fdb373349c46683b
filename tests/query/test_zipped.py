"""A zip of the same bytes each time."""

from __future__ import annotations

import zipfile
from pathlib import Path

import runstore


def test_the_same_runs_are_the_same_zip(ws: runstore.Workspace, tmp_path: Path) -> None:
    with runstore.start_run("e", workspace=ws) as run:
        run.log("loss", 1.0)
        run.upload_file("outputs/big.bin", _file(tmp_path))
    ws.export(tmp_path / "one.zip", format="zip")
    ws.export(tmp_path / "two.zip", format="zip")
    assert (tmp_path / "one.zip").read_bytes() == (tmp_path / "two.zip").read_bytes()


def test_it_is_a_workspace_where_it_is_unpacked(ws: runstore.Workspace, tmp_path: Path) -> None:
    with runstore.start_run("e", run_id="r", workspace=ws) as run:
        run.upload_file("outputs/big.bin", _file(tmp_path))
    ws.export(tmp_path / "out.zip", format="zip")
    with zipfile.ZipFile(tmp_path / "out.zip") as archive:
        assert archive.testzip() is None
        assert all(name.startswith("workspace/") and ".." not in name for name in archive.namelist())
        archive.extractall(tmp_path / "there")
    found = runstore.Workspace(tmp_path / "there" / "workspace", create=False)
    assert found.get_run("r").read_file("outputs/big.bin") == (tmp_path / "big").read_bytes()


def _file(place: Path) -> Path:
    (place / "big").write_bytes(bytes(range(256)) * 2000)
    return place / "big"
