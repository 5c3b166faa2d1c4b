"""Why a row was set aside, and what somebody can do about it."""

REASONS = {
    "code-not-in-catalogue": "Nothing, if this test is not monitored; else add its LOINC code to "
    "the analyte catalogue and run `afterdose ingest --replay`.",
    "code-not-loinc": "Ask the laboratory for LOINC codes, or map its own codes.",
    "codes-disagree": "Ask the laboratory which of its codes is meant.",
    "unit-not-permitted": "Ask the laboratory which unit it means, or add the spelling to "
    "units.toml; then run `afterdose ingest --replay`.",
    "unit-missing": "Ask the laboratory for the unit.",
    "units-disagree": "Ask the laboratory which of its two units is meant.",
    "value-not-a-number": "Read the result by hand and enter it if it matters.",
    "value-missing": "Ask the laboratory for the value: the result is final and has none.",
    "comparator-unknown": "Read the result by hand and enter it if it matters.",
    "implausible": "Check unit and value with the laboratory.",
    "no-specimen-date": "Ask the laboratory on which day the specimen was taken.",
    "received-before-specimen": "Check the two dates with the laboratory.",
    "status-unknown": "Ask the laboratory where the result stands.",
    "status-alone": "Ask the laboratory to send the result again: it made it final without "
    "repeating the value.",
    "not-asked": "Nothing: the laboratory says that this was not asked for.",
    "person-unmatched": "Decide whose it is: `afterdose people unmatched RECORD` shows who waits. "
    "If all that is known is a reference such as Patient/1, ingest the file again with --sender.",
    "person-unknown": "Ask the sender for the person's identifier.",
    "identity-conflict": "One person's identifiers point at several people: decide whose they are.",
    "person-differs": "Compare the facts with the record and correct the wrong one.",
    "date-unreadable": "Enter the date in the table people by hand.",
    "breaks-specification": "Correct the row: `afterdose validate` says what is permitted.",
    "scan-not-listed": "List the file in scans.csv, with whose scan it is, its date and scanner; "
    "then ingest scans.csv.",
    "scan-listed-twice": "Keep one line a file in scans.csv.",
    "scan-outside": "Move the file below the folder of scans.csv and give its path from there.",
    "scan-without-since": "Give since_date in scans.csv: the day of the earlier of the two scans.",
    "first-scan-stands": "Take the scan without a change out of the table mri, or ingest all SIENA "
    "reports of the person from one scans.csv.",
    "scans-between": "Run SIENA on neighbouring scans: a change counts since the scan before.",
    "regions-without-total": "Add up the regions that make the brain, and bring their sum in by a "
    "mapped table as brain_volume_ml: the report does not say which they are.",
    "about-somebody-else": "Read the result by hand: it is a relative's or an unborn child's.",
    "negated": "Read the result by hand: the sender says that it is not so.",
    "row-malformed": "The row has more or fewer cells than the header: correct it at the source.",
    "malformed": "Ask the sender for the resource again.",
    "not-json": "Ask the sender for the line again.",
    "not-a-segment": "Ask the sender for the message again.",
    "message-without-type": "Ask the sender for the message again.",
    "drug-not-known": "Nothing, if no protocol is to follow this drug; else enter the course in "
    "the table treatments, or add the code to drugs.toml and run `afterdose ingest --replay`.",
    "course-stands": "The doses lie beside a course that a table or a statement gave: correct its "
    "days in the table treatments if they belong to it.",
    "start-not-stated": "Enter the course in the table treatments with its first day.",
    "event-not-known": "Enter the event in the table events, or add the code to events.toml and "
    "run `afterdose ingest --replay`.",
    "event-not-mapped": "Ingest the dataset with a mapping that translates its terms to our "
    "categories, or enter the event in the table events.",
    "score-not-mapped": "Ingest the dataset with a mapping that says which measure the test is.",
    "score-repeated": "Several trials, hands or raters on one day: decide on one score and enter "
    "it in the table assessments.",
    "no-visit-date": "Ask the sender for the day of the visit, or enter the score in the table "
    "assessments.",
    "concept-not-listed": "Ingest the table together with the CDM's table concept, which says what "
    "the concept's vocabulary and code are.",
    "no-onset-date": "Ask the sender when it began, or enter the event in the table events.",
    "withdrawn": "The sender takes it back: if it is in the record, correct the table by hand.",
    "member-unreadable": "Ask the sender for this file of the container again.",
    "part-unreadable": "Ask the sender for these lines of the file again.",
    "line-too-long": "Ask the sender for the line again: no result is as long.",
    "card-key-unknown": "Save the issuer's public keys in the file given with --keys, if it is to "
    "be trusted, and ingest the card again.",
    "card-not-verified": "Trust nothing on it: ask its holder for the card again.",
    "card-unreadable": "Ask its holder for the card again.",
    "link-key-unknown": "Put the link it came by in the file given with --keys.",
    "link-not-followed": "Download what the link points at and ingest that.",
    "separators-unclear": "Ask the sender for the message again: MSH-1 and MSH-2 do not name five "
    "different separators.",
    "characters-unclear": "Ask the sender to name the character set in MSH-18 and to write in it. "
    "Known: ASCII, 8859/1 to 8859/15, UNICODE UTF-8.",
}
"""Reason code to next step; every row set aside has one of these."""
