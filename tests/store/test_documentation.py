"""What the README says about settings is what the program does."""

from __future__ import annotations

from pathlib import Path

from parley.store.settings import settings_markdown

README = Path(__file__).parents[2] / "README.md"


def test_the_table_in_the_readme_is_the_one_that_the_command_prints() -> None:
    assert settings_markdown() in README.read_text()
