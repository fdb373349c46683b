"""What people say about a run: tags, which change, and properties, which never do."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from runstore.errors import UsageError
from runstore.format import values
from runstore.runs.run import Run


class LabeledRun(Run):
    """A run that takes tags and properties."""

    def tag(self, key: str, value: Any = None) -> None:
        """Set one tag. Tags change; the newest value counts."""
        self.set_tags({key: value})

    def set_tags(self, tags: Mapping[str, Any]) -> None:
        """Set several tags."""
        self._record("tags", _labels(tags, "tag"))

    def add_properties(self, properties: Mapping[str, Any]) -> None:
        """Add properties. A property never changes: the first value counts."""
        self._record("properties", _labels(properties, "property"))


def _labels(labels: Mapping[str, Any], what: str) -> dict[str, object]:
    if not isinstance(labels, Mapping):
        raise UsageError(f"{what}s are given as a dict, not {type(labels).__name__}")
    return {
        values.name(key, f"{what} name"): values.to_json(values.scalar(value, f"{what} {key!r}"))
        for key, value in labels.items()
    }
