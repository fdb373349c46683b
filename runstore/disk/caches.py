"""Where what can be made again lies: outside of every workspace, in the user's directory of caches."""

from __future__ import annotations

import os
import sys
from pathlib import Path


def root() -> Path:
    """$RUNSTORE_CACHE, or ``runstore`` in the user's directory of caches."""
    if named := os.environ.get("RUNSTORE_CACHE"):
        return Path(named).absolute()
    if os.name == "nt":
        return Path(os.environ.get("LOCALAPPDATA") or Path.home() / "AppData" / "Local") / "runstore" / "Cache"
    if xdg := os.environ.get("XDG_CACHE_HOME"):
        return Path(xdg).absolute() / "runstore"
    caches = ("Library", "Caches") if sys.platform == "darwin" else (".cache",)
    return Path.home().joinpath(*caches, "runstore")
