"""Write the data dictionary, ``data/README.md``, from the tables of ``kts_analysis.schema``.

    python tools/dictionary.py            write data/README.md
    python tools/dictionary.py --check    compare; exit 1 with the difference

A column, status, qualifier, origin, flag or data file that nobody has described here is an error,
so the dictionary cannot fall behind.
"""

from __future__ import annotations

import argparse
import difflib
import re
import sys
from collections.abc import Iterable, Mapping
from fnmatch import fnmatch
from pathlib import Path
from typing import Any

ROOT = Path(__file__).resolve().parent.parent
sys.path.insert(0, str(ROOT))  # works without an installed package, too

from kts_analysis import schema  # noqa: E402

Words = tuple[str, str]  # Vietnamese, English

STATUSES: dict[str, Words] = {
    "likely": ("trước hạn: dự kiến đạt", "before the deadline: chance 80 % or more"),
    "possible": ("trước hạn: có khả năng đạt", "before the deadline: chance 50 to 80 %"),
    "unlikely": ("trước hạn: khó đạt", "before the deadline: chance 20 to 50 %"),
    "very_unlikely": ("trước hạn: rất khó đạt", "before the deadline: chance below 20 %"),
    "reached_early": ("trước hạn: đã đạt sớm, cần giữ", "before the deadline: reached, to be kept"),
    "insufficient": ("chưa đủ cơ sở đánh giá", "not enough to judge; `reason` says why"),
    "not_measured": ("không đo ở cấp này", "not measured at this level"),
    "exceeded": ("sau hạn: vượt", "after the deadline: passed by 5 % of the threshold or more"),
    "met": ("sau hạn: đạt", "after the deadline: reached"),
    "missed": ("sau hạn: chưa đạt", "after the deadline: not reached"),
    "unknown": ("sau hạn: chưa có số liệu", "after the deadline: no figure that decides"),
}
QUALIFIERS: dict[str, Words] = {
    "exact": ("đúng như in", "as printed"),
    "about": ("khoảng", "about"),
    "at_least": (
        "trên, hơn, ít nhất: giá trị là cận dưới",
        "more than: the value is a lower bound",
    ),
    "at_most": ("gần, tối đa: giá trị là cận trên", "nearly: the value is an upper bound"),
    "estimate": ("ước tính", "estimate"),
    "preliminary": ("sơ bộ", "preliminary"),
}
ORIGINS: dict[str, Words] = {
    "published": ("đã công bố", "published"),
    "reported": ("địa phương báo cáo", "reported by the area"),
    "derived": ("tính từ số khác", "worked out from other figures"),
    "synthetic": ("GIẢ LẬP, không trích dẫn", "SYNTHETIC, never to be cited"),
}
FLAGS: dict[str, Words] = {
    "weak_source": (
        "nguồn yếu: bản sao, trang gương, diễn đàn",
        "a copy, mirror, forum or unrelated carrier of the figure",
    ),
    "derived_value": (
        "tính từ hai số đã in, hoặc giữa khoảng đã in",
        "arithmetic on two printed numbers, or the middle of a printed range",
    ),
    "period_inferred": ("nguồn không in năm hoặc tháng", "the source prints no year or month"),
    "vintage_assumed": (
        "không rõ ngày công bố: cuối kỳ cộng độ trễ của cách đo (đặt khi đọc tệp)",
        "no publication date: period end plus the method's lag (set when a file is read)",
    ),
    "doubtful": (
        "đã hỏi lại khi nhập: bước nhảy, giảm bất thường hoặc nhầm dòng",
        "a check asked about it when it came in: a jump, a fall, a wrong row",
    ),
    "over_100": (
        "trên 100: thuê bao, tài khoản hoặc lượt thay cho người; giữ nguyên",
        "subscriptions, accounts or turns stand for people; kept, never clipped",
    ),
    "harmonised": (
        "đã đưa về địa giới khác bằng số đếm (đặt khi tính)",
        "carried to other borders by counts (set in the calculation)",
    ),
    "method_break": (
        "phương pháp hoặc định nghĩa thay đổi từ số liệu này; không nối xu hướng qua đó",
        "method or definition changed from this figure on; no trend runs across it",
    ),
}
FILES: dict[str, Words] = {
    "README.md": ("từ điển số liệu này", "this data dictionary"),
    "areas.csv": ("đơn vị hành chính, có ngày bắt đầu và kết thúc", "areas with dated borders"),
    "crosswalk.csv": ("đơn vị cũ thành đơn vị mới, có ngày", "what areas became, dated"),
    "indicators.yml": ("thẻ chỉ tiêu: đo cái gì, mẫu số nào", "indicator cards: what is measured"),
    "series.yml": ("cách đo và độ trễ công bố", "measuring methods and their publication lag"),
    "plans/*.yml": ("mỗi kế hoạch một tệp: mục tiêu, hạn, nguồn", "one plan a file: its targets"),
    "published/observations.csv": ("số liệu đã công bố, có nguồn", "published figures, sourced"),
    "published/context.csv": ("số liệu bối cảnh, không đánh giá", "context figures, never judged"),
    "reported/*.csv": ("báo cáo của địa phương (tự thêm)", "the areas' own reports (you add them)"),
    "scenarios/*.yml": ("giả định cho kts run --scenario", "assumptions for kts run --scenario"),
    "sample/README.md": ("về mẫu giả lập", "about the synthetic sample"),
    "sample/make_sample.py": ("tạo lại mẫu giả lập", "writes the synthetic sample"),
    "sample/make_yen_bai.py": (
        "tạo lại mẫu của tỉnh thứ hai",
        "writes the second province's",
    ),
    "sample/*.csv": ("mẫu GIẢ LẬP, mỗi huyện một tệp", "SYNTHETIC sample, one district a file"),
}
TABLES = (
    ("Quan sát · Observations", schema.Observations),
    ("Quỹ đạo · Trajectories", schema.Trajectories),
    ("Kết luận · Verdicts", schema.Verdicts),
)
TYPES = {"str": "chữ · text", "float": "số · number", "int": "số nguyên · whole number"}
INTRO = """# Từ điển số liệu · Data dictionary

Tệp này do `python tools/dictionary.py` tạo ra; đừng sửa tay.
This file is written by `python tools/dictionary.py`; do not edit it by hand.

Tỷ lệ là phần trăm từ 0 đến 100, dấu thập phân là dấu chấm. Thiếu số liệu thì để trống, không ghi 0.
Percent is 0 to 100 with a decimal point. A missing figure is an empty cell, never 0.
"""


