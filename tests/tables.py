"""A table as a department prints it, and the mapping file that says where things stand in it."""

from __future__ import annotations

from pathlib import Path
from typing import Any

MAPPING = """\
about: Bảng của Sở
tables:
  - sheets: "Biểu *"
    header_rows: [3, 4]
    first_row: 5
    where:
      area_code: {column: B}
      period: {header: 3}
      indicator: {fixed: XHS05}
      series: {fixed: district_report}
      source: {fixed: Báo cáo của Sở}
      vintage: {fixed: "2025-01-15"}
    figures:
      - {field: numerator, heading: tử số}
      - {field: denominator, heading: MẪU SỐ}
"""


def mapping_file(folder: Path, text: str = MAPPING) -> Path:
    """Write a mapping file."""
    path = folder / "anh-xa.yml"
    path.write_text(text, encoding="utf-8")
    return path


def department_table(path: Path, **changes: Any) -> Path:
    """Write a table as a department prints it: merged heads, sections, a total, a note."""
    from openpyxl import Workbook

    book = Workbook()
    sheet = book.active
    sheet.title = "Biểu 01"
    rows = {
        "A1": "KẾT QUẢ THỰC HIỆN",
        "A3": "STT", "B3": "Huyện, thành phố", "C3": "Năm 2022", "E3": "Năm 2023",
        "C4": "Tử số", "D4": "Mẫu số", "E4": "Tử số", "F4": "Mẫu số",
        "A5": "I", "B5": "Khu vực thành thị", "C5": 500, "D5": 1000, "E5": 700, "F5": 1000,
        "A6": 1, "B6": "TP. Nam Ðịnh", "C6": 500, "D6": 1000, "E6": 700, "F6": 1000,
        "A7": "II", "B7": "Khu vực nông thôn",
        "A8": 2, "B8": "H. Vụ Bản", "C8": "1 200", "D8": 4000, "E8": "1.600,0", "F8": 4000,
        "A9": 3, "B9": "huyện Ý Yên", "C9": "…", "D9": "…", "E9": 900, "F9": 3000,
        "B10": "Tổng cộng", "C10": 1700, "D10": 5000, "E10": 3300, "F10": 8000,
        "A12": "Ghi chú: số liệu do các huyện báo cáo.",
    }  # fmt: skip
    for ref, value in (rows | changes).items():
        sheet[ref] = value
    sheet.merge_cells("C3:D3")
    sheet.merge_cells("E3:F3")
    book.save(path)
    return path
