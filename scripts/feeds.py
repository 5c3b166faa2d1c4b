"""Writes what a hospital hands over: a bulk export of Observations, and a laboratory's messages.

The same arguments give the same bytes. An Observation has what real lines have: the members of
Synthea's bulk export, in its order, and what hospital servers add. Nobody in it exists.
"""

import random
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import date, datetime, timedelta
from pathlib import Path
from typing import NamedTuple

MESSAGES_A_PERSON = 8
"""How often a person stands in the feed."""
FIRST_SAMPLED = 24
"""How many results at the beginning are compared whatever else is: slow peers read no further."""
NARRATIVE_BYTES = 3_700
"""What a server's generated narrative adds to a line."""

_OUTPUT_BYTES = 1 << 20


class Test(NamedTuple):
    """What one test's results look like.

    ``panel`` is the order it is reported with; ``low`` and ``high`` are the range of the first
    laboratory.
    """

    code: str
    name: str
    local: str
    unit: str
    shown_unit: str
    middle: float
    low: float
    high: float
    decimals: int
    panel: int


TESTS = (
    Test("777-3", "Platelets [#/volume] in Blood by Automated count", "Platelets",
         "10*9/L", "10^9/L", 240, 150, 400, 0, 0),
    Test("6690-2", "Leukocytes [#/volume] in Blood by Automated count", "White cell count",
         "10*9/L", "10^9/L", 6.4, 4, 11, 2, 0),
    Test("718-7", "Hemoglobin [Mass/volume] in Blood", "Haemoglobin",
         "g/dL", "g/dL", 13.8, 12, 16, 1, 0),
    Test("731-0", "Lymphocytes [#/volume] in Blood by Automated count", "Lymphocytes",
         "10*9/L", "10^9/L", 1.6, 1, 4, 2, 0),
    Test("751-8", "Neutrophils [#/volume] in Blood by Automated count", "Neutrophils",
         "10*9/L", "10^9/L", 3.9, 2, 7.5, 2, 0),
    Test("2160-0", "Creatinine [Mass/volume] in Serum or Plasma", "Creatinine",
         "mg/dL", "mg/dL", 0.82, 0.5, 1.1, 2, 1),
    Test("1742-6", "Alanine aminotransferase [Enzymatic activity/volume] in Serum or Plasma", "ALT",
         "U/L", "U/L", 26, 7, 45, 0, 1),
    Test("3016-3", "Thyrotropin [Units/volume] in Serum or Plasma", "TSH",
         "m[IU]/L", "mIU/L", 1.9, 0.4, 4.2, 3, 2),
)  # fmt: skip
PANELS = (
    "58410-2^CBC panel - Blood by Automated count^LN",
    "24323-8^Comprehensive metabolic 2000 panel - Serum or Plasma^LN",
    "3016-3^Thyrotropin [Units/volume] in Serum or Plasma^LN",
)
LABORATORIES = ("Central laboratory", "St Mary's pathology", "Northern blood sciences")


class Shape(NamedTuple):
    """How lines of an export are written.

    Attributes
    ----------
    is_bare : bool
        As Synthea writes them: no version, performer, interpretation or range, and a value of up
        to seventeen digits, so that hardly two are alike.
    has_identifiers : bool
        An identifier of each Observation, and the specimen it was made on.
    has_vital_signs : bool
        With every draw a weight and a blood pressure: no laboratory results.
    has_narrative : bool
        The text a server writes for people to read.
    """

    is_bare: bool = False
    has_identifiers: bool = False
    has_vital_signs: bool = False
    has_narrative: bool = False


SHAPES = {
    "hospital": Shape(),
    "synthea": Shape(is_bare=True),
    "identifiers": Shape(has_identifiers=True),
    "vital-signs": Shape(has_vital_signs=True),
    "narrative": Shape(has_narrative=True),
}


class Result(NamedTuple):
    """One result: ``value`` as it is written, ``bound`` where it is only a bound."""

    test: Test
    value: str
    bound: str
    low: str
    high: str
    flag: str


