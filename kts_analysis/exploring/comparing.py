"""Side by side: areas, targets, days stood on, and the rule sets of statistical organisations."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass, replace
from typing import Any

import pandas as pd

from kts_analysis.chart_base import Chart
from kts_analysis.exploring.choices import Choice
from kts_analysis.exploring.looking import Look, look
from kts_analysis.exploring.pictures import MOST_PATHS, paths_figure
from kts_analysis.fragments import Cell, fragment, table
from kts_analysis.i18n import N_, Messages
from kts_analysis.pages.rules import rules_part
from kts_analysis.rows import missing
from kts_analysis.tables import badge
from kts_analysis.vi import MISSING
from kts_analysis.wording import chance_text, day, figure_text, threshold_text

KINDS = {
    "areas": N_("Areas"),
    "targets": N_("Targets"),
    "days": N_("Days stood on"),
    "rules": N_("Rule sets"),
}


@dataclass(frozen=True)
class Comparison:
    """Looks side by side.

    Attributes
    ----------
    title : str
    looks : mapping
        Label to look.
    pieces : list
        What is shown.
    chart : Chart or None
        The picture in it.
    """

    title: str
    looks: Mapping[str, Look]
    pieces: list[Any]
    chart: Chart | None

    def parts(self) -> list[Any]:
        """Return what is shown."""
        return self.pieces

    @property
    def synthetic(self) -> bool:
        """Whether any figure it rests on is synthetic."""
        return any(each.synthetic for each in self.looks.values())

    def frame(self) -> pd.DataFrame:
        """Return the data of the picture, one block of rows a line, named in the first column."""
        frames = []
        for label, each in self.looks.items():
            rows = each.frame()
            rows.insert(0, "line", label)
            frames.append(rows)
        return pd.concat(frames, ignore_index=True) if frames else pd.DataFrame()


def compare(
    kind: str,
    choice: Choice,
    wanted: Iterable[str] = (),
    *,
    lang: str = "vi",
    data: str | None = None,
) -> Comparison:
    """Return a comparison.

    Parameters
    ----------
    kind : {"areas", "targets", "days", "rules"}
    choice : Choice
        What stays the same.
    wanted : iterable of str
        Area codes, target ids or ISO days beside the choice's own; at most `MOST_PATHS` in all.

    Raises
    ------
    ProblemsError, KtsError
        As `look`.
    """
    here = look(choice, lang, data)
    if kind == "rules":
        return _rules(here)
    field = {"areas": "area", "targets": "target", "days": "as_of"}[kind]
    own = getattr(choice, field)
    names = list(dict.fromkeys([own, *wanted]))[:MOST_PATHS]
    looks = [look(replace(choice, **{field: name}), lang, data) for name in names]
    labels: Mapping[str, Callable[[Look], str]] = {
        "areas": lambda each: each.area.title(lang),
        "targets": lambda each: each.target.id,
        "days": lambda each: here.m("as of {date}", date=here.m.date(each.context.as_of)),
    }
    return _side_by_side(kind, here, {labels[kind](each): each for each in looks})


def _side_by_side(kind: str, here: Look, looks: Mapping[str, Look]) -> Comparison:
    m = here.m
    titles = {
        "areas": f"{here.target.id} {here.target.name.get(m.lang)}",
        "targets": here.area.title(m.lang),
        "days": here.title,
    }
    title = titles[kind]
    one_target = kind != "targets" and not missing(here.row["threshold"])
    paths = {label: each.path for label, each in looks.items() if each.measured and each.path}
    chart = None
    if paths:
        chart = paths_figure(
            paths,
            m,
            threshold=float(here.row["threshold"]) if one_target else None,
            threshold_label=threshold_text(here.row, m),
            description=m("{title}: {names} side by side", title=title, names=", ".join(paths)),
        )
    body = _table(title, looks, m)
    text = m("The bar at the end of a dashed line is its 80% prediction interval.")
    words = fragment("section.html", m, id="", title=title, body=body, paragraphs=[text])
    return Comparison(title, looks, [*([chart] if chart else []), words], chart)


def _table(title: str, looks: Mapping[str, Look], m: Messages) -> Cell:
    rows: list[list[Cell]] = [[label, *_cells(each, m)] for label, each in looks.items()]
    columns = [
        "",
        m("Threshold"),
        m("Newest figure"),
        m("Dated"),
        m("Projection (80% interval)"),
        m("Chance"),
        m("Status"),
    ]
    synthetic = any(each.synthetic for each in looks.values())
    caption = m("{title}, side by side", title=title)
    return table(m, caption, columns, rows, synthetic=synthetic, text_columns=(1, 6))


def _cells(each: Look, m: Messages) -> list[Cell]:
    row = each.row
    ahead = latest = MISSING
    if not missing(row["latest"]):
        latest = figure_text(row["latest"], row["latest_qualifier"], m, row["threshold"])
    if not missing(row["projected"]):
        low, high = m.number(row["lo80"]), m.number(row["hi80"])
        ahead = f"{m.percent(row['projected'])} ({low}–{high})"
    return [
        threshold_text(row, m),
        latest,
        day(row["latest_date"], m),
        ahead,
        chance_text(row["probability"], m),
        badge(row, m),
    ]


def _rules(here: Look) -> Comparison:
    m = here.m
    joint = here.row["probability"] if here.row["breakdown"] else None
    part = None
    if here.measured and here.case.line.figures:
        part = rules_part(here.case, m, here.context.view.figures, joint)
    if part is None:
        text = m("No rule set gives a grade on these figures.")
        part = fragment("section.html", m, id="", title=here.title, body="", paragraphs=[text])
    return Comparison(here.title, {here.title: here}, [part], None)
