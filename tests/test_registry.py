"""The registry's files: all faults at once with their lines, and plans that are only data."""

from __future__ import annotations

from collections.abc import Callable
from datetime import date
from pathlib import Path
from typing import Any

import pandas as pd
import pytest

from kts_analysis.assessment import assess
from kts_analysis.entries import Milestone, Plan, Target, Threshold
from kts_analysis.errors import KtsError, ProblemsError
from kts_analysis.registry import Registry
from kts_analysis.registry_files import data_root, load_plan, load_registry

TableOf = Callable[[list[dict[str, Any]]], pd.DataFrame]
PlanOf = Callable[..., Plan]
PLAN = "plans/nam-dinh-105.yml"


def spoil(path: Path, *changes: tuple[str, str]) -> None:
    """Replace the first occurrence of each text."""
    text = path.read_text(encoding="utf-8")
    for old, new in changes:
        assert old in text
        text = text.replace(old, new, 1)
    path.write_text(text, encoding="utf-8", newline="\n")


def line_with(path: Path, text: str) -> int:
    lines = path.read_text(encoding="utf-8").splitlines()
    (number,) = [index for index, line in enumerate(lines, start=1) if text in line]
    return number


def found_problems(folder: Path) -> set[tuple[str, int | None, str | None]]:
    with pytest.raises(ProblemsError) as caught:
        load_registry(folder)
    return {(item.file, item.row, item.column) for item in caught.value.problems}


# --- faults ---------------------------------------------------------------------------------------


def test_five_faults_of_reference_in_one_error(data_copy: Path) -> None:
    path = data_copy / PLAN
    spoil(
        path,
        ("  - '366'", "  - 'planted-area'"),
        ("    indicator: KTS01", "    indicator: planted-indicator"),
        ("      province: nso_grdp", "      province: planted-series"),
        ("      - doanh-nghiep-so", "      - planted-part"),
        ("      - deadline: 2025", "      - deadline: 2031"),
    )
    assert found_problems(data_copy) == {
        (PLAN, line_with(path, "planted-area"), "areas.10"),
        (PLAN, line_with(path, "planted-indicator"), "targets.0.indicator"),
        (PLAN, line_with(path, "planted-series"), "targets.0.series.province"),
        (PLAN, line_with(path, "planted-part"), "targets.0.leans_on.0"),
        (PLAN, line_with(path, "2031"), "targets.0.thresholds.0.deadline"),
    }


def test_five_faults_of_form_in_one_error(data_copy: Path) -> None:
    path = data_copy / PLAN
    spoil(
        path,
        ("        comparator: '>='", "        comparator: '=>'"),
        ("        value: 10.0", "        value: mười"),
        ("    direction: higher_is_better", "    direction: upwards"),
        ("    milestones: []", "    milestone: []"),
        ("    indicator: KTS04\n", ""),
    )
    with pytest.raises(ProblemsError) as caught:
        load_registry(data_copy)
    text = str(caught.value)
    places = {(item.row, item.column) for item in caught.value.problems}
    assert len(caught.value.problems) == 5
    assert {item.file for item in caught.value.problems} == {PLAN}
    assert places == {
        (line_with(path, "'=>'"), "targets.0.thresholds.0.comparator"),
        (line_with(path, "mười"), "targets.1.thresholds.0.value"),
        (line_with(path, "upwards"), "targets.0.direction"),
        (line_with(path, "milestone: []"), "targets.0.milestone"),
        (line_with(path, "- id: KTS04"), "targets.3.indicator"),
    }
    for words in ("found '=>'; allowed: '>', '>='", "found 'mười'; a number is expected"):
        assert words in text
    assert "unknown field" in text
    assert "required but missing" in text


def test_faults_of_several_files_come_together(data_copy: Path) -> None:
    spoil(data_copy / "areas.csv", ("huyện,district", "huyện,county"))
    spoil(data_copy / "series.yml", ("lag_days: 90", "lag_days: soon"))
    spoil(data_copy / "plans" / "quoc-gia-411.yml", ("scope: single_value", "scope: planted"))
    files = {file for file, _, _ in found_problems(data_copy)}
    assert files == {"areas.csv", "series.yml", "plans/quoc-gia-411.yml"}
    rows = {row for file, row, _ in found_problems(data_copy) if file == "areas.csv"}
    assert rows == {line_with(data_copy / "areas.csv", ",county,")}


def test_not_yaml_missing_and_not_utf8(data_copy: Path) -> None:
    (data_copy / "plans" / "extra.yml").write_text("id: x\n  areas: [", encoding="utf-8")
    (data_copy / "plans" / "other.yml").write_bytes("name: Nam Định".encode("utf-16"))
    (data_copy / "series.yml").unlink()
    found = found_problems(data_copy)
    assert ("plans/extra.yml", 2, None) in found
    assert {file for file, _, _ in found} == {"plans/extra.yml", "plans/other.yml", "series.yml"}


def test_a_corrected_file_is_read_again(data_copy: Path) -> None:
    path = data_copy / PLAN
    good = path.read_text(encoding="utf-8")
    spoil(path, ("id: nam-dinh-105", "id: 105"))
    with pytest.raises(ProblemsError):
        load_registry(data_copy)
    path.write_text(good, encoding="utf-8", newline="\n")
    assert "nam-dinh-105" in load_registry(data_copy).plans


