"""For planners in JupyterLab: one picture at a time, chosen by hand."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import pandas as pd

from kts_analysis.charts import trajectory_figure
from kts_analysis.entries import Plan
from kts_analysis.i18n import Messages
from kts_analysis.pages.area import area_report
from kts_analysis.pages.context import show
from kts_analysis.pages.target import TargetBlock
from kts_analysis.registry_files import load_registry
from kts_analysis.rows import rows_of
from kts_analysis.vi import sort_key

if TYPE_CHECKING:
    import plotly.graph_objects as go


def plot_trajectory(
    trajectory: pd.DataFrame, plan: Plan, *, deadline: int | None = None, lang: str = "vi"
) -> go.Figure:
    """Return the plotly figure of a trajectory from `project`, with its target's threshold.

    Raises
    ------
    ValueError
        The trajectory has no rows.

    Examples
    --------
    >>> import kts_analysis as kts
    >>> plan = kts.load_plan("quoc-gia-411")
    >>> known = kts.read_observations(as_of="2022-12-31")
    >>> path = kts.project(plan, known, area="VN", target="KTS03", until=2025)
    >>> figure = kts.plot_trajectory(path, plan, deadline=2025, lang="en")
    >>> [trace.name for trace in figure.data][:2]
    ['95% prediction interval', '80% prediction interval']
    """
    if not len(trajectory):
        raise ValueError("the trajectory has no rows: there are no figures to draw")
    m = Messages(lang)
    first = trajectory.iloc[0]
    target = plan.target(first["target_id"])
    year = deadline or plan.deadlines[0]
    threshold = target.threshold(year, first["area_code"])
    value = threshold.value if threshold else None
    label = (
        ""
        if threshold is None or value is None
        else f"{threshold.comparator} {m.percent(value, 0)}"
    )
    chart = trajectory_figure(
        rows_of(trajectory),
        m,
        threshold=value,
        threshold_label=label,
        deadline=str(year),
        description=target.name.get(lang),
    )
    return chart.figure()


def explorer(plan: str, *, lang: str = "vi") -> Any:
    """Return widgets to choose area and target; the block of that target follows the choice."""
    import ipywidgets  # only JupyterLab users need it

    registry = load_registry()
    chosen = registry.plan(plan)
    names = sorted(
        ((registry.area(code).title(lang), code) for code in chosen.areas),
        key=lambda pair: sort_key(pair[0]),
    )
    targets = [(f"{t.id} {t.name.get(lang)}", t.id) for t in chosen.targets]
    m = Messages(lang)

    def view(area: str, target: str) -> None:
        report = area_report(area, plan, lang=lang)
        row = next(row for row in rows_of(report.verdicts) if row["target_id"] == target)
        show(TargetBlock(report.context, report.area, row).parts())

    return ipywidgets.interactive(
        view,
        area=ipywidgets.Dropdown(options=names, description=m("Area")),
        target=ipywidgets.Dropdown(options=targets, description=m("Target")),
    )
