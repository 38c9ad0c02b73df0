"""Looking back at a deadline: what was said on earlier days, what came, how reliable it was."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from datetime import date
from functools import cached_property
from typing import Any

import pandas as pd
from IPython.display import HTML

from kts_analysis.assessment import judge
from kts_analysis.backtest.evidence import LEAST_COUNT
from kts_analysis.backtest.evidence_file import reliability_rows
from kts_analysis.backtest.figures import reliability_figure
from kts_analysis.entries import Plan
from kts_analysis.fragments import Cell, fragment, table
from kts_analysis.hindsight import as_chances, look_back, summarise_days
from kts_analysis.i18n import Messages
from kts_analysis.pages.context import stand
from kts_analysis.rollup import below_home
from kts_analysis.rows import missing
from kts_analysis.store import day_of
from kts_analysis.vi import MISSING
from kts_analysis.views import View
from kts_analysis.wording import AFTER, BEFORE, STATUS_WORDS


def hindsight_report(
    plan: str,
    days: Sequence[str],
    *,
    deadline: int | None = None,
    lang: str = "vi",
    data: str | None = None,
) -> HindsightReport:
    """Return what was said of a plan's past deadline on earlier days, beside what came.

    Parameters
    ----------
    plan : str
        Plan id.
    days : sequence of str
        Days to stand on (ISO dates), before the deadline's end.
    deadline : int, optional
        Year; by default the plan's first.
    lang : {"vi", "en"}
    data : str, optional
        Data folder.

    Raises
    ------
    KtsError
        Unknown plan, or a day after the deadline.
    """
    view, _ = stand(None, data)
    chosen = view.registry.plan(plan)
    stands = tuple(day_of(day) for day in days)
    year = deadline or chosen.deadlines[0]
    return HindsightReport(view, chosen, year, stands, Messages(lang))


@dataclass(frozen=True)
class HindsightReport:
    """The parts of the page; only counts and means, no area's own figure."""

    view: View
    plan: Plan
    deadline: int
    days: tuple[date, ...]
    m: Messages

    @cached_property
    def said(self) -> pd.DataFrame:
        """What was said and what came, row by row (`hindsight.look_back`)."""
        return look_back(self.view, self.plan, self.deadline, self.days)

    @property
    def _synthetic(self) -> bool:
        return "synthetic" in set(self.said["origin"])

    def statuses(self) -> HTML:
        """How many areas had which status on each day, and which now."""
        m = self.m
        codes = [a.code for a in below_home(self.plan, self.view.registry, self.view.as_of)]
        now = judge(self.view, self.plan, self.deadline, areas=codes)
        found: dict[tuple[str, str], pd.DataFrame] = dict(self._groups())
        found |= {(MISSING, str(key)): part for key, part in now.groupby("target_id", sort=False)}
        words = [
            w for w in (*BEFORE, *AFTER) if any((p["status"] == w).any() for p in found.values())
        ]
        rows: list[list[Cell]] = [
            [
                target,
                m("today: {date}", date=m.date(self.view.as_of))
                if day == MISSING
                else m.date(date.fromisoformat(day)),
                *(_count((part["status"] == word).sum(), m) for word in words),
            ]
            for (day, target), part in sorted(found.items(), key=lambda i: self._place(i[0][1]))
        ]
        columns = [m("Target"), m("Standing on"), *(m(STATUS_WORDS[word].text) for word in words)]
        caption = m("Areas by status, standing on earlier days and today")
        body = table(m, caption, columns, rows, synthetic=self._synthetic, text_columns=(1,))
        return self._section(m("What it would have said, and what came"), body, [])

    def quality(self) -> HTML:
        """How good the statements of each day were, target by target."""
        m = self.m
        rows: list[list[Cell]] = []
        for row in summarise_days(self.said).reset_index().to_dict("records"):
            newest = row["latest_date"]
            rows.append(
                [
                    row["target_id"],
                    m.date(date.fromisoformat(row["said_on"])),
                    m.date(date.fromisoformat(newest)) if newest else MISSING,
                    m.count(row["statements"]),
                    m.count(row["not_judged"]),
                    m.number(row["expected"], 1),
                    m.count(row["came"]),
                    *(_number(row[name], m) for name in ("miss", "miss_no_change")),
                    *(_percent(row[name], m) for name in ("inside80", "inside95")),
                ]
            )
        rows.sort(key=lambda cells: self._place(str(cells[0])))
        columns = [
            m("Target"),
            m("Standing on"),
            m("Newest figure"),
            m("Areas with a chance"),
            m("Not judged"),
            m("The chances add up to"),
            m("Did reach it"),
            m("Projection off by, points"),
            m("No change off by, points"),
            m("Inside the 80% interval"),
            m("Inside the 95% interval"),
        ]
        caption = m("Statements on {deadline} and what came", deadline=str(self.deadline))
        body = table(m, caption, columns, rows, synthetic=self._synthetic, text_columns=(1, 2))
        text = m(
            "The chances of all areas add up to the number that should reach the target. Off by: "
            "mean distance to the figure at the deadline, of the projection and of supposing that "
            "nothing changes."
        )
        return self._section(m("How good it was"), body, [text])

    def reliability(self) -> list[Any]:
        """Chance said against the share that came, all days and targets together."""
        m = self.m
        bins = reliability_rows(as_chances(self.said))
        rows: list[list[Cell]] = [
            [
                f"{10 * place}–{m.percent(10 * (place + 1), 0)}",
                m.count(item["count"]),
                MISSING if item["said"] is None else m.percent(100 * item["said"]),
                m.count(item["came"]),
                m.percent(100 * item["came"] / item["count"]) if item["count"] else MISSING,
            ]
            for place, item in enumerate(bins)
        ]
        columns = [
            m("Chance said"),
            m("Statements"),
            m("Mean chance said"),
            m("Came true"),
            m("Share that came true"),
        ]
        body = table(
            m, m("Chance said and share that came"), columns, rows, synthetic=self._synthetic
        )
        total, came = (sum(item[name] for item in bins) for name in ("count", "came"))
        text = m(
            "{total} statements, {came} came true. Statements on one area on several days, and on "
            "areas that share a fate, are not independent; a line with fewer than {n} statements "
            "says little.",
            total=m.count(total),
            came=m.count(came),
            n=LEAST_COUNT,
        )
        figure = reliability_figure(bins, m, text, synthetic=self._synthetic)
        return [self._section(m("Chance said, and what came"), body, [text]), figure]

    def _groups(self) -> Iterator[tuple[tuple[str, str], pd.DataFrame]]:
        for (day, target), part in self.said.groupby(["said_on", "target_id"], sort=False):
            yield (str(day), str(target)), part

    def _place(self, target: str) -> int:
        return [item.id for item in self.plan.targets].index(target)

    def _section(self, title: str, body: Cell, paragraphs: Sequence[str]) -> HTML:
        return fragment(
            "section.html", self.m, id="", title=title, body=body, paragraphs=paragraphs
        )


def _count(number: Any, m: Messages) -> str:
    return m.count(int(number))


def _number(value: float, m: Messages) -> str:
    return MISSING if missing(value) else m.number(value, 1)


def _percent(value: float, m: Messages) -> str:
    return MISSING if missing(value) else m.percent(value, 0)
