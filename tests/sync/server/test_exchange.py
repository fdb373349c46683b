"""Pieces are told line by line, their bytes from any byte on; a commit is made once, whole or not at all."""

from __future__ import annotations

import asyncio
import hashlib
import json
from collections.abc import Callable
from typing import Any

import pytest

import runstore
from runstore.errors import RemoteError, Unreachable
from runstore.sync import piece as pieces_
from runstore.sync.piece import Piece
from runstore.sync.remote import Told
from tests.query import unions
from tests.sync import served
from tests.sync.served import Shipment, shipment
from tests.sync.server.asking import Asking

Make = Callable[[str], runstore.Workspace]


@pytest.fixture
def sent(make: Make) -> Shipment:
    unions.logged(make("laptop"), "r0", small=b"small", large=bytes(300_000))
    return shipment(make("laptop").path)


def body(sent: Shipment) -> dict[str, Any]:
    return {"pieces": [pieces_.dump(one) for one in sent.pieces]}


def tell(ask: Asking, **question: Any) -> tuple[list[Piece], str]:
    *lines, last = [json.loads(line) for line in ask("POST", "/api/v1/pieces", json=question).text.splitlines()]
    return [pieces_.load(one) for one in lines], last["cursor"]


def tree(ask: Asking) -> dict[str, bytes]:
    return served.tree(ask.served.tokens.path.parents[1])


def test_it_says_what_it_is_and_whose_the_token_is(ask: Asking) -> None:
    told = ask("GET", "/api/v1/info").json()
    assert (told["id"], told["token"], told["scope"], told["api"]) == (ask.served.remote.id, "me", "admin", 1)


def test_what_was_committed_is_told_and_read(ask: Asking, make: Make, sent: Shipment) -> None:
    sent.put(ask.served.remote)
    assert ask("POST", "/api/v1/commits", json=body(sent)).json() == {"committed": len(sent.pieces)}
    found, cursor = tell(ask)
    assert {one.kind for one in found} == {one.kind for one in sent.pieces}
    for one in found:
        params = {name: getattr(one, name) for name in ("path", "kind", "run_id", "offset", "size", "sha256")}
        answer = ask("GET", "/api/v1/bytes", params=params)
        assert (answer.status_code, hashlib.sha256(answer.content).hexdigest()) == (200, one.sha256)
    assert tell(ask, cursor=cursor) == ([], cursor)
    assert unions.answers(make("there")) == unions.answers(make("laptop"))


def test_only_the_runs_that_are_asked_for_are_told(ask: Asking, sent: Shipment) -> None:
    sent.send(ask.served.remote)
    assert {one.run_id for one in tell(ask, runs=["r0"])[0]} == {"r0"}
    assert tell(ask, runs=["other"])[0] == []
    assert {one.run_id for one in tell(ask, runs=None)[0]} == {"r0", ""}


@pytest.mark.parametrize("given", ["bytes=5-", "bytes=299999-"])
def test_bytes_are_read_on_from_any_byte(ask: Asking, sent: Shipment, given: str) -> None:
    sent.send(ask.served.remote)
    one = sent.of("blob")
    params = {"path": one.path, "kind": one.kind, "size": one.size, "sha256": one.sha256}
    answer = ask("GET", "/api/v1/bytes", params=params, headers={"range": given})
    start = int(given[6:-1])
    assert (answer.status_code, answer.content) == (206, bytes(300_000 - start))
    assert answer.headers["content-range"] == f"bytes {start}-299999/300000"


@pytest.mark.parametrize(
    "given", ["bytes=0-5", "bytes=300000-", "bytes=-5", "x", "bytes=" + "9" * 40 + "-", "bytes=0-"]
)
def test_other_ranges_give_all_of_it(ask: Asking, sent: Shipment, given: str) -> None:
    sent.send(ask.served.remote)
    one = sent.of("blob")
    params = {"path": one.path, "kind": one.kind, "size": one.size, "sha256": one.sha256}
    assert ask("GET", "/api/v1/bytes", params=params, headers={"range": given}).status_code == 200


def test_what_is_shorter_than_was_asked_for_is_not_given_for_it(ask: Asking, sent: Shipment) -> None:
    sent.send(ask.served.remote)
    one = sent.of("log") if any(p.kind == "log" for p in sent.pieces) else sent.of("pack")
    params = {"path": one.path, "kind": one.kind, "run_id": "r0", "offset": 1 << 40, "size": 5, "sha256": one.sha256}
    assert ask.error("GET", "/api/v1/bytes", params=params)[0] == 404


