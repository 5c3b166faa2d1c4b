"""SMART Health Cards and Links: what a trusted key verifies is read, everything else is set aside.

The cards are made here by the published specification, with keys made for the test.
"""

import base64
import json
import zlib
from pathlib import Path
from typing import Any

import pytest
from joserfc import jwe, jws
from joserfc.jwk import ECKey, OctKey
from tests.ingest.conftest import LANDED_ON, Run, observation

from afterdose.ingest import FileReceipt, ingest_files
from afterdose.ingest.keys import Keys
from afterdose.ingest.readers import smart_cards
from afterdose.record.errors import UsageError

ISSUER = "https://lab.example/issuer"
KEY, OTHER = ECKey.generate_key("P-256"), ECKey.generate_key("P-256")
LINK_KEY = base64.urlsafe_b64encode(b"k" * 32).decode().rstrip("=")


def encoded(content: bytes) -> str:
    return base64.urlsafe_b64encode(content).decode().rstrip("=")


LINK = "shlink:/" + encoded(json.dumps({"url": "https://x.example/1", "key": LINK_KEY}).encode())


def public(key: ECKey) -> dict[str, Any]:
    return {**key.as_dict(private=False), "kid": key.thumbprint(), "use": "sig", "alg": "ES256"}


TRUSTED = Keys({ISSUER: (public(KEY),)}, (LINK,))


def deflated(content: bytes) -> bytes:
    packer = zlib.compressobj(9, zlib.DEFLATED, -zlib.MAX_WBITS)
    return packer.compress(content) + packer.flush()


def contents(*more: dict[str, Any], **changes: Any) -> dict[str, Any]:
    """A person known by name only, and a result, as cards hold them."""
    person = {
        "resourceType": "Patient",
        "name": [{"family": "Nobody", "given": ["Never"]}],
        "birthDate": "1988-06-14",
    }
    result = observation(**{"id": None, "subject": {"reference": "resource:0"}} | changes)
    entries = [
        {"fullUrl": f"resource:{number}", "resource": resource}
        for number, resource in enumerate([person, result, *more])
    ]
    return {"resourceType": "Bundle", "type": "collection", "entry": entries}


def card(bundle: object = None, key: ECKey = KEY, issuer: str = ISSUER, **header: Any) -> str:
    payload = {
        "iss": issuer,
        "nbf": 1700000000,
        "vc": {
            "type": ["https://smarthealth.cards#health-card"],
            "credentialSubject": {
                "fhirVersion": "4.0.1",
                "fhirBundle": contents() if bundle is None else bundle,
            },
        },
    }
    content = json.dumps(payload).encode()
    head = {"alg": "ES256", "zip": "DEF", "kid": key.thumbprint()} | header
    head = {name: value for name, value in head.items() if value is not None}
    registry = jws.JWSRegistry(algorithms=["ES256"], strict_check_header=False)
    body = deflated(content) if head.get("zip") else content
    return jws.serialize_compact(head, body, key, registry=registry)


def numeric(token: str) -> str:
    return "".join(f"{ord(character) - 45:02d}" for character in token)


def encrypted(content: object, kind: str = "application/fhir+json", **header: Any) -> str:
    registry = jwe.JWERegistry(algorithms=["dir", "A256GCM", "DEF"], strict_check_header=False)
    registry.max_ciphertext_length = 1_000_000
    return jwe.encrypt_compact(
        {"alg": "dir", "enc": "A256GCM", "cty": kind} | header,
        json.dumps(content).encode(),
        OctKey.import_key({"kty": "oct", "k": LINK_KEY}),
        registry=registry,
    )


def take(run: Run, content: str, name: str = "a.smart-health-card", keys: Any = TRUSTED) -> Any:
    path = run.file(name, content)
    (receipt,) = ingest_files([path], run.record, landed_on=LANDED_ON, keys=keys).files
    return receipt


def reasons(run: Run, *cards: object, keys: Any = TRUSTED) -> list[tuple[str, str]]:
    receipt: FileReceipt = take(run, json.dumps({"verifiableCredential": list(cards)}), keys=keys)
    receipt.check()
    assert receipt.accepted == 0
    return [(row["locator"], row["reason"]) for row in run.set_aside]


