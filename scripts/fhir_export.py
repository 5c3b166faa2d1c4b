"""Writes a bulk export of Observations as a hospital's server would.

The same arguments give the same bytes. A line has the members of a line of Synthea's bulk export,
in its order, and what servers of hospitals add.
"""

import random
from collections.abc import Iterator
from datetime import timedelta
from pathlib import Path
from typing import NamedTuple

from blood_draws import (
    FIRST_SAMPLED,
    LABORATORIES,
    OUTPUT_BYTES,
    PANELS,
    TESTS,
    Draw,
    Person,
    Result,
    Test,
    draws_of,
    people_of,
    random_id,
    results_of,
    sampling_step,
)

NARRATIVE_BYTES = 3_700
"""What a server's generated narrative adds to a line."""


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
    every = sampling_step(people * draws * len(TESTS), sampled)
    path = folder / "Observation.ndjson"
    with path.open("w", encoding="utf-8", buffering=OUTPUT_BYTES) as out:
        for draw in draws_of(everybody, draws, chance):
            encounter = random_id(chance)
            issued = [_issued(draw, chance) for _ in PANELS]
            for result in results_of(draw, chance, is_exact=shape.is_bare):
                own = random_id(chance)
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
        f'"urn:example:hospital","value":"4{person.number:07d}"}}],"gender":"{gender}",'
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
        return f'{{"resourceType":"Observation","id":"{random_id(chance)}",{rest}'

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
