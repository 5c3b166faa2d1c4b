"""OMOP CDM 5.4: people, results, treatments, events and follow-up, table by table.

The tables of one folder are read together. A concept is a number that means something only beside
the CDM's own table ``concept``, and a person's number only beside ``cdm_source``, which says whose
it is. Nothing is downloaded and no concept is known by heart, but for the five comparators and the
two sexes that the model itself fixes.
"""

import io
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field

import polars as pl

from afterdose.ingest.cdm import NEEDED, PASSED_OVER, TABLES, table_named
from afterdose.ingest.codes import THE_DISEASE, Code, drugs_named, events_named
from afterdose.ingest.hooks import Reader, Start, hook
from afterdose.ingest.landing import Landed
from afterdose.ingest.readers.fhir_entries import join_days
from afterdose.ingest.rows import Identifier, RawEntry, RawPerson, RawResult, Reading, Unreadable
from afterdose.ingest.values import parse_number
from afterdose.record.errors import UnreadableInputError
from afterdose.record.units import clean_text

SYSTEMS = {
    "RxNorm": "http://www.nlm.nih.gov/research/umls/rxnorm",
    "ATC": "http://www.whocc.no/atc",
    "SNOMED": "http://snomed.info/sct",
    "ICD10": "http://hl7.org/fhir/sid/icd-10",
    "ICD10CM": "http://hl7.org/fhir/sid/icd-10-cm",
}
"""The model's vocabularies, by the addresses that `afterdose.ingest.codes` knows them by."""
_COMPARATORS = {"4171754": "<=", "4171755": ">=", "4171756": "<", "4172704": ">", "4172703": None}
_SEXES = {"8507": "male", "8532": "female"}
_NO_CONCEPT = "0"
_PRESCRIBED = ("ehr prescription", "prescription written")
"""Types of drug exposure that say what was prescribed, not what was taken."""
_SHOWN = 80

Cells = Mapping[str, str | None]


@dataclass(frozen=True, slots=True)
class Concept:
    """What a concept's number stands for."""

    vocabulary: str
    code: str
    name: str

    @property
    def as_code(self) -> Code:
        """The code by the address of its system."""
        return Code(SYSTEMS.get(self.vocabulary, self.vocabulary), self.code, self.name)


@dataclass
class _Cdm:
    """What the tables read so far say for those that follow."""

    name: str = ""
    concepts: list[pl.DataFrame] = field(default_factory=list)
    strengths: list[pl.DataFrame] = field(default_factory=list)

    @classmethod
    def of(cls, landed: Landed) -> "_Cdm":
        found = landed.shared.setdefault("omop", cls())
        assert isinstance(found, cls)
        return found

    def concepts_of(self, numbers: Iterable[str]) -> dict[str, Concept]:
        """The concepts of these numbers that are listed."""
        wanted = pl.Series("concept_id", sorted(set(numbers)), dtype=pl.String)
        found: dict[str, Concept] = {}
        for frame in self.concepts:
            kept = frame.filter(pl.col("concept_id").is_in(wanted.implode()))
            rows = kept.select(NEEDED["concept"]).fill_null("").rows()
            found |= {number: Concept(words, code, name) for number, name, words, code in rows}
        return found

    def ingredients_of(self, drugs: Iterable[str]) -> dict[str, str]:
        """By drug: its ingredient, of drugs that have one only."""
        wanted = pl.Series("drug_concept_id", sorted(set(drugs)), dtype=pl.String)
        pairs: dict[str, set[str]] = {}
        for frame in self.strengths:
            kept = frame.filter(pl.col("drug_concept_id").is_in(wanted.implode()))
            for drug, ingredient in kept.select(NEEDED["drug_strength"]).rows():
                pairs.setdefault(drug, set()).add(ingredient)
        return {drug: found.pop() for drug, found in pairs.items() if len(found) == 1}


@hook
def afterdose_readers() -> list[Reader]:
    """One reader for every table."""
    permitted = "tables of an OMOP CDM 5.4 as `.csv` or `.parquet`"
    return [Reader("omop", permitted, _is_table, read_omop)]


def _is_table(start: Start) -> bool:
    """By name and columns; those of Parquet stand at its end and are checked when it is read."""
    table = table_named(start.name)
    if table is None:
        return False
    if start.content.startswith(b"PAR1"):
        return True
    header, _ = _header(start.content)
    return set(TABLES[table]) <= set(header)


