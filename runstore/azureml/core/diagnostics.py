"""Debug logs of runstore itself into a file."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from contextlib import contextmanager
from typing import Any


@contextmanager
def diagnostic_log(
    log_path: str | None = None, namespaces: Iterable[str] | None = None, context_name: str | None = None
) -> Iterator[Any]:
    """Write debug records into a file while inside the block (Azure ML SDK v1: ``diagnostic_log``).

    Args:
        log_path: the file; None: ``azureml.log``.
        namespaces: the loggers; None: runstore's.
        context_name: accepted.
    """
    raise NotImplementedError
    yield
