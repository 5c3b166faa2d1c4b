"""What must happen next for one person, in plain Python: the meaning every engine must agree with.

It advises and records; it does not diagnose.
"""

from afterdose.monitoring.alerts import AlertStatus, evaluate_alerts
from afterdose.monitoring.coverage import Coverage, evaluate_coverage
from afterdose.monitoring.due import CheckState, CheckStatus, evaluate_checks
from afterdose.monitoring.episodes import Episode
from afterdose.monitoring.items import Item, Urgency
from afterdose.monitoring.load import load_protocol
from afterdose.monitoring.model import Protocol
from afterdose.monitoring.set_aside import SetAsideResult
from afterdose.monitoring.whereabouts import Standing, Whereabouts
from afterdose.monitoring.worklist import Entry, follow_person

__all__ = [
    "AlertStatus",
    "CheckState",
    "CheckStatus",
    "Coverage",
    "Entry",
    "Episode",
    "Item",
    "Protocol",
    "SetAsideResult",
    "Standing",
    "Urgency",
    "Whereabouts",
    "evaluate_alerts",
    "evaluate_checks",
    "evaluate_coverage",
    "follow_person",
    "load_protocol",
]
