"""The command line: what is asked for and makes no sense is one line that names it, and exit status 2."""

from __future__ import annotations

import os
import subprocess
import sys
from dataclasses import dataclass
from pathlib import Path

import pytest

from parley.signaling import cli
from parley.store.settings import Settings


@dataclass
class Outcome:
    status: object
    out: str
    err: str


class Shell:
    """Runs `parley …` in this process, in an empty directory and with no settings of the outside."""

    def __init__(self, capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch, directory: Path) -> None:
        self._capsys = capsys
        self._monkeypatch = monkeypatch
        self.directory = directory
        for name in list(os.environ):
            if name.startswith("PARLEY_"):
                monkeypatch.delenv(name)
        monkeypatch.chdir(directory)

    def run(self, *arguments: str, **env: str) -> Outcome:
        for name, value in env.items():
            self._monkeypatch.setenv(name, value)
        self._monkeypatch.setattr(sys, "argv", ["parley", *arguments])
        with pytest.raises(SystemExit) as ended:
            cli.main()
        captured = self._capsys.readouterr()
        return Outcome(ended.value.code or 0, captured.out, captured.err)

    def refuses(self, *arguments: str, naming: str, **env: str) -> str:
        """The one line with which the command is refused."""
        outcome = self.run(*arguments, **env)
        assert outcome.status == 2, outcome
        assert outcome.out == ""
        assert outcome.err.count("\n") == 1, outcome.err
        assert outcome.err.startswith("parley: ")
        assert naming in outcome.err
        return outcome.err


@pytest.fixture
def shell(capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> Shell:
    return Shell(capsys, monkeypatch, tmp_path)


COMMANDS = ["serve", "doctor"]


@pytest.mark.parametrize("command", COMMANDS)
def test_an_unknown_flag_is_named(shell: Shell, command: str) -> None:
    shell.refuses(command, "--colour", "red", naming="--colour")


def test_an_unknown_command_is_named(shell: Shell) -> None:
    shell.refuses("dance", naming="dance")


def test_a_flag_without_its_value_is_named(shell: Shell) -> None:
    shell.refuses("serve", "--port", naming="--port")


def test_an_argument_that_is_too_much_is_named(shell: Shell) -> None:
    shell.refuses("serve", "now", naming="now")


@pytest.mark.parametrize("command", COMMANDS)
def test_an_unknown_setting_in_the_environment_is_named_as_it_was_written(shell: Shell, command: str) -> None:
    shell.refuses(command, naming="PARLEY_COLOUR", PARLEY_COLOUR="red")


@pytest.mark.parametrize("command", COMMANDS)
def test_an_unknown_setting_in_the_file_is_named(shell: Shell, command: str) -> None:
    (shell.directory / "parley.toml").write_text('colour = "red"\n')
    shell.refuses(command, naming="colour: there is no such setting")


@pytest.mark.parametrize(
    ("name", "value"),
    [
        ("port", "nine"),
        ("port", "0"),
        ("port", "70000"),
        ("media_nodes", "-1"),
        ("capacity", "11"),
        ("capacity", "1"),
        ("media_tcp", "perhaps"),
        ("media_hosts", "not-an-address"),
        ("media_hosts", ""),
        ("media_public_addresses", "example.org"),
        ("trusted_proxies", "10.0.0.0/99"),
        ("public_url", "meet.example.org"),
        ("public_url", "https://meet.example.org/rooms"),
        ("role", "boss"),
        ("log_level", "loud"),
        ("log_format", "xml"),
        ("terms_file", "/nowhere/terms.md"),
        ("turn_urls", "http://turn.example.org"),
    ],
)
def test_an_impossible_value_is_named_wherever_it_was_written(shell: Shell, name: str, value: str) -> None:
    flag, variable = "--" + name.replace("_", "-"), "PARLEY_" + name.upper()
    shell.refuses("serve", flag, value, naming=f"{flag}: ")
    (shell.directory / "parley.toml").write_text(f'{name} = "{value}"\n')
    shell.refuses("serve", naming=f"parley: {name}: ")
    (shell.directory / "parley.toml").unlink()
    shell.refuses("serve", naming=f"{variable}: ", **{variable: value})


@pytest.mark.parametrize(
    ("arguments", "naming"),
    [
        (["--tls-certificate", "cert.pem"], "tls_key"),
        (["--turn-urls", "turn:turn.example.org:3478"], "turn_secret"),
        (["--role", "gateway"], "redis_url"),
        (["--media-port", "65535", "--media-nodes", "2"], "--media-port"),
        (["--port", "40000", "--media-port", "40000"], "--media-port"),
    ],
)
def test_settings_that_do_not_fit_together_are_named(shell: Shell, arguments: list[str], naming: str) -> None:
    (shell.directory / "cert.pem").write_text("")
    shell.refuses("serve", *arguments, naming=naming)


def test_a_file_that_is_not_there_or_is_no_toml_is_named(shell: Shell) -> None:
    shell.refuses("serve", "--config", "nowhere.toml", naming="nowhere.toml")
    (shell.directory / "broken.toml").write_text("port = = 3")
    shell.refuses("serve", "--config", "broken.toml", naming="broken.toml")


def test_secrets_are_not_taken_from_the_command_line_nor_shown_in_an_error(shell: Shell) -> None:
    for name in ("signing_secret", "rpc_secret", "turn_secret", "metrics_token"):
        flag = "--" + name.replace("_", "-")
        line = shell.refuses("serve", f"{flag}=swordfish", naming=flag)
        assert "swordfish" not in line


def test_a_flag_wins_over_the_environment_and_that_over_the_file(shell: Shell) -> None:
    (shell.directory / "parley.toml").write_text("port = -1\ncapacity = -1\nturn_ttl = -1\n")
    line = shell.refuses("serve", "--port", "-3", naming="--port", PARLEY_PORT="-2", PARLEY_CAPACITY="5")
    assert "PARLEY_PORT" not in line
    shell.refuses("serve", "--port", "9000", naming="turn_ttl", PARLEY_PORT="-2", PARLEY_CAPACITY="5")


def test_settings_prints_every_setting_and_no_secret(shell: Shell) -> None:
    outcome = shell.run("settings")
    assert outcome.status == 0
    rows = [line.split("|")[1].strip(" `") for line in outcome.out.splitlines()[2:]]
    assert rows == list(Settings.model_fields)


def test_every_setting_but_secrets_is_a_flag(shell: Shell) -> None:
    help_text = shell.run("serve", "--help").out
    for name in Settings.model_fields:
        flag = "--" + name.replace("_", "-") + " "
        assert (flag in help_text) is ("secret" not in name and "token" not in name), name


def test_without_a_command_it_says_what_there_is(shell: Shell) -> None:
    outcome = shell.run()
    assert all(command in outcome.out + outcome.err for command in ("serve", "doctor", "settings"))


def test_the_version_is_printed_by_the_installed_command() -> None:
    program = Path(sys.executable).with_name("parley")
    ran = subprocess.run([program, "--version"], capture_output=True, text=True, timeout=30)
    assert (ran.returncode, ran.stderr) == (0, "")
    assert ran.stdout.startswith("parley 0.")
