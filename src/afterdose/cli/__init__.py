"""The ``afterdose`` command: thin, and quick to answer ``--help``.

Each command lives in a module of its own that is imported only when it runs.
"""

import sys
from importlib import import_module

import click

from afterdose import __version__
from afterdose.record.errors import AfterdoseError

_COMMANDS = {
    "ingest": "Read laboratory files into a record, and say what became of every row.",
    "map": "Propose a mapping for a table: which column is what.",
    "listen": "Take HL7 v2 messages into a record as they are sent.",
    "people": "Whose rows these are: who waits to be matched, join and split.",
    "settle": "Somebody looked at a row that was set aside.",
    "source": "From a row of the record back to the bytes it came from.",
    "worklist": "Who needs what, why, since when, and whose move it is.",
    "explain": "The whole story of one person, with rules, rows and sources.",
    "coverage": "How completely the tests of a record's people were done.",
    "validate": "Check a record against its table specifications.",
    "outcomes": "Confirmed disability change by any definition, and by many.",
    "report": "Write the extension report of a record as one HTML file, and as JSON.",
    "trace": "The people and rows behind a number of a report.",
    "simulate": "Make a cohort with known truth.",
    "protocols": "List, show, check, compare and approve monitoring protocols.",
}

_EPILOG = """\b
Exit codes:
  0  done
  1  something else went wrong
  2  the request cannot be carried out as worded
  3  a record breaks its table specification
  4  an input file cannot be read
  5  a protocol file breaks the protocol model
  6  an analyte or unit is not known
  7  a definition of an outcome breaks its model
"""


class _LazyGroup(click.Group):
    """Knows every command's one-line help without importing it."""

    def list_commands(self, ctx: click.Context) -> list[str]:
        return list(_COMMANDS)

    def get_command(self, ctx: click.Context, cmd_name: str) -> click.Command | None:
        if cmd_name not in _COMMANDS:
            return None
        module = import_module(f"afterdose.cli.{cmd_name}")
        command: click.Command = module.command
        return command

    def format_commands(self, ctx: click.Context, formatter: click.HelpFormatter) -> None:
        with formatter.section("Commands"):
            formatter.write_dl(list(_COMMANDS.items()))


@click.command(cls=_LazyGroup, epilog=_EPILOG, context_settings={"max_content_width": 100})
@click.version_option(__version__, prog_name="afterdose")
def afterdose() -> None:
    """Follow people with multiple sclerosis after treatment.

    Afterdose says which safety tests are due, which results need action and whose move it is, and
    what happened to everybody. It advises and records; it does not diagnose.
    """


def main() -> None:
    """Run the command; every family of errors has its exit code."""
    try:
        afterdose()
    except AfterdoseError as error:
        click.echo(f"afterdose: {error}", err=True)
        sys.exit(error.exit_code)
