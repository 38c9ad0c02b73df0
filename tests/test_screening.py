"""Clearing rows together says nothing else than looking at each."""

from __future__ import annotations

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from kts_analysis.cell_checks import Row
from kts_analysis.checks import row_problems
from kts_analysis.columns import Column, Texts
from kts_analysis.registry import Registry
from kts_analysis.schema import OBSERVATION_COLUMNS
from kts_analysis.screening import suspects

NUMBERS = st.sampled_from(["", "0", "-1", "33.3", "50", "50.05", "100", "100.01", "2000", "4000"])
CELLS = st.fixed_dictionaries(
    {
        "area_code": st.sampled_from(["359", "360", "99999"]),
        "indicator": st.sampled_from(["XHS08", "KTS01", "XHS99", "context_fibre_hh_using"]),
        "series": st.sampled_from(["district_report", "nothing"]),
        "breakdown": st.sampled_from(["", "health", "nothing"]),
        "period": st.sampled_from(["2024", "2024-02-29", "2023-02-29"]),
        "value": NUMBERS,
        "numerator": NUMBERS,
        "denominator": NUMBERS,
        "vintage": st.sampled_from(["", "2025-02-14", "2025-02-30"]),
        "flags": st.sampled_from(["", "over_100", "strange", "weak_source;strange", ";"]),
    }
)


@given(
    rows=st.lists(CELLS, min_size=1, max_size=12), hint=st.sampled_from([(), ("359",), ("360",)])
)
def test_every_row_with_a_problem_is_looked_at(
    rows: list[dict[str, str]], hint: tuple[str, ...], registry: Registry
) -> None:
    whole = [dict.fromkeys(OBSERVATION_COLUMNS, "") | row for row in rows]
    texts = Texts()
    columns = {
        name: Column(np.array([texts[name][row[name]] for row in whole], np.int32), texts[name])
        for name in OBSERVATION_COLUMNS
    }
    told = row_problems((Row(line, row) for line, row in enumerate(whole)), "x", registry, hint)
    marked = suspects(columns, registry, hint)
    assert {problem.row for problem in told} <= set(marked)
    again = row_problems((Row(place, whole[place]) for place in marked), "x", registry, hint)
    assert again == told


def test_a_good_row_is_cleared(registry: Registry) -> None:
    good = dict.fromkeys(OBSERVATION_COLUMNS, "") | {
        "area_code": "359",
        "indicator": "XHS08",
        "series": "district_report",
        "period": "2024",
        "value": "50.05",
        "numerator": "1001",
        "denominator": "2000",
    }
    texts = Texts()
    columns = {
        name: Column(np.array([texts[name][cell]] * 3, np.int32), texts[name])
        for name, cell in good.items()
    }
    assert suspects(columns, registry, ()) == suspects(columns, registry, ("359",)) == []
    assert suspects(columns, registry, ("360",)) == [0, 1, 2]


@pytest.mark.parametrize("cells", [["1.5", "", "-2"], []])
def test_numbers_of_a_column(cells: list[str]) -> None:
    words = Texts()["value"]
    column = Column(np.array([words[cell] for cell in cells], np.int32), words)
    assert column.cells() == cells
    wanted = [float(cell) if cell else np.nan for cell in cells]
    np.testing.assert_array_equal(column.numbers(), wanted)
    assert column.marks(lambda cell: cell == "").tolist() == [cell == "" for cell in cells]
