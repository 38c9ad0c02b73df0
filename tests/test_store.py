"""Observation files: every fault with its place, and nobody else's figures lost with it."""

from __future__ import annotations

import csv
import unicodedata
from collections.abc import Callable
from datetime import date, timedelta
from pathlib import Path
from typing import Any

import pandas as pd
import pytest

from kts_analysis.errors import KtsError, Problem, ProblemsError
from kts_analysis.registry import Registry
from kts_analysis.schema import OBSERVATION_COLUMNS, join_flags, worst_origin
from kts_analysis.store import known_on, load_observations, read_file, read_observations

GOOD = {
    "area_code": "359",
    "indicator": "KTS04",
    "series": "district_report",
    "period": "2024",
    "value": "50.0",
    "numerator": "1000",
    "denominator": "2000",
    "denominator_concept": "adults",
    "qualifier": "exact",
    "vintage": "2025-02-14",
    "origin": "reported",
    "source": "test",
}
Read = Callable[..., tuple[pd.DataFrame, list[Problem]]]


def write(path: Path, rows: list[dict[str, str]], columns: list[str] | None = None) -> Path:
    path.parent.mkdir(parents=True, exist_ok=True)
    with path.open("w", encoding="utf-8", newline="\n") as handle:
        names = columns or OBSERVATION_COLUMNS
        writer = csv.DictWriter(handle, names, extrasaction="ignore", lineterminator="\n")
        writer.writeheader()
        writer.writerows(rows)
    return path


@pytest.fixture
def read(tmp_path: Path, registry: Registry) -> Read:
    """Return a function that writes rows to ``reported/359-thu.csv`` and reads them back."""
    book = registry.model_copy(update={"root": tmp_path})

    def run(*rows: dict[str, str], **write_as: Any) -> tuple[pd.DataFrame, list[Problem]]:
        path = write(tmp_path / "reported" / "359-thu.csv", list(rows), **write_as)
        return read_file(path, book)

    return run


def test_good_rows_are_typed(read: Read) -> None:
    table, problems = read(GOOD, GOOD | {"period": "2024-Q2", "value": "", "numerator": "900"})
    assert problems == []
    assert table["value"].tolist() == [50.0, 45.0]  # the second from its counts
    assert table["t"].tolist() == pytest.approx([2024.0, 2023.4973], abs=1e-4)
    assert table["vintage_date"].tolist() == [date(2025, 2, 14)] * 2
    assert table["row"].tolist() == ["reported/359-thu.csv:2", "reported/359-thu.csv:3"]
    assert table["area_code"].tolist() == ["359", "359"]


@pytest.mark.parametrize(
    ("column", "planted", "words"),
    [
        ("value", "năm mươi", "a number with a decimal point is expected"),
        ("value", "50,0", "a number with a decimal point is expected"),
        ("numerator", "1.000.000", "a number with a decimal point is expected"),
        ("period", "2024-13", "a period is expected"),
        ("period", "quý 2", "a period is expected"),
        ("period", "2024-02-30", "there is no such day"),
        ("area_code", "99999", "unknown area code"),
        ("indicator", "XHS99", "unknown indicator"),
        ("series", "no_such_series", "unknown series"),
        ("qualifier", "roughly", "exact, about, at_least, at_most, estimate, preliminary"),
        ("origin", "invented", "published, reported, derived, synthetic"),
        ("flags", "strange", "weak_source, derived_value"),
        ("vintage", "14/02/2025", "a period is expected"),
        ("vintage", "2025-02-30", "there is no such day"),
        ("denominator", "0", "must be above zero"),
        ("numerator", "2001", "is above denominator 2000"),
        ("numerator", "-1", "a count is not below 0"),
        ("value", "50.1", "does not follow from its counts, which give 50.00"),
    ],
)
def test_a_fault_is_named_with_its_place(read: Read, column: str, planted: str, words: str) -> None:
    table, problems = read(GOOD, GOOD | {"period": "2023", column: planted}, GOOD)
    assert len(problems) == 1
    problem = problems[0]
    text = problem.text()
    assert (problem.file, problem.row, problem.column) == ("reported/359-thu.csv", 3, column)
    assert problem.place() == f"reported/359-thu.csv:3 [{column}]"
    assert planted in str(problem.found)
    assert words in text
    assert planted in text
    assert problem.severity == "error"
    assert len(table) == 2  # the rows around it stay


