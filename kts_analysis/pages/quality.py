"""The data-quality page: coverage, gaps, revisions, remarks, errors."""

from __future__ import annotations

from dataclasses import dataclass

from IPython.display import HTML
from markupsafe import Markup

from kts_analysis import quality, tables
from kts_analysis.figure_tables import published_table
from kts_analysis.figures import figures_of
from kts_analysis.fragments import Cell, fragment, table
from kts_analysis.pages.context import Context, gather
from kts_analysis.rows import rows_of
from kts_analysis.vi import is_missing, sort_key


def data_quality(
    plan: str, *, as_of: str | None = None, lang: str = "vi", data: str | None = None
) -> QualityReport:
    """Return the data-quality page of a plan's areas; errors in the data are listed on it."""
    context = gather(plan, ["*"], deadline=None, as_of=as_of, lang=lang, data=data)
    return QualityReport(context)


@dataclass(frozen=True)
class QualityReport:
    """The parts of the data-quality page."""

    context: Context

    def header(self) -> HTML:
        """Title and dates."""
        c, m = self.context, self.context.m
        mine = c.known[c.known["area_code"].isin(c.plan.areas)]
        facts = [
            (m("Figures published up to"), m.date(c.as_of)),
            (m("Figures"), m.count(len(mine))),
        ]
        return fragment(
            "header.html",
            m,
            kicker=c.plan.name.get(m.lang),
            title=m("Data quality"),
            facts=facts,
            synthetic=tables.is_synthetic(mine),
            notes=[problem.text(m) for problem in c.problems],
        )

    def coverage(self) -> HTML:
        """Periods with a figure, area by target."""
        c, m = self.context, self.context.m
        counts = quality.coverage(c.known, c.plan, c.registry)
        ordered = sorted(counts.index, key=lambda code: sort_key(c.registry.area(code).name))
        rows: list[list[Cell]] = [
            [c.registry.area(code).title(m.lang), *map(_count, counts.loc[code])]
            for code in ordered
        ]
        caption = m("Number of periods with a figure; – where it is not measured at that level")
        columns = [m("Area"), *counts.columns]
        return self._section(m("Coverage"), table(m, caption, columns, rows, synthetic=self._mark))

    def gaps(self) -> HTML:
        """Years that a line skips."""
        c, m = self.context, self.context.m
        rows: list[list[Cell]] = [
            [
                c.registry.area(row["area_code"]).title(m.lang),
                self._indicator(row["indicator"]),
                row["periods"],
                c.registry.indicators[row["indicator"]].reporter,
            ]
            for row in rows_of(quality.gaps(c.known, c.plan))
        ]
        columns = [m("Area"), m("Indicator"), m("Years without a figure"), m("Ask")]
        caption = m("Years missing inside a line, and who reports the indicator")
        body = table(m, caption, columns, rows, synthetic=self._mark, text_columns=(1, 2, 3))
        return self._section(m("Gaps"), body)

    def revisions(self) -> HTML:
        """Figures published again with another value."""
        c, m = self.context, self.context.m
        rows: list[list[Cell]] = [
            [
                c.registry.area(row["area_code"]).title(m.lang),
                self._indicator(row["indicator"]),
                m.period(row["period"]),
                m.percent(row["first"], 2),
                m.percent(row["newest"], 2),
                m.points(row["change"], 2),
            ]
            for row in rows_of(quality.revisions(c.known, c.plan))
        ]
        columns = [
            m("Area"),
            m("Indicator"),
            m("Period"),
            m("First published"),
            m("Newest"),
            m("Change"),
        ]
        caption = m("Figures that were revised")
        body = table(m, caption, columns, rows, synthetic=self._mark, text_columns=(1, 2))
        return self._section(m("Revisions"), body)

    def remarks(self) -> HTML:
        """Figures that carry a remark."""
        c, m = self.context, self.context.m
        caption = m("Figures with a remark")
        body = published_table(figures_of(quality.flagged(c.known, c.plan)), c.registry, m, caption)
        return self._section(m("Remarks"), body)

    @property
    def _mark(self) -> bool:
        mine = self.context.known["area_code"].isin(self.context.plan.areas)
        return tables.is_synthetic(self.context.known[mine])

    def _indicator(self, code: str) -> str:
        card = self.context.registry.indicators[code]
        return f"{code} {card.name.get(self.context.m.lang)}"

    def _section(self, title: str, body: Markup) -> HTML:
        m = self.context.m
        return fragment("section.html", m, id="", title=title, body=body, paragraphs=[])


def _count(value: object) -> str:
    return "–" if is_missing(value) else str(value)
