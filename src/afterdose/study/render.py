"""The report as one HTML file that needs nothing else."""

import re
from importlib import resources
from pathlib import Path
from typing import Any

from afterdose.outcomes.definitions import Definition
from afterdose.outcomes.disability import DisabilityDefinition, render_definition
from afterdose.study.identifiers import (
    cell_id,
    column_letters,
    named_numbers,
    number_ids,
    table_id,
)
from afterdose.study.methods import methods_in_words, methods_used
from afterdose.study.model import Report
from afterdose.study.plots import render_svg
from afterdose.study.published import by_source
from afterdose.study.words import interval_in_words, made_of

_INTERVAL = re.compile(r"(?<=\d) to (?=[-−]?\d)")
_OF = re.compile(r"\bof (?=\d)")


def write_report(report: Report, path: Path) -> None:
    """Write the report as a self-contained HTML file: no script, nothing remote.

    Parameters
    ----------
    report : Report
    path : Path
        Replaced if it exists; its folder is made if it does not.
    """
    write_page(render_report(report), path)


def write_page(page: str, path: Path) -> None:
    """Write a page that has been rendered; its folder is made if it does not exist."""
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_text(page, encoding="utf-8")


def render_report(report: Report) -> str:
    """The report as HTML.

    Raises
    ------
    ValueError
        Two of its numbers would have the same id.
    """
    number_ids(report)
    definitions = {
        definition.id: definition
        for section in report.sections
        for definition in section.definitions
    }
    return render_page(
        "report.html.j2",
        simulated=report.simulated,
        report=report,
        definitions=list(definitions.values()),
        words_of=words_of,
        methods=methods_used(report),
        methods_in_words=methods_in_words(report),
        by_source=by_source,
        table_id=table_id,
        cell_id=cell_id,
        column_letters=column_letters,
        named_numbers=named_numbers,
        interval_in_words=interval_in_words,
        made_of=made_of,
    )


def render_page(template: str, *, simulated: bool, **facts: Any) -> str:
    """A page that needs nothing else, in the report's style."""
    from jinja2 import Environment, PackageLoader
    from markupsafe import Markup

    environment = Environment(
        loader=PackageLoader("afterdose.study"),
        autoescape=True,
        trim_blocks=True,
        lstrip_blocks=True,
    )
    style = resources.files("afterdose.study").joinpath("templates/report.css").read_text("utf-8")
    environment.filters["tight"] = _tight
    # The style sheet and the drawings are ours, without a word from the record, so they are safe.
    return environment.get_template(template).render(
        style=Markup(style),  # noqa: S704
        drawing=lambda plot: Markup(render_svg(plot)),  # noqa: S704
        simulated=simulated,
        **facts,
    )


def words_of(definition: Definition | DisabilityDefinition) -> str:
    """A definition in words."""
    if isinstance(definition, Definition):
        return definition.words
    return (
        f"{render_definition(definition)} Without an event, time ends at the last visit that could "
        "still have been confirmed."
    )


def _tight(text: str) -> str:
    """Keep on one line: a number and its percent sign, an interval, ``of`` and its number."""
    text = _INTERVAL.sub("\u00a0to\u00a0", text.replace(" %", "\u00a0%"))
    return _OF.sub("of\u00a0", text)
