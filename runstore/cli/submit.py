"""``runstore submit``: a script as a run of its own, which goes on when this command has ended."""

from __future__ import annotations

import shlex
import sys
from collections.abc import Mapping
from pathlib import Path
from typing import TYPE_CHECKING, Any

import click

from runstore.cli import configured, options, output, style
from runstore.cli.demo import program
from runstore.cli.init import where
from runstore.cli.main import INTERRUPTED
from runstore.cli.text import safe
from runstore.launch.queue import SWEEP
from runstore.query.listing import short

if TYPE_CHECKING:
    from runstore import Run, Workspace
    from runstore.launch.config import ScriptRunConfig
    from runstore.launch.sweep.config import Sweep

_BEHIND = "runstore.behind"  # what stands behind ``--``


class Submit(options.Command):
    """The command. What stands behind ``--`` is the script's own."""

    def parse_args(self, ctx: click.Context, args: list[str]) -> list[str]:
        """Put aside what is the script's; say where an option belongs that is none of these."""
        at = args.index("--") if "--" in args else len(args)
        ctx.meta[_BEHIND] = args[at + 1 :]
        try:
            return super().parse_args(ctx, args[:at])
        except click.NoSuchOption as problem:
            raise click.UsageError(
                f"no such option: {problem.option_name}; the script's stand behind `--`", ctx
            ) from None


def _pairs(context: click.Context, option: click.Parameter, given: tuple[str, ...]) -> dict[str, str]:
    """``name=value``, as often as one likes."""
    for text in given:
        if not text.partition("=")[0] or "=" not in text:
            raise click.BadParameter(f"{text!r} is no {option.metavar}", context, option)
    return {name: value for name, _, value in (text.partition("=") for text in given)}


@options.command(
    "submit",
    "runstore submit train.py -e mnist -- --alpha 0.4",
    "runstore submit train.py --requirements requirements.txt -f",
    "runstore submit --sweep sweep.yaml -f",
    "runstore submit --command -e mnist -- python -m train --alpha 0.4",
    cls=Submit,
)
@click.argument("script", required=False, metavar="[SCRIPT] [-- ARGUMENTS...]")
@click.option("-e", "--experiment", metavar="NAME", help="The experiment. Default: the name of the script.")
@click.option(
    "--source", type=click.Path(path_type=Path), metavar="DIR",
    help="The directory to copy, in which the script runs. Default: the one the script lies in.",
)  # fmt: skip
@click.option("--command", is_flag=True, help="What stands behind `--` is a command of its own; there is no SCRIPT.")
@click.option("--interpreter", metavar="PYTHON", help="The interpreter to run in. Default: the one that runs runstore.")
@click.option(
    "--requirements", type=click.Path(path_type=Path), metavar="FILE",
    help="Run in a virtual environment with the packages of this file. It is made once and used again.",
)  # fmt: skip
@click.option(
    "--environment", type=click.Path(path_type=Path), metavar="FILE",
    help="The same with the packages of a conda specification (YAML), as far as pip has them.",
)  # fmt: skip
@click.option("--docker", metavar="IMAGE", help="Run in a container of this image.")
@click.option(
    "--env", "variables", multiple=True, callback=_pairs, metavar="NAME=VALUE",
    help="An environment variable for the script. Repeatable.",
)  # fmt: skip
@click.option(
    "--processes", type=click.IntRange(min=1), metavar="N", help="Start N of it, the ranks of one run. Default: 1."
)
@click.option(
    "--timeout", type=click.FloatRange(min=0, min_open=True), metavar="SECONDS", help="Cancel it when it takes longer."
)
@click.option("--name", metavar="TEXT", help="A name for people.")
@click.option("--tag", "tags", multiple=True, callback=_pairs, metavar="KEY=VALUE", help="A tag. Repeatable.")
@click.option(
    "--launcher", default="local", show_default=True, metavar="HOW",
    help="What starts it: local, slurm, ray, or a command with {command} in it, as in 'ssh node {command}'.",
)  # fmt: skip
@click.option(
    "-o", "--option", "scheduler", multiple=True, callback=_pairs, metavar="KEY=VALUE",
    help="For slurm and ray: what the job needs, such as partition=gpu. Repeatable.",
)  # fmt: skip
@click.option(
    "--sweep", type=click.Path(path_type=Path), metavar="FILE", help="Run the sweep that this YAML file tells."
)
@click.option("--resume", metavar="RUN", help="Go on with a sweep, or start a run again whose launcher has died.")
@click.option(
    "-f", "--follow", "--show-output", is_flag=True,
    help="Show what it prints until it ends; exit with 0 if it has completed, else with 1.",
)  # fmt: skip
@options.as_json
def submit(
    script: str | None, experiment: str | None, source: Path | None, command: bool, sweep: Path | None,
    resume: str | None, launcher: str, follow: bool, workspace: Path | None, format_: str | None, **told: Any,
) -> None:  # fmt: skip
    """Run a script as a run of its own.

    The script's directory is copied and the script runs in the copy, so that modules beside it can be imported, and
    what it writes to ./outputs is kept with the run. Prints the run's id and returns; the run goes on by itself.
    With -f, Ctrl-C ends the watching only, and --json gives one object a line.
    """
    behind: list[str] = click.get_current_context().meta[_BEHIND]
    if resume is not None:
        if script or sweep or behind:
            raise click.UsageError("--resume goes on with what was submitted; leave out what is to run")
        run = _resumed(options.opened(workspace), resume, launcher)
    else:
        if sweep is not None:
            config: ScriptRunConfig | Sweep = configured.sweep(sweep, script, behind, told)
        else:
            config = configured.script(script, behind, source, command, told)
        run = _submitted(workspace, experiment, config, launcher, told)
    _tell(run, follow, format_)
    if follow:
        _follow(run, format_)


