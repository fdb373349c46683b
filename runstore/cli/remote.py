"""``runstore remote``: where a workspace is synchronized with, and how that stands."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import TYPE_CHECKING, Any

import click

from runstore.cli import figures, options, output, style, table
from runstore.cli.main import FAILED
from runstore.cli.progress import Spinner
from runstore.cli.table import Column
from runstore.cli.text import safe
from runstore.errors import RemoteError, RunstoreError

if TYPE_CHECKING:
    from runstore.sync.remotes import Configured
    from runstore.sync.sending import Standing


@options.group("remote", "runstore remote add team https://runs.example.com", "runstore remote status")
def remote() -> None:
    """Say where runs are synchronized with, and see how that stands."""


@options.command(
    "add", "runstore remote add team https://runs.example.com", "runstore remote add lake s3://bucket/runs",
    "runstore remote add nas /mnt/nas/runs --exclude artifacts --where \"status = 'Completed'\"",
)  # fmt: skip
@click.argument("name")
@click.argument("url")
@click.option("--include", multiple=True, metavar="KIND", help="Send only this kind of data. Repeatable.")
@click.option("--exclude", multiple=True, metavar="KIND", help="Don't send this kind of data. Repeatable.")
@options.experiments
@options.where
@click.option("--tag", "tags", multiple=True, metavar="NAME[=VALUE]", help="Only runs with this tag. Repeatable.")
@click.option("--no-probe", is_flag=True, help="Don't try out whether it can be trusted.")
def add(
    name: str, url: str, include: tuple[str, ...], exclude: tuple[str, ...], experiments: tuple[str, ...],
    where: str | None, tags: tuple[str, ...], no_probe: bool, workspace: Path | None,
) -> None:  # fmt: skip
    """Know a remote from now on, and try out whether it can be trusted.

    URL is a lake (a directory, s3://, az://, abfss://, gs://), a workspace server (https://) or an MLflow tracking
    server (mlflow+https://). Passwords and tokens have no place in it: docs/sync.md says where theirs is.

    KIND is metrics (tables among them), system_metrics, logs or artifacts; params, tags and statuses always travel.
    What is chosen here holds for every sync to this remote.
    """
    from runstore.sync import remotes
    from runstore.sync.rules import Rules

    path = options.opened(workspace).path
    rules = Rules(include, exclude, experiments, where or "", tags)
    with Spinner() as spinner:
        spinner("asking it" if no_probe else "trying it out")
        added = remotes.add(path, name, url, rules, not no_probe)
    for text in added.warnings:
        style.note(f"runstore: warning: {safe(text)}")
    style.echo(f"{style.bold(name)}: {safe(added.known.url)}, {_KINDS[added.known.kind]}")


_KINDS = {"lake": "a lake", "server": "a workspace server", "mlflow": "an MLflow server"}


@options.command("list", "runstore remote list", "runstore remote list --json")
@options.as_json
def list_(format_: str | None, workspace: Path | None) -> None:
    """List the remotes, and what may travel to each."""
    from runstore.sync import remotes

    path = options.opened(workspace).path
    found, broken = _known(path, remotes.every(path))
    if format_ == "json":
        output.print_json([_data(one) for one in found])
    elif not found and not broken:
        style.echo(_NO_REMOTES)
    else:
        columns = [
            Column("name", [safe(one.name) for one in found], weight=9),
            Column("kind", [one.kind for one in found], weight=3),
            Column("url", [safe(one.url) for one in found], weight=8),
            Column("added", [figures.ago(_time(one.added)) for one in found], weight=1),
            Column("rules", [safe("; ".join(one.rules.lines())) for one in found], weight=2),
        ]
        _table([one for one in columns if one.title != "rules" or any(one.cells)])
    _tell(broken)


@options.command("remove", "runstore remote remove team")
@click.argument("name")
def remove(name: str, workspace: Path | None) -> None:
    """Know a remote no longer. Nothing there is touched, and nothing here but what is known of it."""
    from runstore.sync import remotes

    remotes.remove(options.opened(workspace).path, name)
    style.echo(f"{style.bold(safe(name))}: removed; what was sent there is there still")


@options.command("confirm", "runstore remote confirm team")
@click.argument("name")
@click.option("--yes", is_flag=True, help="Don't ask.")
def confirm(name: str, yes: bool, workspace: Path | None) -> None:
    """Say that tokens of yours may go to a remote's address. `remote add` and `login` have said so already.

    Needed in a workspace that somebody else has made: its remotes are theirs until you have seen where they lie.
    """
    from runstore.sync import confirmed, remotes

    known = remotes.named(options.opened(workspace).path, name)
    if not (yes or click.confirm(f"Send tokens of {safe(known.name)} to {safe(known.url)}?", err=True)):
        raise RemoteError(f"{known.url} is not confirmed; no token will be sent to it")
    confirmed.confirm(known.url)
    style.echo(f"{style.bold(safe(known.name))}: {safe(known.url)} is confirmed")


@options.command("status", "runstore remote status", "runstore remote status team --verify")
@click.argument("remotes", nargs=-1, metavar="[REMOTE]...")
@click.option(
    "--verify", is_flag=True, help="Ask the remotes for what they have, too. Without it no network is needed."
)
@options.as_json
def status(remotes: tuple[str, ...], verify: bool, format_: str | None, workspace: Path | None) -> None:
    """Show of remotes when something went there last, and what is unsent.

    A run that is running counts as unsent: there may be more of it any moment. With --verify exits with 1 if a remote
    could not be asked, or has lost something.
    """
    from runstore.sync import sending
    from runstore.sync.remotes import every

    path = options.opened(workspace).path
    found, broken = _known(path, list(remotes) or every(path))
    stands = [sending.standing(path, one) for one in found]
    answers = [_asked(path, one) for one in found] if verify else []
    if format_ == "json":
        told = [{**_data(one), **_stand(how)} for one, how in zip(found, stands, strict=True)]
        output.print_json(
            [{**one, "verified": said} for one, said in zip(told, answers, strict=True)] if verify else told
        )
    elif not found and not broken:
        style.echo(_NO_REMOTES)
    else:
        columns = [
            Column("name", [safe(one.name) for one in found], weight=9),
            Column("url", [safe(one.url) for one in found], weight=5),
            Column("id", [one.id[:8] for one in found], weight=1),
            Column("added", [figures.ago(_time(one.added)) for one in found], weight=2),
            Column("last sync", [_ago(how.last) for how in stands], weight=7),
            Column("unsent", [_unsent(how) for how in stands], weight=8),
        ]
        _table([*columns, *([Column("verified", [safe(one) for one in answers], weight=6)] if verify else [])])
    _tell(broken)
    if any(one != _VERIFIED for one in answers):
        click.get_current_context().exit(FAILED)


_VERIFIED = "all there"
_NO_REMOTES = "no remotes; `runstore remote add NAME URL` adds one"


def _asked(path: Path, one: Configured) -> str:
    """What comes of asking a remote: ``_VERIFIED``, or in what it is otherwise."""
    from runstore.sync import sending

    with Spinner() as spinner:
        spinner(f"asking {one.name}")
        try:
            lost = sending.lost(path, one)
        except (RunstoreError, OSError) as problem:
            return str(problem)
    return f"{figures.plural(lost, 'run')} lost something" if lost else _VERIFIED


@options.command("probe", "runstore remote probe team", "runstore remote probe lake --json")
@click.argument("name")
@options.as_json
def probe(name: str, format_: str | None, workspace: Path | None) -> None:
    """Try out whether a remote can be trusted with what sync relies on. Exits with 1 if it can't."""
    from runstore.sync import connecting, remotes

    known = remotes.named(options.opened(workspace).path, name)
    with Spinner() as spinner:
        spinner("trying it out")
        asked = connecting.ask(known.name, known.address)
    if format_ == "json":
        output.print_json({"name": known.name, "id": asked.id, "probe": asked.probe, "warnings": asked.warnings})
        return
    for text in asked.warnings:
        style.note(f"runstore: warning: {safe(text)}")
    for what, found in asked.probe.items():
        style.echo(f"{safe(what)}: {safe(output.flat(found))}")


@options.command("optimize", "runstore remote optimize lake", "runstore remote optimize lake --keep-hours 24")
@click.argument("name")
@click.option(
    "--keep-hours", type=click.IntRange(min=0), default=168, show_default=True,
    help="Old versions younger than this stay, for those who are reading them.",
)  # fmt: skip
def optimize(name: str, keep_hours: int, workspace: Path | None) -> None:
    """Put small files of a lake's tables together, and remove old versions. What they answer stays the same."""
    from runstore.sync import connecting, remotes

    known = remotes.named(options.opened(workspace).path, name)
    with Spinner() as spinner:
        spinner("optimizing")
        done = connecting.optimize(known.name, known.address, keep_hours)
    merged = f"{figures.plural(done.merged, 'file')} made {done.into:,}" if done.merged else ""
    gone = f"{figures.plural(done.deleted, 'file')} deleted, {figures.size(done.bytes)}" if done.deleted else ""
    style.echo(f"{style.bold(safe(name))}: {'; '.join(filter(None, (merged, gone))) or 'nothing to do'}")


# ---- what is shown


def _known(path: Path, wanted: list[str]) -> tuple[list[Configured], list[str]]:
    """The remotes of these names; and of those whose document can't be read, why."""
    from runstore.sync import remotes

    found, broken = [], []
    for name in dict.fromkeys(wanted):
        if name not in remotes.every(path):
            remotes.named(path, name)
        try:
            found.append(remotes.named(path, name))
        except RunstoreError as problem:
            broken.append(str(problem))
    return found, broken


def _tell(broken: list[str]) -> None:
    """Say which remotes can't be read; that is a failure."""
    for text in broken:
        style.note(f"runstore: {safe(text)}")
    if broken:
        click.get_current_context().exit(FAILED)


def _data(one: Configured) -> dict[str, Any]:
    return {
        "name": one.name, "kind": one.kind, "url": one.url, "id": one.id, "added": _time(one.added),
        "probe": one.probe, "rules": one.rules.dump(),
    }  # fmt: skip


def _stand(how: Standing) -> dict[str, Any]:
    last = None if how.last is None else figures.utc_now() - timedelta(seconds=how.last)
    return {"last_sync": last, "unsent_runs": how.runs, "unsent_documents": how.documents}


def _time(nanoseconds: int) -> datetime:
    return datetime.fromtimestamp(nanoseconds / 1e9, UTC).replace(tzinfo=None)


def _ago(seconds: float | None) -> str:
    now = figures.utc_now()
    return "never" if seconds is None else figures.ago(now - timedelta(seconds=seconds), now)


def _unsent(how: Standing) -> str:
    parts = [figures.plural(how.runs, "run")] if how.runs else []
    parts += [figures.plural(how.documents, "document")] if how.documents else []
    return ", ".join(parts) or "nothing"


def _table(columns: list[Column]) -> None:
    drawn, hidden = table.render(columns, style.columns())
    for line in drawn:
        style.echo(line)
    if hidden:
        style.echo(style.dim(table.left_out(hidden, "--json has them")))


for _one in (add, list_, remove, confirm, status, probe, optimize):
    remote.add_command(_one)
