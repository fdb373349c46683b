"""The table of the runs, as tests point at it."""

from __future__ import annotations

from playwright.sync_api import Locator, Page


def rows(page: Page) -> Locator:
    """The runs' lines that are in the document."""
    return page.locator("[data-run]")


def names(page: Page) -> list[str]:
    """What the runs are called, from the top."""
    return page.locator("[data-run] a").all_text_contents()


def eyes(page: Page) -> Locator:
    """The switch of each run."""
    return page.locator("[data-run] .rs-eye")


def groups(page: Page) -> Locator:
    """The groups' lines."""
    return page.locator(".rs-grid-group")


def heading(page: Page, label: str) -> Locator:
    """A column's heading."""
    return page.get_by_role("columnheader").filter(has=page.get_by_text(label, exact=True))


def column(page: Page, name: str) -> list[str]:
    """What a column says, from the top."""
    place = page.locator(".rs-heading-sort .rs-cut").all_text_contents().index(name)
    return page.locator("[data-run]").evaluate_all(
        "(lines, place) => lines.map((line) => line.querySelectorAll('.rs-cell:not(.rs-own)')[place].textContent)",
        place,
    )


def in_table(page: Page, *keys: str) -> None:
    """Press keys in the table."""
    page.keyboard.press("g")
    for key in keys:
        page.keyboard.press(key)


def filtered(page: Page, where: str) -> None:
    """Filter the runs."""
    page.get_by_label("Filter runs").fill(where)
    page.keyboard.press("Enter")


def menu(page: Page, name: str) -> Locator:
    """Open one of the buttons above the table; gives what it opens."""
    page.get_by_role("button", name=name, exact=False).first.click()
    return page.get_by_role("dialog", name=name)
