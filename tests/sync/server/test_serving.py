"""A server process: laptops meet through it, it ends when it is told to, and breaks in the middle lose nothing."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path

import pytest

import runstore
from runstore.errors import Unreachable
from runstore.query.check import check
from runstore.sync import pull, push
from tests.query import unions
from tests.sync.server.conftest import Serve

Make = Callable[[str], runstore.Workspace]


def damage(path: Path) -> list[object]:
    return [one for one in check(path) if one.severity != "note"]


def test_two_laptops_meet_through_a_server_and_a_second_push_sends_nothing(make: Make, serve: Serve) -> None:
    a, b, server = make("a"), make("b"), serve()
    unions.logged(a, "r0", small=b"small", large=bytes(300_000))
    unions.logged(b, "r1", number=3)
    remote = server.client()
    assert push.push(a.path, remote).ok == ["r0"]
    assert push.push(b.path, remote).ok == ["r1"]
    assert (pull.pull(a.path, remote).refused, pull.pull(b.path, remote).refused) == ([], [])
    there = runstore.Workspace(server.workspace)
    assert unions.answers(a) == unions.answers(b) == unions.answers(there)
    assert push.push(a.path, remote).sent_bytes == 0
    assert pull.pull(b.path, remote).bytes == 0
    assert [damage(one) for one in (a.path, b.path, server.workspace)] == [[], [], []]


def test_it_ends_when_it_is_told_to_and_says_that_all_is_well(serve: Serve) -> None:
    server = serve()
    server.client().info()
    assert server.stop() == 0
    with pytest.raises(Unreachable):
        server.client().info()
