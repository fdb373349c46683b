from __future__ import annotations

import sys
from pathlib import Path

import pytest

from runstore.errors import LaunchError
from runstore.launch import environments
from runstore.launch.config import Docker, Environment, Registry
from tests.launch.docker_stand_in import StandIn
from tests.launch.environments.uv_stand_in import Uv

SECRET = "s3cret-word"


def test_each_kind_of_environment_is_had_in_its_way(
    uv: Uv, docker: StandIn, directory: Path, said: list[str], cached: Path
) -> None:
    def python(environment: Environment) -> str:
        environments.check(environment)
        return environments.realise(environment, directory, said.append, "run").start(["python"], {})[0][0]

    assert python(Environment()) == sys.executable
    assert python(Environment(packages=[])).startswith(str(cached))
    assert python(Environment(docker=Docker("x"))) == str(docker.bin / "docker")


def test_no_secret_is_said(uv: Uv, directory: Path, said: list[str], cached: Path) -> None:
    environment = Environment(packages=[f"--extra-index-url https://{SECRET}@h/simple"])
    environment.index_url = f"https://user:{SECRET}@h/simple"
    environment.variables = {"API_KEY": "another-s3cret"}
    environments.realise(environment, directory, said.append, "run")
    assert any("[redacted]" in line for line in said)
    assert [line for line in said if SECRET in line] == []
    uv.fails(f"ERROR: refused {SECRET} and another-s3cret")
    environment.packages = ["other"]
    with pytest.raises(LaunchError, match=r"refused \[redacted\] and \[redacted\]"):
        environments.realise(environment, directory, said.append, "run")
    assert SECRET not in str(said)
    assert [path for path in cached.rglob("*.json") if SECRET in path.read_text()] == []


def test_a_registrys_password_is_not_said(docker: StandIn, directory: Path, said: list[str]) -> None:
    environment = Environment(docker=Docker(f"missing-{SECRET}", registry=Registry("h", "user", SECRET)))
    with pytest.raises(LaunchError, match="can't be pulled") as found:
        environments.realise(environment, directory, said.append, "run")
    assert SECRET not in str(said) + str(found.value)


def test_what_is_wrong_is_checked_without_a_secret_said() -> None:
    with pytest.raises(LaunchError, match="is no pip requirement") as found:
        environments.check(Environment(packages=[f"a @@ https://{SECRET}@h/x"]))
    assert SECRET not in str(found.value)


def test_a_stop_is_told_as_one(uv: Uv, directory: Path, said: list[str]) -> None:
    with pytest.raises(environments.Stopped):
        environments.realise(Environment(packages=[]), directory, said.append, "run", lambda: bool(said))


def test_what_only_the_submitter_knows_is_settled(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.chdir(tmp_path)
    (tmp_path / "Dockerfile").write_text("FROM x\n")
    given = Environment(docker=Docker(dockerfile="Dockerfile"))
    settled = environments.settled(given)
    assert settled.docker is not None
    assert (settled.docker.dockerfile, settled.interpreter) == ("FROM x\n", "python")
    assert given.docker is not None
    assert given.docker.dockerfile == "Dockerfile"
    assert environments.settled(Environment()).interpreter == sys.executable
    assert environments.settled(Environment(packages=["a"])) == Environment(packages=["a"])
