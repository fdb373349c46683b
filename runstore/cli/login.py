"""``runstore login``: the token of a remote, checked and kept where it belongs."""

from __future__ import annotations

import sys
from pathlib import Path
from typing import TYPE_CHECKING

import click

from runstore.cli import options, style
from runstore.cli.text import safe
from runstore.errors import UsageError

if TYPE_CHECKING:
    from runstore.sync.remotes import Configured


@options.command("login", "runstore login team", "runstore login team --token-stdin < token.txt")
@click.argument("name", required=False)
@click.option("--token-stdin", is_flag=True, help="Read the token from standard input.")
def login(name: str | None, token_stdin: bool, workspace: Path | None) -> None:
    """Keep the token of a workspace server in the keyring.

    NAME is a remote's (default: the only one). The token is asked for without an echo, and tried before it is kept.
    Where there is no keyring, RUNSTORE_TOKEN_<NAME> or RUNSTORE_TOKEN in the environment does as well.
    """
    from runstore.sync import confirmed, connecting, credentials, remotes

    path = options.opened(workspace).path
    known = remotes.named(path, name)
    if known.kind != "server":
        raise UsageError(
            f"{known.name}: is no workspace server; its credentials come from the environment (docs/sync.md)"
        )
    if token_stdin:  # else the question shows where the token goes
        confirmed.require(known.url, "the token", known.name)
    given = credentials.checked(_given(token_stdin, known), "that")
    with connecting.installed("server"):
        from runstore.sync.client import Server
    server = Server(known.url, given, known.id, known.name)
    try:
        told = server.info()
    finally:
        server.close()
    credentials.store(known.name, known.url, given)
    confirmed.confirm(known.url)
    remotes.met(path, known)
    style.echo(f"{known.name}: logged in as {safe(str(told.get('token', '')))} ({safe(str(told.get('scope', '')))})")


def _given(token_stdin: bool, known: Configured) -> str:
    if token_stdin:
        return sys.stdin.readline()
    given: str = click.prompt(f"Token for {safe(known.name)} at {safe(known.url)}", hide_input=True, err=True)
    return given
