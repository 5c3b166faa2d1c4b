"""Brain volumetry: reports of FSL SIENA and SIENAX, FreeSurfer's ``aseg.stats``, MindGlide's CSV.

None of them names a person or a day: ``scans.csv`` does (`afterdose.ingest.scans`). What a program
reports is kept under its own name and version, since volumes by two methods are never compared.
Volumes of regions that do not say which of them make the brain are set aside with that reason.
"""

import re
from collections.abc import Iterator
from decimal import Decimal

from afterdose.ingest.hooks import Reader, Start, hook
from afterdose.ingest.landing import Landed
from afterdose.ingest.rows import RawEntry, Reading, Unreadable
from afterdose.record.errors import UnreadableInputError

MAX_BYTES = 16 * 1024 * 1024
"""The largest report that is read; real ones have some kilobytes."""

_NUMBER = r"[-+]?\d{1,12}(?:\.\d{1,20})?"
_PBVC = re.compile(rf"finalPBVC\s+({_NUMBER})\s*%?\Z", re.ASCII)
_VERSION = re.compile(r"\bsienax?\b.{0,40}?\bversion\s+(\d[\w.]{0,20})", re.IGNORECASE)
_BRAIN = re.compile(rf"BRAIN\s+({_NUMBER})\s+({_NUMBER})\Z", re.ASCII)
_SCALING = re.compile(rf"VSCALING\s+({_NUMBER})\Z", re.ASCII)
_REVISION = re.compile(r"\$Id: mri_segstats\.c,v ([\d.]+) ")
_MINDGLIDE = re.compile(rb"Label_ID\s*,\s*Region_Name\s*,\s*Volume_mm3\s*(?:\r?\n|\Z)")
_BRAIN_VOLUME, _HEAD_VOLUME = "BrainSegVolNotVent", "eTIV"
_DIGITS = Decimal("0.000001")
"""Digits kept of a ratio; scans of one head differ in the third."""
_MM3_PER_ML = 1000
_SAME = Decimal("0.001")
"""By how much a normalised volume may differ from the scaled one, as a share: it is rounded."""


def read_siena(content: bytes) -> Reading:
    """The change between two scans, from the report's last line."""
    reading, lines = Reading(), list(_lines(content))
    found = [(number, line) for number, line in lines if line.startswith("finalPBVC")]
    matches = [(number, match) for number, line in found if (match := _PBVC.match(line))]
    if len(found) != 1 or len(matches) != 1:
        locator = f"line {found[0][0]}" if found else "file"
        seen = "no finalPBVC" if not found else "finalPBVC that is not one number"
        reading.unreadable.append(Unreadable(locator, "malformed", seen))
        return reading
    ((number, match),) = matches
    cells = {"pbvc_pct": match[1], "method": _fsl("SIENA", lines)}
    reading.entries.append(RawEntry(f"line {number}", "mri", None, cells))
    return reading


def read_sienax(content: bytes) -> Reading:
    """The brain's volume, normalised for head size; it is no fraction. Parts of it are counted.

    The line has the normalised volume and the measured one. Which is which shows the scaling
    factor: a report where it does not turn one into the other is set aside.
    """
    reading, lines = Reading(), list(_lines(content))
    brains = [(number, match) for number, line in lines if (match := _BRAIN.match(line))]
    scalings = [match for _, line in lines if (match := _SCALING.match(line))]
    if len(brains) != 1 or len(scalings) != 1:
        seen = "not one line BRAIN with two volumes and one VSCALING"
        reading.unreadable.append(Unreadable("file", "malformed", seen))
        return reading
    ((number, brain),) = brains
    normalised, scaled = Decimal(brain[1]), Decimal(brain[2]) * Decimal(scalings[0][1])
    if scaled <= 0 or abs(normalised / scaled - 1) > _SAME:
        seen = "BRAIN whose first volume is not its second times VSCALING"
        reading.unreadable.append(Unreadable(f"line {number}", "malformed", seen))
        return reading
    for _, line in lines:
        if line.startswith(("VSCALING", "GREY", "WHITE", "pgrey", "vcsf")):
            reading.pass_over(f"{line.split()[0]} of SIENAX")
    cells = {
        "brain_volume_ml": str(normalised / _MM3_PER_ML),
        "method": f"{_fsl('SIENAX', lines)}, normalised",
    }
    reading.entries.append(RawEntry(f"line {number}", "mri", None, cells))
    return reading


