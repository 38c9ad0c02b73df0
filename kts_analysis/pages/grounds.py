"""What a target's chance stands on: who lent, what was left out, how such statements fared."""

from __future__ import annotations

from typing import Any

from markupsafe import Markup

from kts_analysis.attainment import years_between
from kts_analysis.backtest.evidence import calibration_line, calibration_note, load_evidence
from kts_analysis.cases import Case
from kts_analysis.fragments import Cell, table
from kts_analysis.i18n import LANGUAGES, N_, Messages
from kts_analysis.neighbours import lines_matrix
from kts_analysis.pace_records import pace_record, pace_sentence, record_elsewhere
from kts_analysis.paces import PACE_REASONS, RequiredPace, required_paces
from kts_analysis.periods import date_at, year_position
from kts_analysis.rows import Row, missing
from kts_analysis.windows import scale_pace
from kts_analysis.wording import METHODS

PROVINCE_SIZE = 20  # up to so many areas the record of small panels speaks, else that of large ones

PACE_NAMES = {
    "points": N_("points a year"),
    "compound": N_("growth rate, % a year"),
    "log": N_("logarithmic rate, % a year"),
    "logit": N_("logit a year"),
}


def proof_page(lang: str) -> str:
    """Return the name of the page that shows the evidence, in the run's folder."""
    return "backtest.html" if lang == LANGUAGES[0] else f"backtest.{lang}.html"


def basis_text(case: Case, m: Messages) -> str:
    """Return in a few words what a projection rests on."""
    fit = case.fit
    text = f"{m(METHODS[fit.method])}; " + m.n("{n} figure", "{n} figures", len(fit.times))
    if fit.n_areas > 1:
        text += "; " + m(
            "{share} of pace and spread borrowed from {n} other areas",
            share=m.percent(fit.borrowed, 0),
            n=m.count(fit.n_areas - 1),
        )
    return text


def record_lines(
    case: Case, verdict: Row, counted: str, m: Messages, *, linked: bool = True
) -> list[str]:
    """Return how such chances and such paces fared in the past.

    Parameters
    ----------
    case : Case
    verdict : mapping
        Its row of the verdict table.
    counted : str
        What the indicator's denominator counts; money shares have no like among services taken up.
    linked : bool
        Whether the page that shows the proof is linked to; paper has no links.
    """
    lines: list[str] = []
    if not missing(verdict["probability"]):
        if case.fit.line is None or verdict["breakdown"]:
            lines.append(
                m(
                    "How often such statements came true was not checked: the tests had three "
                    "figures or more, one series at a time."
                )
            )
        else:
            lines.append(record_note(case, float(verdict["probability"]), m, linked=linked))
    if verdict["pace_required"] > 0:
        lines.append(_kept_before(case, verdict, counted, m))
    return lines


def warnings_of(case: Case, m: Messages) -> list[str]:
    """Return what a reader must know of the figures: changes of level, of method."""
    notes = []
    if case.fit.shift:
        when, size = case.fit.shift
        notes.append(
            m(
                "The figure of {date} stands {points} from the one before it, far more than any "
                "other step: it is taken for a change of level or of method, not for pace. "
                "Check it.",
                date=m.date(date_at(when)),
                points=m.points(size),
            )
        )
    elif case.fit.odd_step is not None:
        notes.append(
            m(
                "The step up to {date} is far larger than the others. If it is a change of "
                "method, say so in the data; the projection takes it for a real change.",
                date=m.date(date_at(case.fit.odd_step)),
            )
        )
    if "beyond_bound" in case.fit.notes:
        notes.append(m("Figures beyond 100% are taken as 100% in the projection."))
    if any("method_break" in figure.flags.split(";") for figure in case.line.figures):
        notes.append(
            m("Method or definition changed; the trend uses only the figures after the change.")
        )
    return notes


def record_note(case: Case, probability: float, m: Messages, *, linked: bool) -> str:
    """Return how often such statements came true, on a page with the link to the proof."""
    horizon = case.projection.horizon
    method = _record_method(case.fit.n_areas)
    if not linked:
        return calibration_line(probability, m, horizon=horizon, method=method)
    href = f"../{proof_page(m.lang)}#{method}"
    return calibration_note(probability, m, horizon=horizon, method=method, href=href)


