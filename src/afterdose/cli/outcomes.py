"""``afterdose outcomes``: disability by any definition, and how the answer moves between them."""

from collections.abc import Iterable
from datetime import date
from pathlib import Path
from typing import TYPE_CHECKING, Any

import click

from afterdose.cli import options

if TYPE_CHECKING:
    from afterdose.cli.opening import Opened
    from afterdose.engines.local.outcomes import DisabilityEvaluation
    from afterdose.engines.reference import DisabilityResult
    from afterdose.outcomes.disability import DisabilityDefinition

_OUTPUT = click.Path(dir_okay=False, path_type=Path)


@click.group("outcomes")
def command() -> None:
    """Confirmed disability change by a named definition."""


@command.command()
@options.record_folder
@click.option("--definition", metavar="PRESET|FILE", help="A definition's id, or its file.")
@click.option(
    "--msprog",
    metavar="ARGUMENTS",
    help="Instead: msprog's own arguments, in R's or Python's spelling, such as "
    "'conf_days=168 event=multiple baseline=roving RAW_PIRA=TRUE'.",
)
@options.as_of
@click.option("-o", "--output", type=_OUTPUT, help="The events: a .parquet or .csv file.")
def disability(
    record: Path,
    definition: str | None,
    msprog: str | None,
    as_of: date | None,
    output: Path | None,
) -> None:
    """Confirmed worsening and improvement of everybody, one row an event."""
    from afterdose.cli.opening import open_cohort
    from afterdose.cli.terminal import progress_bar

    chosen = _chosen(definition, msprog)
    _check_ending(output)
    opened = open_cohort(record, as_of=as_of)
    _require(opened, chosen)
    with progress_bar("Looking for changes", len(opened.person_ids)) as bar:
        found = opened.disability(chosen, bar)
    click.echo(_in_words(chosen))
    for line in _summary(found, opened):
        click.echo(line)
    if output is not None:
        from afterdose.engines.reference.disability import COLUMNS

        _write(found.rows(), COLUMNS, output)
        click.echo(f"Events written to {output}.")


@command.command()
def presets() -> None:
    """The definitions that come with Afterdose."""
    from rich.table import Table

    from afterdose.cli.terminal import console
    from afterdose.outcomes.disability import load_definition, preset_paths

    table = Table("Id", "Title", "Source", "Evidence")
    for name in preset_paths():
        found = load_definition(name)
        table.add_row(name, found.title, found.source, found.evidence)
    console().print(table)


@command.command()
@click.argument("name", metavar="PRESET|FILE", required=False)
@click.option("--msprog", metavar="ARGUMENTS", help="Instead: msprog's own arguments.")
@click.option("--toml", "as_toml", is_flag=True, help="Print it as a file, with every choice.")
def show(name: str | None, msprog: str | None, as_toml: bool) -> None:
    """One definition in words, or as a file to begin one's own from."""
    from afterdose.outcomes.disability import render_toml

    chosen = _chosen(name, msprog)
    click.echo(render_toml(chosen).rstrip() if as_toml else _in_words(chosen))


@command.command()
@options.record_folder
@click.option(
    "--grid",
    "grid_name",
    default="default",
    show_default=True,
    metavar="FILE",
    help="The grid of definitions.",
)
@options.as_of
@click.option("-o", "--output", type=_OUTPUT, help="The table: a .csv or .parquet file.")
@click.option("--plot", type=_OUTPUT, help="The specification curve: an .svg file.")
def multiverse(
    record: Path, grid_name: str, as_of: date | None, output: Path | None, plot: Path | None
) -> None:
    """One question by every definition of a grid: how far does the answer move?"""
    from afterdose.cli.opening import open_cohort
    from afterdose.cli.terminal import progress_bar
    from afterdose.study.multiverse import read_grid, run_multiverse, table_rows
    from afterdose.study.multiverse_plot import specification_curve
    from afterdose.study.plots import render_svg

    grid = read_grid(grid_name)
    _check_ending(output)
    opened = open_cohort(record, as_of=as_of)
    for universe in grid.universes:
        _require(opened, universe.definition)
    with progress_bar("Asking every definition", len(grid.universes)) as bar:
        found = run_multiverse(grid, opened.disability_counts, done=bar.advance)
    _print_multiverse(grid, found, opened)
    rows = list(table_rows(grid, found))
    if output is not None:
        _write(rows, tuple(rows[0]), output)
        click.echo(f"Table written to {output}.")
    if plot is not None:
        plot.write_text(render_svg(specification_curve(grid, found)), encoding="utf-8")
        click.echo(f"Specification curve written to {plot}.")


