"""The synthetic district sample: reproducible, marked as synthetic, anchored where it claims."""

from __future__ import annotations

import importlib.util
import shutil
import subprocess
import sys
import unicodedata
from pathlib import Path
from typing import Any

import pandas as pd
import pytest

SAMPLE = Path(__file__).resolve().parents[1] / "data" / "sample"
COLUMNS = [
    "area_code",
    "indicator",
    "series",
    "breakdown",
    "period",
    "value",
    "numerator",
    "denominator",
    "denominator_concept",
    "qualifier",
    "vintage",
    "origin",
    "source",
    "source_url",
    "flags",
    "note",
]
CONCEPTS = {
    "KTS04": "enterprises",
    "KTS05": "smes",
    "XHS01": "adults",
    "XHS02": "population_15plus",
    "XHS03": "adults",
    "XHS04": "working_age",
    "XHS05": "households",
    "XHS07": "adults",
    "XHS08": "population",
    "XHS09": "adults",
    "XHS11": "schools",
}
WEAK = {"XHS02", "XHS09"}
THRESHOLDS = {
    "KTS04": 80,
    "KTS05": 50,
    "XHS01": 80,
    "XHS02": 80,
    "XHS03": 50,
    "XHS04": 70,
    "XHS05": 80,
    "XHS07": 50,
    "XHS08": 90,
    "XHS09": 30,
    "XHS11": 70,
}
BEFORE_MERGER = {"356", *(str(code) for code in range(358, 367))}
CELL = ["area_code", "indicator", "period"]


@pytest.fixture(scope="module")
def sample() -> pd.DataFrame:
    """All rows of the first province, text as text and counts as whole numbers."""
    return rows_of("3*.csv")


def rows_of(pattern: str) -> pd.DataFrame:
    files = [
        pd.read_csv(path, dtype=str, keep_default_na=False, encoding="utf-8")
        for path in sorted(SAMPLE.glob(pattern))
    ]
    frame = pd.concat(files, ignore_index=True)
    counts = {"period": int, "numerator": int, "denominator": int, "value": float}
    return frame.astype(counts)


@pytest.fixture(scope="module")
def latest(sample: pd.DataFrame) -> pd.DataFrame:
    """One row per cell: the newest vintage."""
    return sample.sort_values("vintage").drop_duplicates(CELL, keep="last")


@pytest.fixture
def script(monkeypatch: pytest.MonkeyPatch) -> Any:
    """A fresh copy of the generator, loaded without leaving a compiled one in the data folder."""
    monkeypatch.setattr(sys, "dont_write_bytecode", True)
    spec = importlib.util.spec_from_file_location("make_sample", SAMPLE / "make_sample.py")
    assert spec is not None and spec.loader is not None
    module = importlib.util.module_from_spec(spec)
    spec.loader.exec_module(module)
    return module


def province(latest: pd.DataFrame, indicator: str, year: int) -> pd.DataFrame:
    return latest[(latest["indicator"] == indicator) & (latest["period"] == year)]


def pooled_rate(cells: pd.DataFrame) -> float:
    return float(100 * cells["numerator"].sum() / cells["denominator"].sum())


@pytest.mark.parametrize("name", ["make_sample.py", "make_yen_bai.py"])
def test_committed_file_is_what_the_script_writes(name: str) -> None:
    shutil.rmtree(SAMPLE / "__pycache__", ignore_errors=True)  # of somebody else's making
    done = subprocess.run([sys.executable, str(SAMPLE / name), "--check"], check=False)
    assert done.returncode == 0
    assert not (SAMPLE / "__pycache__").exists()  # what lies in data/ is an input of every run


