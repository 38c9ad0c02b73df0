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
from kts_analysis.allocation.methods import Way
from kts_analysis.assessment import judge
from kts_analysis.cases import View, make_case
from kts_analysis.chart_base import Chart
from kts_analysis.charts import trajectory_figure
from kts_analysis.entries import Area, Plan, Target
from kts_analysis.figure_tables import published_table
from kts_analysis.figures import Figure, newest_of
from kts_analysis.fragments import fragment
from kts_analysis.moved_plans import registry_asked
from kts_analysis.pages.area import method_notes
from kts_analysis.pages.area_map import area_map
from kts_analysis.pages.beside import behind_most, rates_only, side_by_side
from kts_analysis.pages.borders import breaks_of, ended_note, with_links
from kts_analysis.pages.context import Context, gather
from kts_analysis.pages.other_borders import borders_fact, home_notes
from kts_analysis.pages.prepare import stand_before
from kts_analysis.pages.rollup_sums import SumsBlock
from kts_analysis.pages.rollup_ways import WaysBlock, rollup_notes
from kts_analysis.pages.scenarios import scenario_over_areas
from kts_analysis.pages.sharing import Sharing, way_named
from kts_analysis.pages.small_multiples import small_multiples
from kts_analysis.registry_files import load_registry
from kts_analysis.rows import Row, missing, rows_of
from kts_analysis.scenarios.entries import Scenario
from kts_analysis.scenarios.files import load_scenario
from kts_analysis.status_tables import status_matrix
from kts_analysis.trajectories import trajectory_rows
from kts_analysis.wording import headline, threshold_text, verdict_sentence


def province_report(
    plan: str,
    *,
    deadline: int | None = None,
    as_of: str | None = None,
    lang: str = "vi",
    data: str | None = None,
    borders: str = "",
    weights: str = "",
    allocate: str = "",
    scenario: str = "",
) -> ProvinceReport:
    """Return the report of a plan's home area and the areas below it.

    Parameters
    ----------
    plan, deadline, as_of, lang, data, borders, weights
        As in `pages.area.area_report`.
    allocate : {"", "equal_gap", "equal_effort", "proportional"}
        Method by which every target is shared out to the areas; empty for none.
    scenario : str
        A scenario file, or the name of one in the data folder; empty: none.

    Raises
    ------
    ProblemsError
        What is wrong in the home area's own data, or in the scenario; errors in a district's data
        leave that district out, and the page says so.
    KtsError
        Unknown plan or method of sharing out.

    Examples
    --------
    >>> import kts_analysis as kts
    >>> report = kts.province_report("nam-dinh-105", as_of="2024-06-30", lang="en")
    >>> sorted(set(report.verdicts["area_code"]))[:3]
    ['356', '358', '359']
    """
    way = way_named(allocate)
    home = registry_asked(load_registry(data), borders).plan(plan).home
    context = gather(
        plan,
        [home],
        deadline=deadline,
        as_of=as_of,
        lang=lang,
        data=data,
        borders=borders,
        weights=weights,
    )
    return ProvinceReport(context, way, load_scenario(scenario, data) if scenario else None)


