"""Sharing a goal out: cases worked by hand, a thousand random ones, a hundred out of reach."""

from __future__ import annotations

from dataclasses import replace
from fractions import Fraction

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from kts_analysis.allocation.methods import WAYS, Way, curve_of
from kts_analysis.allocation.parts import Goal, Grid, Part, make_ledger
from kts_analysis.allocation.remedies import Binding, Remedy, apply, shortfall
from kts_analysis.allocation.solving import InfeasibleError, share_out
from kts_analysis.predictive import Projection
from kts_analysis.scales import Scale

NAN = float("nan")


def coming(location: float, spread: float, df: float = 1.0) -> Projection:
    """Return a distribution on the plain scale; with one degree of freedom it is Cauchy's."""
    scale = Scale(0.0, 100.0, bend=False)
    return Projection(2026.0, "made up", 5, 1.0, 1, scale, location, spread, df)


def free(code: str, newest: float, heads: float, **more: object) -> Part:
    return replace(Part(code, newest, heads, floor=newest), **more)  # type: ignore[arg-type]


def fixed(code: str, newest: float, heads: float, target: float) -> Part:
    return Part(code, newest, heads, target, target, "fix")


A, B = free("A", 50, 100), free("B", 80, 300)  # together 72.5


# --- worked by hand -------------------------------------------------------------------------------


def test_equal_gap_by_hand() -> None:
    done = share_out([A, B], Goal(80), "equal_gap")
    # 7.5 of 27.5 points missing to 100: 27.27% of 50 and of 20 points
    assert done.common == pytest.approx(100 * 7.5 / 27.5)
    assert done.exact == pytest.approx((63.6364, 85.4545), abs=1e-4)
    assert done.targets == (63.6, 85.5)
    assert done.total == 80.025
    assert (done.reached, done.standing_in) == (False, ())


def test_equal_gap_to_a_lower_ceiling() -> None:
    parts = [replace(part, cap=90.0, held="common_cap") for part in (A, B)]
    done = share_out(parts, Goal(80), "equal_gap", ceiling=90)
    # 40 and 10 points to 90, together 17.5: 3/7 of each
    assert done.exact == pytest.approx((50 + 120 / 7, 80 + 30 / 7))
    assert done.targets == (67.1, 84.3)


def test_proportional_by_hand() -> None:
    done = share_out([A, B], Goal(80), "proportional")
    assert (done.common, done.targets, done.total) == (pytest.approx(7.5), (57.5, 87.5), 80.0)


def test_above_asks_for_one_step_more() -> None:
    done = share_out([A, B], Goal(80, ">"), "proportional")
    assert (done.targets, done.total) == ((57.6, 87.5), 80.025)


def test_equal_effort_by_hand() -> None:
    parts = [
        replace(A, projection=coming(60, 2)),
        replace(B, projection=coming(85, 4)),
    ]
    done = share_out(parts, Goal(80), "equal_effort")
    # at the medians 78.75; 3.5 points a spread: 1.25 / 3.5 spreads up, exceeded with chance
    # 1/2 - atan(1.25 / 3.5) / pi of a Cauchy distribution
    up = 1.25 / 3.5
    assert done.exact == pytest.approx((60 + 2 * up, 85 + 4 * up))
    assert done.common == pytest.approx(100 * (0.5 - np.arctan(up) / np.pi))
    assert done.targets == (60.7, 86.5)
    for part, exact in zip(parts, done.exact, strict=True):
        assert part.projection is not None
        assert 100 * part.projection.probability(exact) == pytest.approx(done.common)


def test_equal_effort_without_a_distribution_goes_as_far_as_the_others() -> None:
    parts = [
        free("A", 40, 100, projection=coming(55, 2)),
        free("B", 80, 300, projection=coming(85, 4)),
        free("C", 40, 100),
    ]
    done = share_out(parts, Goal(73), "equal_effort")
    # A and B win 1,500 heads-points each of 6,000 each: a quarter of the gap, for C too
    assert done.targets == (55.0, 85.0, 55.0)
    assert done.common == pytest.approx(50)
    assert done.standing_in == ("C",)


