"""``runstore ui``: the page of a workspace, in a browser."""

from __future__ import annotations

import html
import os
import sys
import tempfile
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
        from runstore.sync.server import connections, hosts
        from runstore.view.server import serving
        from runstore.view.server.app import Page
    except ImportError as problem:
        raise UsageError(
            f"{(problem.name or '').partition('.')[0]} is not installed; `pip install 'runstore[ui]'` brings it"
        ) from None
    token = serving.token()
    refresh = ws.refresh if ws.mirrors else None
    page = Page(ws, token, hosts.names_of(host), addresses=not hosts.loopback(host), refresh=refresh)
    at = connections.listening(host, port, otherwise=True)
    url = serving.url(host, at.getsockname()[1], token)
    if not hosts.loopback(host):
        style.note(f"{host}: others can reach it, and listen in; an SSH tunnel to this machine is safer")
    with tempfile.TemporaryDirectory(prefix="runstore-ui-") as private:
        serving.serve(page, at, lambda: _tell(url, not no_browser, Path(private)))


def _opened(workspace: Path | None) -> Workspace:
    """The workspace; where there could be one and is none, how one begins is said first."""
    try:
        return options.opened(workspace)
    except NotAWorkspace:
        if workspace is None or not workspace.exists() or (workspace.is_dir() and not any(workspace.iterdir())):
            place = "" if workspace is None else f", workspace={str(workspace)!r}"
            click.echo(_FIRST.format(place=place), err=True)
        raise


def _tell(url: str, browser: bool, private: Path) -> None:
    click.echo(url)
    sys.stdout.flush()
    if browser and _has_screen():
        threading.Thread(target=_open, args=(url, private), daemon=True, name="runstore-browser").start()


def _has_screen() -> bool:
    """Whether a browser would show anything: where there is no screen, one for terminals would take this one."""
    return os.name == "nt" or sys.platform == "darwin" or bool(os.getenv("DISPLAY") or os.getenv("WAYLAND_DISPLAY"))


def _open(url: str, private: Path) -> None:
    import webbrowser

    webbrowser.open(_redirect(url, private).as_uri())


def _redirect(url: str, private: Path) -> Path:
    """Make a file that leads a browser to an address, in a directory that only its owner can enter.

    Every user of the machine sees the command line of a browser, and the address has the token in it.
    """
    file = private / "open.html"
    with os.fdopen(os.open(file, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600), "w", encoding="utf-8") as page:
        page.write(f'<!doctype html><meta http-equiv="refresh" content="0;url={html.escape(url)}">')
    return file
