from __future__ import annotations

import json
import socket
import threading
from collections.abc import Iterator
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from typing import Any, ClassVar

import pytest

from runstore.errors import Refused, RemoteConflict, RemoteError, Unreachable, UsageError
from runstore.sync import confirmed
from runstore.sync.mlflow.points import Point
from runstore.sync.mlflow.server import BYTES, Missing, NoEntry, Server
from runstore.sync.retry import Patience

ONCE = Patience(total=0.0)


class Stub(BaseHTTPRequestHandler):
    """Answers what the test wants, and keeps what it was asked."""

    answers: ClassVar[list[tuple[int, dict[str, str], Any]]] = []
    asked: ClassVar[list[tuple[str, str, dict[str, str], bytes]]] = []
    protocol_version = "HTTP/1.1"

    def answer(self) -> None:
        if self.headers.get("Transfer-Encoding") == "chunked":
            body = b""
            while size := int(self.rfile.readline(), 16):
                body += self.rfile.read(size)
                self.rfile.readline()
            self.rfile.readline()
        else:
            body = self.rfile.read(int(self.headers.get("Content-Length") or 0))
        self.asked.append((self.command, self.path, dict(self.headers), body))
        status, fields, told = self.answers.pop(0) if self.answers else (200, {}, {})
        data = told if isinstance(told, bytes) else json.dumps(told).encode()
        self.send_response(status)
        for name, value in {**fields, "Content-Length": str(len(data))}.items():
            self.send_header(name, value)
        self.end_headers()
        self.wfile.write(data)

    do_GET = do_POST = do_PUT = answer  # noqa: N815

    def log_message(self, format: str, *args: Any) -> None:
        pass


@pytest.fixture
def stub() -> Iterator[str]:
    Stub.answers, Stub.asked = [], []
    server = ThreadingHTTPServer(("127.0.0.1", 0), Stub)
    server.daemon_threads = True
    threading.Thread(target=server.serve_forever, daemon=True).start()
    yield f"mlflow+http://127.0.0.1:{server.server_address[1]}"
    server.shutdown()
    server.server_close()


@pytest.mark.parametrize(
    ("status", "told", "kind"),
    [
        (503, {}, Unreachable),
        (429, {"error_code": "REQUEST_LIMIT_EXCEEDED"}, Unreachable),
        (500, {"error_code": "INTERNAL_ERROR", "message": "database is locked"}, Unreachable),
        (401, {}, NoEntry),
        (403, {"error_code": "PERMISSION_DENIED"}, NoEntry),
        (404, {"error_code": "RESOURCE_DOES_NOT_EXIST"}, Missing),
        (400, {"error_code": "RESOURCE_ALREADY_EXISTS"}, RemoteConflict),
        (400, {"error_code": "INVALID_PARAMETER_VALUE", "message": "no\nsuch thing"}, Refused),
        (413, b"<html>too large</html>", Refused),
        (200, b"<html>a page</html>", Refused),
        (200, [], Refused),
        (200, b"", Unreachable),
        (200, b'{"run": {"in', Unreachable),
    ],
)
def test_an_answer_that_is_none_says_in_one_line_what_it_is(
    stub: str, status: int, told: Any, kind: type[RemoteError]
) -> None:
    Stub.answers.append((status, {}, told))
    with pytest.raises(kind) as problem:
        Server(stub, ONCE).ask("runs/get", query={"run_id": "r"})
    assert type(problem.value) is kind
    assert "\n" not in str(problem.value) and "runs/get" in str(problem.value)


def test_nobody_there_is_unreachable_in_one_line() -> None:
    with pytest.raises(Unreachable, match=r"^http://127\.0\.0\.1:1: no answer \(.+\)$"):
        Server("mlflow+http://127.0.0.1:1", ONCE).ask("runs/get")


