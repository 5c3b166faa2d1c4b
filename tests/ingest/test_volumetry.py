"""Reports of brain volumetry. They are written by hand: no original SIENA report was seen."""

from datetime import date
from pathlib import Path

import pytest
from tests.ingest.conftest import Run

SIENA = """-----------------------------------------------------------------------

 SIENA - Structural Image Evaluation, using Normalisation, of Atrophy
 siena version 2.6

AREA  201345.2 mm^2
finalPBVC -0.4312 %
"""
SIENAX = """ SIENAX - Structural Image Evaluation, using Normalisation, of Atrophy: cross-sectional
 sienax version 2.6

VSCALING 1.5979280678
tissue             volume    unnormalised-volume
pgrey              600000.10 375486.20 (peripheral grey)
GREY               800000.20 500648.30
WHITE              838662.04 524843.57
BRAIN              1638662.24 1025491.87
"""
ASEG = """# Title Segmentation Statistics
#
# generating_program mri_segstats
# cvs_version 7.3.2
# subjectname sub-01
# Measure BrainSeg, BrainSegVol, Brain Segmentation Volume, 1130000.000000, mm^3
# Measure BrainSegNotVent, BrainSegVolNotVent, Brain Segmentation Volume Without Ventricles, 1107684.526000, mm^3
# Measure EstimatedTotalIntraCranialVol, eTIV, Estimated Total Intracranial Volume, 1464199.032000, mm^3
# NTableCols 10
  1   4      3820     4245.9  Left-Lateral-Ventricle
"""  # noqa: E501 - lines of the format
MINDGLIDE = "Label_ID, Region_Name, Volume_mm3\n1, Ventricle, 20000.0\n2, WM, 400000.0\n"
HEADER = "file,person_id,date,scanner,since_date,since_scanner\n"


@pytest.fixture
def take(run: Run):
    """Ingest reports by way of a ``scans.csv``; the receipts by name."""

    def ingest(lines: str, **files: str):
        for name, content in files.items():
            folder, _, last = name.partition("__")
            run.file(f"scans/{folder}_{last.replace('_', '.')}", content)
        listing = run.file("scans/scans.csv", HEADER + lines)
        return {receipt.name: receipt for receipt in run.ingest(listing)}

    return ingest


def test_freesurfer_gives_a_ratio_under_its_own_method(run: Run, take) -> None:
    found = take("a_aseg.stats,p1,2024-03-04,Scanner A,,\n", a__aseg_stats=ASEG)
    assert found["scans.csv"].passed_over == {"scans listed": 1}
    receipt = found["a_aseg.stats"]
    assert (receipt.form, receipt.rows, receipt.accepted) == ("freesurfer", 1, 1)
    (row,) = run.table("mri")
    assert row["bpf"] == pytest.approx(0.756512)
    assert (row["person_id"], row["date"], row["scanner"]) == (
        "p1", date(2024, 3, 4), "Scanner A",
    )  # fmt: skip
    assert row["method"] == "FreeSurfer 7.3.2, BrainSegVolNotVent/eTIV"
    assert row["pbvc_pct"] is None


def test_an_earlier_build_states_the_revision_of_its_program(run: Run, take) -> None:
    revision = "$Id: mri_segstats.c,v 1.121 2016/05/31 17:27:11 greve Exp $"
    take("a_aseg.stats,p1,2024-03-04,,,\n", a__aseg_stats=ASEG.replace("7.3.2", revision))
    (row,) = run.table("mri")
    assert row["method"] == "FreeSurfer mri_segstats 1.121, BrainSegVolNotVent/eTIV"
    assert row["scanner"] is None


@pytest.mark.parametrize(
    ("content", "seen"),
    [
        (
            ASEG.replace("BrainSegVolNotVent", "X").replace("TotalIntraCranialVol, eTIV", ", ICV"),
            "by mri_segstats, have no measure BrainSegVolNotVent and no eTIV",
        ),
        (ASEG.replace("eTIV", "ICV"), "have no measure eTIV"),
        (ASEG.replace("mri_segstats", "segstats.py"), "by segstats.py, have no measure of"),
        ("# Title Segmentation Statistics\n", "by a program not named"),
    ],
)
def test_other_builds_and_programs_are_refused_with_the_reason(
    take, content: str, seen: str
) -> None:
    receipt = take("a_aseg.stats,p1,2024-03-04,,,\n", a__aseg_stats=content)["a_aseg.stats"]
    assert seen in receipt.refused
    assert "builds of 2011 have neither" in receipt.refused


