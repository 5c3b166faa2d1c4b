"""The PDF: the same report for paper, and for those who have it read aloud."""

import logging
import os
import subprocess
import sys
from datetime import date

import pytest
from tests.cli.test_commands import ROOT, run
from tests.study.conftest import AS_OF, cohort_of, six_people

from afterdose.cohort import Cohort
from afterdose.record.errors import UsageError
from afterdose.simulate import simulate_cohort
from afterdose.study import build_report, parse_authorship, render_pdf, render_report, write_pdf

BANNER = "SIMULATED DATA: nobody in this report exists"
AUTHOR = '[[authors]]\nname = "Zoë Example"\naffiliation = "Example Hospital"'
_LOAD = "from afterdose.study.pdf import _load; _load()"


def _pango_is_there():
    """Asked of another process, so that nothing is loaded into this one."""
    return subprocess.run([sys.executable, "-c", _LOAD], capture_output=True).returncode == 0


needs_pango = pytest.mark.skipif(
    not _pango_is_there(),
    reason="Pango cannot be loaded: apt install libpango-1.0-0 libpangoft2-1.0-0",
)


def _read(content, tmp_path):
    from pypdf import PdfReader

    path = tmp_path / "report.pdf"
    path.write_bytes(content)
    return PdfReader(path)


@pytest.fixture(scope="module")
def page():
    report = build_report(
        cohort_of(six_people()),
        as_of=AS_OF,
        authorship=parse_authorship(AUTHOR, where="about.toml"),
    )
    return render_report(report)


@pytest.fixture(scope="module")
def content(page):
    return render_pdf(page)


@pytest.fixture
def pdf(content, tmp_path):
    return _read(content, tmp_path)


@pytest.fixture(scope="module")
def record(tmp_path_factory):
    """A small simulated record with an approved protocol."""
    folder = tmp_path_factory.mktemp("record") / "record"
    run("simulate", "--people", "20", "--into", folder)
    run("protocols", "approve", "alemtuzumab-eu", "--record", folder, "--by", "Dr E")
    return folder


@pytest.fixture
def no_pango(tmp_path, monkeypatch):
    """WeasyPrint as it is where Pango is missing: it prints, then fails to load."""
    folder = tmp_path / "without"
    folder.mkdir()
    (folder / "weasyprint.py").write_text('print("Advice")\nraise OSError("cannot load library")\n')
    monkeypatch.delitem(sys.modules, "weasyprint", raising=False)
    monkeypatch.syspath_prepend(folder)


@needs_pango
def test_its_text_can_be_read_and_searched(pdf):
    text = " ".join(" ".join(page.extract_text().split()) for page in pdf.pages)
    text = text.replace("\u00a0", " ")
    for words in (
        "After alemtuzumab: what happened",
        "(a) Retreated in year 3",
        "Published",
        "Methods and definitions",
        "Conflicts of interest: not declared.",
        "Year after the first course",  # the axis of a plot is text, too
    ):
        assert words in text


@needs_pango
def test_every_page_says_that_the_data_are_simulated_and_where_one_is(pdf):
    pages = [page.extract_text() for page in pdf.pages]
    assert len(pages) > 5
    for number, text in enumerate(pages, 1):
        assert BANNER in text
        assert f"Page {number} of {len(pages)}" in text
        assert "data of 2016-06-30" in text


@needs_pango
def test_a_real_record_carries_no_such_mark(tables, tmp_path):
    report = build_report(cohort_of(tables, simulated=False), as_of=AS_OF)
    pdf = _read(render_pdf(render_report(report)), tmp_path)
    assert not any("simulated" in page.extract_text().lower() for page in pdf.pages)


@needs_pango
def test_it_can_be_read_aloud(pdf):
    """Language, title, tags with words for every drawing, and bookmarks from the headings."""
    root = pdf.trailer["/Root"]
    assert root["/Lang"] == "en"
    assert root["/MarkInfo"]["/Marked"].value is True
    assert root["/ViewerPreferences"]["/DisplayDocTitle"].value is True
    assert 'pdfuaid:part="1"' in root["/Metadata"].get_data().decode()
    assert pdf.metadata.title.startswith("Simulated data: After alemtuzumab")
    assert pdf.metadata.author == "Zoë Example"
    kinds, words = _tags(root["/StructTreeRoot"])
    for kind in ("/H1", "/H2", "/Table", "/TH", "/TD", "/Caption", "/Figure", "/L", "/P"):
        assert kind in kinds
    assert kinds.count("/Figure") == len(words) == 15
    assert "Share first retreated in each year" in words


def _tags(node):
    """Every tag below a node, and the words that stand for drawings."""
    kinds, words, waiting = [], [], [node]
    while waiting:
        one = waiting.pop().get_object()
        if isinstance(one, int):  # text on the page
            continue
        kinds.append(one.get("/S"))
        if "/Alt" in one:
            words.append(one["/Alt"])
        waiting += one.get("/K", [])
    return kinds, words


@needs_pango
def test_bookmarks_are_the_headings(pdf):
    (title, sections) = pdf.outline
    assert title.title == "After alemtuzumab: what happened"
    found = [one.title for one in sections if not isinstance(one, list)]
    assert found[0] == "In short"
    assert found[-3:] == [
        "Methods and definitions",
        "What this report cannot say",
        "Authors and conflicts of interest",
    ]


