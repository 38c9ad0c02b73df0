"""Whatever stands in the cells of a table or a template: no figure is lost, nothing breaks."""

from __future__ import annotations

import random
import shutil
from collections.abc import Iterable, Mapping
from dataclasses import replace
from pathlib import Path

import pytest
from cell_texts import AREAS, FIGURES, HEADINGS, cell, odd_value
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from kts_analysis.i18n import Messages
from kts_analysis.ingest import files
from kts_analysis.ingest.cells import Block, Cell, Grid, Place, ref_of
from kts_analysis.ingest.grids import open_grids
from kts_analysis.ingest.intake import Intake, take_in
from kts_analysis.ingest.mapping import Mapping as MappingFile
from kts_analysis.ingest.quantities import read_quantity
from kts_analysis.ingest.template import write_template
from kts_analysis.ingest.template_layout import FIGURES as FIGURE_KEYS
from kts_analysis.ingest.template_layout import TYPED, as_text
from kts_analysis.ingest.template_sheets import key_row
from kts_analysis.ingest.words import clean, fold
from kts_analysis.registry import Registry
from kts_analysis.registry_files import load_registry

PLAN = "nam-dinh-105"
SENT = Path("sent.xlsx")
TOTAL_WORDS = ("tong", "toan", "cong", "chung", "total")
COUNTS = {
    "header_rows": [1, 2],
    "first_row": 3,
    "where": {
        "area_code": {"column": "B"},
        "period": {"header": 1},
        "indicator": {"fixed": "XHS05"},
        "series": {"fixed": "district_report"},
        "source": {"fixed": "made up for a test"},
        "vintage": {"fixed": "2025-01-15"},
    },
    "figures": [
        {"field": "numerator", "columns": "C,E"},
        {"field": "denominator", "columns": "D,F"},
    ],
}
RATES = COUNTS | {
    "where": {
        "area_code": {"header": 1},
        "period": {"column": "B"},
        "indicator": {"section": True},
        "source": {"column": "A"},
    },
    "figures": [{"field": "value", "columns": "C:F"}],
}
SOUND = {
    "counts": ("Năm 2022", "Năm 2022", "Năm 2023", "Năm 2023"),
    "rates": ("Vụ Bản", "Ý Yên", "Nam Trực", "361"),
}
GROUPS = {"counts": ("CD", "EF"), "rates": ("C", "D", "E", "F")}


@pytest.fixture(scope="module")
def store(tmp_path_factory: pytest.TempPathFactory, data_folder: Path) -> Registry:
    """A data folder without the made-up figures."""
    place = tmp_path_factory.mktemp("fuzz") / "data"
    shutil.copytree(data_folder, place, ignore=shutil.ignore_patterns("sample", "__pycache__"))
    return load_registry(place)


def looked_at(grids: list[Grid], store: Registry, mapping: MappingFile | None) -> Intake:
    """Take grids in, as if they stood in a file, without storing anything."""
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(files, "open_grids", lambda path, encoding=None: grids)
        return take_in([SENT], store, [store.plan(PLAN)], mapping=mapping, store=False)


def table_grid(chance: random.Random, rows: int, *, kind: str, sound: bool) -> Grid:
    """Return a sheet with headings, labels and figures, a good part of them odd.

    With sound headings no merged cells lie over it either, so that rows are what is tried.
    """
    cells: dict[Place, Cell] = {}

    def put(row: int, column: int, real: tuple[object, ...], odd: float) -> None:
        value = odd_value(chance, real) if chance.random() < odd else chance.choice(real[:5])
        if value is not None:
            cells[row, column] = cell(chance, value, ref_of(row, column))

    for column, heading in enumerate(SOUND[kind], start=3):
        cells[1, column] = Cell(heading, ref=ref_of(1, column))
        if not sound:
            put(1, column, HEADINGS if chance.random() < 0.8 else AREAS, 0.3)
    for row in range(3, 3 + rows):
        put(row, 1, ("1", "I", "II.", "A", ""), 0.1)
        put(row, 2, AREAS if (kind == "counts") == (chance.random() < 0.9) else HEADINGS, 0.3)
        for column in range(3, 7):
            put(row, column, FIGURES, 0.8)
    merged: list[Block] = []
    if not sound and chance.random() < 0.5:
        row, column = chance.randrange(1, 3 + rows), chance.randrange(1, 7)
        merged = [(row, column, row + chance.randrange(3), column + chance.randrange(3))]
    return Grid(SENT.name, "Biểu 1", cells, tuple(merged))


def lost(grid: Grid, groups: Iterable[str], result: Intake) -> list[str]:
    """Return the figures of a table that were neither taken, nor named, nor passed over rightly."""
    named = {problem.cell for problem in result.problems}
    if any(problem.cell is None and problem.severity == "error" for problem in result.problems):
        return []
    taken = {at.ref for entry in result.new for at in entry.statement.cells.values()}
    found = []
    for row in sorted({row for row, _ in grid.cells if row >= 3}):
        label = " ".join(as_text(grid.cells.get((row, n), Cell()).value) for n in (1, 2))
        is_total = any(word in fold(clean(label)) for word in TOTAL_WORDS)
        places = [f"{letter}{row}" for letter in "ABCDEF"]
        if is_total or (label.strip()[:1] in "IVXL" and named.intersection(places)):
            continue
        for letters in groups:
            numbers = [ord(letter) - ord("A") + 1 for letter in letters]
            own = {n: grid.cells.get((row, n), Cell()) for n in numbers}
            said = [read(at) for at in own.values() if not at.blank]
            # Columns whose headings say the same are one figure, wherever they stand.
            heads = {as_text(grid.cells.get((1, n), Cell()).value) for n in numbers}
            alike = [
                n for n in range(3, 7) if as_text(grid.cells.get((1, n), Cell()).value) in heads
            ]
            refs = {f"{ref_of(1, n)[:-1]}{line}" for n in alike for line in (1, row)}
            refs |= {f"A{row}", f"B{row}"}
            if any(said) and not refs & (named | taken):
                found.append(f"{letters}{row}")
    return found


