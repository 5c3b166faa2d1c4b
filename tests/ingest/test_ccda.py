"""C-CDA documents and Results sections, written by hand after the guide's own examples."""

import pytest
from tests.ingest.conftest import Run

from afterdose.ingest.readers.ccda import read_ccda
from afterdose.ingest.rows import Identifier
from afterdose.record.errors import UnreadableInputError

PERSON = """<recordTarget><patientRole>
  <id root="1.2.3" extension="4711"/><id root="2.16.840.1.113883.4.1" extension="99"/>
  <patient><name><given>Never</given></name><administrativeGenderCode code="F"/>
  <birthTime value="19750501"/></patient></patientRole></recordTarget>"""
PLATELETS = '<code code="777-3" codeSystem="2.16.840.1.113883.6.1" displayName="Platelets"/>'
COUNT = '<value xsi:type="PQ" value="210" unit="10*9/L"/>'
RANGE = """<referenceRange><observationRange><value xsi:type="IVL_PQ">
  <low value="150" unit="10*9/L"/><high value="400" unit="10*9/L"/></value>
  <interpretationCode code="N"/></observationRange></referenceRange>"""


def observation(
    value: str = COUNT,
    *,
    code: str = PLATELETS,
    status: str = "completed",
    time: str = '<effectiveTime value="202403040830+0100"/>',
    more: str = "",
    attributes: str = "",
) -> str:
    return (
        f'<observation classCode="OBS" moodCode="EVN" {attributes}><id root="9.9" extension="r1"/>'
        f'{code}<statusCode code="{status}"/>{time}{value}{more}</observation>'
    )


def section(*observations: str, code: str = "30954-2", more: str = "") -> str:
    components = "".join(f"<component>{one}</component>" for one in observations)
    return f"""<section><code code="{code}"/><text><table><tr><td>1</td></tr></table></text>
      <entry><organizer classCode="BATTERY" moodCode="EVN"><id root="9.9" extension="o1"/>
      <statusCode code="completed"/><effectiveTime><low value="20240303"/></effectiveTime>
      {more}{components}</organizer></entry></section>"""


def document(*sections: str, person: str = PERSON) -> str:
    body = "".join(f"<component>{one}</component>" for one in sections)
    return f"""<?xml version="1.0" encoding="UTF-8"?><!-- by hand --><ClinicalDocument
      xmlns="urn:hl7-org:v3" xmlns:sdtc="urn:hl7-org:sdtc"
      xmlns:xsi="http://www.w3.org/2001/XMLSchema-instance">{person}
      <component><structuredBody>{body}</structuredBody></component></ClinicalDocument>"""


def result_of(*observations: str, more: str = ""):
    return read_ccda(document(section(*observations, more=more)).encode()).results[0]


def test_a_document_becomes_a_person_and_results(run: Run) -> None:
    receipt = run.take("ccd.xml", document(section(observation(more=RANGE))))
    assert (receipt.form, receipt.rows, receipt.accepted) == ("ccda", 2, 2)
    (lab,) = run.labs
    assert (lab["person_id"], lab["value"], lab["status"]) == ("4711", 210.0, "final")
    assert (lab["ref_low"], lab["ref_high"], lab["specimen_time"]) == (150.0, 400.0, "08:30:00")
    assert (lab["accession"], lab["result_id"]) == ("o1^9.9", "r1^9.9")
    assert lab["source"].endswith(
        ":/ClinicalDocument/component[1]/structuredBody[1]/component[1]/section[1]/entry[1]"
        "/organizer[1]/component[1]/observation[1]"
    )
    (person,) = run.table("people")
    assert (person["sex"], person["birth_date"]) == ("female", "1975-05-01")
    identities = (run.record / "identities.csv").read_text(encoding="utf-8")
    assert "4711,urn:oid:1.2.3,4711" in identities
    assert "4711,urn:oid:2.16.840.1.113883.4.1,99" in identities


def test_the_same_document_again_adds_nothing(run: Run) -> None:
    run.take("a.xml", document(section(observation())))
    again = run.take("b.xml", document(section(observation())) + "\n")
    assert (again.accepted, again.duplicates) == (0, 2)


