"""The province's distribution from its districts', and how often it holds what comes."""

from __future__ import annotations

from datetime import date

import numpy as np
import pandas as pd
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from scipy.special import ndtr, stdtrit

from kts_analysis.cases import make_case
from kts_analysis.dependence import Dependence, dependence
from kts_analysis.entries import Plan
from kts_analysis.predictive import Projection
from kts_analysis.registry import Registry
from kts_analysis.rollup import rollup_plan, with_rollup
from kts_analysis.rollup_beside import COLUMNS, from_districts, province_forecast_table
from kts_analysis.rollup_forecast import Spread, province_forecast, province_spread
from kts_analysis.scales import Scale
from kts_analysis.store import known_on
from kts_analysis.views import View

NONE = float("nan")
Z80 = 1.2815515655446004


def district(
    location: float, spread: float, df: float = 1e9, scale: Scale | None = None
) -> Projection:
    return Projection(
        2025, "damped_drift", 5, 1, 1, scale or Scale(None, None), location, spread, df
    )


def half_width(found: Spread) -> float:
    return (found.hi80 - found.lo80) / 2


# --- against what is known in closed form ---------------------------------------------------------


@pytest.mark.parametrize("rho", [0.0, 0.27, 0.5, 0.9, 1.0])
def test_normal_districts_have_a_closed_form(rho: float) -> None:
    spreads, sizes = np.array([4.0, 2.0, 6.0, 3.0]), np.array([10.0, 30.0, 40.0, 20.0])
    found = province_spread([district(50, s) for s in spreads], sizes, rho, 52.0)
    parts = sizes / sizes.sum() * spreads
    sd = np.sqrt((1 - rho) * (parts**2).sum() + rho * parts.sum() ** 2)
    assert found.median == pytest.approx(50, abs=0.02 * sd)
    assert half_width(found) == pytest.approx(Z80 * sd, rel=0.01)
    assert found.hi95 - found.lo95 == pytest.approx(2 * 1.959964 * sd, rel=0.02)
    assert found.chance == pytest.approx(1 - ndtr(2 / sd), abs=0.005)


def test_one_district_is_the_province() -> None:
    one = district(0.8, 0.5, df=4.0, scale=Scale(0.0, 100.0))
    for rho in (0.0, 0.5, 1.0):
        found = province_spread([one], [7.0], rho, 60.0)
        assert (found.lo80, found.hi80) == pytest.approx(one.interval(0.8), abs=0.1)
        assert found.median == pytest.approx(one.median, abs=0.1)
        assert found.chance == pytest.approx(one.probability(60.0), abs=0.005)


def test_one_fate_adds_up_quantiles() -> None:
    parts = [district(x, 0.4, 4.0, Scale(0.0, 100.0)) for x in (-1.0, 0.5, 2.0)]
    found = province_spread(parts, [1, 2, 1], 1.0)
    shares = (0.25, 0.5, 0.25)
    for name, level in (("lo80", 0.1), ("median", 0.5), ("hi80", 0.9)):
        exact = sum(w * each.quantile(level) for w, each in zip(shares, parts, strict=True))
        assert getattr(found, name) == pytest.approx(exact, abs=0.1)
    assert np.isnan(found.chance)


def test_comparators_differ_at_a_point_mass() -> None:
    sure = [district(100.0, 0.0), district(100.0, 0.0)]
    assert province_spread(sure, [1, 1], 0.3, 100.0, ">=").chance == 1
    assert province_spread(sure, [1, 1], 0.3, 100.0, ">").chance == 0
    assert province_spread(sure, [1, 1], 0.3, 100.0, "<=").chance == 1
    assert province_spread(sure, [1, 1], 0.3, 100.0, "<").chance == 0


@settings(max_examples=15)
@given(st.lists(st.tuples(st.floats(-3, 3), st.floats(0.05, 1)), min_size=2, max_size=6))
def test_errors_that_go_together_make_it_wider(parts: list[tuple[float, float]]) -> None:
    districts = [district(*part, df=4.0) for part in parts]
    widths = [half_width(province_spread(districts, [1] * len(parts), r)) for r in (0, 0.5, 1)]
    assert widths[0] < widths[1] * 1.01 and widths[1] < widths[2] * 1.01


