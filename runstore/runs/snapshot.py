"""Source code as it was when a run began: which files belong to it, and a manifest of them under one id.

Only the ignore file at the root counts: ``.amlignore`` where there is one, else ``.gitignore`` (Azure ML SDK v1). The
door to ``pathspec``, which has git's rules.
"""

from __future__ import annotations

import hashlib
import os
import stat
import warnings
from collections import Counter
from collections.abc import Callable, Collection, Iterator
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any, NamedTuple

import orjson

from runstore.disk import files
from runstore.disk.pack import SMALL
from runstore.errors import SnapshotError
from runstore.format import VERSION, values
from runstore.runs import dedup

MOST_FILES, MOST_BYTES = 2000, 300 << 20  # Azure ML SDK v1
NO_FILE_LIMIT = "AML_SNAPSHOT_NO_FILE_LIMIT"  # lifts the limit of files where it is set
IGNORES = (".amlignore", ".gitignore")  # the first of them that there is
NEVER = frozenset({".git", ".runstore", "__pycache__"})
FILE, PROGRAM, LINK = "100644", "100755", "120000"  # modes as git has them
_ADVICE = (
    f"leave files out by {IGNORES[0]} or {IGNORES[1]} at its root; start_logging(snapshot_directory=None) keeps none"
)

Put = Callable[[Any], dict[str, Any]]


class Entry(NamedTuple):
    """One file of a tree. ``path`` is relative, with slashes; ``target`` what a link holds."""

    path: str
    mode: str
    size: int
    place: Path
    target: str = ""


@dataclass(slots=True)
class Tree:
    """The files of a directory that belong to its snapshot, by path; ``outside``: links that lead out of it."""

    root: Path
    entries: list[Entry] = field(default_factory=list)
    outside: list[str] = field(default_factory=list)

    @property
    def size(self) -> int:
        """Bytes of all files together."""
        return sum(entry.size for entry in self.entries)


def take(
    directory: str | os.PathLike[str],
    workspace: Path,
    leave_out: Collection[Path],
    put: Put,
    before: dict[str, Any] | None = None,
) -> dict[str, Any]:
    """Store a directory's files and their manifest; give the body of the ``snapshot`` fact.

    Args:
        directory: the root of the source.
        workspace: it never belongs to a snapshot.
        leave_out: more directories that don't, such as watched outputs.
        put: stores content once and says where it lies.
        before: the snapshot that the run has.

    Raises:
        SnapshotError: the run has one; it is too large; something in it can't be read.
    """
    if before is not None:
        raise SnapshotError(f"the run has a snapshot already ({before['id']}), and has only one; start another run")
    found = tree(Path(directory), [workspace, *leave_out])
    if found.outside:
        shown = ", ".join(found.outside[:3])
        warnings.warn(f"links out of the snapshot are left out: {shown}", stacklevel=4)
    rows = []
    for entry in found.entries:
        kept = _kept(entry, workspace, put)
        if kept is not None:
            rows.append([values.text(entry.path, "file name"), entry.mode, *kept])
    manifest = orjson.dumps({"runstore": VERSION, "id": identity(rows), "files": rows})
    size = sum(row[3] for row in rows)
    return {"id": identity(rows), "manifest": put(manifest), "files": len(rows), "size": size}


def identity(rows: list[list[Any]]) -> str:
    """The id of a tree: 32 digits of a hash over the paths, modes, sizes and hashes of its files."""
    lines = (f"{mode} {sha256} {size} {path}\0" for path, mode, sha256, size, *_ in rows)
    return hashlib.sha256("".join(lines).encode()).hexdigest()[:32]


def _kept(entry: Entry, workspace: Path, put: Put) -> list[Any] | None:
    """Store a file's content; give [sha256, size, pack]. None where it has gone meanwhile."""
    try:
        if entry.target:
            body = put(os.fsencode(entry.target))
        elif entry.size < SMALL:
            body = put(files.read(entry.place))
        else:
            body = _known(entry, workspace) or put(entry.place)
    except FileNotFoundError:
        return None
    except PermissionError as problem:
        raise SnapshotError(f"{entry.place}: can't be read ({problem.strerror}); {_ADVICE}") from None
    return [body["sha256"], body["size"], body["pack"]]


