"""The group of commands, and the one place where what goes wrong becomes a line and an exit code."""

from __future__ import annotations

import gc
import os
import signal
import sys
import threading
import time
import traceback
import warnings
from collections.abc import Iterator, Sequence
from contextlib import contextmanager, suppress
from importlib import import_module
from typing import Any, NoReturn, TextIO

import click

from runstore import __version__
from runstore.cli import options
from runstore.cli.text import safe
from runstore.errors import RunstoreError
from runstore.runs import process

COMMANDS = (
    "init", "demo", "submit", "cancel", "runs", "show", "logs", "top", "compare", "diff", "plot", "sql", "check",
    "compact", "du", "rm", "restore", "archive", "gc", "export", "report", "merge", "remote", "login", "token",
    "sync", "pull", "serve", "ui",
)  # fmt: skip
WARNINGS = 10
PATIENCE = 2.0  # seconds in which a command may end by itself after Ctrl-C
OK, FAILED, USAGE, INTERRUPTED = 0, 1, 2, 130


class Commands(click.Group):
    """The group. A command's module is imported when the command is called."""

    def list_commands(self, ctx: click.Context) -> list[str]:
        """The commands in the order in which one meets them."""
        return list(COMMANDS)

    def get_command(self, ctx: click.Context, cmd_name: str) -> click.Command | None:
        """The command of that name; None where there is none."""
        if cmd_name not in COMMANDS:
            return None
        command: click.Command = getattr(import_module(f"runstore.cli.{cmd_name}"), cmd_name)
        return command

    def main(
        self,
        args: Sequence[str] | None = None,
        prog_name: str | None = None,
        complete_var: str | None = None,
        *_: Any,
        **extra: Any,
    ) -> NoReturn:
        """Run the command line and exit."""
        self._main_shell_completion({}, prog_name or "runstore", complete_var)
        _tolerant(sys.stdout)
        _tolerant(sys.stderr)
        with _told_warnings():
            code = self._run(list(sys.argv[1:] if args is None else args), extra.get("obj"))
        sys.exit(code)

    def _run(self, args: list[str], obj: Any) -> int:
        root = click.Context(self, info_name="runstore", obj=obj)  # known before anything can go wrong in parsing
        try:
            root = self.make_context("runstore", args, obj=obj)
            with root:
                self.invoke(root)
            sys.stdout.flush()
        except click.exceptions.Exit as end:
            return end.exit_code
        except click.exceptions.NoArgsIsHelpError:
            click.echo(self.get_help(root), err=True)
            return USAGE
        except (KeyboardInterrupt, EOFError, click.Abort):
            return INTERRUPTED
        except BrokenPipeError:
            _let_go(sys.stdout)
            return OK
        except Exception as problem:  # noqa: BLE001 - whatever it is, it is told in one line
            if _interrupted(problem):
                return INTERRUPTED
            if options.debugging(root):
                traceback.print_exception(problem, file=sys.stderr)
            return _tell(problem)
        return OK


@click.command(cls=Commands, context_settings=options.SETTINGS, epilog=options.epilog("runstore demo", "runstore runs"))
@click.version_option(__version__, "--version", message="runstore %(version)s", help="Show the version.")
@options.debug
def cli() -> None:
    """Log runs into a directory, and ask that directory in SQL."""


def main() -> NoReturn:
    """The program ``runstore``."""
    gc.set_threshold(100_000)  # thousands of objects are made and kept: looking among them costs a command 5 %
    _end_on_interrupt()
    try:
        cli.main()
    except SystemExit as end:
        _leave(end)


def _leave(end: SystemExit) -> NoReturn:
    """End at once: reading leaves nothing to tidy up, and taking DuckDB down takes longer than many a question."""
    if process.has_logged() or not isinstance(end.code, int):
        raise end
    for stream in (sys.stdout, sys.stderr):
        with suppress(OSError, ValueError, AttributeError):
            stream.flush()
    os._exit(end.code)


def _end_on_interrupt() -> None:
    """A Ctrl-C that isn't heard within a moment (DuckDB misses some) ends the program all the same."""
    heard, told = os.pipe()
    os.set_blocking(told, False)
    signal.set_wakeup_fd(told, warn_on_full_buffer=False)

    def wait() -> None:
        while os.read(heard, 1) != bytes([signal.SIGINT]):
            pass
        time.sleep(PATIENCE)
        _show_cursor()
        os._exit(INTERRUPTED)

    threading.Thread(target=wait, daemon=True, name="runstore-interrupt").start()


def _show_cursor() -> None:
    """Who drew a bar has hidden the cursor, and has no time left to show it again."""
    with suppress(OSError, ValueError, AttributeError):
        if sys.stderr.isatty():
            os.write(sys.stderr.fileno(), b"\x1b[?25h\n")


def _interrupted(problem: Exception) -> bool:
    """Whether this is what DuckDB makes of a Ctrl-C while it is at work."""
    text = str(problem)
    return text.startswith("INTERRUPT Error") or (type(problem) is RuntimeError and text == "Query interrupted")


def _tell(problem: Exception) -> int:
    """Say it in one line on stderr; give the exit code."""
    code, text = FAILED, str(problem)
    if isinstance(problem, click.UsageError):
        code = USAGE
        path = problem.ctx.command_path if problem.ctx else "runstore"
        text = problem.format_message().rstrip(".")
        text = f"{text[:1].lower()}{text[1:]}; see `{path} --help`"
    elif isinstance(problem, click.ClickException):
        code, text = problem.exit_code, problem.format_message()
    elif isinstance(problem, RunstoreError):
        code = problem.exit_code
    elif isinstance(problem, OSError):
        place = f"{os.fsdecode(problem.filename)}: " if problem.filename else ""
        text = f"{place}{problem.strerror or problem}"
    elif type(problem).__module__.partition(".")[0] in ("duckdb", "_duckdb"):
        text = text.partition("\n\nLINE ")[0]
    else:
        text = f"unexpected {type(problem).__name__}: {text}; `runstore --debug ...` shows where"
    _line(text)
    return code


def _line(text: str) -> None:
    with suppress(OSError, ValueError):
        sys.stderr.write(f"runstore: {safe(' '.join(text.split()))}\n")


@contextmanager
def _told_warnings() -> Iterator[None]:
    """Warnings of ours are for the one who asks: one line each, once, and not more than one can read."""
    told: set[str] = set()

    def say(message: Warning | str, category: type[Warning], *_: Any, **__: Any) -> None:
        if issubclass(category, UserWarning) and str(message) not in told:
            told.add(str(message))
            if len(told) <= WARNINGS:
                _line(f"warning: {message}")

    with warnings.catch_warnings():
        warnings.simplefilter("always")
        warnings.showwarning = say
        yield
    if len(told) > WARNINGS:
        _line(f"{len(told) - WARNINGS:,} more warnings; `runstore check` names every damaged file")


def _tolerant(stream: TextIO) -> None:
    """A character that the terminal's encoding has no room for is shown as its escape."""
    reconfigure = getattr(stream, "reconfigure", None)
    if reconfigure is not None:
        with suppress(ValueError, OSError):
            reconfigure(errors="backslashreplace")


def _let_go(stream: TextIO) -> None:
    """Nobody reads any more: what is still buffered goes nowhere, so that the interpreter can end quietly."""
    with suppress(OSError, ValueError):
        nowhere = os.open(os.devnull, os.O_WRONLY)
        os.dup2(nowhere, stream.fileno())
        os.close(nowhere)
