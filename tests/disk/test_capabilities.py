"""The table of abilities can be switched off as a whole, and journals are mapped only where that is proven safe."""

from __future__ import annotations

import os
import subprocess
import sys
from pathlib import Path

import pytest

from runstore.disk import capabilities


def test_none_switches_every_ability_off() -> None:
    code = "from runstore.disk.capabilities import CAN; import sys; sys.exit(any(CAN))"
    environment = {**os.environ, "RUNSTORE_CAPABILITIES": "none"}
    assert subprocess.run([sys.executable, "-c", code], env=environment, check=False).returncode == 0


@pytest.mark.parametrize(
    ("kind", "safe"), [("ext4", True), ("tmpfs", True), ("xfs", False), ("btrfs", False), ("", False)]
)
def test_only_proven_file_systems_are_mapped(kind: str, safe: bool, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(capabilities, "file_system", lambda path: kind)
    assert capabilities.can_map(Path()) == (safe and capabilities.CAN.mapping)


def test_a_network_file_system_is_not_local(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(capabilities, "file_system", lambda path: "nfs4")
    assert not capabilities.is_local(Path())
    monkeypatch.setattr(capabilities, "file_system", lambda path: "xfs")
    assert capabilities.is_local(Path())


def test_a_missing_path_has_no_file_system(tmp_path: Path) -> None:
    assert capabilities.file_system(tmp_path / "none") == ""


MOUNTS = [
    "22 1 8:1 / / rw shared:1 - ext4 /dev/sda1 rw",
    "30 22 0:39 / /data/big\\040disk rw,relatime - btrfs /dev/sdb rw,subvolid=5,subvol=/",
    "31 22 0:50 / /net rw shared:2 master:1 - nfs4 host:/x rw",
]


@pytest.mark.parametrize(
    ("device", "path", "kind"),
    [
        ("8:1", "/home/x", "ext4"),
        ("0:50", "/net/x", "nfs4"),
        ("0:40", "/data/big disk/sub/x", "btrfs"),  # every subvolume has a device number of its own
        ("0:40", "/data/big disk", "btrfs"),
        ("0:40", "/data/big disk too", ""),
        ("0:99", "/net/other", ""),
    ],
)
def test_a_file_system_is_found_by_its_device_or_as_a_subvolume_by_its_place(device: str, path: str, kind: str) -> None:
    assert capabilities._mounted(MOUNTS, device, path) == kind
