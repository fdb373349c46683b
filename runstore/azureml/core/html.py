"""A run or an experiment as the last line of a notebook cell: a table of one row."""

from __future__ import annotations

from collections.abc import Mapping
from html import escape


def row(texts: Mapping[str, object], links: Mapping[str, str]) -> str:
    """A table of one row; nothing in it is taken for markup.

    Args:
        texts: heading to text.
        links: heading to URL.
    """
    cells = [escape(str(text)) for text in texts.values()]
    cells += [f'<a href="{escape(url)}" target="_blank" rel="noopener">{escape(url)}</a>' for url in links.values()]
    head = "".join(f"<th>{escape(heading)}</th>" for heading in (*texts, *links))
    return f"<table><tr>{head}</tr><tr>{''.join(f'<td>{cell}</td>' for cell in cells)}</tr></table>"