def _known(entry: Entry, workspace: Path) -> dict[str, Any] | None:
    """A large file that is stored already is read, and not written again."""
    sha256 = files.sha256(entry.place)
    known = dedup.has_blob(workspace, sha256, entry.size)
    return {"sha256": sha256, "size": entry.size, "pack": None} if known else None


# ---- which files


def tree(root: Path, leave_out: Collection[Path] = ()) -> Tree:
    """The files of a directory that belong to its snapshot.

    Raises:
        SnapshotError: it is no directory, is too large, or can't be listed.
    """
    if not root.is_dir():
        raise SnapshotError(f"{root}: no directory to take a snapshot of; pass one, or snapshot_directory=None")
    found, ignored = Tree(root), _ignored(root)
    walk = _walk(root, "", ignored, {os.path.realpath(path) for path in leave_out}, os.path.realpath(root))
    most = None if os.environ.get(NO_FILE_LIMIT) else MOST_FILES
    size = 0
    for entry in walk:
        if isinstance(entry, str):
            found.outside.append(entry)
            continue
        found.entries.append(entry)
        size += entry.size
        if size > MOST_BYTES:
            largest = max(found.entries, key=lambda one: one.size)
            told = f"{largest.path} has {largest.size / (1 << 20):.0f} MB"
            raise SnapshotError(f"{root}: more than {MOST_BYTES >> 20} MB ({told}); {_ADVICE}")
        if most is not None and len(found.entries) > most:
            folder, count = Counter(one.path.rpartition("/")[0] for one in found.entries).most_common(1)[0]
            raise SnapshotError(f"{root}: more than {most:,} files ({folder or '.'} has {count:,} or more); {_ADVICE}")
    found.entries.sort(key=lambda one: one.path)
    return found


def leaves_out(root: Path, path: str) -> bool:
    """Whether a file that is there belongs to no snapshot of ``root``; ``path`` is its own from there, with slashes.

    Raises:
        SnapshotError: the ignore file can't be read.
    """
    ignored = _ignored(root)
    parts = path.split("/")
    above = ("/".join(parts[:count]) + "/" for count in range(1, len(parts)))
    return not NEVER.isdisjoint(parts) or ignored(path) or any(map(ignored, above))


def _ignored(root: Path) -> Callable[[str], bool]:
    for name in IGNORES:
        try:
            text = files.read(root / name).decode("utf-8-sig", "replace")  # editors of Windows begin it with a mark
        except FileNotFoundError:
            continue
        except OSError as problem:
            raise SnapshotError(f"{root / name}: can't be read ({problem.strerror}); {_ADVICE}") from None
        from pathspec import GitIgnoreSpec

        return GitIgnoreSpec.from_lines(text.splitlines()).match_file
    return lambda path: False


def _walk(
    directory: Path, below: str, ignored: Callable[[str], bool], leave_out: Collection[str], root: str
) -> Iterator[Entry | str]:
    """Every file below a directory; of a link out of the tree its path only."""
    try:
        listed = files.listing(directory)
    except OSError as problem:
        raise SnapshotError(f"{directory}: can't be listed ({problem.strerror}); {_ADVICE}") from None
    for entry in listed:
        path = below + entry.name
        if entry.name in NEVER:
            continue
        if entry.is_symlink():
            if not ignored(path):
                yield _link(entry.path, path, root)
        elif entry.is_dir(follow_symlinks=False):
            if not ignored(path + "/") and os.path.realpath(entry.path) not in leave_out:
                yield from _walk(Path(entry.path), path + "/", ignored, leave_out, root)
        elif entry.is_file(follow_symlinks=False) and not ignored(path):
            status = entry.stat(follow_symlinks=False)
            mode = PROGRAM if status.st_mode & stat.S_IXUSR else FILE
            yield Entry(path, mode, status.st_size, Path(entry.path))


def _link(place: str, path: str, root: str) -> Entry | str:
    """A link within the tree, as one from its own directory; the path of one that leads out."""
    target = os.path.realpath(place)
    if os.path.commonpath([target, root]) != root:
        return path
    here = os.path.dirname(os.path.join(root, *path.split("/")))
    return Entry(path, LINK, 0, Path(place), os.path.relpath(target, here).replace(os.sep, "/"))
