"""The client of a server believes nothing, gives its token to nobody else, and knows what may be tried again."""

from __future__ import annotations

import gzip
import hashlib
import itertools
import json
from collections.abc import Iterator
from pathlib import Path
from urllib.parse import parse_qs, urlsplit

import pytest

import runstore
from runstore.errors import Damaged, Refused, RemoteConflict, RemoteError, Unreachable, UsageError
from runstore.sync import client as module
from runstore.sync import pull
from runstore.sync.client import Server
from runstore.sync.piece import Piece
from runstore.sync.remote import Object
from runstore.sync.retry import Patience
from tests.sync import served
from tests.sync.hostile import ID, INFO, Answer, Hostile, Request, hostile, of

ONCE = Patience(total=0)
DATA = b"some bytes"
SHA256 = hashlib.sha256(DATA).hexdigest()
PIECE = Piece("blobs/" + SHA256[:2] + "/" + SHA256[2:], "blob", size=len(DATA), sha256=SHA256)


@pytest.fixture
def there() -> Iterator[Hostile]:
    with hostile() as found:
        yield found


@pytest.fixture
def server(there: Hostile) -> Iterator[Server]:
    made = Server(there.url, "rs_token", label="team")
    yield made
    made.close()


def endless(data: bytes) -> Iterator[bytes]:
    return itertools.repeat(data)


# ---- addresses and tokens


@pytest.mark.parametrize(
    "url", ["", "x", "ftp://h", "http://", "https://me:secret@h", "https://h/?a=b", "https://h/#x", "http://h:x", "//h"]
)
def test_what_is_no_address_is_refused(url: str) -> None:
    with pytest.raises(UsageError, match="no address"):
        Server(url)


def test_a_token_does_not_travel_in_clear_text(monkeypatch: pytest.MonkeyPatch) -> None:
    with pytest.raises(UsageError, match="clear text"):
        Server("http://runs.example.com", "rs_token")
    for url in ("https://runs.example.com", "http://localhost:1", "http://127.0.0.1:1", "http://[::1]:1"):
        Server(url, "rs_token").close()
    Server("http://runs.example.com").close()
    monkeypatch.setenv(module.ALLOW_HTTP, "1")
    Server("http://runs.example.com", "rs_token").close()


@pytest.mark.parametrize("status", [301, 302, 303, 307, 308])
def test_it_is_not_sent_on_to_another_host(there: Hostile, server: Server, status: int) -> None:
    with hostile() as other:
        there.always(Answer(status, b"", {"location": f"{other.url}/api/v1/info"}))
        with pytest.raises(Refused, match="not followed"):
            server.info()
        assert other.asked == []


def test_the_token_and_the_expected_id_are_sent(there: Hostile, server: Server) -> None:
    assert server.id == ID
    server.info()
    first, second = there.asked
    assert first.headers["authorization"] == second.headers["authorization"] == "Bearer rs_token"
    assert ("runstore-remote" in first.headers, second.headers["runstore-remote"]) == (False, ID)
    assert second.headers["accept-encoding"] == "identity"


@pytest.mark.parametrize(
    "answer",
    [
        of({}), of([]), of({"runs": []}), of(INFO | {"api": "1"}), Answer(200, b"<html>"), of({}, 401), of({}, 403),
        of({}, 404), of({}, 401, www_authenticate='Basic realm="runstore"'), of(INFO, 404), of({}, 302, location="/x"),
        of({}, 500),
    ],
)  # fmt: skip
def test_what_is_no_runstore_server_never_sees_the_token(there: Hostile, server: Server, answer: Answer) -> None:
    there.challenges = False
    there.always(answer)
    for ask in (server.info, server.pieces, lambda: list(server.get(PIECE)), lambda: server.commit([PIECE])):
        with pytest.raises((Refused, Unreachable)):
            ask()
    assert there.asked and not any("authorization" in request.headers for request in there.asked)


def test_a_server_is_asked_once_only_whether_it_is_a_runstore_server(there: Hostile, server: Server) -> None:
    there.challenges = False
    server.info(), server.info()
    assert [request.headers.get("authorization") for request in there.asked] == [None] + ["Bearer rs_token"] * 2


