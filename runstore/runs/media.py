"""Values that are more than one number: images, tables, lists, charts."""

from __future__ import annotations

from runstore.runs.uploads import UploadingRun


class MediaRun(UploadingRun):
    """A run that takes every kind of value."""
