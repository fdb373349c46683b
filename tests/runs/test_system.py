"""A sample says what the machine says, rates are over the time between two, and what fails is left out."""

from __future__ import annotations

import re
import sys
from collections import namedtuple
from pathlib import Path
from types import SimpleNamespace
from typing import Any

import pytest

from runstore.runs import system
from runstore.runs.cgroups import Cpu, Memory
from runstore.runs.system import Machine
from tests.runs.test_gpus import library

PAGE = Path(__file__).resolve().parents[2] / "docs/system-metrics.md"
Times = namedtuple("Times", "user system idle iowait guest")


class Fake:
    """A machine whose clocks and counters the test turns."""

    def __init__(self) -> None:
        self.now = 100.0
        self.times = Times(10.0, 5.0, 80.0, 5.0, 2.0)
        self.own = SimpleNamespace(user=1.0, system=1.0)
        self.disk: Any = SimpleNamespace(read_bytes=1000, write_bytes=2000)
        self.net: Any = SimpleNamespace(bytes_sent=10, bytes_recv=20)
        self.group: tuple[Memory | None, Cpu | None] = (Memory(4000, 3000), Cpu(2.0, 1.0))

    def install(self, monkeypatch: pytest.MonkeyPatch) -> Machine:
        own = SimpleNamespace(cpu_times=lambda: self.own, memory_info=lambda: SimpleNamespace(rss=700))
        fake = SimpleNamespace(
            Process=lambda: own,
            cpu_times=lambda: self.times,
            virtual_memory=lambda: SimpleNamespace(used=60, available=40, percent=60.0),
            disk_io_counters=lambda: self.disk,
            net_io_counters=lambda: self.net,
            disk_usage=lambda path: SimpleNamespace(free=500, percent=12.5, path=path),
        )
        groups = SimpleNamespace(memory=lambda: self.group[0], cpu=lambda: self.group[1])
        monkeypatch.setattr(system, "psutil", fake)
        monkeypatch.setattr(system, "Cgroups", lambda: groups)
        monkeypatch.setattr(system.time, "monotonic", lambda: self.now)
        monkeypatch.setitem(sys.modules, "pynvml", library())
        return Machine()


@pytest.fixture
def fake() -> Fake:
    return Fake()


def grown(fake: Fake) -> None:
    """Ten seconds later."""
    fake.now += 10
    fake.times = Times(24.0, 6.0, 84.0, 6.0, 5.0)  # 15 busy of 20, without what the guests had of it
    fake.own = SimpleNamespace(user=14.0, system=3.0)
    fake.disk = SimpleNamespace(read_bytes=1500, write_bytes=2000)
    fake.net = SimpleNamespace(bytes_sent=110, bytes_recv=5)
    fake.group = Memory(4000, 3500), Cpu(2.0, 11.0)


def test_the_first_sample_has_no_rates(fake: Fake, monkeypatch: pytest.MonkeyPatch) -> None:
    found = fake.install(monkeypatch).sample()
    assert {name: value for name, value in found.items() if not name.startswith("gpu.")} == {
        "memory.used_bytes": 60.0,
        "memory.available_bytes": 40.0,
        "memory.percent": 60.0,
        "process.memory.rss_bytes": 700.0,
        "cgroup.memory.limit_bytes": 4000.0,
        "cgroup.memory.used_bytes": 3000.0,
        "cgroup.cpu.limit_cores": 2.0,
    }


def test_rates_are_over_the_time_between_two_samples(fake: Fake, monkeypatch: pytest.MonkeyPatch) -> None:
    machine = fake.install(monkeypatch)
    first = machine.sample()
    grown(fake)
    second = machine.sample()
    assert {name: second[name] for name in second.keys() - first.keys()} == {
        "cpu.percent": pytest.approx(75.0),
        "process.cpu.percent": pytest.approx(150.0),
        "cgroup.cpu.percent": pytest.approx(50.0),
        "disk.read_bytes_per_second": 50.0,
        "disk.written_bytes_per_second": 0.0,
        "network.sent_bytes_per_second": 10.0,
    }  # the counter of received bytes was reset


def test_two_samples_in_a_moment_give_no_rates(fake: Fake, monkeypatch: pytest.MonkeyPatch) -> None:
    machine = fake.install(monkeypatch)
    machine.sample()
    fake.now += system.LEAST / 2
    assert "cpu.percent" not in machine.sample()
    grown(fake)
    assert "cpu.percent" in machine.sample()


def test_no_disk_no_network_and_no_limit_are_left_out(fake: Fake, monkeypatch: pytest.MonkeyPatch) -> None:
    machine = fake.install(monkeypatch)
    fake.disk, fake.net, fake.group = None, None, (None, None)
    machine.sample()
    grown_names = {name.partition(".")[0] for name in machine.sample()}
    assert grown_names == {"memory", "process", "gpu"}


def test_a_part_that_fails_does_not_hide_the_others(fake: Fake, monkeypatch: pytest.MonkeyPatch) -> None:
    def fail(*_: object) -> None:
        raise OSError("no such thing")

    machine = fake.install(monkeypatch)
    monkeypatch.setattr(system.psutil, "virtual_memory", fail)
    monkeypatch.setattr(system.psutil, "disk_usage", fail)
    assert machine.space(Path()) == {}
    assert "cgroup.cpu.limit_cores" in machine.sample()


def test_the_page_lists_every_name_with_its_unit_and_no_other(fake: Fake, monkeypatch: pytest.MonkeyPatch) -> None:
    machine = fake.install(monkeypatch)
    given = {*machine.sample(), *machine.space(Path())}
    grown(fake)
    fake.net = SimpleNamespace(bytes_sent=110, bytes_recv=50)
    given |= machine.sample().keys()
    rows = re.findall(
        r"^\| `([a-z][a-zA-Z._]+)` \| ([^|]+) \| [^|]+ \|$", PAGE.read_text(encoding="utf-8"), re.MULTILINE
    )
    assert [name for name, _ in rows] == [*dict.fromkeys(name for name, _ in rows)]
    assert {name.replace("N", "0") for name, _ in rows} == given
    assert all(unit.strip() for _, unit in rows)


def test_this_machine_tells_of_its_cpu_memory_and_disk(tmp_path: Path) -> None:
    found = {**Machine().sample(), **Machine().space(tmp_path)}
    assert 0 < found["process.memory.rss_bytes"] < found["memory.used_bytes"] + found["memory.available_bytes"]
    assert 0 <= found["memory.percent"] <= 100
    assert found["disk.free_bytes"] > 0
