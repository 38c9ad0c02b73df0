"""Figures one by one: the same as the rows of the table, chosen by the same rules."""

from __future__ import annotations

from datetime import date
from typing import Any

import pandas as pd
import pytest

from kts_analysis.figures import Figure, Figures, figures_of, newest, newest_of, table_of
from kts_analysis.store import known_on

DAY = date(2023, 12, 31)


def test_every_row_is_found_under_its_area_and_indicator(obs: pd.DataFrame) -> None:
    book = Figures(obs)
    assert book.areas == sorted(set(obs["area_code"]))
    found = 0
    for (code, indicator), rows in obs.groupby(["area_code", "indicator"]):
        figures = book.at(str(code), str(indicator))
        assert [figure.row for figure in figures] == rows["row"].tolist()
        assert [figure.period_end for figure in figures] == rows["period_end"].tolist()
        found += len(figures)
    assert found == len(obs)
    assert book.at("no such area", "XHS01") == []


def test_a_figure_has_the_columns_of_the_table(obs: pd.DataFrame) -> None:
    assert list(Figure._fields) == list(obs.columns)
    again = table_of(figures_of(obs))
    pd.testing.assert_frame_equal(again, obs, check_exact=True)
    nothing = table_of([])
    assert (list(nothing.columns), len(nothing)) == (list(obs.columns), 0)
    assert nothing.dtypes.to_dict() == obs.dtypes.to_dict()


def test_what_was_known_on_a_day_is_what_the_table_says(obs: pd.DataFrame) -> None:
    earlier, known = Figures(obs).known_on(DAY), known_on(obs, DAY)
    assert 0 < len(known) < len(obs)
    assert earlier.areas == sorted(set(known["area_code"]))
    for (code, indicator), rows in known.groupby(["area_code", "indicator"]):
        figures = earlier.at(str(code), str(indicator))
        assert [figure.row for figure in figures] == rows["row"].tolist()


def test_rows_and_figures_are_chosen_alike(obs: pd.DataFrame) -> None:
    for _, rows in obs.groupby(["area_code", "indicator", "series"]):
        kept = newest(rows)
        assert kept["row"].tolist() == [one.row for one in newest_of(figures_of(rows))]
        assert kept["period_end"].is_monotonic_increasing
        assert kept["period_end"].is_unique
        assert kept.dtypes.to_dict() == rows.dtypes.to_dict()
    assert len(newest(obs.iloc[:0])) == 0


@pytest.mark.parametrize(
    ("column", "value", "same"),
    [
        ("value", 12.25, False),
        ("note", "another word", False),
        ("row", "sample/999.csv:7", True),  # a line moved in its file is the same figure
    ],
)
def test_a_digest_is_of_the_figures_not_of_their_place(
    obs: pd.DataFrame, column: str, value: Any, same: bool
) -> None:
    place = int(obs.index[obs["area_code"] == "356"][0])
    changed = obs.copy()
    changed.loc[place, column] = value
    one, other = Figures(obs), Figures(changed)
    for codes, alike in (
        (frozenset({"356"}), same),
        (frozenset({"356", "360"}), same),
        (frozenset({"360", "361"}), True),
    ):
        assert (one.digest(codes) == other.digest(codes)) is alike
    assert one.digest(frozenset({"360"})) != one.digest(frozenset({"361"}))


def test_a_digest_tells_which_of_two_like_figures_is_shown(obs: pd.DataFrame) -> None:
    """Where all else is equal the place in the file decides, so that place is then told."""
    pair = pd.concat([obs.iloc[[0]], obs.iloc[[0]]], ignore_index=True)
    digests = []
    for rows in (["a.csv:8", "a.csv:9"], ["a.csv:7", "a.csv:8"], ["a.csv:9", "a.csv:10"]):
        table = pair.assign(row=rows, source=["one carrier", "another"])
        digests.append(Figures(table).digest(frozenset(table["area_code"])))
    assert digests[0] == digests[1]
    assert digests[0] != digests[2]  # as texts "a.csv:10" goes before "a.csv:9"
