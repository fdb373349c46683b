"""Nothing that was named or shaped like a secret gets through; what merely looks a bit like it does."""

from __future__ import annotations

import string

import pytest
from hypothesis import given
from hypothesis import strategies as st

from runstore.runs import redact
from runstore.runs.redact import REDACTED, Redactor

PLAIN = Redactor({})
NAMES = st.sampled_from([
    "token", "hf_token", "HF_TOKEN", "accessToken", "password", "db-password", "PGPASSWORD", "passwd", "api_key",
    "api-key", "apiKey", "APIKEY", "WANDB_API_KEY", "client_secret", "AWS_SECRET_ACCESS_KEY", "credentials", "auth",
    "credential_file", "optimizer.api_key", "Authorization", "private_key", "connection_string", "smtp_pass",
])  # fmt: skip
SECRETS = st.text(string.ascii_letters + string.digits + "!#$%^&*()_+-=[]{};:,.<>/?|~@ é", min_size=4, max_size=40)
SECRETS = SECRETS.filter(lambda text: text.strip() == text and text not in REDACTED)
KEYS = st.one_of(
    st.from_regex(r"AKIA[0-9A-Z]{16}", fullmatch=True),
    st.from_regex(r"ghp_[A-Za-z0-9]{36}", fullmatch=True),
    st.from_regex(r"sk-(proj-)?[A-Za-z0-9]{32}", fullmatch=True),
    st.from_regex(r"hf_[A-Za-z]{34}", fullmatch=True),
    st.from_regex(r"xoxb-[0-9]{11}-[A-Za-z0-9]{24}", fullmatch=True),
    st.from_regex(r"eyJ[A-Za-z0-9]{20}\.eyJ[A-Za-z0-9]{20}\.[A-Za-z0-9_]{20}", fullmatch=True),
)


@given(NAMES, SECRETS)
def test_the_value_of_a_secret_flag_is_redacted_beside_it_or_after_it(name: str, secret: str) -> None:
    for argv in (
        ["--lr", "0.1", f"--{name}", secret],
        [f"--{name}={secret}"],
        [f"{name}={secret}"],
        [f"+a.{name}={secret}"],
    ):
        assert secret not in " ".join(PLAIN.arguments(argv)).replace(name, "")


@given(NAMES, SECRETS)
def test_a_line_that_gives_a_secret_name_a_value_loses_the_value(name: str, secret: str) -> None:
    for line in (
        f"{name}={secret}", f'+{name} = "{secret}"', f'    "{name}": "{secret}",', f"-environ['{name}'] = '{secret}'",
        f'os.environ.setdefault("{name}", "{secret}")', f"login({name}='{secret}')", f"{name}: {secret}",
        f"train.py --{name} {secret}", f'[["--{name}", "{secret}"]]', f"curl -H '{name}: {secret}'",
    ):  # fmt: skip
        assert secret not in PLAIN.line(line).replace(name, "")


@given(st.text(max_size=30), KEYS, st.sampled_from(["", " ", '"', "=", "\n"]))
def test_a_key_of_a_known_shape_is_redacted_wherever_it_stands(before: str, key: str, gap: str) -> None:
    assert key not in PLAIN.text(f"{before} {gap}{key}{gap} after")


@given(st.text(string.ascii_letters + string.digits, min_size=8), st.text(max_size=20), st.text(max_size=20))
def test_the_value_of_a_secret_variable_is_redacted_under_any_name(secret: str, before: str, after: str) -> None:
    line = f"{before}{secret}{after}"
    assert secret not in Redactor({"MY_TOKEN": secret}).text(line).replace(REDACTED, "")


@given(
    st.text(string.ascii_letters + string.digits + "%!$&", min_size=3).filter(
        lambda text: text not in "examplecomorgit"
    )
)
def test_a_url_loses_its_user_and_password(secret: str) -> None:
    for address in (f"https://{secret}@example.com/o/r.git", f"https://me:{secret}@example.com/o/r.git",
                    f"https://example.com/o/r.git?private_token={secret}"):  # fmt: skip
        assert redact.url(address) == "https://example.com/o/r.git"
        assert secret not in PLAIN.line(f"+remote {address} fetched")


