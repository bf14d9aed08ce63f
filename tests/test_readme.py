"""What the README says is true."""

import re
from pathlib import Path

from portal.management.commands.plan_table import markdown

ROOT = Path(__file__).resolve().parents[1]
README = (ROOT / "README.md").read_text()


def test_the_plan_table_is_printed_from_the_declarations() -> None:
    assert markdown() in README, "put the output of `python manage.py plan_table` into the README"


def test_every_path_that_it_names_is_there() -> None:
    documents = [ROOT / "README.md", *(ROOT / "docs").rglob("*.md")]
    for document in documents:
        for target in re.findall(r"\]\((?!https?:|mailto:|#)([^)#\s]+)", document.read_text()):
            assert (document.parent / target).exists(), f"{document.name} names {target}"


def test_every_command_that_it_names_is_there() -> None:
    for command in set(re.findall(r"\./bin/(\w+)", README)):
        assert (ROOT / "bin" / command).exists(), command