def test_the_same_question_has_the_same_answer() -> None:
    parts = [district(1.0, 0.5, 4.0), district(2.0, 0.5, 4.0)]
    assert province_spread(parts, [1, 2], 0.3, 1.5) == province_spread(parts, [2, 4], 0.3, 1.5)


@pytest.mark.parametrize(
    ("parts", "weights", "rho", "comparator", "said"),
    [
        ([], [], 0.3, ">=", "every district needs a distribution"),
        ([district(NONE, NONE)], [1], 0.3, ">=", "every district needs a distribution"),
        ([district(1, 1)], [0], 0.3, ">=", "a weight above zero"),
        ([district(1, 1)], [NONE], 0.3, ">=", "a weight above zero"),
        ([district(1, 1)], [1, 1], 0.3, ">=", "a weight above zero"),
        ([district(1, 1)], [1], 1.1, ">=", "between 0 and 1"),
        ([district(1, 1)], [1], 0.3, "=", "is none of"),
    ],
)
def test_nonsense_is_refused(
    parts: list[Projection], weights: list[float], rho: float, comparator: str, said: str
) -> None:
    with pytest.raises(ValueError, match=said):
        province_spread(parts, weights, rho, 1.0, comparator)


def test_too_few_pairs_leave_a_band() -> None:
    parts = [district(50, 2.0), district(60, 2.0)]
    found = province_forecast(parts, [1, 1], Dependence(NONE, NONE, 1, 3.0), 56.0)
    assert found.used is None
    assert (found.independent.rho, found.common_fate.rho) == (0, 1)
    assert half_width(found.common_fate) == pytest.approx(
        2**0.5 * half_width(found.independent), rel=0.02
    )
    known = province_forecast(parts, [1, 1], Dependence(0.5, 0.6, 3, 5.0), 56.0)
    assert known.used is not None
    assert (known.used.rho, known.areas, known.coverage) == (0.5, 2, 100)


# --- how often the 80% interval holds what comes --------------------------------------------------

DISTRICTS, STEPS = 9, 30
SCALE = Scale(0.0, 100.0)


def coverage(rho: float, provinces: int, estimated: bool) -> float:
    """Return the percent of simulated provinces whose value lay in the 80% interval.

    District errors have the Student-t distributions that are stated for them, and go together by
    a one-factor normal copula of known correlation; the same correlation made the past steps from
    which it is estimated.
    """
    rng = np.random.default_rng(2025)
    held = 0
    for _ in range(provinces):
        locations, spreads = rng.normal(0.5, 0.8, DISTRICTS), rng.uniform(0.1, 0.4, DISTRICTS)
        sizes = rng.uniform(1, 4, DISTRICTS)
        common, own = rng.standard_normal(STEPS + 1), rng.standard_normal((DISTRICTS, STEPS + 1))
        errors = np.sqrt(rho) * common + np.sqrt(1 - rho) * own
        past, error = errors[:, :STEPS], errors[:, STEPS]
        parts = [district(*part, 4.0, SCALE) for part in zip(locations, spreads, strict=True)]
        value = SCALE.back(locations + spreads * stdtrit(4.0, ndtr(error))) @ sizes / sizes.sum()
        used = rho
        if estimated:
            used = dependence(past - past.mean(axis=1, keepdims=True)).rho
        found = province_spread(parts, sizes, used)
        held += found.lo80 <= value <= found.hi80
    return 100 * held / provinces


@pytest.mark.parametrize("rho", [0.0, 0.5, 0.9])
def test_the_interval_holds_what_it_says(rho: float) -> None:
    assert coverage(rho, 400, estimated=False) == pytest.approx(80, abs=6)


@pytest.mark.slow
@pytest.mark.parametrize("rho", [0.0, 0.5, 0.9])
@pytest.mark.parametrize("estimated", [False, True])
def test_the_interval_holds_what_it_says_in_2000_provinces(rho: float, estimated: bool) -> None:
    assert coverage(rho, 2000, estimated) == pytest.approx(80, abs=4)


