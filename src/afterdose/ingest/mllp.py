"""What a sender is answered: AA, AE or AR, in the sender's own separators.

Answers are those of HL7's original mode, whatever MSH-15 and MSH-16 ask for.
"""

from dataclasses import dataclass
from datetime import datetime
from typing import Literal

from afterdose.ingest.journal import END, START
from afterdose.ingest.readers.hl7v2 import RESULT_MESSAGES, kind_of, read_hl7v2
from afterdose.ingest.readers.hl7v2_messages import Notation, Segment, header_of, lines_of

Code = Literal["AA", "AE", "AR"]


@dataclass(frozen=True)
class Verdict:
    """What is said of a message.

    Attributes
    ----------
    code : str
        AA: it is kept, and can be read. AE: it is kept, and something in it was set aside because
        it cannot be read or is nobody's. AR: it is not kept.
    text : str
        Why, without a person's values.
    notation : Notation
    header : Segment
        The sender's; of its own fields only what an answer repeats is used, as written.
    """

    code: Code
    text: str
    notation: Notation
    header: Segment


_NO_HEADER = Segment(1, "MSH", ["MSH"])


def judge(message: bytes) -> Verdict:
    """What to answer to a message, if it can be kept.

    Examples
    --------
    >>> judge(b"hello").code, judge(rb"MSH|^~" + b"\\\\&|lab||||||ADT^A01|1|P|2.5").code
    ('AR', 'AR')
    """
    lines = list(lines_of(message))
    if not lines or not lines[0][1].startswith(b"MSH"):
        return Verdict(
            "AR", "no HL7 v2 message: it does not begin with MSH", Notation(), _NO_HEADER
        )
    notation, header = header_of(lines[0])
    if not notation.is_clear:
        return Verdict("AE", "set aside: separators-unclear", Notation(), _NO_HEADER)
    kind = kind_of(header.get(9))
    if kind not in RESULT_MESSAGES:
        text = "only ORU and OUL are taken" if kind else "MSH-9 names no type of message"
        return Verdict("AR", text, notation, header)
    unread = read_hl7v2(message).unreadable
    if unread:
        text = f"set aside: {unread[0].reason} in {unread[0].locator}"
        if len(unread) > 1:
            text += f" and {len(unread) - 1} more"
        return Verdict("AE", text, notation, header)
    return Verdict("AA", "", notation, header)


def again(message: bytes, code: Code, text: str) -> Verdict:
    """The same verdict on a message that was judged before."""
    first = next(lines_of(message))
    notation, header = header_of(first)
    if not notation.is_clear:
        return Verdict(code, text, Notation(), _NO_HEADER)
    return Verdict(code, text, notation, header)


def too_large(beginning: bytes, largest: int) -> Verdict:
    """The answer to a message that is larger than what is taken, from its first bytes."""
    text = f"larger than {largest} bytes"
    lines = list(lines_of(beginning))
    if not lines or not lines[0][1].startswith(b"MSH"):
        return Verdict("AR", text, Notation(), _NO_HEADER)
    notation, header = header_of(lines[0])
    return Verdict("AR", text, notation, header)


def answer(verdict: Verdict, *, now: datetime, number: int) -> bytes:
    """A framed acknowledgement.

    Parameters
    ----------
    verdict : Verdict
    now : datetime
        With its offset.
    number : int
        Counts the answers of one run: with the time it is the answer's own control id.
    """
    notation, header = verdict.notation, verdict.header
    field, component = notation.field, notation.component
    trigger = header.get(9).split(component)[1:2]
    version = header.get(12) or "2.5"
    kind = "ACK" if version.startswith(("2.1", "2.2", "2.3")) else f"ACK{component}"
    if kind != "ACK":
        kind = component.join(["ACK", *trigger, "ACK"]) if trigger else "ACK"
    stamp = now.strftime("%Y%m%d%H%M%S%z")
    says = "".join(" " if char in notation.separators else char for char in verdict.text)
    segments = (
        [
            "MSH", header.get(2) or "^~\\&", header.get(5), header.get(6), header.get(3),
            header.get(4), stamp, "", kind, f"{stamp[:14]}{number:06d}", header.get(11) or "P",
            version,
        ],
        ["MSA", verdict.code, header.get(10), *([says] if says else [])],
    )  # fmt: skip
    text = "".join(field.join(fields) + "\r" for fields in segments)
    # The header was read as Latin-1, so that its bytes go back as they came.
    return START + text.encode("latin-1") + END
