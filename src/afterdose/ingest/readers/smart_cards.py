"""SMART Health Cards, and the encrypted files of SMART Health Links: signed FHIR that people carry.

A card counts only if a key of its issuer verifies it, and keys come from a file alone
(`afterdose.ingest.keys`). Nothing is fetched: neither keys, nor what a link points at, nor lists of
cards withdrawn since. Whether a card has run out is not asked: what was true when it was signed
stays true of its time.
"""

import base64
import binascii
import hashlib
import re
import zlib
from dataclasses import dataclass
from typing import Any, NamedTuple

from afterdose.ingest.hooks import Reader, Start, hook
from afterdose.ingest.json_text import NotJsonError, parse_json
from afterdose.ingest.keys import Jwk, Keys
from afterdose.ingest.landing import Landed
from afterdose.ingest.readers.fhir import read_places, unfold
from afterdose.ingest.readers.fhir_references import (
    MalformedError,
    Place,
    References,
    identifiers_of,
    text,
)
from afterdose.ingest.rows import Reading, Unreadable
from afterdose.ingest.senders import REFERENCE
from afterdose.record.errors import UnreadableInputError

MAX_UNPACKED = 16 * 1024 * 1024
"""The largest payload of a card or link once unpacked."""

_NUMERIC = b"shc:/"
_LINK = b"shlink:/"
_CREDENTIALS = re.compile(rb'"verifiableCredential"\s*:\s*\[')
_MANIFEST = re.compile(rb'\{\s*(?:"status"\s*:\s*"[a-z-]*"\s*,\s*)?"files"\s*:\s*\[')
_JOSE = re.compile(rb"eyJ[A-Za-z0-9_-]*\.")
_CARD = "application/smart-health-card"
_FHIR = "application/fhir+json"
_SMALLEST = 45
"""The character that the digits 00 stand for, by the specification."""


@hook
def afterdose_readers() -> list[Reader]:
    """Cards and files of links, told from how they begin."""
    return [
        Reader(
            "smart card",
            "SMART Health Cards and files of SMART Health Links",
            recognises=_is_card,
            read=read_smart,
        )
    ]


def _is_card(start: Start) -> bool:
    content = start.content
    if content.startswith(b"{"):
        return bool(_CREDENTIALS.search(content) or _MANIFEST.match(content))
    return content[: len(_LINK)].lower().startswith((_NUMERIC, _LINK)) or bool(_JOSE.match(content))


class _AsideError(Exception):
    def __init__(self, reason: str, seen: str) -> None:
        super().__init__(reason)
        self.reason, self.seen = reason, seen


class Card(NamedTuple):
    """A card whose signature was verified: who issued it, the FHIR inside, a short hash of it."""

    issuer: str
    bundle: Any
    digest: str


def read_smart(landed: Landed) -> Reading:
    """Every card of a file, and every embedded file of a link.

    Raises
    ------
    UnreadableInputError
        There is no card in it, or only a link, which nobody follows.
    """
    content = landed.content.strip()
    if content[: len(_LINK)].lower() == _LINK:
        raise UnreadableInputError(
            f"{landed.name} is a link, and nothing is fetched. Permitted: the encrypted file it "
            "points at, with the link in the file of keys. Download the file and hand it in."
        )
    reader = _Reader(landed.keys or Keys({}), Reading())
    if content[: len(_NUMERIC)].lower() == _NUMERIC:
        reader.read_all("card", _numeric_cards(content))
    elif content.startswith(b"{"):
        reader.read_document(content, landed.name)
    else:
        reader.read_all("card", content.decode("ascii", "replace").split())
    return reader.reading


