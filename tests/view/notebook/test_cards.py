"""Cards of HTML: self-contained, without a script or a link, whatever names are in them."""

from __future__ import annotations

import re
from html.parser import HTMLParser

import pytest

import runstore
from runstore.view.notebook import cards, subjects
from tests.view.notebook.conftest import HOSTILE

TAGS = {"div", "span", "strong", "table", "tr", "td", "th", "svg", "g", "text", "path", "circle"}


class _Read(HTMLParser):
    def __init__(self) -> None:
        super().__init__()
        self.tags: set[str] = set()
        self.names: set[str] = set()

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        self.tags.add(tag)
        self.names |= {name for name, _ in attrs}


def read(html: str) -> _Read:
    found = _Read()
    found.feed(html)
    return found


@pytest.fixture
def hostile(ws: runstore.Workspace) -> runstore.Run:
    name = HOSTILE.replace("\ud800", "")
    made = runstore.start_run(name, name=name, params={name: name}, workspace=ws)
    for step in range(3):
        made.log(name, step, step=step)
    made.fail(name)
    return made


def test_names_are_texts_in_every_card(ws: runstore.Workspace, hostile: runstore.Run) -> None:
    for html in (hostile._repr_html_(), hostile.experiment._repr_html_(), ws._repr_html_()):
        found = read(html)
        assert found.tags <= TAGS
        assert not [name for name in found.names if name.startswith("on") or name in ("href", "src")]
        assert "&lt;img" in html


def test_a_card_asks_for_nothing_and_is_small(run: runstore.Run) -> None:
    html = run._repr_html_()
    assert not re.search(r"url\(|@import|<style|<script", html)
    assert len(html) < 30_000
    assert "mnist" in html
    assert html.count("<svg") == 2


def test_the_runs_of_an_experiment_have_the_colours_of_their_curves(ws: runstore.Workspace, run: runstore.Run) -> None:
    assert '<span style="color:#3b82d6">' in run.experiment._repr_html_()
    assert '<span style="color:#3b82d6">' not in ws._repr_html_()


def test_the_charts_alone_are_there_too(run: runstore.Run) -> None:
    html = cards.curves_of(subjects.of_run(run))
    assert (html.count("<svg"), "<strong" in html) == (2, False)


def test_what_was_never_recorded_falls_back_to_what_it_is_called(
    ws: runstore.Workspace, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("RUNSTORE_MODE", "disabled")
    run = runstore.start_run("e", workspace=runstore.Workspace(ws.path))
    assert cards.of(subjects.of_run(run)) is None
    assert cards.curves_of(subjects.of_run(run)) == ""
    assert run.id in run._repr_html_()
