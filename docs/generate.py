"""Fill the generated parts of these pages from the code: ``python docs/generate.py``, or ``--check`` to compare only.

A generated part lies between ``<!-- generated: NAME -->`` and ``<!-- end -->``; the rest of a page is written by hand.
A script whose cells begin with ``# %%`` has a notebook beside it, which is made from it.
"""

from __future__ import annotations

import json
import re
import sys
import zlib
from collections.abc import Callable, Sequence
from pathlib import Path
from typing import Any

from runstore.disk import pack
from runstore.format import VERSION, documents, lines, names, schemas
from runstore.runs import flusher, stream

DOCS = Path(__file__).resolve().parent
PART = re.compile(r"(<!-- generated: ([a-z ]+) -->\n).*?(<!-- end -->)", re.DOTALL)


def example() -> dict[str, list[bytes]]:
    """Two journals of the same tiny run, line by line."""
    run, writer, time = "11111111-1111-4111-8111-111111111111", "0123456789abcdef", 1_700_000_000_000_000_000
    points = [
        lines.header(lines.POINTS, run, "demo", writer, 1, 0, 0),
        lines.point("loss", 0.5, 0, time),
        lines.points({"loss": 0.25, "acc": {"f": "nan"}}, 1, time + 1000),
        lines.point("note", "ok", [0], time + 2000),
        lines.series("sizes", {"list": [3, 5]}, [0], time + 2500),
    ]
    points.append(_check(lines.SUM, points, 0, 6))
    points.append(lines.row("sample", {"x": 1, "y": "a"}, 2, time + 3000))
    points.append(_check(lines.END, points, 0, 7))
    facts = [
        lines.header(lines.FACTS, run, "demo", writer, 1, 0, 0),
        lines.fact("start", time, {"opener": True, "rank": None, "host": "h", "pid": 7, "boot": None, "mono": 10_000}),
        lines.fact("params", time, [["lr", 0.1], ["optimizer.name", "adam"], ["layers", {"j": [64, 64]}]]),
    ]
    facts.append(_check(lines.END, facts, 0, 2))
    record = {"logger": "train", "level": "WARNING", "text": "diverged", "exception": None}
    side = [
        lines.header(lines.POINTS, run, "demo", names.side(writer), 1, 0, 0),
        lines.points({"cpu.percent": 12.5, "memory.used_bytes": 8589934592.0}, [0, 0], time),
        lines.record("logs/azureml/run.log", record, 0, time + 1000),
        lines.record("user_logs/std_log.txt", {"mark": 120}, 0, time + 2000),
    ]
    side.append(_check(lines.END, side, 0, 4))
    return {"points": points, "facts": facts, "side": side}


def _check(kind: bytes, before: list[bytes], first: int, count: int) -> bytes:
    data = b"".join(before)
    return lines.checksum(kind, 0, len(data), first, count, zlib.crc32(data))


def example_journal() -> str:
    """The points journal of the example, and where its lines begin."""
    journal = example()["points"]
    text = b"".join(journal).decode()
    starts = [sum(map(len, journal[:n])) for n in range(len(journal) + 1)]
    offsets = ", ".join(map(str, starts[:-1]))
    return f"```text\n{text}```\n\nThe lines begin at bytes {offsets}; the file has {starts[-1]} bytes.\n"


def example_lines(kind: str) -> str:
    """Another journal of the example."""
    return f"```text\n{b''.join(example()[kind]).decode()}```\n"


def example_document() -> str:
    """A document's bytes."""
    return f"```text\n{documents.render({'experiment': 'demo', 'created': 1700000000000000000}).decode()}```\n"


def example_names() -> str:
    """What the example's files are called."""
    run = "11111111-1111-4111-8111-111111111111"
    rows = [
        ("the run `" + run + "`", names.run_dir(run) + "/"),
        ("the experiment `demo`", names.experiment_file("demo")),
        ("its opener's facts journal", names.facts(1)),
        ("a joined writer's facts journal", names.facts(1, "0123456789abcdef")),
        ("a writer's first points journal", names.points("0123456789abcdef", 0)),
        ("its first side journal", names.points(names.side("0123456789abcdef"), 0)),
        ("a writer's first pack", names.pack("0123456789abcdef", 0)),
    ]
    return _table(("of", "name"), [(of, f"`{name}`") for of, name in rows])


def constants() -> str:
    """The numbers a reader or another writer may want."""
    rows = [
        ("format version", VERSION),
        ("bytes after which a points journal is closed and the next begun", stream.ROTATE),
        ("seconds between checking lines, at most", flusher.WINDOW),
        ("bytes from which an artifact is a file of its own under `blobs/`", pack.SMALL),
        ("bytes after which a pack is closed and the next begun", pack.FULL),
    ]
    return _table(("what", "value"), [(what, f"{value:,}".replace(",", " ")) for what, value in rows])


