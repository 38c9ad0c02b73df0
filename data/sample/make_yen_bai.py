"""Write the synthetic sample of a second province, one file a district: ``data/sample/132.csv`` ….

Every number made here is invented, and none is tied to any published figure.  It shows that another
province is another plan file, other areas and other figures, and no other program.

The files are the same to the byte on every platform, by the means of ``make_sample.py``.

Run ``python data/sample/make_yen_bai.py`` to rewrite the files, with ``--check`` to compare them.
"""

from __future__ import annotations

import math
import sys
from pathlib import Path

import numpy as np

sys.path.insert(0, str(Path(__file__).parent))
sys.dont_write_bytecode = True  # nothing but data belongs into this folder

import make_sample  # noqa: E402
from make_sample import Curve, near_normal, rounded_ratio  # noqa: E402

SEED = 231  # the number of the provincial plan
SOURCE = "Số liệu giả lập / synthetic data (data/sample/make_yen_bai.py)"
YEARS = (2020, 2021, 2022, 2023, 2024)  # from 2020: Nghĩa Lộ was enlarged in February of that year

# Invented: people in thousands, and years ahead of (+) or behind (-) the common S-curve.
DISTRICTS = {
    "132": (106, 2.2),
    "133": (72, 1.2),
    "135": (112, 0.2),
    "136": (130, 0.3),
    "137": (66, -1.9),
    "138": (92, 0.8),
    "139": (35, -2.4),
    "140": (118, -0.3),
    "141": (116, 0.6),
}
CURVES = {
    "XHS01": Curve("adults", 2020, 96, 2021.0, 0.45, 0.15),
    "XHS02": Curve("population_15plus", 2021, 96, 2021.2, 0.50, 0.15),
    "XHS03": Curve("adults", 2021, 85, 2024.4, 0.80, 0.25),
    "XHS05": Curve("households", 2020, 98, 2020.8, 0.45, 0.12),
}
PER_MILLE = {"population_15plus": 715, "adults": 670, "households": 262}  # of the people, invented
GAPS = {("139", "XHS03", 2021), ("137", "XHS02", 2022)}  # never sent: no row, not a zero


def make_rows() -> list[dict[str, str]]:
    """Return all observations, sorted by district, indicator and period."""
    rng = np.random.Generator(np.random.PCG64(SEED))
    rows = []
    for code, (thousands, lead) in DISTRICTS.items():
        people = thousands * 1000 + round(300 * near_normal(rng))
        for indicator, curve in CURVES.items():
            own, slope = lead + 0.4 * near_normal(rng), curve.slope * (1 + 0.1 * near_normal(rng))
            for year in YEARS:
                noise = curve.noise * near_normal(rng)
                if year < curve.start or (code, indicator, year) in GAPS:
                    continue
                place = round(slope * (year - curve.midpoint + own) + noise, 6)
                rate = curve.ceiling / (1 + math.exp(-place))
                grown = rounded_ratio(people * (1000 + 7 * (year - 2020)), 1000)
                below = rounded_ratio(grown * PER_MILLE[curve.concept], 1000)
                above = rounded_ratio(round(rate * 10_000) * below, 1_000_000)
                rows.append(_row(code, indicator, year, above, below))
    return sorted(rows, key=lambda row: [row[k] for k in ("area_code", "indicator", "period")])


def _row(code: str, indicator: str, year: int, above: int, below: int) -> dict[str, str]:
    """Return one observation in column order; the value is percent 0-100 with two decimals."""
    hundredths = rounded_ratio(10_000 * above, below)
    return {
        "area_code": code,
        "indicator": indicator,
        "series": "district_report",
        "breakdown": "",
        "period": str(year),
        "value": f"{hundredths // 100}.{hundredths % 100:02d}",
        "numerator": str(above),
        "denominator": str(below),
        "denominator_concept": CURVES[indicator].concept,
        "qualifier": "exact",
        "vintage": f"{year + 1}-02-20",
        "origin": "synthetic",
        "source": SOURCE,
        "source_url": "",
        "flags": "",
        "note": "giả lập / synthetic",
    }


if __name__ == "__main__":
    sys.exit(make_sample.write_or_check(make_rows(), Path(__file__).name))
