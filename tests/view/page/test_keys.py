"""Everything is reached by keys, and `?` lists them."""

from __future__ import annotations

from playwright.sync_api import Page, expect

from tests.view.page.table import eyes, in_table, names


def test_a_question_mark_lists_every_key(runs: Page) -> None:
    runs.keyboard.press("?")
    keys = runs.get_by_role("dialog", name="Keys")
    for key in ("/", "j", "k", "x", "h", "s", "l", "r", "f", "t"):
        expect(keys.locator("kbd").get_by_text(key, exact=True).first).to_be_visible()
    runs.keyboard.press("Escape")
    expect(keys).to_be_hidden()


def test_keys_walk_through_the_table(runs: Page) -> None:
    in_table(runs, "j", "j", "k")
    expect(runs.locator("[data-cell='1:2']")).to_be_focused()
    in_table(runs, "Control+End")
    expect(runs.locator(":focus")).to_have_attribute("data-cell", "13:10")
    in_table(runs, "Control+Home", "PageDown", "Home")
    expect(runs.locator(":focus")).to_have_attribute("data-cell", "13:0")


def test_a_run_is_opened_and_its_log(runs: Page) -> None:
    name = names(runs)[1]
    in_table(runs, "j", "Enter")
    expect(runs.get_by_role("heading", name=name)).to_be_visible()
    runs.go_back()
    expect(eyes(runs).first).to_be_visible()
    in_table(runs, "Control+Home", "j", "l")
    expect(runs.get_by_role("tab", name="log", exact=False)).to_have_attribute("aria-selected", "true")


def test_a_key_is_itself_in_a_field(runs: Page) -> None:
    runs.keyboard.press("/")
    runs.keyboard.type("this j?")
    expect(runs.get_by_label("Filter runs")).to_have_value("this j?")
    expect(runs.get_by_role("dialog")).to_have_count(0)


def test_t_turns_the_light_off_and_on(runs: Page) -> None:
    theme = runs.locator(".rs").first
    expect(theme).to_have_attribute("data-theme", "light")
    runs.keyboard.press("t")
    expect(theme).to_have_attribute("data-theme", "dark")
    runs.reload()
    expect(theme).to_have_attribute("data-theme", "dark")


def test_tab_leads_into_the_table_and_out_of_it_again(runs: Page) -> None:
    runs.get_by_role("button", name="Views, and these runs elsewhere").focus()
    runs.keyboard.press("Tab")
    expect(runs.locator("[data-cell='0:2']")).to_be_focused()
    runs.keyboard.press("Tab")
    expect(runs.get_by_role("separator", name="Width of the table")).to_be_focused()
