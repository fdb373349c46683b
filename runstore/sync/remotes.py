"""The remotes of a workspace: each a document that says where it lies, what may travel there, and no secret."""

from __future__ import annotations

import os
import time
from contextlib import suppress
from dataclasses import dataclass, field, replace
from pathlib import Path
from typing import Any

from runstore.disk import files, ledger
from runstore.errors import Damaged, FormatTooNew, Refused, RunstoreError, UsageError
from runstore.format import VERSION, documents, names
from runstore.runs import mirrored
from runstore.sync import addresses, confirmed, connecting, credentials, rules
from runstore.sync.addresses import MLFLOW, SERVER, Address
from runstore.sync.connecting import Asked, Later
from runstore.sync.remote import Remote
from runstore.sync.rules import NONE, Rules


@dataclass(frozen=True, slots=True)
class Configured:
    """A remote as the workspace knows it.

    Attributes:
        name: what it is called here.
        url: where it lies.
        id: what identifies it, wherever it is reached; empty until it has told, for which a token may be lacking.
        added: when, in nanoseconds.
        probe: what was found out about it then; empty where nobody asked.
        rules: what may travel there.
    """

    name: str
    url: str
    id: str
    added: int = 0
    probe: dict[str, Any] = field(default_factory=dict)
    rules: Rules = NONE

    @property
    def address(self) -> Address:
        """Where it lies."""
        return addresses.parse(self.url)

    @property
    def kind(self) -> str:
        """``lake``, ``server`` or ``mlflow``."""
        return self.address.kind


def every(workspace: Path) -> list[str]:
    """The names of all remotes, sorted."""
    found = (name.removesuffix(".json") for name in files.names_in(workspace / names.REMOTES) if name.endswith(".json"))
    return [name for name in found if names.is_remote(name)]


def named(workspace: Path, name: str | None = None) -> Configured:
    """A remote by its name; without one, the only one there is.

    Raises:
        UsageError: there is none of that name, or none at all, or several and none is named.
        Damaged, FormatTooNew: its document can't be read.
    """
    there = every(workspace)
    if name is None:
        if len(there) != 1:
            raise UsageError(f"several remotes: name one of {', '.join(there)}" if there else _NO_REMOTE)
        name = there[0]
    if name not in there:
        raise UsageError(f"no remote is called {name!r}; there are {', '.join(there)}" if there else _NO_REMOTE)
    where = workspace / names.remote(name)
    body = documents.parse(files.read(where), str(where))
    if body["runstore"] > VERSION:
        raise FormatTooNew(f"{where}: format {body['runstore']}, this runstore reads up to {VERSION}; upgrade it")
    found = Configured(name, body["url"], body["id"], body["added"], body["probe"], rules.load(body["rules"]))
    _ = found.address
    return found


_NO_REMOTE = "this workspace has no remote; `runstore remote add NAME URL` adds one"


def opened(workspace: Path, name: str | None = None) -> Remote:
    """A remote to send to and fetch from; it is connected to when something is asked of it.

    Raises:
        UsageError, Damaged, FormatTooNew: as ``named``.
        RemoteError: it has never told who it is, and can't be asked now.
    """
    return later(met(workspace, named(workspace, name)))


def later(known: Configured) -> Later:
    """The same of a remote that was looked up."""
    return Later(known.id, known.name, lambda: connecting.connect(known.name, known.address))


def met(workspace: Path, known: Configured) -> Configured:
    """A remote that has told who it is; it is asked, and that is noted, where it has not.

    Raises:
        UsageError: it is this workspace, or another of its remotes.
        RemoteError: it can't be asked.
    """
    if known.id:
        return known
    asked = connecting.ask(known.name, known.address)
    _once(workspace, asked.id)
    found = replace(known, id=asked.id, probe=asked.probe)
    path, data = workspace / names.remote(known.name), _rendered(found)
    temporary = files.publish(path.parent, names.temporary(path.name, os.urandom(4).hex()), data)
    os.replace(temporary, path)
    return found


# ---- adding