@needs_pango
def test_same_page_same_bytes_in_another_process(page, content, tmp_path):
    """Another day's clock, another time zone, another order of sets: the very same file."""
    (tmp_path / "page.html").write_text(page, encoding="utf-8")
    program = (
        "import time; time.time = lambda: 1e9\n"
        "from pathlib import Path\nfrom afterdose.study import write_pdf\n"
        "write_pdf(Path('page.html').read_text(encoding='utf-8'), Path('new/again.pdf'))\n"
    )
    subprocess.run(
        [sys.executable, "-c", program],
        cwd=tmp_path,
        env={**os.environ, "PYTHONHASHSEED": "12", "TZ": "Asia/Tokyo"},
        check=True,
    )
    assert (tmp_path / "new" / "again.pdf").read_bytes() == content
    assert b"/CreationDate" not in content


@needs_pango
def test_nothing_is_fetched(tmp_path, caplog):
    """Not from a disk, not from a network, whatever a page may ask for."""
    secret = tmp_path / "secret.svg"
    secret.write_text(
        '<svg xmlns="http://www.w3.org/2000/svg" width="90" height="20">'
        '<text y="15">secret</text></svg>'
    )
    disk, network = secret.as_uri(), "http://127.0.0.1:9/z.png"
    asked = (
        f'<img alt="x" src="{disk}"><img alt="y" src="{network}">'
        f'<link rel="stylesheet" href="{disk}"><style>@import "{disk}";</style>'
    )
    with caplog.at_level(logging.ERROR, logger="weasyprint"):
        content = render_pdf(f'<!DOCTYPE html><html lang="en"><title>T</title>{asked}<p>Here')
    refused = [one for one in caplog.messages if "A report fetches nothing." in one]
    assert len(refused) == 4
    text = _read(content, tmp_path).pages[0].extract_text()
    assert "Here" in text
    assert "secret" not in text


@needs_pango
def test_the_report_asks_for_nothing(page, caplog):
    with caplog.at_level(logging.ERROR, logger="weasyprint"):
        render_pdf(page)
    assert caplog.messages == []


@needs_pango
def test_letters_of_plots_are_in_no_group(pdf):
    """PDFium, the viewer in Chrome, would cut the edges of first letters there."""
    texts = 0
    for page in pdf.pages:
        for form in _forms(page["/Resources"]):
            if b"BT" in form.get_data().split():
                assert "/Group" not in form
                texts += 1
    assert texts > 100


def _forms(resources):
    """Every drawing within a page, those within drawings too."""
    for form in resources.get("/XObject", {}).values():
        one = form.get_object()
        yield one
        if "/Resources" in one and one["/Resources"] != resources:
            yield from _forms(one["/Resources"])


@needs_pango
def test_no_table_or_plot_is_cut_at_the_edge():
    """Everything ends within the margins, with everybody's strata side by side."""
    import weasyprint

    cohort = Cohort.of(simulate_cohort(people=150, seed=3))
    html = render_report(build_report(cohort, as_of=date(2023, 6, 30)))
    document = weasyprint.HTML(string=html, url_fetcher=lambda url: None).render()
    tables = 0
    for page in document.pages:
        box = page._page_box
        edge = box.content_box_x() + box.width
        for inner in box.descendants():
            if inner.element_tag in ("table", "td", "th", "svg", "p", "li", "dd", "aside"):
                tables += inner.element_tag == "table"
                assert inner.position_x + inner.margin_width() <= edge + 0.5, inner.element_tag
                assert inner.position_y + inner.margin_height() <= page.height
    assert tables > 30


@pytest.mark.usefixtures("no_pango")
def test_without_pango_it_says_what_to_install(page, tmp_path, capsys):
    path = tmp_path / "report.pdf"
    with pytest.raises(UsageError) as refused:
        write_pdf(page, path)
    message = str(refused.value)
    assert "Pango" in message
    assert "apt install libpango-1.0-0 libpangoft2-1.0-0" in message
    assert not path.exists()
    assert capsys.readouterr().out == ""


@pytest.mark.usefixtures("no_pango")
def test_without_pango_the_html_is_still_written(record, tmp_path):
    html, pdf = tmp_path / "report.html", tmp_path / "report.pdf"
    result = run("report", record, "-o", html, "--pdf", pdf)
    assert isinstance(result.exception, UsageError)
    assert f"Report written to {html}." in result.output
    assert html.stat().st_size > 10_000
    assert not pdf.exists()


@needs_pango
def test_the_command_writes_both(record, tmp_path):
    html, pdf, about = tmp_path / "r.html", tmp_path / "r.pdf", ROOT / "examples" / "about.toml"
    result = run("report", record, "-o", html, "--pdf", pdf, "--about", about)
    assert result.exit_code == 0
    assert f"PDF written to {pdf}." in result.output
    assert "<h1>Six years after alemtuzumab" in html.read_text(encoding="utf-8")
    found = _read(pdf.read_bytes(), tmp_path)
    assert "Dr A. Example, Department of Neurology" in found.pages[0].extract_text()


def test_one_file_cannot_be_both(record, tmp_path):
    path = tmp_path / "report.html"
    result = run("report", record, "-o", path, "--pdf", tmp_path / "." / "report.html")
    assert isinstance(result.exception, UsageError)
    assert "--output and --pdf both name report.html" in str(result.exception)
    assert not path.exists()


def test_the_command_line_loads_it_only_when_asked():
    program = "import sys, afterdose.cli, afterdose.study; print('weasyprint' in sys.modules)"
    done = subprocess.run([sys.executable, "-c", program], capture_output=True, text=True)
    assert done.stdout.strip() == "False"
