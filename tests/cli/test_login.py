"""``runstore login``: a token is tried before it is kept, and kept where no workspace is."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

import runstore
from runstore.errors import Refused, RemoteError
from runstore.format import documents, names
from runstore.sync import client, confirmed, credentials
from tests.cli.conftest import Call

ID = "11111111-1111-4111-8111-111111111111"
URL = "https://runs.example.com"


@pytest.fixture
def kept(ws: runstore.Workspace, monkeypatch: pytest.MonkeyPatch) -> Iterator[list[tuple[str, ...]]]:
    """A workspace with the remote ``team``, whose server takes the token ``good``; what the keyring was given."""
    body = {"runstore": 1, "name": "team", "url": URL, "id": ID, "added": 1, "probe": {}, "rules": {}}
    (ws.path / names.REMOTES).mkdir()
    (ws.path / names.remote("team")).write_bytes(documents.render(body))
    found: list[tuple[str, ...]] = []

    class Server:
        def __init__(self, url: str, token: str, id: str, label: str) -> None:
            assert (url, id, label) == (URL, ID, "team")
            self.token = token

        def info(self) -> dict[str, Any]:
            if self.token != "good":
                raise Refused("team: no such token, or its time is over")
            return {"token": "laptop", "scope": "write"}

        def close(self) -> None:
            pass

    confirmed.confirm(URL)
    monkeypatch.setattr(client, "Server", Server)
    monkeypatch.setattr(credentials, "store", lambda *given: found.append(given))
    yield found


def test_a_good_token_is_kept(kept: list[tuple[str, ...]], call: Call) -> None:
    done = call("login", "team", "--token-stdin", input="good\n")
    assert (done.exit_code, done.stdout) == (0, "team: logged in as laptop (write)\n")
    assert kept == [("team", URL, "good")]


def test_the_only_remote_need_not_be_named_and_the_token_is_not_echoed(kept: list[tuple[str, ...]], call: Call) -> None:
    done = call("login", input="good\n")
    assert (done.exit_code, kept) == (0, [("team", URL, "good")])
    assert "good" not in done.output


@pytest.mark.parametrize("given", ["bad\n", "\n", "", "two words\n", "ä\n"])
def test_a_bad_token_is_not_kept(kept: list[tuple[str, ...]], call: Call, given: str) -> None:
    done = call("login", "team", "--token-stdin", input=given)
    assert done.exit_code in (1, 2)
    assert (kept, len(done.stderr.splitlines())) == ([], 1)


def test_a_token_goes_to_no_address_that_was_never_shown(
    kept: list[tuple[str, ...]], call: Call, monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    monkeypatch.setenv("RUNSTORE_CONFIG", str(tmp_path / "of-another-user"))
    monkeypatch.setattr(confirmed, "_here", set())
    refused = call("login", "team", "--token-stdin", input="good\n")
    assert (refused.exit_code, URL in refused.stderr, kept) == (2, True, [])
    asked = call("login", "team", input="good\n")
    assert (asked.exit_code, URL in asked.stderr, kept) == (0, True, [("team", URL, "good")])
    assert confirmed.is_confirmed(URL)


def test_without_a_keyring_it_says_what_to_do(
    kept: list[tuple[str, ...]], call: Call, monkeypatch: pytest.MonkeyPatch
) -> None:
    def none(*_: str) -> None:
        raise RemoteError("the keyring can't be used (this machine has none); set RUNSTORE_TOKEN_TEAM instead")

    monkeypatch.setattr(credentials, "store", none)
    done = call("login", "team", "--token-stdin", input="good\n")
    assert (done.exit_code, "RUNSTORE_TOKEN_TEAM" in done.stderr) == (1, True)


def test_a_remote_that_is_no_server_has_no_token(
    kept: list[tuple[str, ...]], ws: runstore.Workspace, call: Call
) -> None:
    body = {"runstore": 1, "name": "nas", "url": "file:///mnt/nas", "id": ID, "added": 1, "probe": {}, "rules": {}}
    (ws.path / names.remote("nas")).write_bytes(documents.render(body))
    done = call("login", "nas", "--token-stdin", input="good\n")
    assert (done.exit_code, "no workspace server" in done.stderr, kept) == (2, True, [])
