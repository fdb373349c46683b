"""A remote is connected to when something is asked of it, and only if it is still the one that was added."""

from __future__ import annotations

import sys
from collections.abc import Callable
from threading import Barrier, Thread

import pytest

from runstore.errors import RemoteConflict, Unreachable, UsageError
from runstore.sync import connecting
from runstore.sync.addresses import parse
from runstore.sync.connecting import Later, installed
from runstore.sync.piece import Piece
from runstore.sync.remote import Object
from tests.sync.fakes import Memory


def reaching(found: list[Memory]) -> Callable[[], Memory]:
    def reach() -> Memory:
        found.append(Memory())
        return found[-1]

    return reach


def test_nothing_is_reached_before_something_is_asked() -> None:
    found: list[Memory] = []
    later = Later(Memory().id, "team", reaching(found))
    assert (later.id, later.label, found) == (Memory().id, "team", [])
    later.close()
    assert found == []


def test_what_is_asked_is_asked_of_the_one_remote_that_was_reached() -> None:
    found: list[Memory] = []
    later = Later(Memory().id, "team", reaching(found))
    data = b"bytes"
    one = Object("a" * 64, len(data), "", lambda: iter([data]))
    piece = Piece("p", "log", size=len(data), object=one.sha256)
    assert later.lacking([one]) == {one.sha256}
    later.put(one)
    later.commit([piece])
    assert list(later.pieces().pieces) == [piece]
    assert b"".join(later.get(piece)) == data
    assert len(found) == 1


def test_threads_that_ask_at_once_reach_it_once() -> None:
    found: list[Memory] = []
    later, barrier = Later(Memory().id, "team", reaching(found)), Barrier(8)

    def ask() -> None:
        barrier.wait()
        later.pieces()

    threads = [Thread(target=ask) for _ in range(8)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert len(found) == 1


def test_one_that_cannot_be_reached_is_reached_for_again() -> None:
    tries: list[int] = []

    def reach() -> Memory:
        tries.append(1)
        if len(tries) == 1:
            raise Unreachable("nobody answers")
        return Memory()

    later = Later(Memory().id, "team", reach)
    with pytest.raises(Unreachable):
        later.pieces()
    assert list(later.pieces().pieces) == []


def test_another_remote_at_the_same_address_is_not_sent_to() -> None:
    later = Later("f" * 36, "team", Memory)
    with pytest.raises(RemoteConflict, match=r"^team: another remote lies there now .*`runstore remote remove team`"):
        later.pieces()


@pytest.mark.parametrize("extra", ["lake", "server", "mlflow"])
def test_a_missing_library_is_one_line_that_says_how_to_get_it(monkeypatch: pytest.MonkeyPatch, extra: str) -> None:
    monkeypatch.setitem(sys.modules, "obstore", None)
    with pytest.raises(UsageError, match=rf"needs obstore: pip install 'runstore\[{extra}\]'$"), installed(extra):
        __import__("obstore.store")


def test_a_missing_module_of_our_own_is_a_bug_and_no_missing_extra() -> None:
    with pytest.raises(ModuleNotFoundError), installed("lake"):
        __import__("runstore.nothing")


def test_nothing_can_be_fetched_from_mlflow() -> None:
    with pytest.raises(UsageError, match="only sent to"):
        connecting.connect("ml", parse("mlflow+http://127.0.0.1:1"))
