"""What the sealer does for packs: say in the index where the content of a run's closed packs lies."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

from runstore.disk import files, pack, packed, wherever
from runstore.disk.packed import Index, Spot
from runstore.errors import Damaged
from runstore.format import names
from runstore.query.promises import Promises


def index(workspace: Path, run_path: Path) -> bool:
    """Index the packs of a run; those of every run where the workspace has lost its index.

    Returns:
        Whether there was anything to add.

    Raises:
        Busy: another process is at it, and stays at it.
        OSError: the file system refuses; the index is as it was, which only costs room later.
    """
    if not closed(run_path):
        return False
    lost = not any(names.is_index(name) for name in files.names_in(workspace / names.BLOBS))
    runs = wherever.runs(workspace) if lost else [run_path]
    known = Index(workspace)
    return packed.add(workspace, (spot for path in runs for one in closed(path) for spot in _new(known, path, one)))


def closed(run_path: Path) -> list[tuple[str, int]]:
    """Writer and number of each pack that its writer closed and synced, or that was published whole."""
    try:
        there = {name for name in wherever.listed(run_path) if name.startswith("k-")}
        promised = Promises(run_path).packs if there else {}
    except (FileNotFoundError, Damaged):
        return []  # merged at this moment: the next one indexes it; of what is damaged it says nothing
    return [key for key in sorted(promised) if names.pack(*key) in there]


def spots(run_path: Path, writer: str, number: int) -> Iterator[Spot]:
    """Where each piece of a pack lies."""
    run_dir = f"{run_path.parent.name}/{run_path.name}"
    for blob in pack.frames(run_path / names.pack(writer, number)):
        yield Spot(blob.sha256, run_dir, writer, number, blob.offset, blob.size)


def _new(known: Index, run_path: Path, pack_key: tuple[str, int]) -> Iterator[Spot]:
    """What is in a pack, or nothing where its first piece shows that it has been indexed."""
    first = next(spots(run_path, *pack_key), None)
    if first is not None and first not in known.find(first.sha256):
        yield from spots(run_path, *pack_key)
