"""Files of a run."""

from __future__ import annotations

import os
import re
import warnings
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from functools import partial
from pathlib import Path
from typing import TYPE_CHECKING, Any

from runstore.errors import UsageError
from runstore.format import values
from runstore.runs.labels import LabeledRun

if TYPE_CHECKING:
    from runstore.runs.artifact_names import Taken
    from runstore.runs.artifacts import Content
    from runstore.runs.watch import Watch


class UploadingRun(LabeledRun):
    """A run that takes files."""

    _known: Taken | None = None
    _watch: Watch | None = None
    _left_out: Sequence[Path] = ()  # watched directories: no part of a snapshot

    def upload_file(
        self,
        name: str,
        path_or_stream: Any,
        *,
        step: Any = None,
        overwrite: bool = False,
        reference: bool = False,
        kind: str = "file",
        media_type: str | None = None,
    ) -> None:
        """Store a file as an artifact. The same bytes are stored once in the workspace, however often they come.

        Args:
            name: the artifact's name, parts separated by ``/``, such as ``outputs/model.pkl``; ``./`` before it goes.
            path_or_stream: a path, or a binary file object that is read to its end.
            step: to which step it belongs, if to any.
            overwrite: where the name has other bytes already, make these its next version. Done in any case where a
                file in a watched directory has the name: of the two, what was written later counts in the end.
            reference: leave the bytes where they are: only hash, size and place are recorded, and reading verifies.
            kind: what it is, for those who list artifacts.
            media_type: such as ``image/png``; None: what the first bytes or the name say.

        Raises:
            UsageError: the name is no relative path, or has other bytes already (the same bytes are no error).
            StoreError: the file can't be read.
            NotWritable: the workspace can't take it.
        """
        name = path_name(name)
        self._store(
            name,
            path_or_stream,
            kind=kind,
            media_type=media_type,
            step=values.step(step),
            overwrite=overwrite or (self._watch is not None and self._watch.shares(name)),
            reference=reference,
        )
        if self._watch is not None:
            self._watch.uploaded(name)

    def upload_files(self, names: Sequence[str], paths: Sequence[Any], *, overwrite: bool = False) -> None:
        """Store several files.

        Args:
            names: the artifacts' names; of a repeated one the last file counts, with a warning.
            paths: a path or binary file object for each.
            overwrite: as in ``upload_file``.

        Raises:
            UsageError: not as many names as paths, and as in ``upload_file``.
        """
        names, paths = list(names), list(paths)
        if len(names) != len(paths):
            raise UsageError(f"upload_files() got {len(names)} names and {len(paths)} paths; give one path for each")
        wanted = dict(zip(map(path_name, names), paths, strict=True))
        if len(wanted) < len(names):
            warnings.warn("upload_files(): a name is there more than once; its last file counts", stacklevel=2)
        for name, path in wanted.items():
            self.upload_file(name, path, overwrite=overwrite)

    def upload_folder(self, name: str, path: str | os.PathLike[str], *, overwrite: bool = False) -> None:
        """Store every file below a directory as ``name/<relative path>``.

        Raises:
            UsageError: no directory, and as in ``upload_file``.
        """
        name, folder = path_name(name), Path(path)
        if not folder.is_dir():
            raise UsageError(f"upload_folder({name!r}): {folder} is no directory; upload_file() takes a file")
        for file in _below(folder):
            self.upload_file(f"{name}/{file.relative_to(folder).as_posix()}", file, overwrite=overwrite)

    def remove_files(self, names: str | Iterable[str]) -> None:
        """Take artifacts, with all their versions, off the run. Bytes that nothing refers to go when they are swept.

        Raises:
            UsageError: the run has no such artifact; nothing is removed then.
        """
        if self._disabled:
            return
        gone = [names] if isinstance(names, str) else list(names)
        there = {fact["name"] for fact in self._folded().artifacts}
        for name in gone:
            if name not in there:
                raise UsageError(unknown(name, there))
        if gone:
            self._record("removed", {"artifacts": gone})
            if self._known is not None:
                self._known.drop(gone)

    def take_snapshot(self, path: str | os.PathLike[str]) -> str:
        """Keep a directory of source code, once per run. An unchanged directory has the same id and is stored once.

        Args:
            path: its root. What its ``.amlignore`` names is left out, or else what its ``.gitignore`` names.

        Returns:
            The snapshot's id.

        Raises:
            SnapshotError: the run has one; it has more than 300 MB or 2,000 files; something in it can't be read.
        """
        if self._disabled:
            return ""
        from runstore.runs import snapshot

        self._live()
        body = snapshot.take(path, self.experiment.workspace.path, self._left_out, self._put, self._folded().snapshot)
        self._record("snapshot", body)
        return str(body["id"])

    def forked(self) -> None:
        """Nothing is kept that another thread of the parent may have been in the midst of."""
        from runstore.runs import dedup

        dedup.forget()
        self.__dict__.pop("_known", None)
        super().forked()

    # ---- for everything that stores

    def _trace(self, source: Path | None, argv: Sequence[str] | None = None) -> None:
        """Record where the run comes from, and keep its source code where that is wanted and no attempt before did.

        Args:
            source: its source code.
            argv: its command line, where it is not this process's.
        """
        from runstore.runs import provenance

        begins = self._live().identity.opener or bool(self._start.get("queued"))
        provenance.capture(self, self.experiment.workspace.path, source, begins, argv)
        if source is not None and begins and self._folded().snapshot is None:
            self.take_snapshot(source)

    def _git_properties(self, facts: Mapping[str, str | bool]) -> dict[str, str]:
        """What git knows of the source, as properties: ``git.commit`` and the like."""
        return {f"git.{key}": str(value).lower() if isinstance(value, bool) else value for key, value in facts.items()}

    def _store(
        self,
        name: str,
        source: Any,
        *,
        kind: str = "file",
        media_type: str | None = None,
        step: int | None = None,
        overwrite: bool = True,
        reference: bool = False,
        metric: str | None = None,
    ) -> dict[str, Any]:
        """Take bytes, a path or a binary stream in as an artifact; give the body of the fact that records it.

        Where the newest version has the same bytes, nothing new is recorded, unless it is a value of a ``metric``.
        Where runstore is disabled nothing is read and the body is empty.

        Raises:
            UsageError: other bytes are stored under the name, and ``overwrite`` is false.
            StoreError: the file can't be read.
            NotWritable: the workspace can't take it.
        """
        if self._disabled:
            return {}
        from runstore.runs import sniff

        self._live()
        name = values.name(name, "artifact name")
        known = self._taken()
        allow: Callable[[str], None] = (lambda sha256: None) if overwrite else partial(known.allow, name)
        content, where = self._content(name, source, reference, allow)
        media_type = media_type or sniff.media_type(name, content.head)
        body = {"name": name, "media_type": media_type, "kind": kind, "step": step, **content.body, **where}
        if metric is not None:
            body["metric"] = metric
        with known.lock:
            if metric is not None or not known.same(name, content.sha256):
                allow(content.sha256)
                self._record("artifact", body)
                known.put(name, content.sha256)
        return body

    def _taken(self) -> Taken:
        """The names that are taken: one account, whichever of several threads begins it."""
        from runstore.runs.artifact_names import Taken

        return self._known or self.__dict__.setdefault("_known", Taken(self.path))

    def _put(self, source: Any, name: str = "content") -> dict[str, Any]:
        """Take content in that no artifact names: ``{"sha256", "size", "pack"}``.

        ``pack`` is None where it lies under ``blobs/``, else ``[number, offset, writer, run id]``, whoever's it is.
        """
        if self._disabled:
            return {}
        from runstore.runs import artifacts

        writer = self._live()
        body = artifacts.keep(self.experiment.workspace.path, writer, name, source).body
        if body["pack"] and len(body["pack"]) == 2:
            body["pack"] = [*body["pack"], writer.identity.writer, self.id]
        return body

    def _share(self, data: bytes) -> dict[str, Any]:
        """Take in bytes that many runs have in common, without a pack of this one's."""
        from runstore.runs import artifacts

        if self._disabled:
            return {}
        if self._writer is not None:
            self._writer.presence.refuse_new_files()
        return artifacts.shared(self.experiment.workspace.path, data)

    def _content(
        self, name: str, source: Any, reference: bool, allow: Callable[[str], None]
    ) -> tuple[Content, dict[str, str]]:
        from runstore.runs import artifacts

        if not reference:
            return artifacts.keep(self.experiment.workspace.path, self._live(), name, source, allow), {}
        if not isinstance(source, str | os.PathLike):
            raise UsageError(f"artifact {name!r}: only a path can be stored by reference, not {type(source).__name__}")
        content = artifacts.measure(name, source)
        allow(content.sha256)
        return content, {"reference": Path(source).absolute().as_uri()}


def path_name(name: str) -> str:
    """An artifact's name as it is stored: parts separated by ``/``, none of them empty or ``.``.

    Raises:
        UsageError: absolute, with a drive letter, or with ``..`` in it.
    """
    name = values.name(name, "artifact name")
    parts = re.split(r"[/\\]", name)
    if ".." in parts or not parts[0] or re.match(r"[A-Za-z]:", name):
        raise UsageError(f"artifact name {name!r} leads out of the run; give a relative path without '..'")
    cleaned = "/".join(part for part in name.split("/") if part not in ("", "."))
    if not cleaned:
        raise UsageError(f"artifact name {name!r} names no file; give a relative path")
    return cleaned


def unknown(name: str, there: Iterable[str]) -> str:
    """What to say where there is no artifact of a name."""
    listed = sorted(there)
    more = f" and {len(listed) - 20} more" if len(listed) > 20 else ""
    have = f"it has {', '.join(map(repr, listed[:20]))}{more}" if listed else "it has none"
    return f"the run has no artifact {name!r}; {have}"


def _below(folder: Path) -> Iterator[Path]:
    for where, directories, found in os.walk(folder):
        directories.sort()
        yield from (Path(where, name) for name in sorted(found))