@pytest.mark.parametrize(
    "wrong",
    [
        ASEG.replace("1464199.032000, mm^3", "0, mm^3"),
        ASEG.replace("1464199.032000, mm^3", "1464199, cm^3"),
        ASEG.replace("1464199.032000", "nan"),
        ASEG.replace("# NTable", "# Measure A, eTIV, Twice, 1500000, mm^3\n# NTable"),
    ],
)
def test_volumes_that_are_none_are_set_aside(take, wrong: str) -> None:
    receipt = take("a_aseg.stats,p1,2024-03-04,,,\n", a__aseg_stats=wrong)["a_aseg.stats"]
    assert dict(receipt.set_aside) == {"malformed": 1}


def test_a_ratio_above_one_breaks_the_specification(take) -> None:
    wrong = ASEG.replace("1107684.526000", "2107684.526000")
    receipt = take("a_aseg.stats,p1,2024-03-04,,,\n", a__aseg_stats=wrong)["a_aseg.stats"]
    assert dict(receipt.set_aside) == {"breaks-specification": 1}


def test_siena_gives_the_change_and_a_first_scan_to_count_from(run: Run, take) -> None:
    found = take(
        "a_report.siena,p1,2023-03-01,B,2022-03-01,A\nb_report.siena,p1,2024-03-01,B,2023-03-01,B\n",
        a__report_siena=SIENA,
        b__report_siena=SIENA.replace("-0.4312", "-0.2"),
    )
    assert [found[f"{name}_report.siena"].accepted for name in "ab"] == [2, 1]
    rows = [(str(row["date"]), row["pbvc_pct"], row["scanner"]) for row in run.table("mri")]
    assert rows == [
        ("2022-03-01", None, "A"),
        ("2023-03-01", -0.4312, "B"),
        ("2024-03-01", -0.2, "B"),
    ]
    assert {row["method"] for row in run.table("mri")} == {"FSL SIENA 2.6"}


def test_the_same_reports_again_are_duplicates(run: Run, take) -> None:
    line = "a_report.siena,p1,2023-03-01,A,2022-03-01,A\n"
    take(line, a__report_siena=SIENA)
    again = take(line, a__report_siena=SIENA)["a_report.siena"]
    assert (again.accepted, again.duplicates) == (0, 2)


def test_reports_of_one_person_in_two_runs(run: Run, take) -> None:
    """The first scan of the second run is the last of the first: it is there already."""
    take("a_report.siena,p1,2023-03-01,A,2022-03-01,A\n", a__report_siena=SIENA)
    later = SIENA.replace("-0.4312", "-0.2")
    found = take("b_report.siena,p1,2024-03-01,A,2023-03-01,A\n", b__report_siena=later)
    assert (found["b_report.siena"].accepted, found["b_report.siena"].duplicates) == (1, 1)
    assert [row["pbvc_pct"] for row in run.table("mri")] == [None, -0.4312, -0.2]


def test_an_earlier_report_after_a_later_one_is_set_aside(run: Run, take) -> None:
    """Two rows of one day would let change be counted from either."""
    take("b_report.siena,p1,2024-03-01,A,2023-03-01,A\n", b__report_siena=SIENA)
    earlier = SIENA.replace("-0.4312", "-0.2")
    found = take("a_report.siena,p1,2023-03-01,A,2022-03-01,A\n", a__report_siena=earlier)
    assert dict(found["a_report.siena"].set_aside) == {"first-scan-stands": 1}
    assert [str(row["date"]) for row in run.table("mri")] == [
        "2022-03-01", "2023-03-01", "2024-03-01",
    ]  # fmt: skip


