"""A server process: laptops meet through it, it ends when it is told to, and breaks in the middle lose nothing."""

from __future__ import annotations

import asyncio
import datetime
import ipaddress
import json
import socket
import subprocess
import sys
import threading
from collections.abc import Callable, Sequence
from pathlib import Path
from urllib.parse import urlsplit

import httpx
import pytest
from click.testing import CliRunner
from cryptography import x509
from cryptography.hazmat.primitives import hashes, serialization
from cryptography.hazmat.primitives.asymmetric import ec
from cryptography.x509.oid import NameOID

import runstore
from runstore.cli.main import cli
from runstore.errors import Refused, RemoteConflict, Unreachable, UsageError
from runstore.format import names
from runstore.query.check import check
from runstore.sync import pull, push
from runstore.sync.client import Server
from runstore.sync.lake import lake
from runstore.sync.piece import Piece
from runstore.sync.retry import Patience
from runstore.sync.server import connections, hosts
from tests.query import unions
from tests.sync.server.conftest import Running, Serve

Make = Callable[[str], runstore.Workspace]
PATIENT = Patience(first=0.05, longest=0.2, total=60.0)


def damage(path: Path) -> list[object]:
    return [one for one in check(path) if one.severity != "note"]


def port(server: Running) -> int:
    return urlsplit(server.url).port or 0


def test_two_laptops_meet_through_a_server_and_a_second_push_sends_nothing(make: Make, serve: Serve) -> None:
    a, b, server = make("a"), make("b"), serve()
    unions.logged(a, "r0", small=b"small", large=bytes(300_000))
    unions.logged(b, "r1", number=3)
    remote = server.client()
    assert push.push(a.path, remote).ok == ["r0"]
    assert push.push(b.path, remote).ok == ["r1"]
    assert (pull.pull(a.path, remote).refused, pull.pull(b.path, remote).refused) == ([], [])
    there = runstore.Workspace(server.workspace)
    assert unions.answers(a) == unions.answers(b) == unions.answers(there)
    assert push.push(a.path, remote).sent_bytes == 0
    assert pull.pull(b.path, remote).bytes == 0
    assert [damage(one) for one in (a.path, b.path, server.workspace)] == [[], [], []]


def test_three_laptops_push_at_once(make: Make, serve: Serve) -> None:
    laptops, server, done = [make(name) for name in "abc"], serve(), list[push.Pushed]()
    for number, ws in enumerate(laptops):
        unions.logged(ws, f"r{number}", number)
        unions.logged(ws, "shared" if number == 0 else f"s{number}", number)
    threads = [
        threading.Thread(target=lambda ws=ws: done.append(push.push(ws.path, server.client(), patience=PATIENT)))
        for ws in laptops
    ]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert [one.failed for one in done] == [{}, {}, {}]
    there = runstore.Workspace(server.workspace)
    assert there.sql("select count(*) from runs").fetchall() == [(6,)]
    assert damage(server.workspace) == []


def test_a_lake_is_served_to_those_who_have_no_credentials_for_it(make: Make, serve: Serve, tmp_path: Path) -> None:
    url = (tmp_path / "lake").as_uri()
    lake.opened(url, create=True).close()
    a, b, server = make("a"), make("b"), serve(lake=url)
    unions.logged(a, "r0", small=b"small", large=bytes(300_000))
    assert push.push(a.path, server.client(), patience=PATIENT).ok == ["r0"]
    assert pull.pull(b.path, server.client(), patience=PATIENT).refused == []
    assert unions.answers(b) == unions.answers(a)
    assert push.push(a.path, server.client()).sent_bytes == 0
    assert list((server.workspace / names.SERVER_INCOMING).iterdir()) == []


