"""Why pip or uv could not build an environment, in one line, from what they printed."""

from __future__ import annotations

import re
from collections.abc import Iterable

_MISSING = (
    re.compile(r"No matching distribution found for (\S+)"),
    re.compile(r"Because (\S+) was not found in the "),
    re.compile(r"there (?:is|are) no versions? of (\S+)"),
)
_OFFLINE = re.compile(
    r"Retry\(total=0,|Max retries exceeded|ReadTimeoutError|"  # pip, once it has given up
    r"dns error|tcp connect error|error sending request|operation timed out"  # uv
)
_CONFLICT = re.compile(r"(Cannot install .+?) because these package versions|cause: (Because .+)")
_PROBLEM = re.compile(r"^\s*(?:ERROR:|error:|cause:|\u00d7|Error:)\s*(.+)")


def explain(lines: Iterable[str], conda: frozenset[str], index: str) -> str:
    """What went wrong and what to do.

    Args:
        lines: the output, without secrets.
        conda: the names, as pip normalises them, of packages that were asked for as conda's.
        index: where packages were looked for, without secrets.
    """
    given = list(lines)
    if any(_OFFLINE.search(line) for line in given):
        return f"{index} can't be reached; connect, set index_url, or use an environment that was built before"
    missing = list(dict.fromkeys(name for pattern in _MISSING for line in given for name in pattern.findall(line)))
    if named := [one for one in missing if _name(one) in conda]:
        return f"pip finds no {', '.join(named)}, a conda package; give pip's name for it among the packages"
    if missing:
        return f"pip finds no {', '.join(missing)}; correct the name or the version"
    for line in given:
        if found := _CONFLICT.search(line):
            return f"{found[1] or found[2]}: they contradict each other; correct the versions"
    problems = [found[1] for line in given if (found := _PROBLEM.match(line))]
    return (problems[-1] if problems else next((line for line in reversed(given) if line.strip()), "no output")).strip()


def _name(requirement: str) -> str:
    return re.sub(r"[-_.]+", "-", re.split(r"[\[<>=!~;]", requirement)[0]).lower()
