"""The one door to YAML: files in which people write down an environment or a sweep. Every JSON file is one, too."""

from __future__ import annotations

import os
from pathlib import Path
from typing import Any

from runstore.errors import LaunchError


def read(path: str | os.PathLike[str]) -> dict[str, Any]:
    """The mapping that a YAML or JSON file holds.

    Raises:
        LaunchError: there is no such file, it is no YAML, or holds something else.
    """
    try:
        text = Path(path).read_text(encoding="utf-8-sig")
    except OSError as problem:
        raise LaunchError(f"{path}: can't be read ({problem.strerror}); name a YAML file") from None
    except UnicodeDecodeError:
        raise LaunchError(f"{path}: is no text in UTF-8; name a YAML file") from None
    return parse(text, str(path))


def parse(text: str, where: str) -> dict[str, Any]:
    """The mapping that a text holds; ``where`` names it in errors.

    Raises:
        LaunchError: it is no YAML, or holds something else.
    """
    import yaml

    try:
        body = yaml.safe_load(text)
    except (yaml.YAMLError, ValueError) as problem:
        mark = getattr(problem, "problem_mark", None)
        line = f", line {mark.line + 1}" if mark else ""
        said = getattr(problem, "problem", None) or str(problem).partition("\n")[0]
        raise LaunchError(f"{where}{line}: is no YAML ({said}); correct the file") from None
    if not isinstance(body, dict):
        raise LaunchError(f"{where}: holds no names with values, as in 'name: value'; correct the file")
    return body


def render(body: dict[str, Any]) -> str:
    """A mapping as YAML, its order kept."""
    import yaml

    text: str = yaml.safe_dump(body, sort_keys=False, allow_unicode=True, default_flow_style=False)
    return text