def _resumed(ws: Workspace, text: str, launcher: str) -> Run:
    from runstore.launch import submit

    run = options.chosen(ws, (text,))[0]
    submit.resume(run.experiment, run.id, launcher)
    return run


def _submitted(
    workspace: Path | None,
    experiment: str | None,
    config: ScriptRunConfig | Sweep,
    launcher: str,
    told: Mapping[str, Any],
) -> Run:
    from runstore import Experiment, Workspace

    return Experiment(Workspace(workspace), experiment or configured.name(config)).submit(
        config, tags=told["tags"], display_name=told["name"], launcher=launcher, launcher_options=told["scheduler"]
    )


def _tell(run: Run, follow: bool, format_: str | None) -> None:
    """Say which run it is; where nobody follows it, how one does."""
    facts = {"run_id": run.id, "experiment": run.experiment.name, "status": run.status, "path": str(run.path)}
    if format_ == "json":
        (output.print_json_line if follow else output.print_json)(facts)
        return
    style.echo(safe(run.id))
    if not follow:
        for what, line in (("follow", "logs -f"), ("cancel", "cancel")):
            style.note(f"{what} it:  {_command(run, line)}")


def _command(run: Run, command: str) -> str:
    """A command about a run, as it can be typed here."""
    return f"{program()} {command}{where(run.experiment.workspace.path)} {safe(shlex.quote(short(run.id)))}"


def _follow(run: Run, format_: str | None) -> None:
    """Show the run until it has ended; a Ctrl-C ends the showing."""
    from runstore.cli import children, watch

    shown = children if run.type == SWEEP else watch
    try:
        shown.follow(run.experiment.workspace, run, format_)
    except KeyboardInterrupt:
        start = "\n" if style.watched(sys.stderr) else ""  # the terminal has written ^C
        style.note(f"{start}the run goes on; cancel it:  {_command(run, 'cancel')}")
        click.get_current_context().exit(INTERRUPTED)
