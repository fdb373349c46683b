"""What can be wrong with a script that is submitted, found before anything is queued."""

from __future__ import annotations

import os
from dataclasses import replace
from pathlib import Path

from runstore.errors import LaunchError
from runstore.launch.config import Environment, ScriptRunConfig
from runstore.launch.queue import RESULTS


def script(config: ScriptRunConfig, workspace: Path) -> ScriptRunConfig:
    """The configuration as it is queued: its paths settled, everything in it seen to.

    Args:
        config: as the user made it; it is not changed.
        workspace: never part of the source.

    Raises:
        LaunchError: it can't be started; the message says what to give instead.
        SnapshotError: its source is too big, or can't be listed.
    """
    from runstore.launch import environments
    from runstore.runs import snapshot

    whole = isinstance(config.processes, int) and not isinstance(config.processes, bool)
    if not whole or config.processes < 1:
        raise LaunchError(f"processes: give a whole number of at least 1, not {config.processes!r}")
    longest = config.max_run_duration_seconds
    if longest is not None and not longest > 0:
        raise LaunchError(f"max_run_duration_seconds: give a number above 0, or None, not {longest!r}")
    root = Path(config.source_directory).absolute()
    if not root.is_dir():
        raise LaunchError(f"{root}: no such directory; source_directory is the one the script lies in")
    words = config.argv()
    if not words or any("\0" in word for word in words):
        raise LaunchError("the command is empty, or has a NUL in it; give a program and its arguments")
    for word in words:
        if not _is_text(word):
            raise LaunchError(f"argument {word!r}: is not UTF-8, which no job can hold; call the file by another name")
    environment = config.environment or Environment()
    for name, value in {**environment.variables, **config.variables}.items():
        _variable(name, value)
    environments.check(environment)
    snapshot.tree(root, [workspace, *(root / name for name in RESULTS)])
    return replace(
        config, source_directory=str(root), environment=environments.settled(environment),
        script=None if config.script is None else within(root, config.script, workspace),
    )  # fmt: skip


def _variable(name: str, value: object) -> None:
    if not isinstance(name, str) or not name or "=" in name or "\0" in name:
        raise LaunchError(f"environment variable {name!r}: a name is a text without '='")
    if not isinstance(value, str) or "\0" in value or not _is_text(name + value):
        raise LaunchError(f"environment variable {name}: give its value as text, not {type(value).__name__}")


def _is_text(given: str) -> bool:
    """Whether it can be written down; bytes of a command line that are no UTF-8 can't."""
    return given == given.encode(errors="replace").decode()


def within(root: Path, given: str | os.PathLike[str], workspace: Path) -> str:
    """A script's path from the root of its source.

    Raises:
        LaunchError: it lies elsewhere, is not there, or is left out of the snapshot.
    """
    from runstore.runs import snapshot

    path = os.path.normpath(root / given)
    relative = os.path.relpath(path, root)
    outside = os.path.relpath(os.path.realpath(path), os.path.realpath(root))
    if relative.split(os.sep)[0] == os.pardir or outside.split(os.sep)[0] == os.pardir:
        raise LaunchError(f"{path}: lies outside of source_directory {root}; name a directory that holds the script")
    if not os.path.isfile(path):
        raise LaunchError(f"{path}: no such script; `script` is its path from source_directory ({root})")
    if workspace in Path(path).parents:
        raise LaunchError(f"{path}: lies in the workspace, of which nothing is copied; keep sources beside it")
    if relative.split(os.sep)[0] in RESULTS:
        raise LaunchError(f"{path}: lies among the results of runs, of which nothing is copied; keep it elsewhere")
    if snapshot.leaves_out(root, relative.replace(os.sep, "/")):
        raise LaunchError(f"{path}: is left out of the snapshot that is run; see .amlignore or .gitignore in {root}")
    return relative
