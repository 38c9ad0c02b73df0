"""Three ways to share a goal out, each one curve: how far every area goes for one common number.

The common number runs from 0 (nobody rises) to 1 (everybody stands at the ceiling); no curve ever
falls along it. Floors, caps and fixed targets cut the curves afterwards (`solving`).

============== ==================================================================================
``equal_gap``     target = newest + share · (ceiling - newest). Each closes the same share of its
                  own gap to the common ceiling: who is farther behind rises by more points.
``equal_effort``  target = the value that the area's own distribution at the deadline exceeds with
                  the common chance. Each target is equally hard by the area's own pace: who has
                  moved faster is asked for more. An area without a distribution closes, of its
                  own gap to the ceiling, the share that the others close together; without any
                  distribution at all this is ``equal_gap``.
``proportional``  target = newest + points. The heads to be won are shared in proportion to the
                  denominators, so each rises by the same points. In proportion to the present
                  value instead, an area at zero would never rise, and one near the ceiling would
                  be asked for what it has no room for.
============== ==================================================================================
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from typing import Literal

import numpy as np
from scipy.special import expit, stdtrit

from kts_analysis.allocation.parts import Part, column
from kts_analysis.scales import Array

Way = Literal["equal_gap", "equal_effort", "proportional"]
WAYS: tuple[Way, ...] = ("equal_gap", "equal_effort", "proportional")
Curve = Callable[[float], Array]  # from the common number (0 to 1) to uncut targets, percent

# Logarithm of the odds at the ends of the curve of equal effort: one chance in 10^100, so that even
# an area that hardly moves gets to its cap on the way. Near 10^300 `stdtrit` loses the sign.
FARTHEST_ODDS = 230.0


def curve_of(way: Way, parts: Sequence[Part], ceiling: float) -> Curve:
    """Return the curve of a method.

    Parameters
    ----------
    way : {"equal_gap", "equal_effort", "proportional"}
    parts : sequence of Part
    ceiling : float
        Percent; no cap of a part that may still rise lies above it.

    Raises
    ------
    ValueError
        An unknown method, or a ceiling below a cap.
    """
    if way not in WAYS:
        raise ValueError(f"unknown method {way!r}; there are {', '.join(WAYS)}")
    free = [part for part in parts if not part.fixed]
    if any(part.newest < ceiling < part.cap for part in free):
        raise ValueError(f"the ceiling {ceiling} lies below a cap")
    if way == "equal_effort":
        return _equal_effort(parts, ceiling)
    newest = column(parts, "newest")
    gaps = np.maximum(ceiling - newest, 0.0)
    if way == "equal_gap":
        return lambda place: newest + place * gaps
    farthest = _largest_rise(parts)
    return lambda place: newest + place * farthest


def common_number(way: Way, parts: Sequence[Part], place: float) -> float:
    """Return what all areas have in common at a place (0 to 1) of the curve.

    Returns
    -------
    float
        ``equal_gap``: share of the gap closed, percent. ``equal_effort``: chance of reaching the
        target by the area's own distribution, percent. ``proportional``: points risen by.
    """
    if way == "equal_gap":
        return 100 * place
    if way == "equal_effort":
        return 100 * float(expit(-_odds(place)))
    return place * _largest_rise(parts)


def _largest_rise(parts: Sequence[Part]) -> float:
    """Points from the newest figure to the cap, where they are most; 0 when all are fixed."""
    return max((part.cap - part.newest for part in parts if not part.fixed), default=0.0)


def _odds(place: float) -> float:
    return FARTHEST_ODDS * (2 * place - 1)


def _equal_effort(parts: Sequence[Part], ceiling: float) -> Curve:
    projected = [part.projected and not part.fixed for part in parts]
    newest, weights = column(parts, "newest"), column(parts, "denominator")
    gaps = np.maximum(ceiling - newest, 0.0)
    room = float((weights * gaps)[projected].sum())

    def curve(place: float) -> Array:
        targets = newest.copy()
        for number, part in enumerate(parts):
            if projected[number]:
                targets[number] = _exceeded(part, _odds(place))
        won = weights * np.clip(targets - newest, 0.0, gaps)
        share = float(won[projected].sum()) / room if room else place
        return np.where(projected, targets, newest + share * gaps)

    return curve


def _exceeded(part: Part, odds: float) -> float:
    """Return the quantile of a part's distribution whose level has these log odds.

    `Projection.quantile` takes the level itself, which near 1 has no digits left.
    """
    projection = part.projection
    assert projection is not None
    tail = float(stdtrit(projection.df, expit(-abs(odds))))
    place = projection.location - np.sign(odds) * projection.spread * tail
    return float(projection.scale.back(place))