def test_it_is_a_remote_as_any_other_on_the_command_line(
    make: Make, serve: Serve, monkeypatch: pytest.MonkeyPatch
) -> None:
    a, b, server = make("a"), make("b"), serve()
    unions.logged(a, "r0")
    monkeypatch.setenv("RUNSTORE_TOKEN_TEAM", server.token)
    commands = [
        ("a", "remote", "add", "team", server.url),
        ("a", "sync", "team"),
        ("a", "sync"),
        ("a", "remote", "status"),
    ]
    for name, *command in [*commands, ("b", "remote", "add", "team", server.url), ("b", "pull")]:
        done = CliRunner().invoke(cli, [*command, "-w", str(make(name).path)])
        assert done.exit_code == 0, done.output
    assert unions.answers(b) == unions.answers(a)


def test_it_ends_when_it_is_told_to_and_says_that_all_is_well(serve: Serve) -> None:
    server = serve()
    server.client().info()
    assert server.stop() == 0
    with pytest.raises(Unreachable):
        server.client().info()


def test_a_push_goes_on_where_its_server_was_killed_and_started_again(make: Make, serve: Serve) -> None:
    a, server = make("a"), serve()
    for number in range(3):
        unions.logged(a, f"r{number}", number, large=bytes([number]) * 300_000)
    killed: list[Running] = []

    def progress(done: int, of: int) -> None:
        if not killed:
            server.kill()
            killed.append(serve(port=port(server), token=server.token))

    done = push.push(a.path, server.client(), progress=progress, patience=PATIENT, jobs=1)
    assert (sorted(done.ok), done.failed, len(killed)) == (["r0", "r1", "r2"], {}, 1)
    assert unions.answers(runstore.Workspace(server.workspace)) == unions.answers(a)
    assert push.push(a.path, server.client()).sent_bytes == 0
    assert damage(server.workspace) == []


class Deaf(Server):
    """Does not hear the answer to its first commit, for the server was killed after it."""

    after: Callable[[], None] | None = None

    def commit(self, pieces: Sequence[Piece], source: Path | None = None) -> None:
        super().commit(pieces, source)
        if self.after is not None:
            after, self.after = self.after, None
            after()
            raise Unreachable("no answer came")


def test_a_commit_whose_answer_was_lost_counts_once(make: Make, serve: Serve) -> None:
    a, server = make("a"), serve()
    unions.logged(a, "r0", small=b"small", large=bytes(300_000))
    remote = Deaf(server.url, server.token)
    server.clients.append(remote)

    def restart() -> None:
        server.kill()
        serve(port=port(server), token=server.token)

    remote.after = restart
    assert push.push(a.path, remote, patience=PATIENT).ok == ["r0"]
    there = runstore.Workspace(server.workspace)
    assert unions.answers(there) == unions.answers(a)
    once = "select count(*) = count(distinct (run_id, writer, seq)) from metrics"
    assert there.sql(once).fetchall() == [(True,)]
    assert damage(server.workspace) == []


