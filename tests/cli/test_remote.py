"""Remotes as their users meet them: added, listed, looked after, removed."""

from __future__ import annotations

import json
from collections.abc import Callable
from pathlib import Path

import pytest

import runstore
from runstore.cli.text import width
from runstore.errors import RemoteError
from runstore.format import names
from runstore.sync import confirmed, connecting, sending
from tests.cli import scenes
from tests.cli.afar import Afar, afar, failing
from tests.cli.conftest import Call

__all__ = ["afar"]


def test_a_workspace_without_remotes_says_how_to_add_one(ws: runstore.Workspace, call: Call) -> None:
    for command in ("list", "status"):
        assert call("remote", command).stdout == "no remotes; `runstore remote add NAME URL` adds one\n"
        assert json.loads(call("remote", command, "--json").stdout) == []


def test_what_is_added_is_listed_with_its_rules(ws: runstore.Workspace, call: Call, afar: Afar) -> None:
    rules = ["--exclude", "artifacts", "-e", "mnist", "--where", "status = 'Completed'", "--tag", "keep=1"]
    done = call("remote", "add", "team", "https://runs.example/", *rules)
    assert (done.exit_code, done.stdout) == (0, "team: https://runs.example, a workspace server\n")
    call("remote", "add", "lake", "s3://bucket/runs")
    shown = call("remote", "list").stdout
    assert [line.split()[:3] for line in shown.splitlines()[2:]] == [
        ["lake", "lake", "s3://bucket/runs"], ["team", "server", "https://runs.example"],
    ]  # fmt: skip
    assert "no artifacts; only of mnist; only tagged keep=1; only where status" in shown
    (_, told) = json.loads(call("remote", "list", "--json").stdout)
    assert (told["name"], told["kind"], told["url"]) == ("team", "server", "https://runs.example")
    assert told["rules"] == {
        "exclude": ["artifacts"], "experiments": ["mnist"], "where": "status = 'Completed'", "tags": ["keep=1"],
    }  # fmt: skip
    assert told["probe"] == {"creates once": True} and told["added"].endswith("Z")


def test_what_its_user_should_know_is_a_warning(ws: runstore.Workspace, call: Call, afar: Afar) -> None:
    done = call("remote", "add", "team", "s3://slow")
    assert done.exit_code == 0
    assert done.stderr == "runstore: warning: lists are late: sync waits for them\n"
    assert call("remote", "add", "other", "s3://slow-too", "--no-probe").stderr == ""


@pytest.mark.parametrize(
    ("args", "said"),
    [
        (("Team", "s3://b"), "can't be the name of a remote"),
        (("team", "ftp://b"), "a remote at ftp:// is not known"),
        (("team", "https://me:hunter2@b"), "it would be stored. Use `runstore login NAME`"),
        (("team", "s3://b", "--exclude", "pictures"), "no kind of data is called 'pictures'"),
    ],
)
def test_a_mistake_is_a_line_and_exit_code_2(
    ws: runstore.Workspace, call: Call, afar: Afar, args: tuple[str, ...], said: str
) -> None:
    done = call("remote", "add", *args)
    assert (done.exit_code, done.stdout, done.stderr.count("\n")) == (2, "", 1)
    assert said in done.stderr and "hunter2" not in done.stderr


def test_one_that_does_not_answer_is_not_added(ws: runstore.Workspace, call: Call, afar: Afar) -> None:
    afar.down.add("s3://b")
    done = call("remote", "add", "team", "s3://b")
    assert (done.exit_code, done.stderr) == (1, "runstore: s3://b: nobody answers\n")
    assert call("remote", "list").stdout.startswith("no remotes")


def test_what_is_removed_is_gone(ws: runstore.Workspace, call: Call, afar: Afar) -> None:
    call("remote", "add", "team", "s3://b")
    assert call("remote", "remove", "team").stdout == "team: removed; what was sent there is there still\n"
    done = call("remote", "remove", "team")
    assert (done.exit_code, "has no remote" in done.stderr) == (2, True)


def test_what_is_added_is_confirmed(ws: runstore.Workspace, call: Call, afar: Afar) -> None:
    for name, url in (("team", "https://runs.example"), ("ml", "mlflow+https://ml.example"), ("lake", "s3://b")):
        call("remote", "add", name, url)
        assert confirmed.is_confirmed(url) == (name != "lake")


