"""The predictive distribution under an assumption: its centre moves, its spread stays.

An assumption says where the middle goes; how far areas stray from their path is what it was. The
move is made on the working scale of the projection (`kts_analysis.scales`), so that nothing leaves
the bounds: twice the pace near 100% is not twice the points. Dates are in years, a year's end at
the whole number; `progress` is 1 where a rise is progress, -1 where a fall is.
"""

from __future__ import annotations

from dataclasses import replace

from kts_analysis.predictive import Projection
from kts_analysis.trend_fit import TrendFit


def begin_of(fit: TrendFit, year: int) -> float:
    """Return the date from which an assumption "from `year` on" works: not before the figures."""
    return max(float(year - 1), float(fit.times[-1]))


def gain(fit: TrendFit, date: float, start: float, progress: int) -> float:
    """Return the progress expected from a start to a date, on the working scale; never below 0.

    A setback is no pace that could be multiplied.
    """
    if date <= start:
        return 0.0
    return max(progress * (fit.at(date).location - fit.at(start).location), 0.0)


def faster(fit: TrendFit, date: float, times: float, start: float, progress: int) -> Projection:
    """Return the distribution at a date when the expected pace is multiplied from a start on."""
    here = fit.at(date)
    more = (times - 1) * gain(fit, date, start, progress)
    return replace(here, location=here.location + progress * more)


def moved(projection: Projection, by: float, progress: int) -> Projection:
    """Return a distribution moved by so much progress on the working scale."""
    return replace(projection, location=projection.location + progress * by)


def caught_up(fit: TrendFit, best: TrendFit, date: float, by: float, progress: int) -> Projection:
    """Return the distribution at a date when the area stands where `best` does from `by` on.

    The distance still ahead at `by` is made up in equal steps from the newest figure; an area that
    is ahead of it stays as it is.
    """
    here, last = fit.at(date), float(fit.times[-1])
    part = 1.0 if date >= by or by <= last else max(date - last, 0.0) / (by - last)
    return moved(here, part * distance(fit, best, max(date, by), progress), progress)


def distance(fit: TrendFit, best: TrendFit, date: float, progress: int) -> float:
    """Return how far an area will lie behind another on its own working scale, at least 0."""
    mine, other = fit.at(date), best.at(date)
    place = other.location
    if other.scale != mine.scale:
        place = float(mine.scale.forward(other.median))
    return max(progress * (place - mine.location), 0.0)
