"""What runstore itself has to say: DEBUG records of the logger ``runstore``, where somebody uses ``logging``."""

from __future__ import annotations

import os
import sys
from collections.abc import Iterable, Iterator
from contextlib import contextmanager

LOGGER = "runstore"


def debug(text: str, *args: object, run: str | None = None) -> None:
    """Say what is done, for whoever wants to know. Costs nothing and loads nothing where nobody has loaded ``logging``.

    Args:
        text: with ``%s`` for each argument.
        args: what it is about.
        run: the id of the run; the record is then of the logger ``runstore.run.<id>``.
    """
    logging = sys.modules.get("logging")
    if logging is None or not hasattr(logging, "getLogger"):
        return
    logger = logging.getLogger(LOGGER)
    if not logger.handlers:
        logger.addHandler(logging.NullHandler())
    if logger.isEnabledFor(logging.DEBUG):
        (logging.getLogger(f"{LOGGER}.run.{run}") if run else logger).debug(text, *args)


@contextmanager
def diagnostic_log(path: str | os.PathLike[str] = "runstore.log", namespaces: Iterable[str] = ()) -> Iterator[None]:
    """Write what runstore does in the block into a file, down to DEBUG; added to what is there.

    Args:
        path: the file.
        namespaces: further loggers to write down.

    Raises:
        OSError: the file can't be opened.
    """
    import logging

    handler = logging.FileHandler(path, encoding="utf-8")
    handler.setFormatter(logging.Formatter("%(asctime)s|%(name)s|%(levelname)s|%(message)s"))
    loggers = [logging.getLogger(name) for name in dict.fromkeys((LOGGER, *namespaces))]
    levels = [logger.level for logger in loggers]
    for logger in loggers:
        logger.addHandler(handler)
        logger.setLevel(logging.DEBUG)
    try:
        yield
    finally:
        for logger, level in zip(loggers, levels, strict=True):
            logger.removeHandler(handler)
            logger.setLevel(level)
        handler.close()
