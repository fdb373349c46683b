"""A confusion matrix: counts and shares, and the samples that lie in each cell."""

from __future__ import annotations

from collections import Counter

import pytest
from playwright.sync_api import Locator, Page, expect

from tests.view.page.conftest import Visit
from tests.view.page.scenes import LABELS, SAMPLES, Everything, predicted, score

COUNTS = Counter(predicted(number) for number in range(SAMPLES))


@pytest.fixture
def matrix(visit: Visit, everything: Everything) -> Page:
    page = visit(f"#/run/{everything.ids['whole']}?my.tab=metrics", everything.ws)
    expect(page.locator(".rp-matrix")).to_be_visible()
    return page


def cell(page: Page, truth: str, guess: str) -> Locator:
    return page.get_by_role("button", name=f"true {truth}, predicted {guess}: {COUNTS[truth, guess]}: show the samples")


def samples(page: Page) -> Locator:
    return page.get_by_role("region", name="Samples that are")


def test_cells_have_the_counts_of_what_was_logged(matrix: Page) -> None:
    for truth in LABELS:
        for guess in LABELS:
            expect(cell(matrix, truth, guess)).to_have_text(str(COUNTS[truth, guess]))
    right = sum(count for (truth, guess), count in COUNTS.items() if truth == guess)
    expect(matrix.get_by_text(f"{100 * right / SAMPLES:.1f} % right")).to_be_visible()
    matrix.get_by_role("button", name="Of the true class").click()
    share = COUNTS["bird", "bird"] / sum(COUNTS["bird", guess] for guess in LABELS)
    expect(cell(matrix, "bird", "bird")).to_have_text(f"{100 * share:.1f} %")


def test_a_cell_leads_to_its_samples_and_their_pictures(matrix: Page) -> None:
    cell(matrix, "bird", "cat").click()
    wrong = [number for number in range(SAMPLES) if predicted(number) == ("bird", "cat")]
    expect(samples(matrix).get_by_text(f"{len(wrong)} rows")).to_be_visible()
    rows = samples(matrix).locator("tbody tr")
    expect(rows).to_have_count(len(wrong))
    assert rows.locator("td:first-child").all_inner_texts() == [f"s{number:03}" for number in wrong]
    picture = rows.nth(1).get_by_role("img", name=f"samples/{wrong[1] % 6}.png")
    expect(picture).to_be_visible()
    assert picture.evaluate("(it) => [it.naturalWidth, it.naturalHeight]") == [16, 16]


def test_samples_are_reached_by_keys_sorted_and_left_again(matrix: Page) -> None:
    cell(matrix, "dog", "dog").press("Enter")
    samples(matrix).get_by_role("button", name="score").press("Enter")
    expect(samples(matrix).locator("th[aria-sort=descending]")).to_have_text("score ↓")
    scores = sorted((score(n) for n in range(SAMPLES) if predicted(n) == ("dog", "dog")), reverse=True)
    expect(samples(matrix).locator("tbody td:last-child")).to_have_text([f"{one:g}" for one in scores])
    samples(matrix).get_by_role("button", name="Close").press("Enter")
    expect(samples(matrix)).to_have_count(0)


def test_a_cell_without_samples_says_so(matrix: Page) -> None:
    assert COUNTS["bird", "dog"] == 0
    cell(matrix, "bird", "dog").click()
    expect(samples(matrix).get_by_text("No row is like that.")).to_be_visible()
