"""Debug logs in a file."""

from __future__ import annotations

import logging
from pathlib import Path

from runstore.azureml.core import diagnostic_log


def test_levels_and_handlers_are_given_back(here: Path) -> None:
    logger = logging.getLogger("runstore")
    before = (logger.level, list(logger.handlers))
    with diagnostic_log():
        assert logger.isEnabledFor(logging.DEBUG)
    assert (logger.level, list(logger.handlers)) == before
    assert (here / "azureml.log").exists()
