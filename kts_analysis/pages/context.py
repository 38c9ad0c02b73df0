"""What every page starts from: plan, figures known on a day, language; bad data refused by area."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import date
from functools import cached_property
from typing import Any

import pandas as pd
import plotly.graph_objects as go
from IPython.display import display

from kts_analysis.cases import View
from kts_analysis.entries import Plan
from kts_analysis.errors import Problem, ProblemsError
from kts_analysis.i18n import Messages
from kts_analysis.periods import parse_partial_date
from kts_analysis.registry import Registry
from kts_analysis.registry_files import load_registry
from kts_analysis.store import known_on, load_observations

PLOTLY_MIME = "application/vnd.plotly.v1+json"


@dataclass(frozen=True)
class Context:
    """Everything the parts of one page share.

    Attributes
    ----------
    known : pandas.DataFrame
        Observations published on or before `as_of`.
    problems : list of Problem
        Errors in other areas' data: their rows are left out, and the page says so.
    """

    registry: Registry
    plan: Plan
    deadline: int
    as_of: date
    known: pd.DataFrame
    problems: list[Problem]
    m: Messages

    @cached_property
    def view(self) -> View:
        """Where the page stands; shared, so that lines side by side are found once."""
        return View(self.registry, self.known, self.as_of)

    @property
    def deadline_day(self) -> date:
        """Last day of the deadline year."""
        return parse_partial_date(self.deadline)

    @property
    def past(self) -> bool:
        """Whether the deadline lies behind the as-of date."""
        return self.as_of > self.deadline_day


def gather(
    plan: str,
    codes: Iterable[str],
    *,
    deadline: int | None,
    as_of: str | None,
    lang: str,
    data: str | None,
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

    Raises
    ------
    ProblemsError
        Every problem in the data of these areas.
    """
    m = Messages(lang)
    registry = load_registry(data)
    chosen = registry.plan(plan)
    loaded = load_observations(data)
    own = set(codes)
    serious = [problem for problem in loaded.errors if problem.concerns(own)]
    if serious:
        raise ProblemsError(serious, m)
    known = known_on(loaded.sound, as_of or None)
    day = date.fromisoformat(known.attrs["as_of"])
    year = deadline or chosen.deadlines[0]
    return Context(registry, chosen, year, day, known, loaded.errors, m)


def show(parts: Iterable[Any]) -> None:
    """Show the parts of a page one after another in a notebook cell.

    A figure goes out as plotly's own data, with its sentence for readers without pictures;
    plotly's renderers would import a second of libraries to say the same.
    """
    for part in parts:
        if isinstance(part, go.Figure):
            figure = part.to_plotly_json()
            sentence = figure["layout"]["meta"]["description"]
            display({PLOTLY_MIME: figure, "text/plain": sentence}, raw=True)
        else:
            display(part)
