"""Plans and areas on the borders of another day, and the registry that holds them."""

from __future__ import annotations

from datetime import date

from kts_analysis.areas import Crosswalk
from kts_analysis.entries import Area, Plan
from kts_analysis.errors import KtsError
from kts_analysis.i18n import N_
from kts_analysis.periods import parse_partial_date
from kts_analysis.registry import Registry

KEPT = 8  # registries on other borders kept in memory: those asked for, those of past days
_kept: dict[tuple[int, date], tuple[Registry, Registry]] = {}


def border_day(text: str) -> date:
    """Return the day whose borders are asked for.

    Raises
    ------
    KtsError
        The text is not a date.
    """
    try:
        return parse_partial_date(text)
    except ValueError:
        message = N_("{found} is not a date like 2024-12-31")
        raise KtsError(message, found=text) from None


def borders_of(plan: Plan, crosswalk: Crosswalk) -> date:
    """Return the newest day on which all areas of a plan existed: the borders it was made on.

    Raises
    ------
    KtsError
        There is no such day.
    """
    areas = [crosswalk.registry.area(code) for code in plan.areas]
    ends = [area.valid_to for area in areas if area.valid_to is not None]
    day = min(ends, default=max(crosswalk.days, default=date.max))
    late = [area.code for area in areas if not area.exists_on(day)]
    if late:
        message = N_("the areas of plan {plan} never stood side by side: {codes}")
        raise KtsError(message, plan=plan.id, codes=", ".join(late))
    return day


def plan_on(plan: Plan, crosswalk: Crosswalk, day: date) -> Plan:
    """Return the plan with the areas of the borders of a day in place of its own.

    Thresholds stay as they are; `moved_targets.target_on` says what a changed area must reach.

    Raises
    ------
    KtsError
        The plan's home area has no single successor on that day; and as `borders_of`.

    Examples
    --------
    >>> from datetime import date
    >>> import kts_analysis as kts
    >>> plan, crosswalk = kts.load_plan("nam-dinh-105"), kts.Crosswalk(kts.load_registry())
    >>> set(plan.areas) - set(kts.plan_on(plan, crosswalk, date(2024, 9, 1)).areas)
    {'358'}
    """
    own = borders_of(plan, crosswalk)
    moved = {code: crosswalk.pieces(code, day, of=own) for code in plan.areas}
    home = moved.get(plan.home) or crosswalk.pieces(plan.home, day, of=own)
    if len(home) != 1:
        message = N_("{area} is not one area on the borders of {day}")
        raise KtsError(message, area=plan.home, day=day.isoformat())
    codes = dict.fromkeys(piece.code for code in plan.areas for piece in moved[code])
    return plan.model_copy(update={"home": home[0].code, "areas": tuple(codes)})


def report_plan_on(plan: Plan, crosswalk: Crosswalk, day: date) -> Plan:
    """Return the plan as reports on the borders of a day follow it.

    As `plan_on`, but where the home area became part of a larger one, the areas still add up to
    the former home area only: it stays the home, and the larger one stands beside.

    Raises
    ------
    KtsError
        The larger one has the home area's own code, or nobody has said what became of an area;
        and as `plan_on`.
    """
    moved = plan_on(plan, crosswalk, day)
    own = borders_of(plan, crosswalk)
    registry = crosswalk.registry
    lost = [code for code in moved.areas if not registry.area(code, day).exists_on(day)]
    if lost:
        message = N_(
            "plan {plan} cannot stand on the borders of {day}: crosswalk.csv does not say what "
            "became of {codes}"
        )
        raise KtsError(message, plan=plan.id, day=day.isoformat(), codes=", ".join(lost))
    if {piece.code for piece in crosswalk.pieces(moved.home, own, of=day)} == {plan.home}:
        return moved
    if moved.home == plan.home:
        message = N_("on the borders of {day} {area} names a larger area than in plan {plan}")
        raise KtsError(message, day=day.isoformat(), area=plan.home, plan=plan.id)
    parts = [code for code in moved.areas if code != moved.home]
    areas = (plan.home, *parts) if plan.home in plan.areas else tuple(parts)
    beside = dict.fromkeys([moved.home, *plan.beside])
    return moved.model_copy(update={"home": plan.home, "areas": areas, "beside": tuple(beside)})


def registry_on(registry: Registry, day: date) -> Registry:
    """Return the registry as if the borders of a day had always stood and always would.

    Its areas are those of the day, without beginning or end, so that no line breaks and every
    area is expected in every period; its plans are those of `report_plan_on`, with the thresholds
    as they are, and those that cannot stand there are among its refused ones. A home area that
    became part of a larger one is kept beside it. The same registry and day give the same object.
    """
    key = (id(registry), day)
    if key not in _kept:
        _kept[key] = (registry, _registry_on(registry, day))  # the first keeps the id its own
    while len(_kept) > KEPT:
        del _kept[next(iter(_kept))]
    return _kept[key][1]


def registry_asked(registry: Registry, borders: str) -> Registry:
    """Return the registry on the borders of a day (ISO), or as it is when none is asked for.

    Raises
    ------
    KtsError
        As `border_day`.
    """
    return registry_on(registry, border_day(borders)) if borders else registry


def _registry_on(registry: Registry, day: date) -> Registry:
    crosswalk = Crosswalk(registry)
    plans, refused = dict[str, Plan](), dict[str, KtsError]()
    for name, plan in registry.plans.items():
        try:
            plans[name] = report_plan_on(plan, crosswalk, day)
        except KtsError as error:
            refused[name] = error
    standing = {area.code: area for area in registry.area_list if area.exists_on(day)}
    for name, plan in plans.items():
        if plan.home not in standing:
            own = borders_of(registry.plans[name], crosswalk)
            standing[plan.home] = registry.area(plan.home, own)
    return Registry(
        root=registry.root,
        indicators=registry.indicators,
        series=registry.series,
        area_list=tuple(_always(area) for area in standing.values()),
        successions=(),
        plans=plans,
        refused=refused,
    )


def _always(area: Area) -> Area:
    return area.model_copy(update={"valid_from": None, "valid_to": None})
