"""Only what can be a file of a workspace is let in, whatever somebody says about it."""

from __future__ import annotations

from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

import runstore
from runstore.errors import Refused
from runstore.format import names
from runstore.sync import legal
from runstore.sync.piece import KINDS, Piece
from runstore.sync.push import push
from tests.query import unions
from tests.sync.fakes import Memory

SHA = "ab" * 32
RUN = names.run_dir("r")


def test_all_that_a_push_sends_is_legal(tmp_path: Path) -> None:
    ws, remote = runstore.Workspace(tmp_path / "ws"), Memory()
    unions.logged(ws, "r0", small=b"few", large=b"many" * 100_000)
    ws.experiment("e").tag("k", "v")
    push(ws.path, remote)
    assert [legal.check(one) for one in remote.log] == remote.log


@pytest.mark.parametrize(
    "piece",
    [
        Piece(f"{RUN}/../x.jsonl", "facts", "r", size=1, sha256=SHA),
        Piece(f"{RUN}/a1.jsonl", "facts", "other", size=1, sha256=SHA),
        Piece(f"{RUN}/a1.jsonl\0", "facts", "r", size=1, sha256=SHA),
        Piece(f"{RUN}/a1.jsonl\n", "facts", "r", size=1, sha256=SHA),
        Piece(f"{RUN}/job.json", "facts", "r", size=1, sha256=SHA),
        Piece(f"{RUN}/a1.jsonl", "seal", "r", size=1, sha256=SHA),
        Piece(f"{RUN}/seal-{'cd' * 12}.json", "seal", "r", size=1, sha256=SHA),
        Piece(f"{RUN}/points-{SHA[:24]}.parquet", "rows", "r", size=1, sha256=SHA),
        Piece(f"{RUN}/points-{SHA[:24]}.parquet", "points", "r", offset=3, size=1, sha256=SHA),
        Piece(names.blob("cd" * 32), "blob", size=1, sha256=SHA),
        Piece("workspace.json", "document", size=1, sha256=SHA),
        Piece("experiments/../workspace.json", "document", size=1, sha256=SHA),
        Piece("/etc/passwd", "document", size=1, sha256=SHA),
        Piece("C:\\x", "document", size=1, sha256=SHA),
        Piece(f"{RUN}/a1.jsonl", "facts", "r", size=1, sha256="short"),
        Piece(f"{RUN}/a1.jsonl", "facts", "r", size=1 << 62, sha256=SHA),
        Piece(f"{RUN}/a1.jsonl", "facts", "r", size=1, sha256=SHA, object="../x"),
        Piece(f"{RUN}/0123456789abcdef.lock", "lock", "r", size=1, sha256=SHA),
        Piece("locks/compact.lock", "lock", "r"),
        Piece("x", "odd"),
    ],
)
def test_what_can_not_be_is_refused(piece: Piece) -> None:
    with pytest.raises(Refused):
        legal.check(piece)


@given(path=st.text(max_size=40), kind=st.sampled_from(KINDS), run_id=st.text(max_size=5))
def test_a_path_is_never_let_in_by_chance(path: str, kind: str, run_id: str) -> None:
    with pytest.raises(Refused):
        legal.check(Piece(path, kind, run_id, size=1, sha256=SHA))
