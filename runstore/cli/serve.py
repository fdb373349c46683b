"""``runstore serve``: a workspace, or a lake, for others to sync with."""

from __future__ import annotations

import json
import sys
from pathlib import Path
from typing import TYPE_CHECKING

import click

from runstore.cli import options, style
from runstore.cli.text import safe
from runstore.errors import UsageError

if TYPE_CHECKING:
    from runstore.sync.server.served import Limits, Served
    from runstore.view.server.app import Page

PORT = 8642


@click.command(
    "serve", cls=options.Command, context_settings=options.SETTINGS,
    epilog=options.epilog(
        "runstore serve --port 8642", "runstore token create --name laptop --scope write --expires 90d",
        "runstore serve --host 0.0.0.0 --tls-cert cert.pem --tls-key key.pem --allow-host runs.example.com",
    ),
)  # fmt: skip
@click.option(
    "-w", "--workspace", metavar="DIR|URL",
    help="What is served: a workspace's directory (default: as for any command), or the address of a lake.",
)  # fmt: skip
@click.option("--host", default="127.0.0.1", show_default=True, metavar="ADDRESS", help="The address to listen at.")
@click.option("--port", type=click.IntRange(0, 65535), default=PORT, show_default=True, help="0: any that is free.")
@click.option(
    "--tokens", type=click.Path(path_type=Path, dir_okay=False), metavar="FILE", help="Where tokens are kept."
)
@click.option("--tls-cert", type=click.Path(path_type=Path, exists=True, dir_okay=False), metavar="PEM")
@click.option("--tls-key", type=click.Path(path_type=Path, exists=True, dir_okay=False), metavar="PEM")
@click.option("--allow-host", multiple=True, metavar="NAME", help="By which name it may be called too. Repeatable.")
@click.option("--plain-http", is_flag=True, help="Listen beyond this machine without TLS: a proxy in front has it.")
@click.option(
    "--no-tokens", is_flag=True, help="Let everybody who reaches it read and write, as long as there is no token."
)
@click.option("--quota", metavar="SIZE", help="The most that the workspace may grow to, such as 500GB.")
@click.option(
    "--rate", type=click.FloatRange(min=1), default=100.0, show_default=True, help="Requests a second, of each."
)
@click.option(
    "--patience", type=click.FloatRange(min=0.1), default=30.0, show_default=True, metavar="SECONDS",
    help="How long who says nothing is waited for.",
)  # fmt: skip
@click.option("--json", "as_json", is_flag=True, help="Print the line about the address as JSON.")
@options.debug
def serve(
    workspace: str | None, host: str, port: int, tokens: Path | None, tls_cert: Path | None, tls_key: Path | None,
    allow_host: tuple[str, ...], plain_http: bool, no_tokens: bool, quota: str | None, rate: float, patience: float,
    as_json: bool,
) -> None:  # fmt: skip
    """Serve a workspace over HTTP: to sync with, and to look at.

    Only this machine can reach it unless --host says otherwise, for which it wants tokens (`runstore token create`) and
    TLS. Without tokens it prints one that is good until it ends. Ends by SIGTERM or Ctrl-C, after what is being done.
    docs/server.md shows it behind systemd and in a container.
    """
    from runstore.sync.connecting import installed

    with installed("server"):
        from runstore.sync.server import connections, hosts, serving
    if (tls_cert is None) != (tls_key is None):
        raise click.UsageError("--tls-cert and --tls-key belong together")
    served = _served(workspace, tokens, _limits(quota, rate, patience))
    served.tls, served.open = tls_cert is not None, no_tokens
    served.hosts = frozenset(hosts.names_of(host) | {one.lower() for one in allow_host})
    _careful(served, host, plain_http, no_tokens, hosts.loopback(host))
    at = connections.listening(host, port)
    page = _page(served, Path(workspace) if workspace is not None else None) if served.direct else None
    url = _url(host, at.getsockname()[1], served.tls)
    token = "" if no_tokens or served.tokens.every() else served.tokens.startup()
    told = _json(url, served, token) if as_json else _lines(url, served, token, page is not None)
    serving.serve(served, at, tls_cert, tls_key, lambda: _announce(told), page)