class DictionaryError(Exception):
    """Something has no description, or a description has nothing to describe."""


def described(codes: Iterable[str], words: Mapping[str, Words], what: str) -> list[list[str]]:
    """Return a row a code, in order; raise `DictionaryError` when codes and words differ."""
    codes = list(codes)
    differing = sorted(set(codes) ^ set(words))
    if differing:
        raise DictionaryError(f"{what}: describe or remove {', '.join(differing)}")
    return [[f"`{code}`", *words[code]] for code in codes]


def file_rows(data: Path) -> list[list[str]]:
    """Return a row a line of `FILES`; raise `DictionaryError` for a file without one."""
    paths = (path.relative_to(data) for path in data.rglob("*") if path.is_file())
    found = sorted(path.as_posix() for path in paths if path.parts[0][0] != ".")
    for name in found:
        if "__pycache__" not in name and not any(fnmatch(name, pattern) for pattern in FILES):
            raise DictionaryError(f"data/{name}: describe it in FILES of tools/dictionary.py")
    return [[f"`{pattern}`", *words] for pattern, words in FILES.items()]


def column_rows(model: Any) -> list[list[str]]:
    """Return a row a column of a table: name, meaning, type and allowed values.

    Raises
    ------
    DictionaryError
        A column has no description.
    """
    rows = []
    for name, column in model.to_schema().columns.items():
        if not column.description:
            raise DictionaryError(f"{model.__name__}.{name} has no description")
        kind = next(words for part, words in TYPES.items() if part in str(column.dtype))
        rows.append([f"`{name}`", column.description, kind + _allowed(column)])
    return rows


