"""Write a data folder of a national size: one plan, N made-up districts, made-up figures.

    python benchmarks/national.py --areas 705 --out FOLDER

Everything in it is synthetic and says so in every row: the districts, their codes, their names,
their figures. Only the wording and the thresholds of the targets are copied, from the plan
``data/plans/nam-dinh-105.yml``, and so are the indicator cards and the measuring methods.

Each district is made from the seed and its own number only. So a folder of 10 districts holds the
same files as the first 10 of a folder of 705, and a smaller folder is a cut of a larger one. The
bytes are the same on every platform, for the reasons given in ``data/sample/make_sample.py``, whose
curves and roundings are used here.
"""

from __future__ import annotations

import argparse
import csv
import io
import math
import shutil
import sys
from collections.abc import Iterable, Iterator
from importlib.util import module_from_spec, spec_from_file_location
from pathlib import Path
from types import ModuleType
from typing import Any

import numpy as np
import yaml

ROOT = Path(__file__).resolve().parents[1]
DATA = ROOT / "data"
SEED = 105
MOST = 99_999  # codes have five digits
SOURCE = "Số liệu giả lập / synthetic data (benchmarks/national.py)"
NOTE = "giả lập / synthetic"

PLAN, MODEL, OUTLOOK = "gia-lap", "nam-dinh-105", "quoc-gia-411"
COUNTRY, HOME = "VN", "00"
AREAS_HEADER = "code,name,name_en,kind,level,parent,valid_from,valid_to,verification,source"
CROSSWALK_HEADER = "from_code,to_code,day,share,verification,source"

FULL_YEARS = (2019, 2020, 2021, 2022, 2023, 2024)  # every indicator has all of these
LAST_YEAR = 2025  # about half of the indicators have this one
SHARE_OF_LAST_YEAR = 0.5

# Invented sizes and shares, one of each per district: (smallest, largest).
PEOPLE = (30_000, 250_000)
FIRMS = (150, 3_000)
SCHOOLS = (20, 90)
PER_MILLE = {
    "population": (1000, 1000),
    "population_15plus": (745, 785),
    "adults": (715, 755),
    "working_age": (555, 595),
    "households": (295, 330),
}
SMES_PER_MILLE = 972


def load_sample_maker() -> ModuleType:
    """Return the generator of the ten-district sample as a module (it is a script, no package)."""
    path = DATA / "sample" / "make_sample.py"
    spec = spec_from_file_location("make_sample", path)
    if spec is None or spec.loader is None:
        raise ImportError(path)
    module = module_from_spec(spec)
    spec.loader.exec_module(module)
    return module


def code_of(number: int) -> str:
    """Return the code of a district: text of five digits, with leading zeros."""
    return f"{number:05d}"


def area_rows(areas: int) -> Iterator[list[str]]:
    """Yield the rows of ``areas.csv``: the country, a made-up province, N made-up districts."""
    yield [COUNTRY, "Cả nước", "Viet Nam", "quốc gia", "country", "", "", "", "verified", ""]
    name = ["Tỉnh giả lập", "Made-up province", "tỉnh", "province"]
    yield [HOME, *name, COUNTRY, "", "", "unverified", SOURCE]
    for number in range(1, areas + 1):
        code = code_of(number)
        name = [f"Huyện giả lập {code}", f"Made-up district {code}", "huyện", "district"]
        yield [code, *name, HOME, "", "", "unverified", SOURCE]


def plan_content(areas: int) -> dict[str, Any]:
    """Return the plan: the model's targets, over the made-up areas, under a name that says so."""
    plan: dict[str, Any] = yaml.safe_load((DATA / "plans" / f"{MODEL}.yml").read_text("utf-8"))
    copied = {
        "vi": f"Kế hoạch giả lập để đo tốc độ; chỉ tiêu và mức chép từ {MODEL}.yml",
        "en": f"Made-up plan for measuring speed; targets and thresholds copied from {MODEL}.yml",
    }
    plan.update(id=PLAN, name=copied, document=copied, home=HOME)
    plan["areas"] = [HOME, *(code_of(number) for number in range(1, areas + 1))]
    return plan


def denominators(rng: np.random.Generator, maker: ModuleType) -> dict[tuple[str, int], int]:
    """Return what is counted in one district, by ``(concept, year)``."""

    def between(ends: tuple[int, int]) -> int:
        return ends[0] + math.floor(float(rng.random()) * (ends[1] - ends[0] + 1))

    people, firms, schools = between(PEOPLE), between(FIRMS), between(SCHOOLS)
    shares = {concept: between(ends) for concept, ends in PER_MILLE.items()}
    counts: dict[tuple[str, int], int] = {}
    for year in (*FULL_YEARS, LAST_YEAR):
        people = maker.rounded_ratio(people * (10_000 + round(15 + 8 * near(rng, maker))), 10_000)
        firms = maker.rounded_ratio(firms * (1018 + round(4 * near(rng, maker))), 1000)
        for concept, share in shares.items():
            counts[concept, year] = maker.rounded_ratio(people * share, 1000)
        counts["enterprises", year] = firms
        counts["smes", year] = maker.rounded_ratio(firms * SMES_PER_MILLE, 1000)
        counts["schools", year] = schools
    return counts


