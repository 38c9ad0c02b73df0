"""One pass over an XML part of a workbook, without building it in memory.

It refuses what no workbook needs (document types, and with them every entity trick; nesting without
end), counts what would cost time or memory later, and keeps what the reading library does not tell
beside the stored values: which cells are formulas, which of those have no stored result, merged
areas, hidden rows and columns. So no sheet is loaded once for values and again for formulas.
"""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import Any
from xml.parsers import expat

from kts_analysis.i18n import N_
from kts_analysis.ingest.cells import LAST_COLUMN, LAST_ROW, Block, place_of, ref_of

MAIN = "http://schemas.openxmlformats.org/spreadsheetml/2006/main"
STRICT = "http://purl.oclc.org/ooxml/spreadsheetml/main"

MAX_DEPTH = 100  # elements within elements; workbooks need about ten
MAX_CELLS = 400_000  # in all sheets together, empty formatted cells included; about 15 s to read
MAX_SPREAD = 4_000_000  # places up to the last cell of each row: what a reader has to walk over
MAX_MERGED = 20_000

DAMAGED = N_("its part {part} is damaged ({detail})")
MEND = N_("open it in Excel, let Excel repair it and save it again, or ask for the file anew")
CLEAR = N_("delete the empty rows and columns below and beside the table and save it again")
ASK = N_("do not open it; ask the sender what it is")


class PartError(Exception):
    """A part that is refused: message id (with ``{part}`` and ``{detail}``) and what to do."""

    def __init__(self, message: str, remedy: str, detail: object = "") -> None:
        self.message, self.remedy, self.detail = message, remedy, detail
        super().__init__(message)


@dataclass
class SheetFacts:
    """What one pass over a sheet found.

    Attributes
    ----------
    formulas, unstored : set of str
        Cells with a formula, and those of them without a stored result.
    merged : list of Block
    hidden_rows, hidden_columns : set of int
    last_row : int
        Number of the last row that is written.
    """

    formulas: set[str] = field(default_factory=set)
    unstored: set[str] = field(default_factory=set)
    merged: list[Block] = field(default_factory=list)
    hidden_rows: set[int] = field(default_factory=set)
    hidden_columns: set[int] = field(default_factory=set)
    last_row: int = 0


@dataclass
class Budget:
    """What is left for all sheets of a workbook together."""

    cells: int = MAX_CELLS
    spread: int = MAX_SPREAD


class PartScan:
    """Reads one XML part piece by piece.

    Attributes
    ----------
    sheet : SheetFacts or None
        Facts when the part is a sheet.
    """

    def __init__(self, budget: Budget) -> None:
        self.sheet: SheetFacts | None = None
        self._budget = budget
        self._depth = 0
        self._row, self._column = 0, 0
        self._ref, self._formula, self._stored, self._in_value = "", False, False, False
        self._parser = expat.ParserCreate(namespace_separator=" ")
        self._parser.buffer_text = True
        self._parser.StartDoctypeDeclHandler = self._doctype
        self._parser.StartElementHandler = self._start
        self._parser.EndElementHandler = self._end
        self._parser.CharacterDataHandler = self._text

    def feed(self, piece: bytes, *, last: bool = False) -> None:
        """Read the next piece.

        Raises
        ------
        PartError
            The part is refused.
        """
        try:
            self._parser.Parse(piece, last)
        except (expat.ExpatError, ValueError, LookupError) as error:
            raise PartError(DAMAGED, MEND, error) from None

    def _doctype(self, *_: Any) -> None:
        message = N_("its part {part} declares a document type, which no workbook does")
        raise PartError(message, ASK)

    def _start(self, name: str, attributes: dict[str, str]) -> None:
        self._depth += 1
        if self._depth > MAX_DEPTH:
            raise PartError(N_("in its part {part} elements lie in elements without end"), ASK)
        space, _, tag = name.rpartition(" ")
        if self._depth == 1:
            if space == STRICT:
                message = N_("it is saved as Strict Open XML, which is not read")
                raise PartError(message, N_("save it in Excel as Excel Workbook (.xlsx)"))
            if name == f"{MAIN} worksheet":
                self.sheet = SheetFacts()
        elif self.sheet is not None and space == MAIN:
            handler = _HANDLERS.get(tag)
            if handler is not None:
                handler(self, self.sheet, attributes)

    def _end(self, name: str) -> None:
        self._depth -= 1
        if self.sheet is None:
            return
        if name == f"{MAIN} v":
            self._in_value = False
        elif name == f"{MAIN} c":
            self._close_cell(self.sheet)
        elif name == f"{MAIN} row":
            self._budget.spread -= self._column
            if self._budget.spread < 0:
                raise PartError(N_("the cells of its part {part} lie too far apart"), CLEAR)

    def _text(self, text: str) -> None:
        if self._in_value:
            self._stored = True  # some programs write an empty value where there is no result

    def _open_row(self, sheet: SheetFacts, attributes: dict[str, str]) -> None:
        number = int(attributes.get("r", self._row + 1))
        if not self._row < number <= LAST_ROW:
            raise PartError(DAMAGED, MEND, f"row {number}")
        self._budget.spread -= number - self._row
        self._row, self._column = number, 0
        sheet.last_row = number
        if attributes.get("hidden") in ("1", "true"):
            sheet.hidden_rows.add(number)

    def _open_cell(self, sheet: SheetFacts, attributes: dict[str, str]) -> None:
        ref = attributes.get("r") or ref_of(self._row, self._column + 1)
        row, column = place_of(ref)
        if row != self._row or column <= self._column:
            raise PartError(DAMAGED, MEND, ref)
        self._column, self._ref = column, ref
        self._formula, self._stored = False, attributes.get("t") == "str"
        self._budget.cells -= 1
        if self._budget.cells < 0:
            raise PartError(N_("it has more than {detail} cells"), CLEAR, MAX_CELLS)

    def _open_formula(self, sheet: SheetFacts, attributes: dict[str, str]) -> None:
        self._formula = True

    def _open_value(self, sheet: SheetFacts, attributes: dict[str, str]) -> None:
        self._in_value = True

    def _close_cell(self, sheet: SheetFacts) -> None:
        if self._formula:
            sheet.formulas.add(self._ref)
            if not self._stored:
                sheet.unstored.add(self._ref)

    def _merge(self, sheet: SheetFacts, attributes: dict[str, str]) -> None:
        first, _, last = attributes["ref"].partition(":")
        sheet.merged.append((*place_of(first), *place_of(last or first)))
        if len(sheet.merged) > MAX_MERGED:
            raise PartError(N_("it has more than {detail} merged areas"), CLEAR, MAX_MERGED)

    def _columns(self, sheet: SheetFacts, attributes: dict[str, str]) -> None:
        if attributes.get("hidden") in ("1", "true"):
            first, last = int(attributes["min"]), int(attributes["max"])
            sheet.hidden_columns.update(range(max(first, 1), min(last, LAST_COLUMN) + 1))


_HANDLERS = {
    "row": PartScan._open_row,
    "c": PartScan._open_cell,
    "f": PartScan._open_formula,
    "v": PartScan._open_value,
    "mergeCell": PartScan._merge,
    "col": PartScan._columns,
}