def _served(workspace: str | None, tokens: Path | None, limits: Limits) -> Served:
    """What is to be served, and where it keeps what it needs to."""
    from runstore.format import names
    from runstore.sync import addresses, connecting
    from runstore.sync.incoming import Incoming
    from runstore.sync.place import Place
    from runstore.sync.server.audit import Audit
    from runstore.sync.server.served import Served, size
    from runstore.sync.server.tokens import Tokens

    if workspace is None or ("://" not in workspace and (Path(workspace) / names.WORKSPACE).exists()):
        path = options.opened(Path(workspace) if workspace is not None else None).path
        place = Place(path)
        kept = Tokens(tokens or path / names.SERVER_TOKENS)
        audit = Audit(path / names.SERVER_AUDIT)
        return Served(
            place, kept, audit, place.incoming, frozenset(), path.resolve().name, limits=limits,
            measure=lambda: size(path),
        )  # fmt: skip
    if tokens is None:
        raise click.UsageError("--tokens FILE is needed with a lake: tokens, the audit log and what comes in lie there")
    lake = connecting.connect("", addresses.parse(workspace))
    incoming = Incoming(tokens.absolute().parent / "incoming")
    audit = Audit(tokens.absolute().parent / "audit.jsonl")
    return Served(lake, Tokens(tokens.absolute()), audit, incoming, frozenset(), lake.label, limits=limits)


def _page(served: Served, workspace: Path | None) -> Page | None:
    """The page of what is served: whoever may read sees it, whoever may write edits. None where it is not built."""
    from runstore.sync.server import tokens
    from runstore.view.server.app import Page
    from runstore.view.server.guard import READ, WRITE
    from runstore.view.server.static import STATIC

    if not (STATIC / "index.html").is_file():
        return None

    def knows(given: str) -> str | None:
        if served.open and not served.tokens.every():
            return WRITE
        token = served.tokens.find(given)
        return None if token is None else WRITE if token.may(tokens.WRITE) else READ

    return Page(options.opened(workspace), knows, served.hosts, proxied=not served.tls)


def _careful(served: Served, host: str, plain_http: bool, no_tokens: bool, near: bool) -> None:
    """Nobody opens a workspace to the world by mistake."""
    if near:
        return
    if not served.tokens.every() and not no_tokens:
        raise UsageError(
            f"{host}: others could reach it, and there are no tokens; `runstore token create` makes one "
            "(or say --no-tokens)"
        )
    if not served.tls and not plain_http:
        raise UsageError(
            f"{host}: others could reach it, and listen in; give --tls-cert and --tls-key (or say --plain-http)"
        )


def _limits(quota: str | None, rate: float, patience: float) -> Limits:
    from runstore.sync.server.served import Limits

    most = None if quota is None else options.sized(quota, "--quota")
    return Limits(rate=rate, burst=5 * rate, quiet=patience, quota=most)


def _url(host: str, port: int, tls: bool) -> str:
    shown = f"[{host}]" if ":" in host else host
    return f"http{'s' * tls}://{shown}:{port}"


def _announce(text: str) -> None:
    style.echo(text)
    sys.stdout.flush()


def _json(url: str, served: Served, token: str) -> str:
    told = {"url": url, "id": served.remote.id, "tokens": len(served.tokens.every())}
    return json.dumps({**told, **({"token": token} if token else {})})


def _lines(url: str, served: Served, token: str, page: bool) -> str:
    lines = [f"serving {safe(served.label)} at {style.bold(url)}"]
    if token and page:
        lines.append(f"page:  {url}/?token={token}")
    if token:
        lines.append(f"token: {token}  (until this server ends; `runstore token create` makes lasting ones)")
    return "\n".join(lines)
