"""``kts assess --scenario``: assumptions side by side with no change."""

from __future__ import annotations

import sys
from collections.abc import Sequence
from typing import TYPE_CHECKING

from kts_analysis.i18n import Messages

if TYPE_CHECKING:
    from kts_analysis.registry import Registry

Asked = tuple[Sequence[int] | None, Sequence[str] | None, Sequence[str] | None]


def print_assumed(
    registry: Registry,
    file: str,
    plan: str | None,
    asked: Asked,
    as_of: str,
    form: str,
    m: Messages,
) -> None:
    """Print what a scenario gives.

    Parameters
    ----------
    registry : Registry
    file : str
        Scenario, as `load_scenario` takes it.
    plan : str, optional
        Plan id; by default every plan.
    asked : (deadlines, areas, targets)
        Each may be None: the plan's first, all, all.
    as_of : str
        Day to stand on; empty: that of the newest figure.
    form : {"table", "csv", "json"}
    m : Messages
    """
    from datetime import date

    from kts_analysis.rows import json_text, rows_of
    from kts_analysis.scenarios.asking import answers_frame, ask_all
    from kts_analysis.scenarios.files import load_scenario
    from kts_analysis.scenarios.words import answer_lines
    from kts_analysis.store import read_observations
    from kts_analysis.views import View

    scenario = load_scenario(file, registry.root)
    known = read_observations(registry.root, as_of=as_of or None)
    view = View(registry, known, date.fromisoformat(known.attrs["as_of"]))
    years, areas, targets = asked
    plans = [registry.plan(name) for name in ([plan] if plan else sorted(registry.plans))]
    found = [
        each
        for one in plans
        for each in ask_all(view, one, scenario, years, areas=areas, targets=targets)
    ]
    table = answers_frame(found, view)
    if form == "csv":
        table.to_csv(sys.stdout, index=False, lineterminator="\n")
    elif form == "json":
        print(json_text(rows_of(table)), end="")
    else:
        for each in found:
            print("\n".join(answer_lines(each, registry, m)))