def test_a_change_over_a_scan_between_is_no_change_since_the_scan_before(take) -> None:
    found = take(
        "a_report.siena,p1,2023-03-01,A,2022-03-01,A\nb_report.siena,p1,2024-03-01,A,2022-03-01,A\n",
        a__report_siena=SIENA,
        b__report_siena=SIENA,
    )
    assert dict(found["b_report.siena"].set_aside) == {"scans-between": 1}


def test_a_change_since_nobody_knows_when(take) -> None:
    found = take("a_report.siena,p1,2024-03-01,A,,\n", a__report_siena=SIENA)
    assert dict(found["a_report.siena"].set_aside) == {"scan-without-since": 1}


@pytest.mark.parametrize(
    ("content", "seen"),
    [
        (SIENA.replace("finalPBVC", "PBVC"), "no finalPBVC"),
        (SIENA.replace("-0.4312", "nan"), "finalPBVC that is not one number"),
        (SIENA.replace("-0.4312", "-0,4312"), "finalPBVC that is not one number"),
        (SIENA + "finalPBVC -0.1 %\n", "finalPBVC that is not one number"),
    ],
)
def test_broken_siena_reports(run: Run, take, content: str, seen: str) -> None:
    receipt = take("a_report.siena,p1,2024-03-01,A,2023-03-01,A\n", a__report_siena=content)
    assert dict(receipt["a_report.siena"].set_aside) == {"malformed": 1}
    assert run.set_aside[0]["seen"] == seen


def test_without_a_version_the_method_says_so(run: Run, take) -> None:
    content = SIENA.replace("siena version 2.6", "")
    take("a_report.siena,p1,2024-03-01,A,2023-03-01,A\n", a__report_siena=content)
    assert {row["method"] for row in run.table("mri")} == {"FSL SIENA of a version not stated"}


def test_sienax_gives_the_brains_volume_normalised(run: Run, take) -> None:
    receipt = take("a_report.sienax,p1,2024-03-04,A,,\n", a__report_sienax=SIENAX)
    found = receipt["a_report.sienax"]
    assert (found.form, found.rows, found.accepted) == ("sienax", 1, 1)
    assert found.passed_over["VSCALING of SIENAX"] == 1
    (row,) = run.table("mri")
    assert row["brain_volume_ml"] == pytest.approx(1638.66224)
    assert row["method"] == "FSL SIENAX 2.6, normalised"
    assert (row["bpf"], row["pbvc_pct"], row["scanner"]) == (None, None, "A")


@pytest.mark.parametrize(
    ("content", "seen"),
    [
        (SIENAX.partition("BRAIN")[0], "not one line BRAIN with two volumes and one VSCALING"),
        (SIENAX.replace("VSCALING", "SCALING"), "not one line BRAIN"),
        (SIENAX + "BRAIN 1 1\n", "not one line BRAIN"),
        (SIENAX.replace("1638662.24", "1538662.24"), "whose first volume is not its second"),
        (SIENAX.replace("1025491.87", "0"), "whose first volume is not its second"),
    ],
)
def test_sienax_reports_that_contradict_themselves(run: Run, take, content: str, seen: str) -> None:
    """A scaling factor that does not fit: nobody can say which volume is the normalised one."""
    receipt = take("a_report.sienax,p1,2024-03-04,A,,\n", a__report_sienax=content)
    assert dict(receipt["a_report.sienax"].set_aside) == {"malformed": 1}
    assert seen in run.set_aside[0]["seen"]


def test_a_volume_no_head_has_is_set_aside(take) -> None:
    small = SIENAX.replace("1638662.24", "163866.224").replace("1025491.87", "102549.187")
    receipt = take("a_report.sienax,p1,2024-03-04,A,,\n", a__report_sienax=small)
    assert dict(receipt["a_report.sienax"].set_aside) == {"breaks-specification": 1}


