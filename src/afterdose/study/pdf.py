"""The report as PDF: the same page, laid out for paper, with tags for those who have it read."""

import contextlib
import hashlib
import io
import warnings
from pathlib import Path
from types import ModuleType
from typing import Any

from afterdose.record.errors import UsageError

VARIANT = "pdf/ua-1"
"""Tagged, with title and language (ISO 14289-1)."""
_NO_PANGO = (
    "A PDF needs the library Pango, and it cannot be loaded here. The HTML file needs nothing and "
    "prints as well. On Debian and Ubuntu: apt install libpango-1.0-0 libpangoft2-1.0-0, then run "
    "the command again."
)


def write_pdf(page: str, path: Path) -> None:
    """Write a page as PDF.

    Parameters
    ----------
    page : str
        HTML from `afterdose.study.render_report`.
    path : Path
        Replaced if it exists; its folder is made if it does not.

    Raises
    ------
    UsageError
        Pango is not there.
    """
    content = render_pdf(page)
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_bytes(content)


def render_pdf(page: str) -> bytes:
    """A page as PDF; see `write_pdf`.

    Same page, same bytes with the same fonts installed: no date is written, and the identifier is
    made from the page. Nothing is fetched, neither from a network nor from a disk.
    """
    weasyprint = _load()
    document = weasyprint.HTML(string=page, url_fetcher=_refusing_fetcher(weasyprint))
    content: bytes = document.write_pdf(
        pdf_variant=VARIANT,
        pdf_identifier=hashlib.sha256(page.encode()).digest()[:16],
        finisher=_draw_text_directly,
    )
    return content


def _load() -> ModuleType:
    """WeasyPrint, loaded only when somebody wants a PDF."""
    try:
        # Where a library is missing WeasyPrint prints advice of its own; ours follows.
        with contextlib.redirect_stdout(io.StringIO()), warnings.catch_warnings():
            warnings.simplefilter("ignore", DeprecationWarning)
            import weasyprint
    except OSError:
        raise UsageError(_NO_PANGO) from None
    return weasyprint


def _refusing_fetcher(weasyprint: ModuleType) -> Any:
    """Refuses every address: a report holds all it needs."""

    class Refusing(weasyprint.URLFetcher):
        def fetch(self, url: str, headers: dict[str, str] | None = None) -> Any:
            raise ValueError("A report fetches nothing.")

    return Refusing()


def _draw_text_directly(_document: Any, pdf: Any) -> None:
    """Take the letters of plots out of transparency groups.

    WeasyPrint puts every text that is not set from the left into such a group, and PDFium, the
    viewer in Chrome, then cuts the edge of the first letter on a screen.
    """
    for thing in pdf.objects:
        extra = getattr(thing, "extra", {})
        if "Group" in extra and b"BT" in thing.stream:
            del extra["Group"]
