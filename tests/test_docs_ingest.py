"""What docs/ingest.md promises: its mapping reads a workbook, its table of findings is true."""

from __future__ import annotations

import re
import shlex
import shutil
from pathlib import Path

import pytest
import yaml
from openpyxl import Workbook

from kts_analysis.cli import main
from kts_analysis.ingest.intake import Intake, take_in
from kts_analysis.ingest.mapping import Figures, Mapping, Where, load_mapping
from kts_analysis.registry import Registry
from kts_analysis.registry_files import load_registry

ROOT = Path(__file__).resolve().parents[1]
PAGE = (ROOT / "docs" / "ingest.md").read_text(encoding="utf-8")
[YAML] = re.findall(r"```yaml\n(.*?)```", PAGE, re.S)
ROWS = re.findall(r"^\| `([^`]+)` \| [^|/]+ / (\w+) \| [^|/]+ / (\w+) \|", PAGE, re.M)
PLACES = {"numerator": "E6", "denominator": "F6", "area": "B7", "period": "E3"}


@pytest.fixture
def store(tmp_path: Path, data_folder: Path) -> Registry:
    """A data folder without the made-up figures, as the page says to make it."""
    place = tmp_path / "so-lieu"
    shutil.copytree(data_folder, place, ignore=shutil.ignore_patterns("sample", "__pycache__"))
    return load_registry(place)


@pytest.fixture
def mapping(tmp_path: Path) -> Mapping:
    path = tmp_path / "mapping.yml"
    path.write_text(YAML, encoding="utf-8")
    return load_mapping(path)


def workbook(path: Path, **changes: object) -> Path:
    """Write the two kinds of sheets the mapping is for."""
    book = Workbook()
    first = book.active
    first.title = "Biểu 01"
    cells = {
        "A1": "Nguồn", "B1": "Báo cáo số 12/BC", "A2": "Ngày báo cáo", "B2": "15/01/2025",
        "A3": "STT", "B3": "Địa bàn", "C3": "Năm 2022", "E3": "Năm 2023", "G3": "Ghi chú",
        "C4": "Tử số", "D4": "Mẫu số", "E4": "Tử số", "F4": "Mẫu số",
        "A5": "I.", "B5": "Hộ có cáp quang",
        "A6": 1, "B6": "Thành Nam", "C6": 500, "D6": 1000, "E6": 700, "F6": 1000, "G6": "cả năm",
        "A7": 2, "B7": "Huyện Vụ Bản", "C7": 300, "D7": 1000, "E7": 400, "F7": 1000,
        "B8": "Cụm phía bắc", "C8": 800, "D8": 2000, "E8": 1100, "F8": 2000,
        "A9": "II.", "B9": "Doanh nghiệp dùng hợp đồng điện tử",
        "A10": 1, "B10": "Thành Nam", "E10": 60, "F10": 200,
        "B11": "Tổng cộng", "E11": 60, "F11": 200,
    }  # fmt: skip
    for ref, value in (cells | changes).items():
        first[ref] = value
    first.merge_cells("C3:D3")
    first.merge_cells("E3:F3")
    second = book.create_sheet("2024")
    rows = [
        ["Số liệu nhanh"],
        ["Chỉ tiêu", "Vụ Bản", "Ý Yên", "ghi chú", "H. Nam Trực"],
        ["XHS05", 0.5, "60%", 9, 0.75],
        ["XHS08", 0.25, None, 9, 0.3],
        ["dưới bảng", 0.9, 0.9, 9, 0.9],
    ]
    for row in rows:
        second.append(row)
    book.save(path)
    return path


def take(store: Registry, path: Path, mapping: Mapping) -> Intake:
    plans = [store.plan("nam-dinh-105")]
    return take_in([path], store, plans, mapping=mapping, store=False)


def test_the_example_uses_every_form_there_is(mapping: Mapping) -> None:
    places = [where for table in mapping.tables for where in table.where.values()]
    for form in Where.model_fields:
        assert any(getattr(where, form) for where in places), form
    figures = [one for table in mapping.tables for one in table.figures]
    for form in Figures.model_fields:
        assert any(getattr(one, form) for one in figures), form
    assert {one.scale for one in figures} == {"percent", "fraction"}
    assert any(table.totals for table in mapping.tables)
    assert any(table.last_row for table in mapping.tables)


