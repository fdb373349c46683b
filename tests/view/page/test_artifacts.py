"""The files of a run: their tree, what is in them, where they came from and went, and taking them."""

from __future__ import annotations

import zipfile

import pytest
from playwright.sync_api import Page, expect

from tests.view.page.conftest import Visit, asked
from tests.view.page.scenes import Everything

WEIGHTS = "outputs/model/weights.bin"


@pytest.fixture
def files(visit: Visit, everything: Everything) -> Page:
    page = visit(f"#/run/{everything.ids['whole']}?my.tab=files", everything.ws)
    expect(page.get_by_role("tree", name="Files")).to_be_visible()
    return page


def copied(page: Page) -> str:
    return str(page.evaluate("navigator.clipboard.readText()"))


def choose(page: Page, name: str) -> None:
    page.get_by_role("treeitem", name=name).click()


def test_every_file_stands_in_the_tree_with_its_size(files: Page, everything: Everything) -> None:
    sizes = everything.ws.sql("SELECT name, size FROM artifacts WHERE run_id = ?", [everything.ids["whole"]]).fetchall()
    for name, size in sizes:
        leaf = files.get_by_role("treeitem").and_(files.get_by_title(name, exact=True))
        expect(leaf).to_contain_text(f"{size} B" if size < 1000 else f"{size / 1000:.1f} kB")


def test_keys_walk_the_tree_and_close_its_folders(files: Page) -> None:
    items = files.get_by_role("treeitem")
    first = items.first
    first.focus()
    before = items.count()
    files.keyboard.press("ArrowLeft")
    expect(first).to_have_attribute("aria-expanded", "false")
    assert items.count() < before
    files.keyboard.press("ArrowRight")
    expect(items).to_have_count(before)
    files.keyboard.press("ArrowDown")
    expect(items.nth(1)).to_be_focused()


def test_a_file_is_shown_as_what_it_is(files: Page, visit: Visit, everything: Everything) -> None:
    choose(files, "data.csv")
    expect(files.get_by_role("columnheader", name="score")).to_be_visible()
    expect(files.get_by_role("cell", name="grace")).to_be_visible()
    assert asked(files, "my.path") == ["outputs/data.csv"]
    choose(files, "config.json")
    expect(files.locator(".rp-lines")).to_contain_text('"deep": {')
    choose(files, "3.png")
    expect(files.get_by_text("16 × 16")).to_be_visible()
    again = visit("#" + files.url.partition("#")[2], everything.ws)
    expect(again.get_by_role("heading", name="samples/3.png")).to_be_visible()


def test_a_file_tells_where_it_came_from_and_went(files: Page, everything: Everything) -> None:
    choose(files, "weights.bin")
    lineage = files.get_by_label("Lineage")
    expect(lineage.get_by_role("link")).to_have_text(["whole", "birds:1", "birds:2", "evaluation"])
    lineage.get_by_role("link", name="evaluation").click()
    expect(files.get_by_role("heading", name="evaluation")).to_be_visible()
    files.get_by_role("link", name=WEIGHTS).click()
    expect(files.get_by_role("heading", name=WEIGHTS)).to_be_visible()


def test_paths_hashes_and_python_are_copied(files: Page, everything: Everything) -> None:
    ((sha256,),) = everything.ws.sql("SELECT sha256 FROM artifacts WHERE name = ?", [WEIGHTS]).fetchall()
    choose(files, "weights.bin")
    files.get_by_role("button", name="Copy path").click()
    expect(files.get_by_text("Path copied")).to_be_visible()
    assert copied(files) == WEIGHTS
    files.get_by_role("button", name="Copy hash").click()
    expect(files.get_by_text("Hash copied")).to_be_visible()
    assert copied(files) == sha256
    files.get_by_role("button", name="Copy as Python").last.press("Enter")
    expect(files.get_by_text("Python copied")).to_be_visible()
    assert f'run.download_file("{WEIGHTS}", "weights.bin")' in copied(files)


def test_the_python_that_is_copied_loads_the_file(
    files: Page, tmp_path_factory: pytest.TempPathFactory, monkeypatch: pytest.MonkeyPatch
) -> None:
    choose(files, "weights.bin")
    files.get_by_role("button", name="Copy as Python").last.click()
    expect(files.get_by_text("Python copied")).to_be_visible()
    monkeypatch.chdir(tmp_path_factory.mktemp("loaded"))
    exec(copied(files), {})
    with open("weights.bin", "rb") as file:
        assert file.read() == b"weights" * 100


def test_one_file_and_all_of_them_are_downloaded(files: Page) -> None:
    choose(files, "data.csv")
    with files.expect_download() as told:
        files.get_by_role("button", name="Download", exact=True).click()
    assert told.value.path().read_text().startswith("name,score")
    with files.expect_download() as told:
        files.get_by_role("button", name="Download all").click()
    with zipfile.ZipFile(told.value.path()) as zipped:
        assert zipped.read(WEIGHTS) == b"weights" * 100
