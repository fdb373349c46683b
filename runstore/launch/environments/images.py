"""Images for containers: pulled, built from a Dockerfile, or made from another image by adding packages.

An image that was built is tagged by what it holds and used again. Requirements reach the build as a secret, because
addresses in them may hold passwords: they are in no layer and on no command line.
"""

from __future__ import annotations

import os
import re
import tempfile
from collections.abc import Sequence
from pathlib import Path

from runstore.errors import LaunchError
from runstore.launch.config import Docker, Environment
from runstore.launch.environments import cache, failures, interpreters, requirements, system_managed, tools
from runstore.launch.environments.tools import Done, Say, Stop

_TEXT = re.compile(r"\s*(#|FROM\s|ARG\s)", re.IGNORECASE)
_WITH_PACKAGES = """\
FROM {base}
LABEL runstore.holds="{key}"
USER root
RUN --mount=type=secret,id=requirements \\
    PIP_BREAK_SYSTEM_PACKAGES=1 {python} -m pip install --no-cache-dir --no-input -r /run/secrets/requirements
"""


def dockerfile(given: str, places: Sequence[Path]) -> str:
    """The text of a Dockerfile, given as itself or as a path.

    Args:
        given: the text, which begins with FROM, ARG or a comment, or else the path of one.
        places: where the path may start from.

    Raises:
        LaunchError: it can't be read.
    """
    if "\n" in given or _TEXT.match(given):
        return given
    reason = "no such file"
    for place in places:
        try:
            return (place / os.path.expanduser(given)).read_text(encoding="utf-8")
        except FileNotFoundError:
            continue
        except (OSError, UnicodeDecodeError) as problem:
            reason = getattr(problem, "strerror", None) or "is no text"
    raise LaunchError(f"{given}: the Dockerfile can't be read ({reason}); give its path or its text")


def obtain(client: str, environment: Environment, directory: Path, say: Say, stop: Stop) -> str:
    """The name of an image on this machine that is as the environment says.

    Raises:
        LaunchError: it can't be pulled or built.
        Stopped: ``stop`` said so.
    """
    asked = environment.docker or Docker()
    work = _Work(client, environment, say, stop)
    if asked.dockerfile:
        work.log_in()
        base = work.built(dockerfile(asked.dockerfile, [directory, Path.cwd()]))
    else:
        base = work.pulled(reference(environment))
    return base if environment.user_managed else work.with_packages(base)


def reference(environment: Environment) -> str:
    """The image asked for, with the registry's address; one with packages and no image has Python's own.

    Raises:
        LaunchError: there is no image to start from.
    """
    asked = environment.docker or Docker()
    if not asked.image:
        if environment.user_managed:
            raise LaunchError(f"environment {environment.name!r}: no image and no Dockerfile is given; set one of them")
        wanted = requirements.wanted(environment)
        return f"python:{interpreters.minor(environment.python_version or wanted.python)}-slim"
    address = (asked.registry.address or "").partition("://")[2] or asked.registry.address
    return asked.image if not address or asked.image.startswith(f"{address}/") else f"{address}/{asked.image}"


class _Work:
    """The docker CLI at work for one environment."""

    def __init__(self, client: str, environment: Environment, say: Say, stop: Stop) -> None:
        self.client, self.environment, self.say, self.stop = client, environment, say, stop

    def log_in(self) -> None:
        """Show the registry who asks; the password goes over standard input."""
        registry = (self.environment.docker or Docker()).registry
        if registry.username:
            address = [registry.address] if registry.address else []
            command = ("login", *address, "--username", registry.username, "--password-stdin")
            done = self._docker(*command, given=registry.password or "")
            if done.code != 0:
                self._fail(f"{registry.address or 'the registry'} refuses the login", done)

    def pulled(self, image: str) -> str:
        """An image by its name, pulled where it is not here."""
        if self._identity(image) is None:
            self.log_in()
            self.say(f"pulling image {image}")
            done = self._docker("pull", image)
            if done.code != 0:
                self._fail(f"image {image!r} can't be pulled", done)
        return image

    def built(self, text: str) -> str:
        """An image from the text of a Dockerfile; there is nothing that it could copy."""
        return self._once(cache.key("dockerfile", text), text)

    def with_packages(self, base: str) -> str:
        """Another image with the environment's packages in it."""
        wanted = requirements.wanted(self.environment)
        system_managed.told(wanted, self.say)
        index = self.environment.index_url
        lines = [*([f"--index-url {index}"] if index else []), *system_managed.listed(self.environment, wanted)]
        python = self.environment.interpreter
        bare = [system_managed.bare(line) for line in lines]
        key = cache.key("packages", self._identity(base), python, bare)
        text = _WITH_PACKAGES.format(base=base, key=key, python=python)
        with tempfile.TemporaryDirectory(prefix="runstore-") as private:  # mode 0700
            listing = Path(private) / "requirements.txt"
            listing.write_text("\n".join([*lines, ""]), encoding="utf-8")
            return self._once(key, text, "--secret", f"id=requirements,src={listing}", conda=wanted.conda)

    def _once(self, key: str, text: str, *options: str, conda: frozenset[str] = frozenset()) -> str:
        tag = f"runstore:{key}"
        if self._identity(tag) is None:
            with cache.alone(cache.root() / "images" / f"{key}.lock", self.say, self.stop):
                if self._identity(tag) is None:
                    self.say(f"building image {tag}")
                    done = self._docker("build", "--tag", tag, *options, "-", given=text)
                    if done.code != 0:
                        index = system_managed.index_of(self.environment)
                        self._fail("the image can't be built", Done(1, [failures.explain(done.lines, conda, index)]))
        return tag

    def _identity(self, image: str) -> str | None:
        """What tells this image from an older one of the same name; None where it is not here."""
        done = tools.ask([self.client, "image", "inspect", "--format", "{{.Id}}", image])
        return done.last if done.code == 0 else None

    def _docker(self, *command: str, given: str | None = None) -> Done:
        plain = {**os.environ, "DOCKER_BUILDKIT": "1", "BUILDKIT_PROGRESS": "plain", "NO_COLOR": "1"}
        return tools.run([self.client, *command], self.say, self.stop, variables=plain, given=given)

    def _fail(self, what: str, done: Done) -> None:
        raise LaunchError(f"environment {self.environment.name!r}: {what} ({done.last})")
