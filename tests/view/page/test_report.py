"""A report in a browser that reaches nothing: opened from the disk, it is looked at and worked with like the page."""

from __future__ import annotations

import re
from collections.abc import Iterator
from pathlib import Path
from urllib.parse import quote

import plotly.graph_objects as go
import pyarrow.parquet as pq
import pytest
from playwright.sync_api import Browser, BrowserContext, ConsoleMessage, Locator, Page, Request, expect

import runstore
from tests.view.page.conftest import Visit, asked
from tests.view.page.stores import RUNS, log, png

ODD = "<img src=x onerror=alert(1)></script><!--"


@pytest.fixture(scope="session")
def reported(tmp_path_factory: pytest.TempPathFactory) -> runstore.Workspace:
    """Runs as the page's tests have them, and one with odd names and a picture."""
    ws = runstore.Workspace(tmp_path_factory.mktemp("reported") / "store")
    for number in range(RUNS):
        log(ws, number)
    picture = ws.path.parent / "picture.png"
    picture.write_bytes(png(99, 8))
    with runstore.start_run("mnist", run_id="odd", params={ODD: ODD}, tags={ODD: ODD}, workspace=ws) as run:
        run.display_name = ODD
        for step in range(5):
            run.log(ODD, step, step=step)
        run.log_image("cat", path=picture, step=1)
    return ws


@pytest.fixture(scope="session")
def report(reported: runstore.Workspace) -> Path:
    return reported.report(reported.path.parent / "report.html").path


class Look:
    """``look("#/runs")``: the report at that view, without a network."""

    def __init__(self, context: BrowserContext, report: Path) -> None:
        self.context, self.wrong, self._report = context, list[str](), report
        context.on("request", self._asked)
        context.on("console", self._said)
        context.on("weberror", lambda told: self.wrong.append(str(told.error)))

    def __call__(self, view: str, report: Path | None = None) -> Page:
        page = self.context.new_page()
        page.goto((report or self._report).as_uri() + view)
        return page

    def _asked(self, sent: Request) -> None:
        if not sent.url.startswith(("file:", "data:", "blob:")):
            self.wrong.append(f"asked {sent.url}")

    def _said(self, said: ConsoleMessage) -> None:
        if said.type in ("error", "warning"):
            self.wrong.append(said.text)


@pytest.fixture
def look(browser: Browser, report: Path) -> Iterator[Look]:
    """Views of one person. An error, or a request to anywhere, fails the test."""
    context = browser.new_context(viewport={"width": 1500, "height": 900}, offline=True)
    context.set_default_timeout(20_000)
    expect.set_options(timeout=20_000)
    look = Look(context, report)
    yield look
    context.close()
    assert look.wrong == []


def chart(page: Page, metric: str) -> Locator:
    return page.locator(f"[data-metric='{metric}'] .rs-chart")


def test_runs_and_curves_are_there_and_what_it_is_stands_below(look: Look) -> None:
    page = look("")
    expect(page.locator("[data-run]")).to_have_count(RUNS + 1)
    expect(chart(page, "train/loss").locator("canvas").first).to_be_visible()
    below = page.locator("footer")
    expect(below).to_contain_text(f"Report of {RUNS + 1} runs of store, made ")
    expect(below).to_contain_text(f"by runstore {runstore.__version__}. Curves at 500 buckets: zooming shows no finer.")


def test_what_it_can_not_answer_is_not_offered(look: Look) -> None:
    page = look("#/sql")
    expect(page.get_by_text("There is no page sql")).to_be_visible()
    links = page.get_by_role("navigation", name="Pages").get_by_role("listitem")
    expect(links).to_contain_text(["Workspace", "Runs", "Compare"])
    expect(links).to_have_count(3)


def test_a_chart_is_zoomed_and_reset_by_keys_and_smoothed(look: Look) -> None:
    page = look("#/runs?drawn=5")
    drawn = chart(page, "train/loss").locator("[role=img]").first
    drawn.focus()
    page.keyboard.press("+")
    expect(page).to_have_url(re.compile("zoom="))
    page.keyboard.press("r")
    expect(page).not_to_have_url(re.compile("zoom="))
    page.get_by_label("Smoothing").fill("80")
    expect(page).to_have_url(re.compile("smoothing"))
    expect(chart(page, "train/loss").locator("canvas").first).to_be_visible()


def test_an_eye_hides_a_run_and_a_name_draws_it_alone(look: Look) -> None:
    page = look("#/runs")
    eyes = page.locator("[data-run] .rs-eye")
    eyes.nth(2).click()
    expect(eyes.nth(2)).to_have_attribute("aria-pressed", "false")
    expect(page.get_by_text("9 drawn")).to_be_visible()
    eyes.nth(1).dblclick()
    expect(page.get_by_text("1 drawn", exact=True)).to_be_visible()


def test_what_a_chart_stands_on_is_told_where_the_pointer_is(look: Look) -> None:
    page = look("#/runs?drawn=3")
    chart(page, "accuracy").locator("[role=img]").first.hover()
    expect(page.locator(".rs-readout").first).to_be_visible()


def test_time_is_an_axis_and_another_metric_is_none(look: Look) -> None:
    page = look("#/runs?drawn=3")
    axis = page.get_by_label("What x is").first
    expect(axis.locator("option")).to_have_text(["step", "since start", "time"])
    axis.select_option("relative")
    expect(chart(page, "train/loss").locator("canvas").first).to_be_visible()
    expect(page.get_by_text("along steps and time only")).to_have_count(0)


