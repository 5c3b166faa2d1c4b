"""CDISC's study data (SDTM): people, treatments, results and scores of a trial, dataset by dataset.

A person is known by USUBJID, and the study (STUDYID) is who assigned it. Dates are those of the
columns that end in DTC; days of the study (DY) are not used. What a dataset does not say is not
worked out: an adverse event whose whole name is not in our table has no category of ours, a walk
that was timed twice has no one time.
"""

from collections import defaultdict

from afterdose.ingest.codes import drugs_named, event_called
from afterdose.ingest.datasets import Cells, is_dataset_json, is_transport, read_dataset
from afterdose.ingest.hooks import Reader, hook
from afterdose.ingest.landing import Landed
from afterdose.ingest.readers.fhir_entries import join_days
from afterdose.ingest.rows import (
    Identifier,
    RawEntry,
    RawPerson,
    RawResult,
    Reading,
    Unreadable,
)
from afterdose.ingest.times import parse_partial_date, parse_time
from afterdose.record.units import clean_text

MEASURES = {
    "EDSS01-Expanded Disability Score": "edss",
    "KFSS1-Pyramidal Functions": "kfss_pyramidal",
    "KFSS1-Cerebellar Functions": "kfss_cerebellar",
    "KFSS1-Brain Stem Functions": "kfss_brainstem",
    "KFSS1-Sensory Functions": "kfss_sensory",
    "KFSS1-Bowel and Bladder Functions": "kfss_bowel_bladder",
    "KFSS1-Visual or Optic Functions": "kfss_visual",
    "KFSS1-Cerebral or Mental Functions": "kfss_cerebral",
    "T25FW1-Time to Complete 25-Foot Walk": "t25fw_s",
    "NHPT01-Time to Complete 9-Hole Peg Test": "nhpt_s",
    "SDMT01-Total Score": "sdmt",
}
"""Tests by their names in CDISC's terminology, as public analyses of the pooled placebo data of MS
trials write them; the names are read because they say what their short codes do not."""
_FAMILIES = ("EDSS", "KFSS", "T25FW", "NHPT", "SDMT")
"""How the short codes of tests begin that the record has a measure for."""
_OUTCOMES = {
    "RECOVERED/RESOLVED": "recovered",
    "RECOVERING/RESOLVING": "recovering",
    "RECOVERED/RESOLVED WITH SEQUELAE": "sequelae",
    "NOT RECOVERED/NOT RESOLVED": "ongoing",
    "FATAL": "fatal",
    "UNKNOWN": "unknown",
}
"""How an adverse event ended, in CDISC's terminology, to the record's words."""
_GRADES = frozenset("12345")
_SECONDS = frozenset({"s", "sec", "second", "seconds"})
_TIMED = frozenset({"t25fw_s", "nhpt_s"})
_SHOWN = 80


@hook
def afterdose_readers() -> list[Reader]:
    """Both ways of writing a dataset."""
    return [
        Reader(
            "cdisc transport",
            "SDTM datasets of studies as SAS transport files (`.xpt`)",
            lambda start: is_transport(start.content),
            read_study_data,
        ),
        Reader(
            "cdisc dataset-json",
            "SDTM datasets of studies as Dataset-JSON 1.1",
            lambda start: is_dataset_json(start.content),
            read_study_data,
        ),
    ]


def read_study_data(landed: Landed) -> Reading:
    """The rows of a dataset.

    Raises
    ------
    UnreadableInputError
        It is cut short or damaged.
    """
    dataset = read_dataset(landed.name, landed.content)
    reading, doses = Reading(), set()
    for number, cells in dataset.rows:
        locator = f"row {number}"
        if cells is None:
            reading.unreadable.append(Unreadable(locator, "row-malformed", "its cells"))
            continue
        # A long domain may be split into datasets of other names.
        domain = cells.setdefault("DOMAIN", dataset.name)
        read = _DOMAINS.get(domain)
        if read is None:
            reading.pass_over(f"rows of {_show(domain) or 'no name'}")
            continue
        read(locator, cells, reading)
        if read is _treatment:
            doses.add(locator)
    join_days(reading, doses)
    _set_repeated_aside(reading)
    return reading


