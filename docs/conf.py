"""How the library reference is built (python make.py docs); nothing in it needs the network."""

from __future__ import annotations

from kts_analysis import __version__

project = "kts_analysis"
author = "kts_analysis maintainers"
release = version = __version__

extensions = [
    "myst_parser",
    "numpydoc",
    "sphinx.ext.autodoc",
]
root_doc = "index"
exclude_patterns = ["_build"]

# Docstrings are numpydoc; a word in single backquotes is a name.
default_role = "code"
numpydoc_show_class_members = False  # pages name the members a reader needs
autodoc_member_order = "bysource"
autodoc_typehints = "none"  # numpydoc states the types in the readers' words
myst_heading_anchors = 3
# Vietnamese and English stand side by side: a section may have the name of another one.
suppress_warnings = ["myst.header"]

html_theme = "furo"
html_title = f"kts_analysis {release}"
html_copy_source = False
html_show_sourcelink = False
html_show_copyright = False
html_show_sphinx = False
# A page opened as a file may not fetch other pages; results are listed by title.
html_show_search_summary = False
