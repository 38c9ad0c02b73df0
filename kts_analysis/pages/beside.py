"""Areas side by side: all of them, or, where they are hundreds, those a reader looks for first."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from kts_analysis import rollup_tables, tables
from kts_analysis.charts import dots_figure
from kts_analysis.entries import Target
from kts_analysis.fragments import fragment
from kts_analysis.i18n import Messages
from kts_analysis.pages.context import Context
from kts_analysis.rows import Row, missing
from kts_analysis.tables import MOST, SHOWN
from kts_analysis.wording import count_text, figure_text, threshold_text

BEHIND = ("missed", "unlikely", "very_unlikely")


def behind_most(
    verdicts: Sequence[Row], m: Messages, chosen_by: Sequence[Row] | None = None
) -> tuple[Sequence[Row], list[str]]:
    """Return the verdicts of all areas or, of more than `MOST`, of those most behind.

    Parameters
    ----------
    verdicts : sequence of mapping
    m : Messages
    chosen_by : sequence of mapping, optional
        Verdicts to choose the areas by, so that two tables show the same ones; by default the
        first.

    Returns
    -------
    (rows, notes)
        All rows and no note; else those of the `SHOWN` areas with the most targets behind, and a
        note that says so.
    """
    behind: dict[str, int] = {}
    for row in chosen_by or verdicts:
        behind[row["area_code"]] = behind.get(row["area_code"], 0) + (row["status"] in BEHIND)
    if len(behind) <= MOST:
        return verdicts, []
    first = set(sorted(behind, key=lambda code: (-behind[code], code))[:SHOWN])
    note = m(
        "Of {n} areas the {shown} with the most targets missed or hard to reach today are shown "
        "(ties by code).",
        n=m.count(len(behind)),
        shown=m.count(SHOWN),
    )
    if chosen_by is None:
        note += " " + m("The run's verdicts.csv holds all.")
    return [row for row in verdicts if row["area_code"] in first], [note]


def side_by_side(context: Context, target: Target, home: Row, shares: Sequence[Row]) -> list[Any]:
    """Return the areas on one scale, and who holds the target back.

    Parameters
    ----------
    home : mapping
        Verdict of the home area, whose threshold is drawn.
    shares : sequence of mapping
        Rows of `rollup.contributions`, the largest first; empty gives nothing.
    """
    c, m = context, context.m
    if not shares:
        return []
    ranked = sorted(shares, key=lambda share: float(share["latest"]))
    names = [c.registry.area(share["area_code"]).title(m.lang) for share in ranked]
    values = [float(share["latest"]) for share in ranked]
    sentence = m(
        "{name}: lowest {low} ({low_area}), highest {high} ({high_area}).",
        name=target.name.get(m.lang),
        low=figure_text(values[0], "exact", m),
        low_area=names[0],
        high=figure_text(values[-1], "exact", m),
        high_area=names[-1],
    )
    half = None if len(ranked) <= MOST else SHOWN // 2
    if half is not None:
        names, values = names[:half] + names[-half:], values[:half] + values[-half:]
        sentence += " " + m(
            "Shown are the {half} lowest and the {half} highest of {n} areas.",
            half=m.count(half),
            n=m.count(len(ranked)),
        )
    chart = dots_figure(
        names,
        values,
        m,
        threshold=None if missing(home["threshold"]) else float(home["threshold"]),
        threshold_label=threshold_text(home, m),
        synthetic=tables.is_synthetic(shares),
        description=sentence,
        cut_after=half,
    )
    caption, listed = m("Who holds {target} back", target=target.id), shares
    if len(shares) > MOST:
        listed = ([share for share in shares if share["gap"] > 0] or shares)[:SHOWN]
        caption = m(
            "Who holds {target} back: the {shown} areas that miss most, of {n}",
            target=target.id,
            shown=m.count(len(listed)),
            n=m.count(len(shares)),
        )
    seen = {share["area_code"] for share in listed}
    others = [share for share in shares if share["area_code"] not in seen]
    body = rollup_tables.contribution_table(
        listed, c.registry, m, caption, target.indicator, others
    )
    sentence += " " + _most_held_back(context, target, shares)
    both = m("Who holds it back, in points and in heads")
    parts = [(both if _counted(shares) else m("Who is how far from it, in points"), body)]
    return [chart, fragment("details.html", m, sentence=sentence, parts=parts)]


def rates_only(context: Context, target: Target, home: Row, shares: Sequence[Row]) -> list[Any]:
    """Return the block of a target whose areas give rates without counts: side by side, no sum.

    Parameters
    ----------
    home, shares
        As in `side_by_side`.
    """
    m = context.m
    words = fragment(
        "block.html",
        m,
        records=[],
        id=target.id,
        title=target.name.get(m.lang),
        badge="",
        synthetic=tables.is_synthetic(shares),
        sentence=m("The areas give rates without counts, so they only stand side by side."),
        facts=[],
        notes=[tables.unconfirmed_note(m)] if home["verification"] == "unverified" else [],
    )
    return [words, *side_by_side(context, target, home, shares)]


def _most_held_back(context: Context, target: Target, shares: Sequence[Row]) -> str:
    """Say which area holds the target back most, in points of the whole and in heads."""
    c, m = context, context.m
    if not _counted(shares):
        return _farthest(context, shares)
    if not any(share["gap_count"] > 0 for share in shares):
        return m("Every area with figures has come up to the threshold.")
    most, card = shares[0], c.registry.indicators[target.indicator]
    heads = count_text(most["gap_count"], card, m)
    points = m("{points} of the whole", points=m.points(most["home_points"], 2, signed=False))
    return m(
        "{area} holds it back most, by {missing}: {share} of all that is missing.",
        area=c.registry.area(most["area_code"]).title(m.lang),
        missing=f"{heads} ({points})" if heads else points,
        share=m.percent(most["share"]),
    )


def _counted(shares: Sequence[Row]) -> bool:
    """Whether an area says how many heads are missing; else there are only rates."""
    return any(not missing(share["gap_count"]) for share in shares)


def _farthest(context: Context, shares: Sequence[Row]) -> str:
    """Say which area has the most points to go, where nothing can be said in heads."""
    c, m = context, context.m
    if not shares[0]["gap"] > 0:
        return m("Every area stands at the threshold or past it.")
    return m(
        "{area} has the farthest to go: {points}.",
        area=c.registry.area(shares[0]["area_code"]).title(m.lang),
        points=m.points(shares[0]["gap"], signed=False),
    )