# --- beside the direct fits -----------------------------------------------------------------------


@pytest.fixture(scope="module")
def plan(registry: Registry) -> Plan:
    return registry.plan("nam-dinh-105")


def view_on(obs: pd.DataFrame, registry: Registry, day: str) -> View:
    return View(registry, known_on(obs, day), date.fromisoformat(day))


def test_beside_the_direct_fits(plan: Plan, registry: Registry, obs: pd.DataFrame) -> None:
    view = view_on(obs, registry, "2025-06-30")
    table = province_forecast_table(view, plan, plan.target("XHS01"), 2025)
    assert table.columns.tolist() == COLUMNS
    bases = ["districts", "districts_independent", "districts_common_fate"]
    assert table["basis"].tolist() == [*bases, "summed"]  # one published figure makes no fit
    rows = table.set_index("basis")
    assert rows.loc["districts", "rho_source"] == "residuals"
    assert 0 < rows.loc["districts", "rho"] < 0.5
    assert (rows.loc["districts", "pairs"], rows.loc["districts", "areas"]) == (35, 9)
    assert rows.loc["districts", "coverage"] == 100
    width = rows["hi80"] - rows["lo80"]
    assert width[bases[1]] < width[bases[0]] < width[bases[2]]
    assert rows.loc["summed", "n_points"] == 4
    assert rows["median"].between(85.6755, 92).all()  # the newest sum, and on from there
    assert ((rows["probability"] >= 0) & (rows["probability"] <= 1)).all()


def test_the_summed_row_is_the_verdict_s_own(
    plan: Plan, registry: Registry, obs: pd.DataFrame
) -> None:
    day = date(2025, 6, 30)
    view = view_on(obs, registry, day.isoformat())
    summed = (
        province_forecast_table(view, plan, plan.target("XHS01"), 2025)
        .set_index("basis")
        .loc["summed"]
    )
    joined = View(registry, with_rollup(view.known, plan, registry), day)
    judged = rollup_plan(plan, registry)
    table = province_forecast_table(joined, judged, judged.target("XHS01"), 2025)
    assert "published" not in set(table["basis"])
    case = make_case(joined, registry.area("36"), judged, judged.target("XHS01"), 2025)
    assert summed["median"] == pytest.approx(case.projection.median)
    assert summed["lo80"] == pytest.approx(case.projection.interval(0.8)[0])
    assert summed["probability"] == pytest.approx(case.chance)


def test_a_district_left_out_is_named(plan: Plan, registry: Registry, obs: pd.DataFrame) -> None:
    found = from_districts(view_on(obs, registry, "2025-06-30"), plan, plan.target("XHS02"), 2025)
    assert found is not None
    assert (found.areas, len(found.missing)) == (8, 1)
    assert 85 < found.coverage < 95
    sizeless = obs.copy()
    there = (sizeless["area_code"] == "359") & (sizeless["indicator"] == "XHS01")
    sizeless.loc[there, ["numerator", "denominator"]] = NONE
    view = view_on(sizeless, registry, "2025-06-30")
    unsized = from_districts(view, plan, plan.target("XHS01"), 2025)
    assert unsized is not None
    assert unsized.missing == ("359",)
    assert np.isnan(unsized.coverage)


def test_nothing_measured_in_districts_gives_nothing(
    plan: Plan, registry: Registry, obs: pd.DataFrame
) -> None:
    view = view_on(obs, registry, "2025-06-30")
    assert from_districts(view, plan, plan.target("KTS06"), 2025) is None
    assert len(province_forecast_table(view, plan, plan.target("KTS06"), 2025)) == 0


def test_a_falling_target_is_asked_the_other_way() -> None:
    parts = [district(20, 2.0), district(30, 2.0)]
    known = Dependence(0.2, 0.2, 3, 5.0)
    up = province_forecast(parts, [1, 1], known, 24.0, ">=")
    down = province_forecast(parts, [1, 1], known, 24.0, "<=")
    assert up.used is not None and down.used is not None
    assert up.used.chance + down.used.chance == pytest.approx(1)
    assert down.used.chance < 0.5
