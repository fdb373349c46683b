"""What runstore says of itself."""

from __future__ import annotations

import logging
import subprocess
import sys
from pathlib import Path

import runstore
from runstore.runs import diagnostics


def test_it_goes_into_a_file_that_is_added_to(tmp_path: Path) -> None:
    path = tmp_path / "runstore.log"
    for number in range(2):
        with runstore.diagnostic_log(path, namespaces=["tests.diagnostics"]):
            diagnostics.debug("run %s begins", number, run="abc")
            logging.getLogger("tests.diagnostics").debug("theirs")
        diagnostics.debug("outside")
    lines = path.read_text(encoding="utf-8").splitlines()
    assert [line.split("|")[1:] for line in lines] == [
        ["runstore.run.abc", "DEBUG", "run 0 begins"], ["tests.diagnostics", "DEBUG", "theirs"],
        ["runstore.run.abc", "DEBUG", "run 1 begins"], ["tests.diagnostics", "DEBUG", "theirs"],
    ]  # fmt: skip


def test_levels_and_handlers_are_as_before(tmp_path: Path) -> None:
    logger = logging.getLogger("runstore")
    before = logger.level
    with runstore.diagnostic_log(tmp_path / "a.log"):
        assert logger.level == logging.DEBUG
    assert logger.level == before
    assert not any(isinstance(one, logging.FileHandler) for one in logger.handlers)


def test_one_line_of_basic_configuration_shows_it(tmp_path: Path) -> None:
    program = """
import logging, runstore
logging.basicConfig(level=logging.DEBUG)
runstore.start_run("x", workspace="ws", run_id="r").complete()
"""
    done = subprocess.run([sys.executable, "-c", program], cwd=tmp_path, capture_output=True, check=True, text=True)
    assert "DEBUG:runstore.run.r:" in done.stderr


def test_where_nobody_loads_logging_it_is_not_loaded(tmp_path: Path) -> None:
    program = "import sys; from runstore.runs.diagnostics import debug; debug('x'); assert 'logging' not in sys.modules"
    subprocess.run([sys.executable, "-c", program], cwd=tmp_path, check=True)