def test_a_card_that_its_issuers_key_verifies(run: Run) -> None:
    receipt = take(run, json.dumps({"verifiableCredential": [card()]}))
    assert (receipt.form, receipt.rows, receipt.accepted) == ("smart card", 2, 2)
    (row,) = run.labs
    assert row["source"].endswith(":card 1/entry/1/resource")
    assert (row["analyte"], row["value"]) == ("platelets", 210.0)


@pytest.mark.parametrize("form", ["{token}", "shc:/{digits}", "shc:/1/2/{first} shc:/2/2/{second}"])
def test_every_way_a_card_is_handed_over(run: Run, form: str) -> None:
    token = card()
    half = len(token) // 2
    content = form.format(
        token=token, digits=numeric(token), first=numeric(token[:half]),
        second=numeric(token[half:]),
    )  # fmt: skip
    assert take(run, content).accepted == 2


def test_two_cards_are_two_people_and_the_same_card_is_one(run: Run) -> None:
    """Both call their person resource:0; only identities.csv may say that they are one."""
    first, second = card(), card(contents(id="o2", effectiveDateTime="2024-02-01"))
    take(run, first)
    take(run, second)
    assert take(run, f"shc:/{numeric(first)}").duplicates == 2
    people = {row["person_id"] for row in run.labs}
    assert len(people) == 2
    (run.record / "identities.csv").read_text("utf-8").index(f"SMART Health Card of {ISSUER}")


def test_a_card_known_beforehand_belongs_to_its_person(run: Run) -> None:
    token = card()
    row = f"p7,SMART Health Card of {ISSUER},{smart_cards._digest(token)}"
    run.ingest(run.file("identities.csv", f"person_id,assigner,identifier\n{row}\n"))
    take(run, token)
    assert [found["person_id"] for found in run.labs] == ["p7"]


def test_a_result_of_somebody_outside_the_card_is_nobodys(run: Run) -> None:
    stray = observation(id="o3", subject={"reference": "Patient/1"})
    receipt = take(run, card(contents(stray)))
    assert receipt.set_aside == {"person-unknown": 1}
    assert receipt.accepted == 2


def test_an_identifier_signed_by_the_issuer_counts(run: Run) -> None:
    bundle = contents()
    mrn = {"system": "https://hospital.example/mrn", "value": "4711"}
    bundle["entry"][0]["resource"]["identifier"] = [mrn]
    take(run, card(bundle))
    assert [row["person_id"] for row in run.labs] == ["4711"]
    bundle["entry"][0]["resource"]["identifier"] = [{"value": "4711"}]
    take(run, card(bundle))
    assert len({row["person_id"] for row in run.labs}) == 2


def forged() -> str:
    header, _, signature = card().split(".")
    _, payload, _ = card(contents(valueQuantity={"value": 9, "unit": "10*9/L"})).split(".")
    return f"{header}.{payload}.{signature}"


def unsigned() -> str:
    _, payload, _ = card().split(".")
    kid = KEY.thumbprint()
    header = encoded(json.dumps({"alg": "none", "zip": "DEF", "kid": kid}).encode())
    return f"{header}.{payload}."


def symmetric() -> str:
    """Signed with the public key as if it were a secret."""
    head = {"alg": "HS256", "zip": "DEF", "kid": KEY.thumbprint()}
    _, payload, _ = card().split(".")
    signed = f"{encoded(json.dumps(head).encode())}.{payload}"
    return f"{signed}.{encoded(b's' * 32)}"


REFUSED = [
    (card(key=OTHER), "card-key-unknown"),
    (card(issuer="https://other.example"), "card-key-unknown"),
    (card(kid=None), "card-key-unknown"),
    (card(key=OTHER, kid=KEY.thumbprint()), "card-not-verified"),
    (forged(), "card-not-verified"),
    (unsigned(), "card-not-verified"),
    (symmetric(), "card-not-verified"),
    (card(bundle="nothing"), "card-unreadable"),
    ("a.b.c", "card-unreadable"),
    ("..", "card-unreadable"),
    (f"{encoded(b'[]')}.{encoded(b'{}')}.x", "card-unreadable"),
    (f"{encoded(b'{}')}.{encoded(b'nothing')}.x", "card-unreadable"),
    (card(zip=None).replace(".", ".AA", 1), "card-unreadable"),
    ("no card", "card-unreadable"),
    (5, "card-unreadable"),
    (None, "link-not-followed"),
    (encrypted(contents()).replace("..", ".x.", 1), "link-key-unknown"),
]