def _chosen(definition: str | None, msprog: str | None) -> "DisabilityDefinition":
    """The one definition that was asked for."""
    from afterdose.outcomes.disability import load_definition, preset_paths
    from afterdose.outcomes.disability.msprog import parse_msprog
    from afterdose.record.errors import UsageError

    if (definition is None) == (msprog is None):
        seen = "neither" if definition is None else "both"
        raise UsageError(
            f"A definition and msprog's arguments: {seen} given. Permitted: one of them. Shipped "
            f"definitions: {', '.join(preset_paths())}."
        )
    return load_definition(definition) if definition is not None else parse_msprog(msprog or "")


def _in_words(definition: "DisabilityDefinition") -> str:
    from afterdose.outcomes.disability import render_definition

    lines = [
        f"{definition.title} ({definition.id})",
        render_definition(definition),
        f"Source: {definition.source} ({definition.evidence})",
    ]
    return "\n".join([*lines, f"Note: {definition.note}"] if definition.note else lines)


def _require(opened: "Opened", definition: "DisabilityDefinition") -> None:
    """Refuse a record that lacks a table the definition looks at."""
    from afterdose.cohort import Record

    held = Record(opened.cohort.frames, opened.cohort.about)
    held.require(*definition.tables, question="disability by this definition")


def _summary(found: "DisabilityResult | DisabilityEvaluation", opened: "Opened") -> Iterable[str]:
    from afterdose.record.answers import Answer

    if opened.simulated:
        yield "SIMULATED DATA: nobody in it exists."
    met, not_met = found.count(Answer.MET), found.count(Answer.NOT_MET)
    unclear = found.count(Answer.NOT_ASSESSABLE)
    yield (
        f"Known on {opened.as_of}: {len(found.people):,} people = {met:,} with an event + "
        f"{not_met:,} without + {unclear:,} not assessable."
    )
    for missing, people in found.missing():
        yield f"  Not assessable, for want of {missing}: {people:,}"
    tally = found.tally()
    yield (
        f"{tally.given:,} scores = {tally.used:,} used + {tally.same_day:,} replaced on the same "
        f"day + {tally.not_yet_known:,} not yet known + {tally.before_reference:,} before the "
        f"reference + {tally.after_end:,} after the end of observation."
    )
    kinds: dict[str, int] = {}
    for row in found.rows():
        name = f"{row['event']} {row['class']}".strip()
        kinds[name] = kinds.get(name, 0) + 1
    listed = ", ".join(f"{count:,} {name}" for name, count in sorted(kinds.items()))
    yield f"Events: {listed or 'none'}."


def _print_multiverse(grid: Any, found: Any, opened: "Opened") -> None:
    from rich.table import Table

    from afterdose.cli.terminal import console
    from afterdose.study.multiverse import influences

    if opened.simulated:
        click.echo("SIMULATED DATA: nobody in it exists.")
    shares = sorted(one.with_event.value for one in found)
    click.echo(
        f"{len(found)} definitions: with an event {100 * shares[0]:.1f} % to "
        f"{100 * shares[-1]:.1f} % of those assessed."
    )
    table = Table("Choice", "Moves the share by, on average", "at most")
    for one in influences(grid, found):
        mean, greatest = one.mean_difference, one.greatest_difference
        table.add_row(one.axis, f"{100 * mean:.1f} points", f"{100 * greatest:.1f} points")
    console().print(table)


def _check_ending(output: Path | None) -> None:
    from afterdose.record.errors import UsageError

    if output is not None and output.suffix not in (".parquet", ".csv"):
        raise UsageError(
            f"A file ending in '{output.suffix}' cannot be written. Permitted: .parquet, .csv."
        )


def _write(rows: Iterable[dict[str, Any]], columns: tuple[str, ...], output: Path) -> None:
    import polars as pl

    frame = pl.DataFrame(list(rows), schema=columns, infer_schema_length=None)
    output.parent.mkdir(parents=True, exist_ok=True)
    if output.suffix == ".csv":
        frame.write_csv(output)
    else:
        frame.write_parquet(output)
