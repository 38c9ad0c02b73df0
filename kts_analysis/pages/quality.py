"""The data-quality page: what is there, late, missing, doubtful, revised; what to ask of whom."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass
from functools import cached_property
from typing import Any

import pandas as pd
from IPython.display import HTML
from markupsafe import Markup

from kts_analysis import quality, quality_findings, tables
from kts_analysis.entries import Plan
from kts_analysis.errors import SHOWN_AT_MOST
from kts_analysis.fragments import fragment, render, table
from kts_analysis.i18n import Messages
from kts_analysis.pages.context import Context, stand
from kts_analysis.pages.quality_tables import (
    Listing,
    late_list,
    missing_list,
    revised_list,
    state_tables,
    suspicious_list,
)
from kts_analysis.pages.quality_words import COUNTED, ended_text, kind_of, request_line
from kts_analysis.registry import Registry
from kts_analysis.rows import Row, rows_of
from kts_analysis.tables import MOST, SHOWN
from kts_analysis.vi import MISSING, sort_key

LISTED = 40  # rows of a list: ours, a page is read, the command prints all


def data_quality(
    plan: str, *, as_of: str | None = None, lang: str = "vi", data: str | None = None
) -> QualityReport:
    """Return the data-quality page of a plan's areas; errors in the data are listed on it.

    Parameters
    ----------
    plan : str
        Plan id.
    as_of : str, optional
        Day to stand on; by default the date of the newest figure.
    lang : {"vi", "en"}
    data : str, optional
        Data folder.

    Raises
    ------
    KtsError
        No such plan, or `as_of` is no date.

    Examples
    --------
    >>> import kts_analysis as kts
    >>> page = kts.data_quality("nam-dinh-105", as_of="2025-06-30", lang="en")
    >>> page.context.as_of.isoformat()
    '2025-06-30'
    """
    view, errors = stand(as_of, data)
    chosen = view.registry.plan(plan)
    return QualityReport(Context(chosen, chosen.deadlines[0], view, errors, Messages(lang)))


def quality_header(reports: Sequence[QualityReport]) -> HTML:
    """Return title, dates, errors in the data and the mark of synthetic data of one or more."""
    c, m = reports[0].context, reports[0].context.m
    known = c.known[c.known["area_code"].isin({code for r in reports for code in r.plan.areas})]
    texts = [problem.text(m) for problem in c.problems]
    notes = [m("An error in the data: {problem}", problem=text) for text in texts[:SHOWN_AT_MOST]]
    if len(texts) > SHOWN_AT_MOST:
        left = m.count(len(texts) - SHOWN_AT_MOST)
        notes.append(m("{n} more errors: kts check lists all.", n=left))
    return fragment(
        "header.html",
        m,
        kicker=" · ".join(report.plan.name.get(m.lang) for report in reports),
        title=m("Data quality"),
        facts=[
            (m("Figures published up to"), m.date(c.as_of) if len(c.known) else MISSING),
            (m("Figures"), m.count(len(known))),
        ],
        synthetic=tables.is_synthetic(known),
        notes=notes,
    )


@dataclass(frozen=True)
class QualityReport:
    """The parts of a plan's data-quality page, in the order they stand on it."""

    context: Context

    @property
    def plan(self) -> Plan:
        """The plan whose areas it is about."""
        return self.context.plan

    @cached_property
    def sound(self) -> list[str]:
        """The plan's areas without errors in their data: of the others nothing is known."""
        broken = {code for problem in self.context.problems for code in problem.areas}
        return [code for code in self.plan.areas if code not in broken]

    @cached_property
    def findings(self) -> pd.DataFrame:
        """Everything there is to ask about."""
        return quality_findings.findings(self.context.view, self.plan, areas=self.sound)

    @cached_property
    def shown(self) -> list[str]:
        """The areas shown, by name: all, or of very many those with most to ask."""
        first = quality_findings.by_urgency(self.findings)
        rest = [code for code in self.sound if code not in set(first)]
        codes = self.sound if len(self.sound) <= MOST else [*first, *rest][:SHOWN]
        return sorted(codes, key=lambda code: sort_key(self.context.registry.area(code).name))

    def parts(self) -> list[HTML]:
        """All parts but the header."""
        parts = [self.summary(), self.requests(), self.coverage()]
        return [*parts, self.late(), self.missing(), self.suspicious(), self.revised()]

    def header(self) -> HTML:
        """Title, dates, errors in the data, and the mark of synthetic data."""
        return quality_header([self])

    def summary(self) -> HTML:
        """How much there is to ask, and what "late" means."""
        c, m = self.context, self.context.m
        kinds = [kind_of(finding) for finding in self.findings["finding"]]
        counts = "; ".join(
            f"{m(word.text)}: {m.count(kinds.count(kind))}" for kind, word in COUNTED.items()
        )
        texts = [
            m("Figures to ask about: {counts}.", counts=counts),
            m(
                "Late: the year is over and the usual delay of the measuring method has passed. "
                "The delays are assumed (series.yml): {delays}.",
                delays=self._delays(),
            ),
        ]
        if len(self.sound) > len(self.shown):
            texts.append(
                m(
                    "Of {n} areas the {shown} with most to ask about are shown; the command kts "
                    "quality prints all.",
                    n=m.count(len(self.sound)),
                    shown=m.count(len(self.shown)),
                )
            )
        if len(self.sound) < len(self.plan.areas):
            left = [code for code in self.plan.areas if code not in self.sound][:SHOWN]
            names = ", ".join(c.registry.area(code).title(m.lang) for code in left)
            texts.append(m("Not looked at before the errors are mended: {names}.", names=names))
        if any(not problem.areas for problem in c.problems):
            texts.append(
                m(
                    "Some errors do not tell whose figures they concern: a figure asked about "
                    "here may have been sent."
                )
            )
        return self._section(self.plan.name.get(m.lang), Markup(""), *texts, level=2)

    def requests(self) -> HTML:
        """What to ask of whom, the most urgent first, in words for a letter."""
        c, m = self.context, self.context.m
        wanted = self._of_shown(self.findings)
        made = quality_findings.requests(wanted)
        areas = []
        for code in dict.fromkeys(one.area_code for one in made):
            rows = rows_of(wanted[wanted["area_code"] == code])
            ended = c.registry.area(code).valid_to
            areas.append(
                {
                    "title": c.registry.area(code).title(m.lang),
                    "counts": _counts(rows),
                    "synthetic": tables.is_synthetic(rows),
                    "note": ended_text(code, c.registry, m) if ended and ended < c.as_of else "",
                    "lines": [
                        request_line(one, c.registry, m) for one in made if one.area_code == code
                    ],
                }
            )
        body = render("requests.html", m, areas=areas) if areas else self._nothing()
        return self._section(m("What to ask of whom"), body)

    def coverage(self) -> HTML:
        """Every area, indicator and year: one table an indicator."""
        c, m = self.context, self.context.m
        text = m("What stands at the end of each year, by the measuring method of the plan.")
        body = state_tables(self._cells, c.registry, m)
        return self._section(m("Figures by area and year"), body, text)

    def late(self) -> HTML:
        """Figures that should be here by now."""
        return self._list(self.context.m("Late figures"), "late", late_list)

    def missing(self) -> HTML:
        """Figures that were passed over, never reported, or are here by another method only."""
        return self._list(self.context.m("Missing figures"), "missing", missing_list)

    def suspicious(self) -> HTML:
        """Figures that carry a remark."""
        return self._list(self.context.m("Figures to be confirmed"), "suspicious", suspicious_list)

    def revised(self) -> HTML:
        """Figures published again with another value, and the verdicts that turn on them."""
        return self._list(self.context.m("Figures that were revised"), "revised", revised_list)

    @cached_property
    def _cells(self) -> pd.DataFrame:
        return quality.coverage(self.context.view, self.plan, areas=self.shown)

    def _delays(self) -> str:
        """Return the delay assumed of each measuring method the plan follows."""
        c, m = self.context, self.context.m
        used = sorted(set(self._cells["series"]) - {""})
        return "; ".join(
            m(
                "{series} {days} days",
                series=c.registry.series[name].name.get(m.lang),
                days=m.count(c.registry.series[name].lag_days),
            )
            for name in used
        )

    def _of_shown(self, found: pd.DataFrame) -> pd.DataFrame:
        return found[found["area_code"].isin(self.shown)]

    def _rows(self, kind: str) -> list[Row]:
        """Return the findings of one kind of the areas shown, areas by name."""
        place = {code: number for number, code in enumerate(self.shown)}
        mine = rows_of(self._of_shown(self.findings))
        wanted = [row for row in mine if kind_of(row["finding"]) == kind]
        return sorted(wanted, key=lambda row: place[row["area_code"]])

    def _list(
        self, title: str, kind: str, listing_of: Callable[[list[Row], Registry, Messages], Listing]
    ) -> HTML:
        """Return a list as a table; of a very long one the beginning, and how long it is."""
        c, m = self.context, self.context.m
        rows = self._rows(kind)
        if not rows:
            return self._section(title, self._nothing())
        listing = listing_of(rows[:LISTED], c.registry, m)
        body = table(
            m,
            m("{title}, as of {date}", title=title, date=m.date(c.as_of)),
            listing.columns,
            listing.rows,
            synthetic=tables.is_synthetic(rows),
            text_columns=listing.text_columns,
        )
        texts = []
        if len(rows) > LISTED:
            counts = {"n": m.count(len(rows)), "shown": m.count(LISTED)}
            texts.append(m("Of {n} the first {shown}; kts quality prints all.", **counts))
        return self._section(title, body, *texts)

    def _nothing(self) -> Markup:
        return Markup("<p>{}</p>").format(self.context.m("Nothing to ask about."))

    def _section(self, title: str, body: Markup, *paragraphs: str, level: int = 3) -> HTML:
        m = self.context.m
        anchor = self.plan.id if level == 2 else ""
        return fragment(
            "section.html",
            m,
            id=anchor,
            title=title,
            body=body,
            paragraphs=paragraphs,
            level=level,
        )


def _counts(rows: Iterable[Row]) -> list[tuple[Any, int]]:
    """Return how many of each kind there are, without those there are none of."""
    kinds = [kind_of(row["finding"]) for row in rows]
    return [(word, kinds.count(kind)) for kind, word in COUNTED.items() if kind in kinds]
