"""People who do not exist, their blood draws and results: what simulated senders write down."""

import random
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import date, datetime, timedelta
from typing import NamedTuple

FIRST_SAMPLED = 24
"""How many results at the beginning are compared whatever else is: slow peers read no further."""
OUTPUT_BYTES = 1 << 20
"""How much is written to a file at a time."""


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
            random_id(chance),
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
        exact = test.middle * level * chance.uniform(0.6, 1.4)
        low, high = test.low * by, test.high * by
        bound, places = "", test.decimals
        value = repr(exact) if is_exact else f"{exact:.{places}f}"
        if test.code == "3016-3" and not is_exact and chance.random() < 0.02:
            value, bound, exact = "0.005", "<", 0.005
        flag = "L" if exact < low else "H" if exact > high else "N"
        yield Result(test, value, bound, f"{low:.{places}f}", f"{high:.{places}f}", flag)


def sampling_step(results: int, sampled: int) -> int:
    """An odd one, so that the sample comes round to every test."""
    return max(1, results // sampled) | 1


def random_id(chance: random.Random) -> str:
    digits = f"{chance.getrandbits(128):032x}"
    return f"{digits[:8]}-{digits[8:12]}-{digits[12:16]}-{digits[16:20]}-{digits[20:]}"
