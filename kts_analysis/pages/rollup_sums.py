"""What a target's areas add up to, on the province page: holes, bounds, published totals."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from functools import cached_property

import pandas as pd
from IPython.display import HTML
from markupsafe import Markup

from kts_analysis import rollup_tables
from kts_analysis.entries import Target
from kts_analysis.fragments import Cell, fragment
from kts_analysis.pages.context import Context
from kts_analysis.published_against import Beside, published_against_parts
from kts_analysis.rollup_bounds import province_bounds
from kts_analysis.rollup_tables import range_text
from kts_analysis.rows import Row, missing, rows_of
from kts_analysis.wording import COUNTED, figure_text, value_text


@dataclass(frozen=True)
class SumsBlock:
    """What a target's areas add up to.

    Attributes
    ----------
    target : Target
        Of the plan as it stands, not of the one judged on sums.
    sums : pandas.DataFrame
        From `rollup.add_up`, not empty.
    """

    context: Context
    target: Target
    sums: pd.DataFrame

    @cached_property
    def _sums(self) -> Sequence[Row]:
        return rows_of(self.sums)

    @cached_property
    def _whole(self) -> list[Row]:
        """The periods in which no area is missing."""
        return [row for row in self._sums if row["counted"] == row["expected"]]

    @property
    def newest(self) -> str:
        """The newest period."""
        return str(self._sums[-1]["period"])

    @property
    def whole(self) -> str:
        """The newest period in which no area is missing; empty without one."""
        return str(self._whole[-1]["period"]) if self._whole else ""

    @cached_property
    def _bounds(self) -> pd.DataFrame:
        """Coverage and bounds by period."""
        c = self.context
        return province_bounds(c.known, c.plan, c.registry, self.target)

    @cached_property
    def _against(self) -> list[Beside]:
        """Published figures of the whole beside the sums."""
        c = self.context
        return published_against_parts(c.known, c.plan, c.registry, self.target)

    def cells(self) -> tuple[list[str], list[list[Cell]]]:
        """Head and rows of the table, for a document."""
        c = self.context
        return rollup_tables.rollup_cells(self.sums, self._bounds, c.registry, c.m)

    def table(self) -> Markup:
        """The sums year by year, with bounds where areas are missing."""
        c, m = self.context, self.context.m
        caption = m("{target} added up, year by year", target=self.target.id)
        return rollup_tables.rollup_table(self.sums, self._bounds, c.registry, m, caption)

    def sentence(self) -> str:
        """What the areas add up to, and what is not known where some are missing."""
        m = self.context.m
        holes = [row for row in rows_of(self._bounds) if row["counted"] < row["expected"]]
        texts = [self._sum_text(self._whole[-1])] if self._whole else []
        if holes and holes[-1]["period"] == self._sums[-1]["period"]:
            texts.append(self._hole_text(holes.pop()))
        if holes:
            periods = ", ".join(m.period(hole["period"]) for hole in holes)
            texts.append(m("Areas are missing in {periods}: bounds in the table.", periods=periods))
        return " ".join(texts)

    def _sum_text(self, row: Row) -> str:
        m = self.context.m
        return m(
            "{name}: the areas add up to {rate} in {period}; {counted} of {expected} areas gave "
            "counts.",
            name=self.target.name.get(m.lang),
            rate=value_text(round(row["value"], 2), m),
            period=m.period(row["period"]),
            counted=m.count(row["counted"]),
            expected=m.count(row["expected"]),
        )

    def _hole_text(self, row: Row) -> str:
        """Say what a period with missing areas tells: coverage and bounds, no mean."""
        m = self.context.m
        card = self.context.registry.indicators[self.target.indicator]
        sized = row["coverage_by"] == "denominators"
        text = m(
            "In {period} only {counted} of {expected} areas gave counts ({coverage} of all "
            "{what}): they stand at {value}.",
            period=m.period(row["period"]),
            counted=m.count(row["counted"]),
            expected=m.count(row["expected"]),
            coverage=m.percent(row["coverage"]),
            what=m(COUNTED[card.counted]) if sized else m("areas"),
            value=value_text(round(row["value"], 2), m),
        )
        if not sized:
            unknown = m("The size of a missing area is not known, so no bounds are given.")
            return f"{text} {unknown}"
        if missing(row["hard_low"]) or missing(row["hard_high"]):
            return text
        return f"{text} " + m(
            "With the missing ones the whole surely lies within {hard} and is likely to lie within "
            "{likely}.",
            hard=range_text(row["hard_low"], row["hard_high"], m),
            likely=range_text(row["likely_low"], row["likely_high"], m),
        )

    def reconciled(self) -> list[HTML]:
        """Published figures beside the sums: the newest in words, all in a table."""
        if not self._against:
            return []
        c, m = self.context, self.context.m
        newest = max(self._against, key=lambda pair: pair.figure.period_end)
        texts = [self._pair_text(pair) for pair in self._against if pair.figure == newest.figure]
        if newest.missing:
            texts.append(m("Areas are missing in the sum, so the difference proves nothing."))
        caption = m("{target}: published, and added up", target=self.target.id)
        body = rollup_tables.published_against_table(self._against, c.registry, m, caption)
        parts = [(m("Published against summed"), body)]
        return [fragment("details.html", m, sentence=" ".join(texts), parts=parts)]

    def _pair_text(self, pair: Beside) -> str:
        m = self.context.m
        period = m.period(pair.figure.period)
        difference = rollup_tables.difference_text(pair, m)
        if pair.kind == "rate":
            return m(
                "Published for {period}: {published}; the areas add up to {total} (published less "
                "sum {difference}).",
                period=period,
                published=figure_text(pair.published, pair.figure.qualifier, m),
                total=value_text(round(pair.total, 2), m),
                difference=difference,
            )
        return m(
            "{kind} published for {period}: {published}; the areas add up to {total} (published "
            "less sum {difference}).",
            kind=m(rollup_tables.KINDS[pair.kind]),
            period=period,
            published=m.count(pair.published),
            total=m.count(pair.total),
            difference=difference,
        )
