"""One look: the words, the picture and the tables of a choice, and the data behind them."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, replace
from functools import cached_property
from typing import Any

import pandas as pd

from kts_analysis import tables
from kts_analysis.assessment import judge_rows, pick_areas
from kts_analysis.cases import Case, make_case
from kts_analysis.chart_base import Chart
from kts_analysis.charts import trajectory_figure
from kts_analysis.entries import Area, Target
from kts_analysis.exploring.choices import Choice
from kts_analysis.fragments import fragment
from kts_analysis.i18n import Messages
from kts_analysis.pages.context import Context, gather
from kts_analysis.pages.target import TargetBlock
from kts_analysis.rows import Row, missing
from kts_analysis.store import day_of
from kts_analysis.trajectories import trajectory, trajectory_rows
from kts_analysis.trends import Method
from kts_analysis.views import View, share_view
from kts_analysis.wording import threshold_text


def context_of(choice: Choice, lang: str, data: str | None = None) -> Context:
    """Return where a choice stands: its plan, the figures known on its day, its method.

    Raises
    ------
    ProblemsError
        What is wrong in this area's data.
    KtsError
        Unknown plan or area, or no date.
    """
    found = gather(
        choice.plan, [choice.area], deadline=choice.deadline, as_of=None, lang=lang, data=data
    )
    # Days are cut from one reading of the figures: another day is then a matter of milliseconds.
    view = found.view.on(day_of(choice.as_of)) if choice.as_of else found.view
    return replace(found, view=by_method(view, choice.method))


def by_method(view: View, method: Method) -> View:
    """Return a view that projects by a method; kept, as the views of pages are."""
    if method == view.method:
        return view

    def make() -> View:
        return View(view.registry, view.known, view.as_of, method, book=view.figures)

    return share_view(("method", id(view.known), method), make)  # the view keeps `known` alive


@dataclass(frozen=True)
class Look:
    """What a choice shows."""

    choice: Choice
    context: Context

    @property
    def m(self) -> Messages:
        """The language of the reader."""
        return self.context.m

    @cached_property
    def area(self) -> Area:
        """The area."""
        [area] = pick_areas(self.context.plan, self.context.registry, [self.choice.area])
        return area

    @property
    def target(self) -> Target:
        """The target."""
        return self.context.plan.target(self.choice.target)

    @cached_property
    def row(self) -> Row:
        """The verdict."""
        c, choice = self.context, self.choice
        [row] = judge_rows(c.view, c.plan, c.deadline, areas=[choice.area], targets=[choice.target])
        return row

    @cached_property
    def case(self) -> Case:
        """The line and its fit; of a target over sectors, that of the sector it is shown by."""
        c = self.context
        return make_case(c.view, self.area, c.plan, self.target, c.deadline, self.row["breakdown"])

    @cached_property
    def path(self) -> Sequence[Row]:
        """The trajectory to the horizon."""
        return trajectory_rows(self.case, self.choice.horizon)

    @property
    def synthetic(self) -> bool:
        """Whether any figure it rests on is synthetic."""
        return bool(self.row["origin"] == "synthetic")

    @property
    def measured(self) -> bool:
        """Whether the indicator is measured at the area's level."""
        return bool(self.row["status"] != "not_measured")

    @cached_property
    def title(self) -> str:
        """Area and target."""
        name = self.target.name.get(self.m.lang)
        return f"{self.area.title(self.m.lang)} – {self.target.id} {name}"

    @cached_property
    def chart(self) -> Chart:
        """The picture, with the target's line."""
        return trajectory_figure(
            self.path,
            self.m,
            threshold=None if missing(self.row["threshold"]) else float(self.row["threshold"]),
            threshold_label=threshold_text(self.row, self.m),
            deadline=self.row["deadline"],
            description=f"{self.title}. {self._block.chart_sentence}",
        )

    @cached_property
    def _block(self) -> TargetBlock:
        return TargetBlock(self.context, self.area, self.row)

    def parts(self) -> list[Any]:
        """Return what is shown: words, picture, table of the years ahead."""
        name = self.area.title(self.m.lang)
        parts = [self._section(name, "", 2), self._block.parts()[0]]
        if not self.measured:
            return parts
        if self.path:
            parts.append(self.chart)
        if any(row["kind"] == "projected" for row in self.path):
            caption = self.m("Projection of {target}", target=self.target.id)
            body = tables.projection_table(self.path, self.m, caption)
            parts.append(self._section(self.m("Projection"), body, 4))
        return parts

    def _section(self, title: str, body: Any, level: int) -> Any:
        return fragment(
            "section.html", self.m, id="", title=title, level=level, body=body, paragraphs=[]
        )

    def frame(self) -> pd.DataFrame:
        """Return the data of the picture: the rows of `kts_analysis.schema.Trajectories`."""
        return trajectory(self.case, self.choice.horizon)


def look(choice: Choice, lang: str = "vi", data: str | None = None) -> Look:
    """Return what a choice shows; raises as `context_of`."""
    return Look(choice, context_of(choice, lang, data))
