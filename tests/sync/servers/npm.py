"""Servers that npm brings, installed below the checkout by ``.ci/full``, or by hand as a failure says."""

from __future__ import annotations

import shutil
from pathlib import Path

from tests.sync.servers.process import NotStarted

PLACE = Path(__file__).resolve().parents[3] / ".npm-servers"
INSTALL = "npm install --prefix .npm-servers azurite@3 s3rver@3"


def program(package: str, script: str) -> list[str]:
    """How a server's script is run.

    Raises:
        NotStarted: node or the package is not there; the message says how to get it.
    """
    node, path = shutil.which("node"), _path(package, script)
    if node is None or not path.is_file():
        raise NotStarted(f"no {package}: install node and npm, then, in the checkout: {INSTALL}")
    return [node, str(path)]


def _path(package: str, script: str) -> Path:
    return PLACE / "node_modules" / package / script
