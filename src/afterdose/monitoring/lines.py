"""On which line of a TOML file a key stands, which the standard library's reader does not tell."""

import re
import tomllib

KeyPath = tuple[str | int, ...]
"""Keys and, inside a list, positions counted from 0: ``("alerts", 1, "when", "parts", 0)``."""

_KEY = re.compile(r"""[ \t]*([A-Za-z0-9_-]+|"(?:[^"\\\n]|\\.)*"|'[^'\n]*')[ \t]*(\.?)""")
_BLANK = re.compile(r"(?:[ \t\r\n]|#[^\n]*)*")
_TEXT = re.compile(
    r'"{3}(?:[^\\]|\\.)*?"{3,5}|' + r"'{3}.*?'{3,5}|" + r'"(?:[^"\\\n]|\\.)*"|' + r"'[^'\n]*'",
    re.DOTALL,
)
_OTHER = re.compile(r"[^,\]}\n#]*")


def lines_of(toml: str) -> dict[KeyPath, int]:
    """The line of every table, key and list item of a text that `tomllib` has read.

    Examples
    --------
    >>> lines_of('[[alerts]]\\nwhen = { parts = [\\n{ unit = "g/L" } ] }')[
    ...     ("alerts", 0, "when", "parts", 0, "unit")]
    3
    """
    scanner = _Scanner(toml)
    scanner.scan()
    return scanner.found


class _Scanner:
    """Walks the text once. What is valid is known; only where things stand is not."""

    def __init__(self, text: str) -> None:
        self.found: dict[KeyPath, int] = {}
        self._text = text
        self._at = 0
        self._counts: dict[KeyPath, int] = {}

    def scan(self) -> None:
        table: KeyPath = ()
        self._skip(_BLANK)
        while self._at < len(self._text):
            if self._text[self._at] == "[":
                table = self._header()
            else:
                self._pair(table)
            self._skip(_BLANK)

    def _header(self) -> KeyPath:
        """``[table]``, or ``[[table]]``, which is one more of its kind."""
        is_item = self._text.startswith("[[", self._at)
        start = self._at
        self._at += 2 if is_item else 1
        keys = self._keys()
        self._at = self._text.index("]", self._at) + (2 if is_item else 1)
        path: KeyPath = ()
        for key in keys[:-1]:
            self._note((*path, key), start)
            path = self._newest((*path, key))
        path = (*path, keys[-1])
        if is_item:
            self._counts[path] = self._counts.get(path, 0) + 1
        self._note(path, start)
        path = self._newest(path)
        self._note(path, start)
        return path

    def _newest(self, path: KeyPath) -> KeyPath:
        return (*path, self._counts[path] - 1) if path in self._counts else path

    def _pair(self, table: KeyPath) -> None:
        start = self._at
        path = table
        for key in self._keys():
            path = (*path, key)
            self._note(path, start)
        self._at = self._text.index("=", self._at) + 1
        self._value(path)

    def _keys(self) -> list[str]:
        """A key, dotted or not, quoted or not."""
        keys, goes_on = [], True
        while goes_on:
            match = _KEY.match(self._text, self._at)
            assert match is not None, "tomllib read the text, so a key stands here"
            self._at = match.end()
            keys.append(next(iter(tomllib.loads(f"{match[1]} = 0"))))
            goes_on = bool(match[2])
        return keys

    def _value(self, path: KeyPath) -> None:
        self._skip(_BLANK)
        match self._text[self._at]:
            case "{":
                self._inside(path, "}")
            case "[":
                self._inside(path, "]")
            case '"' | "'":
                self._skip(_TEXT)
            case _:
                self._skip(_OTHER)

    def _inside(self, path: KeyPath, end: str) -> None:
        """An inline table, up to its brace, or a list, up to its bracket."""
        self._at += 1
        position = 0
        self._skip(_BLANK)
        while self._text[self._at] != end:
            if end == "}":
                self._pair(path)
            else:
                self._note((*path, position), self._at)
                self._value((*path, position))
                position += 1
            self._skip(_BLANK)
            if self._text[self._at] == ",":
                self._at += 1
                self._skip(_BLANK)
        self._at += 1

    def _note(self, path: KeyPath, start: int) -> None:
        self.found.setdefault(path, self._text.count("\n", 0, start) + 1)

    def _skip(self, pattern: re.Pattern[str]) -> None:
        """Go past what the pattern matches here."""
        match = pattern.match(self._text, self._at)
        if match is not None:
            self._at = match.end()
