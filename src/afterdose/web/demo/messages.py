"""What arrived at the demo clinic in its last days: messages as three laboratories send them."""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from datetime import datetime, time, timedelta

HOSPITAL, CITY, HARBOUR = "University Hospital", "City Laboratory", "Harbour Diagnostics"
AUTHORITY = "DEMO"
"""Who gave people the numbers that messages carry."""


def assigner_of(laboratory: str) -> str:
    """As whose number a laboratory's messages name a person."""
    return f"{laboratory}/{AUTHORITY}"


@dataclass(frozen=True)
class Message:
    """A message, the feed it comes by and when it landed."""

    feed: str
    landed_at: datetime
    body: bytes


@dataclass(frozen=True)
class _Result:
    code: str
    name: str
    value: str
    unit: str
    limits: str
    status: str = "F"


_BLOOD = (
    _Result("777-3", "Platelets", "228", "10*9/L", "150-400"),
    _Result("718-7", "Haemoglobin", "134", "g/L", "120-165"),
    _Result("6690-2", "Leukocytes", "5.1", "10*9/L", "4-11"),
    _Result("751-8", "Neutrophils", "3.1", "10*9/L", "1.8-7.5"),
    _Result("731-0", "Lymphocytes", "1.3", "10*9/L", "1.0-4.0"),
)
_KIDNEY = (_Result("14682-9", "Creatinine", "71", "umol/L", "45-104"),)
_THYROID = (_Result("3016-3", "TSH", "1.9", "mIU/L", "0.4-4.0"),)
_LOW = (_Result("777-3", "Platelets", "74", "10*9/L", "150-400"),)
_IN_GRAMS = (_Result("777-3", "Platelets", "2.1", "g/L", ""),)
_OWN_CODE = (_Result("PLT-X", "Platelets own method", "190", "10*9/L", "150-400"),)
_FAILED = (_Result("777-3", "Platelets", "clotted", "10*9/L", "150-400"),)


def messages_until(last: datetime, numbers: Sequence[str]) -> Iterator[Message]:
    """Two dozen messages, oldest first.

    Parameters
    ----------
    last : datetime
        The morning of the clinic's last day.
    numbers : sequence of str
        The numbers of people whom they are about; a dozen or more.

    Notes
    -----
    Most are unremarkable. One fall of platelets; one unit and one code that cannot be read; one
    value that is none; two about somebody nobody knows; one corrected; one sent twice. Harbour
    Diagnostics fell silent three weeks ago.
    """
    morning = last.replace(hour=7, minute=12, second=0)
    plan: list[tuple[str, float, str, tuple[_Result, ...]]] = [
        (HARBOUR, 23.0, numbers[0], _BLOOD),
        (HARBOUR, 22.1, numbers[1], _KIDNEY),
        (CITY, 3.3, numbers[2], _BLOOD),
        (CITY, 3.2, numbers[3], _THYROID),
        (CITY, 2.4, numbers[4], _IN_GRAMS),
        (CITY, 2.3, "unknown-0001", _BLOOD),
        (HOSPITAL, 2.2, numbers[5], _BLOOD + _KIDNEY),
        (HOSPITAL, 1.9, numbers[6], _OWN_CODE),
        (HOSPITAL, 1.4, numbers[7], _FAILED),
        (HOSPITAL, 1.3, numbers[8], _BLOOD),
        (CITY, 1.1, "unknown-0002", _KIDNEY),
        (CITY, 1.0, numbers[9], _BLOOD),
        (HOSPITAL, 0.6, numbers[10], _BLOOD + _THYROID),
        (HOSPITAL, 0.5, numbers[11], _KIDNEY),
        (HOSPITAL, 0.0, numbers[4], _LOW),
    ]
    for place, (feed, days, number, results) in enumerate(plan, start=1):
        landed = morning - timedelta(days=days)
        yield Message(feed, landed, _oru(feed, place, number, landed, results))
    # The laboratory looked again: its first count stands corrected, and is sent twice.
    landed = morning + timedelta(minutes=3)
    corrected = tuple(
        _Result(one.code, one.name, "141" if one.code == "777-3" else one.value, one.unit,
                one.limits, "C")
        for one in _BLOOD
    )  # fmt: skip
    for minutes in (0, 4):
        body = _oru(HOSPITAL, 10, numbers[8], morning - timedelta(days=1.3), corrected)
        yield Message(HOSPITAL, landed + timedelta(minutes=minutes), body)


def _oru(
    laboratory: str, place: int, number: str, landed: datetime, results: tuple[_Result, ...]
) -> bytes:
    taken = datetime.combine(landed.date() - timedelta(days=1), time(8, 40))
    stamp, drawn = f"{landed:%Y%m%d%H%M%S}", f"{taken:%Y%m%d%H%M%S}"
    segments = [
        rf"MSH|^~\&|LabSystem|{laboratory}|Clinic|Demo|{stamp}||ORU^R01|D{place:04}|P|2.5.1",
        f"PID|1||{number}^^^{AUTHORITY}^MR||Person^Demo",
        f"OBR|1||R{place:04}^LabSystem|58410-2^Tests^LN|||{drawn}",
        *(
            f"OBX|{line}|{'ST' if one.value.isalpha() else 'NM'}|{one.code}^{one.name}^LN||"
            f"{one.value}|{one.unit}|{one.limits}||||{one.status}|||{drawn}"
            for line, one in enumerate(results, start=1)
        ),
    ]
    return ("\r".join(segments) + "\r").encode()
