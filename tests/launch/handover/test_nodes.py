"""Ranks are spread over the machines that Slurm gave."""

from __future__ import annotations

import os
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from runstore.errors import LaunchError
from runstore.launch.handover import nodes
from runstore.launch.handover.nodes import Place, places

TWO = {"SLURM_JOB_NUM_NODES": "2", "SLURM_JOB_NODELIST": "gpu[1-2]"}


@pytest.fixture
def scontrol(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """One that always gives these two."""
    (tmp_path / "scontrol").write_text(
        '#!/bin/sh\n[ "$1 $2 $3" = "show hostnames gpu[1-2]" ] && printf "gpu1\\ngpu2\\n"\n'
    )
    (tmp_path / "scontrol").chmod(0o755)
    monkeypatch.setenv("PATH", f"{tmp_path}{os.pathsep}{os.environ['PATH']}")


@pytest.mark.parametrize("variables", [{}, {"SLURM_JOB_NUM_NODES": "1", "SLURM_JOB_NODELIST": "gpu1"}])
def test_on_one_machine_nothing_is_changed(variables: dict[str, str]) -> None:
    assert places(3, variables) == [Place([], {})] * 3


def test_one_process_stays_with_the_launcher() -> None:
    assert places(1, TWO) == [Place([], {})]


def test_ranks_are_neighbours_and_those_of_the_first_machine_are_the_launchers_own(scontrol: None) -> None:
    found = places(5, TWO)
    assert [bool(place.prefix) for place in found] == [False, False, False, True, True]
    assert [place.prefix[-1] for place in found[3:]] == ["--nodelist=gpu2"] * 2
    told = [(one["NODE_RANK"], one["LOCAL_RANK"], one["LOCAL_WORLD_SIZE"]) for one in (p.variables for p in found)]
    assert told == [("0", "0", "3"), ("0", "1", "3"), ("0", "2", "3"), ("1", "0", "2"), ("1", "1", "2")]
    assert {place.variables["MASTER_ADDR"] for place in found} == {"gpu1"}


@given(st.integers(2, 60), st.integers(2, 9))
def test_every_rank_has_one_place_and_no_machine_two_more_than_another(processes: int, machines: int) -> None:
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(nodes, "_hosts", lambda listed: [f"n{number}" for number in range(machines)])
        found = [place.variables for place in places(processes, {"SLURM_JOB_NUM_NODES": str(machines)})]
    used = min(machines, processes)
    shares = [[one for one in found if one["NODE_RANK"] == str(node)] for node in range(used)]
    assert sum(map(len, shares)) == len(found) == processes
    assert max(map(len, shares)) - min(map(len, shares)) <= 1
    for share in shares:
        assert [one["LOCAL_RANK"] for one in share] == [str(number) for number in range(len(share))]
        assert {one["LOCAL_WORLD_SIZE"] for one in share} == {str(len(share))}


def test_where_slurm_does_not_say_which_machines_the_run_fails(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    monkeypatch.setenv("PATH", str(tmp_path))
    with pytest.raises(LaunchError, match=r"which machines 'gpu\[1-2\]' are"):
        places(2, TWO)
