"""The machine's figures in stretches of time."""

from __future__ import annotations

import runstore
from runstore.view.terminal import machine


def test_of_each_figure_there_is_the_last_the_mean_and_the_highest(ws: runstore.Workspace) -> None:
    with runstore.start_run("mnist", workspace=ws) as run:
        for cpu in (10.0, 30.0, 20.0):
            run._live().side().system({"memory.percent": 50.0, "cpu.percent": cpu})
    cpu, memory = machine.read(ws, run.id)
    assert (cpu.name, cpu.last, cpu.mean, cpu.high) == ("cpu.percent", 20.0, 20.0, 30.0)
    assert memory.name == "memory.percent"
    assert len(cpu.means) == machine.BUCKETS
    assert None not in (cpu.means[0], cpu.means[-1])  # the first and the last sample are at its ends


def test_a_run_that_was_not_sampled_has_none(ws: runstore.Workspace) -> None:
    with runstore.start_run("mnist", workspace=ws) as run:
        pass
    assert machine.read(ws, run.id) == ()
