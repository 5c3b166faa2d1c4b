"""Confirmed change of disability: a definition holds every choice, one search carries it out."""

from afterdose.outcomes.disability.at_year import (
    Against,
    EdssAtYear,
    edss_visits,
    evaluate_edss_at_year,
)
from afterdose.outcomes.disability.definition import DisabilityDefinition
from afterdose.outcomes.disability.evaluate import (
    Disability,
    DisabilityEvent,
    evaluate_disability,
)
from afterdose.outcomes.disability.first_change import FirstChange, evaluate_first_change
from afterdose.outcomes.disability.presets import (
    CARE_MS_CDI,
    CARE_MS_CDW,
    load_definition,
    preset_paths,
)
from afterdose.outcomes.disability.toml import parse_definition, render_toml
from afterdose.outcomes.disability.words import render_definition

__all__ = [
    "CARE_MS_CDI",
    "CARE_MS_CDW",
    "Against",
    "Disability",
    "DisabilityDefinition",
    "DisabilityEvent",
    "EdssAtYear",
    "FirstChange",
    "edss_visits",
    "evaluate_disability",
    "evaluate_edss_at_year",
    "evaluate_first_change",
    "load_definition",
    "parse_definition",
    "preset_paths",
    "render_definition",
    "render_toml",
]
