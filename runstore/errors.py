"""Every exception runstore raises, in one tree.

    RunstoreError                    what happened, where, what to do
    |- UsageError (ValueError)       the call is wrong: type, name, option
    |  |- InvalidValue (TypeError)   a value that can't be logged
    |  `- RunClosed                  logging into a run that has ended
    |- StoreError                    the directory is not as the call needs it
    |  |- NotAWorkspace (FileNotFoundError)
    |  |- RunNotFound (KeyError)
    |  |- ModelNotFound (KeyError)
    |  |- SnapshotError              a directory that can't be kept as a snapshot
    |  |- FormatTooNew               written by a later runstore
    |  |- NotWritable (OSError)      the directory can't be written
    |  `- Damaged                    bytes on disk are not what was written
    |- RemoteError                   a remote does not do what was asked of it
    |  |- Unreachable                it could not be asked, or had no time; trying again may help
    |  |- Refused                    it will not do that: who asks may not, or what was sent is wrong
    |  `- RemoteConflict             it has something else in that place
    |- RunFailed                     a run that was waited for has failed
    |- LaunchError                   a script that can't be started
    `- QueryError                    the SQL, or what it asks for, is wrong

A message is one line: what, where, what to do. The command line prints it as it is.
"""

from __future__ import annotations


class RunstoreError(Exception):
    """Root of the tree. ``exit_code`` is what the command line ends with."""

    exit_code = 1

    def __str__(self) -> str:
        return str(self.args[0]) if self.args else type(self).__name__


class UsageError(RunstoreError, ValueError):
    """The call itself is wrong; nothing was written."""

    exit_code = 2


class InvalidValue(UsageError, TypeError):
    """A value of a type that can't be logged."""


class RunClosed(UsageError):
    """The run has ended, or this object only reads it."""

    exit_code = 1


class StoreError(RunstoreError):
    """The workspace on disk is not in the state the call needs."""


class NotAWorkspace(StoreError, FileNotFoundError):
    """The path exists and is no workspace, or is missing where one must exist."""


class RunNotFound(StoreError, KeyError):
    """No run, or more than one, answers to that id."""


class ModelNotFound(StoreError, KeyError):
    """No registered model answers to that."""


class SnapshotError(StoreError):
    """A directory can't be kept as a snapshot: it is too large, or can't be read; or the run has one already."""


class FormatTooNew(StoreError):
    """The file was written by a later version of runstore."""


class NotWritable(StoreError, OSError):
    """The directory can't be written."""


class Damaged(StoreError):
    """Bytes on disk are not the bytes that were written."""


class RemoteError(RunstoreError):
    """A remote does not do what was asked of it. Nothing here was changed."""


class Unreachable(RemoteError):
    """The remote could not be asked, or did not answer in time; whether it did what was asked is not known."""

    def __init__(self, message: str, after: float = 0.0) -> None:
        super().__init__(message)
        self.after = after  # seconds that the remote wants to be left alone


class Refused(RemoteError):
    """The remote will not do that, now or later."""


class RemoteConflict(RemoteError):
    """The remote has something else in that place; nothing there was changed."""


class RunFailed(RunstoreError):
    """A run that was waited for has failed; the message says why."""


class LaunchError(RunstoreError):
    """A script can't be started: what it needs is not there, or says something else."""


class QueryError(RunstoreError):
    """DuckDB refused the statement."""
