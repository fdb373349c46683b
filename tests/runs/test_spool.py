"""What lies between a descriptor and the log."""

from __future__ import annotations

import os
from pathlib import Path

import pytest

from runstore.runs import logfile, spool
from runstore.runs.logfile import LogFile
from runstore.runs.spool import Spool
from runstore.runs.workspace import Workspace


@pytest.fixture
def log(tmp_path: Path) -> LogFile:
    run = Workspace(tmp_path / "ws").experiment("x").start_logging()
    return logfile.opened(run._live(), "a.txt")


def test_what_it_gets_is_copied_once_and_shown_once(tmp_path: Path, log: LogFile) -> None:
    found, shown = Spool(tmp_path / "e.log"), list[bytes]()
    for text in (b"one\n", b"two\n"):
        os.write(found.fd, text)
        found.drain(log)
        shown.append(found.unshown())
    shown.append(found.unshown())
    assert (log.path.read_bytes(), b"".join(shown)) == (b"one\ntwo\n", b"one\ntwo\n")


def test_what_was_not_copied_is_read_from_it(tmp_path: Path, log: LogFile) -> None:
    found = Spool(tmp_path / "e.log")
    os.write(found.fd, b"one\n")
    found.drain(log)
    os.write(found.fd, b"two\n")
    assert spool.rest(found.path.read_bytes()) == b"two\n"


def test_when_it_is_left_it_goes(tmp_path: Path) -> None:
    found = Spool(tmp_path / "e.log")
    found.leave()
    assert not found.path.exists()


@pytest.mark.parametrize("data", [b"x", b'{"copied":1}\n', b'{"copied":0000000000000000000x}\nabc'])
def test_a_file_without_its_first_line_is_no_spool(data: bytes) -> None:
    assert spool.rest(data) is None
