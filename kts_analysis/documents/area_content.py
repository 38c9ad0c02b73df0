"""The report of one area as a document: made from the same rows and words as its page."""

from __future__ import annotations

from functools import cached_property

from kts_analysis.documents.chart_svg import chart_svg
from kts_analysis.documents.content import (
    Annex,
    Block,
    Document,
    Heading,
    Paragraph,
    Picture,
)
from kts_analysis.documents.frame import (
    annex_reference,
    facts_of,
    frame,
    method_blocks,
    sources_blocks,
)
from kts_analysis.documents.phrases import (
    dates_sentence,
    effort_paragraph,
    marked,
    plain,
    standing_paragraph,
)
from kts_analysis.documents.verdict_tables import annex_table, summary_table
from kts_analysis.pages.area import AreaReport
from kts_analysis.pages.grounds import record_lines
from kts_analysis.pages.rules import rules_words
from kts_analysis.pages.target import TargetBlock
from kts_analysis.tables import is_synthetic
from kts_analysis.wording import headline


class AreaContent:
    """The parts of an area's document.

    Parameters
    ----------
    report : AreaReport
        The page's own report: rows, cases and charts are taken from it.
    """

    def __init__(self, report: AreaReport) -> None:
        self.report = report
        self.context = report.context
        self.m = report.context.m
        self.name = report.area.title(self.m.lang)
        self.annexes: list[Annex] = []
        self.said: set[str] = set()  # notes that hold for several targets stand once

    def document(self) -> Document:
        """Return the whole document."""
        report, m = self.report, self.m
        self._annex_all()
        blocks = [
            *self._general(),
            *self._targets(),
            *self._before(),
            *self._outlook(),
            *sources_blocks({b.target.id: b.case.line.figures for b in self.target_blocks}, m),
            *method_blocks(self.context),
        ]
        return frame(
            self.context,
            area=self.name,
            facts=facts_of(self.context, (m("Borders"), report.borders_text())),
            synthetic=is_synthetic(report.rows),
            blocks=blocks,
            annexes=self.annexes,
        )

    @cached_property
    def target_blocks(self) -> list[TargetBlock]:
        """The blocks of the targets measured here."""
        return [
            TargetBlock(self.context, self.report.area, row)
            for row in self.report.rows
            if row["status"] != "not_measured"
        ]

    def _annex_all(self) -> None:
        c, m = self.context, self.m
        caption = m(
            "{area}: every target by {deadline}", area=self.name, deadline=m.date(c.deadline_day)
        )
        table = annex_table(self.report.rows, c.plan, c.registry, m, caption)
        self.annexes.append(Annex(m("All targets at a glance"), (table,)))

    def _general(self) -> list[Block]:
        m, rows = self.m, self.report.rows
        caption = m("{area}: where each target stands", area=self.name)
        return [
            Heading(m("General assessment")),
            Paragraph(headline(rows, m), "lead"),
            *(Paragraph(plain(note)) for note in self.report.notes()),
            summary_table(rows, self.context.plan, m, caption),
            Paragraph(annex_reference(1, m), "note"),
        ]

    def _targets(self) -> list[Block]:
        blocks: list[Block] = [Heading(self.m("Target by target"))]
        for block in self.target_blocks:
            blocks += self._target(block)
        return blocks

    def _target(self, block: TargetBlock) -> list[Block]:
        m, row = self.m, block.verdict
        card = self.context.registry.indicators[block.target.indicator]
        name = block.target.name.get(m.lang)
        texts = [standing_paragraph(row, m), effort_paragraph(row, card, m)]
        parts: list[Block] = [Heading(f"{name} ({block.target.id})", 2)]
        parts += [Paragraph(text) for text in texts if text]
        records = record_lines(block.case, row, card.counted, m, linked=False)
        figures, chance = self.context.view.figures, block.joint_chance
        rules = rules_words(block.case, m, figures, chance)
        notes = [dates_sentence(block.dates()), *records, rules, *map(plain, block.notes())]
        if block.path or block.rivals:
            parts.append(self._picture(block, name))
        fresh = [text for text in notes if text and text not in self.said]
        self.said.update(fresh)
        return parts + [Paragraph(text, "note") for text in fresh]

    def _picture(self, block: TargetBlock, name: str) -> Picture:
        m, made_up = self.m, is_synthetic(block.path)
        caption = m("{name}, {area}", name=name, area=self.name)
        alt = marked(block.chart_sentence, m, synthetic=made_up)
        return Picture(chart_svg(block.chart()), marked(caption, m, synthetic=made_up), alt)

    def _before(self) -> list[Block]:
        """What the figures said while the deadline still lay ahead (only when it is past)."""
        c, m = self.context, self.m
        if not c.past:
            return []
        day = self.report.last_day_before
        rows = self.report.assess(c.plan.id, c.deadline, as_of=day.isoformat())
        text = m(
            "Standing on {date}, with nothing published later, the chances to reach the "
            "targets by {deadline} were these.",
            date=m.date(day),
            deadline=m.date(c.deadline_day),
        )
        title = m("What could be said before the deadline")
        caption = m("Outlook as of {date}", date=m.date(day))
        table = annex_table(rows, c.plan, c.registry, m, caption)
        return self._annexed(title, [text, headline(rows, m)], Annex(title, (table,)))

    def _outlook(self) -> list[Block]:
        blocks: list[Block] = []
        for plan_id, year in self.context.ahead:
            blocks += self._ahead(plan_id, year)
        return blocks

    def _ahead(self, plan_id: str, year: int) -> list[Block]:
        c, m = self.context, self.m
        plan, rows = c.registry.plan(plan_id), self.report.assess(plan_id, year)
        texts = [
            m(
                "Thresholds of {plan}. The farther the deadline, the wider the interval; targets "
                "without a known threshold are not judged.",
                plan=plan.document.get(m.lang),
            ),
            headline(rows, m),
        ]
        title = m("Looking ahead to {year}", year=str(year))
        caption = m("Outlook to {year}", year=str(year))
        table = annex_table(rows, plan, c.registry, m, caption)
        return self._annexed(title, texts, Annex(title, (table,)))

    def _annexed(self, title: str, texts: list[str], annex: Annex) -> list[Block]:
        """Return a section that points to its table, which becomes the next annex."""
        self.annexes.append(annex)
        reference = annex_reference(len(self.annexes), self.m)
        paragraphs = [Paragraph(text) for text in [*texts, reference]]
        return [Heading(title), *paragraphs]
