"""``runstore token``: printed once, listed without being shown, revoked at once."""

from __future__ import annotations

import json

import runstore
from runstore.format import names
from runstore.query.check import check
from runstore.sync.server.tokens import Tokens
from tests.cli.conftest import Call


def test_a_token_is_printed_once_and_good(ws: runstore.Workspace, call: Call) -> None:
    made = call("token", "create", "--name", "laptop", "--scope", "read", "--expires", "30d")
    assert made.exit_code == 0
    found = Tokens(ws.path / names.SERVER_TOKENS).find(made.stdout.strip())
    assert found is not None
    assert (found.name, found.scope) == ("laptop", "read")
    assert made.stdout.strip() not in call("token", "list").stdout
    assert check(ws.path) == []


def test_tokens_are_listed_with_what_they_are_good_for(ws: runstore.Workspace, call: Call) -> None:
    call("token", "create", "--name", "a", "--expires", "never")
    call("token", "create", "--name", "b", "--scope", "admin", "--expires", "1s")
    shown = call("token", "list").stdout
    assert [line.split()[:2] for line in shown.splitlines()[2:]] == [["a", "write"], ["b", "admin"]]
    one, other = json.loads(call("token", "list", "--json").stdout)
    assert (one["name"], one["expires"], set(other)) == ("a", None, {"id", "name", "scope", "created", "expires"})


def test_one_whose_time_is_over_is_marked(ws: runstore.Workspace, call: Call) -> None:
    Tokens(ws.path / names.SERVER_TOKENS).create("old", "read", -1)
    assert "(over)" in call("token", "list").stdout


def test_a_token_for_a_program_is_json(ws: runstore.Workspace, call: Call) -> None:
    told = json.loads(call("token", "create", "--name", "a", "--json").stdout)
    assert (told["name"], told["scope"]) == ("a", "write")
    assert Tokens(ws.path / names.SERVER_TOKENS).find(told["token"]) is not None


def test_a_revoked_token_is_nobodys(ws: runstore.Workspace, call: Call) -> None:
    given = call("token", "create", "--name", "a").stdout.strip()
    assert call("token", "revoke", "a").stdout == "a: revoked\n"
    assert Tokens(ws.path / names.SERVER_TOKENS).find(given) is None
    assert "no tokens yet" in call("token", "list").stdout


def test_what_can_not_be_is_refused_in_a_line(ws: runstore.Workspace, call: Call) -> None:
    call("token", "create", "--name", "a")
    for wrong in (("create", "--name", "a"), ("create", "--name", "x", "--expires", "soon"), ("revoke", "x")):
        done = call("token", *wrong)
        assert (done.exit_code, done.stdout, len(done.stderr.splitlines())) == (2, "", 1)


def test_a_lakes_tokens_lie_in_a_file_of_their_own(ws: runstore.Workspace, call: Call) -> None:
    file = ws.path.parent / "tokens" / "tokens.json"
    given = call("token", "create", "--name", "a", "--tokens", file).stdout.strip()
    assert Tokens(file).find(given) is not None
    assert "a" in call("token", "list", "--tokens", file).stdout
    assert not (ws.path / names.SERVER).exists()