@dataclass(frozen=True)
class Person:
    """Somebody who does not exist."""

    id: str
    number: int
    is_female: bool
    born: date
    levels: tuple[float, ...]


class Draw(NamedTuple):
    """One visit to have blood taken; ``number`` counts those of everybody."""

    number: int
    person: Person
    laboratory: int
    taken: datetime
    zone: str


def people_of(count: int, chance: random.Random) -> list[Person]:
    """People with a usual level of their own of every test."""
    return [
        Person(
            _uuid(chance),
            number,
            chance.random() < 0.7,
            date(1950, 1, 1) + timedelta(days=chance.randrange(18_000)),
            tuple(chance.uniform(0.75, 1.25) for _ in TESTS),
        )
        for number in range(count)
    ]


def draws_of(people: list[Person], times: int, chance: random.Random) -> Iterator[Draw]:
    """Draws in the order a server keeps them: by month, people in another order each time."""
    order = list(people)
    number = 0
    for month in range(times):
        chance.shuffle(order)
        for person in order:
            day = date(2015, 1, 5) + timedelta(days=30 * month + chance.randrange(12))
            time = timedelta(hours=chance.randrange(7, 17), seconds=chance.randrange(3600))
            taken = datetime.fromisoformat(day.isoformat()) + time
            zone = "+02:00" if 4 <= day.month <= 10 else "+01:00"
            yield Draw(number, person, chance.randrange(len(LABORATORIES)), taken, zone)
            number += 1


def results_of(draw: Draw, chance: random.Random, *, is_exact: bool = False) -> Iterator[Result]:
    """Everything reported of one draw; some values are bounds.

    ``is_exact`` gives every value all its digits.
    """
    # Ranges differ between laboratories, by sex, and since the method was changed.
    by = 1 + 0.03 * draw.laboratory + 0.02 * draw.person.is_female + 0.05 * (draw.taken.year > 2016)
    for test, level in zip(TESTS, draw.person.levels, strict=True):
        exact = test.middle * level * chance.uniform(0.6, 1.5)
        low, high = test.low * by, test.high * by
        bound, places = "", test.decimals
        value = repr(exact) if is_exact else f"{exact:.{places}f}"
        if test.code == "3016-3" and not is_exact and chance.random() < 0.02:
            value, bound, exact = "0.005", "<", 0.005
        flag = "L" if exact < low else "H" if exact > high else "N"
        yield Result(test, value, bound, f"{low:.{places}f}", f"{high:.{places}f}", flag)


# The export -------------------------------------------------------------------------------------


def write_export(
    folder: Path, people: int, draws: int, shape: Shape, sampled: int
) -> dict[str, object]:
    """Write `Patient.ndjson` and `Observation.ndjson`.

    Parameters
    ----------
    folder : Path
        Made where it is not there.
    people, draws : int
        How many people, and how often each has blood taken; eight results each time.
    shape : Shape
    sampled : int
        How many results to name for a comparison, evenly spread, beside the first.

    Returns
    -------
    dict
        How many people, ``results`` and other lines; bytes; the sample, each by its identifier,
        else its id.

    Examples
    --------
    >>> from tempfile import TemporaryDirectory
    >>> with TemporaryDirectory() as folder:
    ...     made = write_export(Path(folder), 2, 3, Shape(), sampled=4)
    >>> made["results"], len(made["sample"])
    (48, 26)
    """
    chance = random.Random(5)  # noqa: S311, nothing secret hangs on it
    folder.mkdir(parents=True, exist_ok=True)
    everybody = people_of(people, chance)
    (folder / "Patient.ndjson").write_text("".join(map(_patient, everybody)), encoding="utf-8")
    results, others, sample = 0, 0, []
    every = _step(people * draws * len(TESTS), sampled)
    path = folder / "Observation.ndjson"
    with path.open("w", encoding="utf-8", buffering=_OUTPUT_BYTES) as out:
        for draw in draws_of(everybody, draws, chance):
            encounter = _uuid(chance)
            issued = [_issued(draw, chance) for _ in PANELS]
            for result in results_of(draw, chance, is_exact=shape.is_bare):
                own = _uuid(chance)
                if results < FIRST_SAMPLED or results % every == 0:
                    sample.append(_identifier(draw, result.test) if shape.has_identifiers else own)
                results += 1
                time = issued[result.test.panel]
                if shape.is_bare:
                    out.write(_bare_line(own, draw, encounter, time, result))
                else:
                    out.write(_line(own, draw, encounter, time, result, shape))
            if shape.has_vital_signs:
                for line in _vital_signs(draw, encounter, issued[0], chance):
                    out.write(line)
                    others += 1
    return {
        "people": people,
        "results": results,
        "other lines": others,
        "bytes": path.stat().st_size,
        "sample": sample,
    }