def test_a_bare_section_names_nobody(run: Run) -> None:
    """As published: the prefix of `xsi:type` is left for the document to declare."""
    receipt = run.take("section.xml", "<!-- RESULTS -->\n" + section(observation()))
    assert (receipt.rows, dict(receipt.set_aside)) == (1, {"person-unknown": 1})
    assert run.set_aside[0]["locator"] == (
        "/section[1]/entry[1]/organizer[1]/component[1]/observation[1]"
    )


def test_other_sections_are_counted(run: Run) -> None:
    receipt = run.take("ccd.xml", document(section(observation(), code="8716-3"), section()))
    assert receipt.passed_over == {"section 8716-3": 1}
    assert receipt.rows == 1  # the person


def test_a_section_inside_a_section_is_found() -> None:
    inner = section(observation())
    outer = f'<section><code code="11503-0"/><component>{inner}</component></section>'
    assert len(read_ccda(document(outer).encode()).results) == 1


@pytest.mark.parametrize(
    ("value", "found"),
    [
        ('<value xsi:type="PQ" value="5.0" unit="mg/dL"/>', ("5.0", "mg/dL", None)),
        ('<value xsi:type="INT" value="3"/>', ("3", None, None)),
        ('<value xsi:type="ST"> Trace\n amount </value>', ("Trace amount", None, None)),
        ('<value xsi:type="CD" code="1" displayName="Detected"/>', ("Detected", None, None)),
        ('<value xsi:type="CE" code="NEG"/>', ("NEG", None, None)),
        (
            '<value xsi:type="CD" nullFlavor="OTH"><originalText>1+</originalText></value>',
            ("1+", None, None),
        ),
        (
            '<value xsi:type="IVL_PQ"><low value="500" unit="mg/dL" inclusive="false"/>'
            '<high nullFlavor="PINF"/></value>',
            ("500", "mg/dL", ">"),
        ),
        (
            '<value xsi:type="IVL_PQ"><low value="90" unit="mL/min"/></value>',
            ("90", "mL/min", ">="),
        ),
        (
            '<value xsi:type="IVL_PQ"><low value="0" unit="pg/mL"/>'
            '<high value="5" unit="pg/mL" inclusive="true"/></value>',
            ("5", "pg/mL", "<="),
        ),
        (
            '<value xsi:type="IVL_PQ"><low nullFlavor="NINF"/>'
            '<high value="5" unit="pg/mL" inclusive="false"/></value>',
            ("5", "pg/mL", "<"),
        ),
        (
            '<value xsi:type="IVL_PQ"><low value="5" unit="g/L"/><high value="10" unit="g/L"/>'
            "</value>",
            ("5-10", "g/L", None),
        ),
        (
            '<value xsi:type="PQ" nullFlavor="OTH"><translation value="152" nullFlavor="OTH">'
            "<originalText>THOUS/MCL</originalText></translation></value>",
            ("152", "THOUS/MCL", None),
        ),
        (
            '<value xsi:type="RTO_INT_INT"><numerator value="1"/><denominator value="80"/></value>',
            ("1/80", None, None),
        ),
        ('<value xsi:type="PQ" value="5" unit="g/L" nullFlavor="UNK"/>', (None, None, None)),
        ('<value xsi:type="IVL_PQ"><center value="5"/></value>', (None, None, None)),
        ('<value xsi:type="PQ" nullFlavor="NI"/>', (None, None, None)),
        ("", (None, None, None)),
    ],
)
def test_values_by_their_data_type(value: str, found: tuple) -> None:
    result = result_of(observation(value))
    assert (result.value, result.unit, result.comparator) == found


def test_why_a_value_is_absent() -> None:
    assert result_of(observation('<value xsi:type="PQ" nullFlavor="NI"/>')).absent_because == "NI"
    assert result_of(observation("", attributes='nullFlavor="ASKU"')).absent_because == "ASKU"
    assert result_of(observation()).absent_because is None


def test_the_unit_of_a_value_in_words_stands_beside_it() -> None:
    beside = """<entryRelationship typeCode="COMP"><observation classCode="OBS" moodCode="EVN">
      <code code="246514001"/><value xsi:type="CD" code="mg/dL"/></observation>
      </entryRelationship>"""
    result = result_of(observation('<value xsi:type="ST">&lt;5</value>', more=beside))
    assert (result.value, result.unit) == ("<5", "mg/dL")


