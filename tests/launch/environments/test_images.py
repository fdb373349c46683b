"""With a stand-in for docker: what it is asked for is shown, not that Docker does it."""

from __future__ import annotations

import sys
from pathlib import Path

import pytest

from runstore.errors import LaunchError
from runstore.launch.config import Docker, Environment, Registry
from runstore.launch.environments import images, own, tools
from tests.launch.docker_stand_in import StandIn

MINOR = "{}.{}".format(*sys.version_info)


def obtain(docker: StandIn, environment: Environment, directory: Path, said: list[str]) -> str:
    return images.obtain(str(docker.bin / "docker"), environment, directory, said.append, tools.never)


def env(image: str | None = None, packages: list[str] | None = None, **known: object) -> Environment:
    return Environment("mine", packages=packages, docker=Docker(image, **known))  # type: ignore[arg-type]


def commands(docker: StandIn) -> list[str]:
    return [call["argv"][0] for call in docker.calls()]


# ---- Dockerfiles


@pytest.mark.parametrize("text", ["FROM x\nRUN y\n", "from x", "# why\nFROM x", "ARG a=b", "  \nFROM x"])
def test_a_dockerfile_is_known_by_how_it_begins(text: str) -> None:
    assert images.dockerfile(text, []) == text


def test_anything_else_is_a_path_from_one_of_the_places(tmp_path: Path) -> None:
    (tmp_path / "Dockerfile").write_text("FROM x\n")
    assert images.dockerfile("Dockerfile", [tmp_path / "missing", tmp_path]) == "FROM x\n"
    assert images.dockerfile(str(tmp_path / "Dockerfile"), [Path()]) == "FROM x\n"
    assert images.dockerfile("~/Dockerfile", [Path()]) == "FROM x\n"


def test_one_that_can_not_be_read_is_said(tmp_path: Path) -> None:
    with pytest.raises(LaunchError, match=r"missing: the Dockerfile can't be read \(no such file\)"):
        images.dockerfile("missing", [tmp_path])
    with pytest.raises(LaunchError, match="can't be read"):
        images.dockerfile(".", [tmp_path])
    (tmp_path / "picture").write_bytes(b"\xff\xfe")
    with pytest.raises(LaunchError, match=r"can't be read \(is no text\)"):
        images.dockerfile("picture", [tmp_path])


def test_an_image_is_built_from_a_dockerfile_once(docker: StandIn, directory: Path, said: list[str]) -> None:
    (directory / "Dockerfile").write_text("FROM x\n")
    first = obtain(docker, env(dockerfile="Dockerfile"), directory, said)
    assert obtain(docker, env(dockerfile="FROM x\n"), directory, said) == first
    (build,) = docker.calls("build")
    assert (build["argv"], build["stdin"]) == (["build", "--tag", first, "-"], "FROM x\n")
    assert first.startswith("runstore:")
    assert said == [f"building image {first}", f"build of {first}: done"]
    assert obtain(docker, env(dockerfile="FROM y\n"), directory, said) != first


def test_a_dockerfile_that_can_not_be_built_is_said(docker: StandIn, directory: Path, said: list[str]) -> None:
    with pytest.raises(LaunchError, match=r"environment 'mine': the image can't be built \(build of .* failed"):
        obtain(docker, env(dockerfile="FROM x\nRUN FAIL"), directory, said)


# ---- images by name


def test_an_image_that_is_here_is_not_pulled(docker: StandIn, directory: Path, said: list[str]) -> None:
    docker.has_image("x:1")
    assert obtain(docker, env("x:1"), directory, said) == "x:1"
    assert (commands(docker), said) == (["image"], [])


def test_one_that_is_not_is_and_its_progress_is_said(docker: StandIn, directory: Path, said: list[str]) -> None:
    assert obtain(docker, env("x:1"), directory, said) == "x:1"
    assert said == ["pulling image x:1", "pull of x:1: done"]


