"""Whatever is called a remote answers to the same calls, with the same names of arguments."""

from __future__ import annotations

import inspect
from pathlib import Path

import pytest

from runstore.sync.client import Server
from runstore.sync.connecting import Later
from runstore.sync.lake.lake import Lake
from runstore.sync.place import Place
from runstore.sync.remote import Object, Remote
from tests.sync.fakes import Memory

CALLS = ("pieces", "lacking", "put", "commit", "get", "close")


@pytest.mark.parametrize("kind", [Lake, Server, Place, Later, Memory])
@pytest.mark.parametrize("call", CALLS)
def test_every_kind_takes_what_a_remote_takes(kind: type, call: str) -> None:
    asked = [*inspect.signature(getattr(Remote, call)).parameters.values()]
    taken = [*inspect.signature(getattr(kind, call)).parameters.values()]
    for wanted, given in zip(asked, taken, strict=False):
        assert (wanted.name, wanted.default) == (given.name, given.default)
    assert all(one.default is not inspect.Parameter.empty for one in taken[len(asked) :])


def test_the_protocol_asks_for_nothing_else() -> None:
    public = {name for name in vars(Remote) if not name.startswith("_")} - {"id", "label"}
    assert public == {*CALLS}


def test_an_object_is_read_from_the_beginning_whenever_it_is_asked_for(tmp_path: Path) -> None:
    path = tmp_path / "x"
    path.write_bytes(b"many")
    one = Object("ab" * 32, 4, "", lambda: iter([path.read_bytes()]))
    assert b"".join(one.read()) == b"".join(one.read()) == b"many"
