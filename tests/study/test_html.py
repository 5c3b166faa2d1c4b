"""The HTML file: needs nothing else, and is readable by everybody."""

import re
from html.parser import HTMLParser
from itertools import pairwise

import pytest
from tests.study.conftest import AS_OF, cohort_of, six_people

from afterdose.engines.reference import CheckCompleteness
from afterdose.study import build_report, render_report, write_report

_VOID = {"meta", "link", "br", "hr", "img", "input"}


class Page(HTMLParser):
    """Every element with its attributes, and whether the tags close in order."""

    def __init__(self, text):
        super().__init__()
        self.elements, self.open, self.mismatches = [], [], []
        self.feed(text)

    def handle_starttag(self, tag, attrs):
        self.elements.append((tag, dict(attrs)))
        if tag not in _VOID:
            self.open.append(tag)

    def handle_startendtag(self, tag, attrs):
        self.elements.append((tag, dict(attrs)))

    def handle_endtag(self, tag):
        if self.open and self.open[-1] == tag:
            self.open.pop()
        else:
            self.mismatches.append(tag)

    def all(self, tag):
        return [attributes for name, attributes in self.elements if name == tag]


CHECK = CheckCompleteness("blood-count", "Blood count", 6, 200, 150, 6000, 5400, 61.0)


@pytest.fixture(scope="module")
def html():
    report = build_report(cohort_of(six_people()), as_of=AS_OF, completeness=[CHECK])
    return render_report(report)


@pytest.fixture(scope="module")
def page(html):
    return Page(html)


def test_nothing_is_fetched_and_nothing_runs(page, html):
    """No script, no style sheet, font or image from elsewhere: one file is the whole report."""
    assert not page.all("script")
    assert not page.all("link")
    assert not page.all("img")
    for _, attributes in page.elements:
        for name in ("src", "href", "xlink:href"):
            assert (attributes.get(name) or "#").startswith("#")
        assert not any(name.startswith("on") for name in attributes)
    assert "@import" not in html
    assert not re.search(r"url\((?!#)", html)


def test_tags_close_and_identifiers_are_unique(page):
    """All drawings share one page without taking each other's names."""
    assert page.mismatches == []
    assert page.open == []
    names = [attributes["id"] for _, attributes in page.elements if "id" in attributes]
    assert len(names) == len(set(names))
    for _, attributes in page.elements:
        for key in ("aria-labelledby", "aria-describedby"):
            assert set((attributes.get(key) or "").split()) <= set(names)
        for key in ("href", "xlink:href"):
            assert (attributes.get(key) or "#").removeprefix("#") in {"", *names}
        for pointer in re.findall(r"url\(#([^)]+)\)", " ".join(map(str, attributes.values()))):
            assert pointer in names


def test_the_page_can_be_read_aloud(page):
    """Language, one h1, headings without gaps, captions, scopes, and words for every drawing."""
    assert page.all("html") == [{"lang": "en"}]
    levels = [int(tag[1]) for tag, _ in page.elements if re.fullmatch(r"h[1-6]", tag)]
    assert levels.count(1) == 1
    assert all(after - before <= 1 for before, after in pairwise(levels))
    assert len(page.all("caption")) == len(page.all("table")) > 0
    assert all(cell.get("scope") in ("col", "row") for cell in page.all("th"))
    drawings = page.all("svg")
    assert len(drawings) == len(page.all("desc")) == 16
    assert all(one["role"] == "img" and "aria-labelledby" in one for one in drawings)
    assert len(page.all("main")) == len(page.all("header")) == len(page.all("footer")) == 1


def test_every_drawing_has_a_table_under_it(html):
    """A drawing never stands alone: its numbers follow as text."""
    for figure in re.split(r"<figure>", html)[1:]:
        assert "<table" in figure.split("<figure>")[0]


def test_simulated_data_say_so_everywhere(html):
    """In the title, the banner, every section, every caption, the foot and the printed page."""
    assert "<title>Simulated data:" in html
    assert 'class="banner"' in html
    assert html.count('class="tag"') == html.count("<section id=") - 3  # methods, limits, authors
    assert html.count("(simulated data)</figcaption>") == html.count("<figcaption>")
    assert re.search(r'@top-center \{[^}]*content: "SIMULATED DATA', html)


def test_a_real_record_carries_no_such_mark(tables):
    html = render_report(build_report(cohort_of(tables, simulated=False), as_of=AS_OF))
    assert "simulated" not in html.lower()


def test_words_from_the_record_cannot_become_markup(tables):
    """A title or a cause of death with angle brackets is shown, not carried out."""
    tables["people"][3]["death_cause"] = "<script>alert(1)</script>"
    report = build_report(cohort_of(tables, title="<img src=x onerror=y>"), as_of=AS_OF)
    page = Page(render_report(report))
    assert not page.all("script")
    assert not page.all("img")


def test_nobody_is_named(html):
    """No identifier of a person reaches the page."""
    assert not re.search(r"\b[PN][1-6]\b", html)


def test_same_record_same_bytes(tables, html, tmp_path):
    """No date of making, no random identifier: two runs can be compared."""
    path = tmp_path / "new" / "report.html"
    write_report(build_report(cohort_of(tables), as_of=AS_OF, completeness=[CHECK]), path)
    assert path.read_text(encoding="utf-8") == html


def test_it_prints_and_fits_a_phone(html):
    assert "@media print" in html
    assert 'name="viewport"' in html
