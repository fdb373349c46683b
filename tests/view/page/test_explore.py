"""Columns of the runs against each other: brushed, scattered, and what goes with an outcome."""

from __future__ import annotations

import re

import pytest
from playwright.sync_api import Locator, Page, expect

import runstore
from tests.view.page.conftest import Visit, asked
from tests.view.page.stores import RUNS

AXES = {"left": 56, "right": 72, "top": 36, "bottom": 24}  # pixels around the axes of parallel coordinates


@pytest.fixture
def explored(visit: Visit) -> Page:
    """Runs with two learning rates and as many seeds as there are runs."""
    page = visit("#/runs?experiment=mnist")
    page.get_by_role("tab", name="Columns").click()
    expect(page.locator(".rs-picture canvas").first).to_be_visible()
    return page


def choice(page: Page, name: str) -> Locator:
    """The field that says which column is meant."""
    return page.locator(".rs-choices label").filter(has_text=re.compile(f"^{name}")).locator("select")


def brush(page: Page, axis: int, axes: int, upto: float) -> None:
    """Drag along an axis of the parallel coordinates, from its top down."""
    box = page.locator(".rs-picture").bounding_box()
    assert box is not None
    x = box["x"] + AXES["left"] + axis * (box["width"] - AXES["left"] - AXES["right"]) / (axes - 1)
    top, bottom = box["y"] + AXES["top"], box["y"] + box["height"] - AXES["bottom"]
    page.mouse.move(x, top + 1)
    page.mouse.down()
    page.mouse.move(x, top + upto * (bottom - top), steps=8)
    page.mouse.up()


def test_what_is_brushed_on_an_axis_is_chosen_in_the_table(explored: Page, store: runstore.Workspace) -> None:
    label = explored.locator(".rs-picture").get_attribute("aria-label") or ""
    names = label.partition(" over ")[2].partition(".")[0].split(", ")
    assert f"{RUNS} runs" in label and "seed" in names
    brush(explored, names.index("seed"), len(names), 0.5)
    expect(explored.get_by_text("6 chosen")).to_be_visible()  # of 0 to 13 on an axis that ends at 15
    expect(explored.locator("[data-run] input:checked")).to_have_count(6)
    chosen = [run for part in asked(explored, "pick") for run in part.split(",")]
    seeds = dict(store.sql("SELECT run_id, params.seed FROM runs WHERE experiment = 'mnist'").fetchall())
    assert sorted(seeds[run] for run in chosen) == [*range(RUNS - 6, RUNS)]


def test_any_two_columns_are_scattered(explored: Page) -> None:
    explored.get_by_role("button", name="Scatter").press("Enter")
    picture = explored.locator(".rs-picture")
    choice(explored, "x").select_option(label="seed")
    choice(explored, "y").select_option(label="accuracy")
    expect(picture).to_have_attribute(
        "aria-label", f"accuracy against seed of {RUNS} runs. The table of runs has the same values."
    )
    assert "params.seed" in asked(explored, "my.explore")[0]


def test_what_goes_with_an_outcome_is_ranked_and_leads_to_its_scatter(explored: Page) -> None:
    explored.get_by_role("button", name="Correlation").click()
    choice(explored, "outcome").select_option(label="train/loss")
    rows = explored.locator(".rs-importance tbody tr")
    expect(rows.first.get_by_role("rowheader")).to_have_text("seed")
    expect(rows.first).to_contain_text("+1.00")  # the loss is made of the seed
    rows.first.get_by_role("button").press("Enter")
    expect(explored.locator(".rs-picture")).to_have_attribute(
        "aria-label", f"train/loss against seed of {RUNS} runs. The table of runs has the same values."
    )
