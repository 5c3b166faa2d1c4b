"""Numbers a state gives people: they say who somebody is, and are no name for a person in a record.

A person's id stands on lists, in reports and in files that are passed on. A social security number
stays in ``identities.csv``.
"""

import re

_OIDS = (
    "2.16.840.1.113883.4.1",  # United States, social security number
    "2.16.840.1.113883.2.1.4.1",  # England and Wales, NHS number
    "2.16.840.1.113883.2.4.6.3",  # Netherlands, BSN
    "2.16.840.1.113883.2.9.4.3.2",  # Italy, codice fiscale
    "2.16.578.1.12.4.1.4.1",  # Norway, fødselsnummer
    "2.16.578.1.12.4.1.4.2",  # Norway, D-nummer
    "1.2.208.176.1.2",  # Denmark, CPR
    "1.2.752.129.2.1.3.1",  # Sweden, personnummer
    "1.2.752.129.2.1.3.3",  # Sweden, samordningsnummer
    "1.2.246.21",  # Finland, HETU
    "1.2.250.1.213.1.4.8",  # France, INS-NIR
    "1.2.250.1.213.1.4.9",  # France, INS-NIA
)
_ADDRESSES = (
    "http://hl7.org/fhir/sid/us-ssn",
    "https://fhir.nhs.uk/Id/nhs-number",
    "http://fhir.nl/fhir/NamingSystem/bsn",
    "http://hl7.no/fhir/NamingSystem/FNR",
    "http://electronichealth.se/identifier/personnummer",
    "http://electronichealth.se/identifier/samordningsnummer",
)
NATIONAL = frozenset({*(f"urn:oid:{oid}" for oid in _OIDS), *_ADDRESSES})
"""Assigners of such numbers, each read beside its name in public material; others exist."""

_TYPES = re.compile(r"SS|NI|NH|TAX|PPN|NN[A-Z]{3}|INS(-NI[RA])?")


def is_national_type(code: str) -> bool:
    """Whether a type of identifier (HL7 table 0203) is a number of a state.

    Examples
    --------
    >>> is_national_type("SS"), is_national_type("NNFIN"), is_national_type("MR")
    (True, True, False)
    """
    return _TYPES.fullmatch(code) is not None
