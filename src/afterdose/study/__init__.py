"""The extension report: retreatment, relapses, disability, brain volume, autoimmunity, deaths."""

from afterdose.study.authorship import Author, Authorship, parse_authorship, read_authorship
from afterdose.study.model import Estimate, Report, Section
from afterdose.study.pdf import render_pdf, write_pdf
from afterdose.study.render import render_report, write_report
from afterdose.study.report import build_report, summary_lines
from afterdose.study.report_json import report_as_dict, write_report_json

__all__ = [
    "Author",
    "Authorship",
    "Estimate",
    "Report",
    "Section",
    "build_report",
    "parse_authorship",
    "read_authorship",
    "render_pdf",
    "render_report",
    "report_as_dict",
    "summary_lines",
    "write_pdf",
    "write_report",
    "write_report_json",
]
