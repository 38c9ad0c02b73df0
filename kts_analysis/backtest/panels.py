"""One indicator over many areas; the project's own observations as such panels."""

from __future__ import annotations

import hashlib
import os
from collections.abc import Iterable
from dataclasses import dataclass
from pathlib import Path

import numpy as np
import pandas as pd

from kts_analysis.registry import Registry
from kts_analysis.registry_files import load_registry
from kts_analysis.scales import Array, Bounds
from kts_analysis.selection import BOUNDS, newest
from kts_analysis.store import observation_files, read_observations

# What kind of series: a rate that rises towards a bound, another share of 100, a quantity with no
# upper bound, a level of its own size in every unit.
KINDS = ("adoption", "share", "unbounded", "level")
PERCENT_KINDS = ("adoption", "share")  # the kinds whose errors in points can be averaged
SAME_DAY = 1e-6  # years


@dataclass(frozen=True)
class Panel:
    """One indicator over many units (areas).

    Attributes
    ----------
    units : tuple of str
        In order of their names.
    first_year : int
        Year of the first column.
    values : array, shape (units, years)
        In the indicator's own unit (percent is 0-100); NaN where nothing is known.
    bounds : (lower, upper)
        Natural bounds, either may be None.
    kind : str
        One of `KINDS`.
    synthetic : bool
        Whether any value was made by a script.
    """

    indicator: str
    units: tuple[str, ...]
    first_year: int
    values: Array
    bounds: Bounds = (0.0, 100.0)
    kind: str = "share"
    description: str = ""
    synthetic: bool = False

    @property
    def most_points(self) -> int:
        """Number of known values of the unit that has most."""
        return int(np.isfinite(self.values).sum(axis=1).max())

    @property
    def typical_change(self) -> float:
        """Mean absolute change from one year to the next, over all units; NaN without any."""
        changes = np.abs(np.diff(self.values, axis=1))
        return float(np.nanmean(changes)) if np.isfinite(changes).any() else float("nan")


def make_panel(
    rows: pd.DataFrame,
    indicator: str,
    *,
    bounds: Bounds = (0.0, 100.0),
    kind: str = "share",
    description: str = "",
    synthetic: bool = False,
) -> Panel:
    """Return the panel of rows with columns ``unit``, ``year`` (whole) and ``value``."""
    units = sorted(set(rows["unit"]))
    first, last = int(rows["year"].min()), int(rows["year"].max())
    values = np.full((len(units), last - first + 1), np.nan)
    places = rows["unit"].map({unit: place for place, unit in enumerate(units)}).to_numpy(int)
    values[places, rows["year"].to_numpy(int) - first] = rows["value"].to_numpy(float)
    return Panel(indicator, tuple(units), first, values, bounds, kind, description, synthetic)


def panel_of_observations(
    folder: str | os.PathLike[str] | None = None, *, as_of: str | None = None
) -> list[Panel]:
    """Return the project's own observations as panels: areas by year, one measuring method each.

    Areas are held together as in the reports: those of one plan and level, else of one parent and
    level. Where an indicator then gives several panels, each is named by its plan or parent too.
    Only figures dated at a year's end are used, the newest publication of each, and no bounds
    ("more than 85%"): so the test sees revised figures, which a forecaster of that day had not.

    Parameters
    ----------
    folder : path, optional
        Data folder.
    as_of : str, optional
        Nothing published later is used; by default the day of the newest figure.

    Raises
    ------
    ProblemsError
        All problems of the data.
    """
    registry, table = load_registry(folder), read_observations(folder, as_of=as_of)
    yearly = (table["t"] - table["t"].round()).abs() < SAME_DAY
    firm = ~table["qualifier"].isin(BOUNDS)
    beside = {code: _beside(registry, code) for code in set(table["area_code"])}
    found = []
    for key, rows in table[yearly & firm].groupby(["indicator", "series", "breakdown"]):
        indicator, series, breakdown = (str(part) for part in key)
        if indicator not in registry.indicators:
            continue
        name = "/".join(part for part in (indicator, series, breakdown) if part)
        groups = list(rows.groupby(rows["area_code"].map(beside)))
        for circle, part in groups:
            full = f"{name}/{circle}" if len(groups) > 1 else name
            found.append(_observed_panel(part, full, registry, indicator))
    return found


def _beside(registry: Registry, code: str) -> str:
    """Return the name of the circle of areas that an area is held beside."""
    area = registry.area(code)
    plans = [name for name, plan in sorted(registry.plans.items()) if code in plan.areas]
    return f"{plans[0] if plans else area.parent or code}/{area.level}"


def data_hash(path: Path) -> str:
    """Return the SHA-256 of a panel file, or of all observation files of a data folder."""
    files: Iterable[Path] = [path]
    if path.is_dir():
        files = observation_files(load_registry(path))
    digest = hashlib.sha256()
    for file in files:
        digest.update(file.read_bytes())
    return digest.hexdigest()


def _observed_panel(rows: pd.DataFrame, name: str, registry: Registry, indicator: str) -> Panel:
    parts = [newest(part).assign(unit=str(code)) for code, part in rows.groupby("area_code")]
    points = pd.concat(parts, ignore_index=True)
    points["year"] = points["t"].round().astype(int)
    card = registry.indicators[indicator]
    return make_panel(
        points,
        name,
        bounds=(card.bounds.lower, card.bounds.upper),
        kind="share",
        description=card.name.get("en"),
        synthetic="synthetic" in set(points["origin"]),
    )
