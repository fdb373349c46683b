"""Interpreters on this machine, by version."""

from __future__ import annotations

import os
import shutil
import sys
from collections.abc import Iterator
from pathlib import Path
from typing import NamedTuple

from packaging.specifiers import InvalidSpecifier, SpecifierSet

from runstore.errors import LaunchError
from runstore.launch.environments import tools
from runstore.launch.environments.own import NEEDED_PYTHON

_ABLE = SpecifierSet(NEEDED_PYTHON)
_MINORS = [f"3.{n}" for n in range(40) if _ABLE.contains(f"3.{n}.0")]  # those that are looked for
_LATEST_PATCH = 99
_PROBE = ("-I", "-S", "-c", "import sys; print('%d.%d.%d' % sys.version_info[:3])")


class Interpreter(NamedTuple):
    """An interpreter and its minor version, such as "3.12"."""

    path: str
    minor: str


def find(asked: str | None) -> Interpreter:
    """An interpreter of the version asked for: the running one if it will do.

    Args:
        asked: "3.12", "3.12.4" (of which any 3.12 will do), "3.12.*" or ">=3.11,<3.13"; None: the running one.

    Raises:
        LaunchError: the version is none, is too old for runstore, or not there.
    """
    wanted = _checked(asked)
    if wanted.contains(_running()):
        return Interpreter(sys.executable, _minor(_running()))
    for minor in reversed(_MINORS):
        if _has(wanted, minor):
            for path, full in _candidates(minor):
                if wanted.contains(full):
                    return Interpreter(path, _minor(full))
    raise LaunchError(
        f"Python {asked} isn't there (found: {', '.join(_found())}); install it so that `python{_oldest(wanted)}` "
        "runs, or ask for one of those"
    )


def minor(asked: str | None) -> str:
    """The minor version that an image is to have: the running one if it will do, otherwise the oldest that does.

    Raises:
        LaunchError: the version is none, or too old for runstore.
    """
    wanted = _checked(asked)
    return _minor(_running()) if wanted.contains(_running()) else _oldest(wanted)


def version(path: str) -> str | None:
    """The version that an interpreter says it has; None where it does not run."""
    done = tools.ask([path, *_PROBE])
    return done.last if done.code == 0 else None


def _checked(asked: str | None) -> SpecifierSet:
    wanted = _range(asked)
    if not any(_has(wanted, minor) for minor in _MINORS):
        raise LaunchError(f"Python {asked}: runstore needs Python {NEEDED_PYTHON}; ask for one of those")
    return wanted


def _range(asked: str | None) -> SpecifierSet:
    text = (asked or "").strip().removeprefix("=")
    if not text or text == "*":
        return SpecifierSet(f"=={_minor(_running())}.*")
    try:
        if text[0].isdigit():
            return SpecifierSet("==" + ".".join([*text.removesuffix("*").strip(".").split(".")[:2], "*"]))
        if text.startswith("="):
            return _range(text[1:])
        return SpecifierSet(text)
    except InvalidSpecifier:
        raise LaunchError(f"Python {asked} is no version; give one as in '3.12' or '>=3.11,<3.13'") from None


def _running() -> str:
    return ".".join(map(str, sys.version_info[:3]))


def _minor(full: str) -> str:
    return ".".join(full.split(".")[:2])


def _has(wanted: SpecifierSet, minor: str) -> bool:
    return any(wanted.contains(f"{minor}.{patch}") for patch in (0, _LATEST_PATCH))


def _oldest(wanted: SpecifierSet) -> str:
    return next(minor for minor in _MINORS if _has(wanted, minor))


def _candidates(minor: str) -> Iterator[tuple[str, str]]:
    """Every interpreter of that name that runs, with its version. A name on PATH need not: shims fail when called."""
    for directory in os.environ.get("PATH", "").split(os.pathsep):
        path = shutil.which(f"python{minor}", path=directory) if directory else None
        if path and (found := version(path)):
            yield path, found
    if uv := shutil.which("uv"):
        done = tools.ask([uv, "python", "find", "--no-project", "--no-python-downloads", minor])
        if done.code == 0 and Path(done.last).exists() and (found := version(done.last)):
            yield done.last, found


def _found() -> list[str]:
    """The minor versions there are, the running one among them."""
    return [minor for minor in _MINORS if minor == _minor(_running()) or next(_candidates(minor), None)]
