"""One trajectory as a plotly figure, to be changed or saved by plotly's own means."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pandas as pd

from kts_analysis.charts import trajectory_figure
from kts_analysis.entries import Plan
from kts_analysis.i18n import Messages
from kts_analysis.rows import rows_of

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
