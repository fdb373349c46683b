"""What is known of a run, as JSON data have it."""

from __future__ import annotations

import json

import pytest

import runstore
from tests.cli import scenes
from tests.cli.conftest import Call


@pytest.fixture
def rich(ws: runstore.Workspace) -> str:
    return scenes.rich(ws)


def test_json_has_all_of_it(rich: str, call: Call) -> None:
    told = json.loads(call("show", rich, "--json").stdout)
    assert told["status"] == "Failed"
    assert told["params"] == {"lr": 0.1, "o.n": "adam"}
    assert {metric["name"]: metric["last"] for metric in told["metrics"]} == {
        "loss": 0.02, "verdict": "good", "odd": "NaN",
    }  # fmt: skip
    assert told["tables"] == [{"name": "sample", "rows": 1}]
    assert told["tags"] == {"t": "v"}
    assert (told["display_name"], told["description"], told["notes"][0]["text"]) == (
        "big", "what it is for", "first note",
    )  # fmt: skip
    assert told["properties"] == {"commit": "abc"}
    assert [one["name"] for one in told["artifacts"]] == ["out/model.bin"]
    assert len(told["writers"]) == 1
