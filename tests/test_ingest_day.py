"""A new user's day: a template out, filled in, saved by another program, mended, stored, shown."""

from __future__ import annotations

import json
import shutil
import subprocess
from pathlib import Path
from typing import Any

import pytest
from openpyxl import load_workbook

from kts_analysis.cli import main
from kts_analysis.store import load_observations

PLAN = "nam-dinh-105"
SOFFICE = shutil.which("soffice")
AREAS = 10
MISTAKES: dict[int, tuple[str, Any]] = {  # district to column and what is written there
    0: ("numerator", "1.234"),
    1: ("numerator", "70%"),
    2: ("numerator", "tám trăm"),
    3: ("denominator", 0),
    4: ("numerator", -5),
    5: ("denominator", "=1/0"),
    6: ("numerator", "800-900"),
    7: ("numerator", "800 lượt người"),
    8: ("denominator", "x"),
    9: ("vintage", "hôm qua"),
}
LATER = {0: ("source", None), 2: ("qualifier", "chắc là")}  # in the row of the second year
TOLD_AT = {8: "numerator"}  # a count whose other half is missing is named itself

pytestmark = [
    pytest.mark.slow,
    pytest.mark.skipif(SOFFICE is None, reason="NOT RUN: soffice is not installed"),
]


def resaved(path: Path, folder: Path) -> Path:
    """Save a workbook through LibreOffice, as somebody without Excel would."""
    folder.mkdir()
    profile = (folder / "profile").as_uri()
    subprocess.run(
        [
            str(SOFFICE),
            f"-env:UserInstallation={profile}",
            "--headless",
            "--convert-to",
            "xlsx:Calc MS Excel 2007 XML",
            "--outdir",
            str(folder),
            str(path),
        ],
        check=True,
        capture_output=True,
        timeout=180,
    )
    return folder / path.name


def rows_of(sheet: Any) -> tuple[dict[str, int], dict[str, int]]:
    """Return columns by key, and the rows of one indicator by period."""
    keys = {cell.value: cell.column for cell in sheet[3] if cell.value}
    rows = {
        str(sheet.cell(row, keys["period"]).value): row
        for row in range(5, sheet.max_row + 1)
        if sheet.cell(row, keys["indicator"]).value == "XHS05"
    }
    return keys, rows


def filled(path: Path, mistakes: bool) -> set[tuple[str, str]]:
    """Fill in a template; return sheet and cell of every mistake."""
    book = load_workbook(path)
    sheets = [sheet for sheet in book if sheet["A1"].value and sheet.sheet_state == "visible"]
    sheets = [sheet for sheet in sheets if str(sheet["A1"].value).startswith("kts-template")]
    assert len(sheets) == AREAS
    planted = set()
    for number, sheet in enumerate(sheets):
        keys, rows = rows_of(sheet)
        for year, (period, wrong) in enumerate(
            zip(("2023", "2024"), (MISTAKES, LATER), strict=True)
        ):
            good = {"numerator": 800 + 20 * year + number, "denominator": 1000, "source": "UBND"}
            good |= {"vintage": "2025-01-15", "qualifier": None}
            if str(sheet.cell(rows[period], keys["state"]).value).startswith("địa bàn kết thúc"):
                continue  # a closed row: the district ended in that year
            for key, value in good.items():
                sheet.cell(rows[period], keys[key]).value = value
            if mistakes and number in wrong:
                key, value = wrong[number]
                cell = sheet.cell(rows[period], keys[key])
                cell.value = value
                named = keys[TOLD_AT.get(number, key)]
                planted.add((sheet.title, sheet.cell(rows[period], named).coordinate))
    book.save(path)
    return planted


def test_from_template_to_verdict(
    tmp_path: Path, data_folder: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    data = tmp_path / "data"
    shutil.copytree(data_folder, data, ignore=shutil.ignore_patterns("sample", "__pycache__"))
    options, path = ["--data", str(data), "--plan", PLAN], tmp_path / "mẫu báo cáo.xlsx"
    periods = ["--periods", "2023-2024", "--areas", ",".join(districts(data))]
    assert main(["template", "--out", str(path), *periods, *options]) == 0
    planted = filled(path, mistakes=True)
    assert len(planted) == 12
    sent = resaved(path, tmp_path / "đã lưu")
    capsys.readouterr()
    assert main(["ingest", str(sent), *options]) == 2
    told = capsys.readouterr()
    errors = [line for line in told.err.splitlines() if line.startswith("lỗi")]
    for sheet, cell in planted:
        assert any(f"trang '{sheet}', {cell}: " in line for line in errors), (sheet, cell, errors)
    assert not (data / "reported").exists() and "không lưu gì" in told.out

    filled(path, mistakes=False)
    sent = resaved(path, tmp_path / "đã sửa")
    assert main(["ingest", str(sent), *options]) == 0
    table = load_observations(data).table
    mine = table[table["row"].str.startswith("reported/")]
    assert len(mine) == 2 * AREAS - 1
    assert mine["value"].round(3).tolist()[:2] == [80.0, 82.0]
    capsys.readouterr()
    asked = ["--area", districts(data)[0], "--target", "XHS05", "--deadline", "2025"]
    assert main(["assess", *options, *asked, "--format", "json"]) == 0
    [verdict] = json.loads(capsys.readouterr().out)
    assert (verdict["latest"], verdict["latest_date"]) == (82.0, "2024-12-31")


def districts(data: Path) -> list[str]:
    """Return ten areas of the plan that stood in both years."""
    from kts_analysis.registry_files import load_registry

    registry = load_registry(data)
    areas = [registry.area(code) for code in registry.plan(PLAN).areas]
    return [area.code for area in areas if area.level == "district"][:AREAS]
