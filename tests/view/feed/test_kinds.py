"""Every kind that is logged as a file has a word of the page's."""

from __future__ import annotations

import re
from pathlib import Path

from runstore.view.feed import kinds

DOCS = Path(__file__).resolve().parents[3] / "docs" / "logging-values.md"


def test_every_documented_kind_is_known() -> None:
    told = re.findall(r"^\| `log_\w+\([^|]*\| [^|]* \| `(\w+)` \|", DOCS.read_text(encoding="utf-8"), re.MULTILINE)
    assert {*told} == {*kinds.FILES}


def test_a_chart_is_logged_as_a_file() -> None:
    assert {*kinds.FILES.values()} > kinds.CHARTS
    assert (kinds.of("point_cloud"), kinds.of("file")) == ("cloud", "file")