@pytest.mark.parametrize("column", ["indicator", "series", "source", "area_code"])
def test_a_cell_that_must_be_filled(read: Read, column: str) -> None:
    table, problems = read(GOOD | {column: ""})
    assert [(problem.row, problem.column) for problem in problems] == [(2, column)]
    assert "must not be empty" in problems[0].text()
    assert table.empty


def test_neither_value_nor_counts(read: Read) -> None:
    table, problems = read(GOOD | {"value": "", "numerator": ""})
    assert [(problem.row, problem.column) for problem in problems] == [(2, "value")]
    assert table.empty


def test_a_value_may_differ_by_its_own_rounding(read: Read) -> None:
    assert read(GOOD | {"value": "33.3", "numerator": "667"})[1] == []  # 33.35
    assert len(read(GOOD | {"value": "33.2", "numerator": "667"})[1]) == 1


def test_over_100_is_flagged_and_kept_where_it_can_be(read: Read, registry: Registry) -> None:
    can = next(c for c, card in registry.indicators.items() if card.bounds.reported_can_exceed)
    counts = {"value": "104.5", "numerator": "2090"}
    table, problems = read(GOOD | {"indicator": can} | counts)
    assert table["value"].tolist() == [104.5]
    assert table["flags"].tolist() == ["over_100"]
    assert [problem.severity for problem in problems] == ["warning"]
    cannot = next(c for c, k in registry.indicators.items() if not k.bounds.reported_can_exceed)
    alone = {"indicator": cannot, "value": "104.5", "numerator": "", "denominator": ""}
    table, problems = read(GOOD | alone)
    assert table.empty
    assert "cannot be here" in problems[0].text()


def test_missing_column_names_file_column_and_areas(read: Read) -> None:
    columns = [name for name in OBSERVATION_COLUMNS if name != "vintage"]
    table, problems = read(GOOD, columns=columns)
    assert [(p.file, p.row, p.column) for p in problems] == [("reported/359-thu.csv", 1, "vintage")]
    assert problems[0].areas == ("359",)
    assert table.empty
    columns = [*OBSERVATION_COLUMNS, "ghi chú", "note"]
    _, problems = read(GOOD, columns=columns)
    assert {(p.column, p.found) for p in problems} == {("ghi chú", "ghi chú"), ("note", "note")}


def test_empty_and_headless_files(tmp_path: Path, registry: Registry, read: Read) -> None:
    table, problems = read()  # a header and nothing else
    assert (len(table), problems) == (0, [])
    path = tmp_path / "reported" / "359-thu.csv"
    path.write_text("", encoding="utf-8")
    table, problems = read_file(path, registry.model_copy(update={"root": tmp_path}))
    assert table.empty
    assert {problem.column for problem in problems} == set(OBSERVATION_COLUMNS)
    assert {problem.areas for problem in problems} == {("359",)}


def test_not_utf8(tmp_path: Path, registry: Registry) -> None:
    path = write(tmp_path / "reported" / "359.csv", [GOOD | {"note": "Ý Yên"}])
    path.write_bytes(path.read_text(encoding="utf-8").encode("cp1258", "replace"))
    table, problems = read_file(path, registry.model_copy(update={"root": tmp_path}))
    assert table.empty
    assert len(problems) == 1
    assert "UTF-8" in problems[0].text()
    assert (problems[0].file, problems[0].areas) == ("reported/359.csv", ("359",))


def test_a_byte_order_mark_and_decomposed_letters_are_read(
    tmp_path: Path, registry: Registry
) -> None:
    decomposed = unicodedata.normalize("NFD", "Sở Thông tin")
    path = write(tmp_path / "reported" / "359.csv", [GOOD | {"source": decomposed}])
    path.write_bytes(b"\xef\xbb\xbf" + path.read_bytes())
    table, problems = read_file(path, registry.model_copy(update={"root": tmp_path}))
    assert problems == []
    assert table["source"].tolist() == ["Sở Thông tin"]


