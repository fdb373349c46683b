"""A workspace knows its remotes by documents in which nothing secret is."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path

import pytest

import runstore
from runstore.errors import Damaged, FormatTooNew, Refused, RemoteError, UsageError
from runstore.format import documents, names
from runstore.sync import connecting, credentials, push, remotes, sending
from runstore.sync.addresses import Address
from runstore.sync.connecting import Asked
from runstore.sync.rules import Rules
from tests.sync.fakes import Memory

ID = "11111111-2222-4333-8444-{:012d}"


@pytest.fixture
def ws(workspace: Path) -> runstore.Workspace:
    return runstore.Workspace(workspace)


@pytest.fixture
def answers(monkeypatch: pytest.MonkeyPatch) -> list[tuple[str, Address, bool]]:
    """Every address is another remote; what was asked."""
    asked: list[tuple[str, Address, bool]] = []
    ids: dict[str, str] = {}

    def ask(name: str, address: Address, probe: bool = True) -> Asked:
        asked.append((name, address, probe))
        found = ids.setdefault(address.url, ID.format(len(ids)))
        return Asked(found, {"create": True} if probe else {}, ("it is slow",) if probe else ())

    monkeypatch.setattr(connecting, "ask", ask)
    return asked


Asks = list[tuple[str, Address, bool]]


def test_what_was_added_is_known_again(ws: runstore.Workspace, answers: Asks) -> None:
    rules = Rules(exclude=("artifacts",), experiments=("e",))
    added = remotes.add(ws.path, "team", "https://runs.example/", rules)
    assert added.warnings == ["it is slow"]
    assert remotes.named(ws.path, "team") == remotes.named(ws.path) == added.known
    assert (added.known.url, added.known.id, added.known.kind) == ("https://runs.example", ID.format(0), "server")
    assert (added.known.rules, added.known.probe) == (rules, {"create": True})
    assert remotes.every(ws.path) == ["team"]


def test_without_a_probe_it_is_only_asked_who_it_is(ws: runstore.Workspace, answers: Asks) -> None:
    assert remotes.add(ws.path, "team", "https://runs.example", probe=False).known.probe == {}
    assert [probe for _, _, probe in answers] == [False]


def test_the_only_remote_is_meant_where_none_is_named(ws: runstore.Workspace, answers: Asks) -> None:
    with pytest.raises(UsageError, match="has no remote; `runstore remote add NAME URL`"):
        remotes.opened(ws.path)
    remotes.add(ws.path, "b", "s3://b")
    assert (remotes.opened(ws.path).id, remotes.opened(ws.path).label) == (ID.format(0), "b")
    remotes.add(ws.path, "a", "s3://a")
    with pytest.raises(UsageError, match="several remotes: name one of a, b"):
        remotes.opened(ws.path)
    with pytest.raises(UsageError, match="no remote is called 'c'; there are a, b"):
        remotes.opened(ws.path, "c")


@pytest.mark.parametrize("name", ["", "Team", "a b", "../x", "-a", "a" * 41, "ä", "a/b", "a.json"])
def test_a_name_that_can_be_no_file_is_refused(ws: runstore.Workspace, answers: Asks, name: str) -> None:
    with pytest.raises(UsageError, match="can't be the name of a remote"):
        remotes.add(ws.path, name, "s3://b")
    assert answers == []


def test_a_secret_is_refused_before_anybody_is_asked(ws: runstore.Workspace, answers: Asks) -> None:
    with pytest.raises(UsageError, match="it would be stored"):
        remotes.add(ws.path, "team", "https://me:hunter2@runs.example")
    assert (answers, remotes.every(ws.path)) == ([], [])


def test_a_name_a_remote_and_the_workspace_itself_are_taken_once(
    ws: runstore.Workspace, answers: Asks, monkeypatch: pytest.MonkeyPatch
) -> None:
    remotes.add(ws.path, "team", "s3://b")
    with pytest.raises(UsageError, match="called so already; `runstore remote remove team` first"):
        remotes.add(ws.path, "team", "s3://c")
    with pytest.raises(UsageError, match="known as team"):
        remotes.add(ws.path, "other", "s3://b/")
    monkeypatch.setattr(connecting, "ask", lambda *_: Asked(ws.id, {}))
    with pytest.raises(UsageError, match="is this workspace itself"):
        remotes.add(ws.path, "self", "http://127.0.0.1:1")
    with pytest.raises(UsageError, match="lies in this workspace itself"):
        remotes.add(ws.path, "within", str(ws.path / "lake"))
    assert remotes.every(ws.path) == ["team"]


def test_one_that_cannot_be_trusted_is_not_added(ws: runstore.Workspace, monkeypatch: pytest.MonkeyPatch) -> None:
    def ask(*_: object) -> Asked:
        raise RemoteError("s3://b: two writers can both create one name; it can't be trusted")

    monkeypatch.setattr(connecting, "ask", ask)
    with pytest.raises(RemoteError, match="can't be trusted"):
        remotes.add(ws.path, "team", "s3://b")
    assert remotes.every(ws.path) == []


def test_a_server_may_be_added_before_there_is_a_token_and_is_asked_who_it_is_when_there_is_one(
    ws: runstore.Workspace, answers: Asks, monkeypatch: pytest.MonkeyPatch
) -> None:
    answer = connecting.ask

    def ask(name: str, address: Address, probe: bool = True) -> Asked:
        if credentials.token(name, address.url) is None:
            raise Refused("team: no token")
        return answer(name, address, probe)

    monkeypatch.setattr(connecting, "ask", ask)
    added = remotes.add(ws.path, "team", "https://runs.example")
    assert (added.known.id, added.warnings) == (
        "", ["it wants a token: `runstore login team`, or $RUNSTORE_TOKEN_TEAM"],
    )  # fmt: skip
    with pytest.raises(Refused):
        remotes.opened(ws.path)
    assert sending.standing(ws.path, added.known).last is None
    monkeypatch.setenv("RUNSTORE_TOKEN_TEAM", "good")
    assert remotes.opened(ws.path).id == remotes.named(ws.path).id == ID.format(0)
    assert remotes.named(ws.path).probe == {"create": True}
    assert remotes.met(ws.path, remotes.named(ws.path)) == remotes.named(ws.path)
    assert [path.name for path in (ws.path / names.REMOTES).iterdir()] == ["team.json"]


def test_a_token_that_is_refused_and_a_lake_that_is_are_not_added(
    ws: runstore.Workspace, monkeypatch: pytest.MonkeyPatch
) -> None:
    def ask(*_: object) -> Asked:
        raise Refused("it may not")

    monkeypatch.setattr(connecting, "ask", ask)
    with pytest.raises(Refused):
        remotes.add(ws.path, "lake", "s3://b")
    monkeypatch.setenv("RUNSTORE_TOKEN", "bad")
    with pytest.raises(Refused):
        remotes.add(ws.path, "team", "https://runs.example")
    assert remotes.every(ws.path) == []


def test_one_that_never_told_who_it_is_can_be_removed(ws: runstore.Workspace, monkeypatch: pytest.MonkeyPatch) -> None:
    def ask(*_: object) -> Asked:
        raise Refused("it may not")

    monkeypatch.setattr(connecting, "ask", ask)
    remotes.add(ws.path, "team", "https://runs.example")
    remotes.remove(ws.path, "team")
    assert remotes.every(ws.path) == []


def test_what_can_be_read_on_the_way_and_a_filter_that_fits_nothing_are_warned_of(
    ws: runstore.Workspace, answers: Asks
) -> None:
    added = remotes.add(ws.path, "team", "http://runs.example", Rules(where="lr < 1"))
    assert [text.split(":")[0] for text in added.warnings] == [
        "it is slow", "http", "no run has a column, param or metric 'lr'; `runstore runs` shows what there is",
    ]  # fmt: skip


def test_no_token_lies_in_the_workspace(ws: runstore.Workspace, answers: Asks, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("RUNSTORE_TOKEN_TEAM", "hunter2")
    remotes.add(ws.path, "team", "https://runs.example")
    assert [path for path in ws.path.rglob("*") if path.is_file() and b"hunter2" in path.read_bytes()] == []


def test_what_is_removed_leaves_nothing_behind_but_what_is_there(
    ws: runstore.Workspace, answers: Asks, monkeypatch: pytest.MonkeyPatch
) -> None:
    forgotten: list[tuple[str, str]] = []
    monkeypatch.setattr(credentials, "remove", lambda *given: forgotten.append(given))
    with runstore.start_run("e", workspace=ws) as run:
        run.log("loss", 1.0)
    known = remotes.add(ws.path, "team", "https://runs.example").known
    push.push(ws.path, Memory(known.id))
    assert (ws.path / names.REMOTES / known.id).is_dir()
    remotes.remove(ws.path, "team")
    assert remotes.every(ws.path) == []
    assert list((ws.path / names.REMOTES).iterdir()) == []
    assert forgotten == [("team", "https://runs.example")]
    with pytest.raises(UsageError, match="has no remote"):
        remotes.remove(ws.path, "team")


def changed(path: Path, change: Callable[[dict[str, object]], object]) -> None:
    body = documents.parse(path.read_bytes(), "")
    change(body)
    path.write_bytes(documents.render(body))


def test_a_document_that_is_damaged_or_of_a_later_version_is_not_believed(
    ws: runstore.Workspace, answers: Asks
) -> None:
    remotes.add(ws.path, "team", "s3://b")
    path = ws.path / names.remote("team")
    changed(path, lambda body: body.update(runstore=999))
    with pytest.raises(FormatTooNew, match="upgrade it"):
        remotes.named(ws.path, "team")
    path.write_bytes(path.read_bytes().replace(b"s3://b", b"s3://x"))
    with pytest.raises(Damaged, match=r"team\.json: checksum"):
        remotes.named(ws.path, "team")
    remotes.remove(ws.path, "team")
    assert remotes.every(ws.path) == []


def test_an_address_that_somebody_wrote_into_the_document_is_judged_again(
    ws: runstore.Workspace, answers: Asks
) -> None:
    remotes.add(ws.path, "team", "s3://b")
    changed(ws.path / names.remote("team"), lambda body: body.update(url="https://me:pw@evil.example"))
    with pytest.raises(UsageError, match="a user or a password"):
        remotes.named(ws.path, "team")