def test_what_may_be_repeated_is_tried_again_after_as_long_as_the_server_wants(stub: str) -> None:
    Stub.answers += [(503, {"Retry-After": "0"}, {}), (502, {}, {}), (200, {}, {"run": 1})]
    assert Server(stub, Patience(first=0.0, longest=0.0, total=5.0)).sure("runs/get") == {"run": 1}
    assert len(Stub.asked) == 3
    Stub.answers += [(503, {"Retry-After": "7"}, {})]
    with pytest.raises(Unreachable) as problem:
        Server(stub, ONCE).sure("runs/get")
    assert problem.value.after == 7.0


def test_credentials_are_those_that_mlflow_finds(stub: str, monkeypatch: pytest.MonkeyPatch) -> None:
    Server(stub, ONCE).ask("runs/get")
    confirmed.confirm(stub)
    monkeypatch.setenv("MLFLOW_TRACKING_TOKEN", "t0ken")
    Server(stub, ONCE).ask("runs/get")
    monkeypatch.delenv("MLFLOW_TRACKING_TOKEN")
    monkeypatch.setenv("MLFLOW_TRACKING_USERNAME", "me")
    monkeypatch.setenv("MLFLOW_TRACKING_PASSWORD", "pass")
    Server(stub, ONCE).ask("runs/get")
    sent = [fields.get("Authorization", "") for _, _, fields, _ in Stub.asked]
    assert sent == ["", "Bearer t0ken", "Basic bWU6cGFzcw=="]


@pytest.mark.parametrize("variables", [("TOKEN",), ("USERNAME", "PASSWORD"), ("AWS_SIGV4",), ("AUTH",)])
def test_credentials_go_to_no_address_that_the_user_has_not_confirmed(
    stub: str, monkeypatch: pytest.MonkeyPatch, variables: tuple[str, ...]
) -> None:
    for name in variables:
        monkeypatch.setenv(f"MLFLOW_TRACKING_{name}", "true")
    with pytest.raises(UsageError, match=r"not confirmed this address.*remote confirm"):
        Server(stub, ONCE).ask("runs/get")
    assert Stub.asked == []


def test_odd_numbers_go_as_words(stub: str) -> None:
    odd = [Point("m", float(text), 5, 6) for text in ("nan", "inf", "-inf", "0.1")]
    Server(stub, ONCE).log_batch("r", odd, {"t": "v"})
    body = json.loads(Stub.asked[0][3])
    assert [one["value"] for one in body["metrics"]] == ["NaN", "Infinity", "-Infinity", 0.1]
    assert body["tags"] == [{"key": "t", "value": "v"}] and body["run_id"] == "r"


def test_a_batch_of_too_many_bytes_goes_in_parts_and_the_tags_with_the_last(stub: str) -> None:
    many = [Point("k" * 250 + str(n), 0.123456789, 1_700_000_000_000, n) for n in range(4000)]
    spent: list[int] = []
    sent = Server(stub, ONCE, spent.append).log_batch("r", many, {"t": "v"})
    bodies = [body for *_, body in Stub.asked]
    assert len(bodies) > 1 and sent == sum(map(len, bodies)) == sum(spent)
    assert all(len(body) <= BYTES for body in bodies)
    parts = [json.loads(body) for body in bodies]
    assert [one["key"] for part in parts for one in part["metrics"]] == [point.key for point in many]
    assert [bool(part["tags"]) for part in parts] == [False] * (len(parts) - 1) + [True]


def test_the_whole_history_of_a_metric_is_read_page_by_page(stub: str) -> None:
    one = {"key": "m", "value": 1.0, "timestamp": "5", "step": "6"}
    Stub.answers += [
        (200, {}, {"metrics": [one, {**one, "value": "NaN"}], "next_page_token": "next"}),
        (200, {}, {"metrics": [{**one, "value": 1.7976931348623157e308}, {"key": "m", "timestamp": 7, "value": 0}]}),
    ]
    found = Server(stub, ONCE).history("r", "m")
    assert found == {Point("m", float(v), t, s).identity for v, t, s in [("1", 5, 6), ("nan", 5, 6), ("inf", 5, 6)]} | {
        ("m", 0.0, 7, 0)
    }
    assert "page_token=next" in Stub.asked[1][1]


