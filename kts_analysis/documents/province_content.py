"""The report of a plan's home area as a document: its areas, their sum, who holds a target back."""

from __future__ import annotations

from collections.abc import Sequence

import pandas as pd

from kts_analysis import rollup
from kts_analysis.assessment import judge
from kts_analysis.documents.chart_svg import chart_svg
from kts_analysis.documents.content import (
    Annex,
    Block,
    Column,
    Document,
    Heading,
    Paragraph,
    Picture,
    Table,
)
from kts_analysis.documents.frame import (
    annex_reference,
    facts_of,
    frame,
    method_blocks,
    sources_blocks,
)
from kts_analysis.documents.phrases import effort_paragraph, marked, plain, standing_paragraph
from kts_analysis.documents.verdict_tables import annex_table, areas_table, matrix_table
from kts_analysis.entries import Target
from kts_analysis.figures import Figure, newest_of
from kts_analysis.pages.beside import behind_most
from kts_analysis.pages.other_borders import borders_fact
from kts_analysis.pages.province import ProvinceReport
from kts_analysis.pages.rollup_sums import SumsBlock
from kts_analysis.rows import Row, rows_of
from kts_analysis.tables import MOST, SHOWN, gap_text, is_synthetic, unconfirmed_note
from kts_analysis.vi import MISSING
from kts_analysis.wording import (
    count_text,
    day,
    figure_text,
    headline,
    value_text,
    vintage_text,
)


