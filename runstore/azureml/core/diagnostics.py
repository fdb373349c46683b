"""Debug logs of runstore itself into a file."""

from __future__ import annotations

from collections.abc import Iterable
from contextlib import AbstractContextManager

from runstore.runs import diagnostics as native


def diagnostic_log(
    log_path: str | None = None, namespaces: Iterable[str] | None = None, context_name: str | None = None
) -> AbstractContextManager[None]:
    """Write what runstore does in the block into a file, down to DEBUG (Azure ML SDK v1: ``diagnostic_log``).

    Args:
        log_path: the file; None: ``azureml.log``.
        namespaces: further loggers to write down.
        context_name: accepted.
    """
    return native.diagnostic_log(log_path or "azureml.log", namespaces or ())
