"""The widget in JupyterLab, in a browser: live while a cell trains, and gone without a trace."""

from __future__ import annotations

from collections.abc import Callable, Sequence

from playwright.sync_api import Locator, expect

from tests.view.notebook.lab import Notebook

Opened = Callable[[str, Sequence[str]], Notebook]

START = """
import math, threading, runstore
ws = runstore.Workspace("{name}")
run = runstore.start_run("mnist", params={{"lr": 0.1}}, workspace=ws)
for step in range(5000):
    run.log({{"loss": math.exp(-step / 1000), "accuracy": 1 - math.exp(-step / 900)}}, step=step)
run.show()
"""
TRAIN = """
step = 5000
while not (ws.path.parent / "{name}-enough").exists():
    for step in range(step, step + 50):
        run.log({{"loss": math.exp(-step / 1000), "accuracy": 1 - math.exp(-step / 900)}}, step=step)
    threading.Event().wait(0.2)
print("trained", step > 5000)
"""
DEAF = """
import contextvars
from runstore.view.notebook import conversation
conversation.copy_context = contextvars.Context  # as in a kernel that hears nothing while a cell runs
"""


def page_in(notebook: Notebook, cell: int = 0) -> Locator:
    return notebook.output(cell).locator(".rs-notebook")


def shown(opened: Opened, name: str, *, before: str = "", more: Sequence[str] = ()) -> Notebook:
    """A notebook whose first cell has shown a run, as a table of its points."""
    notebook = opened(name, [before + START.format(name=name), TRAIN.format(name=name), *more])
    notebook.run(0)
    chart = page_in(notebook).locator(".rs-chart").first
    expect(chart.locator("canvas").first).to_be_visible()
    chart.get_by_role("button", name="View as table").click()
    expect(points(notebook)).to_have_text("5,000")
    return notebook


def points(notebook: Notebook) -> Locator:
    """How many points the first chart has."""
    return page_in(notebook).locator(".rs-twin tbody td").first


def train_until_seen(notebook: Notebook, name: str) -> None:
    """Let a cell train until the page has shown the first new points and then newer ones, while it still does."""
    notebook.run(1, wait=False)
    expect(points(notebook)).not_to_have_text("5,000")
    seen = points(notebook).inner_text()
    expect(points(notebook)).not_to_have_text(seen)
    expect(notebook.cells.nth(1).locator(".jp-InputPrompt")).to_have_text("[*]:")
    (notebook.directory / f"{name}-enough").touch()
    expect(notebook.output(1)).to_contain_text("trained True")


def test_new_points_show_while_a_cell_trains_and_the_end_when_it_comes(opened: Opened) -> None:
    notebook = shown(opened, "live", more=["run.complete()"])
    train_until_seen(notebook, "live")
    notebook.run(2)
    expect(page_in(notebook).get_by_text("Completed").first).to_be_visible()
    expect(page_in(notebook)).to_have_count(1)


def test_they_show_where_the_kernel_hears_nothing_meanwhile(opened: Opened) -> None:
    notebook = shown(opened, "deaf", before=DEAF)
    train_until_seen(notebook, "deaf")


def test_a_zoom_asks_for_finer_curves(opened: Opened) -> None:
    notebook = shown(opened, "zoom")
    chart = page_in(notebook).locator(".rs-chart").nth(1)
    chart.locator(".rs-plot").focus()
    notebook.page.keyboard.press("+")
    notebook.asked(r'"high[\\"]*:[0-9]')
    expect(chart.get_by_role("button", name="Reset the zoom")).to_be_visible()


def test_it_is_as_dark_as_the_notebook(opened: Opened) -> None:
    notebook = shown(opened, "dark")
    place = page_in(notebook)
    expect(place).to_have_attribute("data-theme", "light")
    notebook.page.evaluate("document.body.dataset.jpThemeLight = 'false'")
    expect(place).to_have_attribute("data-theme", "dark")


def test_links_lead_inside_the_widget_and_leave_the_notebooks_address_alone(opened: Opened) -> None:
    notebook = shown(opened, "links")
    address = notebook.page.url
    page_in(notebook).get_by_role("link", name="mnist").click()
    expect(page_in(notebook).get_by_role("grid").first).to_be_visible()
    assert notebook.page.url == address


def test_cleared_it_leaves_no_listener_and_nobody_who_looks(opened: Opened) -> None:
    looks = "from runstore.view.notebook import watching\nprint('watches', len(watching._watches))"
    notebook = shown(opened, "gone", more=["run.complete()", looks])
    notebook.run(2)
    expect(page_in(notebook).get_by_text("Completed").first).to_be_visible()
    assert "visibilitychange" in notebook.listeners()
    notebook.clear(0)
    expect(page_in(notebook)).to_have_count(0)
    notebook.page.wait_for_function("() => !window.heldByWidgets().includes('visibilitychange')")
    assert notebook.listeners() == ["dppxchange", "resize", "scroll"]  # uPlot's own, one of each for all there will be
    notebook.run(3)
    expect(notebook.output(3)).to_contain_text("watches 0")


HOSTILE = """
import runstore
evil = "<img src=x onerror=alert(1)>"
run = runstore.start_run(evil, name=evil, params={evil: evil}, workspace=runstore.Workspace("hostile"))
for step in range(9):
    run.log(evil, step, step=step)
run.log_html("page", '''<p>shut in</p><script>
fetch("https://example.com").catch(() => undefined);
try { top.document.title = "owned" } catch { document.body.append("indeed") }
</script>''')
run.fail(evil)
run.show()
"""


def test_whatever_is_in_names_and_files_stays_text_or_shut_in(opened: Opened) -> None:
    notebook = opened("hostile", [HOSTILE, "run", "run.experiment", "run.experiment.workspace"])
    asked: list[str] = []
    notebook.page.on("dialog", lambda dialog: (asked.append(dialog.message), dialog.dismiss()))
    for number in range(4):
        notebook.run(number)
        expect(notebook.output(number)).to_contain_text("<img src=x onerror=alert(1)>")
    assert notebook.page.locator("img[src=x]").count() == 0
    page_in(notebook).get_by_role("tab", name="Images").click()
    frame = page_in(notebook).locator("iframe").first
    expect(frame.content_frame.get_by_text("shut in")).to_be_visible()
    expect(frame.content_frame.get_by_text("indeed")).to_be_visible()
    assert frame.get_attribute("sandbox") == "allow-scripts"
    assert (asked, "owned" in notebook.page.title()) == ([], False)


def test_the_notebooks_own_styles_leave_the_page_as_it_is(opened: Opened) -> None:
    notebook = shown(opened, "styles")
    page_in(notebook).get_by_role("tab", name="Overview").click()
    name = page_in(notebook).locator(".rp-fact dt").first
    expect(name).to_have_text("Status")
    expect(name).to_have_css("float", "none")
    assert name.evaluate("one => one.scrollWidth <= one.clientWidth")
