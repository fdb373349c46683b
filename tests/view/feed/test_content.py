"""A file's name says of what type it is, as far as a name can."""

from __future__ import annotations

import pytest

from runstore.view.feed import content


@pytest.mark.parametrize(
    ("name", "kind"),
    [
        ("a/b.txt", "text/plain"),
        ("a.py", "text/x-python"),
        ("c.LOG", "text/plain"),
        ("conf.yml", "text/plain"),
        ("x.json", "application/json"),
        ("logs.txt.gz", content.BYTES),
        ("nothing", content.BYTES),
    ],
)
def test_a_type_is_guessed_from_the_name(name: str, kind: str) -> None:
    found = content.media_type(name)
    assert found == kind or (name.endswith(".yml") and "yaml" in found)