def test_filters_facets_and_groups_work_without_a_database(look: Look) -> None:
    page = look("#/runs?where=lr%20%3C%200.05%20and%20seed%20in%20(1,%203,%204)")
    expect(page.locator("[data-run]")).to_have_count(2)
    grouped = look("#/runs?group=params.lr")
    expect(grouped.get_by_text("3 drawn")).to_be_visible()  # two rates, and the run without
    expect(chart(grouped, "train/loss").locator("canvas").first).to_be_visible()


def test_a_filter_it_does_not_understand_is_said_to_be_so(look: Look) -> None:
    page = look("#/runs?where=abs(lr)%20%3E%201")
    expect(page.get_by_text("a report understands no").first).to_be_visible()


def test_hostile_names_are_texts_everywhere(look: Look) -> None:
    page = look("#/run/odd")
    expect(page.get_by_role("heading", name=ODD, exact=True)).to_be_visible()
    expect(page.locator("main img")).to_have_count(0)
    page.get_by_role("tab", name="Metrics").click()
    expect(page.locator(".rs-chart canvas").first).to_be_visible()


def test_a_picture_is_shown_from_the_report_itself(look: Look) -> None:
    page = look("#/run/odd?my.tab=images")
    picture = page.get_by_role("img", name="cat at step 1")
    expect(picture).to_be_visible()
    assert picture.evaluate("one => one.naturalWidth") == 8


def test_any_runs_are_compared(look: Look, reported: runstore.Workspace) -> None:
    ids = [run_id for (run_id,) in reported.runs("lr is not null", "seed", ["run_id"], limit=14).fetchall()]
    page = look(f"#/compare/{ids[1]},{ids[2]}")
    expect(page.get_by_role("rowheader", name="lr").or_(page.get_by_text("lr", exact=True)).first).to_be_visible()
    page.get_by_role("tab", name="Metrics").click()
    expect(page.get_by_text("train/loss").first).to_be_visible()


def test_the_points_are_downloaded_as_parquet(look: Look, reported: runstore.Workspace, tmp_path: Path) -> None:
    page = look("#/runs")
    with page.expect_download() as waited:
        page.get_by_role("button", name="Download Parquet").click()
    waited.value.save_as(tmp_path / "points.parquet")
    assert waited.value.suggested_filename == "metrics.parquet"
    order = [("run_id", "ascending"), ("name", "ascending"), ("seq", "ascending")]
    stored = reported.sql("select * from metrics").arrow().read_all().sort_by(order)
    assert pq.read_table(tmp_path / "points.parquet").sort_by(order).to_pylist() == stored.to_pylist()


def test_the_view_is_in_the_address_and_comes_back(look: Look) -> None:
    page = look("#/runs?experiment=mnist&drawn=5")
    page.locator("[data-run] .rs-eye").nth(1).click()
    expect(page.get_by_text("4 drawn")).to_be_visible()
    assert len(asked(page, "hide")) == 1
    page.reload()
    expect(page.get_by_text("4 drawn")).to_be_visible()


def test_every_part_of_every_kind_of_run_is_there(look: Look, rich: runstore.Workspace) -> None:
    report = rich.report(rich.path.parent / "rich.html", limit=100).path
    page = look("#/workspace", report)
    expect(page.get_by_role("heading", name="Newest runs")).to_be_visible()
    rows = rich.sql("select min(run_id) from runs group by experiment").fetchall()
    for (run_id,) in rows:
        for tab in ("overview", "metrics", "images", "children", "files", "logs", "snapshot", "system", "problems"):
            page.goto(f"{report.as_uri()}#/run/{quote(run_id, safe='')}?my.tab={tab}")
            expect(page.locator(".rp-page [role=tab][aria-selected=true]")).to_have_text(re.compile(tab[:4], re.I))
    page.goto(f"{report.as_uri()}#/sweeps")
    expect(page.get_by_role("heading", name="Sweeps")).to_be_visible()
    expect(page.get_by_role("heading", name="Best so far")).to_be_visible()


def test_the_page_gives_a_report_of_the_chosen_runs(visit: Visit, look: Look, tmp_path: Path) -> None:
    page = visit("#/runs?experiment=mnist")
    page.locator("[data-run] input[type=checkbox]").nth(1).click()
    page.locator("[data-run] input[type=checkbox]").nth(2).click()
    page.get_by_role("button", name=re.compile("Views")).click()
    with page.expect_download() as waited:
        page.get_by_role("button", name="Save 2 chosen as report").click()
    assert waited.value.suggested_filename == "report.html"
    waited.value.save_as(tmp_path / "taken.html")
    taken = look("#/runs", tmp_path / "taken.html")
    expect(taken.locator("[data-run]")).to_have_count(2)
    expect(taken.locator(".rs-chart canvas").first).to_be_visible()
    taken.get_by_role("button", name=re.compile("Views")).click()
    expect(taken.get_by_role("button", name="Save as CSV")).to_be_visible()
    expect(taken.get_by_role("button", name=re.compile("as report"))).to_have_count(0)


def test_a_figure_of_plotly_is_drawn_in_a_frame_of_its_own(look: Look, tmp_path: Path) -> None:
    ws = runstore.Workspace(tmp_path / "figures")
    with runstore.start_run("e", run_id="one", workspace=ws) as run:
        run.log_figure("pie", go.Figure(go.Pie(labels=[ODD, "b"], values=[1, 2])), step=1)
    page = look("#/run/one?my.tab=images", ws.report(tmp_path / "figures.html", plotly=True).path)
    drawn = page.frame_locator("iframe[title=pie]")
    expect(drawn.locator(".slice")).to_have_count(2)
    expect(drawn.locator("img")).to_have_count(0)
