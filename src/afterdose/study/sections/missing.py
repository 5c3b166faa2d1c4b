"""What is missing, in one place."""

from collections import Counter

from afterdose.outcomes.autoimmunity import Earlier
from afterdose.outcomes.brain_volume import Volume
from afterdose.outcomes.disability import Against
from afterdose.record.answers import Answer
from afterdose.study.model import Part, Section, Table
from afterdose.study.people import TABLES, Study
from afterdose.study.sections.bounds import bounds_table, follow_up_table
from afterdose.study.words import count, percent


def build(study: Study) -> Section:
    """Missing tables, and what each statement had to leave out."""
    absent = [table for table in TABLES if table not in study.record.frames]
    rows = [
        (what, count(number), count(total), percent(number / total) if total else "–")
        for what, number, total in _gaps(study)
    ]
    return Section(
        id="missing",
        title="What is missing",
        headline=(
            f"The record holds no table {', '.join(absent)}."
            if absent
            else "The record holds every table the report asks for."
        ),
        parts=(
            Part(
                Table(
                    "Left out, and of how many",
                    ("What was missing", "Missing", "Of", "%"),
                    tuple(rows),
                )
            ),
            *(_followed(study) if study.treated else ()),
        ),
        notes=(
            "Nothing missing was filled in. Where absence may be related to the outcome, the "
            "numbers above are biased and this table shows how much room there is for it.",
            "The bounds take the worst and the best that could be true of those not known; the "
            "truth lies between them, and nothing says where. Those treated so late that the year "
            "was not over by the data day are in no bound.",
        ),
    )


def _followed(study: Study) -> tuple[Part, ...]:
    bounds = Part(bounds_table(study))
    return (
        (Part(follow_up_table(study)), bounds) if "follow_up" in study.record.frames else (bounds,)
    )


def _gaps(study: Study) -> list[tuple[str, int, int]]:
    """What, how often it was missing, and of how many."""
    held = study.record.frames
    people = study.outcomes
    gaps = [("First course", study.first_course_unknown, study.in_record - study.untreated)]
    if "follow_up" in held:
        unseen = sum(person.timeline.observed_through() is None for person in people)
        gaps.append(("Observation from the first course on", unseen, len(people)))
    if "people" in held:
        unasked = sum(person.earlier is Earlier.NEVER_ASKED for person in people)
        gaps.append(("Earlier autoimmune disease: never asked", unasked, len(people)))
        deaths = [person.death for person in people if person.death]
        gaps.append(("Cause of death", sum(not death.cause for death in deaths), len(deaths)))
    if "assessments" in held:
        cdw = Counter(person.cdw.answer for person in people)
        gaps.append(("Confirmed worsening", cdw[Answer.NOT_ASSESSABLE], len(people)))
        edss = [row for p in people for row in p.edss if row.year <= study.years]
        lacking = sum(row.against is Against.NOT_ASSESSABLE for row in edss)
        gaps.append(("EDSS at a year's end, person-years begun", lacking, len(edss)))
    if "mri" in held:
        bpf = [
            row
            for person in people
            for row in person.extension.volume[Volume.BPF].yearly
            if row.year <= study.years
        ]
        lacking = sum(row.change_pct_per_year is None for row in bpf)
        gaps.append(("Yearly brain volume (BPF), person-years begun", lacking, len(bpf)))
        mri = [row for p in people for row in p.extension.mri if row.year <= study.years]
        lacking = sum(row.either is Answer.NOT_ASSESSABLE for row in mri)
        gaps.append(("MRI activity, person-years begun", lacking, len(mri)))
    if "relapses" in held:
        relapses = [row for person in people for row in person.relapses]
        gaps.append(
            (
                "Whether a relapse was confirmed",
                sum(row.not_stated for row in relapses),
                sum(row.relapses for row in relapses),
            )
        )
    return gaps
