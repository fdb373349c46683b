"""A command of the user's own starts the launcher."""

from __future__ import annotations

import os
import shlex
import subprocess
import sys
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

import runstore
from runstore.errors import LaunchError
from runstore.launch.config import ScriptRunConfig
from runstore.launch.handover import Queued, template

QUEUED = Queued(Path("/data/ws"), "exp_1_ab", "exp", 4)
TEXT = st.text(st.characters(exclude_categories=["Cs", "Cc"]), min_size=1)


def queued(workspace: str = "/data/ws", run_id: str = "exp_1_ab", name: str = "exp") -> Queued:
    return Queued(Path(workspace), run_id, name, 4)


def said(script: str, *arguments: str) -> str:
    """A template that runs Python."""
    return shlex.join([sys.executable, "-c", script, *arguments])


def test_a_bare_command_becomes_its_words() -> None:
    assert template.argv("qsub -b y {command}", QUEUED) == ["qsub", "-b", "y", *QUEUED.command]


def test_a_command_inside_quotes_or_a_longer_word_is_one_text_for_a_shell() -> None:
    line = shlex.join(QUEUED.command)
    assert template.argv("sh -c '{command}'", QUEUED) == ["sh", "-c", line]
    assert template.argv("sbatch --wrap={command}", QUEUED) == ["sbatch", f"--wrap={line}"]
    assert template.argv("sh -c 'exec {command} > log'", QUEUED) == ["sh", "-c", f"exec {line} > log"]


@given(TEXT)
def test_the_shell_at_the_other_end_of_ssh_reads_the_command_as_it_is(name: str) -> None:
    one = queued(f"/data/{name}", name)
    program, node, *rest = template.argv("ssh node {command}", one)
    assert [program, node] == ["ssh", "node"]
    assert shlex.split(" ".join(rest)) == one.command


@given(TEXT)
def test_a_shell_reads_fields_as_they_are(name: str) -> None:
    one = queued(run_id=name, name=name)
    assert shlex.split(template.argv("sh -c 'cd {workspace} && go {run_id} {name}'", one)[2])[-2:] == [name, name]


def test_the_other_fields_are_filled_in_as_they_are_in_words_of_their_own() -> None:
    found = template.argv("go -N {name} --id={run_id} {workspace} {processes} {{}} {command}", queued(name="a b; rm"))
    assert found[:7] == ["go", "-N", "a b; rm", "--id=exp_1_ab", "/data/ws", "4", "{}"]


@pytest.mark.parametrize("launcher", ["ssh {node} {command}", "go {command!r}", "go {command:>9}", "go {} {command}"])
def test_a_field_that_nobody_fills_in_is_refused_with_those_there_are(launcher: str) -> None:
    with pytest.raises(LaunchError, match=r"nothing is called .*; there are {command}, {run_id}"):
        template.check(launcher, {}, 1)


@pytest.mark.parametrize("launcher", ["go {command", "go {command} '", "go } {command}"])
def test_what_is_no_template_is_refused(launcher: str) -> None:
    with pytest.raises(LaunchError, match="a brace or quote as such is doubled or escaped"):
        template.check(launcher, {}, 1)


def test_a_template_that_says_nowhere_what_to_run_is_refused() -> None:
    with pytest.raises(LaunchError, match=r"put {command} into it"):
        template.check("ssh node", {}, 1)
    template.check("my-queue {run_id} {workspace}", {}, 1)


def test_options_are_written_into_the_template() -> None:
    with pytest.raises(LaunchError, match=r"takes no options \(partition\)"):
        template.check("ssh node {command}", {"partition": "gpu"}, 1)


def test_the_last_line_that_the_command_prints_is_the_job(a_queued_run: Queued) -> None:
    assert template.start(said("print('sent\\n job 7 \\n')", "{run_id}"), a_queued_run) == "job 7"


