"""What the commands print with, and the one place that asks for today's date."""

from collections.abc import Iterator
from contextlib import contextmanager
from datetime import date, datetime

from rich.console import Console
from rich.progress import BarColumn, MofNCompleteColumn, Progress, TextColumn

ADVICE = "Afterdose advises and records; it does not diagnose."


def console() -> Console:
    """The terminal; 100 columns wide where there is none, so that piped tables stay readable."""
    found = Console(highlight=False)
    return found if found.is_terminal else Console(highlight=False, width=120)


def today() -> date:
    """Today, for a command that was given no day."""
    return date.today()  # noqa: DTZ011 - a clinic's morning is local


def now() -> datetime:
    """The local time with its offset, for a command that answers others while it runs."""
    return datetime.now().astimezone()


@contextmanager
def progress_bar(what: str, total: int | None = None) -> Iterator["ProgressBar"]:
    """Shows how far a long step has come, on standard error."""
    columns = (TextColumn("{task.description}"), BarColumn(), MofNCompleteColumn())
    bar = Progress(*columns, console=Console(stderr=True), transient=True)
    with bar:
        yield ProgressBar(bar, what, total)


@contextmanager
def waiting(what: str) -> Iterator[None]:
    """Shows on standard error that a step goes on whose end cannot be counted."""
    with Console(stderr=True).status(f"{what} ..."):
        yield


class ProgressBar:
    """Counts steps of a long job."""

    def __init__(self, bar: Progress, what: str, total: int | None) -> None:
        self._bar = bar
        self._task = bar.add_task(what, total=total)

    def advance(self, steps: int = 1) -> None:
        """So many more steps are done."""
        self._bar.advance(self._task, steps)

    def done(self, steps: int) -> None:
        """So many steps are done in all."""
        self._bar.update(self._task, completed=steps)
