"""``afterdose listen``: HL7 v2 messages into a record as they are sent."""

from pathlib import Path
from typing import TYPE_CHECKING

import click

from afterdose.cli import options

if TYPE_CHECKING:
    from afterdose.ingest.receipt import Receipt


@click.command("listen")
@click.option(
    "--into",
    required=True,
    type=click.Path(file_okay=False, path_type=Path),
    help="The record folder; it is made if there is none.",
)
@click.option(
    "--host",
    default="127.0.0.1",
    show_default=True,
    help="The address to listen on. The default is heard on this computer alone.",
)
@click.option(
    "--port",
    default=2575,
    show_default=True,
    type=click.IntRange(0, 65535),
    help="The port to listen on; 0: any that is free.",
)
@options.known_people_only
def command(into: Path, host: str, port: int, known_people_only: bool) -> None:
    """Listen for HL7 v2 messages (ORU, OUL) over MLLP until stopped.

    A message is acknowledged once it is on disk: AA, or AE where something in it was set aside.
    AR: it is no message of results and is not kept. What has arrived enters the record every two
    seconds. There is no encryption here: put a TLS proxy in front, or stay on this computer.
    """
    import asyncio
    import signal

    from afterdose.cli.terminal import now
    from afterdose.ingest.listener import Listener

    def ready(heard_on: int) -> None:
        click.echo(f"Listening on {host}, port {heard_on}. Stop with Ctrl-C.")

    async def listen() -> None:
        stop = asyncio.Event()
        for number in (signal.SIGTERM, signal.SIGINT):
            asyncio.get_running_loop().add_signal_handler(number, stop.set)
        listener = Listener(into, now=now, known_people_only=known_people_only, told=_say)
        await listener.run(host, port, stop, ready=ready)

    asyncio.run(listen())
    click.echo("Stopped. Everything that was acknowledged is in the record.")


def _say(receipt: "Receipt") -> None:
    """A line a batch: counts only."""
    (file,) = receipt.files
    aside = file.set_aside.total()
    click.echo(
        f"{file.name}: {file.rows} rows in, {file.accepted} accepted, {file.duplicates} duplicates,"
        f" {aside} set aside"
    )