@dataclass(slots=True)
class Added:
    """A remote that was added, and what its user should know."""

    known: Configured
    warnings: list[str] = field(default_factory=list)


def add(workspace: Path, name: str, url: str, given: Rules = NONE, probe: bool = True) -> Added:
    """Know a remote from now on, having asked it whether it can be trusted with what sync relies on.

    Args:
        workspace: the workspace's directory.
        name: what to call it.
        url: where it lies (``addresses.parse``).
        given: what may travel there.
        probe: whether to try that out.

    Raises:
        UsageError: the name or the address can't be, or is taken.
        RemoteError: it can't be reached, or can't be trusted.
        OSError: the workspace can't be written.
    """
    mirrored.refuse(workspace)
    if not names.is_remote(name):
        raise UsageError(f"{name!r} can't be the name of a remote: up to 40 lower-case letters, digits, - and _")
    if name in every(workspace):
        raise UsageError(f"{name}: a remote is called so already; `runstore remote remove {name}` first")
    address = addresses.parse(url)
    if address.path is not None and address.path.is_relative_to(workspace):
        raise UsageError(f"{address.path}: lies in this workspace itself; name a directory outside of it")
    if address.kind in (SERVER, MLFLOW):
        confirmed.confirm(address.url)
    asked = _asked(name, address, probe)
    _once(workspace, asked.id)
    known = Configured(name, address.url, asked.id, time.time_ns(), asked.probe, given)
    warnings = [*asked.warnings]
    if address.in_the_clear:
        warnings.append(f"{address.url}: what is sent there, a token too, can be read on the way; use https")
    filters = rules.trouble(workspace, given)
    warnings += [f"{filters}: until there is one, nothing is sent"] if filters else []
    _write(workspace, known)
    return Added(known, warnings)


def _asked(name: str, address: Address, probe: bool) -> Asked:
    """What a remote tells; a server may be added before one has a token for it."""
    try:
        return connecting.ask(name, address, probe)
    except Refused:
        if address.kind != SERVER or credentials.token(name, address.url) is not None:
            raise
    return Asked("", {}, (f"it wants a token: `runstore login {name}`, or ${credentials.variable(name)}",))


def _once(workspace: Path, remote_id: str) -> None:
    """See that a remote isn't this workspace, and known under no other name."""
    if not remote_id:
        return
    here = workspace / names.WORKSPACE
    if documents.parse(files.read(here), str(here))["workspace"] == remote_id:
        raise UsageError("that remote is this workspace itself; name another one")
    for other in every(workspace):
        with suppress(RunstoreError):  # one that can't be read is in nobody's way
            if named(workspace, other).id != remote_id:
                continue
            break
    else:
        return
    raise UsageError(f"that remote is known as {other} already; use that name, or remove it first")


def _write(workspace: Path, known: Configured) -> None:
    files.make_dirs(workspace / names.REMOTES, durable=True)
    try:
        files.publish(workspace / names.REMOTES, f"{known.name}.json", _rendered(known))
    except Damaged:
        raise UsageError(f"{known.name}: another process has just added a remote of that name") from None


def _rendered(known: Configured) -> bytes:
    body = {
        "runstore": VERSION, "name": known.name, "url": known.url, "id": known.id, "added": known.added,
        "probe": known.probe, "rules": known.rules.dump(),
    }  # fmt: skip
    return documents.render(body)


def remove(workspace: Path, name: str) -> None:
    """Know a remote no longer; nothing there is touched. Its token is forgotten too, where one was kept.

    Raises:
        UsageError: there is none of that name.
        OSError: the workspace can't be written.
    """
    if name not in every(workspace):
        named(workspace, name)
    known = None
    with suppress(RunstoreError):  # one that can't be read goes all the same
        known = named(workspace, name)
    files.unlink(workspace / names.remote(name))
    if known is None:
        return
    if known.id:
        with ledger.held(workspace, known.id):
            for entry in files.listing(workspace / names.REMOTES / known.id):
                files.unlink(Path(entry.path))
        files.remove_dir(workspace / names.REMOTES / known.id)
    with suppress(RunstoreError):
        credentials.remove(name, known.url)
