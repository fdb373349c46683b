"""What is kept of remotes is looked into like everything else; what they have can be told again."""

from __future__ import annotations

import os
from pathlib import Path

import pytest

import runstore
from runstore.disk.ledger import Entry, Ledger
from runstore.format import documents, names
from runstore.query import check, collecting, exporting, repair_dry, usage
from runstore.query.check import DAMAGE, NOTE
from runstore.query.repair import repair

REMOTE = "11111111-1111-4111-8111-111111111111"
DOCUMENT = names.remote("team")
SHARD, REST = names.ledger(REMOTE, "7"), names.ledger(REMOTE, "all")


@pytest.fixture
def place(ws: runstore.Workspace) -> Path:
    """A workspace that knows a remote."""
    with runstore.start_run("e", run_id="r", workspace=ws) as run:
        run.log("loss", 1.0, step=0)
    known = Ledger(ws.path, REMOTE)
    known.note("7" + "0" * 17, Entry("x"))
    known.save()
    (ws.path / DOCUMENT).write_bytes(documents.render({"runstore": 1, "name": "team", "url": "s3://b", "id": REMOTE}))
    return ws.path


def said(place: Path) -> list[tuple[str, str, str]]:
    return [(one.path, one.what, one.severity) for one in check.check(place)]


def test_as_it_should_be_nothing_is_said(place: Path) -> None:
    assert said(place) == []


@pytest.mark.parametrize("name", [DOCUMENT, SHARD, REST, names.mlflow_cursors(REMOTE, "-7")])
def test_damage_in_any_of_the_documents_is_damage(place: Path, name: str) -> None:
    path = place / name
    path.write_bytes(b"?")
    ((where, _, severity),) = said(place)
    assert (where, severity) == (name, DAMAGE)


def test_a_document_of_a_later_version_is_named(place: Path) -> None:
    (place / SHARD).write_bytes(documents.render({"runstore": 99, "runs": {}}))
    assert said(place) == [(SHARD, "format 99, newer than this runstore", DAMAGE)]


def test_the_document_of_another_remote_is_named(place: Path) -> None:
    (place / names.remote("other")).write_bytes((place / DOCUMENT).read_bytes())
    assert said(place) == [(names.remote("other"), "its name is not that of remote 'team'", DAMAGE)]


@pytest.mark.parametrize(
    "name", ["notes.txt", "Team.json", f"{REMOTE}/x.json", "lists/7.json", f"{REMOTE}/.7.json.a.tmp"]
)
def test_what_nobody_knows_is_noted(place: Path, name: str) -> None:
    path = place / names.REMOTES / name
    path.parent.mkdir(exist_ok=True)
    path.write_bytes(b"?")
    ((where, _, severity),) = said(place)
    assert (where, severity) == (f"{names.REMOTES}/{name}", NOTE)


# ---- repair


@pytest.mark.parametrize("name", [SHARD, REST])
def test_a_damaged_ledger_is_put_aside_and_nothing_is_lost(place: Path, name: str) -> None:
    (place / name).write_bytes(b"?")
    assert [one.path for one in repair_dry.rehearse(place).saved] == [name]
    assert (place / name).read_bytes() == b"?"
    done = repair(place)
    assert (done.whole, [one.path for one in done.saved], (place / name).exists()) == (True, [name], False)
    assert not any(severity == DAMAGE for *_, severity in said(place))


def test_the_damaged_document_of_a_remote_is_lost_and_named(place: Path) -> None:
    (place / DOCUMENT).write_bytes(b"?")
    done = repair(place)
    assert ["team" in one.what for one in done.lost] == [True]
    assert not (place / DOCUMENT).exists()


def test_a_changed_bit_is_mended(place: Path) -> None:
    data = (place / DOCUMENT).read_bytes()
    (place / DOCUMENT).write_bytes(data.replace(b"s3://b", b"s3://c"))
    done = repair(place)
    assert done.whole and (place / DOCUMENT).read_bytes() == data


# ---- others


def test_it_is_counted(place: Path) -> None:
    found = usage.usage(place)
    assert found.bytes == sum(path.stat().st_size for path in place.rglob("*") if path.is_file())
    kept = sum(path.stat().st_size for path in (place / names.REMOTES).rglob("*") if path.is_file())
    assert found.rest.kinds["other"] >= kept


def test_merge_and_export_leave_it_here(place: Path, tmp_path: Path) -> None:
    other = runstore.Workspace(tmp_path / "other")
    other.merge(place)
    exporting.export(place, ["r"], tmp_path / "out")
    assert other.sql("select run_id from runs").fetchall() == [("r",)]
    assert not (other.path / names.REMOTES).exists() and not (tmp_path / "out" / names.REMOTES).exists()


def test_gc_takes_nothing_of_it_but_what_never_became_whole(place: Path) -> None:
    left = place / names.REMOTES / REMOTE / names.temporary("7.json", "ab")
    left.write_bytes(b"half")
    kept = set((place / names.REMOTES).rglob("*")) - {left}
    assert [part for part in collecting.collect(place, 0, 0).parts if names.REMOTES in part.path] == []
    os.utime(left, (1, 1))
    (part,) = (part for part in collecting.collect(place, 0, 0).parts if names.REMOTES in part.path)
    assert (part.kind, part.bytes) == ("temporary", 4)
    assert set((place / names.REMOTES).rglob("*")) == kept
