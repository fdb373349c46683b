"""The files of the page, and nothing else of the machine."""

from __future__ import annotations

import gzip
import http.client
from collections.abc import Callable
from pathlib import Path

import pytest

import runstore
from runstore.view.server.static import STATIC
from tests.view.server.conftest import Served


def test_the_page_and_its_files_are_what_they_are(served: Served) -> None:
    told = {path: served.stranger.get(path).headers["content-type"] for path in ("/", "/page.js", "/chunks/charts.js")}
    assert {path: kind.partition(";")[0] for path, kind in told.items()} == {
        "/": "text/html", "/page.js": "text/javascript", "/chunks/charts.js": "text/javascript",
    }  # fmt: skip


@pytest.mark.parametrize(
    "path",
    [
        "/../outside.js", "/%2e%2e/outside.js", "/..%2foutside.js", "/chunks/../../outside.js", "/.secret", "/chunks",
        "/chunks/", "//etc/passwd", "/%2fetc/passwd", "/..%5coutside.js", "/page.js%00", "/page.js/", "/nothing.js",
    ],
)  # fmt: skip
def test_nothing_else_is_there(served: Served, path: str) -> None:
    """Asked as it is: clients tidy paths up."""
    asked = http.client.HTTPConnection("127.0.0.1", served.stranger.base_url.port, timeout=30)
    asked.request("GET", path)
    told = asked.getresponse()
    body = told.read()
    asked.close()
    assert (told.status, b"PRIVATE" in body, b"root:" in body) == (404, False, False)


def test_a_link_that_leads_out_leads_nowhere(served: Served, static: Path) -> None:
    (static / "link.js").symlink_to(static.parent / "outside.js")
    assert served.stranger.get("/link.js").status_code == 404


def test_what_has_not_changed_is_not_sent_again(served: Served) -> None:
    first = served.stranger.get("/page.js")
    assert first.headers["cache-control"] == "no-cache"
    again = served.stranger.get("/page.js", headers={"if-none-match": first.headers["etag"]})
    assert (again.status_code, again.content) == (304, b"")
    assert served.stranger.get("/page.js", headers={"if-none-match": '"other"'}).status_code == 200


def test_a_piece_whose_name_tells_its_content_is_never_asked_for_again(served: Served) -> None:
    assert served.stranger.get("/chunks/charts.js").headers["cache-control"] == "max-age=31536000, immutable"
    assert served.stranger.get("/").headers["cache-control"] == "no-cache"


def test_what_was_built_packed_too_is_sent_so_to_whoever_takes_that(served: Served, static: Path) -> None:
    (static / "page.js.gz").write_bytes(gzip.compress(b"export {};"))
    packed = served.stranger.get("/page.js", headers={"accept-encoding": "gzip"})
    plain = served.stranger.get("/page.js", headers={"accept-encoding": "identity"})
    assert [one.headers.get("content-encoding") for one in (packed, plain)] == ["gzip", None]
    assert (packed.text, packed.headers["content-type"]) == (plain.text, plain.headers["content-type"])
    assert packed.headers["etag"] != plain.headers["etag"]
    assert packed.headers["vary"] == plain.headers["vary"] == "accept-encoding"


def test_a_page_that_was_not_built_says_how_to_build_it(
    ws: runstore.Workspace, serve: Callable[..., Served], tmp_path: Path
) -> None:
    told = serve(ws, static=tmp_path / "nothing").stranger.get("/")
    assert (told.status_code, "npm run build" in told.text, "<script" in told.text) == (503, True, False)


def test_the_page_lies_in_the_package() -> None:
    assert STATIC.parts[-3:] == ("runstore", "view", "static")


def test_a_path_longer_than_any_file_name_is_not_found(served: Served) -> None:
    for path in ("/" + "a" * 9000, "/" + "a/" * 4500 + "a", "/" + "é" * 200):
        answer = served.stranger.get(path)
        assert answer.status_code == 404
        assert "static" not in answer.text
