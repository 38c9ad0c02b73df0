"""The province report: areas × targets, what they add up to, who holds a target back."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date
from functools import cached_property
from typing import Any

import pandas as pd
from IPython.display import HTML
from markupsafe import Markup

from kts_analysis import rollup, tables
from kts_analysis.assessment import judge
from kts_analysis.cases import View, make_case
from kts_analysis.charts import trajectory_figure
from kts_analysis.entries import Area, Plan, Target
from kts_analysis.figure_tables import published_table
from kts_analysis.figures import Figure, newest_of
from kts_analysis.fragments import fragment
from kts_analysis.pages.area import method_notes
from kts_analysis.pages.area_map import area_map
from kts_analysis.pages.beside import behind_most, side_by_side
from kts_analysis.pages.context import Context, gather
from kts_analysis.pages.prepare import stand_before
from kts_analysis.pages.small_multiples import small_multiples
from kts_analysis.registry_files import load_registry
from kts_analysis.rows import Row, missing, rows_of
from kts_analysis.status_tables import status_matrix
from kts_analysis.trajectories import trajectory_rows
from kts_analysis.wording import (
    headline,
    threshold_text,
    value_text,
    verdict_sentence,
)


def province_report(
    plan: str,
    *,
    deadline: int | None = None,
    as_of: str | None = None,
    lang: str = "vi",
    data: str | None = None,
) -> ProvinceReport:
    """Return the report of a plan's home area and the areas below it.

    Parameters
    ----------
    plan, deadline, as_of, lang, data
        As in `pages.area.area_report`.

    Raises
    ------
    ProblemsError
        What is wrong in the home area's own data; errors in a district's data leave that district
        out, and the page says so.
    """
    home = load_registry(data).plan(plan).home
    context = gather(plan, [home], deadline=deadline, as_of=as_of, lang=lang, data=data)
    return ProvinceReport(context)


@dataclass(frozen=True)
class ProvinceReport:
    """The parts of a province's page, in the order they stand on it."""

    context: Context

    @property
    def home(self) -> Area:
        """The plan's home area."""
        return self.context.registry.area(self.context.plan.home)

    @cached_property
    def parts_codes(self) -> list[str]:
        """The areas below the home area, in the plan's order."""
        plan = self.context.plan
        return [code for code in plan.areas if code != plan.home]

    @cached_property
    def standing(self) -> list[str]:
        """The areas that stand side by side: those not merged into another before the last day."""
        c = self.context
        day = min(c.as_of, self.home.valid_to or c.as_of)
        return [area.code for area in rollup.parts_on(c.plan, c.registry, day)]

    @cached_property
    def verdicts(self) -> pd.DataFrame:
        """Verdicts of the areas below."""
        c = self.context
        return judge(c.view, c.plan, c.deadline, areas=self.standing)

    @cached_property
    def _rows(self) -> Sequence[Row]:
        """The same, row by row."""
        return rows_of(self.verdicts)

    @cached_property
    def whole(self) -> tuple[Plan, pd.DataFrame]:
        """The plan and the figures with the home area's sums among them."""
        c = self.context
        summed = rollup.with_rollup(c.known, c.plan, c.registry)
        return rollup.rollup_plan(c.plan, c.registry), summed

    @cached_property
    def home_verdicts(self) -> pd.DataFrame:
        """Verdicts of the home area on the added-up figures."""
        plan, _ = self.whole
        return judge(self._whole_view, plan, self.context.deadline, areas=[self.home.code])

    @cached_property
    def _home_rows(self) -> dict[str, Row]:
        """The same by target."""
        return {row["target_id"]: row for row in rows_of(self.home_verdicts)}

    @cached_property
    def _whole_view(self) -> View:
        """Where the added-up figures are seen from."""
        c = self.context
        return View(c.registry, self.whole[1], c.as_of)

    def header(self) -> HTML:
        """Title, dates, and the mark of synthetic data."""
        c, m = self.context, self.context.m
        notes = [
            m("Left out because of errors in the data: {problem}", problem=problem.text(m))
            for problem in c.problems
        ]
        if self.home.valid_to is not None and self.home.valid_to < c.as_of:
            heirs = c.registry.successors(self.home.code)
            names = ", ".join(c.registry.area(item.to_code).title(m.lang) for item in heirs)
            notes.append(
                m(
                    "This area ended on {date}. Its successors: {names}. What is said here "
                    "stands on the former borders.",
                    date=m.date(self.home.valid_to),
                    names=names or "—",
                )
            )
        gone = [code for code in self.parts_codes if code not in self.standing]
        if gone:
            names = ", ".join(c.registry.area(code).title(m.lang) for code in gone)
            notes.append(m("Merged into another area and counted there: {names}.", names=names))
        facts = [
            (m("Areas"), m.count(len(self.standing))),
            (m("Figures published up to"), m.date(c.as_of)),
            (m("Deadline"), m.date(c.deadline_day)),
        ]
        return fragment(
            "header.html",
            m,
            kicker=c.plan.name.get(m.lang),
            title=self.home.title(m.lang),
            facts=facts,
            synthetic=tables.is_synthetic(self._rows),
            notes=notes,
        )

    def matrix(self) -> HTML:
        """Areas × targets."""
        c, m = self.context, self.context.m
        sentence = headline(self._rows, m, pairs=True)
        if self._then is not None:  # "not applicable" in every cell would tell nothing
            return self._section(m("Areas and targets"), Markup(""), sentence)
        shown, notes = behind_most(self._rows, m)
        body = status_matrix(shown, c.plan, c.registry, m)
        return self._section(m("Areas and targets"), body, sentence, *notes)

    @cached_property
    def _before(self) -> tuple[date, Sequence[Row]] | None:
        """The last day before a past deadline, or of the areas, and the verdicts of that day."""
        c = self.context
        day = stand_before(c.view, self.home, c.deadline)
        if day is None:
            return None
        return day, rows_of(judge(c.view.on(day), c.plan, c.deadline, areas=self.standing))

    @cached_property
    def _then(self) -> Sequence[Row] | None:
        """The verdicts of that day where the areas have all ended since and are judged no more."""
        ended = all(row["reason"] in ("area_ended", "level") for row in self._rows)
        return self._before[1] if self._before and ended else None

    def on_map(self) -> list[HTML]:
        """The areas on a map."""
        return area_map(self.context, self._then or self._rows)

    def matrix_before(self) -> list[HTML]:
        """The same while the deadline still lay ahead (only when it is past)."""
        c, m = self.context, self.context.m
        if self._before is None:
            return []
        stand, then = self._before
        shown, notes = behind_most(then, m, chosen_by=self._rows)
        body = status_matrix(shown, c.plan, c.registry, m)
        text = m(
            "Standing on {date}, with nothing published later: {sentence}",
            date=m.date(stand),
            sentence=headline(then, m, pairs=True),
        )
        return [self._section(m("What could be said before the deadline"), body, text, *notes)]

    def home_table(self) -> HTML:
        """The home area's verdicts on what its areas add up to."""
        plan, _ = self.whole
        m = self.context.m
        caption = m("{area}, added up from its areas", area=self.home.title(m.lang))
        body = tables.verdict_table(self.home_verdicts, plan, m, caption)
        text = m(
            "Numerators and denominators of all areas are added up; a year in which an area gave "
            "no figure is shown below but not projected from."
        )
        return self._section(m("The province, added up"), body, text)

    def published(self) -> list[HTML]:
        """Figures published for the home area itself, beside the sums and never joined to them."""
        c, m = self.context, self.context.m
        groups: dict[tuple[str, str, str], list[Figure]] = {}
        for figures in c.view.figures.of_area(self.home.code).values():
            for figure in figures:
                key = figure.indicator, figure.series, figure.breakdown
                groups.setdefault(key, []).append(figure)
        if not groups:
            return []
        rows = [figure for _, group in sorted(groups.items()) for figure in newest_of(group)]
        caption = m("Published figures of {area}", area=self.home.title(m.lang))
        body = published_table(rows, c.registry, m, caption)
        text = m("They stand beside the sums; the two are different methods and form no line.")
        return [self._section(m("Published for the province itself"), body, text)]

    def targets(self) -> list[Any]:
        """One block a target that the areas measure: sum, who holds it back, side by side."""
        parts: list[Any] = [self._section(self.context.m("Target by target"), Markup(""))]
        c, (plan, _) = self.context, self.whole
        for target in plan.targets:
            sums = rollup.add_up(c.known, c.plan, c.registry, c.plan.target(target.id))
            if len(sums):
                parts += self._block(plan, target, sums)
        return parts

    def method(self) -> HTML:
        """How to read the page."""
        m = self.context.m
        notes = method_notes(self.context)
        return self._section(m("How to read this page"), Markup(""), *notes)

    def _block(self, plan: Plan, target: Target, sums: pd.DataFrame) -> list[Any]:
        c, m = self.context, self.context.m
        row = self._home_rows[target.id]
        shares = rows_of(rollup.contributions(self.verdicts, target.id, self.standing))
        words = fragment(
            "block.html",
            m,
            records=[],
            id=target.id,
            title=target.name.get(m.lang),
            badge=tables.badge(row, m),
            synthetic=tables.is_synthetic(sums),
            sentence=verdict_sentence(row, m),
            facts=[],
            notes=[tables.unconfirmed_note(m)] if row["verification"] == "unverified" else [],
        )
        case = make_case(self._whole_view, self.home, plan, target, c.deadline)
        until = plan.outlook.deadline if plan.outlook and c.past else c.deadline
        path = trajectory_rows(case, until)
        sentence = self._sum_sentence(target, sums)
        chart = trajectory_figure(
            path,
            m,
            threshold=None if missing(row["threshold"]) else float(row["threshold"]),
            threshold_label=threshold_text(row, m),
            deadline=row["deadline"],
            description=sentence,
        )
        caption = m("{target} added up, year by year", target=target.id)
        body = tables.rollup_table(sums, c.registry, m, caption)
        details = fragment("details.html", m, sentence=sentence, parts=[(m("Sums"), body)])
        chart_parts = [chart] if path else []
        many = small_multiples(c, target, row, self._rows)
        return [words, *chart_parts, details, *many, *side_by_side(c, target, row, shares)]

    def _sum_sentence(self, target: Target, sums: pd.DataFrame) -> str:
        m = self.context.m
        rows = rows_of(sums)
        whole = [row for row in rows if row["counted"] == row["expected"]]
        last = (whole or rows)[-1]
        return m(
            "{name}: the areas add up to {rate} in {period}; {counted} of {expected} areas gave "
            "counts.",
            name=target.name.get(m.lang),
            rate=value_text(round(last["value"], 2), m),
            period=m.period(last["period"]),
            counted=m.count(last["counted"]),
            expected=m.count(last["expected"]),
        )

    def _section(self, title: str, body: Markup, *paragraphs: str) -> HTML:
        m = self.context.m
        return fragment("section.html", m, id="", title=title, body=body, paragraphs=paragraphs)
