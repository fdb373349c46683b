"""Check finds any flipped byte of the registry and any file of a model that is missing or damaged."""

from __future__ import annotations

import io
import random
import shutil
from collections.abc import Callable
from pathlib import Path

import pytest

import runstore
from runstore import Model, Workspace
from runstore.disk.pack import SMALL
from runstore.format import names
from runstore.query.audit import DAMAGE, NOTE
from runstore.query.check import check
from runstore.runs import environments


@pytest.fixture
def path(ws: Workspace) -> Path:
    """A workspace with two versions and a change of each kind."""
    with runstore.start_run("e", workspace=ws) as run:
        run.upload_file("small", io.BytesIO(b"small"))
        run.upload_file("large", io.BytesIO(b"l" * SMALL))
        run.register_model("m", "small", aliases=["a"])
        model = run.register_model("m", "large")
        model.add_tags({"a": 1})
        model.set_alias("a")
        run.register_model("gone", "small").delete()
    for number in range(2):
        environments.register(ws.path, "e", {"number": number})
    return ws.path


def directory(path: Path, name: str = "m") -> Path:
    return path / names.model_dir(name)


def found(path: Path, severity: str = DAMAGE) -> dict[str, str]:
    return {finding.path: finding.what for finding in check(path) if finding.severity == severity}


def test_a_registry_that_is_well_has_no_finding(path: Path) -> None:
    assert check(path) == []


def test_any_flipped_byte_of_any_document_is_found(path: Path) -> None:
    chance = random.Random(7)
    for one in sorted([*(path / names.MODELS).rglob("*.json"), *(path / names.ENVIRONMENTS).rglob("*.json")]):
        before = one.read_bytes()
        for at in [0, len(before) - 1, *chance.sample(range(len(before)), 12)]:
            one.write_bytes(before[:at] + bytes([before[at] ^ 1 << chance.randrange(8)]) + before[at + 1 :])
            assert one.relative_to(path).as_posix() in found(path), (one.name, at)
        one.write_bytes(before)


def move(path: Path) -> str:
    (directory(path) / "v1.json").rename(directory(path) / "v3.json")
    return f"{directory(path).relative_to(path).as_posix()}/v3.json"


def swap(path: Path) -> str:
    (one,) = directory(path, "gone").glob("e-*.json")
    one.rename(directory(path) / one.name)
    return (directory(path) / one.name).relative_to(path).as_posix()


def redate(path: Path) -> str:
    one = min(directory(path).glob("e-*.json"))
    one.rename(one.with_name(f"e-{7:020d}{one.name[22:]}"))
    return f"{directory(path).relative_to(path).as_posix()}/e-{7:020d}{one.name[22:]}"


@pytest.mark.parametrize("spoil", [move, swap, redate])
def test_a_document_in_another_place_is_found(path: Path, spoil: Callable[[Path], str]) -> None:
    assert spoil(path) in found(path)


def test_a_missing_version_is_found(path: Path) -> None:
    (directory(path) / "v1.json").unlink()
    assert found(path) == {f"{directory(path).relative_to(path).as_posix()}/v1.json": "missing"}


def test_the_latest_version_is_missed_where_a_change_tells_of_it(path: Path) -> None:
    latest = directory(path) / names.model_version(2)
    latest.unlink()
    assert found(path) == {latest.relative_to(path).as_posix(): "missing"}


def test_a_missing_blob_of_a_model_is_found(path: Path) -> None:
    shutil.rmtree(path / names.BLOBS)
    assert any("of model 'm', version 2" in finding.what for finding in check(path))


def test_a_cut_blob_of_a_model_is_found(path: Path) -> None:
    (blob,) = (one for one in (path / names.BLOBS).rglob("*") if one.is_file() and one.stat().st_size == SMALL)
    blob.write_bytes(b"l")
    assert any("has not the 262144 bytes" in finding.what for finding in check(path))


def test_a_damaged_pack_is_named_with_the_model(path: Path) -> None:
    (pack,) = path.rglob("k-*.pack")
    pack.write_bytes(pack.read_bytes().replace(b"small", b"smell"))
    assert any("of model 'm', version 1" in finding.what for finding in check(path))


def test_what_nobody_knows_is_noted(path: Path) -> None:
    (path / names.MODELS / "notes").write_text("x")
    (directory(path) / "notes").write_text("x")
    assert len(found(path, NOTE)) == 2


def test_a_reference_is_no_business_of_the_workspace_s(ws: Workspace, tmp_path: Path) -> None:
    (tmp_path / "big").write_bytes(b"1")
    with runstore.start_run("e", workspace=ws) as run:
        run.upload_file("big", tmp_path / "big", reference=True)
        run.register_model("m", "big")
    assert Model(ws, "m").download(tmp_path / "to").read_bytes() == b"1"
    (tmp_path / "big").unlink()
    assert check(ws.path) == []


def test_a_version_of_an_environment_in_another_place_is_found_and_so_is_a_missing_one(path: Path) -> None:
    place = path / names.environment_dir("e")
    (place / "v2.json").rename(place / "v3.json")
    relative = place.relative_to(path).as_posix()
    assert found(path) == {
        f"{relative}/v3.json": "has another name than what it says",
        f"{relative}/v2.json": "missing",
    }
    (place / "v1.json").unlink()
    assert found(path)[f"{relative}/v1.json"] == "missing"
    (place.parent / ("0" * 24)).mkdir()
    (place / "v3.json").rename(place.parent / ("0" * 24) / "v2.json")
    assert "belongs to another environment, 'e'" in found(path).values()


def test_what_is_no_version_among_environments_is_noted(path: Path) -> None:
    place = path / names.environment_dir("e")
    event = place / f"e-{7:020d}-01234567.json"
    event.write_bytes(b"")
    assert found(path, NOTE) == {event.relative_to(path).as_posix(): "unknown; not a file of runstore's"}