@pytest.mark.parametrize(
    ("path", "kind"),
    [
        ("../../etc/passwd", "document"), ("/etc/passwd", "log"), ("server/tokens.json", "document"), ("", ""),
        ("workspace.json", "document"), ("runs\\x", "log"), ("experiments/%2e%2e/x.json", "document"), ("x", "nothing"),
        ("server/audit.jsonl", "log"), ("experiments/\x00.json", "document"), ("locks/sweep.lock", "lock"),
    ],
)  # fmt: skip
def test_nothing_else_can_be_read(ask: Asking, path: str, kind: str) -> None:
    params: dict[str, Any] = {"path": path, "kind": kind, "size": 10, "sha256": "a" * 64, "run_id": "r0"}
    assert ask.error("GET", "/api/v1/bytes", params=params)[0] == 422
    assert ask.audit()[-1]["outcome"] == 422


@pytest.mark.parametrize(
    "params", [{"size": "-1"}, {"offset": "x"}, {"path": ["a", "b"]}, {"more": "1"}, {"size": "1" * 20}]
)
def test_a_piece_that_makes_no_sense_is_refused(ask: Asking, params: dict[str, Any]) -> None:
    assert ask.error("GET", "/api/v1/bytes", params={"path": "x", "kind": "log", **params})[0] == 400


# ---- commits


def test_a_commit_with_a_key_is_made_once(ask: Asking, sent: Shipment, monkeypatch: pytest.MonkeyPatch) -> None:
    sent.put(ask.served.remote)
    key = {"idempotency-key": "one"}
    first = ask("POST", "/api/v1/commits", json=body(sent), headers=key)
    once = tree(ask)
    monkeypatch.setattr(ask.served.remote, "commit", None)
    again = ask("POST", "/api/v1/commits", json=body(sent), headers=key)
    assert (first.json(), "idempotent-replayed" in first.headers) == (again.json(), False)
    assert again.headers["idempotent-replayed"] == "true"
    assert tree(ask) == once


def test_a_key_is_for_one_commit_and_one_token(ask: Asking, sent: Shipment) -> None:
    key = {"idempotency-key": "one"}
    assert ask("POST", "/api/v1/commits", json={"pieces": []}, headers=key).status_code == 200
    sent.put(ask.served.remote)
    assert ask.error("POST", "/api/v1/commits", json=body(sent), headers=key)[0] == 409
    other = ask.served.tokens.create("other", "write", 60)
    mine = {**key, "authorization": f"Bearer {other}"}
    assert ask("POST", "/api/v1/commits", json=body(sent), headers=mine).status_code == 200


def test_a_commit_that_was_refused_can_be_made_with_the_same_key(ask: Asking, sent: Shipment) -> None:
    key = {"idempotency-key": "one"}
    assert ask.error("POST", "/api/v1/commits", json=body(sent), headers=key)[0] == 422
    sent.put(ask.served.remote)
    assert ask("POST", "/api/v1/commits", json=body(sent), headers=key).status_code == 200


def test_replayed_without_a_key_it_changes_nothing(ask: Asking, sent: Shipment) -> None:
    sent.put(ask.served.remote)
    ask("POST", "/api/v1/commits", json=body(sent))
    once = tree(ask)
    assert ask("POST", "/api/v1/commits", json=body(sent)).status_code == 200
    assert tree(ask) == once


def test_other_bytes_for_what_is_there_are_a_conflict(ask: Asking, sent: Shipment) -> None:
    sent.send(ask.served.remote)
    before = tree(ask)
    sent.forge("pack", lambda data: data[:-1] + bytes([data[-1] ^ 1]))
    sent.pieces = [sent.of("pack")]
    sent.put(ask.served.remote)
    status, said = ask.error("POST", "/api/v1/commits", json=body(sent))
    assert (status, "nothing was changed" in said) == (409, True)
    assert tree(ask) == before


@pytest.mark.parametrize(
    "pieces",
    [
        5, None, {}, [5], [{}], [{"path": "x"}], [{"path": "x", "kind": "log", "odd": 1}], [{"path": 5, "kind": "log"}],
        [{"path": "x", "kind": "log", "size": -1}], [{"path": "x", "kind": "log", "spans": [[1]]}],
        [{"path": "x", "kind": "log", "size": 1e300}], [[]], ["x"], [{"path": "x", "kind": "log", "needs": [5]}],
    ],
)  # fmt: skip
def test_what_is_no_piece_is_refused(ask: Asking, pieces: object) -> None:
    before = tree(ask)
    assert ask.error("POST", "/api/v1/commits", json={"pieces": pieces})[0] in (400, 422)
    assert tree(ask) == before