def test_an_artifact_goes_to_the_tracking_server_under_its_whole_name(stub: str, tmp_path: Path) -> None:
    def write(target: Path) -> bool:
        target.write_bytes(b"content")
        return True

    spent: list[int] = []
    server = Server(stub, ONCE, spent.append)
    assert server.upload("mlflow-artifacts:/1/r/artifacts", "a b/späce +.bin", write) == 7
    method, path, _, body = Stub.asked[-1]
    assert (method, body, spent) == ("PUT", b"content", [7])
    assert path.endswith("/mlflow-artifacts/artifacts/1/r/artifacts/a%20b/sp%C3%A4ce%20%2B.bin")
    assert server.upload("mlflow-artifacts:/1/r/artifacts", "none", lambda target: False) == 0
    assert len(Stub.asked) == 1
    Stub.answers += [(200, {}, b"back")]
    assert server.download("mlflow-artifacts:/1/r/artifacts", "x") == b"back"


@pytest.mark.parametrize("place", ["/no/such/place/1/r/artifacts", "file:///no/such/place", "mlruns/1/r/artifacts"])
def test_a_directory_of_another_machine_is_refused(stub: str, place: str) -> None:
    with pytest.raises(Refused, match="--serve-artifacts"):
        Server(stub, ONCE).store(place)


def test_a_directory_that_is_here_too_is_written_to(stub: str, tmp_path: Path) -> None:
    (tmp_path / "r").mkdir()
    place = str(tmp_path / "r" / "artifacts")
    server = Server(stub, ONCE)
    assert server.upload(place, "a/b.txt", lambda target: bool(target.write_bytes(b"x"))) == 1
    assert (tmp_path / "r" / "artifacts" / "a" / "b.txt").read_bytes() == server.download(place, "a/b.txt") == b"x"


def test_a_version_is_told_where_the_server_tells_one(stub: str) -> None:
    Stub.answers += [(200, {}, b"3.1.0"), (404, {}, b""), (200, {}, b"<html>")]
    assert [Server(stub, ONCE).version for _ in range(3)] == ["3.1.0", "", ""]


def test_a_server_elsewhere_never_makes_us_write_to_a_directory_here(tmp_path: Path) -> None:
    (tmp_path / "r").mkdir()
    with pytest.raises(Refused, match="server's machine"):
        Server("mlflow+https://mlflow.example", ONCE).store(str(tmp_path / "r" / "artifacts"))


@pytest.mark.parametrize(
    "told",
    [
        {"metrics": [{"key": "m"}]}, {"metrics": [3]}, {"metrics": 3}, {"metrics": [{"key": "m", "timestamp": "x"}]},
        {"metrics": [{"key": "m", "timestamp": 1, "value": []}]},
    ],
)  # fmt: skip
def test_an_answer_with_other_parts_is_refused(stub: str, told: Any) -> None:
    Stub.answers.append((200, {}, told))
    with pytest.raises(Refused, match="none of MLflow's"):
        Server(stub, ONCE).history("r", "m")


def test_an_answer_cut_within_its_head_is_no_answer() -> None:
    """To HTTP libraries it is one with an empty body: no run would be found, and another made."""
    with socket.create_server(("127.0.0.1", 0)) as listening:

        def cut() -> None:
            connection, _ = listening.accept()
            with connection:
                connection.recv(1 << 16)
                connection.sendall(b"HTTP/1.1 200 OK\r\nContent-Type: application/json\r\ndate")

        threading.Thread(target=cut, daemon=True).start()
        server = Server(f"mlflow+http://127.0.0.1:{listening.getsockname()[1]}", ONCE)
        with pytest.raises(Unreachable, match="cut off"):
            server.ask("runs/search", {})


def test_what_only_has_to_be_done_may_be_answered_with_nothing(stub: str) -> None:
    Stub.answers.append((200, {}, b""))
    assert Server(stub, ONCE).ask("runs/log-batch", {}) == {}
