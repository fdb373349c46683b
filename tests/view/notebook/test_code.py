"""The page as a widget carries and fetches it."""

from __future__ import annotations

from pathlib import Path

import pytest

from runstore.errors import UsageError
from runstore.view.notebook import code


def test_what_every_widget_carries_is_small_and_loads_nothing_else() -> None:
    text = code.loader()
    assert len(text) < 4000
    assert "import{" not in text


def test_the_page_is_one_module_and_one_style_sheet() -> None:
    script, style = code.whole()
    assert b"export" in script
    assert b".rs" in style
    assert len(code.version()) == 16


def test_where_it_is_not_built_it_says_how_to(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    assert code.built()
    monkeypatch.setattr(code, "STATIC", tmp_path)
    assert not code.built()
    with pytest.raises(UsageError, match="npm ci"):
        code.loader()
