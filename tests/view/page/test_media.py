"""What a run logged to look at, step by step: a gallery, a slider that goes with the charts, and pixels."""

from __future__ import annotations

import pytest
from playwright.sync_api import Page, expect

from tests.view.page.conftest import Visit, asked
from tests.view.page.scenes import Everything


@pytest.fixture
def images(visit: Visit, everything: Everything) -> Page:
    page = visit(f"#/run/{everything.ids['whole']}?my.tab=images", everything.ws)
    expect(page.get_by_role("img", name="seen at step 300")).to_be_visible()
    return page


def shown(page: Page) -> str:
    return page.locator(".rp-shot", has_text="seen").locator("figcaption").inner_text()


def test_the_slider_leads_to_any_step_and_the_address_keeps_it(
    images: Page, visit: Visit, everything: Everything
) -> None:
    slider = images.get_by_role("slider", name="step")
    slider.focus()
    images.keyboard.press("ArrowLeft")
    images.keyboard.press("ArrowLeft")
    expect(images.get_by_role("img", name="seen at step 100")).to_be_visible()
    assert asked(images, "my.step") == ["100"]
    again = visit("#" + images.url.partition("#")[2], everything.ws)
    expect(again.get_by_role("img", name="seen at step 100")).to_be_visible()


def test_the_crosshair_of_a_chart_leads_to_the_images_of_its_step_and_back(images: Page) -> None:
    images.get_by_role("button", name="Chart", exact=True).click()
    plot = images.locator(".rp-beside .rs-plot")
    plot.focus()
    images.keyboard.press("Home")
    expect(images.get_by_role("img", name="seen at step 0", exact=True)).to_be_visible()
    slider = images.get_by_role("slider", name="step")
    slider.focus()
    images.keyboard.press("ArrowRight")
    images.keyboard.press("ArrowRight")
    expect(images.get_by_role("img", name="seen at step 200")).to_be_visible()
    line = images.locator(".rp-beside .rs-dots line")
    box = images.locator(".rp-beside .rs-dots").bounding_box()
    assert box is not None
    assert float(line.get_attribute("x1") or 0) == pytest.approx(box["width"] * 200 / 399, abs=box["width"] * 0.02)


def test_all_steps_stand_in_a_gallery(images: Page) -> None:
    images.get_by_role("button", name="All steps").click()
    images.get_by_role("heading", name="seen").scroll_into_view_if_needed()
    expect(images.get_by_role("img", name="seen at step")).to_have_count(4)
    for step in (0, 100, 200, 300):
        expect(images.get_by_role("img", name=f"seen at step {step}", exact=True)).to_be_visible()


def test_a_closer_look_tells_the_pixel_under_the_pointer(images: Page) -> None:
    images.get_by_role("img", name="seen at step 300").click()
    dialog = images.get_by_role("dialog", name="seen")
    expect(dialog.get_by_text("48 × 32")).to_be_visible()
    canvas = dialog.locator("canvas").bounding_box()
    assert canvas is not None
    scale = canvas["width"] / 48
    images.mouse.move(canvas["x"] + 10.5 * scale, canvas["y"] + 5.5 * scale)
    expect(dialog.locator("output")).to_have_text(f"x 10, y 5: R {300 % 256} G 10 B 5")
    before = dialog.locator(".rp-viewer .rp-code").first.inner_text()
    images.mouse.wheel(0, -300)
    expect(dialog.locator(".rp-viewer .rp-code").first).not_to_have_text(before)
    images.mouse.move(canvas["x"] + 10.5 * scale, canvas["y"] + 5.6 * scale)
    expect(dialog.locator("output")).to_have_text(f"x 10, y 5: R {300 % 256} G 10 B 5")


def test_keys_walk_through_steps_and_two_steps_lie_over_each_other(images: Page) -> None:
    images.get_by_role("button", name="seen at step 300").press("Enter")
    dialog = images.get_by_role("dialog", name="seen")
    expect(dialog.get_by_text("step 300")).to_be_visible()
    images.keyboard.press("[")
    expect(dialog.get_by_text("step 200")).to_be_visible()
    dialog.get_by_role("button", name="A | B").click()
    left = dialog.get_by_role("img", name="A, step 0")
    expect(dialog.get_by_role("img", name="B, step 200")).to_be_visible()
    edge = dialog.get_by_role("slider", name="How much of A is seen")
    edge.fill("25")
    expect(left).to_have_attribute("style", "clip-path: inset(0px 75% 0px 0px);")
    dialog.get_by_label("The step of A").select_option(label="step 100")
    expect(dialog.get_by_role("img", name="A, step 100")).to_be_visible()
    images.keyboard.press("Escape")
    expect(dialog).to_have_count(0)


def test_texts_pages_and_sounds_are_there_too(images: Page) -> None:
    expect(images.get_by_text("a caption")).to_be_visible()
    expect(images.frame_locator("iframe[title=page]").get_by_role("heading", name="A page")).to_be_visible()
    seconds = (
        "(it) => it.readyState ? it.duration : new Promise((told) => (it.onloadedmetadata = () => told(it.duration)))"
    )
    assert images.locator("audio").evaluate(seconds) == pytest.approx(0.5)


def test_a_figure_is_drawn_small_and_large(images: Page) -> None:
    expect(images.frame_locator("iframe[title=heat]").locator(".heatmaplayer image")).to_be_visible()
    images.locator(".rp-shot", has_text="heat").get_by_role("button", name="Larger").click()
    dialog = images.get_by_role("dialog", name="heat")
    expect(dialog.frame_locator("iframe").locator(".heatmaplayer image")).to_be_visible()
