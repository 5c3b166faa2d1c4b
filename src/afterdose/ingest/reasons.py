"""Why a row was set aside, and what somebody can do about it."""

REASONS = {
    "code-not-in-catalogue": "Nothing, if this test is not monitored; else add its LOINC code to "
    "the analyte catalogue and ingest the file again.",
    "code-not-loinc": "Ask the laboratory for LOINC codes, or map its own codes.",
    "codes-disagree": "Ask the laboratory which of its codes is meant.",
    "unit-not-permitted": "Ask the laboratory which unit it means, or add the spelling to "
    "units.toml; then ingest the file again.",
    "unit-missing": "Ask the laboratory for the unit.",
    "units-disagree": "Ask the laboratory which of its two units is meant.",
    "value-not-a-number": "Read the result by hand and enter it if it matters.",
    "value-missing": "Ask the laboratory for the value: the result is final and has none.",
    "comparator-unknown": "Read the result by hand and enter it if it matters.",
    "implausible": "Check unit and value with the laboratory.",
    "no-specimen-date": "Ask the laboratory on which day the specimen was taken.",
    "received-before-specimen": "Check the two dates with the laboratory.",
    "status-unknown": "Ask the laboratory where the result stands.",
    "person-unmatched": "Decide whose it is: `afterdose people unmatched RECORD` shows who waits.",
    "person-unknown": "Ask the sender for the person's identifier.",
    "identity-conflict": "One person's identifiers point at several people: decide whose they are.",
    "person-differs": "Compare the facts with the record and correct the wrong one.",
    "date-unreadable": "Enter the date in the table people by hand.",
    "breaks-specification": "Correct the row: `afterdose validate` says what is permitted.",
    "malformed": "Ask the sender for the resource again.",
    "not-json": "Ask the sender for the line again.",
    "not-a-segment": "Ask the sender for the message again.",
    "message-without-type": "Ask the sender for the message again.",
}
"""Reason code to next step; every row set aside has one of these."""
