"""The ways to forecast a province, on its page: from its areas, and from its own series."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from functools import cached_property

from IPython.display import HTML

from kts_analysis import rollup, rollup_tables
from kts_analysis.attainment import grade
from kts_analysis.cases import Case, make_case
from kts_analysis.entries import Target
from kts_analysis.fragments import fragment
from kts_analysis.i18n import Messages
from kts_analysis.pages.context import Context
from kts_analysis.rollup_beside import province_forecast_table
from kts_analysis.rollup_tables import names_text
from kts_analysis.rows import Row, missing, rows_of
from kts_analysis.schema import worst_origin
from kts_analysis.wording import status_text

SAME = 0.05  # points; what one decimal cannot show is no difference
RHO_DECIMALS = 2
ALIKE = 0.1  # part by which two intervals' widths may differ and still be called alike


def rollup_notes(m: Messages) -> list[str]:
    """Return what a reader must know of bounds and of forecasts from the areas."""
    return [
        m(
            "Where areas are missing no mean stands in for them: sure bounds count the missing at "
            "the lowest and the highest value there can be, likely bounds at the lowest and the "
            "highest that the others have had. Where accounts or subscriptions stand for people, "
            "reports can pass the upper bound."
        ),
        m(
            "The areas' own forecasts are added up by their denominators. Each starts at the "
            "area's newest figure and borrows its pace from the others; the series of sums stands "
            "alone and uses only years without a missing area, so the two may differ. Errors of "
            "areas partly cancel out, the less the more they go together: how far is estimated "
            "from their yearly steps, and the two ends stand beside."
        ),
    ]


@dataclass(frozen=True)
class WaysBlock:
    """A target's forecasts for the whole, side by side.

    Attributes
    ----------
    target : Target
        Of the plan as it stands, not of the one judged on sums.
    newest, whole : str
        Newest period of the sums, and the newest without a missing area; the latter empty where
        there is none.
    """

    context: Context
    target: Target
    newest: str
    whole: str

    @cached_property
    def ways(self) -> Sequence[Row]:
        """The whole's forecasts, one row a basis."""
        c = self.context
        return rows_of(province_forecast_table(c.view, c.plan, self.target, c.deadline))

    def parts(self) -> list[HTML]:
        """The forecasts side by side and why they may differ; nothing where there is but one."""
        c, m = self.context, self.context.m
        shown = [row for row in self.ways if not self._is_the_estimate_again(row)]
        if not any(row["basis"].startswith("districts") for row in shown):
            return []
        caption = m(
            "{target} on {date}: the whole, forecast in several ways",
            target=self.target.id,
            date=m.date(c.deadline_day),
        )
        labels = [self._label(row) for row in shown]
        body = rollup_tables.forecast_table(
            shown, labels, m, caption, synthetic=self.origin == "synthetic"
        )
        return [
            fragment(
                "section.html",
                m,
                id="",
                level=4,
                title=m("From the areas, and from the whole's own series"),
                paragraphs=[" ".join(self._reasons())],
                body=body,
            )
        ]

    @property
    def origin(self) -> str:
        """The origin a forecast from the areas must carry."""
        c = self.context
        parts = rollup.standing_parts(c.plan, c.registry, c.as_of)
        cases = [make_case(c.view, area, c.plan, self.target, c.deadline) for area in parts]
        return worst_origin({case.origin for case in cases})

    def _is_the_estimate_again(self, row: Row) -> bool:
        """Whether a row is an end of the band that the estimate itself has reached."""
        estimate = self._way("districts")
        ends = ("districts_independent", "districts_common_fate")
        if estimate is None or row["basis"] not in ends:
            return False
        return bool(round(row["rho"], RHO_DECIMALS) == round(estimate["rho"], RHO_DECIMALS))

    def _way(self, *bases: str) -> Row | None:
        """Return the first basis there is."""
        found = (row for basis in bases for row in self.ways if row["basis"] == basis)
        return next(found, None)

    def _label(self, row: Row) -> str:
        m, basis = self.context.m, row["basis"]
        if basis == "districts":
            return m(
                "the areas' own forecasts; their errors go together as estimated (correlation "
                "{rho})",
                rho=m.number(row["rho"], RHO_DECIMALS),
            )
        if basis == "districts_independent":
            return m("the areas' own forecasts, if their errors were independent")
        if basis == "districts_common_fate":
            return m("the areas' own forecasts, if all errors went together")
        n = int(row["n_points"])
        if basis == "published":
            return m.n("the published series ({n} figure)", "the published series ({n} figures)", n)
        return m.n(
            "the areas' counts added up ({n} complete year)",
            "the areas' counts added up ({n} complete years)",
            n,
        )

    def _reasons(self) -> list[str]:
        """Say where the ways differ and why they may."""
        areas, direct = self._way("districts", "districts_independent"), self._way("summed")
        texts = [self._apart(areas, direct)] if areas and direct else []
        if areas is not None:
            texts += self._of_the_areas(areas)
        texts += self._of_the_sums(direct)
        return [*texts, *self._of_the_published(), *self._words_apart()]

    def _apart(self, areas: Row, direct: Row) -> str:
        m = self.context.m
        said = {"areas": m.percent(areas["median"]), "sums": m.percent(direct["median"])}
        gap = abs(round(areas["median"], 1) - round(direct["median"], 1))  # as they are printed
        text = (
            m("The areas' own forecasts and the series of their sums both come to {sums}", **said)
            if gap < SAME
            else m(
                "The areas' own forecasts come to {areas}, the series of their sums to {sums}: "
                "{points} apart",
                points=m.points(gap, signed=False),
                **said,
            )
        )
        width = (areas["hi80"] - areas["lo80"]) / max(direct["hi80"] - direct["lo80"], 1e-9)
        if width < 1 - ALIKE:
            return m("{text}; the first interval is narrower.", text=text)
        if width > 1 + ALIKE:
            return m("{text}; the first interval is wider.", text=text)
        return f"{text}."

    def _of_the_areas(self, row: Row) -> list[str]:
        c, m = self.context, self.context.m
        texts = []
        if row["basis"] != "districts":
            texts.append(
                m(
                    "Too few years tell how far the areas' errors go together: only the two ends "
                    "are known."
                )
            )
        if row["missing"]:
            names = names_text(row["missing"], c.registry, m)
            texts.append(
                m(
                    "Left out, without counts or a forecast of their own: {names}.",
                    names=names,
                )
                if missing(row["coverage"])
                else m(
                    "Left out, without counts or a forecast of their own: {names}; the others hold "
                    "{coverage} of the whole.",
                    names=names,
                    coverage=m.percent(row["coverage"]),
                )
            )
        return texts

    def _of_the_sums(self, row: Row | None) -> list[str]:
        """Say that complete sums are too few, or older than the areas' own figures."""
        m = self.context.m
        if row is None:
            return [m("The sums have too few complete years: not enough to judge from them.")]
        if self.whole != self.newest:
            period = m.period(self.whole)
            return [m("The sums end in {period}, the last without a missing area.", period=period)]
        return []

    def _of_the_published(self) -> list[str]:
        """Say that the published series is another method, or too short to be projected."""
        m, case = self.context.m, self._published
        if not case.line.figures or case.line.series == rollup.SERIES:
            return []
        if self._way("published") is not None:
            return [m("The published series follows another method and may count otherwise.")]
        n = len(case.line.figures)
        return [
            m.n(
                "The published series has {n} figure: not enough to judge from it.",
                "The published series has {n} figures: not enough to judge from it.",
                n,
            )
        ]

    @cached_property
    def _published(self) -> Case:
        """The whole's own series."""
        c = self.context
        home = c.registry.area(c.plan.home)
        return make_case(c.view, home, c.plan, self.target, c.deadline)

    def _words_apart(self) -> list[str]:
        """Say where the ways would be read differently: then the word turns on the way."""
        m = self.context.m
        chosen = [self._way("districts"), self._way("published"), self._way("summed")]
        words = {
            row["basis"]: status_text(grade(row["probability"]), m)
            for row in chosen
            if row is not None and not missing(row["probability"])
        }
        if len(set(words.values())) < 2:
            return []
        names = {
            "districts": m("by the areas"),
            "published": m("by the published series"),
            "summed": m("by the sums"),
        }
        listed = "; ".join(f"{names[basis]}: {word.lower()}" for basis, word in words.items())
        return [m("The ways are read differently ({listed}): no firm word.", listed=listed)]
