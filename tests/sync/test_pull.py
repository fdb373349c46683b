"""Pulling takes what is lacking, believes nothing, and two workspaces that push and pull become one."""

from __future__ import annotations

import tempfile
import warnings
from pathlib import Path

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

import runstore
from runstore.format import documents
from runstore.query import union
from runstore.query.check import check
from runstore.query.views import VIEWS
from runstore.runs import seal
from runstore.sync.pull import pull
from runstore.sync.push import push
from tests.query import unions
from tests.sync.fakes import Memory
from tests.sync.served import Shipment, shipment
from tests.sync.test_wording import facts

steps = st.lists(
    st.one_of(
        st.tuples(st.sampled_from("AB"), unions.ops.filter(bool).map(lambda ops: ops[:3])),
        st.sampled_from([("A", "push"), ("B", "push"), ("A", "pull"), ("B", "pull")]),
    ),
    max_size=8,
)


@settings(max_examples=8, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(told=steps)
def test_two_workspaces_that_meet_at_a_remote_are_as_if_they_had_merged(
    monkeypatch: pytest.MonkeyPatch, told: list[tuple[str, object]]
) -> None:
    monkeypatch.setattr(seal, "request", lambda workspace, run_dir: None)  # a sealer would outlive the directory
    with tempfile.TemporaryDirectory() as directory:
        remote = Memory()
        ws = {name: runstore.Workspace(Path(directory, name)) for name in "AB"}
        for name, what in told:
            if what == "push":
                assert push(ws[name].path, remote).failed == {}
            elif what == "pull":
                pull(ws[name].path, remote)
            else:
                unions.done(ws[name], what, name)  # type: ignore[arg-type]
        for name in "ABAB":
            assert push(ws[name].path, remote).failed == {}
            pull(ws[name].path, remote)
        assert unions.answers(ws["A"]) == unions.answers(ws["B"])
        for one in ws.values():
            assert [found for found in check(one.path) if found.severity == "damage"] == []
            sent = remote.put_bytes
            push(one.path, remote)
            assert remote.put_bytes == sent and pull(one.path, remote).files == 0


def test_what_merging_gives_is_what_a_remote_gives(tmp_path: Path) -> None:
    ours, theirs = runstore.Workspace(tmp_path / "ours"), runstore.Workspace(tmp_path / "theirs")
    twin = runstore.Workspace(tmp_path / "twin")
    unions.logged(theirs, "r0", small=b"few bytes")
    unions.logged(ours, "r1")
    union.merge(twin.path, ours.path)
    union.merge(twin.path, theirs.path)
    remote = Memory()
    push(theirs.path, remote)
    pull(ours.path, remote)
    assert unions.answers(ours) == unions.answers(twin)


def test_other_bytes_than_were_told_are_left_out_and_named(tmp_path: Path) -> None:
    ours, theirs = runstore.Workspace(tmp_path / "ours"), runstore.Workspace(tmp_path / "theirs")
    unions.logged(theirs, "r0", large=b"many" * 100_000)
    remote = Memory()
    push(theirs.path, remote)
    (blob,) = [one for one in remote.log if one.kind == "blob"]
    remote.objects[blob.object] = b"MANY" * 100_000
    done = pull(ours.path, remote)
    assert [what for what, _ in done.refused] == [blob.path]
    assert ours.sql("select count(*) from metrics").fetchall() == [(3,)] and not (ours.path / blob.path).exists()


def test_content_that_many_runs_refer_to_is_fetched_once(tmp_path: Path) -> None:
    ours, theirs = runstore.Workspace(tmp_path / "ours"), runstore.Workspace(tmp_path / "theirs")
    for number in range(5):
        unions.logged(theirs, f"r{number}", large=b"many" * 100_000)
    remote = Memory()
    push(theirs.path, remote)
    (blob,) = [one for one in remote.log if one.kind == "blob"]
    remote.log += [blob._replace(run_id=f"r{number}") for number in range(5) if blob.run_id != f"r{number}"]
    assert pull(ours.path, remote).fetched < 2 * blob.size
    assert unions.answers(ours) == unions.answers(theirs)


@pytest.mark.parametrize("path", ["../../outside", "/outside", "runs/aa/../../x", "workspace.json", "runs\\aa\\x"])
def test_a_path_that_no_workspace_has_is_never_touched(tmp_path: Path, path: str) -> None:
    ours, theirs = runstore.Workspace(tmp_path / "ours"), runstore.Workspace(tmp_path / "theirs")
    unions.logged(theirs, "r0")
    remote = Memory()
    push(theirs.path, remote)
    remote.log = [one._replace(path=path) if one.kind == "facts" else one for one in remote.log]
    before = sorted(tmp_path.rglob("*"))
    done = pull(ours.path, remote)
    new = {one for one in tmp_path.rglob("*") if one not in before}
    assert [what for what, _ in done.refused] == [path]
    assert not [one for one in new if ours.path not in one.parents]


def test_a_dry_run_takes_nothing(tmp_path: Path) -> None:
    ours, theirs = runstore.Workspace(tmp_path / "ours"), runstore.Workspace(tmp_path / "theirs")
    unions.logged(theirs, "r0")
    remote = Memory()
    push(theirs.path, remote)
    done = pull(ours.path, remote, dry_run=True)
    assert done.runs == 1 and done.bytes > 0 and ours.sql("select count(*) from runs").fetchall() == [(0,)]


def sent(tmp_path: Path) -> Shipment:
    """What somebody else has at a remote, to be forged."""
    theirs = runstore.Workspace(tmp_path / "theirs")
    unions.logged(theirs, "r0", small=b"small")
    return shipment(theirs.path)


def forged(told: Shipment) -> Memory:
    """A remote that tells it as if all were right."""
    remote = Memory()
    remote.log = told.pieces
    remote.objects = {one.object: told.data[one.path] for one in told.pieces if one.size}
    return remote


@pytest.mark.parametrize("kind", ["facts", "document", "seal"])
def test_what_says_something_else_than_such_a_file_says_is_left_out_and_every_question_is_answered(
    tmp_path: Path, kind: str
) -> None:
    ours, told = runstore.Workspace(tmp_path / "ours"), sent(tmp_path)
    if kind == "facts":
        told.forge("facts", lambda data: facts("r0", "tags", {"k": {"x": 1}}))
    elif kind == "document":
        told.forge("document", lambda data: documents.render({"experiment": "e", "created": "never"}))
    else:
        told.forge_record(summary={"loss": {"count": "many"}})
    done = pull(ours.path, forged(told))
    assert [what for what, _ in done.refused] == [told.of(kind).path]
    with warnings.catch_warnings(action="ignore"):  # of a run without its facts
        for view in VIEWS:
            ours.sql(f"select * from {view}").fetchall()


def test_a_record_that_would_take_away_what_it_does_not_have_is_left_out(tmp_path: Path) -> None:
    ours, told = runstore.Workspace(tmp_path / "ours"), sent(tmp_path)
    pull(ours.path, forged(told))
    (record,) = (path for path in ours.path.rglob("seal-*"))
    told.forge_record(replaces=[record.name], ranges=[["f" * 16, 1, 0, 2]], segments=[], summary={}, created=1)
    told.pieces = [one._replace(spans=(("f" * 16, 0, 2),)) if one.kind == "seal" else one for one in told.pieces]
    remote = forged(told)
    remote.id = "99999999-2222-4333-8444-555555555555"
    done = pull(ours.path, remote)
    assert ["without having all" in why for _, why in done.refused] == [True]
    assert ours.sql("select count(*) from metrics").fetchall() == [(3,)]