def _person(cells: Cells) -> Identifier | None:
    study, subject = cells.get("STUDYID"), cells.get("USUBJID")
    return Identifier(study, subject) if study and subject else None


def _demographics(locator: str, cells: Cells, reading: Reading) -> None:
    person = _person(cells)
    if person is None:
        reading.unreadable.append(Unreadable(locator, "person-unknown", "STUDYID and USUBJID"))
        return
    died = "unknown" if cells.get("DTHFL") == "Y" else None
    reading.people.append(
        RawPerson(
            locator,
            (person,),
            sex=cells.get("SEX"),
            birth_date=cells.get("BRTHDTC"),
            death_date=cells.get("DTHDTC", died),
        )
    )


def _result(locator: str, cells: Cells, reading: Reading) -> None:
    """One result, with the unit and the range it was reported in."""
    if cells.get("LBSTAT") == "NOT DONE":
        reading.pass_over("LB not done")
        return
    if cells.get("LBDRVFL") == "Y":
        reading.pass_over("LB derived")
        return
    loinc, name = cells.get("LBLOINC"), cells.get("LBTEST", "")
    code = ("loinc", loinc, name) if loinc else ("LBTESTCD", cells.get("LBTESTCD", ""), name)
    low, high = cells.get("LBORNRLO", ""), cells.get("LBORNRHI", "")
    reading.results.append(
        RawResult(
            locator=locator,
            person=_person(cells),
            codes=(code,),
            # Study data have no status of their own; they are what the study stands by.
            status="final",
            value=cells.get("LBORRES"),
            unit=cells.get("LBORRESU"),
            range_text=f"{low}..{high}" if low or high else None,
            specimen_time=cells.get("LBDTC"),
            provider=cells.get("LBNAM"),
            accession=cells.get("LBREFID"),
        )
    )


def _treatment(locator: str, cells: Cells, reading: Reading) -> None:
    """One dose or span; doses of neighbouring days become a course afterwards."""
    name = cells.get("EXTRT", "")
    if cells.get("EXOCCUR") == "N" or cells.get("EXSTAT") == "NOT DONE":
        reading.pass_over("EX not given")
        return
    if name.upper() == "PLACEBO" or _is_zero(cells.get("EXDOSE")):
        reading.pass_over("EX placebo or a dose of 0")
        return
    found = drugs_named([], name)
    if len(found) != 1:
        reading.unreadable.append(Unreadable(locator, "drug-not-known", _show(name) or "no EXTRT"))
        return
    drug = found.pop()
    start = _day(cells.get("EXSTDTC"))
    if start is None:
        reading.unreadable.append(Unreadable(locator, "start-not-stated", drug))
        return
    entry = {"drug": drug, "start_date": start}
    if end := _day(cells.get("EXENDTC")):
        entry["end_date"] = end
    if amount := cells.get("EXDOSE") or cells.get("EXDOSTXT"):
        entry["dose"] = f"{amount} {cells.get('EXDOSU', '')}".strip()
    reading.entries.append(RawEntry(locator, "treatments", _person(cells), entry))


