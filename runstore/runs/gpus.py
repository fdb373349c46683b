"""The NVIDIA GPUs of the machine, through NVIDIA's own library (``nvidia-ml-py``, imported as ``pynvml``)."""

from __future__ import annotations

import warnings
from collections.abc import Callable
from typing import Any


def load() -> Any:
    """NVIDIA's library; None where it is not installed."""
    try:
        with warnings.catch_warnings():
            warnings.simplefilter("ignore")  # another package of this name says that it is deprecated
            import pynvml
    except ImportError:
        return None
    return pynvml


class Gpus:
    """Every GPU of the machine, by its index in ``nvidia-smi``; none where there is no library, driver or device."""

    def __init__(self) -> None:
        """Find them."""
        self._library: Any = None
        self._devices: list[Any] = []
        try:
            library = load()
            library.nvmlInit()
            self._devices = [library.nvmlDeviceGetHandleByIndex(n) for n in range(library.nvmlDeviceGetCount())]
        except Exception:  # noqa: BLE001 - not installed, no driver, another driver: it has many ways to say so
            return
        self._library = library

    def sample(self) -> dict[str, float]:
        """What each of them says now; what a device can't tell is left out."""
        found: dict[str, float] = {}
        for number, device in enumerate(self._devices):
            for read in (_busy, _memory, _temperature, _power):
                found.update((f"gpu.{number}.{name}", value) for name, value in self._read(read, device).items())
        return found

    def _read(self, read: Callable[[Any, Any], dict[str, float]], device: Any) -> dict[str, float]:
        try:
            return read(self._library, device)
        except Exception:  # noqa: BLE001 - "not supported" is an ordinary answer of a device
            return {}


def _busy(library: Any, device: Any) -> dict[str, float]:
    return {"utilization": float(library.nvmlDeviceGetUtilizationRates(device).gpu)}


def _memory(library: Any, device: Any) -> dict[str, float]:
    memory = library.nvmlDeviceGetMemoryInfo(device)
    return {"memory.used_bytes": float(memory.used), "memory.percent": 100 * memory.used / memory.total}


def _temperature(library: Any, device: Any) -> dict[str, float]:
    return {"temperature_celsius": float(library.nvmlDeviceGetTemperature(device, library.NVML_TEMPERATURE_GPU))}


def _power(library: Any, device: Any) -> dict[str, float]:
    return {"power_watts": library.nvmlDeviceGetPowerUsage(device) / 1000}