_CATEGORY = (
    '"category":[{"coding":[{"system":"http://terminology.hl7.org/CodeSystem/observation-category"'
    ',"code":"laboratory","display":"Laboratory"}],"text":"Laboratory"}]'
)
_INTERPRETATION = {
    flag: '"interpretation":[{"coding":[{"system":"http://terminology.hl7.org/CodeSystem/'
    f'v3-ObservationInterpretation","code":"{flag}","display":"{name}"}}]}}]'
    for flag, name in {"L": "Low", "N": "Normal", "H": "High"}.items()
}
_PERFORMER = tuple(
    f'"performer":[{{"reference":"Organization/{number + 1}","display":"{name}"}}]'
    for number, name in enumerate(LABORATORIES)
)


def _patient(person: Person) -> str:
    gender = "female" if person.is_female else "male"
    return (
        f'{{"resourceType":"Patient","id":"{person.id}","identifier":[{{"system":'
        f'"urn:example:hospital","value":"{person.number:08d}"}}],"gender":"{gender}",'
        f'"birthDate":"{person.born}"}}\n'
    )


def _head(own: str, lastly: str, draw: Draw, encounter: str, result: Result, shown: str) -> str:
    """All that hospitals and Synthea write alike, up to the times."""
    test = result.test
    return (
        f'{{"resourceType":"Observation","id":"{own}",{lastly}"status":"final",{_CATEGORY},'
        f'"code":{{"coding":[{{"system":"http://loinc.org","code":"{test.code}",'
        f'"display":"{test.name}"}}],"text":"{shown}"}},'
        f'"subject":{{"reference":"Patient/{draw.person.id}"}},'
        f'"encounter":{{"reference":"Encounter/{encounter}"}},'
        f'"effectiveDateTime":"{draw.taken.isoformat()}{draw.zone}",'
    )


def _bare_line(own: str, draw: Draw, encounter: str, issued: str, result: Result) -> str:
    unit = result.test.unit
    profile = (
        '"meta":{"profile":["http://hl7.org/fhir/us/core/StructureDefinition/'
        'us-core-observation-lab"]},'
    )
    return (
        f"{_head(own, profile, draw, encounter, result, result.test.name)}"
        f'"issued":"{issued}","valueQuantity":{{"value":{result.value},"unit":"{unit}",'
        f'"system":"http://unitsofmeasure.org","code":"{unit}"}}}}\n'
    )


def _line(own: str, draw: Draw, encounter: str, issued: str, result: Result, shape: Shape) -> str:
    test = result.test
    meta = (
        f'"meta":{{"versionId":"1","lastUpdated":"{issued}","profile":["http://hl7.org/fhir/us/core'
        '/StructureDefinition/us-core-observation-lab"]},'
    )
    unit = f'"unit":"{test.shown_unit}","system":"http://unitsofmeasure.org","code":"{test.unit}"}}'
    bound = f'"comparator":"{result.bound}",' if result.bound else ""
    if shape.has_narrative:
        meta += f'"text":{{"status":"generated","div":"{_narrative(result)}"}},'
    if shape.has_identifiers:
        meta += (
            '"identifier":[{"use":"official","system":"urn:example:laboratory-results",'
            f'"value":"{_identifier(draw, test)}"}}],'
        )
    specimen = (
        f',"specimen":{{"reference":"Specimen/{draw.number}-{test.panel}","display":"Blood"}}'
        if shape.has_identifiers
        else ""
    )
    return (
        f"{_head(own, meta, draw, encounter, result, test.local)}"
        f'"issued":"{issued}",{_PERFORMER[draw.laboratory]},'
        f'"valueQuantity":{{"value":{result.value},{bound}{unit},'
        f"{_INTERPRETATION[result.flag]}{specimen},"
        f'"referenceRange":[{{"low":{{"value":{result.low},{unit},'
        f'"high":{{"value":{result.high},{unit}}}]}}\n'
    )