def _event(locator: str, cells: Cells, reading: Reading) -> None:
    """An adverse event whose whole name is in our table.

    The dictionary's term decides where there is one, else the reporter's: what coders made of a
    word stands above the word.
    """
    if cells.get("AEOCCUR") == "N" or cells.get("AESTAT") == "NOT DONE":
        reading.pass_over("AE that did not happen or was not asked")
        return
    term = cells.get("AEDECOD") or cells.get("AETERM", "")
    category = event_called(term)
    if category is None:
        seen = _show(term) or "no AEDECOD and no AETERM"
        reading.unreadable.append(Unreadable(locator, "event-not-mapped", seen))
        return
    onset = _as_known(cells.get("AESTDTC"))
    if onset is None:
        reading.unreadable.append(Unreadable(locator, "no-onset-date", category))
        return
    entry = {
        "onset_date": onset,
        "category": category,
        "term": clean_text(cells.get("AETERM") or term),
        "serious": {"Y": "true", "N": "false"}.get(cells.get("AESER", "")),
        "outcome": _OUTCOMES.get(cells.get("AEOUT", "").upper()),
        "grade": grade if (grade := cells.get("AETOXGR", "")) in _GRADES else None,
        "code": f"MedDRA:{code}" if (code := cells.get("AEPTCD", "")).isdecimal() else None,
    }
    filled = {name: cell for name, cell in entry.items() if cell is not None}
    reading.entries.append(RawEntry(locator, "events", _person(cells), filled))


def _score(locator: str, cells: Cells, reading: Reading) -> None:
    """One score: the standardised number, since the original may be the words of the scale."""
    domain = cells["DOMAIN"]
    test, code = cells.get(f"{domain}TEST", ""), cells.get(f"{domain}TESTCD", "")
    measure = MEASURES.get(test)
    if measure is None:
        if code.upper().startswith(_FAMILIES):
            seen = _show(f"{code} {test}")
            reading.unreadable.append(Unreadable(locator, "score-not-mapped", seen))
        else:
            reading.pass_over(f"{domain} of {_show(cells.get(f'{domain}CAT', '')) or code}")
        return
    if cells.get(f"{domain}STAT") == "NOT DONE":
        reading.pass_over(f"{domain} not done")
        return
    value, unit = cells.get(f"{domain}STRESN"), cells.get(f"{domain}STRESU", "")
    day = _day(cells.get(f"{domain}DTC"))
    if value is None:
        reading.unreadable.append(Unreadable(locator, "value-not-a-number", measure))
    elif measure in _TIMED and unit.lower() not in _SECONDS:
        reason = "unit-not-permitted" if unit else "unit-missing"
        reading.unreadable.append(Unreadable(locator, reason, _show(f"{measure} {unit}")))
    elif day is None:
        reading.unreadable.append(Unreadable(locator, "no-visit-date", measure))
    else:
        score = {"date": day, "measure": measure, "value": value}
        reading.entries.append(RawEntry(locator, "assessments", _person(cells), score))


def _set_repeated_aside(reading: Reading) -> None:
    """Trials, hands and raters: of several scores on one day none is the score."""
    told = defaultdict(set)
    for entry in reading.entries:
        told[_visit(entry)].add(entry.cells.get("value"))
    kept = []
    for entry in reading.entries:
        if entry.table == "assessments" and len(told[_visit(entry)]) > 1:
            aside = Unreadable(entry.locator, "score-repeated", entry.cells["measure"])
            reading.unreadable.append(aside)
        else:
            kept.append(entry)
    reading.entries = kept


def _visit(entry: RawEntry) -> tuple[Identifier | None, str | None, str | None]:
    return entry.person, entry.cells.get("date"), entry.cells.get("measure")


def _day(written: str | None) -> str | None:
    """The day of an ISO 8601 date; None where it is known to the month or year only."""
    moment = parse_time(written or "")
    return None if moment is None else moment.day.isoformat()


def _as_known(written: str | None) -> str | None:
    """As much of an ISO 8601 date as is known."""
    return _day(written) or parse_partial_date(written or "")


def _is_zero(dose: str | None) -> bool:
    try:
        return dose is not None and float(dose) == 0
    except ValueError:
        return False


def _show(text: str) -> str:
    return clean_text(text)[:_SHOWN]


_DOMAINS = {
    "DM": _demographics,
    "EX": _treatment,
    "LB": _result,
    "AE": _event,
    "RS": _score,
    "QS": _score,
    "FT": _score,
}
