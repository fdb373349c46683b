"""What a server keeps in a workspace is checked like everything else there."""

from __future__ import annotations

import hashlib
from pathlib import Path

import pytest

import runstore
from runstore.format import documents, names
from runstore.query.check import check


@pytest.fixture
def server(ws: runstore.Workspace) -> Path:
    """A workspace with one of everything that a server keeps."""
    ws.experiment("e")
    incoming = ws.path / names.SERVER_INCOMING
    incoming.mkdir(parents=True)
    sha256 = hashlib.sha256(b"data").hexdigest()
    (incoming / sha256).write_bytes(b"data")
    (incoming / f"{sha256}-0123abcd.part").write_bytes(b"da")
    (ws.path / names.SERVER_TOKENS).write_bytes(documents.render({"tokens": []}))
    (ws.path / names.SERVER_AUDIT).write_bytes(documents.render({"a": 1}) + documents.render({"a": 2}) + b'{"to')
    (ws.path / names.SERVER / "audit-1.jsonl").write_bytes(documents.render({"a": 0}))
    return ws.path


def test_what_a_server_keeps_is_fine_and_a_torn_last_line_of_its_log_too(server: Path) -> None:
    assert check(server) == []


@pytest.mark.parametrize("name", [names.SERVER_TOKENS, names.SERVER_AUDIT, f"{names.SERVER}/audit-1.jsonl"])
def test_a_changed_byte_is_found(server: Path, name: str) -> None:
    data = bytearray((server / name).read_bytes())
    data[10] ^= 1
    (server / name).write_bytes(bytes(data))
    assert [(one.path, one.severity) for one in check(server)] == [(name, "damage")]


def test_an_object_with_other_bytes_is_found(server: Path) -> None:
    (path,) = (one for one in (server / names.SERVER_INCOMING).iterdir() if names.is_sha256(one.name))
    path.write_bytes(b"DATA")
    assert [(one.path, one.severity) for one in check(server)] == [
        (path.relative_to(server).as_posix(), "damage"),
    ]


def test_what_does_not_belong_there_is_named(server: Path) -> None:
    (server / names.SERVER / "odd").write_bytes(b"")
    (server / names.SERVER_INCOMING / "odd").write_bytes(b"")
    assert {(one.path, one.severity) for one in check(server)} == {
        (f"{names.SERVER}/odd", "note"),
        (f"{names.SERVER_INCOMING}/odd", "note"),
    }
