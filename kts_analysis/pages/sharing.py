"""A plan's targets shared out to its areas, as a part of each target's block."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from functools import cached_property

from IPython.display import HTML
from markupsafe import Markup

from kts_analysis import tables
from kts_analysis.allocation import wording
from kts_analysis.allocation.answer import Answer, Request, allocate, goal_of_plan
from kts_analysis.allocation.methods import WAYS, Way
from kts_analysis.allocation.out_of_reach import shortfall_texts
from kts_analysis.allocation.rows import ShareRow, share_rows
from kts_analysis.entries import Target
from kts_analysis.errors import KtsError
from kts_analysis.fragments import Cell, fragment, table
from kts_analysis.i18n import N_
from kts_analysis.pages.context import Context


def way_named(text: str) -> Way | None:
    """Return the method of sharing out that a parameter names; None for an empty one.

    Raises
    ------
    KtsError
        There is no such method.
    """
    if not text:
        return None
    found = next((way for way in WAYS if way == text), None)
    if found is None:
        known = ", ".join(WAYS)
        raise KtsError(N_("unknown method {found}; choose of {known}"), found=text, known=known)
    return found


@dataclass(frozen=True)
class Sharing:
    """The plan's own thresholds shared out by one method, as ``kts allocate`` does by default.

    Attributes
    ----------
    way : str or None
        Method; None where sharing out was not asked for: nothing is shown.
    targets : sequence of Target
        Those that have a block on the page.
    """

    context: Context
    way: Way | None
    targets: Sequence[Target]

    @property
    def _late(self) -> bool:
        """Whether the deadline leaves no time to share anything out for."""
        return self.context.as_of >= self.context.deadline_day

    @cached_property
    def _answers(self) -> dict[str, Answer | KtsError]:
        """The answer to every target, or why there is none."""
        if self.way is None or self._late:
            return {}
        return {target.id: self._answer(target, self.way) for target in self.targets}

    def _answer(self, target: Target, way: Way) -> Answer | KtsError:
        c = self.context
        try:
            goal = goal_of_plan(c.plan, target, c.deadline)
            return allocate(c.view, Request(c.plan, target, c.deadline, goal), [way])
        except KtsError as refused:
            return refused

    @cached_property
    def _remarks(self) -> dict[str, list[str]]:
        """What a reader of the targets must know, by target."""
        m = self.context.m
        return {
            name: wording.remarks(answer, answer.allocations[0], m)
            for name, answer in self._answers.items()
            if isinstance(answer, Answer) and _to_assign(answer)
        }

    def common_words(self) -> list[str]:
        """Return, once for the whole page, what is true of all that is shared out."""
        c, m = self.context, self.context.m
        if self.way is not None and self._late:
            text = m(
                "No target is shared out: the deadline {deadline} does not lie after {date}, the "
                "day of the figures.",
                deadline=m.date(c.deadline_day),
                date=m.date(c.as_of),
            )
            return [text]
        each = list(self._remarks.values())
        common = [text for text in each[0] if all(text in one for one in each)] if each else []
        return [" ".join([m("The targets shared out to the areas:"), *common])] if common else []

    def parts(self, target: Target) -> list[HTML]:
        """Return what each area is to reach so that they meet the plan's threshold together."""
        c, m = self.context, self.context.m
        answer = self._answers.get(target.id)
        if answer is None:
            return []
        if isinstance(answer, KtsError):
            return [self._section([answer.text(m)])]
        if answer.shortfall is not None:
            card = c.registry.indicators[target.indicator]
            first, *others = shortfall_texts(answer, c.registry, card, m)
            return [self._section([first], tables.text_list(others, m))]
        if not _to_assign(answer):
            return [self._section([m(wording.REACHED)])]
        return [self._section([wording.way_text(answer.allocations[0], m)], self._body(answer))]

    def _section(self, texts: list[str], body: Markup | None = None) -> HTML:
        m = self.context.m
        return fragment(
            "section.html",
            m,
            id="",
            level=4,
            title=m("Shared out to the areas"),
            paragraphs=texts,
            body=body or Markup(""),
        )

    def _body(self, answer: Answer) -> Markup:
        """Return the table of targets, and what is true of this one alone."""
        c, m, request = self.context, self.context.m, answer.request
        columns = wording.columns(answer, c.registry.indicators[request.target.indicator], m)[1:]
        rows = [self._cells(row, answer) for row in share_rows(answer, answer.allocations[0])]
        caption = m(
            "{target}: targets of the areas for {year}",
            target=request.target.id,
            year=str(request.deadline),
        )
        synthetic, note = answer.origin == "synthetic", len(columns) - 1
        body = table(m, caption, columns, rows, synthetic=synthetic, text_columns=(note,))
        mine = self._remarks[request.target.id]
        common = [text for text in mine if all(text in one for one in self._remarks.values())]
        own = [text for text in mine if text not in common]
        return body + tables.text_list(own, m) if own else body

    def _cells(self, row: ShareRow, answer: Answer) -> list[Cell]:
        """Return the cells of a row without its code; the caption marks synthetic figures."""
        c, m = self.context, self.context.m
        _, name, *others, _ = wording.cells(row, answer, m)
        if row.area_code:
            name = c.registry.area(row.area_code).title(m.lang)
        notes = "; ".join(m(wording.NOTES[note]) for note in row.notes)
        return [name, *others, notes]


def _to_assign(answer: Answer) -> bool:
    """Whether somebody has to rise, and can."""
    return bool(answer.allocations) and not answer.allocations[0].reached