@pytest.mark.parametrize(
    "path", ["../x.json", "/x.json", "C:\\x.json", "experiments/NUL.json", "experiments/x.json\x00"]
)
def test_a_piece_elsewhere_is_refused_and_written_down(ask: Asking, path: str) -> None:
    before = tree(ask)
    piece = {"path": path, "kind": "document", "size": 1, "sha256": "a" * 64}
    assert ask.error("POST", "/api/v1/commits", json={"pieces": [piece]})[0] == 422
    assert (ask.audit()[-1]["outcome"], "not the place" in ask.audit()[-1]["said"]) == (422, True)
    assert tree(ask) == before


def test_more_pieces_than_may_be_are_refused(asked: Callable[..., Asking]) -> None:
    ask = asked(pieces=2)
    piece = {"path": "x", "kind": "log"}
    assert ask.error("POST", "/api/v1/commits", json={"pieces": [piece] * 3})[0] == 413
    assert ask.error("POST", "/api/v1/pieces", json={"runs": ["a", "b", "c"]})[0] == 413


def test_more_commits_than_can_wait_are_told_to_come_again(
    asked: Callable[..., Asking], monkeypatch: pytest.MonkeyPatch
) -> None:
    ask = asked(commits=1)
    inside: list[int] = []

    async def two() -> tuple[int, int]:
        first = asyncio.create_task(ask.send("POST", "/api/v1/commits", json={"pieces": []}))
        while not inside:
            await asyncio.sleep(0)
        second = await ask.send("POST", "/api/v1/commits", json={"pieces": []})
        inside.append(2)
        return (await first).status_code, second.status_code

    def slow(*_: object) -> None:
        inside.append(1)
        while len(inside) < 2:
            pass

    monkeypatch.setattr(ask.served.remote, "commit", slow)
    assert asyncio.run(two()) == (200, 503)


def test_a_key_may_not_be_long(ask: Asking) -> None:
    headers = {"idempotency-key": "x" * 201}
    assert ask.error("POST", "/api/v1/commits", json={"pieces": []}, headers=headers)[0] == 400


# ---- what goes wrong behind it


@pytest.mark.parametrize(("problem", "status"), [(Unreachable("later", 7.0), 503), (RemoteError("gone"), 404)])
def test_trouble_of_the_remote_is_told_as_what_it_is(
    ask: Asking, monkeypatch: pytest.MonkeyPatch, problem: Exception, status: int
) -> None:
    def broken(*_: object) -> None:
        raise problem

    monkeypatch.setattr(ask.served.remote, "commit", broken)
    answer = ask("POST", "/api/v1/commits", json={"pieces": []})
    assert (answer.status_code, answer.json()["error"]) == (status, str(problem))
    assert answer.headers.get("retry-after") == ("7" if status == 503 else None)


def test_a_list_that_breaks_off_says_so_in_its_last_line(ask: Asking, monkeypatch: pytest.MonkeyPatch) -> None:
    def some() -> Any:
        yield Piece("x", "log")
        raise RemoteError("gone")

    monkeypatch.setattr(ask.served.remote, "pieces", lambda cursor, runs: Told(some(), "c"))
    lines = ask("POST", "/api/v1/pieces", json={}).text.splitlines()
    assert [json.loads(one) for one in lines] == [{"path": "x", "kind": "log"}, {"error": "gone"}]


@pytest.mark.parametrize("question", [{"cursor": 5}, {"runs": 5}, {"runs": [5]}, {"odd": 1}, {"cursor": "x" * 70_000}])
def test_a_question_that_makes_no_sense_is_refused(ask: Asking, question: object) -> None:
    assert ask.error("POST", "/api/v1/pieces", json=question)[0] == 400


def test_who_runs_it_sees_the_log(ask: Asking) -> None:
    ask("GET", "/api/v1/info")
    (line,) = ask("GET", "/api/v1/audit", params={"last": 1}).json()["lines"]
    assert (line["what"], line["token"]) == ("/api/v1/info", "me")
    assert ask.error("GET", "/api/v1/audit", params={"last": 0})[0] == 400
