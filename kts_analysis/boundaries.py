"""Boundaries of areas, where the province supplies them: ``data/boundaries/*.geojson``.

Nothing is drawn, simplified or guessed here: a file that cannot be trusted is refused whole.
"""

from __future__ import annotations

import json
import math
from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from datetime import date
from pathlib import Path
from typing import Any

from kts_analysis.errors import Problem, ProblemsError
from kts_analysis.i18n import N_
from kts_analysis.registry import Registry
from kts_analysis.stamps import stamp_of
from kts_analysis.vi import nfc

FOLDER = "boundaries"
Ring = tuple[tuple[float, float], ...]
Polygon = tuple[Ring, ...]


@dataclass(frozen=True)
class Boundary:
    """The shape of one area in one file.

    Attributes
    ----------
    polygons : tuple of polygons
        Each a tuple of rings, the outer one first; a ring is (longitude, latitude) in degrees.
    valid_from, valid_to : date, optional
        Days between which it holds; codes are used again after a reform, so a shape may say so.
    source : str
        What the file's feature gives as its source, or nothing.
    """

    code: str
    polygons: tuple[Polygon, ...]
    valid_from: date | None = None
    valid_to: date | None = None
    source: str = ""

    def holds_on(self, day: date) -> bool:
        """Return whether the shape holds on a day."""
        begun = self.valid_from is None or self.valid_from <= day
        return begun and (self.valid_to is None or day <= self.valid_to)


def load_boundaries(registry: Registry) -> tuple[Boundary, ...]:
    """Return the shapes of a data folder; none where it has no boundary file.

    Raises
    ------
    ProblemsError
        Every problem of every file, with file, feature, what was found and what to do.
    """
    return _load(registry, stamp_of(registry.root, (FOLDER,), (".geojson",)))


def boundaries_on(
    boundaries: Iterable[Boundary], codes: Iterable[str], day: date
) -> dict[str, Boundary]:
    """Return the shapes of some areas that hold on a day, by code."""
    wanted = set(codes)
    return {one.code: one for one in boundaries if one.code in wanted and one.holds_on(day)}


_kept: dict[tuple[Path, str], tuple[Boundary, ...]] = {}


def _load(registry: Registry, stamp: str) -> tuple[Boundary, ...]:
    key = (registry.root, stamp)
    if key not in _kept:
        found = _read(registry)
        _kept.clear()
        _kept[key] = found
    return _kept[key]


def _read(registry: Registry) -> tuple[Boundary, ...]:
    problems: list[Problem] = []
    found: list[Boundary] = []
    places: dict[str, list[tuple[str, Boundary]]] = {}
    for path in sorted((registry.root / FOLDER).glob("*.geojson")):
        for where, one in _boundaries_of(path, registry, problems):
            file = f"{FOLDER}/{path.name}"
            for other_place, other in places.get(one.code, ()):
                if _overlap(one, other):
                    message = N_("area {found} has a boundary already ({other}) for the same days")
                    params = {"other": other_place}
                    problems.append(Problem(file, message, None, where, one.code, params))
            places.setdefault(one.code, []).append((f"{file} {where}", one))
            found.append(one)
    if problems:
        raise ProblemsError(problems)
    return tuple(found)


def _overlap(one: Boundary, other: Boundary) -> bool:
    begin = max(one.valid_from or date.min, other.valid_from or date.min)
    end = min(one.valid_to or date.max, other.valid_to or date.max)
    return begin <= end


