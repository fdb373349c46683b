"""The files of a run: listed, one of them, or all in a zip. None of them lies outside of the workspace."""

from __future__ import annotations

import functools
import zipfile
from pathlib import Path
from typing import TYPE_CHECKING, Any

from runstore.errors import StoreError
from runstore.query import consoles, log_parts
from runstore.query import files as query
from runstore.query.files import Artifact, File
from runstore.view.feed import chosen, kinds, plain
from runstore.view.feed.content import Content

if TYPE_CHECKING:
    from runstore.query.workspace import Workspace

MOST = 10_000
ZIP = "application/zip"
_EPOCH = (1980, 1, 1, 0, 0, 0)
_STORED = (".png", ".jpg", ".jpeg", ".gif", ".webp", ".mp4", ".webm", ".zip", ".gz", ".xz", ".zst", ".npz", ".parquet")


def files(ws: Workspace, run_id: str, search: str = "", limit: int = 1000, offset: int = 0) -> dict[str, Any]:
    """A page of a run's files by name; ``size`` in all is of those that ``search`` leaves.

    ``elsewhere``: the file was recorded by reference; its bytes are not in the workspace and are not served.
    """
    limit, offset = chosen.page(limit, offset, MOST)
    run = chosen.one(ws, run_id)
    there = query.listed(ws.path, run)
    left = {name: file for name, file in there.items() if search.lower() in name.lower()}
    page = [*left.items()][offset : offset + limit]
    total_size = sum(file.size for file in left.values())
    return {"files": [_told(name, file) for name, file in page], "total": len(left), "size": total_size}


def file(ws: Workspace, run_id: str, path: str) -> Content:
    """One file of a run, by the name it has there.

    Raises:
        StoreError: it has no such file, or it is not in the workspace.
    """
    run = chosen.one(ws, run_id)
    there = query.listed(ws.path, run)
    found = there.get(path) or there.get(consoles.aliases(run.definition).get(path, ""))
    if found is None:
        raise StoreError(f"run {run.run_id} has no file {path!r}")
    return content(ws.path, path, found)


def content(workspace: Path, name: str, found: File) -> Content:
    """A file of a run as it is sent.

    Raises:
        StoreError: it lies outside of the workspace.
    """
    inside(workspace, found)
    save = functools.partial(query.write, found)
    if isinstance(found, Artifact):
        return Content(name, found.media_type, found.size, found.sha256, found.read, save)
    return Content(name, "text/plain", log_parts.size(found), None, found.read, save)


def inside(workspace: Path, found: File) -> None:
    """Refuse what would lead out of the workspace.

    Raises:
        StoreError: it does.
    """
    if isinstance(found, Artifact):
        if found.reference:
            raise StoreError(f"{found.name!r} was recorded by reference: its bytes lie at {found.reference}, not here")
        return
    path = getattr(found, "path", workspace)
    if not path.resolve().is_relative_to(workspace.resolve()):
        raise StoreError(f"{path.name}: lies outside of the workspace")


def archive(ws: Workspace, run_id: str, target: Path, prefix: str | None = None) -> Content:
    """Write a run's files, or those of a folder, as a zip; what is elsewhere is left out, and named in a text in it.

    Args:
        ws: the workspace.
        run_id: the run.
        target: where the zip is written; its directory takes one file beside it meanwhile.
        prefix: a folder among the run's files.

    Raises:
        StoreError: there is no such folder, or a file can't be read; nothing is left of the zip.
    """
    run = chosen.one(ws, run_id)
    folder = f"{prefix.rstrip('/')}/" if prefix else ""
    wanted = [(name, one) for name, one in query.listed(ws.path, run).items() if name.startswith(folder)]
    if folder and not wanted:
        raise StoreError(f"run {run.run_id} has no folder {prefix!r}")
    try:
        _zip(ws.path, target, wanted)
    except BaseException:
        target.unlink(missing_ok=True)
        raise
    name = f"{run.display_name or run.name or run.run_id}.zip".replace("/", "_")
    return Content(name, ZIP, target.stat().st_size, None, target.read_bytes, functools.partial(_copied, target))


def _copied(source: Path, target: Path) -> None:
    target.write_bytes(source.read_bytes())


def _zip(workspace: Path, target: Path, wanted: list[tuple[str, File]]) -> None:
    part, left_out = target.with_name(f"{target.name}.part"), []
    with zipfile.ZipFile(target, "w", zipfile.ZIP_DEFLATED) as zipped:
        for name, found in wanted:
            try:
                inside(workspace, found)
            except StoreError as problem:
                left_out.append(str(problem))
                continue
            try:
                query.write(found, part)
                how = zipfile.ZIP_STORED if name.lower().endswith(_STORED) else zipfile.ZIP_DEFLATED
                about = zipfile.ZipInfo(query.inside(Path(), name).as_posix(), _EPOCH)
                about.compress_type, about.external_attr = how, 0o644 << 16
                with part.open("rb") as source, zipped.open(about, "w", force_zip64=True) as sink:
                    while data := source.read(1 << 20):
                        sink.write(data)
            finally:
                part.unlink(missing_ok=True)
        if left_out:
            zipped.writestr("LEFT-OUT.txt", "\n".join([*left_out, ""]))


def _told(name: str, found: File) -> dict[str, Any]:
    if not isinstance(found, Artifact):
        told = {"sha256": None, "time": None, "kind": "log", "media_type": "text/plain", "elsewhere": False}
        return {"path": name, "size": found.size, **told}
    return {
        "path": name,
        "size": found.size,
        "sha256": found.sha256,
        "time": plain.nanoseconds(found.piece.get("time")),
        "kind": kinds.of(found.kind),
        "media_type": found.media_type,
        "elsewhere": bool(found.reference),
    }