@pytest.mark.parametrize("remote", ["git@github.com:o/r.git", "ssh://git@host:22/o/r", "../origin", "https://h/o/r"])
def test_a_remote_without_credentials_stays_as_it_is(remote: str) -> None:
    assert redact.url(remote) == remote


def test_the_user_with_a_password_of_an_ssh_remote_goes() -> None:
    assert redact.url("me:hunter2@host:o/r.git") == "host:o/r.git"
    assert redact.url("ssh://me:hunter2@host/o/r.git") == "ssh://host/o/r.git"


@pytest.mark.parametrize(
    "line",
    ["+tokenizer = load('gpt2')", "max_tokens=512", "n_tokens: 7", "__author__ = 'me'", "secretary = 1", "pass",
     "for key in keys:", "git+https://github.com/a/b@v1", "see https://example.com/a?b=c", "optimizer.lr=0.1"],
)  # fmt: skip
def test_what_is_no_secret_stays(line: str) -> None:
    assert PLAIN.line(line) == line
    assert PLAIN.arguments([line]) == [line]


def test_a_private_key_goes_with_all_its_lines() -> None:
    key = ["-----BEGIN RSA PRIVATE KEY-----", "MIIEow short", "AQAB/tail", "-----END RSA PRIVATE KEY-----"]
    text = "\n".join(["@@ -1 +1 @@", *(f"+{line}" for line in key), " x = 1"])
    assert PLAIN.text(text).splitlines() == ["@@ -1 +1 @@", "+" + REDACTED, *["+" + REDACTED] * 3, " x = 1"]


def test_a_private_key_cut_off_by_the_next_hunk_hides_no_more_than_its_hunk() -> None:
    assert (
        PLAIN.text("+-----BEGIN PRIVATE KEY-----\n+abc\n@@ -9 +9 @@\n+x")
        == f"+{REDACTED}\n+{REDACTED}\n@@ -9 +9 @@\n+x"
    )


def test_the_inside_of_a_key_goes_though_its_beginning_is_not_there() -> None:
    assert PLAIN.text(" " + "Ab1/" * 16) == f" {REDACTED}"


def test_only_listed_variables_are_captured_and_of_an_environment_its_name() -> None:
    environ = {
        "RANK": "3",
        "HOME": "/home/me",
        "HF_TOKEN": "x",
        "VIRTUAL_ENV": "/home/me/envs/torch/",
        "SLURM_JOB_ID": "7",
    }
    assert redact.variables(environ) == {"RANK": "3", "VIRTUAL_ENV": "torch", "SLURM_JOB_ID": "7"}


def test_half_a_secret_at_the_end_of_a_long_line_does_not_stay() -> None:
    line = "x" * (redact.LONGEST - 6) + " ghp_" + "a1" * 18
    assert "ghp_" not in PLAIN.line(line)


def test_a_long_line_without_a_blank_keeps_its_beginning() -> None:
    line = "ValueError: " + "x" * 2 * redact.LONGEST
    assert PLAIN.line(line).startswith("ValueError: " + "x" * (redact.LONGEST // 2))


def test_half_an_address_with_a_password_at_the_cut_does_not_stay() -> None:
    line = "x" * (redact.LONGEST - 300) + " postgres://me:" + "h4Xs0n" * 100 + "@db.example/x"
    assert "h4Xs0n" not in PLAIN.line(line)


def test_a_line_is_redacted_once_and_reads_well() -> None:
    assert PLAIN.line('+db.password = "x"') == f"+db.password = {REDACTED}"
    assert PLAIN.line("machine h login me password [x") == f"machine h login me password {REDACTED}"


@given(
    st.lists(
        st.sampled_from(["token", "-", "--", "key", " ", "=", "://", "a:", "@", "sk-", "x-amz-", '"']), max_size=60
    )
)
def test_redacting_again_takes_nothing_more(pieces: list[str]) -> None:
    once = PLAIN.line("".join(pieces))
    assert PLAIN.line(once) == once
