"""What is sealed counts as far as it is undamaged, by a record made again, or by what it had replaced."""

from __future__ import annotations

import hashlib
from pathlib import Path

import pytest

import runstore
from runstore.disk import inventory
from runstore.format import documents, names
from runstore.query import compaction
from runstore.query.check import DAMAGE, check
from runstore.query.promises import Promises
from runstore.query.repair import repair
from runstore.query.repair_segments import sound
from tests.query.damaging import change, damage, one, original, place, run_path, seen

__all__ = ["original", "place"]


@pytest.mark.parametrize("how", [b"", b"no document at all\n"])
def test_a_seal_record_is_made_again_from_its_segments(place: Path, original: Path, how: bytes) -> None:
    path = one(place, "sealed", "seal-*")
    path.write_bytes(how)
    done = repair(place)
    assert done.whole and damage(place) == [] and not path.exists()
    assert seen(place) == seen(original)
    (name, body), = inventory.scan(run_path(place, "sealed")).seals  # fmt: skip
    assert names.seal(hashlib.sha256((run_path(place, "sealed") / name).read_bytes()).hexdigest()) == name
    assert {entry["file"] for entry in body["segments"]} == {
        p.name for p in run_path(place, "sealed").glob("*.parquet")
    }


def test_where_a_merged_segment_is_damaged_those_it_replaced_count_again(place: Path, original: Path) -> None:
    found = inventory.scan(run_path(place, "merged"))
    ((_, body),) = found.active
    path = found.path / next(entry["file"] for entry in body["segments"] if entry["kind"] == "points")
    change(path, 100, bytes(500))
    done = repair(place)
    assert done.whole and damage(place) == []
    assert seen(place) == seen(original)


def test_a_damaged_record_that_another_one_replaced_just_goes(place: Path, original: Path) -> None:
    found = inventory.scan(run_path(place, "merged"))
    replaced = next(name for name, _ in found.seals if name not in dict(found.active))
    (found.path / replaced).write_bytes(b"?")
    assert repair(place).whole
    assert dict(inventory.scan(found.path).active) == dict(found.active) and seen(place) == seen(original)


def test_a_missing_segment_is_named_by_its_numbers_and_the_rest_counts(place: Path) -> None:
    path = one(place, "sealed", "points-*")
    path.unlink()
    repair(place)
    found = seen(place)
    assert damage(place) == [] and [key for key in found if key[:2] == ("metrics", "sealed")] == []
    assert [key for key in found if key[:2] == ("rows", "sealed")] != []
    assert (
        sum(b - a + 1 for pieces in Promises(run_path(place, "sealed")).lost.ranges.values() for a, b in pieces) == 51
    )


def test_a_record_of_another_run_is_put_aside(place: Path, original: Path) -> None:
    body = documents.parse(one(place, "sealed", "seal-*").read_bytes(), "")
    data = documents.render({**body, "segments": [], "ranges": []})
    (run_path(place, "many") / names.seal(hashlib.sha256(data).hexdigest())).write_bytes(data)
    assert repair(place).whole
    assert damage(place) == [] and seen(place) == seen(original)


def test_what_counts_is_told_from_what_can_not_count_any_more(place: Path) -> None:
    found = inventory.scan(run_path(place, "merged"))
    assert sound(found) == (found, {})
    ((name, body),) = found.active
    (found.path / body["segments"][0]["file"]).unlink()
    view, broken = sound(inventory.scan(found.path))
    assert set(broken) == {name} and {one for one, _ in view.active} == {one for one, _ in found.seals} - {name}


def thinned(ws: runstore.Workspace) -> Path:
    with runstore.start_run("e", run_id="thin", workspace=ws) as run:
        for step in range(600):
            run.log("loss", step % 50, step=step)
            run.log_row("sample", x=step) if step % 100 == 0 else None
    compaction.compact(ws.path, grace=0)
    ws.thin(100, older_than_days=0, dry_run=False)
    compaction.compact(ws.path, grace=0)
    return run_path(ws.path, "thin")


FIGURES = "select * from metric_summary order by all"


def test_thinned_curves_stay_thinned_with_the_figures_of_all_points(ws: runstore.Workspace) -> None:
    run = thinned(ws)
    figures, points = ws.sql(FIGURES).fetchall(), ws.sql("select * from metrics order by all").fetchall()
    assert 0 < len(points) < 300
    one(ws.path, "thin", "rows-*").unlink()
    repair(ws.path)
    assert [found for found in check(ws.path) if found.severity == DAMAGE] == []
    assert ws.sql(FIGURES).fetchall() == figures
    assert ws.sql("select * from metrics order by all").fetchall() == points
    assert inventory.scan(run).active[0][1]["thinned"][0][4] == len(points)


def test_points_that_thinning_had_kept_are_named_when_they_are_lost(ws: runstore.Workspace) -> None:
    thinned(ws)
    one(ws.path, "thin", "points-*").unlink()
    done = repair(ws.path)
    assert any("that thinning had kept" in told.what for told in done.lost)
    assert [found for found in check(ws.path) if found.severity == DAMAGE] == []
    assert ws.sql("select count(*) from rows").fetchall() == [(6,)]