def read_freesurfer(content: bytes) -> Reading:
    """The volume of the brain without ventricles, and its ratio to the estimated one inside the
    skull.

    FreeSurfer gives the two volumes; the ratio is ours and stands under a method of its own. The
    brain's volume is not normalised.

    Raises
    ------
    UnreadableInputError
        The file lacks one of the two: it was written by an old build, or by another program.
    """
    reading, lines = Reading(), list(_lines(content))
    measures: dict[str, list[tuple[int, str]]] = {}
    for number, line in lines:
        if line.startswith("# Measure "):
            # Descriptions may hold commas, so the value and its unit are split off from the right.
            head, *tail = line.removeprefix("# Measure ").rsplit(",", 2)
            key = head.split(",")[1].strip() if "," in head and len(tail) == 2 else ""
            measures.setdefault(key, []).append((number, ",".join(tail)))
    facts = _header(lines)
    missing = [key for key in (_BRAIN_VOLUME, _HEAD_VOLUME) if key not in measures]
    if missing or facts.get("generating_program") != "mri_segstats":
        raise UnreadableInputError(
            f"The statistics, by {facts.get('generating_program', 'a program not named')[:40]}, "
            f"have no measure {' and no '.join(missing) or 'of FreeSurfer'}. Permitted: aseg.stats "
            f"of FreeSurfer with {_BRAIN_VOLUME} and {_HEAD_VOLUME}, as version 7 writes it; "
            "builds of 2011 have neither. Run the scan through a current version, or bring the "
            "volumes in by a mapped table."
        )
    found = {key: _volume(measures[key]) for key in (_BRAIN_VOLUME, _HEAD_VOLUME)}
    brain, head = found[_BRAIN_VOLUME], found[_HEAD_VOLUME]
    locator = " and ".join(f"line {measures[key][0][0]}" for key in found)
    if brain is None or head is None or head == 0:
        seen = f"{_BRAIN_VOLUME} or {_HEAD_VOLUME} that is not one volume in mm^3"
        reading.unreadable.append(Unreadable(locator, "malformed", seen))
        return reading
    cells = {
        "bpf": str((brain / head).quantize(_DIGITS)),
        "brain_volume_ml": str(brain / _MM3_PER_ML),
        "method": f"FreeSurfer {_build(facts)}, {_BRAIN_VOLUME}/{_HEAD_VOLUME}",
    }
    reading.entries.append(RawEntry(locator, "mri", None, cells))
    return reading


def read_mindglide(content: bytes) -> Reading:
    """Volumes of regions. Which of them make the brain, no document that we read says."""
    reading = Reading()
    for _ in list(_lines(content))[1:]:
        reading.pass_over("regions of MindGlide")
    seen = "MindGlide: volumes of regions"
    reading.unreadable.append(Unreadable("line 1", "regions-without-total", seen))
    return reading


@hook
def afterdose_readers() -> list[Reader]:
    """The four, SIENAX before SIENA."""
    return [
        Reader(
            "sienax",
            "report.sienax of FSL SIENAX",
            recognises=lambda start: _is(start, ".sienax", b"VSCALING "),
            read=lambda landed: read_sienax(_bounded(landed)),
        ),
        Reader(
            "siena",
            "report.siena of FSL SIENA",
            recognises=lambda start: _is(start, ".siena", b"finalPBVC "),
            read=lambda landed: read_siena(_bounded(landed)),
        ),
        Reader(
            "freesurfer",
            "aseg.stats of FreeSurfer",
            recognises=lambda start: start.content.startswith(b"# Title Segmentation Statistics"),
            read=lambda landed: read_freesurfer(_bounded(landed)),
        ),
        Reader(
            "mindglide",
            "volumes of MindGlide as CSV",
            recognises=_is_mindglide,
            read=lambda landed: read_mindglide(_bounded(landed)),
        ),
    ]


def _is(start: Start, ending: str, line: bytes) -> bool:
    """Whether the name ends so, or a line near the beginning begins so."""
    return start.name.endswith(ending) or b"\n" + line in b"\n" + start.content


def _bounded(landed: Landed) -> bytes:
    if landed.size > MAX_BYTES:
        raise UnreadableInputError(
            f"{landed.name} has {landed.size} bytes. Permitted for a report of brain volumetry: "
            f"{MAX_BYTES}. Give the report itself."
        )
    return landed.content


def _is_mindglide(start: Start) -> bool:
    return _MINDGLIDE.match(start.content) is not None


def _lines(content: bytes) -> Iterator[tuple[int, str]]:
    """Lines that are not empty, with their numbers."""
    text = content.decode("utf-8", errors="replace")
    for number, line in enumerate(text.splitlines(), start=1):
        if line := line.strip():
            yield number, line


def _fsl(program: str, lines: list[tuple[int, str]]) -> str:
    """The program, with the version its report states."""
    found = (match[1] for _, line in lines[:40] if (match := _VERSION.search(line)))
    return f"FSL {program} {next(found, 'of a version not stated')}"


def _header(lines: list[tuple[int, str]]) -> dict[str, str]:
    """``# generating_program mri_segstats`` and its like: the first word names the fact."""
    facts: dict[str, str] = {}
    for _, line in lines:
        name, _, said = line.removeprefix("#").strip().partition(" ")
        if line.startswith("#") and name != "Measure":
            facts.setdefault(name, said.strip())
    return facts


def _build(facts: dict[str, str]) -> str:
    """Version 7 states itself; earlier builds state the revision of the program."""
    written = facts.get("cvs_version", "")
    if match := _REVISION.match(written):
        return f"mri_segstats {match[1]}"
    return written[:40] if re.match(r"[\w.-]+\Z", written) else "of a version not stated"


def _volume(measures: list[tuple[int, str]]) -> Decimal | None:
    """The one volume in cubic millimetres that a measure states, or None."""
    texts = {text for _, text in measures}
    value, _, unit = texts.pop().partition(",") if len(texts) == 1 else ("", "", "")
    is_volume = unit.strip() == "mm^3" and re.fullmatch(_NUMBER, value.strip(), re.ASCII)
    return Decimal(value.strip()) if is_volume else None
