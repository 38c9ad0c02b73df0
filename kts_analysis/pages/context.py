"""What every page starts from: plan, figures known on a day, language; bad data refused by area."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import date
from typing import Any

import pandas as pd
from IPython.display import HTML, display

from kts_analysis.chart_base import Chart
from kts_analysis.entries import Plan
from kts_analysis.errors import KtsError, Problem, ProblemsError
from kts_analysis.i18n import N_, Messages
from kts_analysis.moved_plans import border_day
from kts_analysis.moved_views import MovedView, view_on
from kts_analysis.periods import parse_partial_date
from kts_analysis.registry import Registry
from kts_analysis.registry_files import load_registry
from kts_analysis.stamps import stamp_of
from kts_analysis.store import known_on, load_observations
from kts_analysis.views import View, share_view
from kts_analysis.weights_file import FOLDER, weights_in


@dataclass(frozen=True)
class Context:
    """Everything the parts of one page share.

    Attributes
    ----------
    view : View
        Where the page stands; shared by all pages of the process, so that lines side by side are
        found once.
    problems : list of Problem
        Errors in other areas' data: their rows are left out, and the page says so.
    """

    plan: Plan
    deadline: int
    view: View
    problems: list[Problem]
    m: Messages

    @property
    def registry(self) -> Registry:
        """Everything under the data folder that is not an observation."""
        return self.view.registry

    @property
    def known(self) -> pd.DataFrame:
        """Observations published on or before `as_of`; shared, so not to be changed."""
        return self.view.known

    @property
    def as_of(self) -> date:
        """Day the page stands on."""
        return self.view.as_of

    @property
    def deadline_day(self) -> date:
        """Last day of the deadline year."""
        return parse_partial_date(self.deadline)

    @property
    def past(self) -> bool:
        """Whether the deadline lies behind the as-of date."""
        return self.as_of > self.deadline_day

    @property
    def ahead(self) -> list[tuple[str, int]]:
        """Plan and year of the later deadlines: the plan's own, or those of the plan it follows."""
        return ahead_of(self.plan, self.deadline)


def ahead_of(plan: Plan, deadline: int) -> list[tuple[str, int]]:
    """Return plans and deadlines of the outlook: the plan's own, or the plan's it follows."""
    ahead = [(plan.id, year) for year in plan.deadlines if year > deadline]
    if not ahead and plan.outlook is not None:
        ahead = [(plan.outlook.plan, plan.outlook.deadline)]
    return ahead


def gather(
    plan: str,
    codes: Iterable[str],
    *,
    deadline: int | None,
    as_of: str | None,
    lang: str,
    data: str | None,
    borders: str = "",
    weights: str = "",
) -> Context:
    """Load what a page needs.

    Parameters
    ----------
    plan : str
        Plan id.
    codes : iterable of str
        Areas the page is about: an error in their data stops it.
    deadline : int, optional
        Year; by default the plan's first.
    as_of : str, optional
        Day to stand on; by default the date of the newest figure.
    lang : {"vi", "en"}
    data : str, optional
        Data folder.
    borders, weights : str
        As in `stand`.

    Raises
    ------
    ProblemsError
        Every problem in the data of these areas, and of those they are made from.
    KtsError
        One of the areas did not exist on the day whose borders are asked for; and as `stand`.
    """
    m = Messages(lang)
    view, errors = stand(as_of, data, borders, weights)
    chosen = view.registry.plan(plan)
    own = set(codes)
    if isinstance(view, MovedView):
        strange = [code for code in codes if not view.registry.has_area(code)]
        if strange:
            message = N_("there was no area {code} on {day}")
            raise KtsError(message, code=strange[0], day=view.borders.isoformat())
        own = own.union(*(view.sources(code) for code in codes))
    serious = [problem for problem in errors if problem.concerns(own)]
    if serious:
        raise ProblemsError(serious, m)
    return Context(chosen, deadline or chosen.deadlines[0], view, errors, m)


def stand(
    as_of: str | None, data: str | None, borders: str = "", weights: str = ""
) -> tuple[View, list[Problem]]:
    """Return the view of a day that all pages of the process share, and the errors in the data.

    Parameters
    ----------
    as_of : str, optional
        By default the date of the newest figure.
    data : str, optional
        Data folder. A changed file gives another view.
    borders : str
        A day (ISO): plans, targets and figures are carried to its borders (`moved_views`). Empty:
        each figure on those of its own day.
    weights : str
        Name of a file in the data folder's ``weights`` (`weights_file`): how large the overlaps
        are where the crosswalk does not say.

    Raises
    ------
    KtsError
        Weights without borders, a day that is none, or a plan that cannot stand on it.
    ProblemsError
        What is wrong in the weights file.
    """
    if borders:
        return _stand_on(border_day(borders), as_of, data, weights)
    if weights:
        raise KtsError(N_("weights share out figures on other borders: name the day, --borders"))
    # In this order: a registry file saved in between gives a view that nobody asks for again.
    loaded = load_observations(data)
    registry = load_registry(data)

    def make() -> View:
        known = known_on(loaded.sound, as_of or None)
        return View(registry, known, date.fromisoformat(known.attrs["as_of"]))

    return share_view((loaded.stamp, as_of or ""), make), loaded.errors


def _stand_on(
    day: date, as_of: str | None, data: str | None, weights: str
) -> tuple[View, list[Problem]]:
    """Return the view of a day on other borders, shared as any other."""
    loaded = load_observations(data)
    own, errors = stand(as_of, data)
    root = own.registry.root
    key = (loaded.stamp, as_of or "", day, weights, stamp_of(root, (FOLDER,), (".csv",)))
    return share_view(key, lambda: view_on(own, day, weights_in(own.registry, weights))), errors


def show(parts: Iterable[Any]) -> None:
    """Show the parts of a page one after another in a notebook cell.

    A chart shows itself as plotly's own data, with its sentence for readers without pictures;
    plotly's renderers would import a second of libraries to say the same. A fragment is handed
    over as the notebook stores it: asking a dozen formatters for it costs more than making it.
    """
    for part in parts:
        if isinstance(part, HTML):
            display({"text/html": part.data, "text/plain": repr(part)}, raw=True)
        elif isinstance(part, Chart):
            display(part._repr_mimebundle_(), raw=True)
        else:
            display(part)