class ProvinceContent:
    """The parts of a province's document.

    Parameters
    ----------
    report : ProvinceReport
        The page's own report: rows, sums and cases are taken from it.
    """

    def __init__(self, report: ProvinceReport) -> None:
        self.report = report
        self.context = report.context
        self.m = report.context.m
        self.name = report.home.title(self.m.lang)
        self.annexes: list[Annex] = []

    def document(self) -> Document:
        """Return the whole document."""
        m, report = self.m, self.report
        blocks = [
            *self._general(),
            *self._sums(),
            *self._targets(),
            *self._before(),
            *self._published(),
            *sources_blocks(self._lines(), m),
            *method_blocks(self.context),
        ]
        made_up = is_synthetic(report.rows) or is_synthetic(rows_of(report.home_verdicts))
        asked = borders_fact(self.context)
        facts = facts_of(self.context, (m("Areas"), m.count(len(report.standing))))
        return frame(
            self.context,
            area=self.name,
            facts=[(m("Borders"), asked), *facts] if asked else facts,
            synthetic=made_up,
            blocks=blocks,
            annexes=self.annexes,
        )

    def _general(self) -> list[Block]:
        c, m, rows = self.context, self.m, self.report.rows
        shown, notes = behind_most(rows, m)
        caption = m("Status of every area and target, as of {date}", date=m.date(c.as_of))
        matrix = matrix_table(shown, c.registry, m, caption)
        self.annexes.append(Annex(m("Areas and targets"), (matrix,)))
        return [
            Heading(m("General assessment")),
            Paragraph(headline(rows, m, pairs=True), "lead"),
            *(Paragraph(plain(note)) for note in [*self.report.notes(), *notes]),
            areas_table(shown, c.registry, m, m("{area}: its areas by status", area=self.name)),
            Paragraph(annex_reference(1, m), "note"),
        ]

    def _sums(self) -> list[Block]:
        c, m = self.context, self.m
        plan, _ = self.report.whole
        rows = rows_of(self.report.home_verdicts)
        caption = m("{area}, added up from its areas", area=self.name)
        table = annex_table(rows, plan, c.registry, m, caption)
        title = m("The province, added up")
        self.annexes.append(Annex(title, (table,)))
        text = m(
            "Numerators and denominators of all areas are added up; a year in which an area gave "
            "no figure is shown below but not projected from."
        )
        reference = annex_reference(len(self.annexes), m)
        texts = [headline(rows, m), text, reference]
        return [Heading(title), *(Paragraph(text) for text in texts)]

    def _targets(self) -> list[Block]:
        c = self.context
        blocks: list[Block] = []
        for target in self.report.whole[0].targets:
            sums = rollup.add_up(c.known, c.plan, c.registry, c.plan.target(target.id))
            if len(sums):
                blocks += self._target(target, sums)
        return [Heading(self.m("Target by target")), *blocks] if blocks else []

    def _target(self, target: Target, sums: pd.DataFrame) -> list[Block]:
        m, row = self.m, self.report.home_rows[target.id]
        card = self.context.registry.indicators[target.indicator]
        name = target.name.get(m.lang)
        added = SumsBlock(self.context, self.context.plan.target(target.id), sums)
        texts = [
            added.sentence(),
            standing_paragraph(row, m),
            effort_paragraph(row, card, m),
        ]
        parts: list[Block] = [Heading(f"{name} ({target.id})", 2)]
        parts += [Paragraph(text) for text in texts if text]
        parts += self._picture(target, name, texts[0])
        if row["verification"] == "unverified":
            parts.append(Paragraph(unconfirmed_note(m), "note"))
        parts.append(self._years(added))
        shares = rows_of(
            rollup.contributions(self.report.verdicts, target.id, self.report.standing)
        )
        return parts + self._holding_back(target, shares)

    def _years(self, added: SumsBlock) -> Table:
        """Return the sums year by year, with bounds where areas are missing."""
        m = self.m
        heads, rows = added.cells()
        caption = m("{target} added up, year by year", target=added.target.id)
        columns = [Column(head, 1.0, "right") for head in heads]
        columns[0], columns[-1] = Column(heads[0], 0.7), Column(heads[-1], 1.9)
        columns[6:-1] = [Column(head, 1.3, "right") for head in heads[6:-1]]  # the bounds
        cells = tuple(tuple(str(cell) or MISSING for cell in row) for row in rows)
        made_up = is_synthetic(added.sums)
        return Table(marked(caption, m, synthetic=made_up), tuple(columns), cells)

    def _picture(self, target: Target, name: str, sentence: str) -> list[Block]:
        m = self.m
        chart, path = self.report.sum_chart(target, sentence)
        if not path:
            return []
        made_up = is_synthetic(path)
        caption = marked(m("{name}, {area}", name=name, area=self.name), m, synthetic=made_up)
        return [Picture(chart_svg(chart), caption, marked(sentence, m, synthetic=made_up))]

    def _holding_back(self, target: Target, shares: Sequence[Row]) -> list[Block]:
        """Return who holds a target back, the area that misses most first."""
        if not shares:
            return []
        c, m = self.context, self.m
        listed = shares
        caption = m("Who holds {target} back", target=target.id)
        if len(shares) > MOST:
            listed = ([share for share in shares if share["gap_count"] > 0] or shares)[:SHOWN]
            caption = m(
                "Who holds {target} back: the {shown} areas that miss most, of {n}",
                target=target.id,
                shown=m.count(len(listed)),
                n=m.count(len(shares)),
            )
        card = c.registry.indicators[target.indicator]
        columns = (
            Column(m("Area"), 2.6),
            Column(m("Newest figure"), 1.4, "right"),
            Column(m("Dated"), 1.4, "right"),
            Column(m("Gap, points"), 1.8, "right"),
            Column(m("Still missing"), 1.8, "right"),
            Column(m("Share of all missing"), 1.4, "right"),
        )
        rows = tuple(
            (
                c.registry.area(row["area_code"]).title(m.lang),
                value_text(row["latest"], m),
                day(row["latest_date"], m),
                gap_text(row["gap"], m),
                count_text(row["gap_count"], card, m),
                m.percent(row["share"]),
            )
            for row in listed
        )
        return [Table(marked(caption, m, synthetic=is_synthetic(shares)), columns, rows)]

    def _before(self) -> list[Block]:
        """The matrix while the deadline still lay ahead (only when it is past)."""
        c, m, report = self.context, self.m, self.report
        if not c.past:
            return []
        stand = min(stop for stop in (report.home.valid_to, c.deadline_day) if stop is not None)
        then = rows_of(judge(c.view.on(stand), c.plan, c.deadline, areas=report.standing))
        shown, notes = behind_most(then, m, chosen_by=report.rows)
        title = m("What could be said before the deadline")
        caption = m("Status of every area and target, as of {date}", date=m.date(stand))
        self.annexes.append(Annex(title, (matrix_table(shown, c.registry, m, caption),)))
        text = m(
            "Standing on {date}, with nothing published later: {sentence}",
            date=m.date(stand),
            sentence=headline(then, m, pairs=True),
        )
        reference = annex_reference(len(self.annexes), m)
        return [Heading(title), *(Paragraph(text) for text in [text, *notes, reference])]

    def _published(self) -> list[Block]:
        """Figures published for the home area itself, beside the sums and never joined to them."""
        c, m = self.context, self.m
        figures = self._own_figures()
        if not figures:
            return []
        columns = (
            Column(m("Indicator"), 3.2),
            Column(m("Measuring method"), 2.0),
            Column(m("Period"), 1.4, "right"),
            Column(m("Figure"), 1.6, "right"),
            Column(m("Published"), 1.6, "right"),
        )
        rows = tuple(
            (
                c.registry.indicators[figure.indicator].name.get(m.lang),
                c.registry.series[figure.series].name.get(m.lang),
                m.period(figure.period),
                figure_text(figure.value, figure.qualifier, m),
                vintage_text(figure, m),
            )
            for figure in figures
        )
        text = m("They stand beside the sums; the two are different methods and form no line.")
        caption = m("Published figures of {area}", area=self.name)
        table = Table(caption, columns, rows)
        return [Heading(m("Published for the province itself")), Paragraph(text), table]

    def _own_figures(self) -> list[Figure]:
        groups: dict[tuple[str, str, str], list[Figure]] = {}
        for figures in self.context.view.figures.of_area(self.report.home.code).values():
            for figure in figures:
                key = figure.indicator, figure.series, figure.breakdown
                groups.setdefault(key, []).append(figure)
        return [figure for _, group in sorted(groups.items()) for figure in newest_of(group)]

    def _lines(self) -> dict[str, list[Figure]]:
        """Return the figures whose sources are named: those added up, and the area's own."""
        c = self.context
        lines: dict[str, list[Figure]] = {}
        for target in c.plan.targets:
            parts = rollup.counted_parts(c.known, c.plan, c.registry, target)
            figures = [figure for period in sorted(parts) for figure in parts[period]]
            own = [one for one in self._own_figures() if one.indicator == target.indicator]
            if figures or own:
                lines[target.id] = [*figures, *own]
        return lines
