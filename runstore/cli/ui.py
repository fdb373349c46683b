"""``runstore ui``: the page of a workspace, in a browser."""

from __future__ import annotations

import os
import sys
import threading
from pathlib import Path
from typing import TYPE_CHECKING

import click

from runstore.cli import options, style
from runstore.errors import NotAWorkspace, UsageError

if TYPE_CHECKING:
    from runstore import Workspace

PORT = 8643
_FIRST = """A workspace begins with its first run:

import runstore
with runstore.start_run("first"{place}) as run:
    for step in range(100):
        run.log("loss", 1 / (step + 1), step=step)
"""


@options.command("ui", "runstore ui", "runstore ui -w s3://bucket/runs --port 9000", "runstore ui --no-browser")
@click.option("--port", type=click.IntRange(0, 65535), default=PORT, show_default=True, help="If it's free, else any.")
@click.option("--host", default="127.0.0.1", show_default=True, metavar="ADDRESS", help="The address to listen at.")
@click.option("--no-browser", is_flag=True, help="Only tell where the page is.")
def ui(workspace: Path | None, port: int, host: str, no_browser: bool) -> None:
    """Show the runs of a workspace in a browser, live.

    The first line printed is the page's address. Whoever has it can read the workspace, and edit tags, notes and the
    like; without it nobody can. Only this machine can reach it unless --host says otherwise. Ends by Ctrl-C.
    """
    ws = _opened(workspace)
    try:
        from runstore.view.server import serving
        from runstore.view.server.app import Page
    except ImportError as problem:
        raise UsageError(f"{problem.name} is not installed; `pip install 'runstore[ui]'` brings it") from None
    token = serving.token()
    refresh = ws.refresh if ws.mirrors else None
    page = Page(ws, token, serving.names_of(host), addresses=not serving.loopback(host), refresh=refresh)
    at = serving.listening(host, port)
    url = serving.url(host, at.getsockname()[1], token)
    if not serving.loopback(host):
        style.note(f"{host}: others can reach it, and listen in; an SSH tunnel to this machine is safer")
    serving.serve(page, at, lambda: _tell(url, not no_browser))


def _opened(workspace: Path | None) -> Workspace:
    """The workspace; where there could be one and is none, how one begins is said first."""
    try:
        return options.opened(workspace)
    except NotAWorkspace:
        if workspace is None or not workspace.exists() or (workspace.is_dir() and not any(workspace.iterdir())):
            place = "" if workspace is None else f", workspace={str(workspace)!r}"
            click.echo(_FIRST.format(place=place), err=True)
        raise


def _tell(url: str, browser: bool) -> None:
    click.echo(url)
    sys.stdout.flush()
    if browser and _has_screen():
        threading.Thread(target=_open, args=(url,), daemon=True, name="runstore-browser").start()


def _has_screen() -> bool:
    """Whether a browser would show anything: where there is no screen, one for terminals would take this one."""
    return os.name == "nt" or sys.platform == "darwin" or bool(os.getenv("DISPLAY") or os.getenv("WAYLAND_DISPLAY"))


def _open(url: str) -> None:
    import webbrowser

    webbrowser.open(url)
