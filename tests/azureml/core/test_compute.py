"""Compute targets."""

from __future__ import annotations

import pytest

from runstore.azureml.core import ComputeTarget, Workspace
from runstore.azureml.core.compute import AmlCompute, ComputeInstance, RemoteCompute
from runstore.azureml.exceptions import ComputeTargetException


@pytest.mark.parametrize("kind", [ComputeTarget, AmlCompute, RemoteCompute, ComputeInstance])
def test_an_unknown_name_is_the_exception_that_samples_catch(ws: Workspace, kind: type[ComputeTarget]) -> None:
    with pytest.raises(ComputeTargetException, match="cpu-cluster"):
        kind(workspace=ws, name="cpu-cluster")


def test_this_machine_is_there(ws: Workspace) -> None:
    target = ComputeTarget(ws, "local")
    target.wait_for_completion(show_output=True, min_node_count=None)
    assert target.get_status().serialize() == {"provisioningState": "Succeeded"}
    assert [found.name for found in ComputeTarget.list(ws)] == ["local"]


def test_a_cluster_is_described_and_refused(ws: Workspace) -> None:
    config = AmlCompute.provisioning_configuration(vm_size="STANDARD_D2_V2", max_nodes=4)
    assert (config.vm_size, config.max_nodes) == ("STANDARD_D2_V2", 4)
    with pytest.raises(ComputeTargetException, match="this machine"):
        ComputeTarget.create(ws, "cpu-cluster", config)


def test_so_is_a_machine_to_attach(ws: Workspace) -> None:
    config = RemoteCompute.attach_configuration(address="example.com", ssh_port=22)
    with pytest.raises(ComputeTargetException):
        ComputeTarget.attach(ws, "vm", config)
