"""What ingest reads, from the readers themselves."""

from pathlib import Path

from afterdose.ingest.hooks import readers
from afterdose.ingest.mapping.model import TABLES, fields_of, needed_of
from afterdose.ingest.readers import TABLES as RECORD_TABLES
from generators.markdown import code, escape, page, table


def pages(root: Path) -> dict[str, str]:
    """The formats, and what a mapping may name."""
    ours = (one for one in readers() if one.recognises.__module__.startswith("afterdose."))
    formats = [(code(one.form), escape(one.permitted)) for one in ours]
    formats += [("`table`", escape(RECORD_TABLES)), ("by a mapping", "CSV, TSV, Excel (`.xlsx`)")]
    fields = [
        (
            code(name),
            ", ".join(code(one) for one in needed_of(name)),
            ", ".join(code(one) for one in fields_of(name) if one not in needed_of(name)),
        )
        for name in TABLES
    ]
    return {
        "fragments/formats.md": page(table(("On the receipt", "Format"), formats)),
        "fragments/mapping-fields.md": page(table(("Table", "Needed", "Also known"), fields)),
    }
