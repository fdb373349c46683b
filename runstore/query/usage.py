"""Where a workspace's bytes are: by experiment, run and kind. Every byte of every file is counted exactly once.

Content that several runs use lies in one place and is counted for one of them: the run in whose pack it lies if that
uses it, else the user that began first, else the models. The others are told whose it is.
"""

from __future__ import annotations

import os
from collections import defaultdict
from collections.abc import Callable
from contextlib import suppress
from dataclasses import dataclass, field
from pathlib import Path

from runstore.disk import block
from runstore.errors import Damaged
from runstore.format import names
from runstore.query import references, shares
from runstore.query.references import References, Stored, User

KINDS = ("points", "rows", "system", "logs", "facts", "artifacts", "snapshots", "models", "unused", "other")
"""``unused``: content that nothing refers to any more; ``gc`` takes it."""
_KIND_OF_FILE = {
    "points": "points", "side": "logs", "log": "logs", "spool": "logs",
    "facts": "facts", "merged": "facts", "seal": "facts", "end": "facts", "job": "facts",
    "pack": "artifacts",
}  # fmt: skip


@dataclass(slots=True)
class Used:
    """What one run takes; of what is no run's, ``run_id`` is empty. Bytes throughout.

    ``shared``: what of ``bytes`` others use as well. ``elsewhere``: what it uses that is counted for another run,
    by that run's id (empty: for the models).
    """

    run_id: str
    experiment: str
    deleted: bool = False
    kinds: dict[str, int] = field(default_factory=dict)
    files: int = 0
    shared: int = 0
    elsewhere: dict[str, int] = field(default_factory=dict)

    @property
    def bytes(self) -> int:
        """All that is counted for it."""
        return sum(self.kinds.values())


@dataclass(slots=True)
class Usage:
    """What a workspace takes. ``doubts``: damage that keeps content from being told whose it is."""

    runs: list[Used]
    rest: Used
    doubts: list[str]

    @property
    def bytes(self) -> int:
        """All files together."""
        return self.rest.bytes + sum(run.bytes for run in self.runs)

    def experiments(self) -> dict[str, Used]:
        """The runs added up by experiment, the largest first. What is shared within one is not told."""
        found: dict[str, Used] = {}
        for run in self.runs:
            total = found.setdefault(run.experiment, Used("", run.experiment))
            total.files += run.files
            for kind, size in run.kinds.items():
                _more(total, kind, size)
        return dict(sorted(found.items(), key=lambda one: (-one[1].bytes, one[0])))


def usage(workspace: Path, progress: Callable[[int, int], None] | None = None) -> Usage:
    """Count the bytes of every file of a workspace.

    Args:
        workspace: the workspace's directory.
        progress: called with (runs done, runs there are).

    Returns:
        The runs, the largest first; what is no run's is in ``rest``.
    """
    counted = references.count(workspace)
    counting = _Counting(counted)
    for number, run in enumerate(counted.runs):
        if run.path in counting.used:
            counting.take(run.path, counting.used[run.path])
        if progress is not None:
            progress(number + 1, len(counted.runs))
    counting.take(workspace, counting.rest)
    counting.blocks(workspace)
    runs = sorted(counting.used.values(), key=lambda one: (-one.bytes, one.run_id))
    return Usage(runs, counting.rest, counted.doubts)


class _Counting:
    """Files taken one after another, their bytes put down to runs."""

    def __init__(self, counted: References) -> None:
        self._users = counted.users
        self._began = {run.run_id: (run.started or 0, run.run_id) for run in counted.runs}
        self._pieces: dict[Path, list[Stored]] = defaultdict(list)
        for one in counted.stored.values():
            self._pieces[one.path].append(one)
        self.rest = Used("", "")
        there = [run for run in counted.runs if run.run_id or run.path.is_dir()]  # else removed, and in a block still
        self.used = {run.path: Used(run.run_id, run.experiment, run.deleted is not None) for run in there}
        self._whose = {one.run_id: one for one in self.used.values()} | {"": self.rest}

    def take(self, directory: Path, holder: Used) -> None:
        """Count what lies below a directory, without the directories of other runs."""
        for where, below, found in os.walk(directory):
            below[:] = [name for name in below if Path(where, name) not in self.used]
            for name in found:
                path = Path(where, name)
                try:
                    self._file(path, os.lstat(path).st_size, directory, holder)
                except FileNotFoundError:
                    continue

    def blocks(self, workspace: Path) -> None:
        """Put down to runs what lies of them in blocks, of which all is counted as no run's."""
        for one in block.active(workspace):
            with suppress(Damaged, OSError):
                for share in shares.of(one):
                    _more(self.rest, "other", -share.bytes)
                    self._share(share, share.path(workspace))

    def _share(self, share: shares.Share, run_path: Path) -> None:
        holder = self.used.get(run_path)
        if holder is None:
            return _more(self.rest, "unused", share.bytes)
        for name, member in share.entry.files.items():
            self._bytes(run_path / name, member.stored, run_path, holder)
        for kind, size in share.rows.items():
            _more(holder, kind, size)

    def _file(self, path: Path, size: int, directory: Path, holder: Used) -> None:
        holder.files += 1
        self._bytes(path, size, directory, holder)

    def _bytes(self, path: Path, size: int, directory: Path, holder: Used) -> None:
        for piece in self._pieces.get(path, ()):
            size -= piece.size
            self._content(piece.size, self._users.get((piece.path, piece.offset), []), holder)
        if size:  # of a pack: the lines between the contents
            _more(holder, _kind(path, directory, bool(holder.run_id)), size)

    def _content(self, size: int, users: list[User], holder: Used) -> None:
        if not users:
            return _more(holder, "unused", size)
        owner = min(users, key=lambda user: (user.run_id != holder.run_id or not user.run_id, self._rank(user)))
        whose, others = self._whose[owner.run_id], {user.run_id for user in users} - {owner.run_id}
        _more(whose, owner.kind, size)
        whose.shared += size if others else 0
        for other in others:
            elsewhere = self._whose[other].elsewhere
            elsewhere[owner.run_id] = elsewhere.get(owner.run_id, 0) + size

    def _rank(self, user: User) -> tuple[bool, tuple[int, str], str]:
        return not user.run_id, self._began.get(user.run_id, (0, "")), user.kind


def _more(used: Used, kind: str, size: int) -> None:
    used.kinds[kind] = used.kinds.get(kind, 0) + size


def _kind(path: Path, directory: Path, of_run: bool) -> str:
    """What a file is, by where it lies and its name."""
    if not of_run:
        return "models" if path.relative_to(directory).parts[0] == names.MODELS else "other"
    name = names.parse(path.name) if path.parent == directory else None
    return (name.segment_kind or _KIND_OF_FILE.get(name.kind, "other")) if name else "other"
