"""``runstore serve``: nobody opens a workspace to the world by mistake. What it serves: ``tests/sync/server``."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import pytest

import runstore
from runstore.cli import serve as module
from runstore.sync.server import connections, serving
from tests.cli.conftest import Call


@pytest.fixture
def started(monkeypatch: pytest.MonkeyPatch) -> list[Any]:
    """What was about to be served, had it been; nothing listens."""
    found: list[Any] = []

    class Nowhere:
        def getsockname(self) -> tuple[str, int]:
            return "", 8642

    def serve(served: Any, at: object, cert: Path | None, key: Path | None, ready: Any, page: Any) -> None:
        found.append(served)
        if page is not None:
            page.close()
        served.remote.close()
        ready()

    monkeypatch.setattr(connections, "listening", lambda host, port: Nowhere())
    monkeypatch.setattr(serving, "serve", serve)
    return found


def test_it_says_in_one_line_where_it_is(ws: runstore.Workspace, call: Call, started: list[Any]) -> None:
    call("token", "create", "--name", "a")
    assert call("serve").stdout == "serving ws at http://127.0.0.1:8642\n"
    assert '"url": "http://127.0.0.1:8642"' in call("serve", "--json").stdout
    assert call("serve", "--host", "::1").stdout.endswith("http://[::1]:8642\n")


def test_without_tokens_it_prints_one_that_is_kept_nowhere(
    ws: runstore.Workspace, call: Call, started: list[Any]
) -> None:
    token = json.loads(call("serve", "--json").stdout)["token"]
    (served,) = started
    assert not served.open
    assert served.tokens.find(token).may("admin")
    assert served.tokens.every() == []
    assert f"token: {'rs_'}" in call("serve").stdout
    assert started[1].tokens.find(token) is None


def test_beyond_this_machine_it_wants_tokens_and_tls(ws: runstore.Workspace, call: Call, started: list[Any]) -> None:
    done = call("serve", "--host", "0.0.0.0")
    assert (done.exit_code, "there are no tokens" in done.stderr) == (2, True)
    call("token", "create", "--name", "a")
    done = call("serve", "--host", "0.0.0.0")
    assert (done.exit_code, "--tls-cert" in done.stderr) == (2, True)
    assert started == []


def test_beyond_this_machine_it_serves_without_them_if_it_is_told_so(
    ws: runstore.Workspace, call: Call, started: list[Any]
) -> None:
    assert call("serve", "--host", "0.0.0.0", "--no-tokens", "--plain-http").exit_code == 0
    assert started[0].open
    call("token", "create", "--name", "a")
    assert call("serve", "--host", "0.0.0.0", "--plain-http").exit_code == 0
    assert not started[1].open


def test_it_is_called_by_the_names_it_knows(ws: runstore.Workspace, call: Call, started: list[Any]) -> None:
    call("serve")
    call("serve", "--host", "0.0.0.0", "--no-tokens", "--plain-http", "--allow-host", "Runs.example.com")
    assert started[0].hosts == {"localhost", "127.0.0.1", "[::1]"}
    assert {"localhost", "runs.example.com"} < started[1].hosts
    assert "0.0.0.0" not in started[1].hosts


@pytest.mark.parametrize(
    ("text", "size"), [("500GB", 500 * 10**9), ("2TiB", 2 << 40), ("200000", 200_000), ("1.5 MB", 1_500_000)]
)
def test_a_quota_is_said_as_sizes_are(
    ws: runstore.Workspace, call: Call, started: list[Any], text: str, size: int
) -> None:
    assert call("serve", "--quota", text, "--rate", "7").exit_code == 0
    assert (started[0].limits.quota, started[0].limits.rate) == (size, 7)


def test_what_makes_no_sense_is_refused(ws: runstore.Workspace, call: Call, started: list[Any], tmp_path: Path) -> None:
    (tmp_path / "cert").write_bytes(b"")
    for wrong in (("--quota", "much"), ("--tls-cert", tmp_path / "cert"), ("--port", "70000"), ("-w", "s3://bucket/x")):
        done = call("serve", *wrong)
        assert (done.exit_code, done.stdout, len(done.stderr.splitlines())) == (2, "", 1)
    assert started == []


def test_where_there_is_no_workspace_none_is_made(call: Call, started: list[Any], tmp_path: Path) -> None:
    assert call("serve", "-w", tmp_path / "nothing").exit_code != 0
    assert not (tmp_path / "nothing").exists()


def test_the_port_is_one_that_nobody_else_has_by_default() -> None:
    assert 1024 < module.PORT < 32768