def _header(content: bytes) -> tuple[list[str], str]:
    """The columns' names and what stands between them: vocabularies are handed out with tabs."""
    line = content.partition(b"\n")[0].decode("utf-8", errors="replace").strip("\ufeff\r ")
    separator = "\t" if "\t" in line else ","
    return [name.strip(' "').lower() for name in line.split(separator)], separator


def read_omop(landed: Landed) -> Reading:
    """The rows of a table.

    Raises
    ------
    UnreadableInputError
        It is not what its name says, or no ``cdm_source`` says whose persons it speaks of.
    """
    table, cdm = str(table_named(landed.name)), _Cdm.of(landed)
    frame = _frame(landed, table)
    reading = Reading()
    if table in PASSED_OVER:
        _count(f"rows of {table}", frame, reading)
    elif table == "cdm_source":
        cdm.name = _name_of(landed.name, frame)
        _count("CDM named", frame, reading)
    elif table == "concept":
        cdm.concepts.append(frame)
        _count("concepts listed", frame, reading)
    elif table == "drug_strength":
        cdm.strengths.append(frame)
        _count("drug strengths listed", frame, reading)
    else:
        if not cdm.name:
            raise UnreadableInputError(
                f"{landed.name}: nothing says whose the numbers of its persons are. Permitted: "
                "with the CDM's table cdm_source beside it. Ingest them together."
            )
        _TABLES[table](_Rows(frame, cdm), reading)
    return reading


def _count(kind: str, frame: pl.DataFrame, reading: Reading) -> None:
    if frame.height:
        reading.passed_over[kind] = frame.height


def _frame(landed: Landed, table: str) -> pl.DataFrame:
    """Every column as text, its name in lower case; numbers of concepts without a fraction."""
    try:
        if landed.content.startswith(b"PAR1"):
            frame = pl.read_parquet(io.BytesIO(landed.content))
        else:
            _, separator = _header(landed.content)
            # Names of concepts hold quotation marks of their own where tabs separate them.
            quote = None if separator == "\t" else '"'
            text = io.StringIO(landed.content.decode("utf-8-sig"))
            frame = pl.read_csv(text, separator=separator, quote_char=quote, infer_schema=False)
        frame = frame.rename({name: name.strip().lower() for name in frame.columns})
        frame = frame.cast(pl.String)
    except (pl.exceptions.PolarsError, OSError, ValueError):
        raise _unreadable(landed.name, "cannot be read", table) from None
    missing = [name for name in TABLES[table] if name not in frame.columns]
    if missing:
        raise _unreadable(landed.name, f"has no column {', '.join(missing)}", table)
    text = pl.all().str.strip_chars()
    numbers = pl.col([name for name in frame.columns if name.endswith("_id")])
    frame = frame.with_columns(text).with_columns(numbers.str.replace(r"^(\d+)\.0+$", "$1"))
    return frame.with_columns(pl.when(pl.all() != "").then(pl.all()))


def _unreadable(name: str, seen: str, table: str) -> UnreadableInputError:
    return UnreadableInputError(
        f"{name} {seen}. Permitted for the table {table} of an OMOP CDM: CSV in UTF-8 or Parquet "
        f"with {', '.join(TABLES[table])}. Write the file anew."
    )


def _name_of(name: str, frame: pl.DataFrame) -> str:
    """What the CDM is called, which is who assigned its numbers of persons."""
    column = "cdm_source_abbreviation"
    column = column if column in frame.columns else "cdm_source_name"
    names = frame[column].drop_nulls().unique().to_list()
    if len(names) != 1:
        raise UnreadableInputError(
            f"{name} names {len(names)} sources. Permitted: one, by cdm_source_abbreviation or "
            "cdm_source_name. Ingest the tables of each source by themselves."
        )
    return clean_text(names[0])


