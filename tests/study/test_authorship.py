"""Who stands behind a report, and what each author declared."""

import re
from html import unescape
from pathlib import Path

import pytest
from tests.study.conftest import AS_OF, cohort_of

from afterdose.record.errors import UsageError
from afterdose.study import (
    Author,
    build_report,
    parse_authorship,
    read_authorship,
    render_report,
    report_as_dict,
)

EXAMPLE = Path(__file__).parents[2] / "examples" / "about.toml"


def text_of(html, section):
    """The words of one section, on one line."""
    inside = html.split(f'<section id="{section}"')[1].split("</section>")[0]
    return " ".join(unescape(re.sub(r"<[^>]+>", " ", f"<{inside}")).split())


def page_of(tables, authorship=None):
    told = {} if authorship is None else {"authorship": authorship}
    return render_report(build_report(cohort_of(tables), as_of=AS_OF, **told))


def test_the_example_says_everything(tables):
    html = page_of(tables, read_authorship(EXAMPLE))
    assert "<h1>Six years after alemtuzumab: what happened</h1>" in html
    assert '<meta name="author" content="Dr A. Example">' in html
    header = html.split("<header>")[1].split("</header>")[0]
    assert "<strong>C. Example, RN</strong>, Department of Neurology, Example Hospital" in header
    told = text_of(html, "authors")
    assert "ORCID 0000-0002-1825-0097. Conflicts of interest: Speaker's fees" in told
    assert (
        "B. Example, MSc MS registry, Example Hospital. Conflicts of interest: the author " in told
    )
    assert told.count("declares that there are none.") == 1
    assert told.count("Conflicts of interest: not declared.") == 1
    assert "Funding The Example Foundation paid" in told
    assert "Contact MS registry, Example Hospital: registry@example.org" in told


def test_without_a_file_nobody_is_named_and_nobody_has_declared(tables):
    html = page_of(tables)
    assert "No author is named." in html.split("</header>")[0]
    told = text_of(html, "authors")
    assert "No author is named, and nobody has declared conflicts of interest." in told
    assert "Funding not stated Contact not stated" in told
    assert 'name="author"' not in html


def test_silence_is_not_a_declaration(tables):
    """An author who declared nothing is never said to have no conflicts."""
    one = '[[authors]]\nname = "A"\naffiliation = "B"\n'
    told = text_of(page_of(tables, parse_authorship(one, where="about.toml")), "authors")
    assert "not declared." in told
    assert "none" not in told


@pytest.mark.parametrize("written", ["none", "None", "NONE.", " none "])
def test_a_declaration_of_none(written):
    text = f'[[authors]]\nname = "A"\naffiliation = "B"\nconflicts_of_interest = "{written}"'
    (author,) = parse_authorship(text, where="about.toml").authors
    assert author == Author("A", "B", conflicts_of_interest="none")


def test_words_of_authors_cannot_become_markup(tables):
    text = (
        'title = "<img src=x>"\nfunding = "<script>"\ncontact = "<b>"\n[[authors]]\n'
        'name = \'"><script>alert(1)</script>\'\naffiliation = "<i>"\n'
        'conflicts_of_interest = "</dd><script>"'
    )
    html = page_of(tables, parse_authorship(text, where="about.toml"))
    for tag in ("<script", "<img", "<b>", "<i>"):
        assert tag not in html
    assert '"><script>alert(1)</script>' in unescape(html)


def test_the_numbers_as_json_name_the_authors(tables):
    report = build_report(cohort_of(tables), as_of=AS_OF, authorship=read_authorship(EXAMPLE))
    found = report_as_dict(report)["authorship"]
    assert [one["conflicts_of_interest"] for one in found["authors"]][1:] == ["none", None]
    assert found["contact"].startswith("MS registry")


def test_every_problem_at_once_with_its_line():
    text = """\
tittle = "Six years"
funding = 5

[[authors]]
name = "A. Example"
orcid = "0000-0002-1825-0098"
conflicts_of_interest = ""
coi = "none"
"""
    with pytest.raises(UsageError) as refused:
        parse_authorship(text, where="about.toml")
    assert str(refused.value).splitlines() == [
        "about.toml line 1, the file: a key is 'tittle'. Permitted: authors, contact, funding, "
        "title. Correct the file.",
        "about.toml line 2, the file: funding is '5'. Permitted: a text, no such key. "
        "Correct the file.",
        "about.toml line 4, authors '1': affiliation is 'missing'. Permitted: a text. "
        "Correct the file.",
        "about.toml line 6, authors '1': orcid is '0000-0002-1825-0098'. Permitted: an ORCID iD "
        "with its right check digit (0000-0002-1825-0097), no such key. Correct the file.",
        "about.toml line 7, authors '1': conflicts_of_interest is 'empty'. Permitted: the author's "
        "own words, 'none', no such key while nothing is declared. Correct the file.",
        "about.toml line 8, authors '1': a key is 'coi'. Permitted: affiliation, "
        "conflicts_of_interest, name, orcid. Correct the file.",
    ]


@pytest.mark.parametrize(
    ("text", "seen"),
    [
        ("title = ", "about.toml is not TOML"),
        ('authors = "A. Example"', r"authors is 'A. Example'. Permitted: a list of tables"),
        ("authors = [3]", r"authors is '3'. Permitted: a list of tables"),
        ('title = "a\\u0000b"', "title is 'a text with control characters'"),
    ],
)
def test_what_is_refused(text, seen):
    with pytest.raises(UsageError, match=seen):
        parse_authorship(text, where="about.toml")


def test_a_file_that_is_no_text(tmp_path):
    path = tmp_path / "about.toml"
    path.write_bytes(b'title = "\xff"')
    with pytest.raises(UsageError, match="about.toml is not text in UTF-8"):
        read_authorship(path)


def test_a_name_may_hold_signs_that_join_letters():
    """Persian and Indic names have them."""
    text = '[[authors]]\nname = "A\\u200cB"\naffiliation = "C"'
    assert parse_authorship(text, where="about.toml").authors[0].name == "A\u200cB"


def test_lines_of_a_text_are_joined():
    found = parse_authorship('funding = """\nOne\n  two.\n"""', where="about.toml")
    assert found.funding == "One two."


@pytest.mark.parametrize("orcid", ["0000-0002-1825-0097", "0000-0002-1694-233X"])
def test_identifiers_whose_check_digit_is_right(orcid):
    """The two examples in ORCID's own documentation."""
    text = f'[[authors]]\nname = "A"\naffiliation = "B"\norcid = "{orcid}"'
    assert parse_authorship(text, where="about.toml").authors[0].orcid == orcid
