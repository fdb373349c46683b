"""What people say of a run: notes, tags, names; archived, deleted, and all of it taken back."""

from __future__ import annotations

import pytest
from playwright.sync_api import Page, expect

import runstore
from tests.view.page.conftest import Visit


@pytest.fixture
def run(empty: runstore.Workspace) -> runstore.Run:
    """A run that ended, in a workspace of its own."""
    with empty.experiment("e").start_logging("first name", tags={"stage": "dev"}) as run:
        run.log("loss", 1.0)
    return run


@pytest.fixture
def page(visit: Visit, run: runstore.Run) -> Page:
    page = visit(f"#/run/{run.id}", run.experiment.workspace)
    expect(page.get_by_role("heading", name="first name")).to_be_visible()
    return page


def now(run: runstore.Run) -> runstore.Run:
    """The run as the store has it now."""
    return run.experiment.workspace.get_run(run.id)


def test_tags_are_set_and_removed_and_both_are_taken_back(page: Page, run: runstore.Run) -> None:
    page.get_by_role("button", name="+ Tag").click()
    page.get_by_label("New tag").fill("stage=prod")
    page.keyboard.press("Enter")
    expect(page.locator(".rp-tag")).to_have_text(["stageprod×"])
    assert now(run).tags == {"stage": "prod"}
    page.get_by_role("button", name="Undo", exact=True).last.click()
    expect(page.locator(".rp-tag")).to_have_text(["stagedev×"])
    assert now(run).tags == {"stage": "dev"}
    page.get_by_role("button", name="Remove tag stage").click()
    expect(page.locator(".rp-tag")).to_have_count(0)
    assert now(run).tags == {}


def test_a_note_is_added_by_keys(page: Page, run: runstore.Run) -> None:
    page.get_by_role("button", name="Add note").press("Enter")
    page.keyboard.type("diverges <b>here</b>")
    page.keyboard.press("Control+Enter")
    expect(page.locator(".rp-note")).to_contain_text("diverges <b>here</b>")
    assert [note.text for note in now(run).notes] == ["diverges <b>here</b>"]


def test_a_description_is_written_and_left_by_escape(page: Page, run: runstore.Run) -> None:
    page.get_by_role("button", name="Add description").click()
    page.keyboard.type("not kept")
    page.keyboard.press("Escape")
    expect(page.get_by_text("No description")).to_be_visible()
    page.get_by_role("button", name="Add description").click()
    page.keyboard.type("what it is about")
    page.get_by_role("button", name="Save").click()
    expect(page.get_by_text("what it is about")).to_be_visible()
    assert now(run).description == "what it is about"


def test_a_run_is_renamed_and_named_as_before(page: Page, run: runstore.Run) -> None:
    page.get_by_role("button", name="Rename").click()
    page.keyboard.type("second name")
    page.keyboard.press("Enter")
    expect(page.get_by_role("heading", name="second name")).to_be_visible()
    assert now(run).display_name == "second name"
    page.get_by_role("button", name="Undo", exact=True).last.click()
    expect(page.get_by_role("heading", name="first name")).to_be_visible()


def test_a_run_is_archived_and_is_active_again(page: Page, run: runstore.Run) -> None:
    page.get_by_role("button", name="Archive", exact=True).click()
    expect(page.get_by_text("archived", exact=True)).to_be_visible()
    assert now(run).archived
    page.get_by_role("button", name="Reactivate").click()
    expect(page.get_by_text("archived", exact=True)).to_have_count(0)
    assert not now(run).archived


def test_a_run_is_deleted_and_comes_back(page: Page, run: runstore.Run) -> None:
    listed = "SELECT count(*) FROM runs"
    page.get_by_role("button", name="Delete", exact=True).click()
    expect(page.get_by_text("deleted", exact=True)).to_be_visible()
    assert run.experiment.workspace.sql(listed).fetchall() == [(0,)]
    page.get_by_role("button", name="Undo", exact=True).last.click()
    expect(page.get_by_text("deleted", exact=True)).to_have_count(0)
    assert run.experiment.workspace.sql(listed).fetchall() == [(1,)]
