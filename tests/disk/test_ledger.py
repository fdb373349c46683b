"""What a remote is known to have: what was saved is read again; what can't be read is as if nothing were known."""

from __future__ import annotations

import errno
import os
import string
from pathlib import Path

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from runstore.disk import files, ledger, lock
from runstore.disk.capabilities import CAN
from runstore.disk.ledger import Entry, Ledger
from runstore.format import documents, names
from tests.disk.faulty import Disk

REMOTE = "11111111-1111-4111-8111-111111111111"
OTHER = "22222222-2222-4222-8222-222222222222"

hexes = st.text("0123456789abcdef", min_size=18, max_size=18)
spans = st.lists(st.tuples(st.integers(0, 2**63), st.integers(0, 2**63)), max_size=3)
covered = st.dictionaries(st.text(string.hexdigits, min_size=1), spans, max_size=3)
sizes = st.dictionaries(st.text(max_size=9), st.integers(0, 2**63), max_size=3)
entries = st.builds(Entry, st.text("0123456789abcdef", max_size=16), covered, covered, sizes)


@pytest.fixture
def workspace(tmp_path: Path) -> Path:
    return tmp_path


def key(digit: str) -> str:
    return digit + "0" * 17


def run_dir(workspace: Path, *told: str) -> Path:
    """A run's directory with files of these names."""
    path = workspace / names.run_dir("r")
    path.mkdir(parents=True, exist_ok=True)
    for name in told:
        (path / name).write_bytes(b"x")
    return path


def note(workspace: Path, run_path: Path, signature: str, remote_id: str = REMOTE) -> None:
    known = Ledger(workspace, remote_id)
    known.note(f"{run_path.parent.name}{run_path.name}", Entry(signature))
    known.save()


@settings(max_examples=60, deadline=None)
@given(
    runs=st.dictionaries(hexes, entries, max_size=6), outside=sizes, blocks=st.sets(hexes), words=st.lists(st.text())
)
def test_what_was_saved_is_read_again(
    runs: dict[str, Entry], outside: dict[str, int], blocks: set[str], words: list[str],
    tmp_path_factory: pytest.TempPathFactory,
) -> None:  # fmt: skip
    workspace = tmp_path_factory.mktemp("w")
    known = Ledger(workspace, REMOTE)
    for run, entry in runs.items():
        known.note(run, entry)
    known.files, known.blocks, known.cursor, known.pulled = outside, blocks, "".join(words[:1]), "".join(words[1:])
    known.save()
    again = Ledger(workspace, REMOTE)
    assert dict(again.runs()) == runs
    assert list(again.runs()) == sorted(again.runs(), key=lambda one: one[0])
    assert all(again.run(run) == entry for run, entry in runs.items())
    assert (again.files, again.blocks, again.cursor, again.pulled) == (outside, blocks, known.cursor, known.pulled)


def test_nothing_is_known_of_a_remote_that_nothing_was_saved_of(workspace: Path) -> None:
    known = Ledger(workspace, REMOTE)
    assert (known.run(key("0")), list(known.runs()), known.files, known.blocks, known.cursor) == (
        None,
        [],
        {},
        set(),
        "",
    )
    assert files.listing(workspace) == []


def test_only_what_was_changed_is_written(workspace: Path) -> None:
    known = Ledger(workspace, REMOTE)
    known.note(key("0"), Entry("a"))
    known.note(key("1"), Entry("b"))
    known.save()
    before = {name: (workspace / names.ledger(REMOTE, name)).stat().st_ino for name in "01"}
    again = Ledger(workspace, REMOTE)
    again.note(key("1"), Entry("c"))
    again.save()
    after = {name: (workspace / names.ledger(REMOTE, name)).stat().st_ino for name in "01"}
    assert (before["0"] == after["0"], before["1"] == after["1"]) == (True, False)
    assert [entry.signature for _, entry in Ledger(workspace, REMOTE).runs()] == ["a", "c"]


