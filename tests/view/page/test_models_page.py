"""Registered models: their versions, what they are called, where they came from."""

from __future__ import annotations

import pytest
from playwright.sync_api import Page, expect

import runstore
from tests.view.page.conftest import Visit, asked
from tests.view.page.scenes import Everything


@pytest.fixture
def models(visit: Visit, everything: Everything) -> Page:
    page = visit("#/models", everything.ws)
    expect(page.get_by_role("heading", name="birds")).to_be_visible()
    return page


def test_versions_stand_the_newest_first_with_their_aliases(models: Page) -> None:
    rows = models.locator(".mod-versions tbody tr")
    expect(rows).to_have_count(2)
    expect(rows.nth(0)).to_contain_text("outputs/model/weights.bin")
    expect(rows.nth(1).locator(".rs-badge, .rp-badge")).to_have_text("production")
    expect(models.get_by_text("torch 2.9")).to_be_visible()


def test_a_version_is_chosen_and_the_address_keeps_it(models: Page, everything: Everything) -> None:
    models.get_by_role("button", name="1", exact=True).press("Enter")
    expect(models.get_by_role("heading", name="Version 1")).to_be_visible()
    expect(models.get_by_text("First.")).to_be_visible()
    assert asked(models, "my.version") == ["1"]
    ((sha256,),) = everything.ws.sql("SELECT sha256 FROM models WHERE version = 1").fetchall()
    expect(models.get_by_text(sha256)).to_be_visible()


def test_its_lineage_leads_to_the_run_and_the_file(models: Page, everything: Everything) -> None:
    lineage = models.get_by_role("list", name="Lineage")
    lineage.get_by_role("link", name="outputs/model/weights.bin").click()
    expect(models.get_by_role("heading", name="outputs/model/weights.bin")).to_be_visible()
    assert everything.ids["whole"] in models.url


def test_the_python_that_is_copied_gets_the_model(
    models: Page, tmp_path_factory: pytest.TempPathFactory, monkeypatch: pytest.MonkeyPatch
) -> None:
    models.get_by_role("button", name="Copy as Python").click()
    expect(models.get_by_text("Python copied")).to_be_visible()
    monkeypatch.chdir(tmp_path_factory.mktemp("got"))
    names: dict[str, object] = {}
    exec(str(models.evaluate("navigator.clipboard.readText()")), names)
    with open(str(names["path"]), "rb") as file:
        assert file.read() == b"weights" * 100


def test_without_models_it_says_how_one_is_registered(visit: Visit, empty: runstore.Workspace) -> None:
    page = visit("#/models", empty)
    expect(page.get_by_text("run.register_model(")).to_be_visible()
