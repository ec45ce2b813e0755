"""Write the pages of docs/reference that say what the program says: `python -m tests.reference`."""

from collections.abc import Iterator
from pathlib import Path

import click

from node.cli.main import cli
from tests import reference_vocabulary

PAGE = Path(__file__).parents[1] / "docs" / "reference" / "commands.md"


def text() -> str:
    """Return the page."""
    context = click.Context(
        cli, info_name="lonja", max_content_width=100, terminal_width=100, **cli.context_settings
    )
    head = (
        "# Reference: the command\n\n"
        "Written from the program by `python -m tests.reference`; a test demands no difference.\n"
    )
    return head + "".join(_sections(cli, context))


def _sections(command: click.Command, context: click.Context) -> Iterator[str]:
    yield f"\n## {context.command_path}\n\n```\n{command.get_help(context)}\n```\n"
    if isinstance(command, click.Group):
        for name in command.list_commands(context):
            child = command.get_command(context, name)
            if child is not None and not child.hidden:
                yield from _sections(
                    child, context.__class__(child, parent=context, info_name=name)
                )


if __name__ == "__main__":
    PAGE.write_text(text(), "utf-8")
    reference_vocabulary.PAGE.write_text(reference_vocabulary.text(), "utf-8")
