"""Options that several commands take, spelled and explained once."""

from __future__ import annotations

import re
from collections.abc import Callable
from pathlib import Path
from typing import TYPE_CHECKING, Any, TypeVar

import click

if TYPE_CHECKING:
    from runstore import Run, Workspace

F = TypeVar("F", bound=Callable[..., Any])
SETTINGS = {"help_option_names": ["-h", "--help"]}
_DEBUG = "runstore.debug"


def _set_debug(context: click.Context, _: click.Parameter, given: bool) -> None:
    if given:
        context.find_root().meta[_DEBUG] = True


def debugging(context: click.Context) -> bool:
    """Whether --debug was given, before or after the command's name."""
    return bool(context.find_root().meta.get(_DEBUG))


debug = click.option(
    "--debug", is_flag=True, expose_value=False, is_eager=True, callback=_set_debug,
    help="Show the traceback of an error.",
)  # fmt: skip


def epilog(*examples: str) -> str:
    """The examples at the end of a command's help."""
    return "\b\nExample:\n" + "\n".join(f"  {example}" for example in examples)


class Command(click.Command):
    """A command whose ``--sort NAME [desc]`` may be two words."""

    def parse_args(self, ctx: click.Context, args: list[str]) -> list[str]:
        """Join ``--sort NAME desc`` to one value."""
        joined: list[str] = []
        for arg in args:
            if arg.lower() in ("asc", "desc") and len(joined) > 1 and joined[-2] == "--sort":
                joined[-1] += f" {arg}"
            else:
                joined.append(arg)
        return super().parse_args(ctx, joined)


def command(
    name: str, *examples: str, cls: type[click.Command] = Command
) -> Callable[[Callable[..., Any]], click.Command]:
    """A command with ``-w`` and ``--debug``, and examples in its help."""

    def wrap(function: Callable[..., Any]) -> click.Command:
        made = click.command(name, cls=cls, context_settings=SETTINGS, epilog=epilog(*examples))
        return made(workspace(debug(function)))

    return wrap


def group(name: str, *examples: str) -> Callable[[Callable[..., Any]], click.Group]:
    """A group of commands, with examples in its help. Its commands are made with ``command`` and added to it."""

    def wrap(function: Callable[..., Any]) -> click.Group:
        made = click.group(name, cls=Group, context_settings=SETTINGS, epilog=epilog(*examples))
        found: click.Group = made(debug(function))
        return found

    return wrap


class Group(click.Group):
    """Commands in the order in which one meets them."""

    def list_commands(self, ctx: click.Context) -> list[str]:
        """Their names."""
        return list(self.commands)


class Place(click.Path):
    """The directory of a workspace; of a lake, named by its URL, that of a copy to read."""

    def __init__(self) -> None:
        """Any path, whether something is there or not."""
        super().__init__(path_type=Path)

    def convert(self, value: Any, param: click.Parameter | None, ctx: click.Context | None) -> Any:
        """The path. What can't be read of a lake is an error as anywhere else."""
        if isinstance(value, str) and "://" in value:
            from runstore import Workspace

            return Workspace(value, create=False).path
        return super().convert(value, param, ctx)


workspace = click.option(
    "-w", "--workspace", type=Place(), metavar="DIR",
    help="The workspace: a directory, or the URL of a lake to read. Default: $RUNSTORE_DIR, else the nearest .runstore "
    "upwards, else ./.runstore.",
)  # fmt: skip
experiment = click.option("-e", "--experiment", metavar="NAME", help="Only runs of this experiment.")
experiments = click.option(
    "-e", "--experiment", "experiments", multiple=True, metavar="NAME", help="Only runs of this experiment. Repeatable."
)
run_ids = click.option(
    "--run",
    "run_ids",
    multiple=True,
    metavar="RUN",
    help="Only this run, by any unique beginning of its id. Repeatable.",
)
bandwidth = click.option(
    "--bandwidth", metavar="RATE", help="At most so many bytes a second, over all threads: 10MB, 512KiB."
)
jobs = click.option(
    "--jobs", type=click.IntRange(1, 64), default=4, show_default=True, metavar="N",
    help="How many pieces are on their way at once.",
)  # fmt: skip
where = click.option(
    "--where", metavar="FILTER", help="Only runs for which this holds, such as \"lr < 0.1 and status = 'Completed'\"."
)
sort = click.option(
    "--sort", multiple=True, metavar="NAME [desc]", help="Order by a column of runs, a param or a metric. Repeatable."
)
as_of = click.option(
    "--as-of", metavar="TIME", help="As it was at this time, such as 2026-03-01T12:00 (UTC) or 2026-03-01T13:00+01:00."
)
as_json = click.option("--json", "format_", flag_value="json", help="Print JSON.")
as_csv = click.option("--csv", "format_", flag_value="csv", help="Print CSV.")
follow = click.option("-f", "--follow", is_flag=True, help="Go on until the run ends.")


def sized(text: str, option: str) -> int:
    """The bytes of a size such as ``500GB``, ``1.5TiB`` or ``200000``.

    Raises:
        click.BadParameter: it is none.
    """
    match = re.fullmatch(r"([0-9]+(?:\.[0-9]+)?) ?([kmgt]?)(i?)b?", text.strip(), re.IGNORECASE)
    if match is None:
        raise click.BadParameter(f"{text!r} is no size; write 500GB, 2TiB or 200000", param_hint=option)
    power = "kmgt".index(match[2].lower()) + 1 if match[2] else 0
    return int(float(match[1]) * (1024 if match[3] else 1000) ** power)


def opened(path: Path | None) -> Workspace:
    """The workspace to read. Never makes one.

    Raises:
        NotAWorkspace: there is none.
    """
    from runstore import Workspace
    from runstore.cli.progress import Passing
    from runstore.errors import NotAWorkspace
    from runstore.query import watchers

    watchers.watch(Passing("index"))
    found = Workspace(path, create=False)
    if found.disabled and not found.id:
        raise NotAWorkspace(f"{found.path}: no workspace there")
    return found


def newest(ws: Workspace, experiment: str | None = None) -> Run:
    """The run that was started last.

    Raises:
        RunNotFound: there is no run.
    """
    from runstore.errors import RunNotFound

    rows = ws.runs(columns=["run_id"], limit=1, experiment=experiment).fetchall()
    if not rows:
        raise RunNotFound(f"{ws.path}: no runs{f' in experiment {experiment!r}' if experiment else ''} yet")
    return ws.get_run(str(rows[0][0]))


def chosen(ws: Workspace, given: tuple[str, ...], experiment: str | None = None) -> list[Run]:
    """The runs that were named by a beginning of their ids, each once; the newest run where none was named."""
    if not given:
        return [newest(ws, experiment)]
    runs = [ws.get_run(text) for text in given]
    return list({run.id: run for run in runs}.values())
