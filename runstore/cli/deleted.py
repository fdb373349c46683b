"""``runstore runs --deleted``: what could still be restored."""

from __future__ import annotations

from dataclasses import fields
from typing import TYPE_CHECKING

from runstore.cli import figures, output, style, table
from runstore.cli.runs import column

if TYPE_CHECKING:
    from runstore import Workspace


def show(ws: Workspace, experiment: str | None, limit: int | None, format_: str | None) -> None:
    """Print the deleted runs, the last one deleted first.

    Args:
        ws: the workspace.
        experiment: only those of this experiment.
        limit: at most so many; None for all.
        format_: ``json`` or ``csv``; None for a table.
    """
    from runstore.query.deleting import Deleted

    names = [field.name for field in fields(Deleted)]
    found = [one for one in ws.deleted() if experiment in (None, one.experiment)]
    rows = [[getattr(one, name) for name in names] for one in found[:limit]]
    if format_ is not None:
        output.print_rows(names, rows, format_)
        return
    if not found:
        style.echo("no run is deleted")
        return
    columns = [column(name, [row[at] for row in rows], 100.0 - at) for at, name in enumerate(names)]
    for line in table.render(columns, style.columns())[0]:
        style.echo(line)
    counted = figures.plural(len(found), "deleted run")
    style.echo(style.dim(f"{counted}; `runstore restore RUN` brings one back"))
