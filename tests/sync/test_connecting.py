"""A remote is connected to when something is asked of it, and only if it is still the one that was added."""

from __future__ import annotations

import sys
from collections.abc import Callable
from contextlib import closing
from pathlib import Path
from threading import Barrier, Thread

import pytest

from runstore.errors import Refused, RemoteConflict, RemoteError, Unreachable, UsageError
from runstore.sync import client, confirmed, connecting, mlflow
from runstore.sync.addresses import parse
from runstore.sync.connecting import Later, installed
from runstore.sync.lake import probe
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


# ---- each kind of remote


def test_a_lake_is_tried_out_made_and_asked_who_it_is(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(probe, "probe", lambda place: {"creates once": True, "deletes": False})
    address = parse(str(tmp_path / "lake"))
    asked = connecting.ask("lake", address)
    assert (asked.probe, len(asked.warnings)) == ({"creates once": True, "deletes": False}, 1)
    assert connecting.ask("lake", address, probe=False) == (asked.id, {}, ())
    with closing(connecting.connect("lake", address)) as found:
        assert (found.id, list(found.pieces().pieces)) == (asked.id, [])
    assert connecting.optimize("lake", address, 0).deleted == 0
    with pytest.raises(UsageError, match="team: is no lake"):
        connecting.optimize("team", parse("https://runs.example"), 0)


def test_nothing_stays_where_a_lake_can_not_be_trusted(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    def untrusted(place: object) -> dict[str, bool]:
        raise Refused("it lets several create the same object")

    monkeypatch.setattr(probe, "probe", untrusted)
    with pytest.raises(Refused):
        connecting.ask("lake", parse(str(tmp_path / "lake")))
    assert not (tmp_path / "lake" / "lake.json").exists()


def test_a_lake_that_is_gone_is_not_made_anew_by_who_only_connects(tmp_path: Path) -> None:
    with pytest.raises(RemoteError):
        connecting.connect("lake", parse(str(tmp_path / "lake")))


def test_a_server_is_asked_with_the_token_of_its_name(monkeypatch: pytest.MonkeyPatch) -> None:
    made: list[tuple[str, str | None]] = []
    told = {"id": Memory().id, "runstore": "1.0", "api": 1, "scope": "write", "token": "laptop"}

    class Server(Memory):
        def __init__(self, url: str, token: str | None, label: str) -> None:
            super().__init__()
            made.append((url, token))

        def info(self) -> dict[str, object]:
            return told

    monkeypatch.setattr(client, "Server", Server)
    monkeypatch.setenv("RUNSTORE_TOKEN_TEAM", "secret")
    confirmed.confirm("https://runs.example")
    asked = connecting.ask("team", parse("https://runs.example"))
    assert asked == (Memory().id, {"runstore": "1.0", "api": 1, "scope": "write"}, ())
    assert connecting.connect("team", parse("https://runs.example")).id == Memory().id
    assert made == [("https://runs.example", "secret")] * 2


def test_an_mlflow_server_is_asked_whether_it_answers(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(mlflow, "probe", lambda url: {"id": f"id of {url}", "version": "3.1"})
    address = parse("mlflow+https://host")
    assert connecting.ask("ml", address) == ("id of mlflow+https://host", {"version": "3.1"}, ())
    assert connecting.ask("ml", address, probe=False).probe == {}
