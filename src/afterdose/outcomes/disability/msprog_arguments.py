"""What msprog's arguments are, where each goes in a definition, and which are refused."""

from typing import Any

DEFAULTS: dict[str, Any] = {
    "outcome": "edss", "event": "firstCDW", "RAW_PIRA": False, "baseline": "fixed",
    "proceed_from": "firstconf", "sub_threshold_rebl": "none", "bl_geq": False,
    "relapse_rebl": False, "skip_local_extrema": "none", "conf_days": 84,
    "conf_tol_days": [7, 730.5], "require_sust_days": 0, "check_intermediate": True,
    "relapse_to_bl": 30, "relapse_to_event": 0, "relapse_to_conf": 30, "relapse_assoc": 90,
    "relapse_indep": None, "impute_last_visit": 0,
}  # fmt: skip
"""What the arguments are when they are not given; those of pymsprog 1.0.7, and EDSS."""

MAPPING = {
    "outcome": "`measure`, `worse`, `step`",
    "event": "`events.report`, `events.kinds`, `events.of_class`",
    "RAW_PIRA": "`attribution` there or not",
    "baseline": "`reference.roves`",
    "proceed_from": "`events.proceed_from`, `reference.moves_to`",
    "sub_threshold_rebl": "`reference.sub_threshold`",
    "bl_geq": "`reference.never_better`",
    "relapse_rebl": "`reference.after_relapse`, `reference.settled_days`",
    "skip_local_extrema": "`reference.extrema`",
    "conf_days": "`confirmation.windows`, `after`",
    "conf_tol_days": "`confirmation.windows`, `early_days` and `late_days`",
    "require_sust_days": "`confirmation.sustained_days`",
    "check_intermediate": "`confirmation.intermediate`",
    "relapse_to_bl": "`relapses.reference`, `relapses.seen_before_days`",
    "relapse_to_event": "`relapses.onset`",
    "relapse_to_conf": "`relapses.confirmation`",
    "relapse_assoc": "`attribution.associated`, `reference.settled_days`",
    "relapse_indep": "`attribution.relapse_free`, `attribution.preceding`",
    "impute_last_visit": "`confirmation.last_visit_within`",
}
"""Where each argument goes."""

REFUSED = {
    "delta_fun": "A function cannot be read from a text. Write the step as bands, or use Python.",
    "worsening": "It belongs to a custom outcome. Write the definition with `measure` and `worse`.",
    "valuedelta_col": "There is no second score to take the step from.",
    "validconf_col": "The record does not say which visits may not confirm.",
    "use_end_dates": "Write the definition with `relapses.measured_from = \"end\"`.",
    "conf_unbounded_right": "Write conf_tol_days with Inf on the right.",
}  # fmt: skip
"""Arguments that are not honoured, and what to do instead."""

IGNORED = frozenset(
    {
        "data", "subj_col", "value_col", "date_col", "relapse", "rsubj_col", "rdate_col",
        "subjects", "date_format", "include_dates", "include_value", "include_stable",
        "return_unconfirmed", "verbose",
    }
)  # fmt: skip
"""Arguments about tables and printing, which say nothing of the definition."""