def near(rng: np.random.Generator, maker: ModuleType) -> float:
    """Return a draw of mean 0 and variance 1, the same on every platform."""
    return float(maker.near_normal(rng))


def district_rows(number: int, seed: int, maker: ModuleType) -> Iterator[list[str]]:
    """Yield the observations of one district in column order, by indicator and year."""
    rng = np.random.Generator(np.random.PCG64([seed, number]))
    counted = denominators(rng, maker)
    lead = 1.2 * near(rng, maker)  # years ahead of or behind the common curves
    for indicator, curve in maker.CURVES.items():
        own_lead = lead + 0.5 * near(rng, maker)
        slope = curve.slope * (1 + 0.12 * near(rng, maker))
        years = [*FULL_YEARS]
        if float(rng.random()) < SHARE_OF_LAST_YEAR:
            years.append(LAST_YEAR)
        place = -math.inf
        for year in years:
            fresh = slope * (year - curve.midpoint + own_lead) + curve.noise * near(rng, maker)
            # What is built up does not fall.
            place = max(fresh, place + 0.02) if curve.cumulative else fresh
            denominator = counted[curve.concept, year]
            millionths = round(curve.ceiling / (1 + math.exp(-round(place, 6))) * 10_000)
            numerator = maker.rounded_ratio(millionths * denominator, 1_000_000)
            hundredths = maker.rounded_ratio(10_000 * numerator, denominator)
            value = f"{hundredths // 100}.{hundredths % 100:02d}"
            counts = [value, str(numerator), str(denominator), curve.concept]
            vintage = f"{year + 1}-02-{14 + number % 5:02d}"
            yield [
                *(code_of(number), indicator, "district_report", "", str(year)),
                *(*counts, "exact", vintage, "synthetic", SOURCE, "", "", NOTE),
            ]


def csv_text(header: str, rows: Iterable[list[str]]) -> str:
    """Return a CSV file's text with LF line ends."""
    text = io.StringIO(newline="")
    csv.writer(text, lineterminator="\n").writerows(rows)
    return f"{header}\n{text.getvalue()}"


def write_text(path: Path, text: str) -> None:
    """Write a UTF-8 file with LF line ends, making its folder."""
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_text(text, encoding="utf-8", newline="\n")


def write_national(out: Path, areas: int, seed: int = SEED) -> None:
    """Write the data folder of `areas` made-up districts.

    Parameters
    ----------
    out : Path
        An empty or a new folder.
    areas : int
        Number of districts, 1 to 99,999.
    seed : int
        Another seed gives other figures, the same seed the same bytes.

    Raises
    ------
    ValueError
        Too few or too many districts, or the folder holds something.
    """
    if not 1 <= areas <= MOST:
        raise ValueError(f"--areas {areas}: 1 to {MOST}")
    if out.is_dir() and any(out.iterdir()):
        raise ValueError(f"--out {out.as_posix()}: the folder is not empty")
    maker = load_sample_maker()
    header = (DATA / "published" / "observations.csv").read_text("utf-8").splitlines()[0]
    out.mkdir(parents=True, exist_ok=True)
    for name in ("indicators.yml", "series.yml"):
        shutil.copyfile(DATA / name, out / name)
    write_text(out / "areas.csv", csv_text(AREAS_HEADER, area_rows(areas)))
    write_text(out / "crosswalk.csv", csv_text(CROSSWALK_HEADER, []))
    plan = yaml.safe_dump(plan_content(areas), allow_unicode=True, sort_keys=False, width=120)
    write_text(out / "plans" / f"{PLAN}.yml", f"# {SOURCE}\n{plan}")
    # The plan looks ahead to the national one, as its model does.
    shutil.copyfile(DATA / "plans" / f"{OUTLOOK}.yml", out / "plans" / f"{OUTLOOK}.yml")
    for number in range(1, areas + 1):
        text = csv_text(header, district_rows(number, seed, maker))
        write_text(out / "sample" / f"{code_of(number)}.csv", text)


def main(argv: list[str] | None = None) -> int:
    """Write the folder that the command line asks for; 2 if it cannot be."""
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--areas", type=int, default=705, help="số huyện / districts")
    parser.add_argument("--out", type=Path, required=True, help="thư mục mới / a new folder")
    parser.add_argument("--seed", type=int, default=SEED)
    chosen = parser.parse_args(argv)
    try:
        write_national(chosen.out, chosen.areas, chosen.seed)
    except ValueError as error:
        print(error, file=sys.stderr)
        return 2
    return 0


if __name__ == "__main__":
    sys.exit(main())
