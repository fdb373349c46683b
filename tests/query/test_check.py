"""Check finds any flipped byte in any closed or sealed file, whatever is missing, and nothing where all is well."""

from __future__ import annotations

import io
import random
import shutil
from pathlib import Path

import pytest

from runstore.disk import files, inventory
from runstore.disk.pack import SMALL
from runstore.errors import RunNotFound
from runstore.format import documents, names
from runstore.query import indexing, merging, sealing
from runstore.query.check import DAMAGE, NOTE, Finding, check
from runstore.query.compaction import compact
from runstore.runs import edits, seal
from runstore.runs.run import Run
from runstore.runs.workspace import Workspace
from tests.query import scenes
from tests.query.scenes import workspace

__all__ = ["workspace"]

EXEMPT = (names.README, ".lock")


def finished(workspace: Workspace, run_id: str = "r", writers: int = 1, count: int = 3) -> Run:
    runs = [workspace.experiment("e").start_logging(run_id=run_id, params={"lr": 0.1}) for _ in range(writers)]
    for run in reversed(runs):
        scenes.log_some(run, count)
        scenes.log_side(run, 2)
        run.upload_file("small", io.BytesIO(b"small " + run.path.name.encode()))
        run.upload_file("other", io.BytesIO(b"x" * 50 + run.id.encode()))
        run.complete()
    return runs[0]