class _Rows:
    """The rows of a table, with what their concepts stand for."""

    def __init__(self, frame: pl.DataFrame, cdm: _Cdm) -> None:
        self._frame = frame
        self._cdm = cdm
        names = [name for name in frame.columns if name.endswith("concept_id")]
        used = {number for name in names for number in frame[name].drop_nulls().unique()}
        drugs = frame["drug_concept_id"].drop_nulls() if "drug_concept_id" in frame.columns else ()
        self._ingredients = cdm.ingredients_of(drugs)
        self.concepts = cdm.concepts_of(used | set(self._ingredients.values()))

    def __iter__(self) -> "Iterable[tuple[str, Cells]]":  # type: ignore[misc]
        for number, cells in enumerate(self._frame.iter_rows(named=True), start=1):
            yield f"row {number}", cells

    def person(self, cells: Cells) -> Identifier | None:
        number = cells["person_id"]
        return Identifier(f"OMOP CDM {self._cdm.name}", number) if number else None

    def person_source(self, cells: Cells) -> Identifier | None:
        value = cells.get("person_source_value")
        assigner = f"person_source_value of {self._cdm.name}"
        return Identifier(assigner, value) if value else None

    def ingredient(self, drug: str) -> Concept | None:
        return self.concepts.get(self._ingredients.get(drug, ""))

    def meant(self, cells: Cells, column: str, source: str = "") -> list[Concept]:
        """The concept in a column, and that of its source where it is listed.

        Raises
        ------
        _NotListedError
            The first is not in the table of concepts.
        """
        number = cells.get(column) or _NO_CONCEPT
        if number != _NO_CONCEPT and number not in self.concepts:
            raise _NotListedError(f"{column} {number[:_SHOWN]}")
        numbers = (number, cells.get(source) or _NO_CONCEPT)
        # Sources have concepts of their own, which no shared vocabulary lists.
        return [
            self.concepts[one] for one in numbers if one != _NO_CONCEPT and one in self.concepts
        ]


class _NotListedError(Exception):
    """A concept that nothing says the meaning of."""


def _people(rows: _Rows, reading: Reading) -> None:
    for locator, cells in rows:
        person, source = rows.person(cells), rows.person_source(cells)
        if person is None:
            reading.unreadable.append(Unreadable(locator, "person-unknown", "person_id"))
            continue
        identifiers = (person,) if source is None else (person, source)
        sex = _SEXES.get(cells["gender_concept_id"] or "")
        reading.people.append(RawPerson(locator, identifiers, sex, _birth(cells)))


def _birth(cells: Cells) -> str | None:
    """As much of the birth date as is told, from the year on."""
    parts = []
    for column, width in (("year_of_birth", 4), ("month_of_birth", 2), ("day_of_birth", 2)):
        part = (cells.get(column) or "").removesuffix(".0")
        if not part:
            break
        parts.append(part.zfill(width))
    return "-".join(parts) or None


def _deaths(rows: _Rows, reading: Reading) -> None:
    for locator, cells in rows:
        person = rows.person(cells)
        if person is None:
            reading.unreadable.append(Unreadable(locator, "person-unknown", "person_id"))
        else:
            died = _day(cells["death_date"]) or "unknown"
            reading.people.append(RawPerson(locator, (person,), death_date=died))


def _measurements(rows: _Rows, reading: Reading) -> None:
    for locator, cells in rows:
        try:
            reading.results.append(_result(locator, cells, rows))
        except _NotListedError as error:
            reading.unreadable.append(Unreadable(locator, "concept-not-listed", str(error)))


def _result(locator: str, cells: Cells, rows: _Rows) -> RawResult:
    tests = rows.meant(cells, "measurement_concept_id", "measurement_source_concept_id")
    codes = [_result_code(test) for test in tests]
    if not codes:
        codes = [("measurement_source_value", cells.get("measurement_source_value") or "", "")]
    value, unit = cells.get("value_as_number"), cells.get("unit_source_value")
    if value is None:
        words = rows.meant(cells, "value_as_concept_id")
        value = words[0].name if words else cells.get("value_source_value")
    units = rows.meant(cells, "unit_concept_id")
    low, high = cells.get("range_low") or "", cells.get("range_high") or ""
    return RawResult(
        locator=locator,
        person=rows.person(cells),
        codes=tuple(codes),
        # The model keeps no status; a CDM is made from results that were final.
        status="final",
        value=value,
        unit=units[0].code if units else unit,
        printed_unit=unit if units else None,
        comparator=_comparator(cells),
        range_text=f"{low}..{high}" if low or high else None,
        specimen_time=_moment(cells),
    )


def _result_code(test: Concept) -> tuple[str, str, str]:
    system = "loinc" if test.vocabulary == "LOINC" else test.vocabulary
    return system, test.code, test.name


