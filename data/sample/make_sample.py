"""Write the synthetic district sample, one file a district: ``data/sample/356.csv`` and so on.

Every number made here is invented: no district figure for these indicators was found in a
published source.  Only four province totals are tied to published figures (``ANCHORS`` and
``PROVINCE_POPULATION``); how the districts share them is invented too.

The files are the same to the byte on every platform: only uniform draws of PCG64 are used, every
rate is rounded before it becomes a count, and the rest is whole-number arithmetic.

Run ``python data/sample/make_sample.py`` to rewrite the files, with ``--check`` to compare them.
"""

from __future__ import annotations

import argparse
import csv
import io
import math
import sys
from pathlib import Path
from typing import NamedTuple

import numpy as np

SEED = 105  # the number of the provincial plan
FOLDER = Path(__file__).parent
SOURCE = "Số liệu giả lập / synthetic data (data/sample/make_sample.py)"

YEARS = (2019, 2020, 2021, 2022, 2023, 2024)
CITY, MY_LOC = "356", "358"
MERGER_YEAR = 2024  # Mỹ Lộc joined the city on 1 September 2024

# Published statistics-office population of the province (average of the year).
PROVINCE_POPULATION = {2019: 1_780_865, 2020: 1_780_333}

# Sum of numerators over sum of denominators, percent, aimed at inside the published wording:
# "over 85.5" for smartphones in 2024, "nearly 80" for payment accounts in 2022.
ANCHORS = {"XHS01": (2024, 85.7), "XHS02": (2022, 79.5)}


class District(NamedTuple):
    """Invented traits of one district."""

    people: int  # thousands, a weight
    enterprises: int  # in 2021
    schools: int
    lead: float  # years ahead of (+) or behind (-) the common S-curve


class Curve(NamedTuple):
    """Logistic curve of one indicator: percent ceiling, midpoint year, slope per year."""

    concept: str
    start: int
    ceiling: float
    midpoint: float
    slope: float
    noise: float  # standard deviation on the logit scale, far above binomial
    cumulative: bool = False


DISTRICTS = {
    "356": District(232, 3050, 84, 1.6),
    "358": District(75, 410, 27, 0.2),
    "359": District(130, 560, 43, 0.3),
    "360": District(230, 960, 75, 0.0),
    "361": District(178, 640, 61, -0.9),
    "362": District(186, 850, 62, 0.5),
    "363": District(176, 780, 55, 0.2),
    "364": District(150, 620, 52, 0.4),
    "365": District(172, 590, 57, -1.1),
    "366": District(256, 1020, 86, -0.5),
}

CURVES = {
    "KTS04": Curve("enterprises", 2021, 97, 2022.4, 0.75, 0.22),
    "KTS05": Curve("smes", 2020, 84, 2023.5, 0.55, 0.20),
    "XHS01": Curve("adults", 2019, 97, 2019.6, 0.45, 0.15),
    "XHS02": Curve("population_15plus", 2021, 97, 2019.4, 0.50, 0.15),
    "XHS03": Curve("adults", 2021, 80, 2024.6, 0.90, 0.25),
    "XHS04": Curve("working_age", 2021, 92, 2023.0, 0.70, 0.12, cumulative=True),
    "XHS05": Curve("households", 2019, 99, 2020.3, 0.45, 0.12),
    "XHS07": Curve("adults", 2020, 88, 2023.5, 0.70, 0.25),
    "XHS08": Curve("population", 2019, 98, 2020.4, 0.65, 0.10, cumulative=True),
    "XHS09": Curve("adults", 2023, 50, 2025.2, 0.60, 0.25),
    "XHS11": Curve("schools", 2020, 98, 2022.4, 0.80, 0.20),
}

# Reports that were never sent: the row is absent, it is not a zero.
GAPS = (
    "359-XHS07-2021 359-XHS02-2021 359-XHS09-2023 360-XHS04-2022 361-KTS05-2021 361-XHS02-2021 "
    "361-XHS02-2023 361-XHS02-2024 361-XHS09-2023 362-XHS05-2020 363-XHS01-2021 363-XHS02-2024 "
    "364-XHS11-2022 365-XHS01-2020 365-XHS02-2021 365-XHS02-2024 365-XHS03-2021 365-XHS09-2023 "
    "366-XHS05-2021"
)
LATE_REPORTS = {("361", 2021): "2022-05-09", ("365", 2022): "2023-04-21"}
# One value was corrected later: duplicates among the users were taken out.
REVISED_CELL = ("360", "KTS05", 2023)
REVISED_VINTAGE = "2024-09-30"
REVISED_PERCENT_KEPT = 92
PRELIMINARY_CELL = ("366", "XHS05", 2024)

Cell = tuple[str, str, int]
Counts = dict[Cell, tuple[int, int]]
Denominators = dict[tuple[str, str, int], int]  # (concept, district, year)


def near_normal(rng: np.random.Generator) -> float:
    """Return a draw of mean 0, variance 1 from twelve uniforms: no platform's logarithm in it."""
    return round(math.fsum(float(rng.random()) for _ in range(12)) - 6.0, 6)


