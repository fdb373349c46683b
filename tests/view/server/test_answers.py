"""What somebody logged is sent so that it can do nothing to the page."""

from __future__ import annotations

import json
import math
from dataclasses import dataclass
from datetime import UTC, datetime
from pathlib import Path

import pytest

from runstore.view.server import answers
from runstore.view.server.copies import Copies


@dataclass
class Logged:
    """A file of a run."""

    name: str
    media_type: str
    data: bytes = b"x"
    sha256: str | None = None

    @property
    def size(self) -> int:
        return len(self.data)

    def read(self) -> bytes:
        return self.data

    def save(self, path: Path) -> None:
        path.write_bytes(self.data)


def headers(name: str, media_type: str, download: bool = False) -> dict[str, str]:
    return answers.headers_of(name, media_type, download)


def test_numbers_that_json_lacks_are_null() -> None:
    body = answers.json_answer({"a": math.nan, "b": -math.inf, "at": datetime(2026, 1, 2, tzinfo=UTC)}).body
    assert json.loads(bytes(body)) == {"a": None, "b": None, "at": "2026-01-02T00:00:00Z"}


@pytest.mark.parametrize("kind", ["text/html", "TEXT/HTML; charset=utf-8", "application/xhtml+xml", " text/html "])
def test_a_page_that_was_logged_runs_alone_and_has_no_way_out(kind: str) -> None:
    policy = headers("report.html", kind)["content-security-policy"]
    assert "sandbox allow-scripts;" in policy
    assert "allow-same-origin" not in policy
    assert "default-src 'none'" in policy
    assert "http" not in policy


@pytest.mark.parametrize("kind", ["image/svg+xml", "image/png"])
def test_a_drawing_runs_nothing(kind: str) -> None:
    policy = headers("plot", kind)["content-security-policy"]
    assert "sandbox;" in policy
    assert "script" not in policy


@pytest.mark.parametrize(
    "kind", ["application/javascript", "text/css", "application/x-sh", "text/xml", "", "odd", "a/b/c", "a/b\r\nx: y"]
)
def test_what_is_not_meant_to_be_looked_at_is_kept(kind: str) -> None:
    told = headers("a", kind)
    assert told["content-disposition"].startswith("attachment")
    assert "sandbox" in told["content-security-policy"]
    assert not {"\r", "\n"} & set(told["content-type"])


def test_what_is_to_be_kept_is_never_shown() -> None:
    assert headers("a.png", "image/png", True)["content-disposition"].startswith("attachment")
    assert headers("a.png", "image/png")["content-disposition"].startswith("inline")


@pytest.mark.parametrize(
    ("name", "shown"),
    [
        ("a/b/plot.png", "plot.png"), ("a\\..\\b.txt", "b.txt"), ("..", "file"), ("", "file"), ("a/", "a"),
        ('x"; filename=evil.exe', "x%22%3B%20filename%3Devil.exe"), ("a\r\nSet-Cookie: b", "a%0D%0ASet-Cookie%3A%20b"),
        ("<img src=x onerror=alert(1)>", "%3Cimg%20src%3Dx%20onerror%3Dalert%281%29%3E"), ("µ.txt", "%C2%B5.txt"),
    ],
)  # fmt: skip
def test_a_file_is_called_as_its_name_ends_whatever_it_is_made_of(name: str, shown: str) -> None:
    assert headers(name, "text/plain")["content-disposition"] == f"inline; filename*=UTF-8''{shown}"


def test_a_small_file_is_sent_from_memory(tmp_path: Path) -> None:
    assert answers.file_answer(Logged("a.txt", "text/plain", b"hello"), Copies(tmp_path)).body == b"hello"
    assert list(tmp_path.iterdir()) == []


def test_a_large_one_goes_through_a_file(tmp_path: Path) -> None:
    answers.file_answer(Logged("a.bin", "video/mp4", b"x" * (1 << 20)), Copies(tmp_path))
    assert [path.stat().st_size for path in tmp_path.rglob("*") if path.is_file()] == [1 << 20]
