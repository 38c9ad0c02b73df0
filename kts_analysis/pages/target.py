"""One target's block on an area page: words, facts, chart, tables, sources."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, replace
from functools import cached_property
from typing import Any

from IPython.display import HTML

from kts_analysis import tables
from kts_analysis.attainment import outcome
from kts_analysis.cases import Case, make_case
from kts_analysis.chart_base import Chart
from kts_analysis.charts import trajectory_figure
from kts_analysis.entries import Area, Indicator, Target
from kts_analysis.figure_tables import points_table, published_table, sources_list
from kts_analysis.figures import Figure, newest_of
from kts_analysis.fragments import fragment
from kts_analysis.pages.borders import break_text, breaks_of
from kts_analysis.pages.context import Context
from kts_analysis.pages.grounds import (
    basis_text,
    paces_table,
    parts_table,
    record_lines,
    warnings_of,
)
from kts_analysis.pages.other_borders import carried_sentence
from kts_analysis.pages.rules import rules_part
from kts_analysis.pages.standing import standing_row
from kts_analysis.pages.vintages import vintages_parts
from kts_analysis.rows import Row, missing
from kts_analysis.selection import series_line
from kts_analysis.trajectories import trajectory_rows
from kts_analysis.wording import (
    VERIFICATION,
    count_text,
    day,
    figure_text,
    pace_text,
    status_text,
    threshold_text,
    verdict_sentence,
)

AHEAD_YEARS = 5  # a past deadline's chart looks this far beyond the newest figure


@dataclass(frozen=True)
class TargetBlock:
    """The block of one target, from its verdict row."""

    context: Context
    area: Area
    verdict: Row

    @cached_property
    def target(self) -> Target:
        """The target of the plan."""
        return self.context.plan.target(self.verdict["target_id"])

    @property
    def joint_chance(self) -> float | None:
        """The chance of all sectors together, for a target over sectors."""
        chance = float(self.verdict["probability"])
        return chance if self.verdict["breakdown"] and chance == chance else None

    @property
    def _card(self) -> Indicator:
        return self.context.registry.indicators[self.target.indicator]

    @cached_property
    def case(self) -> Case:
        """The line, its fit and its projection, as the verdict saw them."""
        c = self.context
        sector = self.verdict["breakdown"]
        return make_case(c.view, self.area, c.plan, self.target, c.deadline, sector)

    @cached_property
    def path(self) -> Sequence[Row]:
        """The trajectory shown: to the deadline, or some years past the newest figure."""
        c = self.context
        last = c.deadline
        if c.past:
            later = [year for year in c.plan.deadlines if year > c.deadline]
            outlook = c.plan.outlook.deadline if c.plan.outlook else c.deadline + AHEAD_YEARS
            last = max(later, default=outlook)
        return trajectory_rows(self.case, last)

    @cached_property
    def rivals(self) -> dict[str, list[Figure]]:
        """Other methods' figures for the same thing, and proxies, by name."""
        c, lang = self.context, self.context.m.lang
        here = c.view.figures.of_area(self.area.code)
        found = {}
        for name in self.case.line.rivals:
            mine = [one for one in here.get(self.target.indicator, []) if one.series == name]
            found[c.registry.series[name].name.get(lang)] = newest_of(mine)
        for card in c.registry.indicators.values():
            if card.proxy_for == self.target.indicator and card.code in here:
                label = c.m("Proxy: {name}", name=card.name.get(lang))
                found[label] = newest_of(here[card.code])
        return found

    def parts(self) -> list[Any]:
        """Return what is shown, in order; a block without figures is short."""
        parts: list[Any] = [self._words()]
        if self.path or self.rivals:
            parts += [self.chart(), self._details()]
        parts += standing_row(self.case, self.verdict, self.context.m)
        rules = rules_part(self.case, self.context.m, self.context.view.figures, self.joint_chance)
        if rules is not None:
            parts.append(rules)
        return parts + vintages_parts(self.context, self.case.line, self.target)

    def _words(self) -> HTML:
        m = self.context.m
        return fragment(
            "block.html",
            m,
            id=self.target.id,
            title=self.target.name.get(m.lang),
            badge=tables.badge(self.verdict, m),
            synthetic=self.verdict["origin"] == "synthetic",
            sentence=verdict_sentence(self.verdict, m),
            facts=self._facts(),
            records=record_lines(self.case, self.verdict, self._card.counted, m),
            notes=self.notes(),
        )

    def _facts(self) -> list[tuple[str, str]]:
        m, row = self.context.m, self.verdict
        card = self._card
        facts = [
            (
                m("Threshold"),
                f"{threshold_text(row, m)} ({m(VERIFICATION[row['verification']])})",
            )
        ]
        if not missing(row["gap"]):
            heads = count_text(row["gap_count"], card, m) if row["gap"] > 0 else ""
            text = m.points(row["gap"], signed=False)
            if row["gap"] < 0:
                text = m("past it by {points}", points=m.points(-row["gap"], signed=False))
            facts.append((m("Gap"), _with(text, heads)))
        if not missing(row["pace_observed"]):
            text = m("{pace} a year", pace=pace_text(row["pace_observed"], m))
            facts.append((m("Pace so far"), text))
        if not missing(row["pace_required"]):
            heads = count_text(row["pace_required_count"], card, m)
            text = m("{pace} a year", pace=pace_text(row["pace_required"], m))
            facts.append((m("Pace required"), _with(text, heads)))
        if row["acceleration"] > 0:
            facts.append((m("Required against so far"), f"× {m.number(row['acceleration'])}"))
        facts += self.dates()
        steps = self.target.steps(self.area.code)
        if steps:
            listed = "; ".join(f"{step.year}: {m.percent(step.value)}" for step in steps)
            facts.append((m("Yearly milestones"), listed))
        if row["method"]:
            facts.append((m("Projection rests on"), basis_text(self.case, m)))
        return facts

    def dates(self) -> list[tuple[str, str]]:
        """When the threshold is reached: since when, or hardly before, even chance, likely by."""
        m, row = self.context.m, self.verdict
        if missing(row["threshold"]) or not row["n_points"]:
            return []
        if row["attainment_date"] and row["attainment_date"] <= row["latest_date"]:
            return [(m("At the threshold since"), day(row["attainment_date"], m))]
        if not self.case.fit.sufficient:
            return []
        beyond = m("not within 25 years")
        return [
            (label, self._month(row[name]) if row[name] else beyond)
            for label, name in (
                (m("Hardly before (1 chance in 10)"), "earliest"),
                (m("Even chance to reach it by"), "attainment_date"),
                (m("Likely by (9 chances in 10)"), "latest_likely"),
            )
        ]

    def _month(self, iso: str) -> str:
        """Return the month of a date; one before the page's own day cannot be confirmed."""
        c, m = self.context, self.context.m
        if iso < c.as_of.isoformat():
            return m("may already be there; no figure confirms it")
        return m.period(iso[:7])

    def notes(self) -> list[str]:
        """What a reader must know besides: doubts, choices, who owns the target."""
        m, row, target = self.context.m, self.verdict, self.target
        notes = warnings_of(self.case, m)
        if self.joint_chance is not None:
            notes.append(
                m(
                    "Status, chance and interval are those of all sectors together; figures, chart "
                    "and table show the one least likely: {sector}.",
                    sector=row["breakdown"],
                )
            )
        if row["verification"] == "unverified":
            notes.append(
                m(
                    "The threshold was not found in a published source for this plan. It needs "
                    "confirmation; the result is provisional."
                )
            )
        owners = self._owners()
        if owners:
            notes.append(owners)
        if self.rivals:
            notes.append(
                m(
                    "Other methods or proxies have figures too ({names}). They are shown, never "
                    "joined to the line.",
                    names="; ".join(self.rivals),
                )
            )
        notes += self._disagreements()
        if target.series_reading and row["series"]:
            name = self.context.registry.series[row["series"]].name.get(m.lang)
            notes.append(
                m(
                    "Method followed: {name} (our choice, to be confirmed). {why}",
                    name=name,
                    why=target.series_reading.get(m.lang),
                )
            )
        return notes

    def _disagreements(self) -> list[str]:
        """Say where another method's figure at a past deadline gives another verdict."""
        c, m, case = self.context, self.context.m, self.case
        threshold = case.judged
        if threshold is None or threshold.value is None or case.final is None:
            return []
        notes = []
        for name in case.line.rivals:
            line = series_line(
                c.view.figures, c.registry, self.area, self.target.indicator, name, c.as_of
            )
            figure = replace(case, line=line).final
            if figure is None:
                continue
            word, _ = outcome(
                figure.value, threshold.value, threshold.comparator or ">=", figure.qualifier
            )
            if word != self.verdict["status"]:
                notes.append(
                    m(
                        "Not settled: by another method ({name}) the figure is {value}, which "
                        "would read: {status}.",
                        name=c.registry.series[name].name.get(m.lang),
                        value=figure_text(figure.value, figure.qualifier, m),
                        status=status_text(word, m),
                    )
                )
        return notes

    def _owners(self) -> str:
        """Name the part of the plan that owns a target that is not on its way."""
        m, structure = self.context.m, self.context.plan.structure
        lagging = self.verdict["status"] not in ("met", "exceeded", "reached_early", "likely")
        if structure is None or not lagging or not self.target.leans_on:
            return ""
        parts = [structure.part(item) for item in self.target.leans_on]
        names = ", ".join(part.name.get(m.lang) for part in parts if part)
        return m(
            "Part of the plan it leans on: {names}. {note}",
            names=names,
            note=structure.reading_note.get(m.lang),
        )

    def chart(self) -> Chart:
        """The trajectory as a picture."""
        m, row = self.context.m, self.verdict
        return trajectory_figure(
            self.path,
            m,
            threshold=None if missing(row["threshold"]) else float(row["threshold"]),
            threshold_label=threshold_text(row, m),
            deadline=row["deadline"],
            rivals=self.rivals,
            breaks=breaks_of(self.context.registry, self.case.line),
            description=self.chart_sentence,
        )

    @cached_property
    def chart_sentence(self) -> str:
        """What the chart shows, in words."""
        figures = self.case.line.figures
        texts = (
            self._line_sentence(),
            break_text(self.context, self.case.line),
            carried_sentence(self.context, figures),
        )
        return " ".join(text for text in texts if text)

    def _line_sentence(self) -> str:
        m, name = self.context.m, self.target.name.get(self.context.m.lang)
        seen = self.case.line.figures
        if not seen:
            return m("{name}: only other methods or proxies have figures.", name=name)
        first, last = seen[0], seen[-1]
        if len(seen) == 1:
            value = figure_text(last.value, last.qualifier, m)
            period = m.period(last.period)
            return m("{name}: one figure, {last} ({end}).", name=name, last=value, end=period)
        text = m(
            "{name}: from {first} ({start}) to {last} ({end}).",
            name=name,
            first=figure_text(first.value, first.qualifier, m),
            start=m.period(first.period),
            last=figure_text(last.value, last.qualifier, m),
            end=m.period(last.period),
        )
        projected = [row for row in self.path if row["kind"] == "projected"]
        if projected and projected[-1]["horizon_years"] > 0:
            end = projected[-1]
            text += " " + m(
                "Projection for {date}: {median}, 80% interval {low} to {high}, {years} years "
                "past the newest figure.",
                date=day(end["date"], m),
                median=m.percent(end["value"]),
                low=m.percent(end["lo80"]),
                high=m.percent(end["hi80"]),
                years=m.number(end["horizon_years"]),
            )
        return text

    def _details(self) -> HTML:
        m, points = self.context.m, self.case.line.figures
        parts = []
        if points:
            caption = m("Figures of {target}", target=self.target.id)
            parts.append((m("Figures"), points_table(points, m, caption)))
        if any(row["kind"] == "projected" for row in self.path):
            caption = m("Projection of {target}", target=self.target.id)
            parts.append((m("Projection"), tables.projection_table(self.path, m, caption)))
        paces, made_of = paces_table(self.case, self.verdict, m), parts_table(self.case, m)
        if paces is not None:
            parts.append((m("Required pace, four definitions"), paces))
        if made_of is not None:
            parts.append((m("How the projection is made"), made_of))
        others = [figure for figures in self.rivals.values() for figure in figures]
        if others:
            caption = m("Other methods and proxies for {target}", target=self.target.id)
            body = published_table(others, self.context.registry, m, caption)
            parts.append((m("Other methods and proxies"), body))
        if points:
            parts.append((m("Sources"), sources_list(points, m)))
        if self.target.notes:
            texts = [note.get(m.lang) for note in self.target.notes]
            parts.append((m("Notes on the target"), tables.text_list(texts, m)))
        return fragment("details.html", m, sentence=self.chart_sentence, parts=parts)


def _with(text: str, heads: str) -> str:
    return f"{text} ({heads})" if heads else text
