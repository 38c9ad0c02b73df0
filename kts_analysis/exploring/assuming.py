"""Assumptions tried out by hand: the same answers as a scenario file gives, and the file itself."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

import pandas as pd

from kts_analysis.chart_base import Chart
from kts_analysis.entries import Text
from kts_analysis.exploring.looking import Look
from kts_analysis.exploring.pictures import paths_figure
from kts_analysis.fragments import fragment
from kts_analysis.i18n import Messages
from kts_analysis.rows import Row, missing
from kts_analysis.scenarios.asking import TargetAnswers, answers_frame, ask
from kts_analysis.scenarios.entries import CatchUp, Faster, OtherTarget, Scenario, Wanted
from kts_analysis.scenarios.paths import begin_of, faster
from kts_analysis.scenarios.words import NOTES, answers_table
from kts_analysis.wording import threshold_text


@dataclass(frozen=True)
class Settings:
    """What is assumed.

    Attributes
    ----------
    times : float
        Times the expected pace.
    begin : int
        From the beginning of this year.
    chance_percent : float
        The chance whose pace is looked for, percent.
    by : int
        By the end of this year the area has caught up with the best.
    value : float
        Another threshold, percent 0-100; NaN: the target's own.
    """

    times: float
    begin: int
    chance_percent: float
    by: int
    value: float = float("nan")


def scenario_of(settings: Settings, area: str, target: str, plan: str = "") -> Scenario:
    """Return settings as a scenario for one area's target."""
    only: dict[str, Any] = {"areas": (area,), "targets": (target,)}
    begin = settings.begin
    found: list[Any] = [
        Faster(kind="pace", times=settings.times, begin=begin, **only),
        CatchUp(kind="catch_up", by=settings.by, **only),
        Wanted(kind="chance", chance_percent=settings.chance_percent, begin=begin, **only),
    ]
    if not missing(settings.value):
        found.append(OtherTarget(kind="target", value=settings.value, **only))
    name = f"{area}-{target}-{begin}".lower()
    text = Text(vi=f"Giả định {area} {target} từ {begin}", en=f"Assumed {area} {target} {begin}")
    return Scenario(id=name, name=text, plan=plan or None, assumptions=tuple(found))


@dataclass(frozen=True)
class Assumed:
    """What settings give for a look.

    Attributes
    ----------
    scenario : Scenario
    answers : TargetAnswers or None
    """

    look: Look
    settings: Settings
    scenario: Scenario
    answers: TargetAnswers | None

    @property
    def title(self) -> str:
        """Area and target, marked as an assumption."""
        return self.look.m("{title} (assumed)", title=self.look.title)

    @property
    def synthetic(self) -> bool:
        """Whether any figure it rests on is synthetic."""
        found = self.answers.answers if self.answers else ()
        return self.look.synthetic or any(each.origin == "synthetic" for each in found)

    @property
    def chart(self) -> Chart | None:
        """No change and the assumed pace in one picture; None without answers."""
        if not self.answers or not self.answers.answers:
            return None
        m, row = self.look.m, self.look.row
        return paths_figure(
            {m("No change"): self.look.path, m("Assumed"): self._path()},
            m,
            threshold=None if missing(row["threshold"]) else float(row["threshold"]),
            threshold_label=threshold_text(row, m),
            description=m("{title}: no change and the assumed pace", title=self.look.title),
        )

    def _path(self) -> Sequence[Row]:
        """The trajectory with the assumed pace; the figures belong to the other line."""
        case = self.look.case
        progress, start = case.neighbours.progress, begin_of(case.fit, self.settings.begin)
        rows = []
        for row in self.look.path:
            if row["kind"] != "projected":
                continue
            when = float(case.fit.times[-1]) + float(row["horizon_years"])
            shown = faster(case.fit, when, self.settings.times, start, progress)
            low, high = shown.interval(0.80)
            rows.append({**row, "value": shown.median, "lo80": low, "hi80": high})
        return rows

    def parts(self) -> list[Any]:
        """Return what is shown."""
        m = self.look.m
        if self.chart is None:
            text = m(NOTES["insufficient"])
            return [_section(self.title, "", [f"{text[0].upper()}{text[1:]}."], m)]
        assert self.answers is not None
        body = answers_table(self.answers, self.look.context.registry, m)
        text = m("An assumption to discuss, not a forecast.")
        return [self.chart, _section(self.title, body, [text], m)]

    def frame(self) -> pd.DataFrame:
        """Return the answers as a table (`kts_analysis.scenarios.asking.what_if`)."""
        return answers_frame([self.answers] if self.answers else [], self.look.context.view)


def assume(look: Look, settings: Settings) -> Assumed:
    """Return what settings give for a look."""
    scenario = scenario_of(settings, look.area.code, look.target.id, look.context.plan.id)
    c = look.context
    answers = ask(c.view, look.area, c.plan, look.target, c.deadline, scenario)
    return Assumed(look, settings, scenario, answers)


def _section(title: str, body: Any, paragraphs: list[str], m: Messages) -> Any:
    return fragment("section.html", m, id="", title=title, body=body, paragraphs=paragraphs)
