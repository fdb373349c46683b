"""Environments from the files in which people write packages down: requirements of pip, specifications of conda."""

from __future__ import annotations

import os
import re
from collections.abc import Iterator
from pathlib import Path

from runstore.errors import LaunchError
from runstore.launch import specification
from runstore.launch.config import Environment

_COMMENT = re.compile(r"(^|\s)#.*$")
_OPTION = re.compile(r"(-[a-zA-Z]|--[a-z-]+)(?:\s*=\s*|\s+)?(.*)")
_INCLUDED, _INDEX = ("-r", "--requirement"), ("-i", "--index-url")
_DEPTH = 20  # of files that name files


def from_requirements(path: str | os.PathLike[str], name: str = "requirements") -> Environment:
    """An environment with the packages of a requirements file, and of those that it names.

    Raises:
        LaunchError: a file can't be read.
    """
    return _with(Environment(name), _lines(Path(path)))


def from_conda(path: str | os.PathLike[str]) -> Environment:
    """An environment with the packages of a conda specification: a YAML file with ``dependencies``.

    Raises:
        LaunchError: the file can't be read, or is none.
    """
    body = specification.read(path)
    dependencies = body.get("dependencies") or []
    if not isinstance(dependencies, list) or not all(isinstance(one, str | dict) for one in dependencies):
        raise LaunchError(f"{path}: 'dependencies' is no list of packages; correct the file")
    made = Environment(str(body.get("name") or "environment"), channels=[*map(str, body.get("channels") or ())])
    pip: list[str] = []
    for one in dependencies:
        if isinstance(one, dict):
            pip += map(str, one.get("pip") or ())
        elif (package := re.split(r"[ =<>!~]", one, maxsplit=1))[0] == "python":
            made.python_version = package[1].strip("=<>!~ ") if len(package) > 1 else None
        elif package[0] != "pip":
            made.conda_packages.append(one)
    return _with(made, _parsed(pip, Path(path).parent))


def _with(made: Environment, lines: Iterator[str]) -> Environment:
    made.packages = []
    for line in lines:
        option = _OPTION.fullmatch(line)
        if option and option[1] in _INDEX:
            made.index_url = option[2]
        else:
            made.packages.append(line)
    return made


def _lines(path: Path, depth: int = 0) -> Iterator[str]:
    """The requirements of a file, one after another, those of the files that it names in their place."""
    try:
        text = path.read_text(encoding="utf-8-sig")
    except (OSError, UnicodeDecodeError) as problem:
        why = getattr(problem, "strerror", None) or "no text in UTF-8"
        raise LaunchError(f"{path}: can't be read ({why}); name a file of requirements") from None
    if depth > _DEPTH:
        raise LaunchError(f"{path}: names itself, by way of others; correct the file")
    yield from _parsed(text.replace("\\\n", " ").splitlines(), path.parent, depth)


def _parsed(lines: list[str], directory: Path, depth: int = 0) -> Iterator[str]:
    for given in lines:
        line = _COMMENT.sub("", given).strip()
        option = _OPTION.fullmatch(line)
        if option and option[1] in _INCLUDED:
            yield from _lines(directory / option[2], depth + 1)
        elif line:
            yield line
