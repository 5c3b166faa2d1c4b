"""``afterdose protocols``: list, show, check, compare and approve."""

from datetime import date
from pathlib import Path
from typing import TYPE_CHECKING

import click

from afterdose.cli import options

if TYPE_CHECKING:
    from afterdose.monitoring import Protocol


@click.group("protocols")
def command() -> None:
    """Monitoring protocols: one drug's rules in one jurisdiction."""


@command.command("list")
def list_protocols() -> None:
    """The protocols that come with Afterdose."""
    from rich.table import Table

    from afterdose.cli.terminal import console
    from afterdose.monitoring.load import load_protocol, shipped_protocols

    table = Table("Id", "Title", "Version", "Checks", "Alerts", "Unverified rules")
    for name in shipped_protocols():
        protocol = load_protocol(name)
        unverified = sum(
            rule.grounds.evidence == "unverified" for rule in (*protocol.checks, *protocol.alerts)
        )
        table.add_row(
            protocol.id,
            protocol.title,
            protocol.version,
            str(len(protocol.checks)),
            str(len(protocol.alerts)),
            str(unverified),
        )
    console().print(table)


@command.command()
@click.argument("protocol_name", metavar="ID_OR_FILE")
@options.site
def show(protocol_name: str, site: Path | None) -> None:
    """Every rule of a protocol in words, with source and evidence grade."""
    from rich.markdown import Markdown

    from afterdose.cli.terminal import console
    from afterdose.monitoring.load import load_protocol
    from afterdose.monitoring.words import render_protocol

    protocol = load_protocol(protocol_name)
    if site is not None:
        (protocol,) = _as_set_by(site, [protocol])
    text = render_protocol(protocol)
    out = console()
    if out.is_terminal:
        out.print(Markdown(text))
    else:
        click.echo(text)


@command.command()
@click.argument("protocol_names", metavar="ID_OR_FILE...", nargs=-1, required=True)
@options.site
def validate(protocol_names: tuple[str, ...], site: Path | None) -> None:
    """Check protocol files, and a site file, against the protocol model: every problem at once."""
    from afterdose.monitoring.load import load_protocol
    from afterdose.record.errors import ProtocolError, UsageError

    found: list[Protocol] = []
    problems: list[ProtocolError | UsageError] = []
    for name in protocol_names:
        try:
            found.append(load_protocol(name))
        except (ProtocolError, UsageError) as error:
            problems.append(error)
    if site is not None:
        try:
            found = _as_set_by(site, found)
        except ProtocolError as error:
            problems.append(error)
    if problems:
        family = next((type(one) for one in problems if isinstance(one, ProtocolError)), UsageError)
        raise family("\n".join(str(error) for error in problems))
    for protocol in found:
        click.echo(
            f"{protocol.id} version {protocol.version}: {len(protocol.checks)} checks, "
            f"{len(protocol.alerts)} alerts, {len(protocol.advice)} statements, "
            f"{len(protocol.overrides)} changes by the site. No error found."
        )


@command.command()
@click.argument("old", metavar="ID_OR_FILE")
@click.argument("new", metavar="ID_OR_FILE")
def diff(old: str, new: str) -> None:
    """How two protocols, or two versions of one, differ: in words."""
    from afterdose.monitoring.differences import differences, render_differences
    from afterdose.monitoring.load import load_protocol

    first, second = load_protocol(old), load_protocol(new)
    click.echo(render_differences(first, second, differences(first, second)))


@command.command()
@click.argument("protocol_name", metavar="ID_OR_FILE")
@click.option(
    "--record",
    required=True,
    type=click.Path(exists=True, file_okay=False, path_type=Path),
    help="The record it may monitor.",
)
@click.option("--by", required=True, help="The clinician who approves this version.")
@click.option("--on", type=options.Day(), help="The day of approval. Without it: today.")
def approve(protocol_name: str, record: Path, by: str, on: date | None) -> None:
    """Approve this version of a protocol for a record, as a named clinician."""
    from afterdose.cli.approvals import approve as record_approval

    approval = record_approval(record, protocol_name, by=by, on=on)
    click.echo(
        f"{approval.protocol} version {approval.version} is approved for this record by "
        f"{approval.approved_by}."
    )


def _as_set_by(site: Path, protocols: "list[Protocol]") -> "list[Protocol]":
    """A site file in a record may also name what is approved for that record."""
    from afterdose.cli.approvals import read_approvals
    from afterdose.cli.terminal import today
    from afterdose.monitoring.reading import read_text
    from afterdose.monitoring.site import apply_site

    approved = [approval.protocol for approval in read_approvals(site.parent)]
    return apply_site(protocols, read_text(site), where=site.name, known=approved, today=today())
