"""What people say about a run: names, notes and tags, which change, and properties, which never do.

All of it may also be said of a run that another process logs, or that has ended (``runs/edits.py``).
"""

from __future__ import annotations

import warnings
from collections.abc import Iterable, Mapping
from typing import TYPE_CHECKING, Any, NamedTuple

from runstore.errors import InvalidValue, UsageError
from runstore.format import values
from runstore.runs import provenance
from runstore.runs.run import Run

if TYPE_CHECKING:
    from datetime import datetime

_LONG_KEY, _LONG_VALUE, _MANY = 100, 1000, 50  # what a workspace of Azure ML takes


class Note(NamedTuple):
    """Something that somebody wrote about a run. ``time`` is UTC."""

    time: datetime
    text: str


class LabeledRun(Run):
    """A run that takes tags, properties, notes, a name and a description."""

    # ---- tags

    def tag(self, key: str, value: Any = None) -> None:
        """Set one tag. Tags change; the newest value counts.

        Args:
            key: any non-empty Unicode text.
            value: a number, bool or text, kept as that; None for a tag that is only there.
        """
        self.set_tags({key: value})

    def set_tags(self, tags: Mapping[str, Any]) -> None:
        """Set several tags; those that are not named stay."""
        labels = labels_of(tags, "tag")
        if labels:
            self._record("tags", labels)

    def remove_tags(self, tags: Iterable[str]) -> None:
        """Take tags off. One that isn't there is no error.

        Args:
            tags: their keys.
        """
        keys = keys_of(tags)
        if keys:
            self._record("untag", keys)

    def get_tags(self) -> dict[str, Any]:
        """The tags as they are now, read afresh: key to value."""
        return {} if self._disabled else plain(self._folded().tags)

    @property
    def tags(self) -> dict[str, Any]:
        """The tags as they are now. A copy: ``tag`` sets one."""
        return self.get_tags()

    # ---- properties

    def add_properties(self, properties: Mapping[str, Any]) -> None:
        """Add properties, all of them or none. A property never changes; the same value again is no error.

        Where two processes add the same one at the same instant, the first counts (by time, then by writer).

        Raises:
            UsageError: one of them is there already with another value.
        """
        labels = labels_of(properties, "property")
        if not labels or self._disabled:
            return
        known = self._folded().properties
        for key, value in labels.items():
            if key in known and _differ(known[key][0], value):
                raise UsageError(f"property {key!r} of run {self.id} has another value already, and never changes")
        new = {key: value for key, value in labels.items() if key not in known}
        if new:
            self._record("properties", new)

    def get_properties(self) -> dict[str, Any]:
        """The properties as they are now, read afresh: name to value."""
        provenance.settle(self)  # what git knows is told as properties
        return {} if self._disabled else plain(self._folded().properties)

    @property
    def properties(self) -> dict[str, Any]:
        """The properties. A copy: ``add_properties`` adds some."""
        return self.get_properties()

    # ---- words

    @property
    def display_name(self) -> str | None:
        """The name to show: the one set last, else the name given at the start. May be set at any time."""
        run = self._folded()
        return run.display_name or run.name

    @display_name.setter
    def display_name(self, name: str) -> None:
        self._record("describe", {"display_name": values.name(name, "display name")})

    @property
    def description(self) -> str | None:
        """What the run is about. May be set at any time."""
        return self._folded().description

    @description.setter
    def description(self, text: str) -> None:
        self._record("describe", {"description": _text(text, "description")})

    def note(self, text: str) -> None:
        """Write a note about the run. Notes are kept, each with its time; none replaces another."""
        self._record("note", {"text": values.name(text, "note")})

    @property
    def notes(self) -> list[Note]:
        """The notes, the oldest first."""
        return [Note(when(time), text) for time, text in self._folded().notes]

    # ---- out of sight

    def archive(self) -> None:
        """Mark the run as archived: it stays as it is, and lists may leave it out (``where not archived``)."""
        self._record("archived", {"archived": True})

    def reactivate(self) -> None:
        """Take the mark of ``archive`` off again."""
        self._record("archived", {"archived": False})

    @property
    def archived(self) -> bool:
        """Whether the run is archived."""
        return self._folded().archived


def labels_of(labels: Mapping[str, Any], what: str) -> dict[str, object]:
    """Check tags or properties, and turn their values into JSON values.

    Raises:
        InvalidValue: a key or value of a type that can't be kept.
        UsageError: no dict, or an empty key.
    """
    if labels is None:
        return {}
    if not isinstance(labels, Mapping):
        raise UsageError(f"{what} names and values are given as a dict, not {type(labels).__name__}")
    checked = {
        values.name(key, f"{what} name"): values.to_json(values.scalar(value, f"{what} {key!r}"))
        for key, value in labels.items()
    }
    _warn_of_length(checked, what)
    return checked


def keys_of(tags: Iterable[str]) -> list[str]:
    """Check the keys of tags to be removed.

    Raises:
        InvalidValue: a text alone, whose letters nobody means, or a key that is no text.
    """
    if isinstance(tags, str):
        raise InvalidValue(f"tags to remove are given as a list, such as [{tags!r}]")
    return [values.name(key, "tag name") for key in tags]


def plain(labels: Mapping[str, tuple[Any, int]]) -> dict[str, Any]:
    """Folded tags or properties as plain values."""
    return {key: values.from_json(value) for key, (value, _) in labels.items()}


def when(time_ns: int) -> datetime:
    """A recorded time as a datetime, UTC."""
    from datetime import UTC, datetime, timedelta

    return datetime(1970, 1, 1, tzinfo=UTC) + timedelta(microseconds=time_ns // 1000)


def _warn_of_length(labels: Mapping[str, object], what: str) -> None:
    """Say what a workspace of Azure ML would refuse; here it is kept."""
    long = [key for key, value in labels.items() if len(key) > _LONG_KEY or len(str(value)) > _LONG_VALUE]
    if long or len(labels) > _MANY:
        which = f"{what} {long[0][:_LONG_KEY]!r} is long" if long else f"{len(labels)} at once are many"
        limit = f"{_MANY} of {_LONG_KEY} and {_LONG_VALUE} characters"
        warnings.warn(f"{which}; kept here, but a workspace of Azure ML takes {limit}", stacklevel=4)


def _differ(one: object, other: object) -> bool:
    return type(one) is not type(other) or one != other


def _text(text: object, what: str) -> str:
    if not isinstance(text, str):
        raise InvalidValue(f"{what} must be text, not {type(text).__name__}")
    return values.text(text, what)