@pytest.fixture(scope="module")
def whole(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A workspace with every kind of file: journals, segments, records, merged facts, packs, a blob, an end file."""
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(seal, "request", lambda workspace, run_dir: None)
        patch.setenv("RUNSTORE_PROVENANCE", "0")  # its bytes would be those of all runs
        workspace = Workspace(tmp_path_factory.mktemp("whole") / "w")
        finished(workspace, "journals")
        finished(workspace, "merged", writers=2)
        compact(workspace.path, grace=0)
        finished(workspace, "journals-2")
        run = finished(workspace, "replaced")
        sealing.seal_locked(run.path)
        run = finished(workspace, "replaced")
        sealing.seal_locked(run.path)
        last = workspace.experiment("other").start_logging(run_id="blob")
        last.upload_file("large", io.BytesIO(b"l" * SMALL))
        last.log("loss", 1.0)
        files.publish(last.path, names.end(1), documents.render({"status": "Failed", "error": None, "time": 1}))
        last.complete()
        indexing.index(workspace.path, run.path)
    return workspace.path


def everything(workspace: Path) -> list[Path]:
    paths = sorted(path for path in workspace.rglob("*") if path.is_file())
    return [path for path in paths if not path.name.endswith(EXEMPT)]


def damaged(found: list[Finding]) -> set[str]:
    return {finding.path for finding in found if finding.severity == DAMAGE}


def test_the_workspace_of_these_tests_has_every_kind_of_file_and_is_well(whole: Path) -> None:
    kinds = {n.kind for path in everything(whole) if (n := names.parse(path.name))}
    assert kinds == {"facts", "merged", "points", "side", "pack", "end", "seal", "segment"}
    assert sorted(len(path.name) for path in (whole / names.BLOBS).rglob("*") if path.is_file()) == [34, 62]
    assert check(whole) == []


@pytest.mark.slow
@pytest.mark.parametrize("facts", [True, False], ids=["facts", "the rest"])
def test_one_flipped_byte_is_found_wherever_it_is(whole: Path, tmp_path: Path, facts: bool) -> None:
    """Every file has a byte flipped at once, again and again, and each must be named.

    Facts and the rest by turns: only the facts know how long a pack was, so one of the two is enough to know.
    """
    choose = random.Random(7)
    chosen = [path for path in everything(whole) if facts == path.name.startswith(("a1", "a2", "facts-"))]
    originals = {path.relative_to(whole).as_posix(): path.read_bytes() for path in chosen}
    order = {path: choose.sample(range(len(data)), len(data)) for path, data in originals.items()}
    copy = tmp_path / "copy"
    shutil.copytree(whole, copy)
    for turn in range(400):
        for path, data in originals.items():
            changed = bytearray(data)
            changed[order[path][turn % len(data)]] ^= choose.randrange(1, 256)
            (copy / path).unlink()
            (copy / path).write_bytes(changed)
        found = check(copy)
        assert set(originals) - damaged(found) == set(), turn


@pytest.mark.slow
def test_a_byte_flipped_alone_is_found_and_its_run_named(whole: Path, tmp_path: Path) -> None:
    choose = random.Random(3)
    copy = tmp_path / "copy"
    shutil.copytree(whole, copy)
    ids = {names.run_dir(run): run for run in ("journals", "journals-2", "merged", "replaced", "blob")}
    for path in everything(copy):
        data, relative = path.read_bytes(), path.relative_to(copy).as_posix()
        for at in choose.sample(range(len(data)), min(len(data), 12)):
            changed = bytearray(data)
            changed[at] ^= choose.randrange(1, 256)
            path.unlink()
            path.write_bytes(changed)
            named = [finding for finding in check(copy) if finding.path == relative and finding.severity == DAMAGE]
            assert named, (relative, at)
            run = ids.get("/".join(relative.split("/")[:3]))
            assert {finding.run_id for finding in named} <= {run or "", ""}
            assert run is None or path.name == "a1.jsonl" or named[0].run_id == run
        path.unlink()
        path.write_bytes(data)
    assert check(copy) == []


@pytest.mark.parametrize("keep", [0, 1, 0.3, 0.9, -1])
def test_a_file_cut_short_is_found(whole: Path, tmp_path: Path, keep: float) -> None:
    copy = tmp_path / "copy"
    shutil.copytree(whole, copy)
    for path in everything(copy):
        data, relative = path.read_bytes(), path.relative_to(copy).as_posix()
        path.write_bytes(data[: int(keep * len(data)) if 0 < keep < 1 else int(keep)])
        found = check(copy)
        unclosed = path.name.startswith("a") and path.suffix == ".jsonl" and keep in (0, 1, 0.3, 0.9)
        assert found or unclosed, relative
        if not unclosed:
            where = {relative, relative.rpartition("/")[0]}
            assert damaged(found) & where, relative
        path.write_bytes(data)


def test_a_file_that_is_gone_is_missed(whole: Path, tmp_path: Path) -> None:
    copy = tmp_path / "copy"
    shutil.copytree(whole, copy)
    replaced = inventory.scan(copy / names.run_dir("replaced"))
    spare = {path.name for path in replaced.segment_files + replaced.journals}
    spare -= {file for _, body in replaced.active for file in inventory.named(body)}
    spare |= {name for name, _ in replaced.seals}
    for path in everything(copy):
        if path.name in spare or path.name.endswith(".end.json"):
            continue
        if names.is_index(path.name):
            continue  # hints where bytes may be: found again without
        data = path.read_bytes()
        path.unlink()
        assert damaged(check(copy)), path.name
        path.write_bytes(data)


def test_an_experiment_s_document_is_missed_where_only_words_about_it_are_left(workspace: Workspace) -> None:
    workspace.experiment("e").tag("a", "b")
    path = workspace.path / names.experiment_file("e")
    path.unlink()
    assert damaged(check(workspace.path)) == {path.relative_to(workspace.path).as_posix()}


def test_points_whose_seal_record_is_gone_are_missed_though_their_writer_never_ended(workspace: Workspace) -> None:
    def log() -> None:
        scenes.log_some(workspace.experiment("e").start_logging(run_id="r"))

    scenes.die(log)
    run_path = workspace.path / names.run_dir("r")
    journal = inventory.scan(run_path).points[0]
    data = journal.read_bytes()
    sealing.seal_locked(run_path)
    ((record, _),) = inventory.scan(run_path).seals
    (run_path / record).unlink()
    lost = {path.relative_to(workspace.path).as_posix() for path in inventory.scan(run_path).segment_files}
    assert damaged(check(workspace.path)) == lost != set()
    journal.write_bytes(data)  # as when the sealing had not ended yet
    assert damaged(check(workspace.path)) == set()


def test_an_edit_cut_short_is_found_wherever_a_line_ends(workspace: Workspace) -> None:
    run = finished(workspace)
    edits.record(workspace.path, "r", "e", [("note", {"text": "a"}), ("note", {"text": "b"})])
    (edit,) = (path for path in inventory.scan(run.path).journals if path.name != "a1.jsonl")
    lines = edit.read_bytes().splitlines(keepends=True)
    for kept in range(2, len(lines)):
        edit.write_bytes(b"".join(lines[:kept]))
        assert damaged(check(workspace.path)) == {edit.relative_to(workspace.path).as_posix()}, kept


def test_damage_in_one_run_does_not_hide_that_in_another(workspace: Workspace) -> None:
    runs = [finished(workspace, f"r{n}") for n in range(3)]
    for run in runs[:2]:
        path = inventory.scan(run.path).points[0]
        path.write_bytes(path.read_bytes().replace(b"loss", b"lozz", 1))
    assert {finding.run_id for finding in check(workspace.path)} == {"r0", "r1"}


def test_one_run_is_checked_alone(workspace: Workspace) -> None:
    for run_id in "ab":
        path = inventory.scan(finished(workspace, run_id).path).points[0]
        path.write_bytes(path.read_bytes().replace(b"loss", b"lozz", 1))
    assert {finding.run_id for finding in check(workspace.path, run="a")} == {"a"}
    with pytest.raises(RunNotFound):
        check(workspace.path, run="c")


def test_a_run_is_named_even_where_none_of_its_facts_can_be_believed(workspace: Workspace) -> None:
    path = inventory.scan(finished(workspace, "r").path).facts[0]
    data = bytearray(path.read_bytes())
    data[len(data) // 2] ^= 1
    path.write_bytes(data)
    assert {finding.run_id for finding in check(workspace.path)} == {"r"}


def test_what_is_being_logged_is_at_most_a_note(workspace: Workspace) -> None:
    run = workspace.experiment("e").start_logging()
    scenes.log_some(run, 5)
    run.upload_file("small", io.BytesIO(b"small"))
    found = check(workspace.path)
    assert damaged(found) == set()
    assert "not verified yet" in " ".join(finding.what for finding in found)
    run.flush()
    assert check(workspace.path) == []
    run.complete()
    assert check(workspace.path) == []


def test_one_flipped_byte_of_an_open_side_journal_is_found(workspace: Workspace) -> None:
    run = workspace.experiment("e").start_logging()
    scenes.log_side(run, 2)
    run.flush()
    scenes.log_side(run, 2, start=2)
    run.flush()
    assert check(workspace.path) == []
    (path,) = inventory.scan(run.path).sides
    data = path.read_bytes()
    said = data.rstrip(b"\0")
    copy = scenes.copied(run.path, workspace.path.parent / "copy") / path.name
    shutil.copytree(workspace.path / names.EXPERIMENTS, workspace.path.parent / "copy" / names.EXPERIMENTS)
    shutil.copy(workspace.path / names.WORKSPACE, workspace.path.parent / "copy")
    assert check(workspace.path.parent / "copy") == []
    for at in range(len(said)):
        changed = bytearray(data)
        changed[at] ^= 1
        copy.write_bytes(changed)
        found = check(workspace.path.parent / "copy")
        assert path.name in {finding.path.rpartition("/")[2] for finding in found}, at
        assert at == len(said) - 1 or damaged(found), at
    run.complete()


def test_what_a_dead_writer_left_is_a_note(workspace: Workspace) -> None:
    def log() -> None:
        run = workspace.experiment("e").start_logging(run_id="r")
        scenes.log_some(run, 5)
        run.upload_file("small", io.BytesIO(b"small"))

    scenes.die(log)
    run_path = workspace.path / names.run_dir("r")
    found = inventory.scan(run_path)
    points, pack = found.points[0], found.packs[0]
    points.write_bytes(points.read_bytes().rstrip(b"\0") + b'["loss",0.')
    pack.write_bytes(pack.read_bytes() + b'{"sha256":"' + b"0" * 64 + b'","size":9}\nabc')
    told = check(workspace.path)
    assert {finding.severity for finding in told} == {NOTE}
    assert {finding.path.rpartition("/")[2] for finding in told} >= {points.name, pack.name}


def test_a_damaged_artifact_in_a_pack_that_was_never_closed_is_found(workspace: Workspace) -> None:
    def log() -> None:
        run = workspace.experiment("e").start_logging(run_id="r")
        run.upload_file("one", io.BytesIO(b"one"))
        run.upload_file("two", io.BytesIO(b"two"))

    scenes.die(log)
    (pack,) = inventory.scan(workspace.path / names.run_dir("r")).packs
    data = pack.read_bytes()
    for at in range(len(data)):
        changed = bytearray(data)
        changed[at] ^= 1
        pack.write_bytes(changed)
        assert damaged(check(workspace.path)), at


def test_missing_bytes_are_named_with_every_run_and_artifact_that_needs_them(workspace: Workspace) -> None:
    first, second = (workspace.experiment("e").start_logging(run_id=run_id) for run_id in ("first", "second"))
    for name, data in {"a": b"shared", "b": b"own", "large": b"l" * SMALL}.items():
        first.upload_file(name, io.BytesIO(data))
    first.complete()
    second.upload_file("c", io.BytesIO(b"shared"))
    second.upload_file("d", io.BytesIO(b"l" * SMALL))
    second.complete()
    (pack,) = workspace.path.rglob("k-*.pack")
    (blob,) = (path for path in (workspace.path / names.BLOBS).glob("??/*"))
    for path in (pack, blob):
        path.unlink()
    told = {(f.run_id, f.path, f.what) for f in check(workspace.path) if f.severity == DAMAGE}
    where, loose = (path.relative_to(workspace.path).as_posix() for path in (pack, blob))
    assert told >= {
        ("first", where, "missing; it is to hold artifact 'a' and 1 more"),
        ("second", where, "missing; it is to hold artifact 'c'"),
        ("first", loose, "missing; it is to hold artifact 'large'"),
        ("second", loose, "missing; it is to hold artifact 'd'"),
    }


def test_unknown_files_are_noted_wherever_they_lie(workspace: Workspace) -> None:
    run = finished(workspace)
    (workspace.path / names.BLOBS).mkdir(exist_ok=True)
    (workspace.path / names.BLOBS / "ab").mkdir()
    places = ["", names.EXPERIMENTS, names.RUNS, run.path.parent.relative_to(workspace.path), names.BLOBS, "blobs/ab"]
    strays = [workspace.path / place / "notes.txt" for place in places] + [run.path / "x.txt", run.path / ".y.0.tmp"]
    for path in strays:
        path.touch()
    found = check(workspace.path)
    assert {finding.path for finding in found} == {path.relative_to(workspace.path).as_posix() for path in strays}
    assert {finding.severity for finding in found} == {NOTE}


def test_a_file_of_another_run_is_found(workspace: Workspace) -> None:
    one, other = finished(workspace, "a"), finished(workspace, "b")
    shutil.copy(one.path / "a1.jsonl", other.path / "a2.jsonl")
    sealing.seal_locked(one.path)
    for name, _ in inventory.scan(one.path).seals:
        shutil.copy(one.path / name, other.path)
    lost = {f.path.rpartition("/")[2] for f in check(workspace.path) if f.run_id == "b" and f.severity == DAMAGE}
    assert {"a2.jsonl", name} <= lost


def test_the_same_facts_twice_are_a_note(workspace: Workspace) -> None:
    run = finished(workspace)
    shutil.copy(run.path / "a1.jsonl", run.path / ("a1-" + "c" * 16 + ".jsonl"))
    assert [finding.severity for finding in check(workspace.path)] == [NOTE]


def test_two_files_for_one_range_are_a_note(workspace: Workspace, tmp_path: Path) -> None:
    run = finished(workspace)
    copy = scenes.copied(run.path, tmp_path / "copy")
    for path in (run.path, copy):
        sealing.seal_locked(path)
    for entry in files.listing(copy):
        if not (run.path / entry.name).exists():
            shutil.copy(entry.path, run.path)
    assert len(inventory.scan(run.path).active) == 2
    assert {finding.severity for finding in check(workspace.path)} <= {NOTE}


def test_what_merging_replaced_is_checked_while_it_is_there_and_not_missed_when_it_is_gone(
    workspace: Workspace,
) -> None:
    run = finished(workspace, writers=2)
    sealing.seal_locked(run.path)
    assert check(workspace.path) == []
    (run.path / "a1.jsonl").write_bytes((run.path / "a1.jsonl").read_bytes().replace(b"lr", b"ls", 1))
    assert damaged(check(workspace.path)) == {f"{names.run_dir('r')}/a1.jsonl"}
    merging.sweep(run.path, grace=0)
    assert check(workspace.path) == []


def test_checking_writes_nothing(whole: Path) -> None:
    before = {path: (path.stat().st_mtime_ns, path.stat().st_ino) for path in whole.rglob("*")}
    check(whole)
    assert {path: (path.stat().st_mtime_ns, path.stat().st_ino) for path in whole.rglob("*")} == before


def test_progress_is_told(whole: Path) -> None:
    seen: list[tuple[int, int]] = []
    check(whole, progress=lambda one, of: seen.append((one, of)))
    assert seen == [(n, 5) for n in range(1, 6)]


def test_a_workspace_that_is_being_written_and_sealed_is_never_called_damaged(
    workspace: Workspace, monkeypatch: pytest.MonkeyPatch
) -> None:
    import threading

    scenes.small_journals(monkeypatch, 1 << 14)
    run, stop = workspace.experiment("e").start_logging(), threading.Event()

    def work() -> None:
        step = 0
        while not stop.is_set():
            scenes.log_some(run, 50, step)
            step += 50
            run.flush()
            sealing.seal_locked(run.path)

    thread = threading.Thread(target=work)
    thread.start()
    try:
        for _ in range(30):
            assert damaged(check(workspace.path)) == set()
    finally:
        stop.set()
        thread.join()
    run.complete()
    assert damaged(check(workspace.path)) == set()
