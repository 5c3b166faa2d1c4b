"""Every model says what its table's specification says."""

import pytest
from django.db import models

from afterdose.record.tables import SPECS
from afterdose.web.record.models import MODELS

KINDS: dict[str, type[models.Field]] = {
    "text": models.CharField,
    "code": models.CharField,
    "partial_date": models.CharField,
    "date": models.DateField,
    "number": models.FloatField,
    "whole": models.IntegerField,
    "yes_no": models.BooleanField,
}
OWN = {"id", "team", "person"}


def test_every_table_has_a_model() -> None:
    assert list(MODELS) == list(SPECS)


@pytest.mark.parametrize("table", SPECS)
def test_columns(table: str) -> None:
    spec, model = SPECS[table], MODELS[table]
    fields = {field.column: field for field in model._meta.concrete_fields if field.name not in OWN}
    assert set(fields) == set(spec.columns) - ({"person_id"} if table != "people" else set())
    for name, field in fields.items():
        column = spec.columns[name]
        assert type(field) is KINDS[column.kind], name
        is_optional = name not in spec.required and not spec.row._field_defaults[name]
        assert field.null == is_optional, name
        if column.kind == "code":
            assert max(map(len, column.values), default=0) <= field.max_length