@pytest.mark.parametrize(
    ("ranges", "found"),
    [
        (RANGE, ("150..400", "10*9/L")),
        (RANGE + RANGE.replace('"N"', '"H"').replace('"150"', '"400"'), ("150..400", "10*9/L")),
        (RANGE + RANGE, (None, None)),  # one for women, one for men: nobody says whose
        (RANGE.replace('<interpretationCode code="N"/>', "<precondition/>"), (None, None)),
        (RANGE.replace('400" unit="10*9/L"', '400" unit="/uL"'), (None, None)),
        (RANGE.replace('<low value="150" unit="10*9/L"/>', ""), ("..400", "10*9/L")),
        (
            "<referenceRange><observationRange><text>23-29</text></observationRange>"
            "</referenceRange>",
            ("23-29", None),
        ),
        ("", (None, None)),
    ],
)
def test_reference_ranges(ranges: str, found: tuple) -> None:
    result = result_of(observation(more=ranges))
    assert (result.range_text, result.range_unit) == found


def test_the_organizer_says_what_the_observation_leaves_out() -> None:
    author = """<author><time value="20240305"/><assignedAuthor><representedOrganization>
      <name>North Lab</name></representedOrganization></assignedAuthor></author>"""
    result = result_of(observation(time=""), more=author)
    assert (result.specimen_time, result.issued_time) == ("20240303", "20240305")
    assert result.provider == "North Lab"
    performer = """<performer><assignedEntity><representedOrganization><name>Own</name>
      </representedOrganization></assignedEntity></performer>"""
    assert result_of(observation(more=performer), more=author).provider == "Own"


@pytest.mark.parametrize(
    ("around", "own", "status"),
    [
        ("completed", "completed", "completed"),
        ("nullified", "completed", "nullified"),
        ("aborted", "completed", "aborted"),
        ("nullified", "active", "nullified"),
        ("active", "completed", "preliminary"),
        ("suspended", "completed", "preliminary"),
        ("active", "active", "active"),
        ("aborted", "nullified", "nullified"),
        ("active", "aborted", "aborted"),
    ],
)
def test_an_organizer_that_is_taken_back_or_unfinished_takes_its_results_along(
    around: str, own: str, status: str
) -> None:
    written = section(observation(status=own)).replace(
        '<statusCode code="completed"/><effectiveTime><low',
        f'<statusCode code="{around}"/><effectiveTime><low',
    )
    (result,) = read_ccda(document(written).encode()).results
    assert result.status == status


def test_a_collection_of_hours_has_its_end_for_a_time_and_a_month_has_none() -> None:
    day = (
        '<effectiveTime><low value="20240303070000"/><high value="20240304070000"/></effectiveTime>'
    )
    assert result_of(observation(time=day)).specimen_time == "20240304070000"
    month = '<effectiveTime><low value="20240201"/><high value="20240229"/></effectiveTime>'
    assert result_of(observation(time=month)).specimen_time == "20240303"  # its organizer's


def test_an_identifier_that_several_results_share_names_none_of_them() -> None:
    """A later row of the same identifier would replace the other."""
    first, second = read_ccda(document(section(observation(), observation())).encode()).results
    assert (first.result_id, second.result_id) == (None, None)


def test_translations_of_a_code_are_codes_too() -> None:
    code = """<code code="PLT" codeSystem="1.2.3.4"><originalText>Plt</originalText>
      <translation code="777-3" codeSystem="2.16.840.1.113883.6.1"/></code>"""
    assert result_of(observation(code=code)).codes == (
        ("1.2.3.4", "PLT", "Plt"),
        ("loinc", "777-3", ""),
    )


@pytest.mark.parametrize(
    ("status", "found"),
    [("completed", "final"), ("active", "registered"), ("aborted", "cancelled")],
)
def test_where_a_result_stands(run: Run, status: str, found: str) -> None:
    run.take("ccd.xml", document(section(observation(status=status))))
    assert [lab["status"] for lab in run.labs] == [found]