@dataclass
class _Reader:
    keys: Keys
    reading: Reading

    def read_document(self, content: bytes, name: str) -> None:
        """A file of cards, or a link's list of files."""
        try:
            document = parse_json(content)
        except NotJsonError:
            document = None
        cards = document.get("verifiableCredential") if isinstance(document, dict) else None
        files = document.get("files") if isinstance(document, dict) else None
        if isinstance(cards, list):
            self.read_all("card", cards)
        elif isinstance(files, list):
            embedded = [one.get("embedded") if isinstance(one, dict) else one for one in files]
            self.read_all("file", embedded)
        else:
            raise UnreadableInputError(
                f"{name} begins like a file of cards and is not. Permitted: JSON with "
                "verifiableCredential, or with files. Ask the sender for the file again."
            )

    def read_all(self, what: str, tokens: list[Any]) -> None:
        for number, token in enumerate(tokens, start=1):
            self.read_one(f"{what} {number}", token)

    def read_one(self, pointer: str, token: object) -> None:
        """A signed card (three parts) or an encrypted file (five)."""
        try:
            if token is None:
                raise _AsideError("link-not-followed", "a file that is somewhere else")
            if not isinstance(token, str) or token.count(".") not in (2, 4):
                raise _AsideError("card-unreadable", "neither signed nor encrypted")
            if token.count(".") == 4:
                self._read_encrypted(pointer, token)
            else:
                card = verified(token, self.keys)
                self._read_bundle(pointer, card)
        except _AsideError as aside:
            self.reading.unreadable.append(Unreadable(pointer, aside.reason, aside.seen))

    def _read_encrypted(self, pointer: str, token: str) -> None:
        plain, kind = _decrypted(token, self.keys)
        try:
            document = parse_json(plain)
        except NotJsonError:
            raise _AsideError("card-unreadable", "no JSON inside") from None
        if isinstance(document, dict) and isinstance(document.get("verifiableCredential"), list):
            self.read_all(f"{pointer} card", document["verifiableCredential"])
        elif kind in ("", _FHIR) and isinstance(document, dict) and "resourceType" in document:
            self._read_bundle(pointer, Card("link", document, _digest(token)))
        else:
            raise _AsideError("card-unreadable", kind or "neither FHIR nor cards")

    def _read_bundle(self, pointer: str, card: Card) -> None:
        """The rows of a card. Its people are its own.

        Cards name people by name and birth date, which match nobody, and call each of them
        ``resource:0``: without identifiers, a person here is known by the card's hash.
        """
        places = list(unfold(pointer, "", card.bundle, self.reading))
        named: set[str] = set()
        count = 0
        for place in places:
            if place.resource.get("resourceType") == "Patient":
                own = {"system": _assigner(card), "value": f"{card.digest}{_nth(count)}"}
                if not _has_identifier(place):
                    place.resource["identifier"] = [own]
                named.update(place.names)
                count += 1
        read_places([_known(place, named) for place in places], self.reading, References())


def _has_identifier(place: Place) -> bool:
    try:
        return any(one.assigner != REFERENCE for one in identifiers_of(place))
    except MalformedError:
        return True  # said when the person is read


def _known(place: Place, named: set[str]) -> Place:
    """A resource whose subject is nobody in the card is nobody's: elsewhere it may mean another."""
    subject = place.resource.get("subject")
    reference = text(subject.get("reference")) if isinstance(subject, dict) else None
    if reference is None or reference in named:
        return place
    return place._replace(resource={**place.resource, "subject": None})


def _assigner(card: Card) -> str:
    return f"SMART Health Card of {card.issuer}"


def _nth(count: int) -> str:
    return f"/{count}" if count else ""


# Signatures -------------------------------------------------------------------------------------


def verified(token: str, keys: Keys) -> Card:
    """The card inside a token, if a key of its issuer verifies it.

    Raises
    ------
    _AsideError
    """
    from joserfc import jws
    from joserfc.errors import JoseError
    from joserfc.jwk import ECKey

    header, unverified = _parts(token)
    issuer = text(_json(_inflated(unverified, header)).get("iss")) or ""
    key = _key(keys.issuers.get(issuer, ()), text(header.get("kid")))
    if key is None:
        raise _AsideError("card-key-unknown", _show(issuer))
    registry = jws.JWSRegistry(algorithms=["ES256"], strict_check_header=False)
    registry.max_payload_length = MAX_UNPACKED
    try:
        signed = jws.deserialize_compact(token, ECKey.import_key(key), registry=registry)
    except (JoseError, ValueError, TypeError):
        raise _AsideError("card-not-verified", _show(issuer)) from None
    payload = _json(_inflated(signed.payload or b"", header))
    subject = payload.get("vc") if isinstance(payload.get("vc"), dict) else {}
    subject = subject.get("credentialSubject") if isinstance(subject, dict) else None
    bundle = subject.get("fhirBundle") if isinstance(subject, dict) else None
    if not isinstance(bundle, dict):
        raise _AsideError("card-unreadable", "no FHIR inside")
    return Card(issuer, bundle, _digest(token))


def _key(keys: tuple[Jwk, ...], kid: str | None) -> Jwk | None:
    """The issuer's key that a card names. Its name is the key's own thumbprint: it is checked."""
    from joserfc.errors import JoseError
    from joserfc.jwk import ECKey

    for key in keys:
        if kid is None or key.get("kid") != kid or key.get("crv") != "P-256":
            continue
        try:
            if ECKey.import_key(key).thumbprint() == kid:
                return key
        except (JoseError, ValueError, TypeError):
            continue
    return None


