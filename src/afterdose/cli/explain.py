"""``afterdose explain``: the whole story of one person."""

import json
from dataclasses import asdict
from datetime import date
from pathlib import Path
from typing import TYPE_CHECKING

import click

from afterdose.cli import options

if TYPE_CHECKING:
    from afterdose.monitoring.story import Statement, Story


@click.command("explain")
@options.record_folder
@click.argument("person_id", metavar="PERSON")
@options.as_of
@options.protocols
@click.option(
    "--format", "form", type=click.Choice(["text", "json"]), default="text", show_default=True
)
def command(
    record: Path, person_id: str, as_of: date | None, protocol_names: tuple[str, ...], form: str
) -> None:
    """The whole story of one person: every statement with its rule, rows and source."""
    from afterdose.cli.approvals import approved_protocols
    from afterdose.cli.opening import open_cohort
    from afterdose.monitoring.story import tell_story

    approved = approved_protocols(record, protocol_names)
    opened = open_cohort(record, as_of=as_of, person_id=person_id)
    (history,) = opened.histories()
    taken = {row.drug for row in history.treatments}
    mine = [pair for pair in approved if taken.intersection(pair[0].drugs)] or approved[:1]
    covered = {drug for protocol, _ in approved for drug in protocol.drugs}
    stories = [
        (
            tell_story(
                history,
                protocol,
                as_of=opened.as_of,
                covered=covered,
                set_aside=opened.set_aside.get(person_id, ()),
            ),
            approval,
        )
        for protocol, approval in mine
    ]
    if form == "json":
        click.echo(json.dumps([asdict(story) for story, _ in stories], default=str, indent=2))
        return
    for story, approval in stories:
        _print(story, approved_by=approval.approved_by, simulated=opened.simulated)


def _print(story: "Story", *, approved_by: str, simulated: bool) -> None:
    """Statements with numbered sources; the sources stand once, at the end."""
    from afterdose.cli.terminal import ADVICE, console

    out = console()
    if simulated:
        out.print("SIMULATED DATA: this person does not exist.")
    out.print(f"[bold]{story.person_id}[/bold] as known on the morning of {story.as_of}")
    out.print(f"{story.protocol}, approved by {approved_by}")
    sources: dict[str, int] = {}
    for section in story.sections:
        out.print(f"\n[bold]{section.heading}[/bold]")
        if not section.statements:
            out.print(f"  {section.empty}")
        for statement in section.statements:
            _print_statement(statement, sources)
    out.print("\n[bold]Sources[/bold]")
    for source, number in sources.items():
        out.print(f"  \\[{number}] {source}", soft_wrap=False)
    out.print(f"\n{ADVICE}")


def _print_statement(statement: "Statement", sources: dict[str, int]) -> None:
    from rich.markup import escape
    from rich.padding import Padding

    from afterdose.cli.terminal import console

    out = console()
    out.print(Padding(escape(statement.headline), (0, 0, 0, 2)))
    for because in statement.because:
        numbers = [sources.setdefault(source, len(sources) + 1) for source in because.sources]
        cited = " ".join(f"[{number}]" for number in numbers) or "no source: local policy"
        lines = (because.text, f"rule {because.rule}, {because.evidence}, {cited}")
        for line in (*lines, *(f"row: {row}" for row in because.rows)):
            out.print(Padding(escape(line), (0, 0, 0, 6)))
