"""Objects come whole or in parts, are kept only with the right hash, and only as many as there is room for."""

from __future__ import annotations

import hashlib
from collections.abc import Callable
from typing import Any

import pytest

from runstore.format import names
from tests.sync import served
from tests.sync.server.asking import Asking

DATA = b"some bytes"
SHA256 = hashlib.sha256(DATA).hexdigest()
AT = f"/api/v1/objects/{SHA256}"


def put(ask: Asking, data: bytes = DATA, **params: Any) -> Any:
    return ask("PUT", AT, params={"size": len(DATA), **params}, content=data)


def test_an_object_is_there_after_it_was_put(ask: Asking) -> None:
    asked = {"objects": [{"sha256": SHA256, "size": len(DATA)}]}
    assert ask("POST", "/api/v1/objects", json=asked).json() == {"lacking": [SHA256]}
    answer = put(ask)
    assert (answer.status_code, answer.json()) == (201, {"received": 10})
    assert ask("POST", "/api/v1/objects", json=asked).json() == {"lacking": []}
    assert ask("HEAD", AT, params={"size": 10}).status_code == 200
    assert put(ask).status_code == 200


def test_an_object_comes_in_parts(ask: Asking) -> None:
    assert (put(ask, DATA[:4]).status_code, put(ask, DATA[4:8], offset=4).json()) == (202, {"received": 8})
    head = ask("HEAD", AT, params={"size": 10})
    assert (head.status_code, head.headers["runstore-received"], head.content) == (404, "8", b"")
    assert put(ask, DATA[8:], offset=8).status_code == 201


def test_a_part_that_does_not_fit_is_told_where_to_go_on(ask: Asking) -> None:
    put(ask, DATA[:4])
    answer = put(ask, DATA[6:], offset=6)
    assert (answer.status_code, answer.headers["runstore-received"]) == (409, "4")


def test_another_sender_begins_anew(ask: Asking) -> None:
    put(ask, b"evil")
    other = ask.served.tokens.create("other", "write", 60)
    ask.headers["authorization"] = f"Bearer {other}"
    assert ask("HEAD", AT, params={"size": 10}).headers["runstore-received"] == "0"
    assert put(ask).status_code == 201


def test_other_bytes_than_its_hash_are_refused(ask: Asking) -> None:
    before = served.tree(ask.served.tokens.path.parents[1])
    status, said = ask.error("PUT", AT, params={"size": 10}, content=b"some Bytes")
    assert (status, "SHA-256" in said) == (422, True)
    assert list(ask.served.incoming.directory.iterdir()) == []
    assert served.tree(ask.served.tokens.path.parents[1]) == before
    assert ask.audit()[-1]["outcome"] == 422


def test_the_wrong_beginning_of_an_object_is_found_at_its_end(ask: Asking) -> None:
    put(ask, b"evil")
    assert ask.error("PUT", AT, params={"size": 10, "offset": 4}, content=DATA[4:])[0] == 422
    assert put(ask).status_code == 201


@pytest.mark.parametrize("data", [DATA + b"x", bytes(1 << 20)])
def test_more_than_it_is_to_have_is_refused(ask: Asking, data: bytes) -> None:
    assert ask.error("PUT", AT, params={"size": 10}, content=data)[0] == 422


@pytest.mark.parametrize(
    "params",
    [
        {}, {"size": "-1"}, {"size": "x"}, {"size": "1e3"}, {"size": "1" * 30}, {"size": ["1", "2"]}, {"size": "١"},
        {"size": 10, "kind": "x"}, {"size": 10, "offset": "-4"}, {"size": 10, "more": 1},
    ],
)  # fmt: skip
def test_what_makes_no_sense_is_refused(ask: Asking, params: dict[str, Any]) -> None:
    assert ask.error("PUT", AT, params=params, content=DATA)[0] == 400