@pytest.mark.parametrize(
    ("changes", "words"),
    [
        ({"value": 80, "comparator": None}, "needs a comparator"),
        ({"value": None, "comparator": ">="}, "verification 'unknown'"),
        ({"value": 80, "comparator": ">", "verification": "verified"}, "at least one source"),
        ({"value": 80, "comparator": ">", "treshold": 1}, "Extra inputs"),
    ],
)
def test_a_threshold_must_be_whole(changes: dict[str, Any], words: str) -> None:
    with pytest.raises(ValueError, match=words):
        Threshold.model_validate({"deadline": 2025, "verification": "unverified"} | changes)


# --- the adopted plans ----------------------------------------------------------------------------


def test_adopted_plans(registry: Registry) -> None:
    assert {"nam-dinh-105", "quoc-gia-411"} <= set(registry.plans)
    plan = registry.plan("nam-dinh-105")
    assert (len(plan.areas), len(plan.targets), plan.deadlines) == (11, 17, (2025,))
    assert len(plan.sector_ids()) == 7
    for target in plan.targets:
        threshold = target.threshold(2025, "359")
        assert threshold is not None
        assert threshold.value is not None
        confirmed = threshold.verification in ("verified", "one_source")
        assert confirmed is (target.pillar == "KTS")  # the rest was not found in print
    assert plan.targets[0].threshold(2030, "359") is None


def test_codes_are_reused_so_a_code_needs_a_day(registry: Registry) -> None:
    assert registry.area("37", date(2025, 6, 30)).name_en == "Ninh Bình"
    assert registry.area("37", date(2025, 7, 1)).name_en == "Ninh Bình Province (new)"
    assert registry.area("37").valid_from == date(2025, 7, 1)
    assert [item.from_code for item in registry.predecessors("356")] == ["358"]
    assert [item.to_code for item in registry.successors("358")] == ["356"]


def test_unknown_names_are_answered_with_the_known_ones(registry: Registry) -> None:
    with pytest.raises(KtsError, match=r"unknown plan x; there are .*nam-dinh-105"):
        registry.plan("x")
    with pytest.raises(KtsError, match="has no target x; it has KTS01, KTS02"):
        registry.plan("nam-dinh-105").target("x")
    with pytest.raises(KtsError, match="unknown area code x"):
        registry.area("x")


def test_data_folder_is_found_or_asked_for(
    data_copy: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.delenv("KTS_DATA", raising=False)
    monkeypatch.chdir(data_copy.parent)
    assert data_root() == data_copy.resolve()
    empty = tmp_path / "empty"
    empty.mkdir()
    with pytest.raises(KtsError, match="no data folder"):
        data_root(empty)
    monkeypatch.chdir(empty)
    monkeypatch.setenv("KTS_DATA", str(data_copy))
    assert data_root() == data_copy.resolve()
    assert load_plan("nam-dinh-105").home == "36"


# --- another province, another threshold: only another file ---------------------------------------


def test_an_area_s_own_threshold_goes_before_the_plan_s(
    registry: Registry, table_of: TableOf, plan_of: PlanOf
) -> None:
    plan = plan_of(
        areas=("36", "359", "360"),
        thresholds=[
            {"deadline": 2025, "value": 80, "comparator": ">=", "verification": "unverified"},
            {"deadline": 2025, "value": 60, "comparator": ">", "verification": "unverified",
             "areas": ["360"]},
        ],
        milestones=[
            {"year": 2024, "value": 70, "verification": "unverified"},
            {"year": 2023, "value": 50, "verification": "unverified", "areas": ["360"]},
        ],
    )  # fmt: skip
    rows = [
        {"area_code": code, "period": 2024, "value": 65, "vintage": "2025-02-14"}
        for code in ("36", "359", "360")
    ]
    table = assess(plan, table_of(rows), 2025, as_of="2025-06-30", registry=registry)
    judged = table.set_index("area_code")[["threshold", "comparator", "gap", "status"]]
    assert judged.loc["359"].tolist() == [80, ">=", 15, "insufficient"]
    assert judged.loc["360"].tolist() == [60, ">", -5, "reached_early"]
    assert judged.loc["36", "threshold"] == 80
    target = plan.target("XHS01")
    assert [item.year for item in target.steps("360")] == [2023, 2024]
    assert [item.year for item in target.steps("359")] == [2024]
    assert isinstance(target.steps("359")[0], Milestone)


def test_a_threshold_of_other_areas_only_is_none(plan_of: PlanOf) -> None:
    threshold = {"deadline": 2025, "value": 60, "comparator": ">", "verification": "unverified"}
    target: Target = plan_of(thresholds=[threshold | {"areas": ["360"]}]).targets[0]
    assert target.threshold(2025, "359") is None
    assert target.threshold(2025, "360") is not None


def test_another_plan_file_is_another_plan(data_copy: Path) -> None:
    text = (data_copy / PLAN).read_text(encoding="utf-8")
    changed = text.replace("id: nam-dinh-105", "id: other", 1).replace("'>='", "'>'")
    path = data_copy / "plans" / "other.yml"
    path.write_text(changed, encoding="utf-8", newline="\n")
    registry = load_registry(data_copy)
    assert set(registry.plans) >= {"other", "nam-dinh-105"}
    comparators = {
        threshold.comparator
        for target in registry.plan("other").targets
        for threshold in target.thresholds
    }
    assert comparators == {">"}


def test_faults_of_both_kinds_come_together(data_copy: Path) -> None:
    path = data_copy / PLAN
    spoil(path, ("comparator: '>='", "comparator: '=>'"), ("  - '366'", "  - 'planted-area'"))
    rows = {row for _, row, _ in found_problems(data_copy)}
    assert rows == {line_with(path, "'=>'"), line_with(path, "planted-area")}
