"""The ``afterdose`` command."""


def main() -> None:
    raise SystemExit("not yet")
