"""How the numbers of a report were had, in words: of the estimators and people actually in it."""

from dataclasses import dataclass

from afterdose.study.model import Cell, Estimate, Report, Section


@dataclass(frozen=True, slots=True)
class Method:
    """An estimator with its interval.

    Attributes
    ----------
    id : str
        What `Estimate.method` names.
    words, source : str
    """

    id: str
    words: str
    source: str


METHODS: dict[str, Method] = {
    method.id: method
    for method in (
        Method(
            "exact-proportion",
            "Percentages of people: exact binomial intervals.",
            "Clopper and Pearson. Biometrika 1934;26:404-413",
        ),
        Method(
            "exact-rate",
            "Rates: events over patient-years, with exact Poisson intervals.",
            "Garwood. Biometrika 1936;28:437-442",
        ),
        Method(
            "robust-poisson",
            "Rates and rate ratios, robust: Poisson regression with the sandwich variance, all "
            "rows of one person summed; interval on the logarithm.",
            "White. Econometrica 1982;50:1-25",
        ),
        Method(
            "negative-binomial",
            "Rates where people differ: negative binomial regression by maximum likelihood, one "
            "count a person; interval on the logarithm.",
            "Venables and Ripley. Modern Applied Statistics with S, 4th ed. 2002, section 7.4",
        ),
        Method(
            "student-mean",
            "Means: intervals by Student's t.",
            "Student. Biometrika 1908;6:1-25",
        ),
        Method(
            "rank-median",
            "Medians: intervals from the ranks of the values; quartiles interpolated between "
            "ranks.",
            "Conover. Practical Nonparametric Statistics, 3rd ed. 1999, section 3.2",
        ),
        Method(
            "kaplan-meier",
            "Shares still free of an event: Kaplan-Meier with Greenwood's variance, interval on "
            "the log(−log) scale. Death ends observation.",
            "Kaplan and Meier. J Am Stat Assoc 1958;53:457-481",
        ),
        Method(
            "restricted-mean",
            "Mean time free of an event up to a stated day: the area under the Kaplan-Meier curve; "
            "interval from the normal distribution.",
            "Klein and Moeschberger. Survival Analysis, 2nd ed. 2003",
        ),
        Method(
            "log-rank",
            "Whether groups differ in the time to an event: the log-rank test.",
            "Mantel. Cancer Chemother Rep 1966;50:163-170",
        ),
        Method(
            "aalen-johansen",
            "Cumulative incidence with death competing: Aalen-Johansen with delta-method variance, "
            "interval on the log(−log) scale.",
            "Aalen and Johansen. Scand J Stat 1978;5:141-150",
        ),
    )
}
"""Every method that a number of the report can name, in the order shown."""


def methods_used(report: Report) -> list[Method]:
    """The methods that the numbers of a report name, in the order of `METHODS`."""
    used = {number.method for section in report.sections for number in numbers_of(section)}
    return [method for method in METHODS.values() if method.id in used]


def numbers_of(section: Section) -> list[Estimate]:
    """Every number of a section: the named ones, then those in cells."""
    cells = (cell for part in section.parts for row in part.table.rows for cell in row)
    return [*section.estimates, *(cell.number for cell in cells if isinstance(cell, Cell))]


def methods_in_words(report: Report) -> list[str]:
    """Who is in the report, of which day, and what was asked of it, in a few paragraphs."""
    asked = [section for section in report.sections if not section.missing]
    silent = [section.title for section in report.sections if section.missing]
    definitions = {one.id for section in asked for one in section.definitions}
    paragraphs = [
        f"Everybody in the record whose first course of {report.drug} had begun by "
        f"{report.as_of.day} {report.as_of:%B %Y} and is held by the record: {report.treated} of "
        f"{report.people} people. Nobody was selected further. What was recorded after that day "
        "does not exist here, though it may have happened before.",
        f"{len(asked)} questions were asked under {len(definitions)} definitions, which follow in "
        "full. Every person is judged by the same plain rules, with three answers kept apart: "
        "met, not met, and not assessable. Nothing missing was filled in. Where a window is our "
        "own choice the source says policy.",
    ]
    paragraphs.append(
        "A dash stands where there is no number to show: nobody was left to ask, or too few values "
        "for an interval. A curve on which nothing has happened yet has no interval either; none "
        "seen is not none."
    )
    if silent:
        paragraphs.append(f"Not assessable in this record: {'; '.join(silent)}.")
    return paragraphs
