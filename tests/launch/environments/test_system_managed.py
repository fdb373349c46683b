"""Most of these build with a stand-in for uv, which installs nothing; two build real environments, with pip and uv."""

from __future__ import annotations

import os
import shutil
import subprocess
import sys
import sysconfig
from collections.abc import Mapping
from pathlib import Path

import pytest

from runstore.errors import LaunchError
from runstore.launch.config import Environment
from runstore.launch.environments import failures, own, system_managed, tools
from runstore.launch.environments.prepared import Prepared
from tests.launch.environments.uv_stand_in import Uv

SCRIPT = """
import sys, iniconfig, runstore
with runstore.start_run("e", workspace=runstore.Workspace(sys.argv[1])) as run:
    run.log("loss", 0.5)
print(run.get_metrics() if len(sys.argv) > 2 else run.id and "logged")
"""


def realise(environment: Environment, said: list[str]) -> Prepared:
    system_managed.check(environment)
    return system_managed.realise(environment, said.append, tools.never)


def env(*packages: str, **known: object) -> Environment:
    return Environment("mine", packages=list(packages), **known)  # type: ignore[arg-type]


def runs(prepared: Prepared, *words: str, around: Mapping[str, str] = os.environ) -> subprocess.CompletedProcess[str]:
    """A script in an environment, from a directory where no runstore lies."""
    argv, variables = prepared.start(["python", "-c", SCRIPT, *words], {})
    where = Path(prepared.python).parent
    return subprocess.run(argv, env={**around, **variables}, cwd=where, capture_output=True, text=True)


# ---- real ones


