"""Put the tables of an executed notebook into a page of the docs, between two marks.

The page is `docs/second-plan.md`; nobody types its figures: ``python tools/doc_tables.py``, with
``--check`` to compare only.
"""

from __future__ import annotations

import sys
from pathlib import Path

import nbformat
from bs4 import BeautifulSoup, Tag

ROOT = Path(__file__).resolve().parent.parent
NOTEBOOK, PAGE = ROOT / "examples" / "second_plan.ipynb", ROOT / "docs" / "second-plan.md"
BEGIN, END = "<!-- begin {name} -->", "<!-- end {name} -->"


def tables_of(notebook: Path) -> dict[str, str]:
    """Return the tables of each code cell as Markdown, by the name in the cell's tags."""
    found = {}
    for cell in nbformat.read(notebook, as_version=4).cells:
        names = [tag[6:] for tag in cell.metadata.get("tags", ()) if tag.startswith("table:")]
        for name in names:
            pages = [output.get("data", {}).get("text/html", "") for output in cell.outputs]
            tables = BeautifulSoup("".join(pages), "html.parser").find_all("table")
            found[name] = "\n\n".join(markdown(table) for table in tables)
    return found


def markdown(table: Tag) -> str:
    """Return one HTML table as a Markdown table, its caption above."""
    rows = [
        [" ".join(cell.get_text(" ").split()) for cell in row.find_all(["th", "td"])]
        for row in table.find_all("tr")
    ]
    lines = [f"| {' | '.join(row)} |" for row in rows]
    lines.insert(1, "|" + " --- |" * len(rows[0]))
    caption = table.find("caption")
    title = " ".join(caption.get_text(" ").split()) if caption is not None else ""
    return "\n".join([f"**{title}**", "", *lines] if title else lines)


def filled(page: str, tables: dict[str, str]) -> str:
    """Return the page with the tables between their marks.

    Raises
    ------
    ValueError
        A table has no marks on the page.
    """
    for name, text in tables.items():
        begin, end = BEGIN.format(name=name), END.format(name=name)
        before, mark, rest = page.partition(begin)
        _, other, after = rest.partition(end)
        if not mark or not other:
            raise ValueError(f"{PAGE.name}: the marks {begin} … {end} are missing")
        page = f"{before}{begin}\n{text}\n{end}{after}"
    return page


def write(*, check: bool = False) -> int:
    """Fill the page in; with `check` return 1 if it differs from what the notebook shows."""
    page = PAGE.read_text(encoding="utf-8")
    new = filled(page, tables_of(NOTEBOOK))
    if new != page and check:
        print(f"{PAGE.name} differs from {NOTEBOOK.name}: run python tools/doc_tables.py")
        return 1
    if new != page:
        PAGE.write_text(new, encoding="utf-8", newline="\n")
    return 0


if __name__ == "__main__":
    sys.exit(write(check="--check" in sys.argv[1:]))