def test_one_that_can_not_be_pulled_is_said(docker: StandIn, directory: Path, said: list[str]) -> None:
    with pytest.raises(LaunchError, match=r"'mine': image 'missing' can't be pulled \(ERROR: pull of missing failed"):
        obtain(docker, env("missing"), directory, said)


def test_a_registry_gets_the_password_by_standard_input(docker: StandIn, directory: Path, said: list[str]) -> None:
    registry = Registry("h.io", "user", "s3cret-word")
    assert obtain(docker, env("x:1", registry=registry), directory, said) == "h.io/x:1"
    (login,) = docker.calls("login")
    assert login["argv"] == ["login", "h.io", "--username", "user", "--password-stdin"]
    assert login["stdin"] == "s3cret-word"
    assert "s3cret-word" not in str([call["argv"] for call in docker.calls()]) + str(said)


def test_a_login_that_is_refused_is_said(docker: StandIn, directory: Path, said: list[str]) -> None:
    with pytest.raises(LaunchError, match=r"h\.io refuses the login"):
        obtain(docker, env("x", registry=Registry("h.io", "user", "wrong")), directory, said)


@pytest.mark.parametrize("image", ["x:1", "h.io/x:1"])
@pytest.mark.parametrize("address", ["h.io", "https://h.io"])
def test_the_address_of_a_registry_is_part_of_the_name(image: str, address: str) -> None:
    assert images.reference(env(image, registry=Registry(address))) == "h.io/x:1"


def test_packages_without_an_image_go_into_pythons_own() -> None:
    assert images.reference(env(packages=[])) == f"python:{MINOR}-slim"
    asked = env(packages=[])
    asked.conda_packages = [f"python=3.{sys.version_info.minor + 1}"]
    assert images.reference(asked) == f"python:3.{sys.version_info.minor + 1}-slim"


def test_no_image_and_no_packages_is_nothing_to_start_from() -> None:
    with pytest.raises(LaunchError, match="'mine': no image and no Dockerfile is given"):
        images.reference(env())


# ---- with packages


def test_packages_are_added_to_an_image_once(docker: StandIn, directory: Path, said: list[str]) -> None:
    first = obtain(docker, env("x:1", ["iniconfig", "azureml-core"]), directory, said)
    assert obtain(docker, env("x:1", ["iniconfig"]), directory, said) == first
    (build,) = docker.calls("build")
    assert build["stdin"].startswith("FROM x:1\n")
    assert build["secrets"]["requirements"].splitlines() == sorted(["iniconfig", *own.requirements()])
    assert "left out, because runstore takes their place: azureml-core" in said


def test_other_packages_or_another_image_are_another_image(docker: StandIn, directory: Path, said: list[str]) -> None:
    asked = [("x:1", ["a"]), ("x:1", ["b"]), ("x:2", ["a"])]
    assert len({obtain(docker, env(image, packages), directory, said) for image, packages in asked}) == 3


def test_the_address_of_the_index_reaches_the_build_as_a_secret_only(
    docker: StandIn, directory: Path, said: list[str], tmp_path: Path
) -> None:
    asked = env("x:1", ["a"])
    asked.index_url = "https://user:s3cret-word@host/simple"
    first = obtain(docker, asked, directory, said)
    (build,) = docker.calls("build")
    assert build["secrets"]["requirements"].startswith(f"--index-url {asked.index_url}\n")
    assert "s3cret-word" not in build["stdin"] + str(build["argv"])
    source = build["argv"][build["argv"].index("--secret") + 1].partition("src=")[2]
    assert not Path(source).exists()
    asked.index_url = "https://user:another@host/simple"
    assert obtain(docker, asked, directory, said) == first


def test_packages_may_be_added_to_what_a_dockerfile_makes(docker: StandIn, directory: Path, said: list[str]) -> None:
    asked = env(packages=["a"], dockerfile="FROM x\n")
    obtain(docker, asked, directory, said)
    base, added = docker.calls("build")
    assert added["stdin"].startswith(f"FROM {base['argv'][2]}\n")