def test_one_bad_file_leaves_the_others(data_copy: Path, obs: pd.DataFrame) -> None:
    write(data_copy / "reported" / "360.csv", [GOOD | {"area_code": "360", "value": "x"}])
    (data_copy / "sample" / "361.csv").write_bytes(b"\xff\xfe\x00bad")
    extra = GOOD | {"vintage": "2025-03-01"}
    write(data_copy / "reported" / "359.csv", [extra, extra])
    loaded = load_observations(data_copy)
    assert sorted(problem.file for problem in loaded.errors) == [
        "reported/359.csv",
        "reported/360.csv",
        "sample/361.csv",
    ]
    by_file = {problem.file: problem for problem in loaded.errors}
    assert by_file["sample/361.csv"].areas == ("361",)
    assert by_file["reported/360.csv"].areas == ("360",)
    twice = by_file["reported/359.csv"]
    assert (twice.row, twice.areas) == (3, ("359",))
    assert "stands twice" in twice.text()
    for code, rows in obs.groupby("area_code"):
        mine = loaded.table[loaded.table["area_code"] == code]
        expected = 0 if code == "361" else len(rows)
        assert len(mine[~mine["row"].str.startswith("reported/")]) == expected
    assert [problem.concerns(["360"]) for problem in (by_file["reported/360.csv"], twice)] == [
        True,
        False,
    ]
    with pytest.raises(ProblemsError) as caught:
        read_observations(data_copy)
    assert len(caught.value.problems) == 3
    assert str(caught.value).count("\n") == 2


def test_rows_that_stand_twice_are_both_left_out(data_copy: Path) -> None:
    other = GOOD | {"vintage": "2025-03-01"}
    write(data_copy / "reported" / "359.csv", [other, other | {"value": "", "numerator": "900"}])
    table = load_observations(data_copy).table  # which of the two is right, nobody can tell
    assert not table["row"].str.startswith("reported/").any()


def test_a_mistyped_area_concerns_the_file_s_area(read: Read) -> None:
    problem = read(GOOD, GOOD | {"period": "2023", "area_code": "395"})[1][0]
    assert problem.concerns(["359"])


# --- known on a day ------------------------------------------------------------------------------


def test_a_revision_is_seen_from_its_publication_on(obs: pd.DataFrame) -> None:
    pick = (obs["area_code"] == "VN") & (obs["series"] == "nso_gdp") & (obs["period"] == "2023")
    assert obs[pick]["vintage"].tolist() == ["2024", "2025-01"]

    def seen(day: str) -> list[float]:
        return known_on(obs[pick], day)["value"].tolist()

    assert seen("2024-12-30") == []
    assert seen("2024-12-31") == [12.33]  # "2024" counts as its last day
    assert seen("2025-01-30") == [12.33]
    assert seen("2025-01-31") == [12.33, 12.87]
    assert known_on(obs[pick], "2025").attrs["as_of"] == "2025-12-31"


def test_undated_figures_get_their_series_lag(obs: pd.DataFrame, registry: Registry) -> None:
    undated = obs[obs["vintage"] == ""]
    assert len(undated) > 30
    for row in undated.itertuples():
        lag = timedelta(days=registry.series[row.series].lag_days)
        assert row.vintage_date == row.period_end + lag
        assert "vintage_assumed" in row.flags.split(";")
    assert not obs[obs["vintage"] != ""]["flags"].str.contains("vintage_assumed").any()


def test_the_clock_is_never_asked(obs: pd.DataFrame) -> None:
    assert known_on(obs).attrs["as_of"] == max(obs["vintage_date"]).isoformat()
    with pytest.raises(KtsError, match="31/12/2024 is not a date"):
        known_on(obs, "31/12/2024")


def test_origins_and_flags_of_several_rows() -> None:
    assert worst_origin({"published", "reported"}) == "reported"
    assert worst_origin({"published", "derived"}) == "derived"
    assert worst_origin({"published", "synthetic", "derived"}) == "synthetic"
    assert worst_origin(set()) == ""
    assert join_flags(["over_100;weak_source", "", "over_100"]) == "weak_source;over_100"


def test_a_folder_without_observations_is_empty_not_broken(data_copy: Path) -> None:
    for path in [*data_copy.glob("published/*.csv"), *data_copy.glob("sample/*.csv")]:
        path.unlink()
    table = read_observations(data_copy, as_of="2025-12-31")
    assert table.empty
    assert set(OBSERVATION_COLUMNS) <= set(table.columns)


def test_a_period_that_is_not_over_is_not_known(obs: pd.DataFrame) -> None:
    pick = (obs["series"] == "moit_b2c_share") & (obs["period"] == "2025")
    assert obs[pick]["vintage"].tolist() == ["2025-12-19"]
    assert known_on(obs[pick], "2025-12-30").empty
    assert known_on(obs[pick], "2025-12-31")["value"].tolist() == [10.0]
