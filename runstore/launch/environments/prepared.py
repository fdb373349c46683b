"""An environment in which processes can be started."""

from __future__ import annotations

import os
import shutil
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path

from runstore.disk import files
from runstore.launch.config import PYTHON


def joined(link: Path, around: str) -> str:
    """A PYTHONPATH with the link in front, once."""
    others = [part for part in around.split(os.pathsep) if part and part != str(link)]
    return os.pathsep.join([str(link), *others])


@dataclass
class Prepared:
    """An interpreter and what its processes need to find.

    ``python`` is what "python" stands for. ``link`` is a directory that holds nothing but runstore; None where the
    interpreter has its own. ``home`` is the virtual environment, where it is one that was built for this.
    """

    python: str
    link: Path | None = None
    home: Path | None = None

    def start(self, argv: list[str], variables: Mapping[str, str]) -> tuple[list[str], dict[str, str]]:
        """The command line of a process, and the variables it has beside those of this process.

        Programs that lie beside the interpreter (``torchrun``) come before others of the same name.

        Args:
            argv: the command; "python" as its first word is the environment's interpreter.
            variables: all those of the script's own.
        """
        found = {**variables, **self._paths(variables)}
        if argv[0] == PYTHON:
            return [self.python, *argv[1:]], found
        program = argv[0] if os.path.dirname(argv[0]) else shutil.which(argv[0], path=found["PATH"])
        return [program or argv[0], *argv[1:]], found

    def _paths(self, variables: Mapping[str, str]) -> dict[str, str]:
        path = variables.get("PATH", os.environ.get("PATH", os.defpath))
        found = {"PATH": os.pathsep.join([os.path.dirname(self.python), path])}
        # What the caller's PYTHONPATH holds is none of a virtual environment's; it may be meant for another Python.
        around = variables.get("PYTHONPATH", "" if self.home else os.environ.get("PYTHONPATH", ""))
        if self.home:
            found |= {"VIRTUAL_ENV": str(self.home), "PYTHONHOME": ""}
        if self.link:
            found["PYTHONPATH"] = joined(self.link, around)
        return found

    def stop(self) -> None:
        """End what a signal to the started processes does not reach: nothing."""

    def stop_commands(self) -> list[list[str]]:
        """What ``stop`` runs, for somebody who has to do it in place of this process."""
        return []

    def packages(self) -> str:
        """``name==version`` lines; "" where it is not known."""
        if self.home is None:
            return ""
        found = set()
        for place in [*self.home.glob("lib/python*/site-packages"), self.home / "Lib" / "site-packages"]:
            for entry in files.names_in(place):
                name, dash, version = entry.removesuffix(".dist-info").partition("-")
                if dash and entry.endswith(".dist-info"):
                    found.add(f"{name.lower().replace('_', '-')}=={version}\n")
        return "".join(sorted(found))