def _decrypted(token: str, keys: Keys) -> tuple[bytes, str]:
    """What a link's file holds, and of what kind it says it is."""
    from joserfc import jwe
    from joserfc.errors import JoseError
    from joserfc.jwk import OctKey

    registry = _link_registry()
    for link in keys.links:
        key = _link_key(link)
        if key is None:
            continue
        try:
            jwk = OctKey.import_key({"kty": "oct", "k": key})
            opened = jwe.decrypt_compact(token, jwk, registry=registry)
        except (JoseError, ValueError, TypeError, zlib.error):
            continue
        kind = text(opened.headers().get("cty")) or ""
        return opened.plaintext or b"", kind.partition(";")[0].strip()
    raise _AsideError("link-key-unknown", "an encrypted file")


def _link_registry() -> Any:
    from joserfc import jwe

    class Inflate:
        """Unpacks within our own bound; the library's is a quarter of a megabyte."""

        name = "DEF"
        algorithm_location = "zip"

        def decompress(self, packed: bytes) -> bytes:
            return _inflated(packed, {"zip": self.name})

    class Registry(jwe.JWERegistry):
        def get_zip(self, name: str) -> Any:
            if name != "DEF":
                raise ValueError("packed in another way")
            return Inflate()

    registry = Registry(algorithms=["dir", "A256GCM", "DEF"], strict_check_header=False)
    registry.max_ciphertext_length = 2 * MAX_UNPACKED
    return registry


def _link_key(link: str) -> str | None:
    """The key inside a link: ``shlink:/`` and JSON in base64url, perhaps behind a viewer's
    address."""
    _, mark, packed = link.partition("shlink:/")
    if not mark:
        return None
    try:
        return text(_json(_base64(packed)).get("key"))
    except _AsideError:
        return None


# Forms ------------------------------------------------------------------------------------------


def _numeric_cards(content: bytes) -> list[str]:
    """The text of every code of digits in a file; a card cut into several codes is put together.

    ``shc:/56...`` is a whole card, ``shc:/1/3/56...`` the first of three parts.
    """
    whole: list[str] = []
    parts: dict[int, str] = {}
    for line in content.decode("ascii", "replace").split():
        *chunk, digits = line[len(_NUMERIC) :].split("/")
        if not re.fullmatch(r"(?:\d\d)+", digits, re.ASCII):
            whole.append(line)
            continue
        card = "".join(chr(_SMALLEST + int(digits[at : at + 2])) for at in range(0, len(digits), 2))
        if len(chunk) == 2 and all(number.isdecimal() for number in chunk):
            parts[int(chunk[0])] = card
            if len(parts) == int(chunk[1]):
                whole.append("".join(parts[number] for number in sorted(parts)))
                parts = {}
        else:
            whole.append(card)
    # Parts without the others make no card; they are set aside, not forgotten.
    return [*whole, *parts.values()]


def _parts(token: str) -> tuple[dict[str, Any], bytes]:
    header, payload, _ = token.split(".")
    return _json(_base64(header)), _base64(payload)


def _base64(packed: str) -> bytes:
    try:
        return base64.b64decode(packed + "=" * (-len(packed) % 4), altchars=b"-_", validate=True)
    except (binascii.Error, ValueError):
        raise _AsideError("card-unreadable", "damaged") from None


def _json(content: bytes) -> dict[str, Any]:
    try:
        document = parse_json(content)
    except NotJsonError:
        raise _AsideError("card-unreadable", "damaged") from None
    if not isinstance(document, dict):
        raise _AsideError("card-unreadable", "damaged")
    return document


def _inflated(payload: bytes, header: dict[str, Any]) -> bytes:
    if header.get("zip") is None:
        return payload
    try:
        return _inflate(payload)
    except (zlib.error, ValueError):
        raise _AsideError("card-unreadable", "damaged, or unpacks to too much") from None


def _inflate(packed: bytes) -> bytes:
    """Raw deflate, within bounds."""
    unpacker = zlib.decompressobj(-zlib.MAX_WBITS)
    content = unpacker.decompress(packed, MAX_UNPACKED)
    if unpacker.unconsumed_tail or not unpacker.eof:
        raise ValueError("unpacks to too much, or is cut short")
    return content


def _digest(token: str) -> str:
    return hashlib.sha256(token.encode()).hexdigest()[:16]


def _show(issuer: str) -> str:
    return issuer[:80]
