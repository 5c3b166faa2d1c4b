"""The tables of an OMOP Common Data Model 5.4, by their names and the columns that make them so."""

import re

NEEDED: dict[str, tuple[str, ...]] = {
    "cdm_source": ("cdm_source_name",),
    "concept": ("concept_id", "concept_name", "vocabulary_id", "concept_code"),
    "drug_strength": ("drug_concept_id", "ingredient_concept_id"),
    "person": ("person_id", "gender_concept_id", "year_of_birth"),
    "death": ("person_id", "death_date"),
    "measurement": ("person_id", "measurement_concept_id", "measurement_date"),
    "drug_exposure": ("person_id", "drug_concept_id", "drug_exposure_start_date"),
    "condition_occurrence": ("person_id", "condition_concept_id", "condition_start_date"),
    "observation_period": (
        "person_id",
        "observation_period_start_date",
        "observation_period_end_date",
    ),
}
"""Tables that are read, and the columns each must have."""
PASSED_OVER: dict[str, tuple[str, ...]] = {
    "care_site": ("care_site_id",),
    "concept_ancestor": ("ancestor_concept_id",),
    "concept_class": ("concept_class_id",),
    "concept_relationship": ("concept_id_1",),
    "concept_synonym": ("concept_synonym_name",),
    "condition_era": ("condition_era_id",),
    "cost": ("cost_id",),
    "device_exposure": ("device_exposure_id",),
    "domain": ("domain_concept_id",),
    "dose_era": ("dose_era_id",),
    "drug_era": ("drug_era_id",),
    "episode": ("episode_id",),
    "episode_event": ("episode_id",),
    "fact_relationship": ("fact_id_1",),
    "location": ("location_id",),
    "metadata": ("metadata_concept_id",),
    "note": ("note_id",),
    "note_nlp": ("note_nlp_id",),
    "observation": ("observation_concept_id",),
    "payer_plan_period": ("payer_plan_period_id",),
    "procedure_occurrence": ("procedure_concept_id",),
    "provider": ("provider_id",),
    "relationship": ("relationship_id",),
    "source_to_concept_map": ("source_vocabulary_id",),
    "specimen": ("specimen_concept_id",),
    "visit_detail": ("visit_detail_id",),
    "visit_occurrence": ("visit_occurrence_id",),
    "vocabulary": ("vocabulary_concept_id",),
}
"""Tables whose rows are only counted."""
TABLES = NEEDED | PASSED_OVER
READ_FIRST = ("cdm_source", "concept", "drug_strength", "person")
"""In this order, before the tables that point at them."""

_NAME = re.compile(r"([a-z_0-9]+?)(?:[._-]?\d+)?\.(?:csv|parquet)(?:\.gz)?\Z")


def table_named(name: str) -> str | None:
    """The table that a file is one or a part of, by its name; None: by its name it is none.

    Examples
    --------
    >>> table_named("CONCEPT.csv"), table_named("measurement_002.parquet"), table_named("labs.csv")
    ('concept', 'measurement', None)
    """
    match = _NAME.match(name.lower())
    return match[1] if match and match[1] in TABLES else None