def read(at: Cell) -> bool:
    """Return whether a cell says anything but that there is no figure."""
    return not at.stored or not read_quantity(at.value, number_format=at.number_format).missing


def assert_told(result: Intake) -> None:
    """Every problem can be said in both languages, in its cell, without a word of the code."""
    m = Messages("vi")
    for problem in result.problems:
        text = problem.text(m)
        assert problem.text() and "[" not in problem.place(m)
        for word in ("numerator", "denominator", "None", "datetime", "Decimal", "at_least"):
            assert word not in text, text


@settings(max_examples=60, suppress_health_check=list(HealthCheck))
@given(seed=st.integers(0, 10**9), kind=st.sampled_from(sorted(GROUPS)), sound=st.booleans())
def test_no_row_of_a_table_is_lost(store: Registry, seed: int, kind: str, sound: bool) -> None:
    chance = random.Random(seed)
    grid = table_grid(chance, chance.randrange(1, 12), kind=kind, sound=sound)
    table = {"counts": COUNTS, "rates": RATES}[kind]
    result = looked_at([grid], store, MappingFile.model_validate({"tables": [table]}))
    assert lost(grid, GROUPS[kind], result) == []
    assert_told(result)


def fuzz_cells(store: Registry, cells: int, seed: int) -> int:
    """Run that many cells of figures through everything, and return how many were understood."""
    chance, done, understood = random.Random(seed), 0, 0
    while done < cells:
        rows = min(500, (cells - done) // 4)
        grid = table_grid(chance, rows, kind="counts", sound=True)
        mapping = MappingFile.model_validate({"tables": [COUNTS]})
        result = looked_at([grid], store, mapping)
        assert lost(grid, GROUPS["counts"], result) == []
        assert_told(result)
        understood += len(result.new)
        done += 4 * rows
    return understood


def test_a_row_under_headings_that_repeat_is_told(store: Registry) -> None:
    """Found by chance: two columns under one wrong heading make one figure, told at the first."""
    chance = random.Random(38092056)
    grid = table_grid(chance, chance.randrange(1, 12), kind="counts", sound=False)
    result = looked_at([grid], store, MappingFile.model_validate({"tables": [COUNTS]}))
    assert lost(grid, GROUPS["counts"], result) == []


def test_two_thousand_odd_cells(store: Registry) -> None:
    assert fuzz_cells(store, 2000, seed=1) > 5


@pytest.mark.slow
def test_a_hundred_thousand_odd_cells(store: Registry) -> None:
    assert fuzz_cells(store, 100_000, seed=2) > 300


# --- templates ------------------------------------------------------------------------------------


@pytest.fixture(scope="module")
def template(store: Registry, tmp_path_factory: pytest.TempPathFactory) -> list[Grid]:
    """The sheets of a template for two districts."""
    path = tmp_path_factory.mktemp("template") / SENT.name
    plan = store.plan(PLAN)
    write_template(path, store, plan, areas=["359", "360"], periods=["2022", "2023"])
    return open_grids(path)


def changed(grid: Grid, cells: Mapping[Place, Cell], merged: tuple[Block, ...]) -> Grid:
    return replace(grid, cells={**grid.cells, **cells}, merged=(*grid.merged, *merged))


@settings(max_examples=40, suppress_health_check=list(HealthCheck))
@given(seed=st.integers(0, 10**9), spoiled=st.sampled_from([0.0, 0.0, 0.02, 0.2]))
def test_no_row_of_a_template_is_lost(
    store: Registry, template: list[Grid], seed: int, spoiled: float
) -> None:
    chance = random.Random(seed)
    grids, places = [], []
    for grid in template:
        head, columns = key_row(grid)
        fresh: dict[Place, Cell] = {}
        block: tuple[Block, ...] = ()
        for row in range(head + 2, grid.last_row + 1) if head else ():
            for key in TYPED if chance.random() < 0.3 else ():
                at = row, columns[key]
                value = odd_value(chance, FIGURES)
                fresh[at] = cell(chance, value, ref_of(*at))
                if key in FIGURE_KEYS and not fresh[at].blank and read(fresh[at]):
                    places.append((grid.sheet, ref_of(*at), row))
        for at in [at for at in grid.cells if chance.random() < spoiled]:
            fresh[at] = cell(chance, odd_value(chance, AREAS), ref_of(*at))
        if head and chance.random() < 0.2:
            row = chance.randrange(head + 2, grid.last_row)
            block = ((row, columns["numerator"], row + 1, columns["denominator"]),)
        grids.append(changed(grid, fresh, block))
    result = looked_at(grids, store, None)
    assert_told(result)
    if any(problem.cell is None and problem.severity == "error" for problem in result.problems):
        return
    named = {(problem.sheet, problem.cell) for problem in result.problems}
    rows = {(sheet, ref.lstrip("ABCDEFGHIJKLMNOPQRSTUVWXYZ")) for sheet, ref in named if ref}
    taken = {(e.statement.sheet, str(e.statement.row)) for e in result.new}
    assert [place for place in places if (place[0], str(place[2])) not in rows | taken] == []
