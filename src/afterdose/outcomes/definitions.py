"""The definitions applied, each a frozen value with a name, its words and its source.

Those of confirmed disability change have a package of their own, `afterdose.outcomes.disability`.

Where no source states a window, the window is our policy and its words say so.
"""

from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class Definition:
    """A definition in words.

    Attributes
    ----------
    id, title : str
    words : str
        What is asked, as a reader of the report needs it.
    source : str
        The primary document, or ``policy`` where this is our own choice.
    """

    id: str
    title: str
    words: str
    source: str


_HAVRDOVA = (
    "Havrdova, et al. Neurology 2017;89:1107-1116, Methods. doi:10.1212/WNL.0000000000004313"
)

STUDY_YEAR = Definition(
    id="study-year",
    title="Year after the first course",
    words=(
        "Year n runs from the day 12(n - 1) calendar months after the first day of the first "
        "course to the day before 12n months after it. A first course that the record does not "
        "hold (it begins with course 2) leaves every year not assessable. Years that nobody "
        "completed under observation are not shown."
    ),
    source="policy; the trials count years from the first course in the same way",
)
PATIENT_YEARS = Definition(
    id="patient-years",
    title="Patient-years under observation",
    words=(
        "Days inside a span of follow-up, from the first course to the data day or death, both "
        "end days counted, divided by 365.25. Overlapping spans count once."
    ),
    source="policy",
)
RETREATMENT = Definition(
    id="retreatment",
    title="Retreatment",
    words=(
        "A third or later course of the drug. A person counts in the year in which the first such "
        "course began. Without one, the answer for a year needs observation to the year's end."
    ),
    source="policy; courses one and two are the planned treatment",
)
RELAPSE_RATE = Definition(
    id="relapse-rate",
    title="Annualised relapse rate",
    words=(
        "Relapses with onset on a day under observation in that year, over the patient-years of "
        "that year. A relapse recorded as not confirmed is left out; one for which confirmation is "
        "not stated counts, and how many there are is shown."
    ),
    source="policy",
)
FEW_PEOPLE = 40
"""Fewer than this show too little of how people differ for a robust interval."""
RELAPSE_MODELS = Definition(
    id="relapse-models",
    title="Relapse rates by models",
    words=(
        "Relapses and patient-years are those of the annualised relapse rate. Poisson, robust: "
        "the same rate, with an interval that holds however the relapses and years of one person "
        f"go together; not given where fewer than {FEW_PEOPLE} people were under observation. "
        "Negative binomial: one count a person over all the time that person was under "
        "observation, people's own rates scattered around a mean; the smaller theta, the more they "
        "scatter. A rate ratio is one period's rate divided by another's, in the same people, "
        "those who left earlier counting in the earlier only."
    ),
    source="policy; the estimators are named under the methods",
)
BASELINE_MONTHS = 6
YEAR_END_DAYS = 90
EDSS_AT_YEAR = Definition(
    id="edss-at-year",
    title="EDSS against baseline at a year's end",
    words=(
        "Baseline is the last EDSS on or before the first day of the first course, at most "
        f"{BASELINE_MONTHS} months before it. The score of year n is the one nearest to the "
        f"anniversary, at most {YEAR_END_DAYS} days from it; of two equally near, the later. Worse "
        "is an increase of at least 1.0 point (1.5 from a baseline of 0), better a decrease of at "
        "least 1.0, same anything between. A single visit decides, without confirmation."
    ),
    source=f"policy for the windows; the step of worsening: {_HAVRDOVA}",
)
SCANS_APART_MONTHS = 9
YEARLY_BPF = Definition(
    id="yearly-bpf",
    title="Yearly change of brain parenchymal fraction",
    words=(
        "The change from one year's scan to the next year's, in percent of the earlier, divided by "
        "the years between the two scans. A year's scan is the one with a brain parenchymal "
        f"fraction nearest to the anniversary, at most {YEAR_END_DAYS} days from it; the scan "
        f"before treatment is the last on or before the first course, at most {BASELINE_MONTHS} "
        "months before it. Only two scans by the same recorded method on the same recorded "
        f"scanner, at least {SCANS_APART_MONTHS} months apart, are compared. Year 1 "
        "includes the fall that comes as inflammation resolves."
    ),
    source="policy",
)
FIRST_AUTOIMMUNE = Definition(
    id="first-autoimmune-event",
    title="First autoimmune disease of a type",
    words=(
        "The first event of the type that began on or after the first day of the first course, "
        "while under observation. An onset known only to the month or year takes the first day it "
        "can mean; one that may lie before or after the first course makes that type not "
        "assessable. Time runs until the event, death, or the end of continuous observation. Death "
        "competes: those who died cannot fall ill later."
    ),
    source="policy",
)
EARLIER_AUTOIMMUNITY = Definition(
    id="earlier-autoimmunity",
    title="Earlier autoimmune disease",
    words=(
        "Autoimmune disease other than MS before the first course: said in the table people, or an "
        "autoimmune event that ended its possible days of onset before the first course. Never "
        "asked is not the same as none."
    ),
    source="policy",
)
DEATH = Definition(
    id="death",
    title="Death",
    words=(
        "A day of death after the first course, on or before the data day. The rate counts deaths "
        "on a day under observation; deaths after observation had ended are listed apart, since "
        "nobody knows who else died unseen."
    ),
    source="policy",
)