def _record_method(n_areas: int) -> str:
    """Return the method of the evidence file whose record speaks for a projection."""
    if n_areas == 1:
        return "series"
    known = load_evidence()["methods"]
    small = "panel-10" in known and n_areas <= PROVINCE_SIZE
    return "panel-10" if small else "panel"


def _kept_before(case: Case, verdict: Row, counted: str, m: Messages) -> str:
    """Say how often such a pace was kept: by the areas side by side, and elsewhere.

    Counted from the newest figure: that far the projection looks, whatever the day of the page.
    """
    level, comparator = float(verdict["latest"]), str(verdict["comparator"])
    left = year_position(case.deadline) - float(case.fit.times[-1])
    bounds = case.fit.scale.lower, case.fit.scale.upper
    times, matrix, _ = lines_matrix(case.neighbours)
    record = pace_record(
        times,
        matrix,
        float(verdict["gap"]) / left,
        left,
        level=level,
        bounds=bounds,
        comparator=comparator,
    )
    elsewhere = None
    taken_up = counted != "money" and comparator in (">", ">=") and bounds == (0, 100)
    if taken_up:  # what the shipped table counts
        pace = scale_pace(level, float(verdict["threshold"]), left)
        elsewhere = record_elsewhere(pace, left, level)
    text = m("From the newest figure on:") + " " + pace_sentence(record, elsewhere, m)
    made_up = case.neighbours.origin == "synthetic"
    return f"{m('SYNTHETIC')}: {text}" if made_up else text


def paces_table(case: Case, verdict: Row, m: Messages) -> Markup | None:
    """Return the required pace in its four definitions; None where none is required."""
    threshold = case.judged
    if threshold is None or threshold.value is None or not verdict["pace_required"] > 0:
        return None
    paces = required_paces(
        float(verdict["latest"]),
        threshold.value,
        threshold.comparator or ">=",
        years_between(case.as_of, case.deadline),
        case.fit.times,
        case.fit.values,
        (case.fit.scale.lower, case.fit.scale.upper),
    )
    columns = [m("Definition"), m("Required"), m("So far"), m("Required against so far")]
    return table(
        m,
        m("Pace required from now to the deadline, in four definitions"),
        columns,
        [_pace_row(pace, m) for pace in paces],
        synthetic=case.origin == "synthetic",
    )


def _pace_row(pace: RequiredPace, m: Messages) -> list[Cell]:
    def shown(value: float, mark: str = "") -> Any:
        return "—" if value != value else f"{mark}{m.number(value, 2)}"

    name, reason = m(PACE_NAMES[pace.definition]), PACE_REASONS[pace.reason]
    return [
        f"{name} ({m(reason)})" if reason else name,
        shown(pace.required),
        shown(pace.observed),
        shown(pace.acceleration, "× "),
    ]


def parts_table(case: Case, m: Messages) -> Markup | None:
    """Return the parts of a projection: slopes, errors, what was shrunk and how much."""
    fit, path = case.fit, case.fit.path
    if path is None:
        return None
    seen = fit.diagnostics
    unit = m("logit") if fit.scale.bounded else m("working scale")
    rows: list[tuple[str, float | None]] = [
        (m("Own slope a year ({unit})", unit=unit), fit.pace),
        (m("Its standard error"), fit.pace_se),
        (m("Pace used at the start"), float(path.pace[0])),
        (m("Part of the pace left after a year"), float(path.damping[0])),
        (m("Weight of the area's own evidence"), float(path.own_weight[0])),
        (m("How straight the series is (0 to 1)"), float(path.straight[0])),
        (m("Typical error of a year's step"), float(path.error[0]) ** 0.5),
        (m("Standard deviation of the residuals of the line"), seen.residual_sd),
        (m("Correlation of neighbouring residuals"), seen.memory),
        (m("Largest residual, in standard deviations"), seen.largest),
    ]
    body: list[list[Cell]] = [
        [name, "—" if value is None or value != value else m.number(value, 3)]
        for name, value in rows
    ]
    caption = m("Parts of the projection of {target}", target=case.target.id)
    columns = [m("Part"), m("Value")]
    return table(m, caption, columns, body, synthetic=case.origin == "synthetic")