def _identifier(draw: Draw, test: Test) -> str:
    """The laboratory's own number of a result."""
    return f"R{draw.number:08d}-{test.code}"


def _narrative(result: Result) -> str:
    """Words of the length servers generate; the length is what matters here."""
    told = f"<p>{result.test.name}: {result.value} {result.test.shown_unit}</p>"
    div = '<div xmlns=\\"http://www.w3.org/1999/xhtml\\">'
    return f"{div}{told * (NARRATIVE_BYTES // len(told))}</div>"


def _vital_signs(draw: Draw, encounter: str, issued: str, chance: random.Random) -> Iterator[str]:
    rest = (
        '"status":"final","category":[{"coding":[{"system":"http://terminology.hl7.org/CodeSystem/'
        'observation-category","code":"vital-signs","display":"Vital Signs"}]}],'
        f'"subject":{{"reference":"Patient/{draw.person.id}"}},'
        f'"encounter":{{"reference":"Encounter/{encounter}"}},'
        f'"effectiveDateTime":"{draw.taken.isoformat()}{draw.zone}","issued":"{issued}",'
    )

    def coded(code: str, name: str) -> str:
        return (
            f'"code":{{"coding":[{{"system":"http://loinc.org","code":"{code}",'
            f'"display":"{name}"}}],"text":"{name}"}},'
        )

    def quantity(value: str, unit: str) -> str:
        return (
            f'"valueQuantity":{{"value":{value},"unit":"{unit}",'
            f'"system":"http://unitsofmeasure.org","code":"{unit}"}}'
        )

    def begun() -> str:
        return f'{{"resourceType":"Observation","id":"{_uuid(chance)}",{rest}'

    weight = quantity(f"{chance.uniform(45, 110):.1f}", "kg")
    yield f"{begun()}{coded('29463-7', 'Body weight')}{weight}}}\n"
    upper = quantity(str(chance.randrange(95, 165)), "mm[Hg]")
    lower = quantity(str(chance.randrange(55, 100)), "mm[Hg]")
    yield (
        f"{begun()}{coded('85354-9', 'Blood pressure panel')}"
        f'"component":[{{{coded("8480-6", "Systolic blood pressure")}{upper}}},'
        f"{{{coded('8462-4', 'Diastolic blood pressure')}{lower}}}]}}\n"
    )


def _issued(draw: Draw, chance: random.Random) -> str:
    """Some hours after the draw, to the millisecond, as servers stamp it."""
    time = draw.taken + timedelta(minutes=chance.randrange(40, 420), seconds=chance.randrange(60))
    return f"{time.isoformat()}.{chance.randrange(1000):03d}{draw.zone}"