def test_equal_effort_without_any_distribution_names_no_chance() -> None:
    effort = share_out([A, B], Goal(80), "equal_effort")
    assert effort.targets == share_out([A, B], Goal(80), "equal_gap").targets
    assert np.isnan(effort.common)
    assert effort.standing_in == ("A", "B")


@pytest.mark.parametrize("way", WAYS)
def test_caps_and_fixed_targets_leave_the_rest_to_the_others(way: Way) -> None:
    capped = [A, replace(B, cap=82.0, held="cap")]  # B alone would be asked for more by any way
    assert share_out(capped, Goal(80), way).targets == (74.0, 82.0)
    given_target = [fixed("A", 50, 100, 60), B]
    assert share_out(given_target, Goal(80), way).targets == (60.0, 86.7)


def test_a_fixed_target_may_lie_below_the_newest_figure_and_needs_none() -> None:
    assert share_out([fixed("A", 50, 100, 40), B], Goal(80)).target("A") == 40
    assert share_out([fixed("A", NAN, 100, 65), B], Goal(80)).targets == (65.0, 85.0)


@pytest.mark.parametrize("way", WAYS)
def test_nobody_falls_where_the_goal_is_reached_already(way: Way) -> None:
    parts = [free("A", 50.01, 100, projection=coming(45, 2)), replace(B, projection=coming(85, 4))]
    done = share_out(parts, Goal(60), way)
    assert (done.reached, done.targets) == (True, (50.1, 80.0))


def test_a_target_may_fall_where_that_is_allowed() -> None:
    parts = [Part("A", 50, 100, projection=coming(45, 2)), Part("B", 80, 300, cap=80.0, held="cap")]
    assert share_out(parts, Goal(71.25), "equal_effort").targets == (45.0, 80.0)


def test_decimals() -> None:
    assert share_out([A, B], Goal(80), grid=Grid(0)).targets == (64.0, 86.0)
    assert share_out([A, B], Goal(80), grid=Grid(2)).targets == (63.64, 85.46)


def test_a_float_below_its_decimal_is_not_rounded_up() -> None:
    grid = Grid(1)
    assert (grid.up(88.9), grid.down(88.9), grid.up(88.91)) == (889, 889, 890)
    assert grid.holds(88.9) and not grid.holds(88.91)


def test_denominators_that_are_not_whole_count_exactly() -> None:
    ledger = make_ledger([free("A", 50, 0.1), free("B", 80, 0.3)], Goal(80), Grid(1))
    assert ledger.weights == (1, 3)
    assert ledger.needed == 3200


@pytest.mark.parametrize(
    ("parts", "message"),
    [
        ([], "nothing"),
        ([free("A", 50, 0)], "not above 0"),
        ([free("A", 50, NAN)], "not above 0"),
        ([free("A", 50, 10, cap=49.0)], "below the floor"),
        ([free("A", 50, 10, cap=90.05)], "decimals"),
        ([Part("A", NAN, 10)], "must be fixed"),
    ],
)
def test_parts_that_make_no_sense(parts: list[Part], message: str) -> None:
    with pytest.raises(ValueError, match=message):
        share_out(parts, Goal(80))


def test_unknown_ways_ceilings_and_directions() -> None:
    with pytest.raises(ValueError, match="unknown method"):
        share_out([A], Goal(80), "by_lot")  # type: ignore[arg-type]
    with pytest.raises(ValueError, match="ceiling"):
        share_out([A, B], Goal(80), ceiling=90)
    with pytest.raises(ValueError, match="rise"):
        Goal(80, "<=")


# --- a thousand random cases ----------------------------------------------------------------------


