"""What must happen next for one person, in plain Python: the meaning every engine must agree with.

It advises and records; it does not diagnose.
"""

from afterdose.monitoring.alerts import AlertStatus, Episode, evaluate_alerts
from afterdose.monitoring.coverage import Coverage, evaluate_coverage
from afterdose.monitoring.due import CheckState, CheckStatus, evaluate_checks
from afterdose.monitoring.load import load_protocol
from afterdose.monitoring.model import Protocol
from afterdose.monitoring.worklist import Entry, Item, worklist_entry

__all__ = [
    "AlertStatus",
    "CheckState",
    "CheckStatus",
    "Coverage",
    "Entry",
    "Episode",
    "Item",
    "Protocol",
    "evaluate_alerts",
    "evaluate_checks",
    "evaluate_coverage",
    "load_protocol",
    "worklist_entry",
]