def _boundaries_of(
    path: Path, registry: Registry, problems: list[Problem]
) -> Iterator[tuple[str, Boundary]]:
    """Yield place and shape of every sound feature of a file; what is wrong joins `problems`."""
    file = f"{FOLDER}/{path.name}"

    def wrong(message: str, where: str | None = None, found: Any = None, **params: Any) -> None:
        said = None if found is None else _short(found)
        problems.append(Problem(file, message, None, where, said, params))

    try:
        content = json.loads(path.read_text(encoding="utf-8-sig"))
    except (OSError, ValueError) as error:
        wrong(N_("the file is not GeoJSON in UTF-8: {detail}"), detail=error)
        return
    features = content.get("features") if isinstance(content, dict) else None
    if not isinstance(features, list) or content.get("type") != "FeatureCollection":
        wrong(N_("a GeoJSON FeatureCollection is expected"))
        return
    for place, feature in enumerate(features):
        where = f"features.{place}"
        try:
            yield where, _boundary(feature, registry)
        except _FaultError as fault:
            wrong(fault.message, f"{where}.{fault.part}", fault.found)


class _FaultError(Exception):
    """What is wrong with a feature: the part of it, a message, what was found."""

    def __init__(self, part: str, message: str, found: Any = None) -> None:
        super().__init__(message)
        self.part, self.message, self.found = part, message, found


def _boundary(feature: Any, registry: Registry) -> Boundary:
    properties = feature.get("properties") if isinstance(feature, dict) else None
    if not isinstance(properties, dict):
        raise _FaultError("properties", N_("a feature with properties is expected"))
    code = properties.get("code")
    if not isinstance(code, str):
        message = N_("the property 'code' must be the area's code as text, not {found}")
        raise _FaultError("properties.code", message, code if code is not None else "null")
    if not registry.has_area(code):
        message = N_("unknown area code {found} (not in areas.csv)")
        raise _FaultError("properties.code", message, code)
    begin, end = _day(properties, "valid_from"), _day(properties, "valid_to")
    source = properties.get("source")
    return Boundary(code, _polygons(feature.get("geometry")), begin, end, nfc(str(source or "")))


def _day(properties: dict[str, Any], name: str) -> date | None:
    given = properties.get(name)
    if given in (None, ""):
        return None
    try:
        return date.fromisoformat(given)
    except (TypeError, ValueError):
        message = N_("a day such as 2025-07-01 is expected, not {found}")
        raise _FaultError(f"properties.{name}", message, given) from None


def _polygons(geometry: Any) -> tuple[Polygon, ...]:
    kind = geometry.get("type") if isinstance(geometry, dict) else None
    if kind not in ("Polygon", "MultiPolygon"):
        message = N_("a Polygon or MultiPolygon is expected, not {found}")
        raise _FaultError("geometry", message, kind or "null")
    given = geometry.get("coordinates")
    parts = [given] if kind == "Polygon" else given
    if (
        not isinstance(parts, list)
        or not parts
        or not all(isinstance(p, list) and p for p in parts)
    ):
        raise _FaultError("geometry.coordinates", N_("the coordinates hold no ring"))
    return tuple(tuple(_ring(ring) for ring in part) for part in parts)


def _ring(ring: Any) -> Ring:
    points = [_point(point) for point in ring] if isinstance(ring, list) else []
    if len(points) < 4 or points[0] != points[-1]:
        message = N_("a ring has four points or more and ends where it begins")
        raise _FaultError("geometry.coordinates", message)
    return tuple(points)


def _point(point: Any) -> tuple[float, float]:
    numbers = point[:2] if isinstance(point, list) else []
    if len(numbers) != 2 or not all(_is_number(one) for one in numbers):
        message = N_("a point is two numbers, not {found}")
        raise _FaultError("geometry.coordinates", message, point)
    longitude, latitude = float(numbers[0]), float(numbers[1])
    if abs(longitude) > 180 or abs(latitude) > 90:
        message = N_(
            "{found} is not longitude, latitude in degrees (WGS 84): metres (VN-2000) must be "
            "converted first, and longitude stands before latitude"
        )
        raise _FaultError("geometry.coordinates", message, numbers)
    return longitude, latitude


def _is_number(value: Any) -> bool:
    return isinstance(value, int | float) and not isinstance(value, bool) and math.isfinite(value)


def _short(found: Any) -> str:
    text = found if isinstance(found, str) else json.dumps(found, ensure_ascii=False)
    return text if len(text) <= 60 else f"{text[:57]}..."
