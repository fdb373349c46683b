"""``runstore token``: who may sync with a server."""

from __future__ import annotations

from datetime import UTC, datetime
from pathlib import Path
from typing import TYPE_CHECKING

import click

from runstore.cli import options, output, style, table
from runstore.cli.text import safe
from runstore.sync.server import tokens as kept

if TYPE_CHECKING:
    from runstore.sync.server.tokens import Token, Tokens

_file = click.option(
    "--tokens", "file", type=click.Path(path_type=Path, dir_okay=False), metavar="FILE",
    help="Where tokens are kept; needed for a lake. Default: in the workspace.",
)  # fmt: skip


@options.group("token", "runstore token create --name laptop --scope write --expires 90d", "runstore token list")
def token() -> None:
    """Say who may sync with `runstore serve`."""


@options.command(
    "create", "runstore token create --name laptop --scope write --expires 90d",
    "runstore token create --name dashboard --scope read --expires never --json",
)  # fmt: skip
@click.option("--name", required=True, metavar="NAME", help="Whose it is; the audit log calls it so.")
@click.option("--scope", type=click.Choice(kept.SCOPES), default=kept.WRITE, show_default=True)
@click.option("--expires", default="90d", show_default=True, metavar="TIME", help="Such as 30d, 12h or never.")
@_file
@options.as_json
def create(name: str, scope: str, expires: str, file: Path | None, workspace: Path | None, format_: str | None) -> None:
    """Make a token, and print it: this once, for only its hash is kept.

    Each may what those before it may. read: fetch. write: send, which never changes what is there. admin: see the audit
    log.
    """
    given = _tokens(workspace, file).create(name, scope, kept.seconds(expires))
    if format_ == "json":
        output.print_json({"name": name, "scope": scope, "token": given})
    else:
        style.echo(given)


@options.command("list", "runstore token list", "runstore token list --json")
@_file
@options.as_json
def list_(file: Path | None, workspace: Path | None, format_: str | None) -> None:
    """List the tokens: whose they are, and for how long."""
    found = _tokens(workspace, file).every()
    if format_ == "json":
        output.print_json([_data(one) for one in found])
    elif not found:
        style.echo("no tokens yet; `runstore token create --name NAME` makes one")
    else:
        now = int(datetime.now(UTC).timestamp() * 1e9)
        until = ["never" if one.expires is None else _day(one.expires) for one in found]
        until = [f"{text} (over)" if one.expired(now) else text for one, text in zip(found, until, strict=True)]
        columns = [
            table.of_values("name", [one.name for one in found]),
            table.of_values("scope", [one.scope for one in found]),
            table.of_values("created", [_day(one.created) for one in found]), table.of_values("expires", until),
            table.of_values("id", [one.id for one in found]),
        ]  # fmt: skip
        for line in table.render(columns, None)[0]:
            style.echo(line)


@options.command("revoke", "runstore token revoke laptop")
@click.argument("name")
@_file
def revoke(name: str, file: Path | None, workspace: Path | None) -> None:
    """Make a token nobody's, at once. NAME is its name or its id."""
    gone = _tokens(workspace, file).revoke(name)
    style.echo(f"{safe(gone.name)}: revoked")


for _one in (create, list_, revoke):
    token.add_command(_one)


def _tokens(workspace: Path | None, file: Path | None) -> Tokens:
    from runstore.format import names
    from runstore.sync.server.tokens import Tokens

    return Tokens(file.absolute() if file is not None else options.opened(workspace).path / names.SERVER_TOKENS)


def _data(one: Token) -> dict[str, object]:
    expires = None if one.expires is None else _time(one.expires)
    return {"id": one.id, "name": one.name, "scope": one.scope, "created": _time(one.created), "expires": expires}


def _time(ns: int) -> str:
    return datetime.fromtimestamp(ns // 10**9, UTC).isoformat().replace("+00:00", "Z")


def _day(ns: int) -> str:
    return datetime.fromtimestamp(ns // 10**9, UTC).strftime("%Y-%m-%d %H:%M")
