"""The command line, from the help texts it prints itself."""

from pathlib import Path

import click

from afterdose.cli import afterdose
from generators.markdown import page


def pages(root: Path) -> dict[str, str]:
    """One page with every command."""
    return {"commands.md": render_commands()}


def render_commands() -> str:
    """Every command and subcommand with its help."""
    return page(
        "# The command line",
        "What `--help` prints, command by command. Exit codes are explained under "
        "[errors](../errors.md).",
        *(_render(path, command) for path, command in walk("afterdose", afterdose)),
    )


def walk(path: str, command: click.Command) -> list[tuple[str, click.Command]]:
    """A command and everything below it."""
    found = [(path, command)]
    if isinstance(command, click.Group):
        context = click.Context(command)
        for name in command.list_commands(context):
            child = command.get_command(context, name)
            assert child is not None  # a listed command exists
            found += walk(f"{path} {name}", child)
    return found


def _render(path: str, command: click.Command) -> str:
    context = click.Context(command, info_name=path, max_content_width=88)
    return page(f"## {path}", f"```text\n{command.get_help(context)}\n```")
