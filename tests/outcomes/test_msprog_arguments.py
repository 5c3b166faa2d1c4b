"""msprog's arguments, in R's spelling and Python's, become one definition or a named refusal."""

from dataclasses import replace

import pytest

from afterdose.outcomes.disability import load_definition, render_toml
from afterdose.outcomes.disability.msprog import parse_msprog
from afterdose.outcomes.disability.msprog_arguments import DEFAULTS, MAPPING
from afterdose.record.errors import DefinitionError


@pytest.mark.parametrize(
    ("r", "python"),
    [
        ("RAW_PIRA=TRUE conf_days=7*12", "RAW_PIRA=True, conf_days=84"),
        ("conf_days=c(12*7, 168)", "conf_days=[84, 168]"),
        ("conf_tol_days=c(7, Inf)", "conf_tol_days=(7, float('inf'))"),
        ("event='multiple' baseline=\"roving\"", "event=multiple baseline=roving"),
        (
            "RAW_PIRA=T relapse_indep=relapse_indep_from_bounds(0, NULL, NULL, 30, 30, 30)",
            "RAW_PIRA=True relapse_indep={'prec': [0, None], 'event': [None, 30], "
            "'conf': [30, 30]}",
        ),
        (
            "event=firstPIRA relapse_indep=list(prec=c(0,0), event=c(90,30), prec_type='last')",
            "event=firstPIRA relapse_indep={'prec': (0,0), 'event': (90,30), 'prec_type': 'last'}",
        ),
    ],
)
def test_both_spellings(r, python):
    """Written alike, but for the title, which repeats the arguments."""
    texts = [render_toml(parse_msprog(text)).splitlines() for text in (r, python)]
    assert texts[0][2:] == texts[1][2:]


def test_what_the_arguments_amount_to():
    found = parse_msprog("conf_days=168 event=multiple baseline=roving RAW_PIRA=TRUE verbose=2")
    assert str(found.reference.roves) == "both"
    assert str(found.confirmation.windows[0].after) == "P168D"
    assert found.attribution is not None
    assert found.title == "msprog, event=multiple RAW_PIRA=True baseline=roving conf_days=168"


def test_the_preset_is_what_no_argument_amounts_to():
    preset, translated = load_definition("msprog-first-cdw"), parse_msprog("")
    named = {name: getattr(preset, name) for name in ("id", "title", "source", "evidence", "note")}
    assert replace(translated, **named) == preset


def test_tolerances_by_window():
    found = parse_msprog("conf_days=[84, 168] conf_tol_days={84: 7, 168: (14, 60)}")
    assert [(one.early_days, one.late_days) for one in found.confirmation.windows] == [
        (7.0, 7.0),
        (14.0, 60.0),
    ]


def test_every_argument_has_its_place():
    assert list(DEFAULTS) == list(MAPPING)


@pytest.mark.parametrize(
    ("text", "told"),
    [
        ("delta_fun=mine", "delta_fun cannot be honoured"),
        ("validconf_col='ok'", "validconf_col cannot be honoured"),
        ("conf_weeks=12", "no argument 'conf_weeks'. Permitted: outcome, event"),
        ("event=second", "event is 'second'. Permitted: firstCDW"),
        ("RAW_PIRA=maybe", "RAW_PIRA is 'maybe'. Permitted: TRUE or FALSE"),
        ("conf_days=12.5", "conf_days is '12.5'"),
        ("relapse_to_bl=[1, 2, 3]", "one or two numbers of days"),
        ("require_sust_days=-1", "cannot be read at '-'"),
        ("require_sust_days=soon", "days from 0 on"),
        ("impute_last_visit=0.5", "drawn without a seed"),
        ("bl_geq=T skip_local_extrema=all", "bl_geq with skip_local_extrema"),
        ("bl_geq=T outcome=sdmt", "bl_geq with outcome sdmt"),
        ("RAW_PIRA=T relapse_indep={'prec': (0, None)}", "None to merge two neighbours"),
        ("RAW_PIRA=T relapse_indep={'prec': (None, 0)}", "None to merge two neighbours"),
        ("RAW_PIRA=T relapse_indep={'before': (0, 0)}", "None to merge two neighbours"),
        ("RAW_PIRA=T relapse_indep={'prec': 3}", "None to merge two neighbours"),
        ("relapse_indep=relapse_indep_from_bounds(use_end_dates=TRUE)", "use_end_dates"),
        ("conf_days", "cannot be read at 'the end'"),
        ("conf_days 84", "cannot be read at '84'"),
        ("=84", "cannot be read at '='"),
        ("conf_days=$", r"cannot be read at '\$'"),
        ("conf_days=[84", "cannot be read at 'the end'"),
        ("conf_days=a*2", r"cannot be read at '\*'"),
        ("relapse_indep=list(1, a=2)", "only some entries have names"),
    ],
)
def test_what_cannot_be_honoured_is_refused_by_name(text, told):
    with pytest.raises(DefinitionError, match=told):
        parse_msprog(text)


def test_all_refusals_at_once():
    with pytest.raises(DefinitionError) as raised:
        parse_msprog("event=second baseline=moving conf_days=none")
    assert len(str(raised.value).splitlines()) == 3