@pytest.mark.parametrize(
    ("wrong", "reason"),
    [
        (observation(attributes='negationInd="true"'), "negated"),
        (observation(COUNT + COUNT), "malformed"),
        (observation(more="<subject/>"), "about-somebody-else"),
        (observation(status="gone"), "status-unknown"),
        (observation(time='<effectiveTime nullFlavor="UNK"/>'), ""),
        (observation('<value xsi:type="PQ" nullFlavor="UNK"/>'), "value-missing"),
    ],
)
def test_what_is_set_aside(run: Run, wrong: str, reason: str) -> None:
    receipt = run.take("ccd.xml", document(section(wrong)))
    assert dict(receipt.set_aside) == ({reason: 1} if reason else {})
    assert receipt.rows == 2


def test_orders_and_what_hangs_on_a_result_are_counted(run: Run) -> None:
    more = "<entryRelationship><observation/></entryRelationship>"
    ordered = observation().replace('"EVN"', '"RQO"')
    receipt = run.take("ccd.xml", document(section(observation(more=more), ordered, "<act/>")))
    assert receipt.passed_over == {
        "observation RQO": 1,
        "observation inside an observation": 1,
        "act": 1,
    }


def test_an_organizer_about_a_relative_is_set_aside(run: Run) -> None:
    receipt = run.take("ccd.xml", document(section(observation(), more="<subject/>")))
    assert (receipt.rows, dict(receipt.set_aside)) == (2, {"about-somebody-else": 1})


@pytest.mark.parametrize("person", ["", PERSON + PERSON, PERSON.replace("<id ", "<no ")])
def test_a_document_that_names_not_exactly_one_person(run: Run, person: str) -> None:
    receipt = run.take("ccd.xml", document(section(observation()), person=person))
    assert dict(receipt.set_aside) == {"person-unknown": 2}


def test_a_root_alone_is_an_identifier() -> None:
    ids = '<id root="0A-1"/><id nullFlavor="UNK"/>'
    person = f"<recordTarget><patientRole>{ids}</patientRole></recordTarget>"
    (found,) = read_ccda(document(person=person).encode()).people
    assert found.identifiers == (Identifier("urn:ietf:rfc:3986", "urn:uuid:0a-1"),)


def test_somebody_who_has_died() -> None:
    died = PERSON.replace("<patient>", '<patient><sdtc:deceasedInd value="true"/>')
    assert read_ccda(document(person=died).encode()).people[0].death_date == "unknown"
    when = died.replace("</patient>", '<sdtc:deceasedTime value="20240101"/></patient>')
    assert read_ccda(document(person=when).encode()).people[0].death_date == "20240101"


BOMB = '<!DOCTYPE x [<!ENTITY a "ha"><!ENTITY b "&a;&a;&a;">]>'


@pytest.mark.parametrize(
    ("content", "seen"),
    [
        (BOMB + "<ClinicalDocument>&b;</ClinicalDocument>", "document type or entities"),
        ('<!DOCTYPE section SYSTEM "http://x.example/y.dtd"><section/>', "document type"),
        ("<ClinicalDocument><recordTarget></ClinicalDocument>", "not well formed"),
        (document(section(observation()))[:-40], "not well formed"),
        (section('<value xsi:type="PQ"/>') + "<section/>", "not well formed"),
        ("<section>" * 300 + "</section>" * 300, "not well formed"),
        ("<!-- " + "x" * 5000 + " --><html/>", "no ClinicalDocument and no section"),
    ],
)
def test_what_is_refused_whole(run: Run, content: str, seen: str) -> None:
    receipt = run.take("ccd.xml", content)
    assert seen in receipt.refused
    assert "Permitted: one C-CDA ClinicalDocument or one Results section" in receipt.refused


def test_other_xml_is_not_taken_for_it(run: Run) -> None:
    assert "Permitted: C-CDA documents" in run.take("a.html", "<html><body/></html>").refused


def test_a_document_too_large_is_refused(run: Run, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("afterdose.ingest.readers.ccda.MAX_BYTES", 100)
    assert "Permitted for a clinical document: 100" in run.take("a.xml", document()).refused


def test_a_document_without_entries_holds_its_person_only() -> None:
    content = document().replace("structuredBody", "nonXMLBody").encode()
    reading = read_ccda(content)
    assert (len(reading.people), reading.passed_over) == (1, {"body that is no XML": 1})


def test_nothing_is_fetched_or_guessed_from_damaged_text() -> None:
    with pytest.raises(UnreadableInputError, match="not well formed"):
        read_ccda(document(section(observation(COUNT.replace("210", "&plt;")))).encode())
