"""Python's log records."""

from __future__ import annotations

import logging
import os
from collections.abc import Iterator
from pathlib import Path
from threading import Thread

import pytest

import runstore
from tests.runs.test_warned import records


@pytest.fixture
def run(tmp_path: Path) -> runstore.Run:
    return runstore.start_run("x", workspace=tmp_path / "ws")


@pytest.fixture
def logger() -> Iterator[logging.Logger]:
    found = logging.getLogger("tests.records")
    found.setLevel(logging.DEBUG)
    yield found
    found.handlers.clear()


def test_a_handler_writes_level_logger_message_time_and_exception(run: runstore.Run, logger: logging.Logger) -> None:
    logger.addHandler(runstore.LogHandler(run, logging.INFO))
    logger.debug("too low")
    logger.info("calm %d", 7)
    try:
        raise ValueError("bad")
    except ValueError:
        logger.exception("wrong")
    run.complete()
    assert records(run) == [("INFO", logger.name, "calm 7"), ("ERROR", logger.name, "wrong")]
    ((exception, old),) = run.experiment.workspace.sql(  # type: ignore[attr-defined]
        "SELECT exception, epoch(now()::TIMESTAMP) - epoch(time) FROM logs WHERE level = 'ERROR'"
    ).fetchall()
    assert exception.startswith("Traceback") and exception.endswith("ValueError: bad")
    assert 0 <= old < 3600


def test_inside_a_block_records_are_kept_without_any_handler(run: runstore.Run, logger: logging.Logger) -> None:
    before = logging.getLogRecordFactory(), list(logging.getLogger().handlers)
    with run:
        logger.debug("kept")
        assert logging.getLogger().handlers == before[1]
    logger.error("late")
    assert records(run) == [("DEBUG", logger.name, "kept")]
    assert logging.getLogRecordFactory() is before[0]


def test_a_record_that_both_would_take_is_taken_once(run: runstore.Run, logger: logging.Logger) -> None:
    logger.addHandler(runstore.LogHandler(run))
    with run:
        logger.warning("once")
    assert records(run) == [("WARNING", logger.name, "once")]
    ((warned, errors),) = run.experiment.workspace.sql("SELECT warnings, errors FROM runs").fetchall()  # type: ignore[attr-defined]
    assert (warned, errors) == (1, 0)


def test_a_record_belongs_to_the_inner_of_two_runs(run: runstore.Run, logger: logging.Logger) -> None:
    with run:
        logger.info("outer")
        with run.child_run() as child:
            logger.info("inner")
        logger.info("outer again")
    assert [text for _, _, text in records(run)] == ["outer", "outer again"]
    assert [text for _, _, text in records(child)] == ["inner"]  # type: ignore[arg-type]


def test_a_factory_that_was_put_upon_ours_stays(run: runstore.Run, logger: logging.Logger) -> None:
    before = logging.getLogRecordFactory()
    try:
        with run:
            ours = logging.getLogRecordFactory()

            def theirs(*args: object, **named: object) -> logging.LogRecord:
                record: logging.LogRecord = ours(*args, **named)
                return record

            logging.setLogRecordFactory(theirs)
        assert logging.getLogRecordFactory() is theirs
        logger.info("late")
    finally:
        logging.setLogRecordFactory(before)
    assert records(run) == []


def test_arguments_that_do_not_fit_are_told_and_never_raise(run: runstore.Run, logger: logging.Logger) -> None:
    class Broken:
        def __str__(self) -> str:
            raise RuntimeError("no text")

    handler = runstore.LogHandler(run)
    for message, argument in (("%d", "x"), ("%s", Broken())):
        handler.handle(logging.LogRecord("a", 20, __file__, 1, message, (argument,), None))
    run.complete()
    assert all("can't be formatted" in str(text) for _, _, text in records(run))
    handler.handle(logging.LogRecord("a", 20, __file__, 1, "late", (), None))


def test_a_formatter_decides_on_the_text(run: runstore.Run, logger: logging.Logger) -> None:
    handler = runstore.LogHandler(run)
    handler.setFormatter(logging.Formatter("<%(message)s>"))
    logger.addHandler(handler)
    logger.info("x")
    run.complete()
    assert records(run) == [("INFO", logger.name, "<x>")]


def test_threads_share_a_handler(run: runstore.Run, logger: logging.Logger) -> None:
    logger.addHandler(runstore.LogHandler(run))
    threads = [Thread(target=lambda: [logger.info("x") for _ in range(50)]) for _ in range(4)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    run.complete()
    assert len(records(run)) == 200


def test_a_forked_child_logs_as_a_writer_of_its_own(run: runstore.Run, logger: logging.Logger) -> None:
    logger.addHandler(runstore.LogHandler(run))
    logger.info("parent")
    pid = os.fork()
    if pid == 0:
        run.forked()
        logger.info("child")
        run.end_at_exit(None)
        os._exit(0)
    os.waitpid(pid, 0)
    run.complete()
    query = "SELECT count(DISTINCT writer), count(*) FROM logs"
    assert run.experiment.workspace.sql(query).fetchall() == [(2, 2)]  # type: ignore[attr-defined]