def test_a_command_that_fails_is_told_with_what_it_said(a_queued_run: Queued) -> None:
    broken = said("import sys; sys.stderr.write('no such\\nqueue\\n'); sys.exit(3)", "{run_id}")
    with pytest.raises(LaunchError, match=r"exit code 3: no such; queue$"):
        template.start(broken, a_queued_run)


def test_a_command_that_is_not_there_is_told() -> None:
    with pytest.raises(LaunchError, match="launcher 'no-such-tool' can't be started"):
        template.start("no-such-tool {command}", QUEUED)


def test_a_command_in_which_the_run_goes_on_is_not_waited_for(a_queued_run: Queued) -> None:
    """As with ssh: it ends with the run, and with the launcher's exit code."""
    opens = (
        "import sys, runstore\n"
        "run = runstore.Workspace(sys.argv[1]).get_run(sys.argv[2])\n"
        "run._open(dict())\n"
        "while run.status == 'Running': pass\n"
        "run.complete()\n"
        "sys.exit(1)"
    )
    assert template.start(said(opens, "{workspace}", "{run_id}"), a_queued_run) == ""
    going = template._going[-1]
    assert going.poll() is None
    runstore.Workspace(a_queued_run.workspace).get_run(a_queued_run.run_id).cancel()
    assert going.wait(60) == 1


def test_the_command_gets_the_launchers_variables(a_queued_run: Queued, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("RUNSTORE_RUN_ID", "that-of-the-one-who-submits")
    seen = template.start(said("import os; print(os.environ.get('RUNSTORE_RUN_ID'))", "{run_id}"), a_queued_run)
    assert seen == "None"
    subprocess._cleanup()  # type: ignore[attr-defined]


@pytest.fixture
def ssh(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """One that does what ssh does with its arguments, and whose other end is here."""
    program = tmp_path / "bin" / "ssh"
    program.parent.mkdir()
    program.write_text('#!/bin/sh\n[ "$1" = node ] || { echo "no host $1" >&2; exit 255; }\nshift\nexec sh -c "$*"\n')
    program.chmod(0o755)
    monkeypatch.setenv("PATH", f"{program.parent}{os.pathsep}{os.environ['PATH']}")


def source(
    tmp_path: Path, text: str = "import runstore\nrunstore.start_run('x').log('loss', 0.25)\n"
) -> ScriptRunConfig:
    (tmp_path / "source").mkdir()
    (tmp_path / "source" / "train.py").write_text(text, encoding="utf-8")
    return ScriptRunConfig(str(tmp_path / "source"), "train.py")


def test_a_submitted_script_runs_at_the_other_end_of_ssh(ssh: None, tmp_path: Path) -> None:
    experiment = runstore.Experiment(runstore.Workspace(tmp_path / "it's a $workspace"), "exp")
    run = experiment.submit(source(tmp_path), launcher="ssh node {command}")
    assert run.wait_for_completion()["status"] == "Completed"
    assert run.get_metrics() == {"loss": 0.25}
    assert run.get_properties() == {"runstore.scheduler": "template"}


def test_a_template_that_fails_fails_the_run_with_what_it_said(ssh: None, workspace: Path, tmp_path: Path) -> None:
    experiment = runstore.Experiment(runstore.Workspace(workspace), "exp")
    with pytest.raises(LaunchError, match="exit code 255: no host elsewhere"):
        experiment.submit(source(tmp_path), launcher="ssh elsewhere {command}")
    (run,) = experiment.get_runs()
    assert run.status == "Failed"
    assert "no host elsewhere" in (run._folded().error or "")


def test_a_script_that_fails_is_no_failure_of_the_template(ssh: None, workspace: Path, tmp_path: Path) -> None:
    experiment = runstore.Experiment(runstore.Workspace(workspace), "exp")
    run = experiment.submit(source(tmp_path, "raise ValueError('bad data')"), launcher="ssh node {command}")
    assert run.wait_for_completion(raise_on_error=False)["status"] == "Failed"
    assert "ValueError: bad data" in (run._folded().error or "")
