"""A report is whole whatever is in it: nothing ends an element, and the policy knows its script and style."""

from __future__ import annotations

import base64
import hashlib
from pathlib import Path

import orjson
import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from runstore.errors import StoreError
from runstore.view.report import document
from tests.view.report.reading import block, elements, unpacked

HOSTILE = (
    "</script>",
    "<!--",
    "<script>",
    "<img src=x onerror=alert(1)>",
    "&quot;",
    "\u2028",
    "]]>",
    '"',
    "'",
    "\\u003c",
)
texts = st.lists(st.one_of(st.sampled_from(HOSTILE), st.text(max_size=8)), max_size=6).map("".join)
texts = texts.filter(lambda text: not any("\ud800" <= sign <= "\udfff" for sign in text))


def made(title: str = "t", answer: object = None, path: str = "p") -> str:
    about = {"title": title, "version": "1", "note": title}
    files = {(path, path): ("image/png", b"\x89PNG")}
    return document.document(document.Data(about, {"answer": answer}, [b"frame"], files, {"metrics.parquet": b"PAR1"}))


def known(text: str) -> str:
    return f"'sha256-{base64.b64encode(hashlib.sha256(text.encode()).digest()).decode()}'"


@pytest.mark.usefixtures("built")
def test_the_policy_knows_the_script_and_the_style_and_lets_nothing_out() -> None:
    found = elements(made())
    rules = dict(rule.strip().split(" ", 1) for rule in found.policy.split(";"))
    assert rules["script-src"] == known(found.scripts["module"])
    assert rules["style-src"] == known(found.texts["style"])
    assert (rules["default-src"], rules["connect-src"], rules["base-uri"]) == ("'none'",) * 3


@pytest.mark.usefixtures("built")
def test_what_would_end_the_script_is_written_otherwise_and_means_the_same() -> None:
    script = elements(made()).scripts["module"]
    assert "</script" not in script.lower()
    assert "<!--" not in script
    assert script.replace("\\x3c", "<") == 'export const said = "</script><!-- </SCRIPT";'


@pytest.mark.usefixtures("built")
@settings(deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture, HealthCheck.too_slow])
@given(texts, texts, texts)
def test_hostile_names_come_back_as_they_are_and_end_nothing(title: str, name: str, path: str) -> None:
    text = made(title, {name: [name]}, path)
    assert text.lower().count("<script") == text.lower().count("</script>") == 6
    assert orjson.loads(unpacked(block(text, "answers"))) == {"answer": {name: [name]}}
    assert block(text, "files") == [[path, path, "image/png", base64.b64encode(b"\x89PNG").decode()]]
    assert block(text, "about")["note"] == title
    assert unpacked(block(text, "curves")[0]) == b"frame"


def test_where_the_page_is_not_built_that_is_said(built: Path) -> None:
    (built / "whole.js").unlink()
    with pytest.raises(StoreError, match="not built; run `npm ci`"):
        made()


@pytest.mark.usefixtures("built")
def test_without_parquet_there_is_no_element_of_it() -> None:
    told = document.Data({"title": "t", "version": "1"}, {}, [], {}, {})
    assert "runstore-parquet" not in document.document(told)
