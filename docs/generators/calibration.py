"""The simulated cohort beside the published figures it is held to."""

from pathlib import Path

from afterdose.simulate import simulate_cohort
from afterdose.simulate.calibration import Comparison, compare
from generators.markdown import escape, table

_TABLES = ("people", "treatments", "assessments", "relapses", "mri", "events", "follow_up")
"""What the figures rest on; the laboratory results, most of the cohort, are not needed."""


def pages(root: Path) -> dict[str, str]:
    """A table for the page on the simulated cohort."""
    return {"calibration.md": render_calibration(compare(simulate_cohort(811, 1, only=_TABLES)))}


def render_calibration(comparisons: list[Comparison]) -> str:
    """Published figure, simulated figure, tolerance and source, a line each."""
    header = ("Figure", "Published", "Simulated", "People", "Tolerance", "Source")
    return table(header, (_row(found) for found in comparisons)) + "\n"


def _row(found: Comparison) -> tuple[str, ...]:
    target = found.target
    source = target["cite"] + (f". {target['why']}" if "why" in target else "")
    return (
        escape(target["id"].replace("-", " ")),
        escape(target.get("published") or f"{target['value']:g} {target['unit']}"),
        f"{found.simulated:.3g}",
        str(found.people),
        f"± {target['tolerance']:g}",
        escape(source),
    )
