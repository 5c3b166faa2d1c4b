"""``afterdose simulate``: a cohort with known truth."""

from pathlib import Path

import click


@click.command("simulate")
@click.option("--people", type=click.IntRange(1), default=811, show_default=True)
@click.option("--seed", type=int, default=1, show_default=True, help="Same seed, same cohort.")
@click.option(
    "--into",
    required=True,
    type=click.Path(file_okay=False, path_type=Path),
    help="The record folder to write; it must not hold a record yet.",
)
def command(people: int, seed: int, into: Path) -> None:
    """Make a cohort shaped like the two CARE-MS alemtuzumab arms, with known truth."""
    from afterdose.cli.terminal import progress_bar
    from afterdose.simulate import write_simulated

    with progress_bar("Simulating people", people) as bar:
        write_simulated(into, people, seed, progress=bar.done)
    click.echo(f"SIMULATED record of {people} people written to {into}.")
