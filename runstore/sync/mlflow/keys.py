"""Names and texts as MLflow takes them. Pure: a name always gives the same key, and two names never the same one.

A name that MLflow takes stays as it is. Any other becomes what is left of it, ``-x`` and twelve digits of its hash; a
name that happens to look like that does too, so that it can't stand for another.
"""

from __future__ import annotations

import hashlib
import os
import posixpath
import re

KEY, PARAM, TAG, EXPERIMENT = 250, 6000, 5000, 250  # bytes
"""The least of what servers take. MLflow itself counts letters, and takes tags of 8,000 now."""

SYSTEM = "system/"  # under which MLflow's pages look for metrics of the machine
OWN = "runstore"
_PART = 180  # bytes of a part of a path
_MORE = "…"  # at the end of a value that goes on

_KEY = re.compile(r"[\w.\-/]+(?: +[\w.\-/]+)*")  # no colon: servers on Windows, and old ones, refuse it
_FILE = re.compile(r"[\w.\-+=@,()]+(?: +[\w.\-+=@,()]+)*")
_MADE = re.compile(r".*-x[0-9a-f]{12}(?:\.\w{1,12})?", re.DOTALL)


def metric(name: str) -> str:
    """The key of a metric."""
    return _key(name, SYSTEM)


def system_metric(name: str) -> str:
    """The key of a metric of the machine."""
    return _key(SYSTEM + name)


def param(name: str) -> str:
    """The key of a param."""
    return _key(name)


def tag(name: str) -> str:
    """The key of a tag or a property; what begins with ``mlflow.`` means there what it says."""
    return _key(name, f"{OWN}.")


def changed_param(key: str) -> str:
    """The key of the tag that holds what a param is now: MLflow's own keep their first value."""
    return _key(f"{OWN}.param.{key}")


def _key(name: str, reserved: str = "\0") -> str:
    """The key of a name; none begins with what is reserved for others."""
    plain = _KEY.fullmatch(name) and length(name) <= KEY and posixpath.normpath(name) == name
    if plain and not name.startswith(("/", "..", reserved)) and name != "." and not _MADE.fullmatch(name):
        return name
    cleaned = re.sub(r"[^\w.\-/]+", "_", name)
    kept = "/".join(part for part in cleaned.split("/") if part not in ("", ".", "..")).lstrip("./")
    if kept.startswith(reserved):
        kept = f"{reserved[:-1]}_{kept.removeprefix(reserved)}"
    return f"{cut(kept, KEY - 14) or '_'}-x{_digits(name)}"


def experiment(name: str, prefix: str = "") -> str:
    """The name of an experiment; ``prefix`` stands before it, as where it must be a path."""
    whole = prefix + name
    if whole.isprintable() and whole == whole.strip() and length(whole) <= EXPERIMENT and not _MADE.fullmatch(name):
        return whole
    kept = "".join(letter if letter.isprintable() else "_" for letter in whole).strip()
    return f"{cut(kept, EXPERIMENT - 14)}-x{_digits(name)}"


def file(name: str) -> str:
    """The path of an artifact. What lies below ``runstore/`` there is ours."""
    first, *rest = name.split("/")
    return "/".join([_part(first, first != OWN), *map(_part, rest)])


def _part(name: str, free: bool = True) -> str:
    plain = _FILE.fullmatch(name) and len(name.encode()) <= _PART and name.strip(".") and not name.endswith(".")
    if free and plain and not _MADE.fullmatch(name):
        return name
    stem, ending = os.path.splitext(name)
    if not re.fullmatch(r"\.\w{1,12}", ending):
        stem, ending = name, ""
    kept = re.sub(r"[^\w.\-]+", "_", stem).encode()[: _PART - 60].decode(errors="ignore").strip(".") or "_"
    return f"{kept}-x{_digits(name)}{ending}"


def _digits(name: str) -> str:
    return hashlib.sha256(name.encode("utf-8", "backslashreplace")).hexdigest()[:12]


# ---- values


def length(text: str) -> int:
    """How long a text is where it counts as longest: in bytes, as some servers count."""
    return len(text.encode("utf-8", "backslashreplace"))


def cut(text: str, most: int) -> str:
    """The beginning of a text, no longer than that."""
    return text if length(text) <= most else text.encode("utf-8", "backslashreplace")[:most].decode(errors="ignore")


def value(text: str, most: int) -> str:
    """A value as MLflow takes it: without NULs, which some of its databases refuse; shortened where it is too long."""
    text = text.replace("\0", "\ufffd")
    return text if length(text) <= most else cut(text, most - length(_MORE)) + _MORE