def random_parts(random: np.random.Generator) -> list[Part]:
    """Return two to twelve areas, some capped, fixed, or without a distribution."""
    parts = []
    for number in range(random.integers(2, 13)):
        newest = round(float(random.uniform(0, 99)), 2)
        part = free(f"a{number}", newest, float(random.integers(1, 200_000)))
        kind = random.random()
        if kind < 0.2:
            cap = Grid(1).value(random.integers(Grid(1).up(newest), 1001))
            part = replace(part, cap=cap, held="cap")
        elif kind < 0.3:
            part = fixed(part.code, newest, part.denominator, float(random.integers(0, 101)))
        if random.random() < 0.8:
            place, spread = random.normal(0.3, 1), random.uniform(0.05, 1.5)
            scale = Scale(0.0, 100.0)
            place += float(scale.forward(newest))
            seen = replace(coming(place, spread, float(random.integers(2, 40))), scale=scale)
            part = replace(part, projection=seen)
        parts.append(part)
    return parts


def weighted(parts: list[Part], targets: tuple[float, ...]) -> Fraction:
    pairs = zip(parts, targets, strict=True)
    heads = sum(Fraction(part.denominator) for part in parts)
    return sum(Fraction(part.denominator) * Fraction(str(t)) for part, t in pairs) / heads


def span(parts: list[Part]) -> tuple[float, float]:
    ledger = make_ledger(parts, Goal(50), Grid(1))
    return ledger.rate(ledger.total(ledger.lows)), ledger.rate(ledger.total(ledger.highs))


@pytest.mark.parametrize("way", WAYS)
def test_a_thousand_feasible_goals_are_met_to_rounding(way: Way) -> None:
    random = np.random.default_rng(6)
    for _ in range(1000):
        parts = random_parts(random)
        low, high = span(parts)
        value = round(float(random.uniform(low, high)), 1)
        goal = Goal(value, str(random.choice([">", ">="])))
        if not make_ledger(parts, goal, Grid(1)).feasible:  # rounded past the best
            continue
        done = share_out(parts, goal, way)
        total, wanted = weighted(parts, done.targets), Fraction(str(value))
        assert total > wanted if goal.comparator == ">" else total >= wanted
        assert done.total == pytest.approx(float(total))
        heads = sum(part.denominator for part in parts)
        if not done.reached:
            assert (total - wanted) * Fraction(heads) <= Fraction(1, 10) * Fraction(
                max(part.denominator for part in parts)
            )
            exact = sum(p.denominator * x for p, x in zip(parts, done.exact, strict=True)) / heads
            assert exact == pytest.approx(value, abs=1e-6)
        for part, target in zip(parts, done.targets, strict=True):
            assert part.floor - 1e-9 <= target <= part.cap + 1e-9
            assert not part.fixed or target == part.cap
            assert Grid(1).holds(target)


@pytest.mark.parametrize("way", WAYS)
def test_a_higher_goal_never_lowers_a_target(way: Way) -> None:
    random = np.random.default_rng(7)
    for _ in range(200):
        parts = random_parts(random)
        low, high = span(parts)
        values = sorted({round(float(each), 2) for each in random.uniform(low, high, 4)})
        goals = [Goal(value, sign) for value in values for sign in (">=", ">")]
        feasible = [goal for goal in goals if make_ledger(parts, goal, Grid(1)).feasible]
        found = np.array([share_out(parts, goal, way).targets for goal in feasible])
        assert (np.diff(found, axis=0) >= 0).all()


@settings(max_examples=100)
@given(
    st.lists(st.tuples(st.integers(0, 990), st.integers(1, 9)), min_size=2, max_size=5),
    st.integers(1, 999),
    st.sampled_from(WAYS),
)
def test_small_denominators_and_ties(cells: list[tuple[int, int]], goal: int, way: Way) -> None:
    """Equal areas and small numbers make all step at once, which is where rounding goes wrong."""
    parts = [free(f"a{n}", value / 10, heads) for n, (value, heads) in enumerate(cells)]
    lower, higher = (share_out(parts, Goal(each / 10), way) for each in (goal, goal + 1))
    assert weighted(parts, lower.targets) >= Fraction(goal, 10)
    assert all(a <= b for a, b in zip(lower.targets, higher.targets, strict=True))


