"""The job document: whole, its owner's, gone when it was read."""

from __future__ import annotations

import os
import stat
from pathlib import Path

import pytest

from runstore.errors import Damaged, LaunchError, NotWritable
from runstore.format import documents, names
from runstore.launch import job as jobs
from runstore.launch.job import Job

JOB = Job("exp", config={"script": "train.py", "variables": {"TOKEN": "s3cret"}}, workspace_name="ws")


def test_a_job_is_read_as_it_was_written(tmp_path: Path) -> None:
    jobs.write(tmp_path, JOB)
    assert jobs.read(tmp_path) == JOB


def test_only_its_owner_may_read_it(tmp_path: Path) -> None:
    jobs.write(tmp_path, JOB)
    mode = stat.S_IMODE(os.stat(tmp_path / names.JOB).st_mode)
    assert mode == 0o600 or os.name == "nt"


def test_there_is_none_where_none_was_written_or_it_was_removed(tmp_path: Path) -> None:
    assert jobs.read(tmp_path) is None
    jobs.write(tmp_path, JOB)
    jobs.remove(tmp_path)
    jobs.remove(tmp_path)
    assert jobs.read(tmp_path) is None


def test_a_second_try_takes_the_place_of_the_first(tmp_path: Path) -> None:
    jobs.write(tmp_path, JOB)
    jobs.write(tmp_path, Job("other"))
    assert jobs.read(tmp_path) == Job("other")


def test_a_changed_byte_is_found(tmp_path: Path) -> None:
    jobs.write(tmp_path, JOB)
    data = (tmp_path / names.JOB).read_bytes()
    (tmp_path / names.JOB).write_bytes(data.replace(b"train", b"brain"))
    with pytest.raises(Damaged):
        jobs.read(tmp_path)


def test_a_job_of_another_version_is_refused(tmp_path: Path) -> None:
    (tmp_path / names.JOB).write_bytes(documents.render({"experiment": "exp", "flags": 1}))
    with pytest.raises(LaunchError, match="another version"):
        jobs.read(tmp_path)


def test_where_it_cant_be_written_it_says_so(tmp_path: Path) -> None:
    with pytest.raises(NotWritable, match="the job can't be written"):
        jobs.write(tmp_path / "none", JOB)
