"""Figures of Plotly are drawn in a frame that can reach nothing, and are data everywhere else."""

from __future__ import annotations

import json
import re
from typing import Any

import pytest

import runstore
from runstore.view.server import figures
from runstore.view.server.problems import Problem
from tests.view.server.conftest import Served

HOSTILE = "</script><script>alert(1)</script>"


class Figure:
    """As Plotly's are."""

    def to_plotly_json(self) -> dict[str, Any]:
        return {"data": [{"type": "bar", "y": [1, 2], "name": HOSTILE}], "layout": {"title": {"text": "{x}"}}}

    def to_json(self) -> str:
        return json.dumps(self.to_plotly_json())


@pytest.fixture
def address(served: Served) -> str:
    with runstore.start_run("e", workspace=served.ws) as run:
        run.log_figure("bars", Figure())
    (item,) = served.client.get(f"/api/runs/{run.id}/media").json()["items"]
    return f"/api/runs/{run.id}/file?path={item['path']}"


def test_a_figure_is_drawn_where_it_is_framed(served: Served, address: str) -> None:
    (url,) = served.client.post("/api/tickets", json={"urls": [address]}).json()["urls"]
    told = served.stranger.get(url)
    policy = told.headers["content-security-policy"]
    (nonce,) = set(re.findall(r'nonce="([^"]+)"', told.text))
    assert f"script-src 'nonce-{nonce}' 'unsafe-eval';" in policy
    assert ("sandbox allow-scripts" in policy, "allow-same-origin" in policy, "connect-src" in policy) == (
        True, False, False
    )  # fmt: skip
    assert HOSTILE not in told.text
    (held,) = re.findall(r'id="told">(.*?)</script>', told.text)
    assert json.loads(held)["data"][0]["name"] == HOSTILE
    assert served.stranger.get("/plotly.js").headers["cross-origin-resource-policy"] == "cross-origin"


def test_a_figure_is_its_json_to_who_asks_for_the_file(served: Served, address: str) -> None:
    assert served.client.get(address).json()["data"][0]["type"] == "bar"
    (url,) = served.client.post("/api/tickets", json={"urls": [f"{address}&download=1"]}).json()["urls"]
    told = served.stranger.get(url)
    assert told.json()["data"][0]["type"] == "bar"
    assert told.headers["content-disposition"].startswith("attachment")


@pytest.mark.parametrize("data", [b"", b"[]", b"1", b"{"])
def test_what_is_no_figure_is_not_drawn(data: bytes) -> None:
    with pytest.raises(Problem):
        figures.drawn(data)


def test_without_plotly_it_says_how_to_get_it(served: Served, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("importlib.util.find_spec", lambda name: None)
    assert b"pip install plotly" in bytes(figures.drawn(b"{}").body)
    assert served.stranger.get("/plotly.js").status_code == 404
