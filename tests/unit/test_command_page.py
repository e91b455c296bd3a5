"""docs/commands.md is what the tables say. After a change: `python -m tests.unit.test_command_page`."""

from __future__ import annotations

from pathlib import Path

from g4f_magic import registry
from g4f_magic.commands.output import table
from g4f_magic.format_table import FORMATS
from g4f_magic.option_table import OPTIONS
from g4f_magic.options import Option
from g4f_magic.subcommand import Group

PAGE = Path(__file__).parents[2] / "docs" / "commands.md"

HEAD = """# The words of `%%chat` and `%chat`

Made from the tables that the magic itself reads (`python -m tests.unit.test_command_page`). In a notebook, `%chat help` \
shows the same, and `%chat help SUBCOMMAND` more of one.
"""


def page() -> str:
    options = table(["option of `%%chat`", "what it is", "in the panel"], map(_row, OPTIONS))
    formats = table(
        ["`--format`", "how a reply is shown", "what keeps it from acting"],
        [(f"`{one.name}`", one.help, one.safety) for one in FORMATS],
    )
    return "\n".join([HEAD, f"{options}\n", f"{formats}\n", *map(_section, registry.groups())])


def _row(option: Option) -> tuple[str, str, str]:
    field = f"the field “{option.panel.label}”" if option.panel else "on the line of `%chat panel`"
    return f"`{option.usage}`", option.help, field if option.is_for_panel else ""


def _section(group: Group) -> str:
    rows = [(f"`{command.usage}`", _details(command.details)) for command in group]
    return f"## {group.title}\n\n{table(['subcommand', 'what it does'], rows)}\n"


def _details(text: str) -> str:
    return " ".join(text.split())


def test_the_page_is_what_the_tables_say() -> None:
    assert PAGE.read_text("utf-8") == page(), "run python -m tests.unit.test_command_page"


if __name__ == "__main__":
    PAGE.write_text(page(), "utf-8")