def test_a_remote_of_a_workspace_that_somebody_else_made_is_confirmed_by_its_user(
    ws: runstore.Workspace, call: Call, afar: Afar, monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    call("remote", "add", "team", "https://runs.example")
    monkeypatch.setattr(confirmed, "_here", set())
    monkeypatch.setenv("RUNSTORE_CONFIG", str(tmp_path / "of-another-user"))
    asked = call("remote", "confirm", "team", input="n\n")
    assert (asked.exit_code, "https://runs.example" in asked.stderr) == (1, True)
    assert not confirmed.is_confirmed("https://runs.example")
    assert call("remote", "confirm", "team", "--yes").stdout == "team: https://runs.example is confirmed\n"
    assert confirmed.is_confirmed("https://runs.example")


def test_status_tells_what_is_unsent_without_asking(ws: runstore.Workspace, call: Call, afar: Afar) -> None:
    scenes.finished(ws)
    call("remote", "add", "team", "s3://b")
    afar.down.add("s3://b")
    words = call("remote", "status").stdout.splitlines()[2].split()
    assert (words[2], words[-5:]) == (afar.at("s3://b").id[:8], ["never", "1", "run,", "1", "document"])
    afar.down.clear()
    call("sync")
    afar.down.add("s3://b")
    shown = call("remote", "status", "team")
    assert (shown.exit_code, shown.stdout.splitlines()[2].split()[-1]) == (0, "nothing")
    (told,) = json.loads(call("remote", "status", "--json").stdout)
    assert (told["unsent_runs"], told["unsent_documents"]) == (0, 0)
    assert told["last_sync"].endswith("Z")


def test_verify_asks_and_fails_where_nobody_answers(
    ws: runstore.Workspace, call: Call, afar: Afar, monkeypatch: pytest.MonkeyPatch
) -> None:
    scenes.finished(ws)
    call("remote", "add", "a", "s3://a")
    call("remote", "add", "b", "s3://b")
    call("sync")
    assert call("remote", "status", "--verify").exit_code == 0
    afar.down.add("s3://b")
    monkeypatch.setattr(sending, "retry", lambda call, patience: call())
    done = call("remote", "status", "--verify", "--json")
    assert done.exit_code == 1
    assert [one["verified"] for one in json.loads(done.stdout)] == ["all there", "s3://b: nobody answers"]


def test_verify_finds_what_a_remote_has_lost(ws: runstore.Workspace, call: Call, afar: Afar) -> None:
    scenes.finished(ws)
    call("remote", "add", "a", "s3://a")
    call("sync")
    before = call("remote", "status", "--verify")
    afar.at("s3://a").log.pop()
    after = call("remote", "status", "--verify")
    assert (before.exit_code, after.exit_code, "1 run lost something" in after.stdout) == (0, 1, True)
    assert call("sync").stdout == "a: nothing to send\n"  # nothing was forgotten by asking


def test_a_remote_whose_document_is_damaged_hides_no_other(ws: runstore.Workspace, call: Call, afar: Afar) -> None:
    call("remote", "add", "a", "s3://a")
    call("remote", "add", "b", "s3://b")
    path = ws.path / names.remote("a")
    path.write_bytes(path.read_bytes().replace(b"s3://a", b"s3://x"))
    for command in ("list", "status"):
        done = call("remote", command)
        assert (done.exit_code, "s3://b" in done.stdout, "a.json: checksum" in done.stderr) == (1, True, True)
    assert call("remote", "remove", "a").exit_code == 0
    assert call("remote", "list").exit_code == 0


def test_a_probe_tells_what_was_found_out(
    ws: runstore.Workspace, call: Call, afar: Afar, monkeypatch: pytest.MonkeyPatch
) -> None:
    call("remote", "add", "team", "s3://slow")
    done = call("remote", "probe", "team")
    assert (done.exit_code, done.stdout) == (0, "creates once: true\n")
    assert "lists are late" in done.stderr
    told = json.loads(call("remote", "probe", "team", "--json").stdout)
    assert (told["name"], told["probe"], len(told["warnings"])) == ("team", {"creates once": True}, 1)

    def untrusted(*_: object) -> None:
        raise RemoteError("s3://slow: two can create one name")

    monkeypatch.setattr(connecting, "ask", untrusted)
    assert call("remote", "probe", "team").exit_code == 1


def test_only_lakes_are_optimized(ws: runstore.Workspace, call: Call, afar: Afar) -> None:
    call("remote", "add", "team", "https://runs.example")
    done = call("remote", "optimize", "team")
    assert (done.exit_code, "is no lake" in done.stderr) == (2, True)


def test_a_narrow_terminal_is_not_overrun(
    ws: runstore.Workspace, call: Call, afar: Afar, terminal: Callable[[int], None], tmp_path: Path
) -> None:
    call("remote", "add", "an-elaborately-named-remote", f"s3://bucket/{'path/' * 20}end", "--where", "lr < 0.1 " * 9)
    call("remote", "add", "b", "s3://b")
    afar.at("s3://b").fault = failing("pieces", RemoteError("x" * 100))
    terminal(80)
    for command in (("list",), ("status", "b"), ("status", "--verify", "b")):
        shown = call("remote", *command).stdout
        assert max(map(width, shown.splitlines())) <= 80
        assert "b " in shown
