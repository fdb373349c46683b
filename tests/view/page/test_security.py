"""In a real browser: names are text, what was logged stays in its frame, and other pages get nothing."""

from __future__ import annotations

import json
import threading
from collections.abc import Callable, Iterator
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from urllib.parse import quote

import pytest
from playwright.sync_api import Frame, Page, expect

import runstore
from tests.view.page.conftest import TOKEN, Visit
from tests.view.page.hostile import HARM, LINK, harmful
from tests.view.page.views import rest

Hostile = tuple[runstore.Workspace, str]
TABS = ("overview", "metrics", "images", "children", "files", "logs", "snapshot", "system", "problems")


class Elsewhere:
    """A server of somebody else, which the same browser reaches; it remembers what it was asked for."""

    def __init__(self) -> None:
        self.told: list[str] = []
        told = self.told

        class Handler(BaseHTTPRequestHandler):
            def do_GET(self) -> None:
                told.append(self.path)
                self.send_response(200)
                self.send_header("Content-Type", "text/html")
                self.send_header("Access-Control-Allow-Origin", "*")
                self.end_headers()
                self.wfile.write(b"<!doctype html><title>elsewhere</title>")

            def do_POST(self) -> None:
                self.do_GET()

            def log_message(self, format: str, *args: object) -> None: ...

        self.server = ThreadingHTTPServer(("127.0.0.1", 0), Handler)
        self.host = f"evil.localhost:{self.server.server_port}"  # browsers take it for this machine
        self.page = f"http://127.0.0.1:{self.server.server_port}/"


@pytest.fixture(scope="session")
def elsewhere() -> Iterator[Elsewhere]:
    one = Elsewhere()
    with one.server:
        thread = threading.Thread(target=one.server.serve_forever)
        thread.start()
        yield one
        one.server.shutdown()
        thread.join()


@pytest.fixture(scope="session")
def hostile(tmp_path_factory: pytest.TempPathFactory, elsewhere: Elsewhere) -> Hostile:
    return harmful(tmp_path_factory.mktemp("hostile") / "ws", elsewhere.host)


@pytest.fixture
def asked(visit: Visit) -> list[str]:
    """The addresses that the browser asks for."""
    found: list[str] = []
    visit.context.on("request", lambda request: found.append(request.url))
    return found


def unharmed(page: Page) -> None:
    """Nothing that a name says has come true."""
    assert page.title() != "owned"
    assert page.locator("img[src='x'], script:not([src]), a[href^='javascript:'], [onerror], [onload]").count() == 0


@pytest.mark.parametrize(
    "at",
    [
        "", "#/experiments", "#/runs", f"#/runs?experiment={quote(HARM, safe='')}", "#/models", "#/sweeps",
        f"#/runs?group={quote(HARM, safe='')}", f"#/runs?where={quote(HARM, safe='')}", f"#/{quote(HARM, safe='')}",
        f"#/run/{quote(HARM, safe='')}", f"#/compare/{quote(HARM, safe='')}",
        *(f"#/run/ID?my.tab={tab}" for tab in TABS),
    ],
)  # fmt: skip
def test_names_are_text_wherever_they_stand(visit: Visit, hostile: Hostile, asked: list[str], at: str) -> None:
    visit.expects("status of 40", "Content.Security.Policy", "sandbox", "evil.localhost", "navigate")
    page = visit(at.replace("ID", hostile[1]), hostile[0])
    rest(page)
    unharmed(page)
    assert not [url for url in asked if url.endswith("/x")]


def test_names_are_text_in_comparisons(visit: Visit, hostile: Hostile, asked: list[str]) -> None:
    ws = hostile[0]
    ids = [run_id for (run_id,) in ws.sql("select run_id from runs").fetchall()]
    page = visit(f"#/compare/{','.join(ids)}", ws)
    rest(page)
    expect(page.get_by_text(HARM, exact=False).first).to_be_visible()
    unharmed(page)
    assert not [url for url in asked if url.endswith("/x")]


def test_names_are_text_in_answers_and_in_saved_statements(visit: Visit, hostile: Hostile, asked: list[str]) -> None:
    page = visit("#/sql", hostile[0])
    name = HARM.replace('"', '""')
    value = HARM.replace("'", "''")
    page.get_by_role("textbox").first.fill(f"select '{value}' as \"{name}\", name from runs -- {HARM}")
    page.keyboard.press("Control+Enter")
    expect(page.get_by_text(HARM).first).to_be_visible()
    page.get_by_role("button", name="Save this one").click()
    rest(page)
    unharmed(page)
    assert not [url for url in asked if url.endswith("/x")]


def test_a_script_that_is_put_into_the_page_does_not_run(visit: Visit) -> None:
    visit.expects("Content.Security.Policy")
    page = visit("")
    rest(page)
    page.evaluate("""() => {
      const script = document.createElement("script"); script.textContent = "document.title = 'owned'";
      const remote = document.createElement("script"); remote.src = "data:text/javascript,document.title='owned'";
      const button = document.createElement("button"); button.setAttribute("onclick", "document.title = 'owned'");
      document.body.append(script, remote, button);
      button.click();
    }""")
    rest(page)
    assert page.title() != "owned"


@pytest.fixture
def tried(visit: Visit, hostile: Hostile, asked: list[str]) -> Callable[[str], Frame]:
    """``tried("files&my.file=...")``: the frame in which a tab of the run shows what somebody logged."""
    visit.expects(".")  # it provokes all that it can

    def opened(tab: str) -> Frame:
        page = visit(f"#/run/{hostile[1]}?my.tab={tab}", hostile[0])
        frame = page.locator("iframe[title*=trying]").first
        frame.wait_for()
        content = frame.element_handle().content_frame()  # type: ignore[union-attr]
        assert content is not None
        return content

    return opened


