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

_FIRST_RUN = """\
Log into it from Python:

  import runstore
  with runstore.start_run("mnist", params={{"lr": 0.1}}{where}) as run:
      run.log("loss", 0.3, step=0)

Then ask it:

  runstore runs{option}
  runstore sql "select run_id, params.lr, last.loss from runs"{option}
"""


@options.command("init", "runstore init", "runstore init experiments/.runstore")
@click.argument("path", required=False, type=click.Path(path_type=Path), metavar="[PATH]")
@options.as_json
def command(path: Path | None, format_: str | None, workspace: Path | None) -> None:
    """Make a workspace: in PATH, else in $RUNSTORE_DIR, else in ./.runstore.

    PATH must be missing or an empty directory. Logging makes a workspace by itself too.
    """
    from runstore import Workspace
    from runstore.errors import NotAWorkspace
    from runstore.runs.workspace import DIRECTORY

    if path is not None and workspace is not None and path != workspace:
        raise click.UsageError("name the workspace once: as PATH or with -w")
    place = path or workspace or Path(os.environ.get("RUNSTORE_DIR") or DIRECTORY)
    made = False
    try:
        ws = Workspace(place, create=False)
    except NotAWorkspace:
        ws, made = Workspace(place), True
    if not ws.id:
        raise UsageError("RUNSTORE_MODE=disabled: no workspace is made; unset it")
    if format_ == "json":
        output.print_json({"path": str(ws.path), "id": ws.id, "made": made})
        return
    style.echo(f"{'Made a workspace in' if made else 'There is a workspace already in'} {safe(ws.path)}")
    if made:
        style.echo("\n" + _next(ws.path))


def _next(place: Path) -> str:
    from runstore.runs.workspace import find

    if find().absolute() == place:
        return _FIRST_RUN.format(where="", option="")
    shown = os.path.relpath(place) if place.is_relative_to(Path.cwd()) else str(place)
    return _FIRST_RUN.format(where=f", workspace={json.dumps(safe(shown))}", option=f" -w {safe(shlex.quote(shown))}")
