"""Images come as far as there is room: of every name the newest first."""

from __future__ import annotations

from pathlib import Path

import pytest

import runstore
from runstore.view.feed import media
from runstore.view.report import files

PNG = b"\x89PNG\r\n\x1a\n" + bytes(92)


@pytest.fixture
def run(ws: runstore.Workspace, tmp_path: Path) -> str:
    picture = tmp_path / "picture.png"
    with runstore.start_run("e", run_id="one", workspace=ws) as run:
        for name in ("cat", "dog"):
            for step in range(3):
                picture.write_bytes(PNG[:-1] + bytes([step]))
                run.log_image(name, path=picture, step=step)
    return run.id


def taken(ws: runstore.Workspace, run: str, room: int) -> files.Taken:
    return files.taken(ws, {run: media.media(ws, run)["items"]}, room, plotly=False)


def test_all_are_taken_where_there_is_room(ws: runstore.Workspace, run: str) -> None:
    found = taken(ws, run, 10_000)
    assert (len(found.files), found.left_out) == (6, 0)
    assert {kind for kind, _ in found.files.values()} == {"image/png"}


def test_the_newest_of_each_name_comes_first(ws: runstore.Workspace, run: str) -> None:
    found = taken(ws, run, 2 * len(PNG))
    assert [data[-1] for _, data in found.files.values()] == [2, 2]
    assert found.left_out == 4


def test_a_file_that_can_not_be_read_is_left_out(ws: runstore.Workspace, run: str) -> None:
    items = [{**one, "path": f"no/{one['path']}"} for one in media.media(ws, run)["items"]]
    found = files.taken(ws, {run: items}, 10_000, plotly=False)
    assert (found.files, found.left_out) == ({}, 6)
