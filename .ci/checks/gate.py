"""The gate in front of main: see ``.ci/run``."""

from __future__ import annotations

import re
import shutil
import sys

from steps import PYTEST, ROOT, NotAvailable, Step, chromium, run_all

WEB = "runstore/view/web"


def second_line() -> str:
    """The README's second line, as it stands there."""
    readme = (ROOT / "README.md").read_text(encoding="utf-8")
    return str(re.findall(r"^python3 -m venv .*$", readme, re.MULTILINE)[1])


def page_packages() -> None:
    """See that the packages are there with which the installation has built the page."""
    if not shutil.which("npm"):
        raise NotAvailable("no npm")
    if not (ROOT / WEB / "node_modules").is_dir():
        raise NotAvailable("the installation could not fetch the page's packages")


def page_built() -> None:
    """See that there is a page, and a browser for it."""
    if not (ROOT / "runstore/view/static/index.html").is_file():
        raise NotAvailable("the installation could not build the page")
    chromium()


def steps() -> list[Step]:
    """All steps, the README's second line first: nothing is prepared for it."""
    venv = ".venv/bin"
    return [
        Step("README's second line", ["bash", "-euo", "pipefail", "-c", second_line()], minutes=35, tests=True),
        Step("ruff check", [f"{venv}/ruff", "check"]),
        Step("ruff format", [f"{venv}/ruff", "format", "--check"]),
        Step("mypy", [f"{venv}/mypy"]),
        Step("import contracts", [f"{venv}/lint-imports", "--no-logo"]),
        Step("generated docs", [f"{venv}/python", "docs/generate.py", "--check"]),
        Step("page: types", ["npm", "--prefix", WEB, "run", "types"], page_packages),
        Step("page: unit tests", ["npm", "--prefix", WEB, "test"], page_packages),
        Step("page: smoke", [PYTEST, "-q", "-m", "browser", "tests/view/page/test_smoke.py"], page_built, tests=True),
    ]


if __name__ == "__main__":
    sys.exit(run_all(steps()))