def test_the_example_reads_the_workbook(store: Registry, mapping: Mapping, tmp_path: Path) -> None:
    result = take(store, workbook(tmp_path / "bao-cao.xlsx"), mapping)
    assert result.problems == []
    read = [
        tuple(
            one.cells[name]
            for name in ("area_code", "indicator", "period", "numerator", "denominator", "value")
        )
        for one in result.new
    ]
    assert read == [
        ("356", "XHS05", "2022", "500", "1000", ""),
        ("356", "XHS05", "2023", "700", "1000", ""),
        ("359", "XHS05", "2022", "300", "1000", ""),
        ("359", "XHS05", "2023", "400", "1000", ""),
        ("356", "KTS04", "2023", "60", "200", ""),
        ("359", "XHS05", "2024", "", "", "50"),
        ("360", "XHS05", "2024", "", "", "60"),
        ("362", "XHS05", "2024", "", "", "75"),
        ("359", "XHS08", "2024", "", "", "25"),
        ("362", "XHS08", "2024", "", "", "30"),
    ]
    told = ("source", "vintage", "denominator_concept", "qualifier", "note")
    first, last = result.new[0].cells, result.new[-1].cells
    assert [first[name] for name in told] == [
        "Báo cáo số 12/BC", "2025-01-15", "households", "exact", "cả năm",
    ]  # fmt: skip
    assert [last[name] for name in told] == [
        "Báo cáo nhanh của Sở", "2025-02-10", "", "preliminary", "",
    ]  # fmt: skip
    assert (result.read.totals, result.read.sections) == (2, 2)


@pytest.mark.parametrize(("found", "place", "outcome"), ROWS)
def test_what_the_table_of_findings_says_is_so(
    store: Registry, mapping: Mapping, tmp_path: Path, found: str, place: str, outcome: str
) -> None:
    value = int(found) if found.isdecimal() else found
    result = take(store, workbook(tmp_path / "b.xlsx", **{PLACES[place]: value}), mapping)
    flagged = [one for one in result.new if one.cells["flags"] == "doubtful"]
    if outcome == "refused":
        assert any(found in problem.text() for problem in result.errors)
    elif outcome == "flagged":
        assert result.errors == [] and len(flagged) == 1
    else:
        assert outcome == "stored" and result.errors == []


def test_the_table_has_rows_of_every_outcome() -> None:
    assert len(ROWS) == 16
    assert {outcome for _, _, outcome in ROWS} == {"refused", "flagged", "stored"}


def test_the_commands_of_the_page_are_there(capsys: pytest.CaptureFixture[str]) -> None:
    """Each command line of the page is understood: its options exist."""
    commands = re.findall(r"^(kts .*?)(?:\s+#.*)?$", PAGE, re.M)
    assert len(commands) == 5
    for line in commands:
        name, *rest = shlex.split(line)[1:]
        assert main([name, "--help"]) == 0
        known = capsys.readouterr().out
        assert all(word in known for word in rest if word.startswith("--")), line


def test_from_template_to_the_next_question(
    store: Registry, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    """The steps of the page in their order, on the folder they make."""
    data, template = str(store.root), str(tmp_path / "mau.xlsx")
    where = ["--areas", "359,360", "--periods", "2023-2024", "--data", data]
    assert main(["template", "--plan", "nam-dinh-105", *where, "--out", template]) == 0
    assert main(["ingest", template, "--data", data, "--dry-run"]) == 0
    assert "không tìm thấy số liệu" in capsys.readouterr().err  # nobody filled it in
    assert not (store.root / "reported").exists()
    (tmp_path / "m.yml").write_text(YAML, encoding="utf-8")
    path = str(workbook(tmp_path / "Báo cáo năm.xlsx"))
    asked = ["ingest", path, "--data", data, "--mapping", str(tmp_path / "m.yml")]
    assert main([*asked, "--dry-run"]) == 0
    assert not (store.root / "reported").exists()
    assert main(asked) == 0
    assert [file.name for file in (store.root / "reported").iterdir()] == ["000001-bao-cao-nam.csv"]
    capsys.readouterr()
    assert main(asked) == 0  # the same again adds nothing
    assert len(list((store.root / "reported").iterdir())) == 1
    workbook(Path(path), C6=510)
    assert main(asked) == 2  # another value with the same date
    workbook(Path(path), C6=510, B2="20/03/2025")
    assert main(asked) == 0  # a revision
    capsys.readouterr()
    assert main(["revisions", "--plan", "nam-dinh-105", "--data", data]) == 0
    assert "50,00% → 51,00%" in capsys.readouterr().out
    assert main(["quality", "--plan", "nam-dinh-105", "--data", data]) == 0
    assert "356  Thành phố Nam Định  XHS05  2024  quá hạn" in capsys.readouterr().out


def test_the_yaml_of_the_page_is_plain() -> None:
    assert yaml.safe_load(YAML)["about"] == "Báo cáo năm của Sở, hai loại trang"
