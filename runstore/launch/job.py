"""The job document: what a queued run's launcher is to start, with the real values of its variables.

It lies in the run's directory, readable by its owner only, from the queueing of a run until its launcher has read it; a
sweep's until the sweep has ended, so that the next attempt finds it where the first one died.
"""

from __future__ import annotations

from dataclasses import asdict, dataclass
from pathlib import Path
from typing import Any

from runstore.disk import files
from runstore.errors import Damaged, LaunchError, NotWritable
from runstore.format import documents, names


@dataclass(frozen=True)
class Job:
    """A script (``ScriptRunConfig.as_dict``) or a sweep (``Sweep.as_dict``) to be run."""

    experiment: str
    config: dict[str, Any] | None = None
    sweep: dict[str, Any] | None = None
    workspace_name: str = "local"  # what the script finds as AZUREML_ARM_WORKSPACE_NAME


def write(directory: Path, job: Job) -> None:
    """Leave a job in a run's directory, in place of one that an earlier try left there.

    Raises:
        NotWritable: it can't be written.
    """
    try:
        remove(directory)
        files.publish(directory, names.JOB, documents.render(asdict(job)), private=True)
    except OSError as problem:
        raise NotWritable(
            f"{directory}: the job can't be written ({problem.strerror}); mend that and submit again"
        ) from None


def read(directory: Path) -> Job | None:
    """The job of the run in a directory; None where there is none, or none any more.

    Raises:
        LaunchError: it can't be read, or a later runstore wrote it.
        Damaged: it is not as it was written.
    """
    path = directory / names.JOB
    try:
        return Job(**documents.parse(files.read(path), names.JOB))
    except FileNotFoundError:
        return None
    except Damaged:
        raise
    except TypeError:
        raise LaunchError(f"{path}: another version of runstore wrote it; submit with this one") from None
    except OSError as problem:
        raise LaunchError(f"{path}: can't be read ({problem.strerror}); mend that first") from None


def remove(directory: Path) -> None:
    """Take the job away. Nothing happens where there is none.

    Raises:
        OSError: the file system refuses.
    """
    files.unlink(directory / names.JOB)
