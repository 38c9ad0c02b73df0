"""What official rules would say of a target: one sentence and a table, part of a target's block."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from typing import Any

import pandas as pd
from IPython.display import HTML

from kts_analysis.cases import Case, status_of
from kts_analysis.figures import Figures, newest_of
from kts_analysis.fragments import Cell, fragment, table
from kts_analysis.i18n import Messages
from kts_analysis.rows import missing
from kts_analysis.rules.compare import (
    Stability,
    by_step,
    disagree,
    past_years,
    side_by_side,
    stability,
    yearly,
)
from kts_analysis.rules.grade import Grade
from kts_analysis.rules.words import EVIDENCE, MEASURES, REASONS, RULE_NAMES, STEPS
from kts_analysis.selection import BOUNDS
from kts_analysis.wording import chance_text, status_text

EVEN = 0.5  # our chance from here up says "on track", as a rule's top grade does
PERCENT_NUMBERS = ("escap_api", "jmp")  # their progress number is percent 0-100


@dataclass(frozen=True)
class RuleResults:
    """What the rules say of one case.

    Attributes
    ----------
    grades : list of Grade
        One a rule, in the order of the table.
    stability : list of Stability
        The same rules over past releases, or past years where releases are not known apart.
    by_release : bool
        Whether stability counts releases as they were published, not years of today's figures.
    base_year : int
        Year of the first figure.
    latest_year : int
        Year of the newest figure they are given.
    """

    grades: list[Grade]
    stability: list[Stability]
    by_release: bool
    base_year: int
    latest_year: int

    @property
    def graded(self) -> list[Grade]:
        """The rules that give a grade."""
        return [grade for grade in self.grades if grade.step != "no_grade"]


def rule_results(case: Case, known: pd.DataFrame | Figures | None = None) -> RuleResults | None:
    """Return what the rules say of a case, from its yearly figures up to the deadline.

    Parameters
    ----------
    case : Case
        The direction follows the threshold's comparator. The base is the first figure's year:
        plan files name none.
    known : pandas.DataFrame or Figures, optional
        All observations known, with their past vintages; without them stability is by year.

    Returns
    -------
    RuleResults or None
        None without a threshold, or where no rule can give a grade.
    """
    threshold = case.judged
    if threshold is None or threshold.value is None or not case.line.figures:
        return None
    series = yearly(case.line.fit_times.tolist(), case.line.fit_values.tolist())
    if not series:
        return None
    asked: dict[str, Any] = {
        "target": threshold.value,
        "target_year": case.deadline.year,
        "base_year": min(series),
        "direction": 1 if threshold.comparator in (">", ">=") else -1,
    }
    releases = [] if known is None else past_releases(case, known)
    by_release = len(releases) > 1
    past: Iterable[tuple[str, dict[Any, float]]] = (
        releases if by_release else past_years(series, case.deadline.year)
    )
    # JMP draws a level and gives no grade: beside grades its number would read as one.
    grades = [grade for grade in side_by_side(series, **asked) if grade.rule != "jmp"]
    latest = max(year for year in series if year <= case.deadline.year or year == min(series))
    found = RuleResults(grades, stability(past, **asked), by_release, min(series), latest)
    return found if found.graded else None


def past_releases(case: Case, known: pd.DataFrame | Figures) -> list[tuple[str, dict[int, float]]]:
    """Return the yearly figures as they were known after each past release that changed them.

    Empty for an area whose borders changed: its figures were put together since.
    """
    line = case.line
    if line.borders is not None:
        return []
    broken = line.newest_break  # figures from before it belong to another method
    wanted = line.series, line.breakdown
    mine = [
        figure
        for figure in Figures.of(known).at(case.area.code, line.indicator)
        if (figure.series, figure.breakdown) == wanted and figure.t >= broken
    ]
    releases: list[tuple[str, dict[int, float]]] = []
    for day in sorted({figure.vintage_date for figure in mine}):
        points = newest_of(figure for figure in mine if figure.vintage_date <= day)
        firm = [figure for figure in points if figure.qualifier not in BOUNDS]
        series = yearly([figure.t for figure in firm], [figure.value for figure in firm])
        if len(series) > 1 and (not releases or series != releases[-1][1]):
            releases.append((day.isoformat(), series))
    return releases


def rules_part(
    case: Case,
    m: Messages,
    known: pd.DataFrame | Figures | None = None,
    chance: float | None = None,
) -> HTML | None:
    """Return the fragment of a target's block, or None where no rule gives a grade.

    Parameters
    ----------
    case, known
        As in :func:`rule_results`.
    chance : float, optional
        Our chance (0 to 1) where it is not the case's own: all sectors of a target together.
    """
    found = rule_results(case, known)
    if found is None:
        return None
    synthetic = case.origin == "synthetic"
    return fragment(
        "rules.html",
        m,
        sentence=rules_sentence(case, found, m, chance),
        table=rules_table(case, found, m),
        notes=_notes(case, found, m),
        synthetic=synthetic,
    )


def rules_words(
    case: Case, m: Messages, known: pd.DataFrame | Figures | None, chance: float | None
) -> str:
    """Return the sentence of `rules_part` alone; "" where no rule gives a grade."""
    found = rule_results(case, known)
    return "" if found is None else rules_sentence(case, found, m, chance)


def rules_sentence(case: Case, found: RuleResults, m: Messages, chance: float | None = None) -> str:
    """Say whether the rules agree with one another and with our chance or the result."""
    count = len(found.graded)
    steps = by_step(found.graded)
    listed = "; ".join(f"{m(STEPS[step])}: {len(rules)}" for step, rules in steps.items())
    text = (
        m(
            "Statistical organisations' rules that give a grade, on figures to {year}: {n}.",
            n=m.count(count),
            year=str(found.latest_year),
        )
        + " "
    )
    if disagree(found.graded):
        text += m("They disagree – {counts}.", counts=listed)
    elif count > 1:
        text += m("They agree – {counts}.", counts=listed)
    else:
        text += m("It says: {step}.", step=m(STEPS[found.graded[0].step]))
    if case.past and case.final is not None:
        status, _ = status_of(case)
        text += " " + m(
            "The figure at the deadline decides: {status}.", status=status_text(status, m).lower()
        )
        if case.judged and case.judged.comparator in (">", "<"):
            text += " " + m("(The rules take the threshold itself as enough; the target does not.)")
        return text
    chance = case.chance if chance is None else chance
    if missing(chance):
        return f"{text} " + m("We give no chance from these figures.")
    same = sum((grade.step == "on_track") == (chance >= EVEN) for grade in found.graded)
    unsure = sum(grade.evidence == "unverified" for grade in found.graded)
    text += " " + m(
        "Our chance is {chance}; taking 50% or more as on track, {same} of {n} say the same "
        "({unsure} of the {n} unverified).",
        chance=chance_text(chance, m),
        same=m.count(same),
        n=m.count(count),
        unsure=m.count(unsure),
    )
    if 2 * same <= count:
        text += " " + m(
            "They prolong the average pace since {year}; we start from the newest figure, and "
            "gains grow harder near 100%.",
            year=found.base_year,
        )
    return text


def rules_table(case: Case, found: RuleResults, m: Messages) -> Cell:
    """Return one row a rule: its grade, its number, how its grade moved."""
    moved = {row.rule: row for row in found.stability}
    rows: list[list[Cell]] = [
        [
            m(RULE_NAMES[grade.rule]),
            grade_text(grade, m),
            _number(grade, m),
            m(MEASURES[grade.rule]),
            stability_text(moved.get(grade.rule), m, by_release=found.by_release),
        ]
        for grade in found.grades
    ]
    return table(
        m,
        m(
            "How statistical organisations would grade {target} for {year}, on figures to {latest}",
            target=case.target.id,
            year=str(case.deadline.year),
            latest=str(found.latest_year),
        ),
        [m("Rule"), m("Grade"), m("Number"), m("What the number is"), m("Over time")],
        rows,
        synthetic=case.origin == "synthetic",
        text_columns=(1, 3, 4),
    )


def grade_text(grade: Grade, m: Messages) -> str:
    """Return a grade with the mark "unverified" where it rests on what is only remembered."""
    text = m(grade.label)
    if grade.step == "no_grade":
        text = f"{text}: {m(REASONS[grade.reason])}"
    if grade.evidence == "unverified":
        text += f" ({m(EVIDENCE['unverified'])})"
    return text


def stability_text(row: Stability | None, m: Messages, *, by_release: bool) -> str:
    """Return how often a grade changed: "2 changes over 5 years"; "—" with fewer than two."""
    if row is None or row.graded < 2:
        return "—"
    over = m.count(row.graded)
    if by_release:
        text = m.n(
            "{n} change over {k} releases", "{n} changes over {k} releases", row.changes, k=over
        )
    else:
        text = m.n("{n} change over {k} years", "{n} changes over {k} years", row.changes, k=over)
    if row.jumps:
        text += ", " + m.n(
            "{n} of them by two grades or more", "{n} of them by two grades or more", row.jumps
        )
    return text


def _number(grade: Grade, m: Messages) -> str:
    if grade.progress is None:
        return "—"
    if grade.rule in PERCENT_NUMBERS:
        return m.percent(grade.progress)
    return m.number(grade.progress, 2)


def _notes(case: Case, found: RuleResults, m: Messages) -> list[str]:
    notes = [
        m(
            "Measured from {year}, the year of the first figure: the plan names no base year. "
            "One figure a year, the one nearest to its end, none after the deadline.",
            year=found.base_year,
        ),
        m("These are rules of statistical organisations abroad, not of Vietnam; for reference."),
        m(
            "Words and cuts are the organisations' own, the translation and the three common "
            "meanings (on track, behind, far behind) ours. None of them states a chance."
        ),
    ]
    if case.judged and case.judged.comparator in (">", "<"):
        notes.append(
            m("The rules count a figure at the threshold as enough; this target asks for more.")
        )
    if any(grade.evidence == "unverified" for grade in found.grades):
        notes.append(m("Unverified: a formula or cut not yet read in the organisation's own text."))
    return notes
