"""What differs between two sets of named values."""

from __future__ import annotations

import math
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any


@dataclass(frozen=True, slots=True)
class Change:
    """Something both may have, by its name. ``how``: added (b only), removed (a only), changed."""

    name: str
    how: str
    a: Any
    b: Any


def between(a: Mapping[str, Any], b: Mapping[str, Any]) -> tuple[list[Change], int]:
    """What differs between two sets of named values, in the order of the first, and how many are the same."""
    changes = []
    for name in dict.fromkeys((*a, *b)):
        if name not in b:
            changes.append(Change(name, "removed", a[name], None))
        elif name not in a:
            changes.append(Change(name, "added", None, b[name]))
        elif not same(a[name], b[name]):
            changes.append(Change(name, "changed", a[name], b[name]))
    return changes, len(a.keys() | b.keys()) - len(changes)


def same(one: Any, other: Any) -> bool:
    """Whether two values are the same: NaN is NaN, and True is not 1."""
    if isinstance(one, float) and isinstance(other, float) and math.isnan(one) and math.isnan(other):
        return True
    return bool(one == other) and isinstance(one, bool) == isinstance(other, bool)