@pytest.fixture
def real_uv(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """The real one, first on PATH."""
    (tmp_path / "bin").mkdir()
    (tmp_path / "bin" / "uv").symlink_to(Path(sysconfig.get_path("scripts")) / "uv")
    monkeypatch.setenv("PATH", os.pathsep.join([str(tmp_path / "bin"), os.environ["PATH"]]))
    monkeypatch.setenv("UV_CACHE_DIR", str(tmp_path / "uv"))


def test_an_environment_built_by_uv_runs_a_script_that_logs_and_reads(
    real_uv: None, said: list[str], tmp_path: Path
) -> None:
    prepared = realise(env("iniconfig==2.0.0", "azureml-defaults"), said)

    done = runs(prepared, str(tmp_path / "ws"), "read")
    assert (done.stdout, done.stderr) == ("{'loss': 0.5}\n", "")
    assert "iniconfig==2.0.0\n" in prepared.packages()
    assert " + iniconfig==2.0.0" in said
    assert "left out, because runstore takes their place: azureml-defaults" in said


@pytest.mark.slow
def test_an_environment_built_by_pip_runs_a_script_that_logs(
    said: list[str], monkeypatch: pytest.MonkeyPatch, tmp_path: Path, capfd: pytest.CaptureFixture[str]
) -> None:
    monkeypatch.setattr(own, "requirements", lambda: ["orjson>=3.10"])  # enough for logging

    prepared = realise(env(conda_packages=["iniconfig=2.0"]), said)

    assert runs(prepared, str(tmp_path / "ws")).stdout == "logged\n"
    assert any(line.startswith("Successfully installed iniconfig-2.0") for line in said)
    assert capfd.readouterr() == ("", "")
    said.clear()
    assert realise(env(conda_packages=["iniconfig=2.0"]), said) == prepared
    assert said == [f"environment 'mine' is {prepared.home.name if prepared.home else None}"]


def test_uv_that_reaches_no_index_says_so(real_uv: None, said: list[str], cached: Path) -> None:
    with pytest.raises(
        LaunchError, match=r"'mine' can't be built: http://127.0.0.1:9/simple can't be reached; connect"
    ):
        realise(env("iniconfig", index_url="http://user:hidden@127.0.0.1:9/simple"), said)
    assert [path.suffix for path in (cached / "environments").iterdir()] == [".lock"]


def test_pip_that_reaches_no_index_says_so(said: list[str], monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("PIP_RETRIES", "0")
    variables = system_managed._variables(env(index_url="http://127.0.0.1:9/simple"))
    tools.run([sys.executable, "-m", "pip", "install", "--dry-run", "no-such"], said.append, variables=variables)
    assert failures.explain(said, frozenset(), "the index").startswith("the index can't be reached")


# ---- with the stand-in


def test_it_is_built_in_the_cache_from_what_is_asked_for_and_what_runstore_needs(
    uv: Uv, said: list[str], cached: Path
) -> None:
    prepared = realise(env("iniconfig", conda_packages=["pytorch=2.1"]), said)
    (call,) = uv.calls("pip")
    assert call["listing"].splitlines() == sorted(["iniconfig", "torch==2.1.*", *own.requirements()])
    assert call["argv"] == ["pip", "install", "--python", prepared.python, "-r", "requirements.txt"]
    assert prepared.home is not None
    assert prepared.home.is_relative_to(cached)
    assert said[0].startswith("building environment 'mine' with Python")
    assert "installed" in said[-2]


@pytest.mark.parametrize(
    "other",
    [
        env("iniconfig", "attrs"),
        env("iniconfig==2"),
        env("iniconfig", index_url="http://elsewhere/simple"),
        env("iniconfig", conda_packages=["attrs"]),
    ],
)
def test_another_content_is_another_environment(uv: Uv, said: list[str], other: Environment) -> None:
    assert realise(env("iniconfig"), said).home != realise(other, said).home


def test_the_same_content_is_the_same_environment_by_whatever_name_or_order(uv: Uv, said: list[str]) -> None:
    first = realise(env("iniconfig", "attrs", index_url="http://a:b@h/simple"), said)
    other = env("attrs", "iniconfig # why", index_url="http://a:new@h/simple")
    other.name = "other"
    assert realise(other, said) == first
    assert len(uv.calls("venv")) == len(uv.calls("pip")) == 1


def test_what_runstore_needs_is_part_of_the_content(uv: Uv, said: list[str], monkeypatch: pytest.MonkeyPatch) -> None:
    first = realise(env("iniconfig"), said)
    monkeypatch.setattr(own, "requirements", lambda: ["orjson"])
    assert realise(env("iniconfig"), said) != first


def test_one_whose_python_is_gone_is_built_again(uv: Uv, said: list[str]) -> None:
    first = realise(env("iniconfig"), said)
    assert first.home is not None
    for executable in (first.home / "bin").glob("python*"):
        executable.unlink()
        executable.symlink_to("gone")
    second = realise(env("iniconfig"), said)
    assert second.home != first.home
    assert tools.ask([second.python, "-c", "print(1)"]).last == "1"


def test_the_address_of_the_index_is_on_no_command_line_and_in_no_file(uv: Uv, said: list[str], cached: Path) -> None:
    address = "https://user:s3cret-word@host/simple"
    realise(env("iniconfig", f"--extra-index-url {address}", index_url=address), said)
    (call,) = uv.calls("pip")
    assert (call["environ"]["UV_DEFAULT_INDEX"], call["environ"]["PIP_INDEX_URL"]) == (address, address)
    assert "s3cret-word" not in str(call["argv"])
    if os.name != "nt":
        assert call["mode"] == 0o600
    kept = [path for path in (cached / "environments").rglob("*") if path.is_file() and not path.is_symlink()]
    assert [path for path in kept if b"s3cret-word" in path.read_bytes()] == []


def test_what_would_lead_the_tools_elsewhere_is_kept_from_them(
    uv: Uv, said: list[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    for name in ("PYTHONPATH", "VIRTUAL_ENV", "PIP_TARGET", "UV_SYSTEM_PYTHON"):
        monkeypatch.setenv(name, "elsewhere")
    monkeypatch.setenv("PIP_FIND_LINKS", "kept")
    realise(env("iniconfig"), said)
    (call,) = uv.calls("pip")
    assert [name for name, value in call["environ"].items() if value == "elsewhere"] == []
    assert call["environ"]["PIP_FIND_LINKS"] == "kept"


def test_a_conda_package_that_pip_does_not_find_is_named(uv: Uv, said: list[str], cached: Path) -> None:
    uv.fails("  cause: Because only-conda was not found in the package registry")
    with pytest.raises(
        LaunchError, match=r"environment 'mine' can't be built: pip finds no only-conda, a conda package"
    ):
        realise(env("attrs", conda_packages=["only-conda"]), said)
    assert [path.suffix for path in (cached / "environments").iterdir()] == [".lock"]


def test_a_stop_ends_the_building(uv: Uv, said: list[str], cached: Path) -> None:
    with pytest.raises(tools.Stopped):
        system_managed.realise(env("iniconfig"), said.append, lambda: len(said) > 0)
    assert [path.suffix for path in (cached / "environments").iterdir()] == [".lock"]


def test_a_python_that_is_not_there_is_found_out_before(uv: Uv) -> None:
    with pytest.raises(LaunchError, match=r"environment 'mine': Python 3.39 isn't there"):
        system_managed.check(env(python_version="3.39"))
    with pytest.raises(LaunchError, match=r"runstore needs Python"):
        system_managed.check(env(conda_packages=["python=3.6.2"]))


def test_the_version_given_stands_over_condas(uv: Uv) -> None:
    version = "{}.{}".format(*sys.version_info)
    system_managed.check(env(python_version=version, conda_packages=["python=3.6.2"]))


def test_many_that_want_the_same_build_it_once(uv: Uv, tmp_path: Path) -> None:
    program = (
        "from runstore.launch.config import Environment; from runstore.launch import environments as e; "
        "print(e.realise(Environment('e', packages=[]), None, lambda line: None, 'run').home)"
    )
    started = [subprocess.Popen([sys.executable, "-c", program], stdout=subprocess.PIPE, text=True) for _ in range(3)]
    assert len({process.communicate()[0] for process in started}) == 1
    assert len(uv.calls("venv")) == len(uv.calls("pip")) == 1


def test_without_uv_it_is_the_venv_module(said: list[str], monkeypatch: pytest.MonkeyPatch) -> None:
    commands: list[list[str]] = []

    def record(command: list[str], *rest: object, **known: object) -> tools.Done:
        commands.append(list(command))
        if "venv" in command:
            shutil.copytree(Path(sys.executable).parent, Path(command[-1]) / "bin", symlinks=True)
        return tools.Done(0, [])

    monkeypatch.setattr(tools, "run", record)
    prepared = realise(env("iniconfig"), said)
    assert commands[0][:3] == [sys.executable, "-m", "venv"]
    assert commands[1] == [prepared.python, "-m", "pip", "install", "-r", "requirements.txt"]
