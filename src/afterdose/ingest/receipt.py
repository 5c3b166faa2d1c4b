"""The receipt of a run: what became of every row of every file. The sums are checked."""

import json
import re
from collections import Counter
from dataclasses import dataclass, field
from pathlib import Path
from typing import TYPE_CHECKING, Any

from afterdose.ingest.reasons import REASONS

if TYPE_CHECKING:
    from rich.console import RenderableType

_SHARE = re.compile(r"(?:(.+): )?(\d+) of (\d+) (.+)", re.DOTALL)
"""A note on a part of a file, or of a container's member: ``2 of 9 messages are ...``."""
_NAMED = 5
"""Files that are named beside a sum; the receipt in the record has all."""


@dataclass
class FileReceipt:
    """What became of one file.

    Attributes
    ----------
    name, sha256, form : str
        ``form`` is the format it was read as; empty for a file that was refused.
    rows : int
        Results, people, treatments and events found; of a container, in all its members.
    accepted, duplicates : int
    set_aside : Counter of str
        Rows by reason code.
    passed_over : dict of str to int
        What else the file holds, by kind: not people, not results.
    refused : str
        Why the whole file was refused; empty if it was read.
    already_landed : bool
        The same bytes had arrived before.
    notes : list of str
        What the file says of itself that does not add up.
    """

    name: str
    sha256: str = ""
    form: str = ""
    rows: int = 0
    accepted: int = 0
    duplicates: int = 0
    set_aside: Counter[str] = field(default_factory=Counter)
    passed_over: dict[str, int] = field(default_factory=dict)
    refused: str = ""
    already_landed: bool = False
    notes: list[str] = field(default_factory=list)

    def pass_over(self, kind: str, count: int = 1) -> None:
        """Count more of a kind that is neither a person nor a result."""
        self.passed_over[kind] = self.passed_over.get(kind, 0) + count

    def check(self) -> None:
        """rows = accepted + duplicates + set aside, always."""
        found = self.accepted + self.duplicates + self.set_aside.total()
        if self.rows != found:
            raise AssertionError(f"{self.rows} rows in, {found} accounted for")
        unknown = set(self.set_aside) - set(REASONS)
        if unknown:
            raise AssertionError(f"reasons without a next step: {sorted(unknown)}")


@dataclass
class Receipt:
    """What became of a run.

    Attributes
    ----------
    landed_on : str
        The day of the run.
    files : list of FileReceipt
    mapping : str
        Which codes and units the rows were judged by.
    replay : dict of str to int
        Of a replay: rows that stood aside ``before`` and stand aside ``now``, of the files read
        again. Empty for files that arrived.
    linked : int
        Pairs of results in the record that may be one result by way of two laboratories.
    """

    landed_on: str
    files: list[FileReceipt]
    mapping: str = ""
    replay: dict[str, int] = field(default_factory=dict)
    linked: int = 0

    def as_dict(self) -> dict[str, Any]:
        """For the JSON file, and for other programs."""
        return {
            "landed_on": self.landed_on,
            "mapping": self.mapping,
            "replay": self.replay,
            "linked": self.linked,
            "files": [
                {**vars(file), "set_aside": dict(sorted(file.set_aside.items()))}
                for file in self.files
            ],
            "totals": {
                "files": len(self.files),
                "refused": sum(bool(file.refused) for file in self.files),
                "rows": sum(file.rows for file in self.files),
                "accepted": sum(file.accepted for file in self.files),
                "duplicates": sum(file.duplicates for file in self.files),
                "set_aside": sum(file.set_aside.total() for file in self.files),
            },
        }

    def write(self, folder: Path, *, after: Path) -> Path:
        """Write the receipt that comes next ``after`` those of a folder; return its path."""
        folder.mkdir(parents=True, exist_ok=True)
        newest = max((int(path.stem) for path in after.glob("[0-9]*.json")), default=0)
        path = folder / f"{newest + 1:06d}.json"
        path.write_text(json.dumps(self.as_dict(), indent=2) + "\n", encoding="utf-8")
        return path

    def as_table(self) -> "RenderableType":
        """For the terminal: a line a file, then the reasons with their next steps."""
        from rich.console import Group
        from rich.table import Table
        from rich.text import Text

        title = "Receipt of a replay" if self.replay else "Receipt"
        table = Table(title=title, title_justify="left")
        table.add_column("File", no_wrap=True, max_width=44)
        for title in ("Rows in", "Accepted", "Duplicates", "Set aside"):
            table.add_column(title, justify="right")
        table.add_column("Not people or results")
        for file in self.files:
            table.add_row(*_line(file))
        totals = self.as_dict()["totals"]
        table.add_section()
        table.add_row(
            f"{totals['files']} files",
            *(str(totals[key]) for key in ("rows", "accepted", "duplicates", "set_aside")),
            f"{totals['refused']} refused" if totals["refused"] else "",
        )
        return Group(table, *map(Text, (*self._sums(), *self._reasons())))

    def _sums(self) -> list[str]:
        """What a replay changed, and what is linked."""
        lines = []
        if self.replay:
            before, now = self.replay["before"], self.replay["now"]
            lines.append(f"Set aside before: {before} rows of these files. Now: {now}.")
        if self.linked:
            pairs = "1 pair" if self.linked == 1 else f"{self.linked} pairs"
            lines.append(
                f"Linked: {pairs} of results that may be one result by way of two laboratories; "
                "links.csv in the record names them. Both are kept."
            )
        return lines

    def _reasons(self) -> list[str]:
        totals: Counter[str] = Counter()
        for file in self.files:
            totals += file.set_aside
        lines = [
            f"Set aside, {reason}: {count}. {REASONS[reason]}"
            for reason, count in totals.most_common()
        ]
        refused: dict[str, list[str]] = {}
        for file in self.files:
            if file.refused:
                reason = file.refused.removeprefix(file.name).strip()
                refused.setdefault(reason, []).append(file.name)
        lines += [
            f"Refused, {len(names)} ({', '.join(names)}): {reason}"
            for reason, names in refused.items()
        ]
        return lines + self._notes()

    def _notes(self) -> list[str]:
        """What files say of themselves; a share that several files have is summed in one line."""
        lines: list[str] = []
        shares: dict[str, list[tuple[str, int, int]]] = {}
        for file in self.files:
            for note in file.notes:
                if (share := _SHARE.fullmatch(note)) is None:
                    lines.append(f"{file.name}: {note}")
                else:
                    member, part, whole, said = share.groups()
                    name = f"{file.name}!{member}" if member else file.name
                    shares.setdefault(said, []).append((name, int(part), int(whole)))
        for said, found in shares.items():
            names, parts, wholes = zip(*found, strict=True)
            more = f" and {len(names) - _NAMED} more" if len(names) > _NAMED else ""
            shown = ", ".join(names[:_NAMED])
            lines.append(f"{shown}{more}: {sum(parts)} of {sum(wholes)} {said}")
        return lines


def _line(file: FileReceipt) -> tuple[str, ...]:
    name = file.name + (" (seen before)" if file.already_landed else "")
    if file.refused:
        return name, "", "", "", "", "refused"
    kinds = sorted(file.passed_over.items(), key=lambda kind: -kind[1])
    others = ", ".join(f"{count} {kind}" for kind, count in kinds[:3])
    if len(kinds) > 3:
        others += f" and {sum(count for _, count in kinds[3:])} more"
    counts = (file.rows, file.accepted, file.duplicates, file.set_aside.total())
    return name, *map(str, counts), others
