"""What logs gain, read from the ends of files."""

from __future__ import annotations

from pathlib import Path

import pytest

import runstore
from runstore.query.growth import Growth
from runstore.runs import logfile
from tests.query import blocked


@pytest.fixture
def run(tmp_path: Path) -> runstore.Run:
    return runstore.start_run("x", workspace=tmp_path / "ws")


def taken(growth: Growth) -> list[tuple[object, ...]]:
    return [(line["stream"], line["line"], line["level"], line["text"]) for line in growth.take()]


def test_only_whole_lines_that_came_since_are_given_each_once(run: runstore.Run) -> None:
    file = logfile.opened(run._live(), "a.txt")
    file.write(b"old\npart")
    growth = Growth(run.path)
    file.write(b"ly\n10%\r20%\nnext")
    assert taken(growth) == [("a.txt", 1, None, "partly"), ("a.txt", 2, None, "20%")]
    assert taken(growth) == []
    growth.close()
    run.complete()


def test_files_that_begin_later_are_found(run: runstore.Run) -> None:
    growth = Growth(run.path)
    logfile.opened(run._live(), "a.txt").write(b"printed\n")
    run._live().side().log("python", "train", "INFO", "said")
    assert taken(growth) == [("a.txt", 0, None, "printed"), ("python", 0, "INFO", "said")]
    growth.close()
    run.complete()


def test_marks_and_system_metrics_are_no_lines(run: runstore.Run) -> None:
    growth = Growth(run.path)
    side = run._live().side()
    side.mark("a.txt", 7)
    side.system({"cpu": 1.0})
    side.log("python", "train", "INFO", "said", "Traceback")
    ((stream, _, _, text),) = taken(growth)
    assert (stream, text) == ("python", "said")
    growth.close()
    run.complete()


def test_a_line_of_the_view_is_new_once(run: runstore.Run) -> None:
    logfile.opened(run._live(), "a.txt").write(b"one\n")
    growth = Growth(run.path)
    whose = {"writer": run._live().identity.writer, "stream": "a.txt", "level": None}
    assert [growth.knows({**whose, "line": line}) for line in (0, 1)] == [True, False]
    assert [growth.is_new({**whose, "line": line}) for line in (0, 1, 1)] == [False, True, False]
    assert growth.least == 2
    growth.close()
    run.complete()


def test_a_file_that_goes_is_read_to_its_end(run: runstore.Run) -> None:
    growth = Growth(run.path)
    run._live().side().log("python", "train", "INFO", "first")
    assert len(growth.take()) == 1
    run._live().side().log("python", "train", "INFO", "last")
    for path in run.path.glob("p-*"):
        path.unlink()
    assert taken(growth) == [("python", 1, "INFO", "last")]
    growth.close()


def test_the_lines_of_a_run_in_a_block_are_known_from_the_beginning(run: runstore.Run) -> None:
    logfile.opened(run._live(), "a.txt").write(b"one\ntwo\n")
    run.complete()
    blocked.put(run.experiment.workspace.path)
    growth = Growth(run.path)
    assert (taken(growth), growth.least) == ([], 2)
    growth.close()
