"""Exceptions that nobody foresaw: the trace goes to the server's log, an id of it to whoever asked."""

from __future__ import annotations

import logging
import secrets

MESSAGE = "unexpected error"


def log(logger: logging.Logger, problem: BaseException) -> str:
    """Log the trace of an exception under a new id; gives the id, which says nothing of the exception itself."""
    incident = secrets.token_hex(4)
    logger.error("%s %s", MESSAGE, incident, exc_info=problem)
    return incident