@dataclass(frozen=True)
class ProvinceReport:
    """The parts of a province's page, in the order they stand on it."""

    context: Context
    way: Way | None = None  # by which targets are shared out, where that was asked
    scenario: Scenario | None = None

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
        return [area.code for area in rollup.below_home(c.plan, c.registry, day)]

    @cached_property
    def verdicts(self) -> pd.DataFrame:
        """Verdicts of the areas below."""
        c = self.context
        return judge(c.view, c.plan, c.deadline, areas=self.standing)

    @cached_property
    def rows(self) -> Sequence[Row]:
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
        return judge(self.whole_view, plan, self.context.deadline, areas=[self.home.code])

    @cached_property
    def home_rows(self) -> dict[str, Row]:
        """The same by target."""
        return {row["target_id"]: row for row in rows_of(self.home_verdicts)}

    @cached_property
    def whole_view(self) -> View:
        """Where the added-up figures are seen from."""
        c = self.context
        return View(c.registry, self.whole[1], c.as_of)

    def header(self) -> HTML:
        """Title, dates, and the mark of synthetic data."""
        c, m = self.context, self.context.m
        asked = borders_fact(c)
        facts = [
            *([(m("Borders"), asked)] if asked else []),
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
            synthetic=tables.is_synthetic(self.rows) or tables.is_synthetic(self.home_verdicts),
            notes=self.notes(),
        )

    def notes(self) -> list[str]:
        """What is left out, what became of the area, what was merged."""
        c, m = self.context, self.context.m
        notes = [
            m("Left out because of errors in the data: {problem}", problem=problem.text(m))
            for problem in c.problems
        ]
        notes += home_notes(c)
        if self.home.valid_to is not None and self.home.valid_to < c.as_of:
            notes.append(ended_note(c, self.home))
        gone = [code for code in self.parts_codes if code not in self.standing]
        if gone:
            text = m("Merged into another area and counted there: {names}.", names="{names}")
            notes.append(with_links(c, text, gone))
        return notes

    def matrix(self) -> HTML:
        """Areas × targets."""
        c, m = self.context, self.context.m
        sentence = headline(self.rows, m, pairs=True)
        if self._then is not None:  # "not applicable" in every cell would tell nothing
            return self._section(m("Areas and targets"), Markup(""), sentence)
        shown, notes = behind_most(self.rows, m)
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
        ended = all(row["reason"] in ("area_ended", "level") for row in self.rows)
        return self._before[1] if self._before and ended else None

    def on_map(self) -> list[HTML]:
        """The areas on a map."""
        return area_map(self.context, self._then or self.rows)

    def matrix_before(self) -> list[HTML]:
        """The same while the deadline still lay ahead (only when it is past)."""
        c, m = self.context, self.context.m
        if self._before is None:
            return []
        stand, then = self._before
        shown, notes = behind_most(then, m, chosen_by=self.rows)
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
        title = m("Added up from the areas")
        texts = [
            m(
                "Numerators and denominators of all areas are added up; a year in which an area "
                "gave no figure is shown below but not projected from."
            )
        ]
        refused = [target.id for target in plan.targets if self._only_rates(target)]
        if refused:
            texts.append(
                m(
                    "Not added up: {targets}. The areas give rates without counts, and rates are "
                    "neither added nor averaged; nothing is said of {area} as a whole.",
                    targets=", ".join(refused),
                    area=self.home.title(m.lang),
                )
            )
        if len(refused) == len(plan.targets):
            return self._section(title, Markup(""), texts[-1])
        caption = m("{area}, added up from its areas", area=self.home.title(m.lang))
        body = tables.verdict_table(self.home_verdicts, plan, m, caption)
        return self._section(title, body, *texts)

    def _only_rates(self, target: Target) -> bool:
        """Whether the areas have figures of a target, but none with numerator and denominator."""
        seen = any(row["n_points"] for row in self.rows if row["target_id"] == target.id)
        return seen and target.id not in self._sums

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
        title = m("Published for {area} itself", area=self.home.title(m.lang))
        return [self._section(title, body, text)]

    @cached_property
    def _sums(self) -> dict[str, pd.DataFrame]:
        """What the areas add up to, by target; targets that no area measures are left out."""
        c = self.context
        found = {t.id: rollup.add_up(c.known, c.plan, c.registry, t) for t in c.plan.targets}
        return {name: sums for name, sums in found.items() if len(sums)}

    @cached_property
    def _sharing(self) -> Sharing:
        c = self.context
        return Sharing(c, self.way, [c.plan.target(name) for name in self._sums])

    def targets(self) -> list[Any]:
        """One block a target that the areas measure: sum, who holds it back, side by side."""
        c, (plan, _) = self.context, self.whole
        parts: list[Any] = [
            self._section(c.m("Target by target"), Markup(""), *self._sharing.common_words())
        ]
        for target in plan.targets:
            if target.id in self._sums:
                parts += self._block(plan, target, self._sums[target.id])
            elif self._only_rates(target):
                rows = rollup.contributions(self.verdicts, target.id, self.standing)
                parts += rates_only(c, target, self.home_rows[target.id], rows_of(rows))
        return parts

    def scenarios(self) -> list[HTML]:
        """What the scenario asked for gives over the areas; nothing when none is asked for."""
        if self.scenario is None:
            return []
        return scenario_over_areas(self.context, self.standing, self.scenario)

    def method(self) -> HTML:
        """How to read the page."""
        m = self.context.m
        return self._section(
            m("How to read this page"), Markup(""), *method_notes(self.context), *rollup_notes(m)
        )

    def _block(self, plan: Plan, target: Target, sums: pd.DataFrame) -> list[Any]:
        c, m = self.context, self.context.m
        row = self.home_rows[target.id]
        codes = [area.code for area in rollup.standing_parts(c.plan, c.registry, c.as_of)]
        shares = rows_of(rollup.contributions(self.verdicts, target.id, codes))
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
        added = SumsBlock(c, c.plan.target(target.id), sums)
        sentence = added.sentence()
        chart, path = self.sum_chart(target, sentence)
        details = fragment("details.html", m, sentence=sentence, parts=[(m("Sums"), added.table())])
        return [
            words,
            *([chart] if path else []),
            details,
            *added.reconciled(),
            *WaysBlock(c, added.target, added.newest, added.whole).parts(),
            *small_multiples(c, target, row, self.rows),
            *side_by_side(c, target, row, shares),
            *self._sharing.parts(added.target),
        ]

    def sum_chart(self, target: Target, sentence: str) -> tuple[Chart, Sequence[Row]]:
        """Return the chart of what the areas add up to, and the trajectory it draws."""
        c, (plan, _) = self.context, self.whole
        row = self.home_rows[target.id]
        case = make_case(self.whole_view, self.home, plan, target, c.deadline)
        until = plan.outlook.deadline if plan.outlook and c.past else c.deadline
        path = trajectory_rows(case, until)
        chart = trajectory_figure(
            path,
            c.m,
            threshold=None if missing(row["threshold"]) else float(row["threshold"]),
            threshold_label=threshold_text(row, c.m),
            deadline=row["deadline"],
            breaks=breaks_of(c.registry, case.line),
            description=sentence,
        )
        return chart, path

    def _section(self, title: str, body: Markup, *paragraphs: str) -> HTML:
        m = self.context.m
        return fragment("section.html", m, id="", title=title, body=body, paragraphs=paragraphs)
