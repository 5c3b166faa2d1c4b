"""The documentation site. Pages about tables, rules and errors are generated from the code."""

import sys
from pathlib import Path

sys.path.insert(0, str(Path(__file__).parent))

import generate

from afterdose import __version__

project = "Afterdose"
author = "The Afterdose developers"
copyright = "2026, the Afterdose developers"
version = release = __version__

extensions = ["myst_parser"]
myst_enable_extensions = ["colon_fence", "deflist"]
myst_heading_anchors = 3
source_suffix = {".md": "markdown"}
exclude_patterns = [
    "_build",
    "real-input-receipt.md",
    "generated/calibration.md",
    "generated/fragments",
]
nitpicky = True
smartquotes = False

html_theme = "furo"
html_title = "Afterdose"
html_static_path = ["_static"]
html_css_files = ["site.css"]
html_show_sphinx = False
html_copy_source = False
html_show_sourcelink = False

generate.everything(Path(__file__).parent / "generated")