@pytest.mark.parametrize("name", ["x", "A" * 64, "a" * 63, "..%2f..%2fworkspace.json", "%00" * 64, f"{'a' * 64}.json"])
def test_an_object_is_called_by_its_hash(ask: Asking, name: str) -> None:
    for method in ("PUT", "HEAD"):
        answer = ask(method, f"/api/v1/objects/{name}", params={"size": 10}, content=DATA if method == "PUT" else None)
        assert answer.status_code in (400, 404)


def test_an_object_may_not_be_larger_than_may_be(asked: Callable[..., Asking]) -> None:
    ask = asked(object=9)
    assert ask.error("PUT", AT, params={"size": 10}, content=DATA)[0] == 413
    assert ask.error("PUT", AT, params={"size": 10}, content=DATA[:5])[0] == 413


def test_the_quota_is_kept(asked: Callable[..., Asking]) -> None:
    ask = asked(quota=1000)
    ask.served.measure = lambda: 995
    assert ask.error("PUT", AT, params={"size": 10}, content=DATA)[0] == 507
    ask.served.measure = lambda: 900
    ask.served._used = (-1e9, 0)
    assert put(ask).status_code == 201
    more = hashlib.sha256(b"x" * 95).hexdigest()
    assert ask.error("PUT", f"/api/v1/objects/{more}", params={"size": 95}, content=b"x" * 95)[0] == 507


def test_a_body_whose_length_is_not_said_is_refused(ask: Asking) -> None:
    async def endless() -> Any:
        while True:
            yield b"x"

    assert ask.error("PUT", AT, params={"size": 10}, content=endless())[0] == 411


def test_a_compressed_body_is_refused_unread(ask: Asking) -> None:
    assert ask.error("PUT", AT, params={"size": 10}, content=DATA, headers={"content-encoding": "gzip"})[0] == 415


@pytest.mark.parametrize(
    "objects",
    [
        5, {}, [5], [{}], [{"sha256": "x", "size": 1}], [{"sha256": SHA256, "size": -1}],
        [{"sha256": SHA256, "size": 1.5}],
        [{"sha256": SHA256, "size": True}], [{"sha256": SHA256, "size": 1, "kind": 5}], [{"sha256": 5, "size": 1}],
        [{"sha256": SHA256, "size": 1, "more": 1}], [{"sha256": SHA256, "size": 1}] * 20_001,
    ],
)  # fmt: skip
def test_a_question_that_makes_no_sense_is_refused(ask: Asking, objects: object) -> None:
    assert ask.error("POST", "/api/v1/objects", json={"objects": objects})[0] == 400


def test_behind_another_remote_an_object_is_handed_on_when_it_is_whole(ask: Asking) -> None:
    class Other:
        id, label = ask.served.remote.id, "other"
        got: dict[str, bytes]

        def lacking(self, objects: Any) -> set[str]:
            return {one.sha256 for one in objects} - set(self.got)

        def put(self, one: Any) -> None:
            self.got[one.sha256] = b"".join(one.read())

        def close(self) -> None:
            pass

    other = Other()
    other.got = {}
    ask.served.remote.close()
    ask.served.remote = other  # type: ignore[assignment]
    assert put(ask, DATA[:4]).status_code == 202
    assert other.got == {}
    assert put(ask, DATA[4:], offset=4, kind="points").status_code == 201
    assert other.got == {SHA256: DATA}
    assert list(ask.served.incoming.directory.iterdir()) == []


def test_an_empty_object_is_one(ask: Asking) -> None:
    sha256 = hashlib.sha256().hexdigest()
    assert ask("PUT", f"/api/v1/objects/{sha256}", params={"size": 0}, content=b"").status_code == 201


def test_what_is_put_is_not_told_of(ask: Asking) -> None:
    put(ask)
    told = ask("POST", "/api/v1/pieces", json={}).text.splitlines()
    assert len(told) == 1
    assert not (ask.served.tokens.path.parents[1] / names.blob(SHA256)).exists()
