"""Why a script failed, from its exit code and the end of its log."""

from __future__ import annotations

import re
import signal
from typing import Any, NamedTuple

TAIL = 1 << 18  # bytes of the log's end in which a traceback is looked for
NEAR = 40  # lines that may come after the traceback that made Python end with 1: what is said at exit
LONG = 20  # lines of a message that are kept
_UNCAUGHT = 1  # Python's exit code after an exception that nobody caught
_SHELL = 128  # a shell adds a signal's number to it

_HEADER = "Traceback (most recent call last)"
_GROUP = "  + Exception Group "
_LINKS = ("The above exception was the direct cause of", "During handling of the above exception,")
_COLOURS = re.compile(r"\x1b(?:\[[0-?]*[ -/]*[@-~]|\][^\x07\x1b]*(?:\x07|\x1b\\))")
_ERROR = re.compile(r"([^\W\d][\w.]*)(?:: (.*))?$")
_NESTED = re.compile(r"\| +(?:\+ )?(?:Exception Group )?$")
_SYNTAX = re.compile(r"(?:\w+: )?(?:Syntax|Indentation|Tab)Error: ")


class _Trace(NamedTuple):
    """A traceback in a log: its lines, its error, and how many lines come after it."""

    lines: list[str]
    kind: str
    message: str
    after: int

    @property
    def is_last(self) -> bool:
        """Whether nothing comes after it, not even what could be a further line of its message."""
        return not self.after and (self.lines[-1].startswith(self.kind) or self.lines[0].startswith(_GROUP))


def describe(code: int, tail: bytes) -> tuple[str | None, dict[str, Any] | None]:
    """What is recorded of a script's end: its text, and what is known about it.

    The keys are those of the Azure ML SDK v1, as in ``runs.process.failure``.

    Args:
        code: the exit code; negative: the number of the signal that ended it.
        tail: the last ``TAIL`` bytes of what it printed.

    Returns:
        None twice for 0. Otherwise the last traceback's ``Type: text``, or "killed by SIGKILL (9)", or "exit code 3".
    """
    if code == 0:
        return None, None
    lines = _lines(tail)
    killed = _signal(code)
    trace = None if killed else _last_traceback(lines)
    if trace and (trace.after <= NEAR if code == _UNCAUGHT else trace.is_last):
        text = f"{trace.kind}: {trace.message}" if trace.message else trace.kind
        return text, {
            "code": "UserError",
            "message": f"The run failed with {text}",
            "debug_type": trace.kind,
            "debug_message": trace.message,
            "debug_stack_trace": "\n".join(trace.lines) + "\n",
        }
    text = killed or f"exit code {code}" + (f" ({code:#x})" if code > 0xFFFF else "")
    said = {"code": "UserError", "message": f"The script was {text}" if killed else f"The script ended with {text}"}
    last = next((line.strip() for line in reversed(lines) if line.strip()), "")
    return text, {**said, "debug_message": last} if last else said


def _lines(tail: bytes) -> list[str]:
    """The lines of a log as a terminal would leave them: without colours, and what a progress bar wrote over."""
    text = _COLOURS.sub("", tail.decode(errors="replace")).rstrip()
    return [line.rstrip("\r").rpartition("\r")[2] for line in text.split("\n")]


def _signal(code: int) -> str:
    """Which signal ended it, as the system or a shell between says; "" if none did."""
    number = -code if code < 0 else code - _SHELL
    try:
        return f"killed by {signal.Signals(number).name} ({number})"
    except ValueError:
        return f"killed by signal {number}" if code < 0 else ""


def _last_traceback(lines: list[str]) -> _Trace | None:
    """The last traceback, with those it is chained to."""
    before = ((number, line.partition(_HEADER)[0]) for number, line in enumerate(lines) if _HEADER in line)
    headers = [number for number, text in before if not _NESTED.search(text)]  # others are within a group
    trace = _from(lines, headers) if headers else None
    syntax = _syntax_error(lines[len(lines) - trace.after :] if trace else lines)
    return syntax or trace


def _from(lines: list[str], headers: list[int]) -> _Trace | None:
    """What begins at the last header, and the chain before it; None where it has no end."""
    header = headers[-1]
    prefix = _prefix(lines, header)
    plain = [line.removeprefix(prefix) if prefix else line for line in lines]
    ours = [line.startswith(prefix) for line in lines]
    read = _group if _GROUP in plain[header] else _single
    found = read(plain, header, ours)
    if found is None:
        return None
    last, kind, message = found
    first = _first_of_chain(plain, headers)
    told = [plain[number] for number in range(first, last) if ours[number]]
    told[0] = told[0][max(0, told[0].find(_GROUP if _GROUP in told[0] else _HEADER)) :]
    return _Trace(told, kind, message, len(lines) - last)


def _prefix(lines: list[str], header: int) -> str:
    """What stands before every line of a traceback: "[rank0]: " and the like; not what just was on the same line."""
    before = lines[header].partition(_HEADER)[0]
    before = before.partition(_GROUP)[0] if _GROUP in before else before
    following = lines[header + 1] if header + 1 < len(lines) else ""
    return before if before and following.startswith(before) else ""


def _single(lines: list[str], header: int, ours: list[bool]) -> tuple[int, str, str] | None:
    """The end of a plain traceback, its error's type and the first line of its message."""
    for number in range(header + 1, len(lines)):
        if ours[number] and lines[number][:1] not in ("", " ", "│", "╰", "|"):
            match = _ERROR.match(lines[number])
            return (_end_of_message(lines, number + 1, ours), match[1], match[2] or "") if match else None
    return None


def _end_of_message(lines: list[str], start: int, ours: list[bool]) -> int:
    """A message may have several lines; nothing marks its end, so a blank line has to do."""
    end = start
    while end < min(len(lines), start + LONG) and ours[end] and lines[end].strip():
        end += 1
    return end


def _group(lines: list[str], header: int, ours: list[bool]) -> tuple[int, str, str] | None:
    """The same for a group of exceptions, whose lines begin with a bar."""
    end, found = header + 1, None
    while end < len(lines) and (not ours[end] or re.match(r" +[|+]", lines[end])):
        if ours[end] and not found and not lines[end].startswith("  |  "):
            found = _ERROR.match(lines[end].removeprefix("  | "))
        end += 1
    return (end, found[1], found[2] or "") if found else None


def _first_of_chain(lines: list[str], headers: list[int]) -> int:
    """The header of the exception with which it began."""
    at = len(headers) - 1
    while at > 0 and any(_is_link(line) for line in lines[max(0, headers[at] - 3) : headers[at]]):
        at -= 1
    return headers[at]


def _is_link(line: str) -> bool:
    return line.lstrip(" |").startswith(_LINKS)


def _syntax_error(lines: list[str]) -> _Trace | None:
    """What Python says of a script that it can't even read: there is no header then."""
    for end in range(len(lines), 0, -1):
        match = _ERROR.match(lines[end - 1]) if _SYNTAX.match(lines[end - 1]) else None
        begin = next((at for at in range(end - 2, max(-1, end - 6), -1) if lines[at].startswith('  File "')), None)
        if match and begin is not None:
            return _Trace(lines[begin:end], match[1], match[2] or "", len(lines) - end)
    return None
