"""A reader of another format: a first line SCORES, then lines such as EDSS|4711|2024-03-04|3.5."""

from afterdose.ingest.hooks import Reader, hook
from afterdose.ingest.rows import Identifier, RawEntry, Reading, Unreadable


@hook
def afterdose_readers():
    return [
        Reader(
            form="scores",
            permitted="lists of scores of our clinic",
            recognises=lambda start: start.content.startswith(b"SCORES"),
            read=read_scores,
        )
    ]


def read_scores(landed):
    reading = Reading()
    _, *lines = landed.content.decode("utf-8").splitlines()
    for number, line in enumerate(lines, start=2):
        locator, cells = f"line {number}", line.split("|")
        if len(cells) != 4:
            reading.unreadable.append(Unreadable(locator, "malformed", f"{len(cells)} cells"))
            continue
        measure, person, day, value = cells
        score = {"measure": measure.lower(), "date": day, "value": value}
        whose = Identifier("urn:example:our-clinic", person)
        reading.entries.append(RawEntry(locator, "assessments", whose, score))
    return reading
