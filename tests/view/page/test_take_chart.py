"""A chart is taken out: as a picture, as numbers, as what can be run elsewhere; all say what the store says."""

from __future__ import annotations

import csv
import math
import xml.etree.ElementTree as ET
from pathlib import Path

import duckdb
import pytest
from playwright.sync_api import Page, expect

from tests.view.page import charts
from tests.view.page.charts import Charted, chart
from tests.view.page.conftest import Visit


@pytest.fixture
def page(visit: Visit, charted: Charted) -> Page:
    return visit(charts.VIEW, charted.ws)


def saved(page: Page, metric: str, item: str, target: Path) -> str:
    """The file that a menu's item gives, at a path; what it is called."""
    one = chart(page, metric)
    with page.expect_download() as waiting:
        charts.menu(page, one, item)
    waiting.value.save_as(target)
    return waiting.value.suggested_filename


def copied(page: Page, metric: str, item: str) -> str:
    """The text that a menu's item leaves on the clipboard."""
    charts.menu(page, chart(page, metric), item)
    expect(page.get_by_text(f"Copied as {item.rpartition(' ')[2]}")).to_be_visible()
    text: str = page.evaluate("() => navigator.clipboard.readText()")
    return text


def test_a_picture_has_a_line_for_every_run(page: Page, tmp_path: Path) -> None:
    assert saved(page, "loss", "Picture as SVG", tmp_path / "a.svg") == "loss.svg"
    root = ET.parse(tmp_path / "a.svg").getroot()
    texts = [one.text for one in root.iter("{http://www.w3.org/2000/svg}text")]
    assert {"loss", "run a", "run b", "run c"} <= {*texts}
    lines = [one for one in root.iter("{http://www.w3.org/2000/svg}path") if one.get("fill") == "none"]
    assert [len((line.get("d") or "").split("L")) for line in lines] == [500, 500, 500]


def test_a_picture_for_slides_is_twice_as_fine(page: Page, tmp_path: Path) -> None:
    assert saved(page, "loss", "Picture as PNG", tmp_path / "a.png") == "loss.png"
    head = (tmp_path / "a.png").read_bytes()[:24]
    assert head[:8] == b"\x89PNG\r\n\x1a\n"
    assert int.from_bytes(head[16:20], "big") == 1800


def test_a_picture_is_copied(page: Page) -> None:
    charts.menu(page, chart(page, "loss"), "Copy the picture")
    expect(page.get_by_text("The picture is copied")).to_be_visible()
    kinds = page.evaluate("async () => (await navigator.clipboard.read()).flatMap((item) => item.types)")
    assert kinds == ["image/png"]


def test_what_is_drawn_is_what_the_store_has(page: Page, charted: Charted, tmp_path: Path) -> None:
    saved(page, "odd", "What is drawn as CSV", tmp_path / "a.csv")
    with (tmp_path / "a.csv").open(newline="") as file:
        told = list(csv.DictReader(file))
    columns = "run_id, x, count, mean, min, max, nan_count, inf_count"
    found = charted.ws.curves("odd", experiment="curves", points=500).project(columns).order("run_id, x").fetchall()
    names = {run_id: name for name, run_id in charted.ids.items()}
    truth = {(names[run_id], round(x, 6)): rest for run_id, x, *rest in found}
    assert len(told) == len(truth) == 1500
    for row in told:
        count, *values, nan, inf = truth[row["curve"], round(float(row["step"]), 6)]
        assert (float(row["points"]), float(row["nan"]), float(row["inf"])) == (count, nan, inf)
        logged = [math.nan if value is None else value for value in values]
        assert [float(row[one]) for one in ("mean", "min", "max")] == pytest.approx(logged, rel=1e-6, nan_ok=True)


def test_every_point_comes_as_parquet(page: Page, charted: Charted, tmp_path: Path) -> None:
    assert saved(page, "loss", "Every point as Parquet", tmp_path / "a.parquet") == "loss.parquet"
    rows = duckdb.sql(f"SELECT run_id, step, value FROM read_parquet('{tmp_path / 'a.parquet'}')").fetchall()
    names = {run_id: name for name, run_id in charted.ids.items()}
    assert len(rows) == 3 * charts.STEPS
    assert all(charted.values[names[run_id]]["loss"][step] == value for run_id, step, value in rows)


def test_python_gives_the_same_curves(visit: Visit, charted: Charted) -> None:
    page = visit(f'{charts.VIEW}&zoom=1000:1999:step&look={{"smoothing":0.9}}', charted.ws)
    told = copied(page, "loss", "Copy as Python")
    names: dict[str, object] = {}
    exec(told, names)
    rows = names["curves"].project("run_id, x").fetchall()  # type: ignore[attr-defined]
    assert {run_id for run_id, _ in rows} == {charted.ids[name] for name in ("run a", "run b", "run c")}
    assert (min(x for _, x in rows), max(x for _, x in rows)) == (1000.5, 1998.5)


@pytest.mark.parametrize("x", ["step", "epoch", "relative"])
def test_sql_gives_the_same_points(visit: Visit, charted: Charted, x: str) -> None:
    page = visit(f'{charts.VIEW}&look={{"x":"{x}"}}', charted.ws)
    rows = charted.ws.sql(copied(page, "coarse", "Copy as SQL")).fetchall()
    names = {run_id: name for name, run_id in charted.ids.items()}
    assert len(rows) == 900
    of_a = [(place, value) for run_id, place, value in rows if names[run_id] == "run a"]
    logged = charted.values["run a"]["coarse"]
    assert [value for _, value in of_a] == [*logged.values()]
    if x != "relative":
        assert [place for place, _ in of_a] == pytest.approx([step / (100 if x == "epoch" else 1) for step in logged])


def test_groups_are_taken_as_sql_too(visit: Visit, charted: Charted) -> None:
    page = visit(f"{charts.VIEW}&group=params.team", charted.ws)
    rows = charted.ws.sql(copied(page, "coarse", "Copy as SQL")).order("x").fetchall()
    assert len(rows) == 600
    first = [charted.values[name]["coarse"][0] for name in ("run a", "run b", "run c")]
    means = sorted(row[2] for row in rows if row[1] == 0)
    assert means == pytest.approx(sorted([(first[0] + first[1]) / 2, first[2]]))
