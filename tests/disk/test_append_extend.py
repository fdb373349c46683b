"""A mapped journal's window moves on without a byte being lost or moved, wherever the line lies."""

from __future__ import annotations

import io
from pathlib import Path

import pytest

import runstore
from runstore.disk.append import FIRST_WINDOW, LAST_WINDOW, AppendFile
from runstore.disk.capabilities import CAN

HEAD = b"head\n"


@pytest.mark.parametrize("free", [1, 100, 4000, 4096, 5000])
@pytest.mark.parametrize("length", [10, 99, 100, 101, 4096, 70_000, 3 * LAST_WINDOW])
def test_a_line_is_whole_however_much_of_it_the_old_window_would_have_held(
    tmp_path: Path, free: int, length: int
) -> None:
    file = AppendFile(tmp_path / "journal", CAN.mapping, HEAD)
    first, line = b"a" * (FIRST_WINDOW - len(HEAD) - free - 1) + b"\n", b"b" * (length - 1) + b"\n"
    position = file.store(file.start, first)
    position = file.extend(position, line) if CAN.mapping else file.store(position, line)
    position = file.store(position, b"last\n")
    file.close(file.size(position))
    assert (tmp_path / "journal").read_bytes() == HEAD + first + line + b"last\n"


def test_facts_that_outgrow_their_first_window_are_all_kept(workspace: Path) -> None:
    run = runstore.start_run("many", workspace=runstore.Workspace(workspace))
    for number in range(1_000):
        run.upload_file(f"images/{number}.png", io.BytesIO(b"%d" % number))
    run.complete()
    names = runstore.Workspace(workspace).sql("select name from artifacts").fetchall()
    assert {name for (name,) in names} == {f"images/{number}.png" for number in range(1_000)}