# ---- what may be tried again, and what not


@pytest.mark.parametrize("status", [408, 425, 429, 500, 502, 503, 504])
def test_what_may_get_better_is_unreachable_and_says_when_to_come_again(
    there: Hostile, server: Server, status: int
) -> None:
    there.always(of({"error": "later", "do": "wait"}, status, retry_after="7"))
    with pytest.raises(Unreachable, match="team: later; wait") as problem:
        server.info()
    assert problem.value.after == 7.0


@pytest.mark.parametrize("told", ["", "x", "-5", "1e9", "9" * 50, "Wed, 21 Oct 2015 07:28:00 GMT"])
def test_a_time_to_come_again_that_is_none_is_as_if_none_were_told(there: Hostile, server: Server, told: str) -> None:
    there.always(of({"error": "later"}, 503, retry_after=told))
    with pytest.raises(Unreachable) as problem:
        server.info()
    assert problem.value.after == 0.0


def test_nobody_waits_for_ever(there: Hostile, server: Server) -> None:
    there.always(of({"error": "later"}, 503, retry_after="99999"))
    with pytest.raises(Unreachable) as problem:
        server.info()
    assert problem.value.after == 60.0


@pytest.mark.parametrize("status", [400, 401, 403, 405, 411, 413, 415, 422, 507])
def test_what_will_not_get_better_is_refused_with_the_servers_words(
    there: Hostile, server: Server, status: int
) -> None:
    there.always(of({"error": "no\x1b[2J such\ntoken", "do": "log in"}, status))
    with pytest.raises(Refused, match="team: no") as problem:
        server.info()
    assert "\n" not in str(problem.value)


def test_what_is_elsewhere_is_a_conflict(there: Hostile, server: Server) -> None:
    there.always(of({"error": "other bytes"}, 409))
    with pytest.raises(RemoteConflict, match="other bytes"):
        server.commit([PIECE])


def test_what_is_not_there_is_neither(there: Hostile, server: Server) -> None:
    there.always(of({"error": "gone"}, 404))
    with pytest.raises(RemoteError, match="gone") as problem:
        list(server.get(PIECE))
    assert type(problem.value) is RemoteError


def test_a_server_that_is_not_there_is_unreachable(there: Hostile) -> None:
    with hostile() as gone:
        url = gone.url
    server = Server(url)
    with pytest.raises(Unreachable, match="can't be reached"):
        server.info()
    server.close()


# ---- hostile servers


@pytest.mark.parametrize(
    "body", [b"", b"<html>", b"[]", b"5", b'{"id":"x","api":1}', b'{"id":5}', b"\xff", b"[" * 10_000, b'{"api":1}']
)
def test_what_is_no_runstore_server_is_said_to_be_none(there: Hostile, server: Server, body: bytes) -> None:
    there.always(Answer(200, body))
    with pytest.raises(Refused, match="runstore server"):
        server.info()


def test_a_later_version_is_said_to_be_one(there: Hostile, server: Server) -> None:
    there.always(of({**INFO, "api": 2}))
    with pytest.raises(Refused, match="upgrade"):
        server.info()


def test_an_answer_without_an_end_is_ended(there: Hostile, server: Server) -> None:
    there.always(Answer(200, endless(b" " * 65536)))
    with pytest.raises(Refused, match="more than"):
        server.info()


def test_an_error_without_an_end_is_ended(there: Hostile, server: Server) -> None:
    there.always(Answer(422, endless(b"x" * 65536)))
    with pytest.raises(Refused, match="status 422"):
        server.info()


def test_a_line_without_an_end_is_ended(there: Hostile, server: Server) -> None:
    there.always(Answer(200, endless(b" " * 65536)))
    with pytest.raises(Refused, match="line of more than"):
        server.pieces()