def test_a_large_object_goes_on_after_its_server_was_killed(
    make: Make, serve: Serve, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("runstore.sync.client._RESUMED", 1 << 20)
    monkeypatch.setattr("runstore.sync.client._PORTION", 1 << 20)
    a, server = make("a"), serve()
    unions.logged(a, "r0", large=bytes(range(256)) * (3 << 12))
    read = 0

    def spend(size: int) -> None:
        nonlocal read
        read += size
        if read == 2 << 20:
            server.kill()
            serve(port=port(server), token=server.token)

    assert push.push(a.path, server.client(), patience=PATIENT, jobs=1, spend=spend).ok == ["r0"]
    there = runstore.Workspace(server.workspace)
    assert there.get_run("r0").read_file("large") == bytes(range(256)) * (3 << 12)


def test_a_token_that_may_read_does_not_send(make: Make, serve: Serve) -> None:
    a, server = make("a"), serve(scope="read")
    unions.logged(a, "r0")
    with pytest.raises(Refused, match="good for read"):
        push.push(a.path, server.client())
    assert pull.pull(a.path, server.client()).refused == []


def test_another_workspace_under_the_same_address_takes_nothing(make: Make, serve: Serve) -> None:
    server = serve()
    remote = Server(server.url, server.token, id=make("other").id)
    server.clients.append(remote)
    with pytest.raises(RemoteConflict, match="another workspace"):
        remote.pieces()


def certificate(directory: Path) -> tuple[Path, Path]:
    """A certificate for 127.0.0.1 that signs itself, and its key."""
    key = ec.generate_private_key(ec.SECP256R1())
    name = x509.Name([x509.NameAttribute(NameOID.COMMON_NAME, "127.0.0.1")])
    now = datetime.datetime.now(datetime.UTC)
    made = (
        x509.CertificateBuilder().subject_name(name).issuer_name(name).public_key(key.public_key())
        .serial_number(1).not_valid_before(now - datetime.timedelta(days=1))
        .not_valid_after(now + datetime.timedelta(days=1))
        .add_extension(x509.SubjectAlternativeName([x509.IPAddress(ipaddress.ip_address("127.0.0.1"))]), False)
        .add_extension(x509.BasicConstraints(True, None), True)
        .sign(key, hashes.SHA256())
    )  # fmt: skip
    secret = key.private_bytes(
        serialization.Encoding.PEM, serialization.PrivateFormat.PKCS8, serialization.NoEncryption()
    )
    (directory / "cert.pem").write_bytes(made.public_bytes(serialization.Encoding.PEM))
    (directory / "key.pem").write_bytes(secret)
    return directory / "cert.pem", directory / "key.pem"


def test_behind_tls_only_a_server_whose_certificate_is_good_is_believed(
    serve: Serve, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    cert, key = certificate(tmp_path)
    server = serve("--tls-cert", str(cert), "--tls-key", str(key))
    assert server.url.startswith("https://")
    with pytest.raises(Unreachable, match=r"(?i)certificate"):
        server.client().info()
    monkeypatch.setenv("SSL_CERT_FILE", str(cert))
    assert server.client().info()["token"] == "laptop"


@pytest.mark.parametrize("host", ["localhost", "127.0.0.1", "::1", "[::1]", "127.9.9.9", "LOCALHOST"])
def test_what_only_this_machine_reaches_is_known(host: str) -> None:
    assert hosts.loopback(host)


@pytest.mark.parametrize("host", ["0.0.0.0", "::", "10.0.0.1", "example.com", "127.0.0.1.example.com", ""])
def test_what_others_reach_is_known_too(host: str) -> None:
    assert not hosts.loopback(host)


def test_a_port_that_is_in_use_is_said_to_be() -> None:
    with connections.listening("127.0.0.1", 0) as taken, pytest.raises(UsageError, match="another --host or --port"):
        connections.listening("127.0.0.1", taken.getsockname()[1])


def test_no_answer_waits_for_the_one_before_to_be_acknowledged() -> None:
    """asyncio turns Nagle's delay off (RFC 896) only of connections whose protocol is said to be TCP."""

    async def accepted() -> int:
        found: asyncio.Future[int] = asyncio.get_running_loop().create_future()

        def came(_: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
            found.set_result(writer.get_extra_info("socket").getsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY))
            writer.close()

        server = await asyncio.start_server(came, sock=connections.listening("127.0.0.1", 0))
        _, writer = await asyncio.open_connection(*server.sockets[0].getsockname())
        writer.close()
        async with server:
            return await found

    assert asyncio.run(accepted()) != 0


def test_a_server_without_tokens_lets_in_its_start_up_token_and_nobody_else(
    make: Callable[[str], runstore.Workspace],
) -> None:
    command = [sys.executable, "-m", "runstore", "serve", "-w", str(make("there").path), "--port", "0", "--json"]
    process = subprocess.Popen(command, stdout=subprocess.PIPE, text=True)
    assert process.stdout
    with process:
        told = json.loads(process.stdout.readline())
        known = {"authorization": f"Bearer {told['token']}"}
        for path in ("/api/v1/info", "/api/runs"):
            assert httpx.get(told["url"] + path).status_code == 401
            assert httpx.get(told["url"] + path, headers={"authorization": "Bearer any"}).status_code == 401
            assert httpx.get(told["url"] + path, headers=known, timeout=30).status_code == 200
        process.terminate()