def _comparator(cells: Cells) -> str | None:
    """The operator's, else that of the value as the source wrote it: ``<5`` is not 5."""
    number = cells.get("operator_concept_id")
    source = parse_number(cells.get("value_source_value") or "")
    written = source.comparator if source else None
    if number is None or number == _NO_CONCEPT:
        return written
    stated = _COMPARATORS.get(number, f"concept {number[:_SHOWN]}")
    # An operator that says "equal" beside a source that says "less" says too much.
    return f"= and {written}" if written and stated is None else stated


def _moment(cells: Cells) -> str | None:
    """The day, with the time where one was told: midnight stands for none."""
    day, moment = _day(cells["measurement_date"]), cells.get("measurement_datetime") or ""
    date, _, time = moment.replace("T", " ").partition(" ")
    is_told = day is not None and date == day and bool(time.replace("00", "").strip(":.0"))
    return f"{day}T{time}" if is_told else day


def _exposures(rows: _Rows, reading: Reading) -> None:
    for locator, cells in rows:
        try:
            types = rows.concepts.get(cells.get("drug_type_concept_id") or "")
            if types is not None and types.name.lower().startswith(_PRESCRIBED):
                reading.pass_over("drug_exposure prescribed")
                continue
            concepts = rows.meant(cells, "drug_concept_id", "drug_source_concept_id")
        except _NotListedError as error:
            reading.unreadable.append(Unreadable(locator, "concept-not-listed", str(error)))
            continue
        one = rows.ingredient(cells["drug_concept_id"] or "")
        codes = [concept.as_code for concept in (*concepts, *((one,) if one else ()))]
        found = drugs_named(codes, cells.get("drug_source_value"))
        start = _day(cells["drug_exposure_start_date"])
        if len(found) > 1:
            aside = Unreadable(locator, "codes-disagree", " and ".join(sorted(found)))
            reading.unreadable.append(aside)
        elif not found:
            seen = f"{concepts[0].code} {concepts[0].name}" if concepts else "no concept"
            reading.unreadable.append(Unreadable(locator, "drug-not-known", _show(seen)))
        elif start is None:
            reading.unreadable.append(Unreadable(locator, "start-not-stated", min(found)))
        else:
            entry = {"drug": found.pop(), "start_date": start}
            if end := _day(cells.get("drug_exposure_end_date")):
                entry["end_date"] = end
            reading.entries.append(RawEntry(locator, "treatments", rows.person(cells), entry))
    join_days(reading, {entry.locator for entry in reading.entries})


def _conditions(rows: _Rows, reading: Reading) -> None:
    for locator, cells in rows:
        try:
            concepts = rows.meant(cells, "condition_concept_id", "condition_source_concept_id")
        except _NotListedError as error:
            reading.unreadable.append(Unreadable(locator, "concept-not-listed", str(error)))
            continue
        status = rows.concepts.get(cells.get("condition_status_concept_id") or "")
        events = events_named(concept.as_code for concept in concepts)
        if not events:
            reading.pass_over("condition_occurrence")
        elif events[0].category == THE_DISEASE:
            reading.pass_over("condition_occurrence of MS itself")
        elif status is not None and "preliminary" in status.name.lower():
            reading.pass_over("condition_occurrence not confirmed")
        elif len({event.category for event in events}) > 1:
            seen = " and ".join(event.code for event in events)
            reading.unreadable.append(Unreadable(locator, "codes-disagree", seen))
        elif (onset := _day(cells["condition_start_date"])) is None:
            reading.unreadable.append(Unreadable(locator, "no-onset-date", events[0].code))
        else:
            event = {"onset_date": onset, "category": events[0].category, "code": events[0].code}
            if concepts[0].name:
                event["term"] = concepts[0].name
            reading.entries.append(RawEntry(locator, "events", rows.person(cells), event))


def _periods(rows: _Rows, reading: Reading) -> None:
    for locator, cells in rows:
        start, end = (
            _day(cells[f"observation_period_{which}_date"]) or "" for which in ("start", "end")
        )
        span = {"start_date": start, "end_date": end}
        known = {name: day for name, day in span.items() if day}
        reading.entries.append(RawEntry(locator, "follow_up", rows.person(cells), known))


def _day(written: str | None) -> str | None:
    """The day of a date or a date and time, as it is written."""
    return (written or "").replace("T", " ").partition(" ")[0] or None


def _show(text: str) -> str:
    return clean_text(text)[:_SHOWN]


_TABLES = {
    "person": _people,
    "death": _deaths,
    "measurement": _measurements,
    "drug_exposure": _exposures,
    "condition_occurrence": _conditions,
    "observation_period": _periods,
}