def rounded_ratio(numerator: int, denominator: int) -> int:
    """Return ``numerator / denominator`` as the nearest whole number, halves up."""
    return (2 * numerator + denominator) // (2 * denominator)


def allocate(total: int, weights: dict[str, int]) -> dict[str, int]:
    """Split ``total`` by ``weights`` with largest remainders, so that the parts add up."""
    whole = sum(weights.values())
    parts = {code: total * weight // whole for code, weight in weights.items()}
    by_remainder = sorted(weights, key=lambda code: (-(total * weights[code] % whole), code))
    for code in by_remainder[: total - sum(parts.values())]:
        parts[code] += 1
    return parts


def make_population(rng: np.random.Generator) -> dict[tuple[str, int], int]:
    """Return persons per district and year; all ten add up to the published total where known."""
    weights = {c: d.people * 1000 + round(400 * near_normal(rng)) for c, d in DISTRICTS.items()}
    population: dict[tuple[str, int], int] = {}
    for year in YEARS:
        moved = {c: weights[c] + round(150 * near_normal(rng)) for c in DISTRICTS}
        if year in PROVINCE_POPULATION:
            parts = allocate(PROVINCE_POPULATION[year], moved)
        else:
            growth = {c: 10_000 + round(15 + 8 * near_normal(rng)) for c in DISTRICTS}
            before = {c: population[c, year - 1] for c in DISTRICTS}
            parts = {c: rounded_ratio(before[c] * growth[c], 10_000) for c in DISTRICTS}
        population.update({(code, year): count for code, count in parts.items()})
    return population


def make_denominators(rng: np.random.Generator) -> Denominators:
    """Return counts by ``(concept, district, year)`` for the eight denominator concepts."""
    population = make_population(rng)
    denominators: Denominators = {}
    for code, district in DISTRICTS.items():
        age = near_normal(rng)  # one age structure per district: the three age groups move together
        per_mille = {
            "population_15plus": round(765 + 6 * age),
            "adults": round(735 + 6 * age),
            "working_age": round(575 + 6 * age),
            "households": round(312 + 5 * near_normal(rng)),
        }
        for year in YEARS:
            people = population[code, year]
            denominators["population", code, year] = people
            for concept, share in per_mille.items():
                denominators[concept, code, year] = rounded_ratio(people * share, 1000)
            growth = 1000 + 18 * (year - 2021) + round(4 * near_normal(rng))
            firms = rounded_ratio(district.enterprises * growth, 1000)
            denominators["enterprises", code, year] = firms
            denominators["smes", code, year] = rounded_ratio(firms * 972, 1000)
            denominators["schools", code, year] = district.schools
    return denominators


def make_logits(rng: np.random.Generator) -> dict[Cell, float]:
    """Return the noisy place of each cell on its S-curve, on the logit scale."""
    logits: dict[Cell, float] = {}
    for indicator, curve in CURVES.items():
        for code, district in DISTRICTS.items():
            lead = district.lead + 0.5 * near_normal(rng)
            slope = curve.slope * (1 + 0.12 * near_normal(rng))
            for year in YEARS:
                place = slope * (year - curve.midpoint + lead) + curve.noise * near_normal(rng)
                before = logits.get((code, indicator, year - 1))
                if curve.cumulative and before is not None:
                    place = max(place, before + 0.02)  # what was built up does not fall
                logits[code, indicator, year] = round(place, 6)
    return logits


def merge_my_loc(counts: Counts) -> Counts:
    """Add Mỹ Lộc to the city by counts from the merger year on and drop its own cells."""
    merged = dict(counts)
    for (code, indicator, year), (numerator, denominator) in counts.items():
        if code == MY_LOC and year >= MERGER_YEAR:
            city = counts[CITY, indicator, year]
            merged[CITY, indicator, year] = (city[0] + numerator, city[1] + denominator)
            del merged[code, indicator, year]
    return merged


def count_cells(
    indicator: str, logits: dict[Cell, float], denominators: Denominators, shift: float
) -> Counts:
    """Return numerator and denominator of one indicator with all logits moved by ``shift``."""
    curve = CURVES[indicator]
    counts: Counts = {}
    for code in DISTRICTS:
        for year in range(curve.start, YEARS[-1] + 1):
            rate = curve.ceiling / (1 + math.exp(-(logits[code, indicator, year] + shift)))
            denominator = denominators[curve.concept, code, year]
            millionths = round(rate * 10_000)  # rounded so that no last digit of exp matters
            counts[code, indicator, year] = (
                rounded_ratio(millionths * denominator, 1_000_000),
                denominator,
            )
    return merge_my_loc(counts)


def province_rate(counts: Counts, year: int) -> float:
    """Return the province's percent of ``year`` from summed counts, never a mean of rates."""
    pairs = [pair for (_, _, cell_year), pair in counts.items() if cell_year == year]
    return 100 * sum(n for n, _ in pairs) / sum(d for _, d in pairs)


def make_counts(rng: np.random.Generator) -> Counts:
    """Return counts of every reported cell, with the anchored indicators moved onto the anchor."""
    denominators = make_denominators(rng)
    logits = make_logits(rng)
    counts: Counts = {}
    for indicator in CURVES:
        chosen = count_cells(indicator, logits, denominators, 0.0)
        if indicator in ANCHORS:
            year, aim = ANCHORS[indicator]
            steps = (step / 100 for step in range(-200, 201))
            tries = [count_cells(indicator, logits, denominators, shift) for shift in steps]
            chosen = min(tries, key=lambda cells: abs(province_rate(cells, year) - aim))
        counts.update(chosen)
    return {(c, i, y): pair for (c, i, y), pair in counts.items() if f"{c}-{i}-{y}" not in GAPS}


def make_vintages(rng: np.random.Generator) -> dict[tuple[str, int], str]:
    """Return the publication date of each district's yearly report, usually mid-February."""
    usual = {
        (code, year): f"{year + 1}-02-{round(14 + 1.5 * near_normal(rng)):02d}"
        for code in DISTRICTS
        for year in YEARS
    }
    return usual | LATE_REPORTS


def note_of(cell: Cell, vintage: str) -> str:
    """Return the short note of a cell; every note says that the number is synthetic."""
    if cell == REVISED_CELL and vintage == REVISED_VINTAGE:
        return "giả lập, số sửa / synthetic, revised"
    if cell == PRELIMINARY_CELL:
        return "giả lập, số sơ bộ / synthetic, preliminary"
    if cell[0] == CITY and cell[2] >= MERGER_YEAR:
        return "giả lập, địa giới từ 1/9/2024 / synthetic, borders from 1/9/2024"
    return "giả lập / synthetic"


def make_row(cell: Cell, pair: tuple[int, int], vintage: str) -> dict[str, str]:
    """Return one observation in column order; the value is percent 0-100 with two decimals."""
    numerator, denominator = pair
    hundredths = rounded_ratio(10_000 * numerator, denominator)
    return {
        "area_code": cell[0],
        "indicator": cell[1],
        "series": "district_report",
        "breakdown": "",
        "period": str(cell[2]),
        "value": f"{hundredths // 100}.{hundredths % 100:02d}",
        "numerator": str(numerator),
        "denominator": str(denominator),
        "denominator_concept": CURVES[cell[1]].concept,
        "qualifier": "preliminary" if cell == PRELIMINARY_CELL else "exact",
        "vintage": vintage,
        "origin": "synthetic",
        "source": SOURCE,
        "source_url": "",
        "flags": "",
        "note": note_of(cell, vintage),
    }


def make_rows() -> list[dict[str, str]]:
    """Return all observations, sorted by district, indicator, period and vintage."""
    rng = np.random.Generator(np.random.PCG64(SEED))
    counts = make_counts(rng)
    vintages = make_vintages(rng)
    rows = [make_row(cell, pair, vintages[cell[0], cell[2]]) for cell, pair in counts.items()]
    numerator, denominator = counts[REVISED_CELL]
    kept = rounded_ratio(numerator * REVISED_PERCENT_KEPT, 100)
    rows.append(make_row(REVISED_CELL, (kept, denominator), REVISED_VINTAGE))
    keys = ("area_code", "indicator", "period", "vintage")
    return sorted(rows, key=lambda row: [row[key] for key in keys])


def render(rows: list[dict[str, str]] | None = None) -> dict[str, bytes]:
    """Return each district's whole file: UTF-8, LF line ends, one header row."""
    files: dict[str, io.StringIO] = {}
    for row in make_rows() if rows is None else rows:
        name = f"{row['area_code']}.csv"
        if name not in files:
            files[name] = io.StringIO(newline="")
            csv.DictWriter(files[name], list(row), lineterminator="\n").writeheader()
        csv.DictWriter(files[name], list(row), lineterminator="\n").writerow(row)
    return {name: text.getvalue().encode("utf-8") for name, text in files.items()}


def write_or_check(rows: list[dict[str, str]], script: str, argv: list[str] | None = None) -> int:
    """Rewrite the files of some rows, or with ``--check`` return 1 if a file on disk differs."""
    parser = argparse.ArgumentParser(description="Write a synthetic district sample.")
    parser.add_argument("--check", action="store_true", help="compare only, exit 1 if different")
    check = parser.parse_args(argv).check
    differing = []
    for name, content in render(rows).items():
        path = FOLDER / name
        if not check:
            path.write_bytes(content)
        elif not path.is_file() or path.read_bytes() != content:
            differing.append(name)
    if differing:
        advice = f"run python data/sample/{script} again"
        print(f"{', '.join(differing)} differ: {advice}.", file=sys.stderr)
    return 1 if differing else 0


def main(argv: list[str] | None = None) -> int:
    """Rewrite the sample, or with ``--check`` return 1 if a file on disk differs."""
    return write_or_check(make_rows(), "make_sample.py", argv)


if __name__ == "__main__":
    sys.exit(main())