def columns(kind: str) -> str:
    """The columns of the segments of a kind, in order, with type and encoding."""
    coded = schemas.encodings(kind)
    rows = [(f"`{name}`", of, coded.get(name, "dictionary or plain")) for name, of in schemas.COLUMNS[kind].items()]
    return _table(("column", "type", "encoding"), rows)


def _table(head: tuple[str, ...], rows: Sequence[tuple[str, ...]]) -> str:
    rule = tuple("---" for _ in head)
    return "".join(f"| {' | '.join(row)} |\n" for row in [head, rule, *rows])


def commands() -> str:
    """The help of every command, in the order of the group's own list."""
    from runstore.cli.main import cli

    context = cli.make_context("runstore", [], resilient_parsing=True)
    parts = [_help(cli, context)]
    for name in cli.list_commands(context):
        command = cli.get_command(context, name)
        if command is not None and not command.hidden:
            parts += _helps(command, command.make_context(name, [], parent=context, resilient_parsing=True))
    return "\n".join(parts)


def _helps(command: Any, context: Any) -> list[str]:
    """The help of a command, and of those below it."""
    parts = [_help(command, context)]
    for name, below in getattr(command, "commands", {}).items():
        parts += _helps(below, below.make_context(name, [], parent=context, resilient_parsing=True))
    return parts


def _help(command: Any, context: Any) -> str:
    context.max_content_width = context.terminal_width = 100
    return f"## {context.command_path}\n\n```text\n{command.get_help(context).rstrip()}\n```\n"


def terminal_keys() -> str:
    """The keys of ``runstore top``, as its help shows them."""
    from runstore.view.terminal.help import GROUPS

    rows = [
        f"| {title if at == 0 else ''} | {' '.join(f'`{key}`' for key in one.shown.split())} | {one.what} |"
        for title, keys in GROUPS.items()
        for at, one in enumerate(one for one in keys if one.shown)
    ]
    return "\n".join(["| | keys | |", "| --- | --- | --- |", *rows]) + "\n"


PARTS: dict[str, Callable[[], str]] = {
    "constants": constants,
    "names": example_names,
    "document": example_document,
    "points journal": example_journal,
    "facts journal": lambda: example_lines("facts"),
    "side journal": lambda: example_lines("side"),
    "points segment": lambda: columns(schemas.POINTS),
    "rows segment": lambda: columns(schemas.ROWS),
    "logs segment": lambda: columns(schemas.LOGS),
    "commands": commands,
    "keys of the terminal": terminal_keys,
}


def filled(page: str) -> str:
    """A page's text with its generated parts made anew."""
    return PART.sub(lambda found: f"{found[1]}{PARTS[found[2]]()}{found[3]}", page)


def notebook(script: str) -> str:
    """The notebook of a script: a cell from each ``# %%`` to the next, text where ``[markdown]`` follows."""
    cells = []
    for number, part in enumerate(re.split(r"^# %%", script, flags=re.MULTILINE)[1:]):
        head, _, body = part.partition("\n")
        lines = body.strip().splitlines(keepends=True)
        cell: dict[str, Any] = {"cell_type": "code", "execution_count": None, "id": f"cell-{number:02d}"}
        if "[markdown]" in head:
            cell = {"cell_type": "markdown", "id": f"cell-{number:02d}"}
            lines = [line.removeprefix("#").removeprefix(" ") for line in lines]
        outputs: dict[str, Any] = {"outputs": []} if cell["cell_type"] == "code" else {}
        cells.append({**cell, "metadata": {}, **outputs, "source": lines})
    kernel = {"display_name": "Python 3", "language": "python", "name": "python3"}
    about = {"kernelspec": kernel, "language_info": {"name": "python"}}
    body = json.dumps({"cells": cells, "metadata": about, "nbformat": 4, "nbformat_minor": 5}, indent=1)
    return body + "\n"


def pages() -> dict[Path, str]:
    """Every page, and every notebook made from a script, as it should be."""
    found = {path: filled(path.read_text(encoding="utf-8")) for path in sorted(DOCS.rglob("*.md"))}
    for path in sorted((DOCS / "examples").rglob("*.py")):
        text = path.read_text(encoding="utf-8")
        if "\n# %%" in text:
            found[path.with_suffix(".ipynb")] = notebook(text)
    return found


def main() -> int:
    """Write the pages, or compare them; give the exit code."""
    stale = []
    for path, text in pages().items():
        if not path.exists() or path.read_text(encoding="utf-8") != text:
            stale.append(path.name)
            if "--check" not in sys.argv[1:]:
                path.write_text(text, encoding="utf-8")
    print("\n".join(stale) or "every generated part is as the code says")
    return int("--check" in sys.argv[1:] and bool(stale))


if __name__ == "__main__":
    sys.exit(main())