@pytest.mark.parametrize("df", [1.0, 2.0, 3.0, 7.5, 30.0, 1e6])
def test_the_ends_of_equal_effort_are_numbers(df: float) -> None:
    """Farther out the quantiles of Student's t come back with the wrong sign."""
    curve = curve_of("equal_effort", [free("A", 50, 1, projection=coming(60, 2, df))], 100.0)
    values = np.array([curve(place)[0] for place in np.linspace(0, 1, 401)])
    assert values[200] == 60
    assert values[0] <= 60 - 2 * 20 and values[-1] >= 60 + 2 * 20  # 20 spreads, or a bound
    assert (np.diff(values) >= 0).all()


@pytest.mark.parametrize("way", WAYS)
def test_curves_never_fall_and_end_at_the_caps(way: Way) -> None:
    parts = [part for part in random_parts(np.random.default_rng(8)) if not part.fixed]
    curve = curve_of(way, parts, 100.0)
    steps = np.array([curve(place) for place in np.linspace(0, 1, 201)])
    assert (np.diff(steps, axis=0) >= -1e-9).all()
    assert (steps[-1] >= [part.cap - 1e-6 for part in parts]).all()


# --- out of reach ---------------------------------------------------------------------------------


def test_why_by_hand() -> None:
    parts = [replace(A, cap=70.0, held="cap"), fixed("B", 80, 300, 82)]
    with pytest.raises(InfeasibleError):
        share_out(parts, Goal(80))
    found = shortfall(parts, Goal(80))
    assert found is not None
    assert (found.best, found.short, found.short_heads) == (79.0, 1.0, 4.0)
    assert found.bindings == (Binding("B", "fix", 82.0, 54.0), Binding("A", "cap", 70.0, 30.0))
    # 4 heads more: 4 points of A's 100, or 1 1/3 points of B's 300
    assert found.remedies == (
        Remedy("raise_cap", "A", 74.0),
        Remedy("raise_fix", "B", 83.4),
        Remedy("raise_caps", "", 74.0),
        Remedy("lower_goal", "", 79.0),
    )
    assert shortfall(parts, Goal(79)) is None
    above = shortfall(parts, Goal(79, ">"))
    assert above is not None
    assert (above.short, above.remedies[-1]) == (0.0, Remedy("lower_goal", "", 78.9))


def test_beyond_the_bound_only_a_lower_goal_does() -> None:
    found = shortfall([A, B], Goal(100, ">"))
    assert found is not None
    assert (found.bindings, found.remedies) == ((), (Remedy("lower_goal", "", 99.9),))


def test_a_hundred_goals_out_of_reach_are_explained_by_what_does() -> None:
    random = np.random.default_rng(9)
    explained = 0
    while explained < 100:
        parts = random_parts(random)
        high = span(parts)[1]
        goal = Goal(min(100.0, Grid(1).value(Grid(1).up(high) + int(random.integers(1, 150)))))
        found = shortfall(parts, goal)
        if found is None:
            continue
        explained += 1
        assert found.remedies
        held = {part.code for part in parts if part.cap < 100}
        assert {one.code for one in found.bindings} == held
        for remedy in found.remedies:
            changed, lowered = apply(parts, goal, remedy)
            done = share_out(changed, lowered, "equal_gap")
            assert weighted(changed, done.targets) >= Fraction(str(lowered.value))
            step = 0.1 if remedy.kind == "lower_goal" else -0.1
            almost = replace(remedy, value=round(remedy.value + step, 1))
            assert shortfall(*apply(parts, goal, almost)) is not None


def test_other_parts_are_not_made_from_a_remedy() -> None:
    with pytest.raises(ValueError, match="other parts"):
        apply([A, B], Goal(80), Remedy("later_deadline", "", 2030))
