"""The command `parley`: serve, doctor, recap, settings.

Exit status 0 after a clean end, 1 when something here doesn't work, 2 when what was asked for makes no sense.
"""

from __future__ import annotations

import asyncio
import sys
from collections.abc import Callable
from importlib.metadata import version
from pathlib import Path
from typing import Any, TypeVar

import click

from parley.signaling import doctor as checkup
from parley.signaling import logs
from parley.signaling.supervisor import ChildFailedError, Supervisor
from parley.store.settings import Settings, SettingsError, load, settings_markdown

Command = TypeVar("Command", bound=Callable[..., Any])

_SECRETS = {name for name in Settings.model_fields if "secret" in name or "token" in name}
"""Not to be given as flags: a command line is readable by everyone on the machine."""


def _setting_flags(command: Command) -> Command:
    """Every setting as a flag, but secrets. What is given is checked with all other sources in settings.load."""
    for name, field in reversed(Settings.model_fields.items()):
        if name not in _SECRETS:
            flag = "--" + name.replace("_", "-")
            command = click.option(flag, name, metavar="VALUE", help=field.description)(command)
    return click.option("--config", type=click.Path(path_type=Path), help="TOML file with settings.")(command)


def _load(config: Path | None, flags: dict[str, str | None]) -> Settings:
    try:
        return load(flags, config=config)
    except SettingsError as error:
        click.echo(f"parley: {error}", err=True)
        sys.exit(2)


def main() -> None:
    """The command itself. What can't be understood is one line that names it, as for every other setting."""
    try:
        status = commands(standalone_mode=False)
    except click.exceptions.NoArgsIsHelpError as empty:
        empty.show()
        status = empty.exit_code
    except click.ClickException as error:
        click.echo(f"parley: {error.format_message()}", err=True)
        status = error.exit_code
    except click.Abort:
        status = 130
    sys.exit(status)


@click.group(context_settings={"help_option_names": ["-h", "--help"]})
@click.version_option(version("parley"), message="parley %(version)s")
def commands() -> None:
    """Parley, a meeting server."""


@commands.command()
@_setting_flags
def serve(config: Path | None, **flags: str | None) -> None:
    """Serve until SIGTERM or Ctrl-C.

    Every setting can also come from the environment (PARLEY_NAME) or from a TOML file; secrets only from there.
    """
    settings = _load(config, flags)
    writer = logs.configure(settings.log_format, settings.log_level, "supervisor")
    failure: ChildFailedError | None = None
    try:
        asyncio.run(Supervisor(settings, _announce).run())
    except ChildFailedError as failed:
        failure = failed
    finally:
        writer.stop()  # before the last word, so that it is the last
    if failure is not None:
        click.echo(f"parley: {failure}", err=True)
        sys.exit(1)


def _announce(url: str) -> None:
    click.echo(f"Parley is ready: {url}" if url else "Parley is ready.")


@commands.command()
@_setting_flags
def doctor(config: Path | None, **flags: str | None) -> None:
    """Look at this machine and say what is missing for Parley to work well."""
    settings = _load(config, flags)
    findings = asyncio.run(checkup.examine(settings))
    for finding in findings:
        click.echo(f"{finding.verdict.value:<8} {finding.subject}: {finding.text}")
        if finding.mend:
            click.echo(f"{'':<8} → {finding.mend}")
    if any(finding.verdict is checkup.Verdict.FAILURE for finding in findings):
        sys.exit(1)


@commands.command()
@click.argument("directory", type=click.Path(path_type=Path))
@click.option("--only", metavar="STAGE", help="Make this stage, and what it is made from, and no other.")
@click.option("--again", is_flag=True, help="Make anew what is there; with --only, that stage.")
@_setting_flags
def recap(directory: Path, only: str | None, again: bool, config: Path | None, **flags: str | None) -> None:
    """Make the recap of the recording in DIRECTORY, or what is missing of it."""
    # a second of imports that no other command needs
    from parley.recap.pipeline import STAGES
    from parley.signaling.recap_command import run_recap
    from parley.signaling.recaps.settings import recap_settings

    settings = _load(config, flags)
    writer = logs.configure(settings.log_format, settings.log_level, "recap")
    try:
        status, words = run_recap(directory, STAGES, recap_settings(settings), only=only, again=again, echo=click.echo)
    finally:
        writer.stop()  # before the last word, so that it is the last
    if words:
        click.echo(f"parley: {words}", err=True)
    sys.exit(status)


@commands.command()
def settings() -> None:
    """Print every setting with its default and its meaning, as a Markdown table."""
    click.echo(settings_markdown(), nl=False)


if __name__ == "__main__":
    main()
