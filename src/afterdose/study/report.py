"""The extension report: asks every section, and lets a missing table silence only its own."""

from collections.abc import Callable, Sequence
from datetime import date

import afterdose
from afterdose.cohort import Cohort
from afterdose.engines.reference import CheckCompleteness
from afterdose.outcomes.brain_volume import FROM_MONTH_12, VolumeStart
from afterdose.record.errors import MissingTableError
from afterdose.study.authorship import UNNAMED, Authorship
from afterdose.study.model import Report, Section
from afterdose.study.people import Study, collect
from afterdose.study.sections import (
    ageing,
    autoimmunity,
    brain_volume,
    courses,
    deaths,
    disability,
    edss_steps,
    flow,
    later_stage,
    missing,
    monitoring,
    mri_activity,
    neda,
    relapse_free,
    relapses,
    retreatment,
    safety,
    strata,
    volume_since,
)

_SECTIONS: tuple[tuple[str, str, Callable[[Study], Section]], ...] = (
    ("flow", "Flow of people", flow.build),
    ("a", "(a) Retreated in year 3", retreatment.build_year_3),
    ("b", "(b) Retreated in year 4", retreatment.build_year_4),
    ("courses", "Courses given", courses.build),
    ("c", "(c) Relapse rate by year", relapses.build),
    ("relapse-free", "Free of relapses", relapse_free.build),
    ("d", "(d) EDSS better, same or worse than baseline", disability.build),
    ("edss-steps", "EDSS under two rules for the step", edss_steps.build),
    ("mri", "MRI activity by year", mri_activity.build),
    ("neda", "No evidence of disease activity (NEDA)", neda.build),
    ("e", "(e) Yearly change of brain volume", brain_volume.build),
    (
        "volume-since",
        "Brain volume since treatment began, and after the first fall",
        volume_since.build,
    ),
    ("ageing", "Brain volume beside healthy ageing", ageing.build),
    ("f", "(f) Autoimmune disease by type and year", autoimmunity.build),
    ("safety", "Infections, malignancies and other events", safety.build),
    ("deaths", "Deaths", deaths.build),
    ("earlier", "People with earlier autoimmune disease", autoimmunity.build_earlier),
    ("later", "Does later-stage disease lose less brain too?", later_stage.build),
    ("strata", "Side by side", strata.build),
)


def build_report(
    cohort: Cohort,
    *,
    as_of: date,
    completeness: Sequence[CheckCompleteness] | None = None,
    drug: str = "alemtuzumab",
    volume_start: VolumeStart = FROM_MONTH_12,
    authorship: Authorship = UNNAMED,
    engine: str = "reference",
) -> Report:
    """What happened to everybody after treatment.

    Parameters
    ----------
    cohort : Cohort
        Laboratory results are not read. A statement whose table is missing says so; the others
        stand.
    as_of : date
        The data day: rows recorded later do not exist yet.
    completeness : sequence of CheckCompleteness, optional
        How complete the monitoring was, one row a check; without it the section says so.
    drug : str, default ``alemtuzumab``
    volume_start : VolumeStart, default `FROM_MONTH_12`
        The scan from which brain volume is measured anew, after the fall that comes as
        inflammation resolves. See `afterdose.outcomes.brain_volume.volume_start`.
    authorship : Authorship, default `UNNAMED`
        From `afterdose.study.read_authorship`.
    engine : str, default ``reference``
        Who answers: ``reference``, the plain code one person after the other, or ``local``, which
        is compiled, gives the same answers, and is worth its start from some thousand people on.

    Returns
    -------
    Report
    """
    study = collect(cohort, drug, as_of=as_of, volume_start=volume_start, engine=engine)
    sections = [_build(study, *section) for section in _SECTIONS]
    return Report(
        title=authorship.title or f"After {drug}: what happened",
        simulated=cohort.about.simulated,
        about=cohort.about.title,
        drug=drug,
        as_of=as_of,
        volume_from_month=volume_start.months,
        people=study.columns.in_record,
        treated=study.treated,
        code_version=f"Afterdose {afterdose.__version__}",
        sections=(
            *sections,
            monitoring.build(completeness),
            _build(study, "missing", "What is missing", missing.build),
        ),
        authorship=authorship,
    )


def summary_lines(report: Report) -> list[str]:
    """The six statements, one line each, for a terminal.

    Simulated data say so first.
    """
    head = ["SIMULATED DATA: nobody in this record exists."] if report.simulated else []
    return head + [
        f"({section.id}) {section.summary or section.missing}"
        for section in report.sections
        if len(section.id) == 1
    ]


def _build(study: Study, section_id: str, title: str, build: Callable[[Study], Section]) -> Section:
    try:
        return build(study)
    except MissingTableError as error:
        return Section(id=section_id, title=title, missing=f"Not assessable. {error}")
