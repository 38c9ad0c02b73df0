"""The explorer: lists, sliders and tabs over `looking`, `comparing` and `assuming`, no more.

Outputs are set whole (`bundles`), so that nothing flickers and a test without a browser sees what
a planner sees. Only the tab in view is made.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace
from datetime import date
from typing import Any

import ipywidgets as w
from IPython.display import HTML

from kts_analysis.exploring.assuming import Settings, assume
from kts_analysis.exploring.choices import (
    Choice,
    areas_of,
    days_of,
    first_choice,
    horizons_of,
    methods_of,
    plans_of,
    settle,
    targets_of,
)
from kts_analysis.exploring.comparing import KINDS, compare
from kts_analysis.exploring.exporting import Shown, bundles, file_stem, save
from kts_analysis.exploring.friendly import remember, sentence
from kts_analysis.exploring.looking import context_of, look
from kts_analysis.fragments import asset, fragment, style
from kts_analysis.i18n import Messages, spoken
from kts_analysis.registry_files import load_registry
from kts_analysis.scenarios.files import save_scenario

WIDE = {"description_width": "10em"}


def explorer(
    plan: str,
    *,
    area: str = "",
    target: str = "",
    deadline: int | None = None,
    as_of: str = "",
    until: int | None = None,
    lang: str = "",
    data: str | None = None,
    out: str = "ket-qua",
) -> Any:
    """Return widgets to look at a plan: choose, compare, assume, save.

    Parameters
    ----------
    plan : str
        Plan id to begin with.
    area, target, deadline, as_of, until
        What to begin with; by default the first there is, the newest figure's day, and some years
        past the deadline.
    lang : {"vi", "en", ""}
        Empty: the language ``kts lab`` was started in.
    data : str, optional
        Data folder.
    out : str
        Folder that "save" writes to.

    Raises
    ------
    KtsError
        Unknown plan, area, target or day.
    """
    registry = load_registry(data)
    begun = first_choice(
        registry, plan, area=area, target=target, deadline=deadline, as_of=as_of, until=until
    )
    return Explorer(begun, spoken(lang), data, out).box


class Explorer:
    """The widgets of one explorer, and what they show.

    Attributes
    ----------
    box : ipywidgets.VBox
        All of it.
    choice : Choice
        What is looked at.
    shown : Shown or None
        What the tab in view shows, to be saved.
    """

    def __init__(self, choice: Choice, lang: str, data: str | None, out: str) -> None:
        self.choice, self.lang, self.data, self.out = choice, lang, data, out
        self.m = Messages(lang)
        self.registry = load_registry(data)
        self.shown: Shown | None = None
        self._quiet = False
        newest = context_of(replace(choice, as_of=""), lang, data).as_of
        context_of(choice, lang, data)  # a wrong day or broken data are said at once
        self._make_choosers(newest)
        self._make_comparers()
        self._make_assumers()
        self._make_frame()
        self.draw()

    # --- widgets ----------------------------------------------------------------------------------

    def _make_choosers(self, newest: date) -> None:
        m, registry, lang, choice = self.m, self.registry, self.lang, self.choice
        plan = registry.plan(choice.plan)
        self.plan = self._list(m("Plan"), plans_of(registry, lang), choice.plan)
        self.area = self._list(m("Area"), areas_of(plan, registry, lang), choice.area)
        self.target = self._list(m("Target"), targets_of(plan, lang), choice.target)
        years = [(str(year), year) for year in plan.deadlines]
        self.deadline = self._list(m("Deadline"), years, choice.deadline)
        self.as_of = self._list(m("Known by"), days_of(newest, choice.as_of, m), choice.as_of)
        self.method = self._list(m("Method"), methods_of(m), choice.method)
        low, high = horizons_of(choice)
        self.until = w.IntSlider(
            value=choice.horizon, min=low, max=high, description=m("Look ahead to"),
            style=WIDE, continuous_update=False, readout_format="d", layout=w.Layout(width="24em"),
        )  # fmt: skip
        for chooser in (self.area, self.target, self.as_of, self.method, self.until):
            chooser.observe(self._chosen, "value")
        self.plan.observe(self._plan_chosen, "value")
        self.deadline.observe(self._deadline_chosen, "value")

    def _make_comparers(self) -> None:
        m = self.m
        kinds = [(m(text), kind) for kind, text in KINDS.items()]
        self.kind = self._list(m("Compare"), kinds, "areas")
        self.others = w.SelectMultiple(
            options=[],
            rows=6,
            description=m("With"),
            style=WIDE,
            layout=w.Layout(width="34em", max_width="100%"),
        )
        self._offer_others()
        self.kind.observe(self._kind_chosen, "value")
        self.others.observe(self._chosen, "value")

    def _make_assumers(self) -> None:
        m, year = self.m, self._next_year()
        self.times = self._slider(m("Times the pace"), 2.0, 0.0, 5.0, 0.25)
        self.begin = w.BoundedIntText(
            value=year, min=1900, max=2199, description=m("From year"), style=WIDE
        )
        self.level = self._slider(m("Chance wanted, %"), 80.0, 5.0, 99.0, 1.0)
        self.by = w.BoundedIntText(
            value=year + 2, min=1900, max=2199, description=m("Caught up by"), style=WIDE
        )
        self.value = w.BoundedFloatText(
            value=0.0, min=0.0, max=100.0, step=1.0, style=WIDE,
            description=m("Other target, %"), tooltip=m("0: the target's own"),
        )  # fmt: skip
        for each in (self.times, self.begin, self.level, self.by, self.value):
            each.observe(self._chosen, "value")

    def _make_frame(self) -> None:
        m = self.m
        self.outputs = [w.Output() for _ in range(3)]
        comparing = w.HBox([self.kind, self.others], layout=w.Layout(flex_flow="row wrap"))
        assuming = w.HBox(
            [self.times, self.begin, self.level, self.by, self.value],
            layout=w.Layout(flex_flow="row wrap"),
        )
        self.keep_scenario = w.Button(description=m("Save as a scenario"), icon="file")
        self.keep_scenario.on_click(lambda _: self._guarded(self._save_scenario))
        self.tabs = w.Tab(
            [
                self.outputs[0],
                w.VBox([comparing, self.outputs[1]]),
                w.VBox([assuming, self.keep_scenario, self.outputs[2]]),
            ]
        )
        for place, title in enumerate((m("Trajectory"), m("Compare"), m("What if (assumed)"))):
            self.tabs.set_title(place, title)
        self.tabs.observe(lambda _: self.draw(), "selected_index")
        self.keep = w.Button(description=m("Save picture and data"), icon="download",
                             layout=w.Layout(width="auto"))  # fmt: skip
        self.keep.on_click(lambda _: self._guarded(self._save))
        for button in (self.keep, self.keep_scenario):
            button.layout = w.Layout(width="max-content", align_self="flex-start")
        self.said = w.HTML()
        choosers = [
            self.plan, self.area, self.target, self.deadline, self.as_of, self.method, self.until,
        ]  # fmt: skip
        head = w.HBox(choosers, layout=w.Layout(flex_flow="row wrap"))
        looks = f"{style().data}<style>{asset('lab.css')}</style>"
        self.box = w.VBox([w.HTML(looks), head, self.tabs, self.keep, self.said])
        self.box.add_class("kts-explorer")

    def _list(self, title: str, options: Any, value: Any) -> Any:
        return w.Dropdown(
            options=options, value=value, description=title, style=WIDE,
            layout=w.Layout(width="34em", max_width="100%"),
        )  # fmt: skip

    def _slider(self, title: str, value: float, low: float, high: float, step: float) -> Any:
        return w.FloatSlider(
            value=value, min=low, max=high, step=step, description=title, style=WIDE,
            continuous_update=False, readout_format=".2f", layout=w.Layout(width="24em"),
        )  # fmt: skip

    # --- what a planner does ----------------------------------------------------------------------

    def _plan_chosen(self, change: Any) -> None:
        """Another plan has other areas, targets and deadlines."""
        self.choice = settle(replace(self.choice, plan=change.new), self.registry)
        plan = self.registry.plan(change.new)
        self._set(self.area, areas_of(plan, self.registry, self.lang), self.choice.area)
        self._set(self.target, targets_of(plan, self.lang), self.choice.target)
        years = [(str(year), year) for year in plan.deadlines]
        self._set(self.deadline, years, self.choice.deadline)
        self._deadline_chosen(None)

    def _deadline_chosen(self, _: Any) -> None:
        """The horizon begins at the deadline."""
        if self._quiet:
            return
        low, high = horizons_of(replace(self.choice, deadline=self.deadline.value))
        self._quiet = True
        self.until.max = max(high, self.until.max)
        self.until.min = low
        self.until.max = high
        self._quiet = False
        self._chosen(None)

    def _kind_chosen(self, _: Any) -> None:
        self._offer_others()
        self._chosen(None)

    def _chosen(self, _: Any) -> None:
        if self._quiet:
            return
        area = self.choice.area, self.choice.target, self.choice.plan
        self.choice = Choice(
            plan=self.plan.value,
            area=self.area.value,
            target=self.target.value,
            deadline=self.deadline.value,
            as_of=self.as_of.value,
            method=self.method.value,
            until=self.until.value,
        )
        if area != (self.choice.area, self.choice.target, self.choice.plan):
            self._offer_others()
        self.draw()

    def _set(self, chooser: Any, options: Any, value: Any) -> None:
        self._quiet = True
        chooser.options, chooser.value = options, value
        self._quiet = False

    def _offer_others(self) -> None:
        """List what the choice can be compared with; the choice itself is always shown."""
        options = {
            "areas": self.area.options,
            "targets": self.target.options,
            "days": self.as_of.options,
            "rules": (),
        }[self.kind.value]
        own = {self.area.value, self.target.value}
        listed = [pair for pair in options if pair[1] not in own]
        first = [pair[1] for pair in listed[:3]] if self.kind.value == "areas" else []
        if self.kind.value == "days":
            first = [value for _, value in listed if value != self.as_of.value][:1]
        self._set(self.others, listed, tuple(first))
        self.others.disabled = self.kind.value == "rules"

    def _next_year(self) -> int:
        """The first year an assumption can speak of."""
        return context_of(self.choice, self.lang, self.data).as_of.year + 1

    # --- what is shown ----------------------------------------------------------------------------

    def draw(self) -> None:
        """Make the tab in view anew."""
        place = self.tabs.selected_index or 0
        self.said.value = ""

        def make() -> None:
            self.shown = shown = (self._look, self._compare, self._assume)[place]()
            self.outputs[place].outputs = tuple(bundles(shown.parts(), shown.title))

        self._guarded(make, self.outputs[place])

    def _look(self) -> Any:
        return look(self.choice, self.lang, self.data)

    def _compare(self) -> Any:
        kind, others = self.kind.value, self.others.value
        return compare(kind, self.choice, others, lang=self.lang, data=self.data)

    def _assume(self) -> Any:
        settings = Settings(
            times=self.times.value,
            begin=self.begin.value,
            chance_percent=self.level.value,
            by=self.by.value,
            value=self.value.value or float("nan"),
        )
        return assume(look(self.choice, self.lang, self.data), settings)

    def _save(self) -> None:
        if self.shown is not None:
            found = save(self.shown, self.out, self.m).files
            self._say(
                self.m("Saved: {files}", files=", ".join(f"{self.out}/{f.name}" for f in found))
            )

    def _save_scenario(self) -> None:
        scenario = self._assume().scenario
        folder = self.registry.root / "scenarios"
        folder.mkdir(exist_ok=True)
        path = save_scenario(scenario, folder / f"{file_stem(scenario.id)}.yml")
        self._say(
            self.m("Saved: {file}. To put it into the reports: kts run --scenario {name}",
                   file=f"scenarios/{path.name}", name=path.stem)
        )  # fmt: skip

    def _say(self, text: str) -> None:
        shown = fragment("section.html", self.m, id="", title="", body="", paragraphs=[text])
        self.said.value = str(shown.data).replace("<h2></h2>", "")

    def _guarded(self, act: Callable[[], None], output: Any = None) -> None:
        """Do something; an error is a sentence where the result would stand."""
        try:
            act()
        except Exception as error:  # nothing a planner does may end in a traceback
            remember(error)
            text = sentence(error, self.m)
            if output is None:
                self._say(text)
                return
            self.shown = None
            part = HTML(f'<p class="kts-note" role="alert">{_escaped(text)}</p>')
            output.outputs = tuple(bundles([part], ""))


def _escaped(text: str) -> str:
    from markupsafe import escape

    return str(escape(text)).replace("\n", "<br>")
