"""What a change of a scenario file does to its runs is known to the last bit.

Each example is a random scenario and the same scenario with all changes made at once that the laws
know of: its rows must be those of the first, by the other names and in the other units. If they are
not, each change is made by itself, to say which law is broken.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable
from functools import partial
from itertools import product
from typing import Any, NamedTuple

import numpy as np
from hypothesis import strategies as st
from reference.holding import hold, on_random_scenarios, run
from reference.ledger_rows import Reading, Rows, difference, rows_of
from reference.random_choices import START, Choices, Wants
from reference.random_rules import random_disruption
from reference.random_scenarios import random_scenario
from reference.scenario_changes import (
    WITH_LUCK,
    WITHOUT_LUCK,
    larger,
    names_in,
    new_names,
    renamed,
    reordered,
    slower,
    told,
    weeks_later,
    with_idle,
    with_spare_vehicles,
    with_trouble,
)

from sim.ledger import Ledger
from sim.measures.use import most_at_once
from sim.plan.specs import Plan

Table = dict[str, Any]
#: What is added beside a scenario and never used, and a disruption that is none.
IDLE = ("lonely", "shut", "gone", "ghost", "idler", "nothing")
OTHER_NAMES = ("north", "south", "people")  # regions and attributes, which are of no stream


class Change(NamedTuple):
    """A change, and how the rows of what is changed follow from those before it."""

    law: str
    make: Callable[[Table], Table]
    hours: float = 1.0
    units: int = 1
    renames: Callable[[Table], dict[str, str]] = lambda document: {}


class Case(NamedTuple):
    """A scenario and changes of it, in the order in which they are made."""

    document: Table
    changes: list[Change]


@st.composite
def cases(draw: st.DrawFn, wants: Wants) -> Case:
    """Return a random scenario with all changes whose laws hold for what it has."""
    choose = Choices(draw, wants)
    document = random_scenario(choose)
    seed = choose.number(1, 999)
    changes = [
        Change("idle", partial(with_idle, vehicles=True)),
        Change("no length", partial(with_trouble, trouble=_no_trouble(choose, document))),
        Change("said of it", told),
        Change("weeks", partial(weeks_later, weeks=choose.number(1, 60))),
    ]
    if not wants.clock:
        factor = choose.of(2.0, 4.0, 0.5)
        changes.append(Change("time", partial(slower, factor=factor), hours=factor))
    if not wants.rounding:
        units = choose.of(2, 4)
        changes.append(Change("units", partial(larger, factor=units), units=units))
    tables = WITHOUT_LUCK if wants.luck else (*WITHOUT_LUCK, *WITH_LUCK)

    def names_for(document: Table) -> dict[str, str]:
        return new_names([*names_in(document, tables), *OTHER_NAMES], seed)

    law = "names of no stream" if wants.luck else "all names"
    changes.append(Change(law, lambda d: renamed(d, names_for(d)), renames=names_for))
    changes.append(Change("order", partial(reordered, seed=seed)))
    return Case(document, changes)


def _no_trouble(choose: Choices, document: Table) -> Table:
    """Return a disruption of no length, or that never happens, or that changes nothing."""
    trouble = random_disruption(choose, document)
    neutral = {"slow-road": ("factor", 1.0), "sudden-need": ("factor", 1.0),
               "output-cut": ("share", 0.0)}  # fmt: skip
    way = choose.number(0, 2)
    if way == 1:
        return {**trouble, "chance": 0.0}
    if way == 2 and trouble["kind"] in neutral:
        key, value = neutral[trouble["kind"]]
        return {**trouble, key: value}
    return {**trouble, "lasts": "0 h"}


#: What a scenario may have. Two thirds of these have none of each, which some laws ask for.
WANTS = [Wants(*chosen) for chosen in product((True, False, False), repeat=3)]


@on_random_scenarios(12 * len(WANTS))
def test_what_a_change_of_the_file_changes(count: int) -> None:
    tried: Counter[str] = Counter()
    for wants in WANTS:
        hold(lambda case: _as_foretold(case, tried), count // len(WANTS), cases(wants))
    tried["names of no stream"] += tried["all names"]  # which they are among
    assert min(tried.values()) >= 2 / 3 * count, tried


def _as_foretold(case: Case, tried: Counter[str]) -> None:
    plan, ledger = run(case.document)
    spare = Change("vehicles", partial(with_spare_vehicles, fleets=_never_all_out(plan, ledger)))
    changes = [spare, *case.changes]
    told_apart = _differ(case.document, plan, ledger, changes)
    if told_apart:
        for change in changes:
            alone = _differ(case.document, plan, ledger, [change])
            assert not alone, f"{change.law}: {alone}"
    assert not told_apart
    tried.update(change.law for change in changes)


def _differ(document: Table, plan: Plan, ledger: Ledger, changes: list[Change]) -> str:
    names: dict[str, str] = {}
    hours, units = 1.0, 1
    for change in changes:
        names |= change.renames(document)
        document = change.make(document)
        hours, units = hours * change.hours, units * change.units
    foretold = rows_of(ledger, plan, Reading(names, hours, units))
    idle = {names.get(name, name) for name in IDLE}
    other_plan, other = run(document)
    return difference(foretold, _without(rows_of(other, other_plan), idle))


def _without(tables: dict[str, Rows], idle: set[str]) -> dict[str, Rows]:
    """Leave out rows about what is never used: stock of the product that nobody wants, and the
    troubles of sites without work."""
    return {
        table: [row for row in rows if not idle.intersection(map(str, row))]
        for table, rows in tables.items()
    }


def _never_all_out(plan: Plan, ledger: Ledger) -> list[str]:
    """Return the fleets of which some vehicle stood idle all the time, at every place."""
    trips, found = ledger.trips, []
    # What fits into no shift may have been loaded, which the ledger does not show.
    stayed = [plan.lanes[lane] for lane in np.unique(trips.lane[np.isnan(trips.taken)])]
    unclear = {fleet for lane in stayed for fleet in (lane.fleet, *lane.other_fleets)}
    unclear |= {strike.fleet for strike in plan.disruptions}
    for index, fleet in enumerate(plan.fleets):
        if np.isinf(fleet.vehicles) or index in unclear:
            continue
        mine = (trips.fleet == index) & ~np.isnan(trips.taken)
        parts = [(trips.origin[mine], trips.taken[mine], trips.returned[mine])]
        for planned, done in zip(plan.tours, ledger.tours, strict=True):
            if plan.lanes[planned.lane].fleet == index:
                out = ~np.isnan(done.began)
                parts.append((planned.site[out], done.began[out], done.ended[out]))
        site, begin, end = (np.concatenate(column) for column in zip(*parts, strict=True))
        # One that comes home counts as out at that moment still.
        end = np.nextafter(np.where(np.isnan(end), np.inf, end), np.inf)
        place = fleet.pools(len(plan.site_keys))[site]
        most = [most_at_once(begin[place == p], end[place == p]) for p in np.unique(place)]
        if max(most, default=0) < fleet.vehicles:
            found.append(fleet.name)
    return found


#: Goods for three places are due at once, and crews with working hours set off at that moment:
#: whoever sets off is numbered by place, what is due by link.
AT_ONCE: Table = {
    "title": "Crews set off when goods leave",
    "start": START,
    "horizon": "48 h",
    "seed": 0,
    "geography": {"nation": "none"},
    "echelons": {"maker": {}, "clinic": {"entitlement": {"kit": 4}}},
    "products": {"kit": {}},
    "sites": {
        "maker-0": {"echelon": "maker", "at": [1.0, 31.25], "stock": {"kit": 12}},
        "clinic-0": {"echelon": "clinic", "at": [1.125, 30.875]},
        "clinic-1": {"echelon": "clinic", "at": [0.5, 31.0]},
        "clinic-2": {"echelon": "clinic", "at": [0.25, 31.0]},
    },
    "lanes": {
        "to-clinic": {
            "from": "maker",
            "to": "clinic",
            "fleet": "truck",
            "dispatch": {"rule": "when-full", "full": 2},
        }
    },
    "fleets": {
        "truck": {
            "home": "maker",
            "vehicles": "unlimited",
            "speed": "64 km/h",
            "calendar": "day",
            "capacity": {"units": 2},
        }
    },
    "calendars": {"day": {"hours": "00:00-20:00", "days": "every day", "at-closing": "pause"}},
    "stations": {
        "sorter": {"echelon": "maker", "stage": "sorting", "time-per-lot": "3 h"},
        "ramp": {"echelon": "maker", "stage": "loading", "time-per-lot": "0 h"},
    },
}


def test_idle_sites_do_not_change_in_which_order_crews_and_goods_leave() -> None:
    plan, ledger = run(AT_ONCE)
    changes = [Change("idle", partial(with_idle, vehicles=True))]
    assert not _differ(AT_ONCE, plan, ledger, changes)