def test_a_page_that_was_logged_gets_out_of_its_frame_nowhere(
    tried: Callable[[str], Frame], elsewhere: Elsewhere
) -> None:
    frame = tried("images")
    told = json.loads(frame.locator("#told").inner_text(timeout=20_000))
    assert {told.pop(name) for name in ("form", "beacon")} == {"done"}  # they are refused without a word
    assert len(told) == 9
    assert told == dict.fromkeys(told, "refused")
    page = frame.page
    frame.evaluate("(to) => { location.href = to; }", f"http://{elsewhere.host}/itself")
    rest(page)
    assert page.url.startswith("http://127.0.0.1")
    assert len(page.context.pages) == 1
    unharmed(page)
    assert [path for path in elsewhere.told if path != "/"] == []


@pytest.mark.parametrize("name", ["trying.html", "drawing.svg"])
def test_a_file_that_was_logged_reaches_nothing(
    visit: Visit, hostile: Hostile, elsewhere: Elsewhere, name: str
) -> None:
    visit.expects(".")
    page = visit(f"#/run/{hostile[1]}?my.tab=files", hostile[0])
    page.get_by_text(name, exact=True).first.click()
    page.locator("main iframe, main img[src*=ticket]").first.wait_for()
    rest(page)
    unharmed(page)
    assert [path for path in elsewhere.told if path != "/"] == []


def test_a_figure_that_was_logged_is_drawn_and_reaches_nothing(
    visit: Visit, hostile: Hostile, elsewhere: Elsewhere
) -> None:
    visit.expects(".")
    page = visit(f"#/run/{hostile[1]}?my.tab=images", hostile[0])
    frame = page.locator("iframe[title*=figure]").first
    frame.wait_for()
    inside = frame.element_handle().content_frame()  # type: ignore[union-attr]
    assert inside is not None
    inside.locator(".plot-container svg").first.wait_for()
    rest(page)
    unharmed(page)
    assert inside.locator("a[href^='javascript:'], img").count() == 0
    assert [path for path in elsewhere.told if path != "/"] == []


_STEALING = """async ([own, token, run]) => {
  const told = {};
  const known = { Authorization: `Bearer ${token}` };
  const attempts = {
    "asks": () => fetch(`${own}api/runs`).then((answer) => answer.text()),
    "asks with the token": () => fetch(`${own}api/runs`, { headers: known }).then((answer) => answer.text()),
    "asks blindly": () => fetch(`${own}page.js`, { mode: "no-cors" }),
    "loads its script": () => new Promise((done, fail) => {
      const script = document.createElement("script");
      Object.assign(script, { src: `${own}page.js`, type: "text/javascript", onload: done, onerror: fail });
      document.head.append(script);
    }),
  };
  for (const [name, attempt] of Object.entries(attempts)) {
    told[name] = await attempt().then(() => "done", () => "refused");
  }
  const edit = JSON.stringify({ run_id: run, change: "archive" });
  await fetch(`${own}api/edits`, { method: "POST", mode: "no-cors", body: edit }).catch(() => null);
  await fetch(`${own}api/edits`, { method: "POST", headers: known, body: edit }).catch(() => null);
  return told;
}"""


def test_another_page_in_the_same_browser_gets_nothing_even_with_the_token(
    visit: Visit, serve: Callable[[runstore.Workspace], str], store: runstore.Workspace, elsewhere: Elsewhere
) -> None:
    visit.expects(".")
    page = visit.context.new_page()
    page.goto(elsewhere.page)
    run = next(iter(store.runs().fetchall()))[0]
    told = page.evaluate(_STEALING, [f"{serve(store)}/", TOKEN, run])
    assert set(told.values()) == {"refused"}, told
    assert store.sql("select count(*) from runs where archived").fetchall() == [(0,)]


def test_the_page_is_shown_in_no_frame(
    visit: Visit, serve: Callable[[runstore.Workspace], str], store: runstore.Workspace, elsewhere: Elsewhere
) -> None:
    visit.expects(".")
    page = visit.context.new_page()
    page.goto(elsewhere.page)
    page.evaluate(
        """(own) => new Promise((done) => {
          const frame = document.createElement("iframe");
          Object.assign(frame, { src: own, onload: done });
          document.body.append(frame);
        })""",
        f"{serve(store)}/?token={TOKEN}",
    )
    assert page.frames[1].url.startswith("chrome-error:")


def test_a_name_that_leads_to_this_machine_gets_nothing(
    visit: Visit, serve: Callable[[runstore.Workspace], str], store: runstore.Workspace
) -> None:
    """As by DNS rebinding: browsers take every name below localhost for this machine."""
    visit.expects(".")
    page = visit.context.new_page()
    answer = page.goto(serve(store).replace("127.0.0.1", "evil.localhost"))
    assert answer is not None
    assert (answer.status, "not called" in answer.text()) == (403, True)


def test_the_token_stands_in_no_address_and_no_element(visit: Visit) -> None:
    page = visit("#/runs")
    rest(page)
    assert TOKEN not in page.url
    assert TOKEN not in page.content()
    assert TOKEN not in json.dumps(
        page.evaluate("() => performance.getEntriesByType('resource').map((one) => one.name)")
    )


def test_a_link_in_a_note_leads_to_the_web_or_nowhere(visit: Visit, hostile: Hostile) -> None:
    page = visit(f"#/run/{hostile[1]}", hostile[0])
    expect(page.get_by_text(LINK).first).to_be_visible()
    assert page.locator("main a[href]:not([href^='#']):not([href^='http'])").count() == 0