# Keys are made anew in every run, so a case is named by its number.
@pytest.mark.parametrize(("token", "reason"), REFUSED, ids=map(str, range(len(REFUSED))))
def test_nothing_else_is_read(run: Run, token: object, reason: str) -> None:
    assert reasons(run, token) == [("card 1", reason)]


def test_without_a_file_of_keys_no_card_is_read(run: Run) -> None:
    assert reasons(run, card(), keys=None) == [("card 1", "card-key-unknown")]


def test_a_key_under_a_wrong_name_is_none(run: Run) -> None:
    wrong = {**public(OTHER), "kid": KEY.thumbprint()}
    keys = Keys({ISSUER: ({"kty": "EC", "crv": "P-256", "kid": KEY.thumbprint()}, wrong)})
    assert reasons(run, card(), keys=keys) == [("card 1", "card-key-unknown")]


def test_a_card_that_unpacks_to_too_much(run: Run, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(smart_cards, "MAX_UNPACKED", 100)
    assert reasons(run, card()) == [("card 1", "card-unreadable")]


def test_one_bad_card_does_not_stop_the_others(run: Run) -> None:
    receipt = take(run, json.dumps({"verifiableCredential": [card(key=OTHER), card()]}))
    assert (receipt.rows, receipt.accepted) == (3, 2)
    assert receipt.set_aside == {"card-key-unknown": 1}


def test_half_a_card_is_set_aside(run: Run) -> None:
    receipt = take(run, "shc:/1/2/" + numeric(card()[:100]))
    assert receipt.set_aside == {"card-unreadable": 1}


# Links ------------------------------------------------------------------------------------------


def test_an_encrypted_file_is_opened_by_the_link_it_came_by(run: Run) -> None:
    assert take(run, encrypted(contents())).accepted == 2
    assert run.labs[0]["source"].endswith(":card 1/entry/1/resource")


def test_the_list_of_a_links_files(run: Run) -> None:
    files = [
        {"contentType": "application/fhir+json", "embedded": encrypted(contents(), zip="DEF")},
        {"contentType": "application/smart-health-card",
         "embedded": encrypted({"verifiableCredential": [card(contents(id="o2",
                                effectiveDateTime="2024-02-01"))]},
                               "application/smart-health-card")},
        {"contentType": "application/fhir+json", "location": "https://x.example/2"},
        {"embedded": encrypted({"token": 1}, "application/smart-api-access")},
        {"embedded": encrypted("text")},
    ]  # fmt: skip
    receipt = take(run, json.dumps({"files": files}))
    assert receipt.accepted == 4
    assert [(row["locator"], row["reason"]) for row in run.set_aside] == [
        ("file 3", "link-not-followed"),
        ("file 4", "card-unreadable"),
        ("file 5", "card-unreadable"),
    ]


def test_without_its_link_an_encrypted_file_stays_shut(run: Run) -> None:
    keys = Keys({}, ("shlink:/" + encoded(b"{}"), "https://no.link", "shlink:/damaged!"))
    receipt = take(run, encrypted(contents()), keys=keys)
    assert receipt.set_aside == {"link-key-unknown": 1}


def test_a_bare_link_is_refused_since_nothing_is_fetched(run: Run) -> None:
    assert "nothing is fetched" in take(run, LINK).refused


def test_what_begins_like_cards_and_is_not(run: Run) -> None:
    assert "is not" in take(run, '{"verifiableCredential": [').refused


def test_the_file_of_keys(tmp_path: Path) -> None:
    path = tmp_path / "keys.json"
    path.write_text(json.dumps({"issuers": {ISSUER: {"keys": [public(KEY)]}}, "links": [LINK]}))
    assert Keys.read(path) == TRUSTED
    for odd in ("", "[]", '{"issuers": {"a": 1}}', '{"issuers": {"a": {"keys": [1]}}}', "[" * 9999):
        path.write_text(odd)
        with pytest.raises(UsageError, match="no file of keys"):
            Keys.read(path)