def test_a_list_without_an_end_is_ended(there: Hostile, server: Server, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(module, "_LINES", 1000)
    there.always(Answer(200, endless(b'{"path":"x","kind":"log"}\n' * 100)))
    with pytest.raises(Unreachable, match="ended too early"):
        server.pieces()


@pytest.mark.parametrize("line", [b'{"path":5,"kind":"log"}', b'{"path":"x"}', b'{"cursor":5}', b"{}", b"[]", b"x"])
def test_what_is_no_piece_is_refused(there: Hostile, server: Server, line: bytes) -> None:
    there.always(Answer(200, line + b'\n{"cursor":"x"}\n'))
    with pytest.raises(Refused):
        server.pieces()


@pytest.mark.parametrize("body", [b"", b'{"path":"x","kind":"log"}\n', b'{"error":"broke"}\n'])
def test_a_list_that_broke_off_is_tried_again(there: Hostile, server: Server, body: bytes) -> None:
    there.always(Answer(200, body))
    with pytest.raises(Unreachable):
        server.pieces()


def test_nothing_is_decompressed(there: Hostile, server: Server) -> None:
    bomb = gzip.compress(bytes(50 << 20))
    there.always(Answer(200, bomb, {"content-encoding": "gzip"}))
    for ask in (server.info, server.pieces, lambda: list(server.get(PIECE))):
        with pytest.raises(Refused, match="compressed"):
            ask()


def test_more_bytes_than_a_piece_has_are_refused(there: Hostile, server: Server) -> None:
    there.always(Answer(200, endless(b"x" * 65536)))
    with pytest.raises(Refused, match="more of"):
        list(server.get(PIECE))


def test_fewer_bytes_than_a_piece_has_are_asked_for_again(there: Hostile, server: Server) -> None:
    there.always(Answer(200, DATA[:4]))
    with pytest.raises(Unreachable, match="less of"):
        list(server.get(PIECE))


def test_bytes_that_break_off_are_gone_on_with(there: Hostile, server: Server) -> None:
    def some(request: Request) -> Answer:
        start = int(request.headers.get("range", "bytes=0-")[6:-1])
        return Answer(206 if start else 200, DATA[start:], cut=3)

    there.answer = some
    assert b"".join(server.get(PIECE)) == DATA
    assert [one.headers.get("range") for one in there.asked] == [None, "bytes=3-", "bytes=6-", "bytes=9-"]


def test_a_server_that_begins_anew_where_it_was_to_go_on_is_refused(there: Hostile, server: Server) -> None:
    there.answer = lambda request: Answer(200, DATA, cut=3)
    with pytest.raises(Refused, match="begins anew"):
        list(server.get(PIECE))


PATHS = [
    "../../evil",
    "/tmp/evil",
    "C:\\evil",
    "runs/../../evil",
    "experiments/../evil.json",
    "workspace.json",
    "x\x00y",
]


@pytest.mark.parametrize("path", PATHS)
def test_what_a_server_tells_of_elsewhere_is_left_there(
    there: Hostile, server: Server, workspace: Path, path: str
) -> None:
    ws = runstore.Workspace(workspace)
    told = [{"path": path, "kind": "document", "size": 10, "sha256": SHA256}, {"cursor": "c"}]

    def answer(request: Request) -> Answer:
        if request.path.endswith("/pieces"):
            return Answer(200, b"".join(json.dumps(one).encode() + b"\n" for one in told))
        return of(INFO) if request.path.endswith("/info") else Answer(200, DATA)

    there.answer = answer
    before = {*workspace.parent.rglob("*")}
    tree = served.tree(ws.path)
    assert [what for what, _ in pull.pull(ws.path, server, patience=ONCE).refused] == [path]
    after = {one: data for one, data in served.tree(ws.path).items() if not one.startswith("remotes/")}
    assert after == {one: data for one, data in tree.items() if not one.startswith("remotes/")}
    assert {one.name for one in {*workspace.parent.rglob("*")} - before}.isdisjoint({"evil", "evil.json"})


@pytest.mark.parametrize("data", [b"other byte", DATA.upper()])
def test_other_bytes_than_it_told_of_are_left_there(
    there: Hostile, server: Server, workspace: Path, data: bytes
) -> None:
    ws = runstore.Workspace(workspace)
    told = [{"path": PIECE.path, "kind": "blob", "size": 10, "sha256": SHA256}, {"cursor": "c"}]

    def answer(request: Request) -> Answer:
        if request.path.endswith("/pieces"):
            return Answer(200, b"".join(json.dumps(one).encode() + b"\n" for one in told))
        return of(INFO) if request.path.endswith("/info") else Answer(200, data)

    there.answer = answer
    done = pull.pull(ws.path, server, patience=ONCE)
    assert [what for what, _ in done.refused] == [PIECE.path]
    assert not (ws.path / PIECE.path).exists()


# ---- objects


def test_only_what_was_asked_for_is_lacking(there: Hostile, server: Server) -> None:
    there.always(of({"lacking": [SHA256, "f" * 64, 5, None]}))
    assert server.lacking([served.thing(DATA), served.thing(b"other")]) == {SHA256}
    there.always(of({"lacking": 5}))
    with pytest.raises(Refused):
        server.lacking([served.thing(DATA)])


def test_many_objects_are_asked_about_in_several_questions(
    there: Hostile, server: Server, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(module, "_ASKED", 2)
    there.always(of({"lacking": []}))
    assert server.lacking([served.thing(bytes([n])) for n in range(5)]) == set()
    assert [len(json.loads(one.body)["objects"]) for one in there.asked] == [2, 2, 1]


def test_a_large_object_goes_on_where_it_broke_off(
    there: Hostile, server: Server, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(module, "_RESUMED", 4)
    monkeypatch.setattr(module, "_PORTION", 3)

    def answer(request: Request) -> Answer:
        if request.method == "HEAD":
            return Answer(404, b"", {"runstore-received": "2"})
        start = int(parse_qs(urlsplit(request.path).query)["offset"][0])
        return of({"received": start + len(request.body)})

    there.answer = answer
    server.put(served.thing(DATA))
    assert b"".join(one.body for one in there.asked) == DATA[2:]
    assert [one.headers["content-length"] for one in there.asked[1:]] == ["3", "3", "2"]


@pytest.mark.parametrize("told", ["-1", "x", "", "11", "10", "9" * 30])
def test_where_to_go_on_is_believed_only_if_it_can_be(
    there: Hostile, server: Server, told: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(module, "_RESUMED", 4)
    there.answer = lambda one: (
        Answer(404, b"", {"runstore-received": told}) if one.method == "HEAD" else of({"received": len(one.body)})
    )
    server.put(served.thing(DATA))
    assert there.asked[-1].body == DATA


@pytest.mark.parametrize("got", [0, -1, 11, "10", None, 5.0, True])
def test_a_server_that_took_something_else_is_asked_again(there: Hostile, server: Server, got: object) -> None:
    there.always(of({"received": got}))
    with pytest.raises(Unreachable):
        server.put(served.thing(DATA))


def test_an_object_that_is_shorter_than_it_says_is_not_sent(there: Hostile, server: Server) -> None:
    with pytest.raises(Damaged, match="10 bytes where 20"):
        server.put(Object(SHA256, 20, "", lambda: iter([DATA])))


def test_a_commit_has_the_same_key_whenever_it_is_made(there: Hostile, server: Server) -> None:
    there.always(of({"committed": 1}))
    server.commit([PIECE]), server.commit([PIECE]), server.commit([PIECE._replace(at=1)])
    first, second, third = [one.headers["idempotency-key"] for one in there.asked]
    assert first == second != third


def test_runs_are_asked_for_in_several_questions(
    there: Hostile, server: Server, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(module, "_ASKED", 2)
    there.always(Answer(200, b'{"path":"x","kind":"log"}\n{"cursor":"c"}\n'))
    told = server.pieces("a", ["r1", "r2", "r3"])
    assert (len(list(told.pieces)), told.cursor) == (2, "c")
    assert [json.loads(one.body) for one in there.asked] == [
        {"cursor": "a", "runs": ["r1", "r2"]}, {"cursor": "a", "runs": ["r3"]},
    ]  # fmt: skip
