"""The areas on a map: outlines where the province supplies them, a schematic grid otherwise."""

from __future__ import annotations

import json
from collections.abc import Mapping, Sequence
from datetime import date
from typing import Any

from IPython.display import HTML
from markupsafe import Markup

from kts_analysis import tables
from kts_analysis.boundaries import boundaries_on, load_boundaries
from kts_analysis.entries import Area
from kts_analysis.fragments import fragment
from kts_analysis.i18n import N_, Messages
from kts_analysis.map_shapes import Drawing, outlines, tiles
from kts_analysis.pages.context import Context
from kts_analysis.rows import Row, missing
from kts_analysis.status_tables import by_area, letters, ranked_words
from kts_analysis.wording import AFTER, value_text, word_of

MOST_TILES = 150  # more tiles without geography show nothing that the table does not show better
ON_THE_WAY = ("exceeded", "met", "reached_early", "likely")
# Our cuts, quarters: shares of eleven targets or so carry no finer reading.
CUTS = ((0.75, "good"), (0.5, "fair"), (0.25, "poor"), (0.0, "bad"))
CUT_NAMES = (
    N_("three quarters or more"),
    N_("half to three quarters"),
    N_("a quarter to half"),
    N_("less than a quarter"),
)


def area_map(context: Context, verdicts: Sequence[Row]) -> list[HTML]:
    """Return the map of some areas' verdicts; nothing for a single area, or for very many tiles.

    Coloured at first by the share of targets on their way; a reader may choose one target.

    Parameters
    ----------
    verdicts : sequence of mapping
        Verdicts of the areas to show, all standing on the same day.

    Raises
    ------
    ProblemsError
        What is wrong in the boundary files.
    """
    c, m = context, context.m
    rows = by_area(verdicts, c.registry)
    if len(rows) < 2:
        return []
    if len(rows) > MOST_TILES and not load_boundaries(c.registry):
        return []
    stands = date.fromisoformat(str(verdicts[0]["as_of"]))
    drawing, note, remarks = _drawing(context, list(rows), stands)
    few = len(rows) <= tables.MOST
    named = len(drawing.places) <= 2 * tables.MOST
    past = any(row["status"] in AFTER for row in verdicts)
    name = (
        m("share of targets met or exceeded, of those measured")
        if past
        else m("share of targets likely or reached early, of those measured")
    )
    ranks = ranked_words()
    seen = {word_of(row) for row in verdicts}
    part = fragment(
        "map.html",
        m,
        note=note,
        remarks=remarks,
        day=m("Standing on {date}", date=m.date(stands)),
        share_name=name,
        targets=[{"id": t.id, "title": t.name.get(m.lang)} for t in c.plan.targets],
        drawing=drawing,
        named=named,
        areas=[
            _share(c.registry.area(code), mine, m) | {"place": drawing.places[code], "code": code}
            for code, mine in rows.items()
            if code in drawing.places
        ],
        synthetic=tables.is_synthetic(verdicts),
        cuts=[(css, m(text)) for (_, css), text in zip(CUTS, CUT_NAMES, strict=True)],
        legend=[(letter, word) for word, letter in ranks.items() if word in seen],
        data_id="kts-map-data",
        data=_data(context, rows, drawing, with_figures=few),
    )
    return [part]


def _drawing(context: Context, codes: list[str], when: date) -> tuple[Drawing, str, list[str]]:
    """Return the drawing, what it is, and what else a reader must know."""
    c, m = context, context.m
    grid = m(
        "A schematic grid: one tile an area, in alphabetical order. Where a tile stands says "
        "nothing about where the area lies; no boundaries were supplied."
    )
    found = boundaries_on(load_boundaries(c.registry), codes, when)
    if not found:
        return tiles(codes), grid, []
    drawing = outlines(found)
    if drawing.too_long:
        text = m(
            "A schematic grid: the boundaries supplied have too many points for a page; a coarser "
            "file is needed."
        )
        return tiles(codes), text, []
    sources = "; ".join(dict.fromkeys(one.source for one in found.values() if one.source))
    remarks = [m("Boundaries: {source}", source=sources or m("as supplied, source not stated"))]
    without = [c.registry.area(code).title(m.lang) for code in codes if code not in found]
    if without:
        remarks.append(
            m("Without a boundary, so not on the map: {names}", names=", ".join(without))
        )
    return drawing, m("Areas in their boundaries, as the province supplied them."), remarks


def _share(area: Area, rows: Sequence[Row], m: Messages) -> dict[str, Any]:
    """Return how an area shows: colour, sign and words of its share."""
    measured = [row for row in rows if row["status"] != "not_measured"]
    good = sum(row["status"] in ON_THE_WAY for row in measured)
    css = "none"
    if measured:
        css = next(css for cut, css in CUTS if good >= cut * len(measured))
    text = m(
        "{n} of {all} targets",
        n=m.count(good),
        all=m.count(len(measured)),
    )
    return {
        "css": css,
        "sign": f"{good}/{len(measured)}",
        "title": f"{area.title(m.lang)}: {text}",
        "name": _short(area, m),
    }


def _short(area: Area, m: Messages) -> str:
    """Return an area's name without the word for its kind, where it begins with that."""
    title = area.title(m.lang)
    kind = f"{area.kind} "
    bare = title[len(kind) :] if title.lower().startswith(kind.lower()) else title
    return bare[:1].upper() + bare[1:]


def _data(
    context: Context,
    rows: Mapping[str, Sequence[Row]],
    drawing: Drawing,
    *,
    with_figures: bool,
) -> Markup:
    """Return what the script needs to colour by a target: statuses and newest figures."""
    m = context.m
    areas: dict[str, list[Any]] = {}
    for code, mine in rows.items():
        if code in drawing.places:
            areas[code] = [letters(mine)]
            if with_figures:
                areas[code].append([_figure(row, m) for row in mine])
    words = {
        letter: [m(word.text), word.symbol, word.css] for word, letter in ranked_words().items()
    }
    text = json.dumps({"areas": areas, "words": words}, ensure_ascii=False, separators=(",", ":"))
    return Markup(text.replace("<", "\\u003c"))


def _figure(row: Row, m: Messages) -> str:
    return "" if missing(row["latest"]) else value_text(row["latest"], m, row["threshold"])
