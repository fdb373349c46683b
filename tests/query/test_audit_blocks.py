"""Blocks are checked to the last byte, damage is said once, and it says whose it is."""

from __future__ import annotations

import io
import random
import shutil
from pathlib import Path

import pytest

import runstore
from runstore.disk import block, files
from runstore.format import blocks, documents, names
from runstore.query import audit_blocks, blocking
from runstore.query.audit import DAMAGE, Finding
from runstore.query.check import check
from runstore.runs import seal
from tests.query import blocked, scenes

RUNS = ("a", "b", "c", "d")


@pytest.fixture(scope="module")
def whole(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Runs with every kind of file, all in one block."""
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(seal, "request", lambda workspace, run_dir: None)
        patch.setenv("RUNSTORE_PROVENANCE", "0")
        ws = runstore.Workspace(tmp_path_factory.mktemp("whole") / "w")
        for run_id in RUNS:
            with ws.experiment("e").start_logging(run_id=run_id) as run:
                scenes.log_some(run, 7)
                scenes.log_side(run, 2)
                with run.capture():
                    print("printed " * 20, flush=True)
                run.upload_file("small", io.BytesIO(b"small " * 5 + run_id.encode()))
        blocked.compacted(ws.path)
    return ws.path


@pytest.fixture
def copy(whole: Path, tmp_path: Path) -> Path:
    shutil.copytree(whole, tmp_path / "copy")
    return tmp_path / "copy"


def one_of(workspace: Path) -> Path:
    (one,) = block.active(workspace)
    return one.path


def flip(path: Path, at: int) -> None:
    data = bytearray(path.read_bytes())
    data[at] ^= 1
    path.write_bytes(data)


def damage(found: list[Finding]) -> list[tuple[str, str]]:
    return [(Path(one.path).name, one.what) for one in found if one.severity == DAMAGE]


def test_a_workspace_whose_runs_lie_in_a_block_is_well(whole: Path) -> None:
    assert check(whole) == []
    assert [name for run_id in RUNS for name in files.names_in(whole / names.run_dir(run_id))] == []
    assert all(check(whole, run_id) == [] for run_id in RUNS)


def test_a_flipped_byte_is_found_wherever_it_is_and_said_once(whole: Path, tmp_path: Path) -> None:
    chance = random.Random(5)
    for path in sorted(one_of(whole).iterdir()):
        for at in chance.sample(range(path.stat().st_size), 4):
            copy = tmp_path / f"{path.name}-{at}"
            shutil.copytree(whole, copy)
            flip(copy / path.relative_to(whole), at)
            assert [one.path for one in check(copy) if one.severity == DAMAGE] == [path.relative_to(whole).as_posix()]


@pytest.mark.parametrize("name", [names.BLOCK_MEMBERS, names.BLOCK_INDEX, "points-0000.parquet", "logs-0000.parquet"])
def test_a_file_that_is_gone_or_cut_is_told_once(copy: Path, name: str) -> None:
    path = one_of(copy) / name
    path.write_bytes(path.read_bytes()[:-40])
    assert [found for found, _ in damage(check(copy))] == [name]
    path.unlink()
    ((found, what),) = damage(check(copy))
    assert (found, what.startswith("missing")) == (name, True)


def test_damaged_small_files_name_the_runs_they_are_of(copy: Path) -> None:
    (one,) = block.active(copy)
    for run_id in ("b", "d"):
        entry = one.find(block.key(copy / names.run_dir(run_id)))
        assert entry is not None
        flip(one.path / names.BLOCK_MEMBERS, min(member.offset for member in entry.files.values()))
    assert damage(check(copy)) == [
        ("members.bin", "does not match its SHA-256; hit is what it holds of runs b, d"),
    ]
    assert check(copy, "a") == []
    assert {found.run_id for found in check(copy, "b")} == {"b"}


def test_damaged_rows_name_the_runs_they_are_of(copy: Path) -> None:
    flip(one_of(copy) / "points-0000.parquet", 1000)
    text = "does not match its SHA-256; restore it from a copy"
    assert damage(check(copy)) == [("points-0000.parquet", f"{text}; it holds rows of runs a, b, c and 1 more")]
    assert [(found.run_id, found.what) for found in check(copy, "c")] == [("c", text)]


def test_a_damaged_record_names_what_the_block_holds(copy: Path) -> None:
    flip(one_of(copy) / names.BLOCK_RECORD, 60)
    for _ in range(2):
        ((name, what),) = damage(check(copy))
        assert (name, what.endswith("the block holds runs a, b, c and 1 more")) == ("block.json", True)
        block._known.clear()  # as another process finds it
        block.forget(copy)


def rewritten(workspace: Path, name: str, data: bytes) -> None:
    """Put other bytes into a block, and the hash of these into its record: bytes as they were written, but wrong."""
    (one,) = block.active(workspace)
    (one.path / name).write_bytes(data)
    entry = {**one.body["files"][name], "sha256": files.sha256(one.path / name), "size": len(data)}
    record = one.path / names.BLOCK_RECORD
    record.write_bytes(documents.render({**one.body, "files": {**one.body["files"], name: entry}}))
    one.path.rename(workspace / names.block(files.sha256(record)))
    block.forget(workspace)


def test_rows_that_no_record_tells_of_are_found(copy: Path, tmp_path: Path) -> None:
    ws = runstore.Workspace(tmp_path / "other")
    for run_id in RUNS:
        with ws.experiment("e").start_logging(run_id=run_id) as run:
            scenes.log_some(run, 6 if run_id == "b" else 7)
            scenes.log_side(run, 2)
    other = blocked.compacted(ws.path)
    points = (other / "points-0000.parquet").read_bytes()
    (one,) = block.active(copy)
    one.body["files"]["points-0000.parquet"]["rows"] = block.active(ws.path)[0].body["files"]["points-0000.parquet"][
        "rows"
    ]
    rewritten(copy, "points-0000.parquet", points)
    assert any("of its rows" in what for _, what in damage(check(copy, "b")))
    assert {found.run_id for found in check(copy) if "of its rows" in found.what} == {"b"}


def test_an_index_that_names_too_few_is_found(copy: Path) -> None:
    (one,) = block.active(copy)
    places = dict(blocks.every((one.path / names.BLOCK_INDEX).read_bytes(), ""))
    rewritten(copy, names.BLOCK_INDEX, blocks.render(list(places.items())[1:]))
    assert ("index.bin", "names 3 runs where 4 are told of") in damage(check(copy))


def test_sums_tell_ranges_apart() -> None:
    assert audit_blocks.sums([(0, 2), (5, 6)]) == (5, 0, 6, 14, 0 + 1 + 4 + 25 + 36)
    assert audit_blocks.sums([(3, 3)]).plus(audit_blocks.sums([(0, 2)])) == audit_blocks.sums([(0, 3)])


def test_what_is_being_made_or_was_replaced_is_no_damage(copy: Path) -> None:
    files.make_dirs(copy / names.BLOCKS / ".block.0.tmp")
    for run_id in ("e", "f"):
        runstore.Workspace(copy).experiment("e").start_logging(run_id=run_id).complete()
    blocked.put(copy, [copy / names.run_dir("e")])
    blocked.put(copy, [copy / names.run_dir("f")])
    assert [(found.path, found.severity) for found in check(copy)] == [("blocks/.block.0.tmp", "note")]


def test_a_damaged_index_of_a_block_is_told_with_what_to_do(copy: Path) -> None:
    name = one_of(copy).name
    path = copy / names.CACHE / name
    files.make_dirs(path)
    (path / "runs.parquet").write_bytes(b"x")
    listed = {"runs.parquet": {"sha256": files.sha256(path / "runs.parquet"), "size": 2, "rows": 1}}
    (path / "cache.json").write_bytes(documents.render({"files": listed}))
    ((found, what),) = damage(check(copy))
    assert (found, what.endswith(f"; delete cache/{name}, it is made again")) == ("runs.parquet", True)
    (path / "cache.json").write_bytes(b"x")
    assert [found for found, _ in damage(check(copy))] == ["cache.json"]


def test_a_block_that_goes_while_it_is_checked_is_not_missed(copy: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    def go(path: Path, *rest: object) -> str:
        blocking.remove(copy, one)
        raise FileNotFoundError(path)

    (one,) = block.active(copy)
    monkeypatch.setattr(files, "sha256", go)
    assert list(audit_blocks.check(copy, set(), lambda runs: None)) == []