@pytest.mark.parametrize("damage", ["bit", "cut", "empty", "gone", "newer", "folder"])
@pytest.mark.parametrize("part", ["7", "all"])
def test_a_damaged_part_is_as_if_nothing_of_it_were_known(workspace: Path, part: str, damage: str) -> None:
    known = Ledger(workspace, REMOTE)
    for digit in "78":
        known.note(key(digit), Entry(digit))
    known.cursor = "far"
    known.save()
    path = workspace / names.ledger(REMOTE, part)
    data = path.read_bytes()
    path.unlink()
    if damage == "folder":
        path.mkdir()
    elif damage != "gone":
        newer = documents.render({"runstore": 99, "runs": {key("7"): Entry("x").dump()}, "cursor": "x"})
        cut = {"bit": data.replace(b"runstore", b"runstorf"), "cut": data[:-3], "empty": b"", "newer": newer}
        path.write_bytes(cut[damage])
    again = Ledger(workspace, REMOTE)
    assert again.run(key("8")) == Entry("8")
    assert again.run(key("7")) == (Entry("7") if part == "all" else None)
    assert again.cursor == ("far" if part == "7" else "")


def test_killed_between_two_parts_each_is_as_before_or_as_after(
    workspace: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    known = Ledger(workspace, REMOTE)
    for digit in "123":
        known.note(key(digit), Entry("old"))
    known.cursor = "old"
    known.save()
    replace = os.replace
    for survived in range(4):
        again, moved = Ledger(workspace, REMOTE), 0
        for digit in "123":
            again.note(key(digit), Entry(f"new {survived}"))
        again.cursor = f"new {survived}"
        before = {one: entry.signature for one, entry in Ledger(workspace, REMOTE).runs()}

        def dying(source: Path, target: Path, last: int = survived) -> None:
            nonlocal moved
            if moved == last:
                raise KeyboardInterrupt
            moved += 1
            replace(source, target)

        monkeypatch.setattr(os, "replace", dying)
        with pytest.raises(KeyboardInterrupt):
            again.save()
        monkeypatch.setattr(os, "replace", replace)
        found = Ledger(workspace, REMOTE)
        told = {one: entry.signature for one, entry in found.runs()}
        assert [told[key(d)] == f"new {survived}" for d in "123"] == [n < survived for n in range(3)]
        assert all(told[key(d)] in (before[key(d)], f"new {survived}") for d in "123")
        assert found.cursor == "old"  # last of all: what was learnt up to there is in the parts
        again.save()
        assert all(entry.signature == f"new {survived}" for _, entry in Ledger(workspace, REMOTE).runs())
        found = Ledger(workspace, REMOTE)
        found.cursor = "old"
        found.save()


def test_where_the_disk_refuses_all_stays_as_it_was_and_the_next_save_has_everything(
    workspace: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    known = Ledger(workspace, REMOTE)
    known.note(key("1"), Entry("old"))
    known.save()
    known.note(key("1"), Entry("new"))
    disk = Disk(monkeypatch)
    disk.refuse(errno.ENOSPC, "write")
    with pytest.raises(OSError, match="No space"):
        known.save()
    disk.heal()
    assert Ledger(workspace, REMOTE).run(key("1")) == Entry("old")
    assert all(names.is_ledger(f"{REMOTE}/{name}") for name in files.names_in(workspace / names.REMOTES / REMOTE))
    known.save()
    assert Ledger(workspace, REMOTE).run(key("1")) == Entry("new")


def test_what_is_forgotten_is_known_no_more(workspace: Path) -> None:
    known = Ledger(workspace, REMOTE)
    known.note(key("1"), Entry("a"))
    known.blocks.add("b" * 24)
    known.save()
    known.forget()
    for one in (known, Ledger(workspace, REMOTE)):
        assert (list(one.runs()), one.blocks, one.lost) == ([], set(), True)
    known.note(key("2"), Entry("c"))
    known.save()
    assert [entry.signature for _, entry in Ledger(workspace, REMOTE).runs()] == ["c"]
    known.cursor = "1"
    assert not known.lost


def test_one_process_at_a_time_has_it(workspace: Path) -> None:
    (workspace / names.LOCKS).mkdir()
    with ledger.held(workspace, REMOTE) as known:
        assert known.remote_id == REMOTE
        with pytest.raises(lock.Busy), ledger.held(workspace, REMOTE, timeout=0):
            raise AssertionError
        with ledger.held(workspace, OTHER, timeout=0):
            assert ledger.remotes(workspace) == []
    with ledger.held(workspace, REMOTE, timeout=0):
        pass


def test_the_remotes_are_those_with_a_directory(workspace: Path) -> None:
    for one in (OTHER, REMOTE):
        Ledger(workspace, one).save()
    (workspace / names.remote("team")).write_bytes(b"")
    (workspace / names.REMOTES / "notes").mkdir()
    assert ledger.remotes(workspace) == [REMOTE, OTHER]


# ---- signatures


def test_a_signature_changes_with_what_is_there(workspace: Path) -> None:
    seen = []
    path = run_dir(workspace, "a1.jsonl")
    seen.append(ledger.signature(path))
    run_dir(workspace, names.seal("b" * 64))
    seen.append(ledger.signature(path))
    (path / "a1.jsonl").write_bytes(b"longer")
    seen.append(ledger.signature(path))
    assert len({*seen}) == 3 and all(seen)


def test_what_passes_is_not_in_it(workspace: Path) -> None:
    path = run_dir(workspace, "a1.jsonl")
    before = ledger.signature(path)
    run_dir(workspace, names.ROTATE, names.temporary("x", "1"), "notes.txt")
    assert ledger.signature(path) == before != ""


@pytest.mark.parametrize(
    "name",
    [
        names.points("a" * 16, 0),
        names.points("a" * 16 + "s", 0),
        names.lock("a" * 16),
        names.spool("a" * 16, 0),
        names.JOB,
    ],
)
def test_there_is_none_while_a_file_may_grow_unnoticed(workspace: Path, name: str) -> None:
    assert ledger.signature(run_dir(workspace, "a1.jsonl", name)) == ""


def test_the_lock_of_one_who_was_killed_is_not_in_it(workspace: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    path = run_dir(workspace, "a1.jsonl")
    before = ledger.signature(path)
    held = lock.Liveness(path / names.lock("a" * 16))
    os.utime(held.path, (0, 0))
    assert ledger.signature(path) == ""
    held.abandon()
    assert ledger.signature(path) == (before if CAN.flock else "")
    files.touch(held.path)  # who beats may hold it where it can't be seen
    assert ledger.signature(path) == ""


def test_there_is_none_of_a_directory_that_is_not_there(workspace: Path) -> None:
    assert ledger.signature(workspace / names.run_dir("r")) == ""


# ---- who has all of a run


def test_a_remote_has_all_of_a_run_that_is_as_it_was_when_all_was_sent(workspace: Path) -> None:
    path = run_dir(workspace, "a1.jsonl")
    assert ledger.acknowledging(workspace)(path) == frozenset()
    note(workspace, path, ledger.signature(path))
    note(workspace, path, "another", OTHER)
    acknowledged = ledger.acknowledging(workspace)
    assert acknowledged(path) == {REMOTE}
    run_dir(workspace, "a2.jsonl")
    assert acknowledged(path) == frozenset()


def test_nobody_has_all_of_a_run_that_can_not_be_told_from_its_listing(workspace: Path) -> None:
    path = run_dir(workspace, "a1.jsonl", names.lock("a" * 16))
    note(workspace, path, "")
    assert ledger.acknowledging(workspace)(path) == frozenset()


def test_each_ledger_is_read_once(workspace: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    path = run_dir(workspace, "a1.jsonl")
    note(workspace, path, ledger.signature(path))
    acknowledged, read = ledger.acknowledging(workspace), files.read
    seen: list[Path] = []
    monkeypatch.setattr(files, "read", lambda path: [seen.append(path), read(path)][1])
    for _ in range(3):
        assert acknowledged(path) == {REMOTE}
    assert len(seen) == 1
