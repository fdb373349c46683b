"""Run with the Python that has Ray and Daft: code on a cluster of two nodes on this machine; then it tells its tables.

    python on_ray.py VARIABLES < CODE

VARIABLES are what the code starts with, as JSON. Its tables ``leaderboard`` and ``groups`` are printed as one line of
JSON, a list of rows each. What runs on the nodes has this process's environment.
"""

from __future__ import annotations

import json
import os
import sys
import tempfile
from pathlib import Path
from typing import Any

MEMORY = 80_000_000  # for the objects of a node; the least that Ray takes is about that


def main() -> None:
    code, variables = sys.stdin.read(), json.loads(sys.argv[1])
    os.environ |= {
        "RAY_ENABLE_WINDOWS_OR_OSX_CLUSTER": "0",  # nodes are on loopback, not at this machine's address
        "RAY_USAGE_STATS_ENABLED": "0",
        "DO_NOT_TRACK": "1",
        "DAFT_PROGRESS_BAR": "0",
    }
    import ray
    from ray.cluster_utils import Cluster

    with tempfile.TemporaryDirectory(
        prefix="ray", dir="/tmp", ignore_cleanup_errors=True
    ) as place:  # short, for sockets
        os.environ["RAY_TMPDIR"] = place  # where Ray notes which cluster was the last; it makes no directory for that
        Path(place, "ray").mkdir()
        here = {"num_cpus": 1, "object_store_memory": MEMORY, "node_ip_address": "127.0.0.1"}
        cluster = Cluster(initialize_head=True, head_node_args={**here, "include_dashboard": False, "temp_dir": place})
        cluster.add_node(**here)
        ray.init(address=cluster.address, log_to_driver=False)
        nodes = sum(node["Alive"] for node in ray.nodes())
        exec(compile(code, "code", "exec"), variables)
        told = {name: _rows(variables[name]) for name in ("leaderboard", "groups")}
        ray.shutdown()
        cluster.shutdown()
    print(json.dumps({**told, "nodes": nodes}))


def _rows(frame: Any) -> list[list[Any]]:
    return [[*row] for row in zip(*frame.to_pydict().values(), strict=True)]


if __name__ == "__main__":
    main()