def _step(results: int, sampled: int) -> int:
    """An odd one, so that the sample comes round to every test."""
    return max(1, results // sampled) | 1


def _uuid(chance: random.Random) -> str:
    digits = f"{chance.getrandbits(128):032x}"
    return f"{digits[:8]}-{digits[8:12]}-{digits[12:16]}-{digits[16:20]}-{digits[20:]}"


# The feed ---------------------------------------------------------------------------------------


def write_feed(path: Path, messages: int, sampled: int) -> dict[str, object]:
    r"""Write HL7 v2.5.1 ORU^R01 messages of eight results in three orders.

    Parameters
    ----------
    path : Path
    messages : int
    sampled : int
        How many results to name for a comparison, evenly spread, beside the first.

    Returns
    -------
    dict
        How many people, ``messages`` and ``results``; bytes; the sample, each as the laboratory's
        number of the order and the code.

    Examples
    --------
    >>> from tempfile import TemporaryDirectory
    >>> with TemporaryDirectory() as folder:
    ...     made = write_feed(Path(folder) / "feed.hl7", 3, sampled=2)
    >>> made["results"], made["sample"][:2]
    (24, ['F0000000-0|777-3', 'F0000000-0|6690-2'])
    """
    chance = random.Random(6)  # noqa: S311, nothing secret hangs on it
    path.parent.mkdir(parents=True, exist_ok=True)
    count = -(-messages // MESSAGES_A_PERSON)
    everybody = people_of(count, chance)
    results, sample = 0, []
    every = _step(messages * len(TESTS), sampled)
    seen = set()
    with path.open("w", encoding="utf-8", newline="", buffering=_OUTPUT_BYTES) as out:
        for draw in draws_of(everybody, MESSAGES_A_PERSON, chance):
            if draw.number == messages:
                break
            seen.add(draw.person.number)
            found = list(results_of(draw, chance))
            for result in found:
                if results < FIRST_SAMPLED or results % every == 0:
                    sample.append(f"{_order(draw, result.test.panel)}|{result.test.code}")
                results += 1
            out.write("\r".join(_segments(draw, found, chance)) + "\r")
    return {
        "people": len(seen),
        "messages": messages,
        "results": results,
        "bytes": path.stat().st_size,
        "sample": sample,
    }


def _segments(draw: Draw, results: list[Result], chance: random.Random) -> Iterator[str]:
    person, laboratory = draw.person, LABORATORIES[draw.laboratory]
    offset = draw.zone.replace(":", "")
    taken = f"{draw.taken:%Y%m%d%H%M%S}{offset}"
    told = f"{draw.taken + timedelta(minutes=chance.randrange(40, 420)):%Y%m%d%H%M%S}{offset}"
    sex = "F" if person.is_female else "M"
    yield (
        f"MSH|^~\\&|LIS|Example pathology|EHR|Example hospital|{told}||ORU^R01^ORU_R01|"
        f"M{draw.number:08d}|P|2.5.1|||AL|NE||UNICODE UTF-8"
    )
    yield (
        f"PID|1||{person.number:08d}^^^HOSP^MR||Nobody^N{person.number}^^^^^L||"
        f"{person.born:%Y%m%d}|{sex}|||1 No Street^^Nowhere^^00000^^H||^PRN^PH^^^000^0000000"
    )
    yield f"PV1|1|O|NEURO^^^Example hospital||||0001^Nobody^Dr|||NEU||||||||V{draw.number:08d}"
    for panel, name in enumerate(PANELS):
        order = _order(draw, panel)
        yield f"ORC|RE|P{draw.number:07d}-{panel}^EHR|{order}^LIS|||CM"
        yield (
            f"OBR|{panel + 1}|P{draw.number:07d}-{panel}^EHR|{order}^LIS|{name}|||{taken}"
            f"|||||||||0001^Nobody^Dr||||||{told}||LAB|F"
        )
        for place, result in enumerate((r for r in results if r.test.panel == panel), start=1):
            yield _obx(place, result, taken, told, laboratory)
        if chance.random() < 0.1:
            yield "NTE|1|L|Sample slightly haemolysed\\T\\ lipaemic: read with care."


def _obx(place: int, result: Result, taken: str, told: str, laboratory: str) -> str:
    test = result.test
    kind, value = ("SN", f"{result.bound}^{result.value}") if result.bound else ("NM", result.value)
    shown = test.shown_unit.replace("^", "\\S\\")
    return (
        f"OBX|{place}|{kind}|{test.code}^{test.name}^LN^{test.local[:4].upper()}^{test.local}^L||"
        f"{value}|{test.unit}^{shown}^UCUM|{result.low}-{result.high}|{result.flag}|||F|||{taken}"
        f"|||||{told}||||{laboratory}"
    )


def _order(draw: Draw, panel: int) -> str:
    """The laboratory's number of an order."""
    return f"F{draw.number:07d}-{panel}"
