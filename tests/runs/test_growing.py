"""What is still being written is read as far as it goes, and begun text is told from the rest."""

from __future__ import annotations

from pathlib import Path

import pytest

from runstore.disk import files
from runstore.format import names
from runstore.runs import growing
from runstore.runs.growing import Stream, UpTo
from runstore.runs.workspace import Workspace


def test_a_log_is_copied_as_it_grows_and_let_go_once(tmp_path: Path, workspace: Path) -> None:
    run = Workspace(workspace).experiment("e").start_logging()
    (tmp_path / "a.log").write_bytes(b"1\n")
    stream = Stream(run._live(), "logs/a.log", tmp_path / "a.log")
    (copy,) = run.path.glob("o-*.log")
    assert names.parse(copy.name) is not None
    stream.take()
    assert files.read(copy) == b"1\n"
    with open(tmp_path / "a.log", "ab") as log:
        log.write(b"2\n")
    stream.take()
    for _ in range(2):
        stream.close()
        stream.take()
    run.complete()
    assert files.read(copy) == b"1\n2\n"


@pytest.mark.parametrize(
    ("head", "text"),
    [(b"", False), (b"a\n", True), ("ü".encode(), True), (b"\xff", False), (b"a\0", False),
     (b"a" * 4095 + "ü".encode()[:1], True), (b"ab" + "ü".encode()[:1], False)],
)  # fmt: skip
def test_text_is_utf_8_without_nul(head: bytes, text: bool) -> None:
    assert growing._text(head) is text


def test_a_file_is_text_by_how_it_begins(tmp_path: Path) -> None:
    (tmp_path / "a").write_bytes(b"text " * 1000 + b"\0")
    (tmp_path / "b").write_bytes(b"\0" + b"text " * 1000)
    assert (growing.is_text(tmp_path / "a"), growing.is_text(str(tmp_path / "b"))) == (True, False)


def test_a_file_that_grows_while_it_is_read_has_an_end(tmp_path: Path) -> None:
    (tmp_path / "a").write_bytes(b"12345678")
    with open(tmp_path / "a", "rb") as file:
        piece = UpTo(file, 5)
        assert [piece.read(3), piece.read(3), piece.read(3)] == [b"123", b"45", b""]
    with open(tmp_path / "a", "rb") as file:
        assert UpTo(file, 5).read() == b"12345"