def test_volumes_by_two_programs_stand_beside_each_other(run: Run, take) -> None:
    lines = "a_report.sienax,p1,2024-03-04,A,,\nb_aseg.stats,p1,2024-03-04,A,,\n"
    take(lines, a__report_sienax=SIENAX, b__aseg_stats=ASEG)
    volumes = {row["method"]: row["brain_volume_ml"] for row in run.table("mri")}
    assert volumes == {
        "FSL SIENAX 2.6, normalised": pytest.approx(1638.66224),
        "FreeSurfer 7.3.2, BrainSegVolNotVent/eTIV": pytest.approx(1107.684526),
    }
    again = take(lines, a__report_sienax=SIENAX, b__aseg_stats=ASEG)
    assert [again[name].duplicates for name in ("a_report.sienax", "b_aseg.stats")] == [1, 1]


def test_mindglide_does_not_say_which_regions_make_the_brain(run: Run) -> None:
    receipt = run.take("volumes.csv", MINDGLIDE)
    assert (receipt.form, dict(receipt.set_aside)) == ("mindglide", {"regions-without-total": 1})
    assert receipt.passed_over == {"regions of MindGlide": 2}
    assert "brain_volume_ml" in run.set_aside[0]["do"]


def test_a_report_nobody_listed_is_set_aside(run: Run) -> None:
    receipt = run.take("aseg.stats", ASEG)
    assert dict(receipt.set_aside) == {"scan-not-listed": 1}
    assert "scans.csv" in run.set_aside[0]["do"]


@pytest.mark.parametrize(
    ("lines", "reasons"),
    [
        ("../outside.stats,p1,2024-03-04,A,,\n", {"scan-outside": 1}),
        (",p1,2024-03-04,A,,\n", {"scan-outside": 1}),
        ("a.stats,,2024-03-04,A,,\n", {"person-unknown": 1}),
        ("a.stats,p1,4.3.2024,A,,\n", {"breaks-specification": 1}),
        ("a.stats,p1,2024-03-04,A,then,\n", {"breaks-specification": 1}),
        ("a.stats,p1,2024-03-04,A,2024-03-04,\n", {"breaks-specification": 1}),
        ("a.stats,p1,2024-03-04\na.stats,p1,2024-03-05\n", {"scan-listed-twice": 1}),
    ],
)
def test_lines_that_cannot_be_used(take, lines: str, reasons: dict[str, int]) -> None:
    assert dict(take(lines)["scans.csv"].set_aside) == reasons


def test_a_file_that_is_listed_and_not_there_is_refused(take) -> None:
    assert "cannot be opened" in take("gone.stats,p1,2024-03-04,A,,\n")["gone.stats"].refused


@pytest.mark.parametrize(
    "content", [b"file,who\na,b\n", b"person_id,date\np,d\n", b"file,date,date\n", b"\xff\xfe"]
)
def test_a_listing_with_other_columns_is_refused(run: Run, content: bytes) -> None:
    assert "Permitted: a header line with file and date" in run.take("scans.csv", content).refused


def test_somebody_by_another_assigners_number(run: Run) -> None:
    run.file("scans/aseg.stats", ASEG)
    listing = run.file(
        "scans/scans.csv", "file,assigner,identifier,date\naseg.stats,urn:clinic,4711,2024-03-04\n"
    )
    run.ingest(listing)
    assert [row["person_id"] for row in run.table("mri")] == ["4711"]


def test_a_folder_with_its_listing_is_read_once(run: Run, monkeypatch: pytest.MonkeyPatch) -> None:
    run.file("scans/aseg.stats", ASEG)
    listing = run.file("scans/scans.csv", HEADER + "aseg.stats,p1,2024-03-04,A,,\n")
    monkeypatch.chdir(listing.parent.parent)
    receipts = run.ingest(Path("scans"), listing)
    assert [(file.name, file.accepted) for file in receipts] == [
        ("scans.csv", 0),
        ("aseg.stats", 1),
    ]


def test_a_report_too_large_is_refused(run: Run, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("afterdose.ingest.readers.volumetry.MAX_BYTES", 10)
    assert "Permitted for a report of brain volumetry: 10" in run.take("a.siena", SIENA).refused


def test_a_report_under_another_name_is_known_by_its_lines(run: Run) -> None:
    assert run.take("p1.txt", SIENAX).form == "sienax"
    assert run.take("p2.txt", SIENA).form == "siena"
    assert "cannot be read" in run.take("p3.txt", "a word on VSCALING\n").refused
