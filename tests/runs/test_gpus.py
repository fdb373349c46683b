"""GPUs tell what they can, and whatever goes wrong with them goes unnoticed."""

from __future__ import annotations

import sys
from types import ModuleType, SimpleNamespace

import pytest

from runstore.runs.gpus import Gpus


def library(devices: int = 1) -> ModuleType:
    """A stand-in for NVIDIA's library with so many devices; the handle of a device is its index."""
    fake = ModuleType("pynvml")
    answers = {
        "NVML_TEMPERATURE_GPU": 0,
        "nvmlInit": lambda: None,
        "nvmlDeviceGetCount": lambda: devices,
        "nvmlDeviceGetHandleByIndex": lambda number: number,
        "nvmlDeviceGetUtilizationRates": lambda device: SimpleNamespace(gpu=50 + device, memory=1),
        "nvmlDeviceGetMemoryInfo": lambda device: SimpleNamespace(used=2_000, free=6_000, total=8_000),
        "nvmlDeviceGetTemperature": lambda device, sensor: 61,
        "nvmlDeviceGetPowerUsage": lambda device: 250_500,
    }
    vars(fake).update(answers)
    return fake


def fail(*_: object) -> None:
    raise RuntimeError("not supported")


def test_each_device_tells_of_itself(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setitem(sys.modules, "pynvml", library(2))
    found = Gpus().sample()
    assert {name: value for name, value in found.items() if name.startswith("gpu.0.")} == {
        "gpu.0.utilization": 50.0,
        "gpu.0.memory.used_bytes": 2000.0,
        "gpu.0.memory.percent": 25.0,
        "gpu.0.temperature_celsius": 61.0,
        "gpu.0.power_watts": 250.5,
    }
    assert found["gpu.1.utilization"] == 51.0
    assert len(found) == 10


def test_what_a_device_does_not_support_is_left_out(monkeypatch: pytest.MonkeyPatch) -> None:
    fake = library()
    vars(fake).update(nvmlDeviceGetPowerUsage=fail, nvmlDeviceGetUtilizationRates=fail)
    monkeypatch.setitem(sys.modules, "pynvml", fake)
    assert set(Gpus().sample()) == {"gpu.0.memory.used_bytes", "gpu.0.memory.percent", "gpu.0.temperature_celsius"}


def test_without_a_driver_there_are_none(monkeypatch: pytest.MonkeyPatch) -> None:
    fake = library()
    vars(fake).update(nvmlInit=fail)
    monkeypatch.setitem(sys.modules, "pynvml", fake)
    assert Gpus().sample() == {}


def test_without_the_library_there_are_none(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setitem(sys.modules, "pynvml", None)
    assert Gpus().sample() == {}
