"""The area report: where one area stands on every target of a plan."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date
from functools import cached_property
from typing import Any

import pandas as pd
from IPython.display import HTML
from markupsafe import Markup

from kts_analysis import tables
from kts_analysis.assessment import judge, judge_rows, pick_areas
from kts_analysis.entries import Area
from kts_analysis.fragments import fragment
from kts_analysis.pages.borders import border_notes, borders_text
from kts_analysis.pages.changes import newest_changes
from kts_analysis.pages.context import Context, gather
from kts_analysis.pages.other_borders import area_notes, borders_fact
from kts_analysis.pages.scenarios import scenario_parts
from kts_analysis.pages.target import TargetBlock
from kts_analysis.registry_files import load_registry
from kts_analysis.rows import Row
from kts_analysis.scenarios.entries import Scenario
from kts_analysis.scenarios.files import load_scenario
from kts_analysis.store import day_of
from kts_analysis.wording import chance_text, headline, is_provisional, word_of


def area_report(
    area: str,
    plan: str,
    *,
    deadline: int | None = None,
    as_of: str | None = None,
    lang: str = "vi",
    data: str | None = None,
    borders: str = "",
    weights: str = "",
    scenario: str = "",
) -> AreaReport:
    """Return the report of one area.

    Parameters
    ----------
    area : str
        Area code, as text.
    plan : str
        Plan id.
    deadline : int, optional
        Year of the deadline judged; by default the plan's first.
    as_of : str, optional
        Stand on this day: nothing published later is used.
    lang : {"vi", "en"}
    data : str, optional
        Data folder.
    borders : str
        A day (ISO): plan and figures on its borders. Empty: as they were and are.
    weights : str
        Name of a file in the data folder's ``weights``, see `weights_file`.
    scenario : str
        A scenario file, or the name of one in the data folder; empty: none.

    Raises
    ------
    ProblemsError
        What is wrong in this area's data (and of areas merged into it), or in the scenario.
    KtsError
        Unknown area or plan.

    Examples
    --------
    >>> import kts_analysis as kts
    >>> report = kts.area_report("356", "nam-dinh-105", as_of="2024-06-30", lang="en")
    >>> report.verdicts["status"].value_counts()["not_measured"].item()
    6
    """
    registry = load_registry(data)
    registry.area(area)
    merged = [item.from_code for item in registry.predecessors(area)]
    context = gather(
        plan,
        [area] if borders else [area, *merged],
        deadline=deadline,
        as_of=as_of,
        lang=lang,
        data=data,
        borders=borders,
        weights=weights,
    )
    asked = load_scenario(scenario, data) if scenario else None
    return AreaReport(context, pick_areas(context.plan, context.registry, [area])[0], asked)


@dataclass(frozen=True)
class AreaReport:
    """The parts of one area's page, in the order they stand on it."""

    context: Context
    area: Area
    scenario: Scenario | None = None

    @cached_property
    def verdicts(self) -> pd.DataFrame:
        """One row a target (`kts_analysis.schema.Verdicts`)."""
        c = self.context
        return judge(c.view, c.plan, c.deadline, areas=[self.area.code])

    @cached_property
    def rows(self) -> Sequence[Row]:
        """The verdicts, row by row."""
        return self.assess(self.context.plan.id, self.context.deadline)

    def header(self) -> HTML:
        """Title, borders, dates, and the mark of synthetic data."""
        c, m = self.context, self.context.m
        facts = [
            (m("Borders"), self.borders_text()),
            (m("Figures published up to"), m.date(c.as_of)),
            (m("Deadline"), m.date(c.deadline_day)),
        ]
        return fragment(
            "header.html",
            m,
            kicker=c.plan.name.get(m.lang),
            title=self.area.title(m.lang),
            facts=facts,
            synthetic=tables.is_synthetic(self.rows),
            notes=self.notes(),
        )

    def summary(self) -> HTML:
        """The sentence that says where the area stands, and the strip of statuses."""
        m = self.context.m
        items = [
            {
                "id": row["target_id"],
                "word": word_of(row),
                "provisional": is_provisional(row),
                "chance": chance_text(row["probability"], m) if row["probability"] >= 0 else "",
            }
            for row in self.rows
        ]
        return fragment("strip.html", m, sentence=headline(self.rows, m), items=items)

    def table(self) -> HTML:
        """The verdict table."""
        c, m = self.context, self.context.m
        caption = m(
            "{area}: every target by {deadline}",
            area=self.area.title(m.lang),
            deadline=m.date(c.deadline_day),
        )
        body = tables.verdict_table(self.rows, c.plan, m, caption)
        return self._section(m("All targets at a glance"), body)

    @property
    def last_day_before(self) -> date:
        """The last day on which the deadline still lay ahead and the area stood."""
        ends = [day for day in (self.area.valid_to, self.context.deadline_day) if day is not None]
        return min(ends)

    def before_deadline(self) -> list[HTML]:
        """What the figures said while the deadline still lay ahead (only when it is past)."""
        c, m = self.context, self.context.m
        if not c.past:
            return []
        day = self.last_day_before
        then = self.assess(c.plan.id, c.deadline, as_of=day.isoformat())
        text = m(
            "Standing on {date}, with nothing published later, the chances to reach the "
            "targets by {deadline} were these.",
            date=m.date(day),
            deadline=m.date(c.deadline_day),
        )
        caption = m("Outlook as of {date}", date=m.date(day))
        body = tables.verdict_table(then, c.plan, m, caption)
        return [self._section(m("What could be said before the deadline"), body, text)]

    def outlook(self) -> list[HTML]:
        """The look ahead to later deadlines: the plan's own, or those of the plan it follows."""
        c = self.context
        return [self._outlook(plan, year) for plan, year in c.ahead]

    def _outlook(self, plan_id: str, year: int) -> HTML:
        c, m = self.context, self.context.m
        plan = c.registry.plan(plan_id)
        verdicts = self.assess(plan_id, year)
        text = m(
            "Thresholds of {plan}. The farther the deadline, the wider the interval; targets "
            "without a known threshold are not judged.",
            plan=plan.document.get(m.lang),
        )
        texts = [text]
        if self.area.valid_to is not None and self.area.valid_to < c.as_of:
            texts.append(
                m(
                    "The area has ended, so no status is given; the chances show where its "
                    "former borders were heading."
                )
            )
        caption = m("Outlook to {year}", year=str(year))
        body = tables.verdict_table(verdicts, plan, m, caption)
        return self._section(m("Looking ahead to {year}", year=str(year)), body, *texts)

    def changes(self) -> list[HTML]:
        """What the newest release of figures changed."""
        return newest_changes(self.context, self.area)

    def scenarios(self) -> list[HTML]:
        """What the scenario asked for gives, beside no change; nothing when none is asked for."""
        if self.scenario is None:
            return []
        return scenario_parts(self.context, self.area, self.scenario)

    def targets(self) -> list[Any]:
        """One block a target that is measured here: words, chart, tables, sources."""
        parts: list[Any] = [self._section(self.context.m("Target by target"), Markup(""))]
        for row in self.rows:
            if row["status"] != "not_measured":
                parts += TargetBlock(self.context, self.area, row).parts()
        return parts

    def not_measured(self) -> list[HTML]:
        """The targets that are not measured at this level, named once."""
        m = self.context.m
        codes = [row["target_id"] for row in self.rows if row["status"] == "not_measured"]
        if not codes:
            return []
        items = [
            Markup('<li id="{}">{} · {}</li>').format(
                code, code, self.context.plan.target(code).name.get(m.lang)
            )
            for code in codes
        ]
        body = Markup('<ul class="kts-sources">') + Markup("").join(items) + Markup("</ul>")
        text = m("No figure is invented for them; they are judged at a higher level.")
        return [self._section(m("Not measured at this level"), body, text)]

    def method(self) -> HTML:
        """How to read the page."""
        m = self.context.m
        return self._section(m("How to read this page"), Markup(""), *method_notes(self.context))

    def assess(self, plan_id: str, year: int, as_of: str | None = None) -> Sequence[Row]:
        """Return the area's verdicts on a plan's deadline, as of this or an earlier day."""
        view = self.context.view if as_of is None else self.context.view.on(day_of(as_of))
        return judge_rows(view, view.registry.plan(plan_id), year, areas=[self.area.code])

    def _section(self, title: str, body: Markup, *paragraphs: str) -> HTML:
        m = self.context.m
        return fragment("section.html", m, id="", title=title, body=body, paragraphs=paragraphs)

    def borders_text(self) -> str:
        """On which borders the page stands."""
        return borders_fact(self.context) or borders_text(self.context, self.area)

    def notes(self) -> list[str]:
        """What happened to the area's borders."""
        return [*area_notes(self.context, self.area), *border_notes(self.context, self.area)]


def method_notes(context: Context) -> list[str]:
    """Return what a reader must know: the projection, the words, the dates."""
    m = context.m
    return [
        m(
            "Projection: it starts at the newest figure and follows the pace that areas of one "
            "level have in common and, the fewer they are, the area's own; an uneven pace dies "
            "down, a steady one goes on and slows near 100%. The interval is as wide as areas "
            "have strayed from such a path. It takes three figures, or two where other areas "
            "lend theirs. The dotted trend line only shows the pace so far."
        ),
        m(
            "Words: likely from 80% chance, may be reached from 50%, hard to reach from 20%, very "
            "hard below. Before a deadline nothing is called met; after it only a figure dated at "
            "the deadline is judged, and it exceeds the target from 5% above it (our cut: nearer, "
            "rounding could decide)."
        ),
        m(
            "Pace so far is the newest figure less the first, divided by the years between. Pace "
            "required is the gap divided by the years from the date of this page to the deadline."
        ),
        m(
            "Figures without a publication date are taken as known from the end of their period "
            "plus the usual delay of their series, an assumption marked at each of them."
        ),
        m(
            "Different measuring methods are never joined into one line. Rates of several areas "
            "are never averaged: numerators and denominators are added up."
        ),
    ]
