"""``runstore init``: a new workspace, and what to do with it."""

from __future__ import annotations

import json
import os
import shlex
from pathlib import Path

import click

from runstore.cli import options, output, style
from runstore.cli.text import safe
from runstore.errors import UsageError


@options.command("init", "runstore init", "runstore init experiments/store")
@click.argument("path", required=False, type=click.Path(path_type=Path), metavar="[PATH]")
@options.as_json
def init(path: Path | None, workspace: Path | None, format_: str | None) -> None:
    """Make a workspace.

    It is made in PATH, else where -w or $RUNSTORE_DIR says, else in ./.runstore. Logging makes one by itself where
    there is none; this is for having it in a place of one's own.
    """
    from runstore import Workspace
    from runstore.format import names
    from runstore.runs.workspace import DIRECTORY, disabled

    if path is not None and workspace is not None and path.absolute() != workspace.absolute():
        raise click.UsageError("give the place once: as PATH or with -w")
    if disabled():
        raise UsageError("RUNSTORE_MODE=disabled turns everything off that makes files; unset it first")
    chosen = path or workspace or Path(os.environ.get("RUNSTORE_DIR") or DIRECTORY)
    existed = (chosen / names.WORKSPACE).exists()
    made = Workspace(chosen)
    if format_ == "json":
        output.print_json({"workspace": str(made.path), "created": not existed})
        return
    style.echo(f"{'already a workspace:' if existed else 'made a workspace:'} {safe(made.path)}")
    for line in _next(made.path):
        style.echo(line)


def _next(place: Path) -> list[str]:
    """What to do with it, first in Python, then in a shell."""
    option = where(place)
    opening = [f"    ws = runstore.Workspace({json.dumps(safe(shlex.split(option)[1]))})"] if option else []
    lines = [
        "",
        style.bold("log into it"),
        "    import runstore",
        *opening,
        f'    with runstore.start_run("first", params={{"lr": 0.1}}{", workspace=ws" if option else ""}) as run:',
        '        run.log("loss", 0.5, step=0)',
        "",
        style.bold("ask it"),
        f"    runstore runs{option}",
        f'    runstore sql "select run_id, params.lr, last.loss from runs"{option}',
    ]
    if option:
        lines += ["", style.bold("make it the default"), f"    export RUNSTORE_DIR={safe(shlex.quote(str(place)))}"]
    return lines


def where(path: Path) -> str:
    """The ``-w`` that a command needs to find this workspace from here; nothing where it finds it by itself."""
    from runstore.runs.workspace import find

    if find().absolute() == path.absolute():
        return ""
    text = os.path.relpath(path)
    text = text if len(text) < len(str(path)) else str(path)
    return f" -w {safe(shlex.quote(text))}"