def _allowed(column: Any) -> str:
    """Return the allowed values of a column, as far as a reader can use them."""
    parts = []
    for check in column.checks:
        if "allowed_values" in check.statistics:
            values = check.statistics["allowed_values"]
            parts.append(", ".join(f"`{value}`" for value in values))
        if "pattern" in check.statistics:
            parts.append(_form(check.statistics["pattern"]))
        if "min_value" in check.statistics:
            filled = "str" in str(column.dtype)
            parts.append("bắt buộc · required" if filled else f"≥ {check.statistics['min_value']}")
    if column.nullable:
        parts.append("có thể trống · may be missing")
    return "".join(f"; {part}" for part in parts)


def _form(pattern: Any) -> str:
    """Return what a pattern asks for, found by trying it."""
    text = str(getattr(pattern, "pattern", pattern))
    if re.match(text, "-0.5"):
        return "số hoặc để trống · a number or empty"
    return (
        "ngày, tháng, năm hoặc để trống · a date or empty" if re.match(text, "") else "kỳ · period"
    )


def markdown_table(header: Iterable[str], rows: Iterable[Iterable[str]]) -> str:
    """Return a Markdown table."""
    header = list(header)
    lines = [header, ["---"] * len(header), *rows]
    return "\n".join("| " + " | ".join(c.replace("|", "\\|") for c in row) + " |" for row in lines)


def dictionary(data: Path) -> str:
    """Return the text of the data dictionary.

    Raises
    ------
    DictionaryError
        As `described`, `column_rows` and `file_rows`.
    """
    code, both = "Mã · Code", ("Nghĩa", "Meaning")
    columns = ("Cột · Column", "Ý nghĩa · Meaning", "Kiểu, giá trị · Type, allowed values")
    sections = [("Tệp trong thư mục · Files", ("Tệp · File", *both), file_rows(data))]
    sections += [(f"Bảng: {title}", columns, column_rows(model)) for title, model in TABLES]
    for title, codes, words in (
        ("Trạng thái · Statuses", schema.STATUSES, STATUSES),
        ("Từ hạn định · Qualifiers", schema.QUALIFIERS, QUALIFIERS),
        ("Nguồn gốc · Origins", schema.ORIGINS, ORIGINS),
        ("Cờ · Flags", schema.FLAGS, FLAGS),
    ):
        sections.append((title, (code, *both), described(codes, words, title)))
    body = [f"\n## {title}\n\n{markdown_table(head, rows)}\n" for title, head, rows in sections]
    return INTRO + "".join(body)


def difference(found: str, wanted: str) -> list[str]:
    """Return the lines in which a file differs from what it should be."""
    names = ("data/README.md", "tools/dictionary.py")
    lines = difflib.unified_diff(found.splitlines(), wanted.splitlines(), *names, lineterm="", n=0)
    return list(lines)


def main(arguments: list[str] | None = None, root: Path = ROOT) -> int:
    """Run the tool; return its exit code."""
    parser = argparse.ArgumentParser(description="Write or check data/README.md.")
    parser.add_argument("--check", action="store_true", help="compare only; exit 1 when different")
    check = parser.parse_args(arguments).check
    path = root / "data" / "README.md"
    try:
        wanted = dictionary(root / "data")
    except DictionaryError as error:
        print(error, file=sys.stderr)
        return 1
    if not check:
        path.write_text(wanted, encoding="utf-8", newline="\n")
        return 0
    found = path.read_text(encoding="utf-8") if path.is_file() else ""
    lines = difference(found, wanted)
    if lines:
        print("\n".join(lines), file=sys.stderr)
        print("run: python tools/dictionary.py", file=sys.stderr)
    return 1 if lines else 0


if __name__ == "__main__":
    sys.exit(main())