def test_check_notices_one_changed_digit_and_a_missing_file(
    script: Any, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    script.FOLDER = tmp_path
    assert script.main(["--check"]) == 1
    assert script.main([]) == 0
    assert script.main(["--check"]) == 0
    changed = tmp_path / "360.csv"
    changed.write_bytes(changed.read_bytes().replace(b"2024", b"2025", 1))
    assert script.main(["--check"]) == 1
    assert capsys.readouterr().err.splitlines()[-1].startswith("360.csv differ:")


def test_two_runs_give_the_same_bytes(script: Any) -> None:
    assert script.render() == script.render()


@pytest.mark.parametrize("path", sorted(SAMPLE.glob("*.csv")), ids=lambda path: path.name)
def test_file_is_utf8_nfc_with_lf_and_fixed_columns(path: Path) -> None:
    raw = path.read_bytes()
    text = raw.decode("utf-8")
    assert b"\r" not in raw
    assert not raw.startswith(b"\xef\xbb\xbf")
    assert text.endswith("\n")
    assert unicodedata.is_normalized("NFC", text)
    assert text.splitlines()[0].split(",") == COLUMNS


def test_rows_are_sorted(sample: pd.DataFrame) -> None:
    keys = list(sample[[*CELL, "vintage"]].itertuples(index=False, name=None))
    assert keys == sorted(keys)


def test_every_row_says_that_it_is_synthetic(sample: pd.DataFrame) -> None:
    assert set(sample["origin"]) == {"synthetic"}
    assert set(sample["source"]) == {
        "Số liệu giả lập / synthetic data (data/sample/make_sample.py)"
    }
    assert sample["note"].str.contains("giả lập").all()
    assert sample["note"].str.contains("synthetic").all()
    assert set(sample["series"]) == {"district_report"}
    assert set(sample["source_url"]) == set(sample["flags"]) == set(sample["breakdown"]) == {""}


def test_only_indicators_measurable_in_a_district(sample: pd.DataFrame) -> None:
    pairs = sample[["indicator", "denominator_concept"]].drop_duplicates()
    assert dict(pairs.itertuples(index=False, name=None)) == CONCEPTS
    assert len(pairs) == len(CONCEPTS)
    province_only = {"KTS01", "KTS02", "KTS03", "KTS06", "XHS06", "XHS10"}
    assert not province_only & set(sample["indicator"])
    assert set(sample["area_code"]) == BEFORE_MERGER


@pytest.mark.parametrize(("year", "published"), [(2019, 1_780_865), (2020, 1_780_333)])
def test_population_adds_up_to_the_published_province(
    latest: pd.DataFrame, year: int, published: int
) -> None:
    cells = province(latest, "XHS08", year)
    assert set(cells["area_code"]) == BEFORE_MERGER
    assert cells["denominator"].sum() == published


def test_my_loc_is_the_smallest_with_about_75_thousand_people(latest: pd.DataFrame) -> None:
    people = province(latest, "XHS08", 2019).set_index("area_code")["denominator"]
    assert people.idxmin() == "358"
    assert 74_000 <= people["358"] <= 76_000
    assert people.idxmax() == "366"


def test_smartphone_rate_of_the_province_2024(latest: pd.DataFrame) -> None:
    cells = province(latest, "XHS01", 2024)
    assert set(cells["area_code"]) == BEFORE_MERGER - {"358"}
    assert 85.5 < pooled_rate(cells) < 86.0


def test_payment_account_rate_of_the_province_2022(latest: pd.DataFrame) -> None:
    cells = province(latest, "XHS02", 2022)
    assert set(cells["area_code"]) == BEFORE_MERGER
    assert 79.0 < pooled_rate(cells) < 80.0


def test_value_is_the_rate_of_the_counts(sample: pd.DataFrame) -> None:
    assert (sample["numerator"] <= sample["denominator"]).all()
    rate = 100 * sample["numerator"] / sample["denominator"]
    assert ((sample["value"] - rate).abs() <= 0.005 + 1e-9).all()
    assert sample["value"].between(0, 100).all()


def test_no_zero_stands_for_a_missing_value(sample: pd.DataFrame) -> None:
    assert (sample["numerator"] > 0).all()
    assert (sample["denominator"] > 0).all()
    assert (sample["value"] > 0).all()


def test_exactly_one_revision_later_and_different(sample: pd.DataFrame) -> None:
    doubled = sample[sample.duplicated(CELL, keep=False)]
    assert len(doubled) == 2
    assert len(doubled[CELL].drop_duplicates()) == 1
    assert doubled["vintage"].nunique() == 2
    assert doubled["value"].nunique() == 2


def test_exactly_one_preliminary_value(sample: pd.DataFrame) -> None:
    assert sample["qualifier"].value_counts().to_dict() == {
        "exact": len(sample) - 1,
        "preliminary": 1,
    }


def test_vintages_follow_the_year_and_a_few_are_late(latest: pd.DataFrame) -> None:
    year = latest["vintage"].str[:4].astype(int)
    assert (year == latest["period"] + 1).all()
    unrevised = latest[latest["vintage"] != "2024-09-30"]
    late = unrevised[unrevised["vintage"].str[5:7] != "02"]
    reports = late[["area_code", "period"]].drop_duplicates()
    assert 1 <= len(reports) <= 4


def test_my_loc_ends_with_2023(sample: pd.DataFrame) -> None:
    my_loc = sample[sample["area_code"] == "358"]
    assert my_loc["period"].max() == 2023
    assert set(my_loc["indicator"]) == set(CONCEPTS)


def test_the_city_of_2024_holds_my_loc(latest: pd.DataFrame) -> None:
    count = latest.set_index(CELL)["denominator"]
    compared = 0
    for indicator in CONCEPTS:
        if ("356", indicator, 2024) not in count.index:
            continue
        before = count["356", indicator, 2023] + count["358", indicator, 2023]
        after = count["356", indicator, 2024]
        assert after == pytest.approx(before, rel=0.03), indicator
        compared += 1
    assert compared == len(CONCEPTS)


def test_series_have_one_to_six_points_and_weak_ones_may_be_short(latest: pd.DataFrame) -> None:
    points = latest.groupby(["area_code", "indicator"]).size()
    assert len(points) == len(BEFORE_MERGER) * len(CONCEPTS)
    assert points.between(1, 6).all()
    indicator = points.index.get_level_values("indicator")
    assert (points[~indicator.isin(WEAK)] >= 3).all()
    assert points[indicator == "XHS09"].max() <= 2
    assert (points[indicator == "XHS02"] <= 2).any()
    assert latest["period"].between(2019, 2024).all()


def test_gaps_inside_a_series_exist(latest: pd.DataFrame) -> None:
    years = latest.groupby(["area_code", "indicator"])["period"]
    inner_gaps = (years.max() - years.min() + 1 - years.size()).sum()
    assert inner_gaps >= 3


def test_schools_are_small_whole_numbers(sample: pd.DataFrame) -> None:
    schools = sample[sample["indicator"] == "XHS11"]["denominator"]
    assert schools.between(10, 150).all()


def test_outcomes_vary(latest: pd.DataFrame) -> None:
    newest = latest[(latest["period"] == 2024)]
    gap = newest["value"] - newest["indicator"].map(THRESHOLDS)
    assert (gap > 0).mean() > 0.25
    assert (gap < -15).mean() > 0.10
    assert (gap.abs() < 5).mean() > 0.15
    by_area = newest.pivot(index="indicator", columns="area_code", values="value")
    both = by_area[["356", "365"]].dropna()
    assert len(both) >= 8
    assert (both["356"] > both["365"]).all()


def test_the_second_province_is_marked_and_counts_whole() -> None:
    """Nine districts, four indicators; two reports never came, and nothing is a zero."""
    rows = rows_of("1*.csv")
    assert set(rows["area_code"]) == {"132", "133", *(str(code) for code in range(135, 142))}
    assert set(rows["indicator"]) == {"XHS01", "XHS02", "XHS03", "XHS05"}
    assert set(rows["origin"]) == {"synthetic"}
    assert set(rows["source"]) == {"Số liệu giả lập / synthetic data (data/sample/make_yen_bai.py)"}
    assert not rows.duplicated(CELL).any()
    assert len(rows) == 9 * (5 + 4 + 4 + 5) - 2
    assert (rows["numerator"] > 0).all() and (rows["numerator"] < rows["denominator"]).all()
    rate = 100 * rows["numerator"] / rows["denominator"]
    assert ((rows["value"] - rate).abs() <= 0.005 + 1e-9).all()
