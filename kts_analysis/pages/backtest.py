"""The page of the proof: what past projections were worth, and the same test on data that ship."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import date
from typing import Any

from IPython.display import HTML

from kts_analysis.backtest.evidence import (
    HORIZON_GROUPS,
    LEAST_COUNT,
    MAIN_METHODS,
    calibration_line,
    group_name,
    load_evidence,
    main_method,
)
from kts_analysis.backtest.evidence_file import reliability_rows
from kts_analysis.backtest.figures import horizon_figure, reliability_figure
from kts_analysis.backtest.methods import choose_methods
from kts_analysis.backtest.panels import panel_of_observations
from kts_analysis.backtest.scores import summarise
from kts_analysis.backtest.trial import Trial, run_trial
from kts_analysis.fragments import Cell, fragment, table
from kts_analysis.i18n import Messages

LIVE_METHODS = ("panel", "series", "no_change", "line")
LIVE_PUBLISHED = ("series", "no_change", "line")  # single series: there are no other areas
COMPARED = ("no_change", "line", "statsforecast-drift", "statsforecast-theta")
LEAST_POINTS = 4  # three to project from and one to compare with
SMALL = "panel-10"  # a province's ten districts
SAID = 0.75  # the chance whose record stands in the text


def backtest_report(*, lang: str = "vi", data: str | None = None) -> BacktestReport:
    """Return the page on how good past projections were.

    Parameters
    ----------
    lang : {"vi", "en"}
    data : str, optional
        Data folder of the live test.

    Raises
    ------
    KtsError
        The package has no evidence file.
    """
    return BacktestReport(load_evidence(), Messages(lang), data)


@dataclass(frozen=True)
class BacktestReport:
    """The parts of the page; every figure in a sentence comes from the evidence file."""

    evidence: Mapping[str, Any]
    m: Messages
    data: str | None = None

    @property
    def _main(self) -> Mapping[str, Any]:
        found: Mapping[str, Any] = self.evidence["methods"][main_method(self.evidence)]
        return found

    def header(self) -> HTML:
        """Title, what the test was made on and when."""
        m, about = self.m, self.evidence["about"]
        size = m(
            "{indicators} indicators, {units} areas, {cases} starting years",
            indicators=m.count(about["indicators"]),
            units=m.count(about["units"]),
            cases=m.count(about["cases"]),
        )
        facts = [
            (m("Computed on"), m.date(date.fromisoformat(about["date"]))),
            (m("Size of the test"), size),
            (m("File"), f"{about['data']} (SHA-256 {about['sha256'][:12]}…)"),
            (m("Version"), f"kts_analysis {about['package']}"),
        ]
        how = m(
            "Each projection stood in a past year, saw only the figures up to it (3 to 8 yearly "
            "figures), looked 1 to 6 years ahead and was compared with what came."
        )
        return fragment(
            "header.html",
            m,
            kicker=m("Proof"),
            title=m("What past projections were worth"),
            facts=facts,
            synthetic=about["synthetic"],
            notes=[how, about["note"].get(m.lang, "")] if about["note"] else [how],
        )

    def figures(self) -> HTML:
        """Every method on the same cases: errors, ratios to the line, coverage."""
        m, methods = self.m, self.evidence["methods"]
        rows: list[list[Cell]] = [_method_row(methods[name], m) for name in self.evidence["order"]]
        columns = [
            m("Method"),
            m("Mean error, points"),
            m("Error against the line"),
            m("Interval score against the line"),
            m("Brier score against the line"),
            m("80% interval held"),
            m("95% interval held"),
            m("Calibration error"),
            m("Gave nothing"),
        ]
        caption = m("Errors on the same cases; in brackets the 95% interval over areas")
        body = table(m, caption, columns, rows, synthetic=self._mark)
        return self._section(m("Against other methods"), body, [self._figures_sentence()])

    def _figures_sentence(self) -> str:
        m, ratio = self.m, self._main["ratio"]["mae"]
        return m(
            "The mean error of our projection is {share} of a straight line's, on the same cases.",
            share=m.percent(100 * ratio["value"], 0),
        )

    def summary(self) -> HTML:
        """The whole in three sentences, before any table."""
        m, whole = self.m, self._main["overall"]
        bin_ = self._main["reliability"]["all"][int(10 * SAID)]
        text = m(
            "In short: the error is {share} of prolonging a straight line; an 80% interval held "
            "{cover} of what came; what was given 70–80% came true in {came}.",
            share=m.percent(100 * self._main["ratio"]["mae"]["value"], 0),
            cover=m.percent(whole["cover80"]["value"], 0),
            came=m.percent(100 * bin_["came"] / bin_["count"], 0),
        )
        hint = m(
            "In every column against the line, less is better. Where a method gives nothing, no "
            "change stands in for it."
        )
        return self._section(m("In short"), "", [text, hint])

    def reliability(self) -> list[Any]:
        """Reliability diagram over everything, then the counts of each of our projections."""
        m, counts = self.m, self._main["reliability"]
        sentence = calibration_line(SAID, m, self.evidence)
        figure = reliability_figure(counts["all"], m, sentence, synthetic=self._mark)
        limits = m(
            "The cases are not independent: they come from {series} series, each asked about "
            "several times.",
            series=m.count(self.evidence["about"]["series_in_cases"]),
        )
        block = self._section(m("When we give a chance"), "", [sentence, limits])
        ours = [name for name in (*MAIN_METHODS, SMALL) if name in self.evidence["methods"]]
        return [block, figure, *(self._counts(name) for name in ours)]

    def _counts(self, name: str) -> HTML:
        """Counts behind the sentences of one projection, by how far ahead; its name is anchor."""
        m, entry = self.m, self.evidence["methods"][name]
        groups = ["all", *(group_name(low, high) for low, high in HORIZON_GROUPS)]
        rows: list[list[Cell]] = [
            [f"{10 * place}–{m.percent(10 * (place + 1), 0)}"]
            + [_share(entry["reliability"][group][place], m) for group in groups]
            for place in range(len(entry["reliability"]["all"]))
        ]
        years = [m("{low}–{high} years ahead", low=low, high=high) for low, high in HORIZON_GROUPS]
        caption = m("Share that came true (number of cases); – below {n} cases", n=LEAST_COUNT)
        columns = [m("Chance said"), m("All"), *years]
        body = table(m, caption, columns, rows, synthetic=self._mark)
        return fragment(
            "section.html", m, id=name, title=_method_name(entry, m), body=body, paragraphs=[]
        )

    def horizons(self) -> list[Any]:
        """Error by years ahead, against the other methods."""
        m, methods = self.m, self.evidence["methods"]
        first = main_method(self.evidence)
        shown = [first, *(name for name in COMPARED if name in methods and name != first)]
        rows = self._main["by_h"]
        sentence = m(
            "One year ahead our projection was off by {near} on average, {years} years ahead by "
            "{far}.",
            near=m.points(rows[0]["mae"], signed=False),
            far=m.points(rows[-1]["mae"], signed=False),
            years=rows[-1]["h"],
        )
        tables = {m(methods[name]["label"]): methods[name]["by_h"] for name in shown}
        figure = horizon_figure(tables, m, sentence, synthetic=self._mark)
        return [self._section(m("The farther ahead, the less sure"), "", [sentence]), figure]

    def coverage(self) -> HTML:
        """How often the intervals held what came, by points and years ahead."""
        m, cells = self.m, self._main["by_n_h"]
        whole = self._main["overall"]
        sentence = m(
            "Of all outcomes {eighty} lay inside our 80% interval and {ninetyfive} inside the 95% "
            "interval.",
            eighty=m.percent(whole["cover80"]["value"], 0),
            ninetyfive=m.percent(whole["cover95"]["value"], 0),
        )
        found = {(cell["n"], cell["h"]): cell for cell in cells}
        horizons = sorted({h for _, h in found})
        rows: list[list[Cell]] = [
            [m.n("{n} figure", "{n} figures", n)] + [_cover(found.get((n, h)), m) for h in horizons]
            for n in sorted({n for n, _ in found})
        ]
        columns = [m("Figures known"), *(m.n("{n} year", "{n} years", h) for h in horizons)]
        caption = m("Share of outcomes inside the 80% / 95% interval, by years ahead")
        body = table(m, caption, columns, rows, synthetic=self._mark)
        return self._section(m("Do the intervals hold?"), body, [sentence])

    def live(self) -> list[Any]:
        """The same test, run now on the sample districts: SYNTHETIC, it shows how, not how good."""
        m = self.m
        panels = [panel for panel in panel_of_observations(self.data) if panel.synthetic]
        title = m("The same test, run here: sample districts")
        if not panels:
            text = m("The data folder holds no synthetic figures.")
            return [self._section(title, "", [text])]
        trial = run_trial(panels, choose_methods(LIVE_METHODS))
        text = m("SYNTHETIC DATA: this shows how the test works, not how good it is.")
        outcomes = trial.outcomes[LIVE_METHODS[0]]
        bins = reliability_rows(outcomes.chances)
        sentence = _live_sentence(bins, m)
        return [
            self._section(title, _trial_table(trial, m), [text, sentence]),
            reliability_figure(bins, m, sentence, synthetic=True),
        ]

    def published(self) -> HTML:
        """The same test on the published series that are long enough."""
        m = self.m
        found = [panel for panel in panel_of_observations(self.data) if not panel.synthetic]
        panels = [panel for panel in found if panel.most_points >= LEAST_POINTS]
        title = m("The same test, run here: published series")
        if not panels:
            text = m("No published series has {n} yearly figures.", n=LEAST_POINTS)
            return self._section(title, "", [text])
        trial = run_trial(panels, choose_methods(LIVE_PUBLISHED))
        text = m(
            "Only {series} published series are long enough ({names}): too few to judge a method "
            "by.",
            series=len(trial.panels),
            names=", ".join(panel.indicator for panel in trial.panels),
        )
        return self._section(title, _trial_table(trial, m), [text])

    @property
    def _mark(self) -> bool:
        return bool(self.evidence["about"]["synthetic"])

    def _section(self, title: str, body: Cell, paragraphs: Sequence[str]) -> HTML:
        return fragment(
            "section.html", self.m, id="", title=title, body=body, paragraphs=paragraphs
        )


def _method_row(entry: Mapping[str, Any], m: Messages) -> list[Cell]:
    whole, ratio = entry["overall"], entry["ratio"]
    name = _method_name(entry, m)
    compared: list[Cell] = [_with_spread(ratio[measure], m) for measure in ("mae", "wis", "brier")]
    return [
        name,
        m.number(whole["mae"]["value"], 2),
        *compared,
        m.percent(whole["cover80"]["value"], 0),
        m.percent(whole["cover95"]["value"], 0),
        m.number(whole["calibration_error"]["value"], 3),
        m.percent(whole["abstained"]["value"], 0),
    ]


def _method_name(entry: Mapping[str, Any], m: Messages) -> str:
    name = m(entry["label"])
    return m("{method}, {n} areas", method=name, n=entry["peers"]) if entry["peers"] else name


def _with_spread(entry: Mapping[str, float], m: Messages) -> str:
    value, low, high = (m.number(entry[name], 2) for name in ("value", "low", "high"))
    return f"{value} ({low}–{high})"


def _share(entry: Mapping[str, Any], m: Messages) -> str:
    """Return "74% (312)", and only the count where it is too small for a percentage."""
    count = m.count(entry["count"])
    if entry["count"] < LEAST_COUNT:
        return f"– ({count})"
    return f"{m.percent(100 * entry['came'] / entry['count'], 0)} ({count})"


def _cover(cell: Mapping[str, Any] | None, m: Messages) -> str:
    if cell is None:
        return "–"
    return f"{m.percent(cell['cover80'], 0)} / {m.percent(cell['cover95'], 0)}"


def _live_sentence(bins: Sequence[Mapping[str, Any]], m: Messages) -> str:
    likely = [entry for entry in bins[8:] if entry["count"]]
    count = sum(entry["count"] for entry in likely)
    came = sum(entry["came"] for entry in likely)
    return m(
        "Of {count} statements with a chance of 80% or more, {came} came true.",
        count=m.count(count),
        came=m.count(came),
    )


def _trial_table(trial: Trial, m: Messages) -> Cell:
    rows: list[list[Cell]] = []
    for method in trial.methods:
        row = summarise(trial.outcomes[method.name]).iloc[0]
        rows.append(
            [
                m(method.label),
                m.number(row["mae"], 2),
                m.number(row["wis"], 2),
                m.percent(row["cover80"], 0),
                m.percent(row["cover95"], 0),
                m.number(row["brier"], 3),
                m.count(row["forecasts"]),
            ]
        )
    columns = [
        m("Method"),
        m("Mean error, points"),
        m("Interval score"),
        m("80% interval held"),
        m("95% interval held"),
        m("Brier score"),
        m("Projections"),
    ]
    caption = m("Errors of past projections")
    return table(m, caption, columns, rows, synthetic=trial.synthetic)
