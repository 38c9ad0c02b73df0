"""Figures on the borders of one chosen day: counts added up or shared out, rates from counts."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass, replace
from datetime import date
from typing import Any, Literal

import pandas as pd

from kts_analysis.areas import Crosswalk
from kts_analysis.border_changes import BorderWeights, Link, Way, share_of, size_of
from kts_analysis.errors import KtsError
from kts_analysis.figures import Figure, Figures, newest_of, table_of
from kts_analysis.i18n import N_
from kts_analysis.periods import period_end
from kts_analysis.refusals import Refusal
from kts_analysis.schema import join_flags, worst_origin
from kts_analysis.selection import loosest_qualifier

Rates = Literal["refused", "weighted"]
SHARED_OUT = "chia theo trọng số / shared out by weights: {source}"
RATES_WEIGHTED = "tỷ lệ theo trọng số, không từ số đếm / rates weighted, not counted: {source}"
RATE_OF_WHOLE = "lấy tỷ lệ của cả đơn vị cũ / the rate of the whole stands for its part: {source}"


@dataclass(frozen=True)
class _Part:
    """A figure of the near side that goes into an area of the far side."""

    figure: Figure
    link: Link
    share: float | None


State = dict[str, Figure | Refusal]


def harmonise(
    known: pd.DataFrame | Figures,
    crosswalk: Crosswalk,
    day: date,
    *,
    weights: Sequence[BorderWeights] = (),
    rates: Rates = "refused",
) -> pd.DataFrame:
    """Return observations on the borders of a day.

    A figure stands on the borders of the last day of its period. Counts are added where areas
    merge and shared out where they split, by the shares of the crosswalk or, where it has none,
    by the weights given. A rate is the sum of numerators over the sum of denominators; counts of
    two denominator concepts are never added. One figure a period is taken: the newest.

    Parameters
    ----------
    known : pandas.DataFrame or Figures
        Observations known on the as-of date (`store.known_on`).
    crosswalk : Crosswalk
    day : datetime.date
        Any day, before or after the figures' own.
    weights : sequence of BorderWeights
        Overlaps stated by the caller, one a change.
    rates : {"refused", "weighted"}
        What happens to a figure without counts. ``weighted``: the mean of the parts' rates,
        weighted by the overlaps in `weights`, or the rate of the whole for its parts; the figure
        then has no counts and its note says so.

    Returns
    -------
    pandas.DataFrame
        Typed observations. Figures that moved have the flag ``harmonised``; a note says whose
        weights were used. ``attrs["borders"]`` is the day (ISO) and ``attrs["refused"]`` a tuple
        of `Refusal`: every figure of the borders asked for that could not be made, with the
        reason (see `refusals.refusal_table`).

    Raises
    ------
    KtsError
        Rates weighted without weights; and as `Crosswalk.change`.

    Examples
    --------
    >>> from datetime import date
    >>> import kts_analysis as kts
    >>> crosswalk = kts.Crosswalk(kts.load_registry())
    >>> known = kts.read_observations(as_of="2025-06-30")
    >>> fibre = known[(known["indicator"] == "XHS05") & known["area_code"].isin(["356", "358"])]
    >>> table = kts.harmonise(fibre, crosswalk, date(2024, 9, 1))
    >>> table.loc[table["period"] == "2022", ["area_code", "numerator", "denominator", "flags"]]
      area_code  numerator  denominator       flags
    3       356    73634.0      96541.0  harmonised
    """
    if rates == "weighted" and not weights:
        raise KtsError(N_("rates are weighted only by weights that are stated, with their source"))
    kept: list[Figure] = []
    refused: list[Refusal] = []
    for figures in _like_figures(Figures.of(known)):
        for item in _carry(figures, crosswalk, day, weights, rates):
            if isinstance(item, Refusal):
                refused.append(item)
            else:
                kept.append(item)
    kept.sort(key=lambda one: (one.indicator, one.series, one.breakdown, one.t, one.area_code))
    table = table_of(kept)
    table.attrs.update(known.attrs if isinstance(known, pd.DataFrame) else {})
    table.attrs.update(borders=day.isoformat(), refused=tuple(refused))
    return table


def _like_figures(book: Figures) -> Iterable[list[Figure]]:
    """Yield the figures that may be added: one indicator, method, breakdown and period."""
    groups: dict[tuple[str, str, str, str], list[Figure]] = {}
    for code in book.areas:
        lines: dict[tuple[str, str, str], list[Figure]] = {}
        for figures in book.of_area(code).values():
            for one in figures:
                lines.setdefault((one.indicator, one.series, one.breakdown), []).append(one)
        for key, own in lines.items():
            for one in newest_of(own):
                groups.setdefault((*key, one.period), []).append(one)
    return groups.values()


def _carry(
    figures: list[Figure],
    crosswalk: Crosswalk,
    day: date,
    weights: Sequence[BorderWeights],
    rates: Rates,
) -> list[Figure | Refusal]:
    """Take like figures of one period to the borders of a day."""
    end = period_end(figures[0].period)
    state: State = {}
    strays: list[Figure | Refusal] = []
    for one in figures:
        if crosswalk.registry.area(one.area_code, end).exists_on(end):
            state[one.area_code] = one
        else:
            message = N_("there was no area {code} on {day}")
            params = {"code": one.area_code, "day": end.isoformat()}
            strays.append(_refuse(one, one.area_code, message, params))
    for way in crosswalk.ways(end, day):
        state = _through(state, way, weights, rates)
    return [*strays, *state.values()]


def _through(state: State, way: Way, weights: Sequence[BorderWeights], rates: Rates) -> State:
    """Take like figures through one change of borders."""
    moved: State = {code: one for code, one in state.items() if not way.leaving(code)}
    reached = {way.far(link) for code in state for link in way.leaving(code)}
    for code in sorted(reached):
        links = way.arriving(code)
        found = [state.get(way.near(link)) for link in links]
        moved[code] = _arrive(code, way, links, found, weights, rates)
    return moved


def _arrive(
    code: str,
    way: Way,
    links: list[Link],
    found: Sequence[Figure | Refusal | None],
    weights: Sequence[BorderWeights],
    rates: Rates,
) -> Figure | Refusal:
    """Return the figure of an area of the far side, or why there is none."""
    refused = next((one for one in found if isinstance(one, Refusal)), None)
    if refused is not None:
        return replace(refused, area_code=code)
    figures = [one for one in found if isinstance(one, Figure)]
    if len(figures) < len(links):
        missing = [way.near(link) for link, one in zip(links, found, strict=True) if one is None]
        message = N_("a part has no figure: {codes}")
        return _refuse(figures[0], code, message, {"codes": ", ".join(missing)})
    parts = [
        _Part(figure, link, share_of(way, link, weights))
        for figure, link in zip(figures, links, strict=True)
    ]
    return _together(code, way, parts, weights, rates)


def _together(
    code: str, way: Way, parts: list[_Part], weights: Sequence[BorderWeights], rates: Rates
) -> Figure | Refusal:
    """Return what the parts of an area make together."""
    first, day = parts[0].figure, way.change.day.isoformat()
    silent = [way.near(part.link) for part in parts if part.share is None]
    if silent:
        message = N_("how {codes} was divided on {day} is not known; state weights with a source")
        return _refuse(first, code, message, {"codes": ", ".join(silent), "day": day})
    if len({part.figure.denominator_concept for part in parts}) > 1:
        concepts = sorted({part.figure.denominator_concept for part in parts})
        message = N_("two kinds of denominator do not add up: {found}")
        return _refuse(first, code, message, {"found": ", ".join(concepts)})
    if len(parts) == 1 and parts[0].share == 1 and len(way.leaving(way.near(parts[0].link))) == 1:
        return first if first.area_code == code else _marked(first, code, parts, "")
    if all(_counted(part.figure) for part in parts):
        return _added(code, way, parts, weights)
    if rates == "weighted":
        return _weighted(code, way, parts, weights)
    bare = [part.figure.area_code for part in parts if not _counted(part.figure)]
    message = N_("only a rate without counts for {codes}; rates are not added or shared out")
    return _refuse(first, code, message, {"codes": ", ".join(bare)})


def _counted(figure: Figure) -> bool:
    """Whether both counts are there."""
    return figure.numerator == figure.numerator and figure.denominator == figure.denominator


def _added(
    code: str, way: Way, parts: list[_Part], weights: Sequence[BorderWeights]
) -> Figure | Refusal:
    """Return the sum of counts, each shared out first."""
    shares = [part.share or 0.0 for part in parts]
    above = sum(share * part.figure.numerator for share, part in zip(shares, parts, strict=True))
    below = sum(share * part.figure.denominator for share, part in zip(shares, parts, strict=True))
    if below <= 0:
        return _refuse(parts[0].figure, code, N_("the denominator is zero"), {})
    stated = any(way.share(part.link) is None for part in parts)
    note = SHARED_OUT.format(source=_sources(way, parts, weights)) if stated else ""
    whole = _marked(parts[0].figure, code, parts, note)
    return whole._replace(value=100 * above / below, numerator=above, denominator=below)


def _weighted(
    code: str, way: Way, parts: list[_Part], weights: Sequence[BorderWeights]
) -> Figure | Refusal:
    """Return a rate from rates, by stated weights; asked for explicitly, and marked."""
    sizes = [size_of(way.change, part.link, weights) for part in parts]
    known = [size for size in sizes if size is not None]
    if len(known) < len(sizes) or sum(known) <= 0:
        message = N_("no weights are stated for the change of {day}")
        return _refuse(parts[0].figure, code, message, {"day": way.change.day.isoformat()})
    told = RATES_WEIGHTED if len(parts) > 1 else RATE_OF_WHOLE
    values = [part.figure.value for part in parts]
    mean = sum(size * value for size, value in zip(known, values, strict=True)) / sum(known)
    whole = _marked(parts[0].figure, code, parts, told.format(source=_sources(way, parts, weights)))
    return whole._replace(value=mean, numerator=float("nan"), denominator=float("nan"))


def _sources(way: Way, parts: list[_Part], weights: Iterable[BorderWeights]) -> str:
    """Return who stated the weights of some parts."""
    links = [link for part in parts for link in way.leaving(way.near(part.link))]
    pairs = {(link.before, link.after) for link in links}
    mine = [each for each in weights if each.day == way.change.day]
    return _once(each.source for each in mine if not pairs.isdisjoint(each.overlaps))


def _marked(first: Figure, code: str, parts: list[_Part], note: str) -> Figure:
    """Return a figure of an area with all that its parts' figures say about themselves."""
    figures = [part.figure for part in parts]
    published = max(one.vintage_date for one in figures)
    return first._replace(
        area_code=code,
        qualifier=loosest_qualifier({one.qualifier for one in figures}),
        origin=worst_origin({"derived", *(one.origin for one in figures)}),
        source=_once([*(one.source for one in figures), note]),  # wherever it is named
        source_url=_once(one.source_url for one in figures),
        flags=join_flags([*(one.flags for one in figures), "harmonised"]),
        note=_once([*(one.note for one in figures), note]),
        vintage=published.isoformat(),
        vintage_date=published,
        row=" + ".join(one.row for one in figures),
    )


def _once(texts: Iterable[str]) -> str:
    return "; ".join(dict.fromkeys(text for text in texts if text))


def _refuse(figure: Figure, code: str, message: str, params: dict[str, Any]) -> Refusal:
    return Refusal(
        code,
        figure.indicator,
        figure.series,
        figure.breakdown,
        figure.period,
        message,
        params,
    )
