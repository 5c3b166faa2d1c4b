"""Keys the person who ingests trusts: whose signatures count, and which links may be opened.

They come from a file that somebody checked and saved; nothing is fetched from anywhere.
"""

import json
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from afterdose.record.errors import UsageError

_MAX_BYTES = 16 * 1024 * 1024

Jwk = dict[str, Any]


@dataclass(frozen=True)
class Keys:
    """Issuers with their public keys, and SMART Health Links.

    Attributes
    ----------
    issuers : dict of str to tuple of dict
        By the issuer's address, as cards name it (``iss``): its JSON Web Keys.
    links : tuple of str
        Links as they were shared: ``shlink:/...``.
    """

    issuers: dict[str, tuple[Jwk, ...]]
    links: tuple[str, ...] = ()

    @classmethod
    def read(cls, path: Path) -> "Keys":
        """From a JSON file: ``{"issuers": {ADDRESS: {"keys": [...]}}, "links": [...]}``.

        Raises
        ------
        UsageError
            It is not such a file.
        """
        try:
            if path.stat().st_size > _MAX_BYTES:
                raise ValueError("too large")
            document = json.loads(path.read_text("utf-8"))
            issuers = {
                str(issuer): tuple(dict(key) for key in found["keys"])
                for issuer, found in document.get("issuers", {}).items()
            }
            links = tuple(map(str, document.get("links", ())))
        except (OSError, ValueError, TypeError, KeyError, AttributeError, RecursionError):
            raise UsageError(
                f'{path.name} is no file of keys. Permitted: JSON with "issuers", each address '
                'with its "keys" as the issuer publishes them, and "links". Write the file anew.'
            ) from None
        return cls(issuers, links)
