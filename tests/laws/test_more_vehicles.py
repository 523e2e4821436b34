"""One more vehicle is never later where that is a theorem, and a case in which it is later.

Graham (1969), "Bounds on multiprocessing timing anomalies": with more machines, jobs that wait for
each other may end later. Goods do, where a vehicle more changes who is first at a dock. No order
can change where every destination gets one load, all of them ready at one moment, and nothing after
the fleet is shared. Then each load takes its vehicle no later than with fewer, and all else
follows.
"""

from __future__ import annotations

from typing import Any

import numpy as np
from hypothesis import strategies as st
from reference.holding import hold, on_random_scenarios, run
from reference.random_choices import START, Choices, Wants
from reference.random_rules import random_fleet

from sim.ledger import Ledger
from sim.plan.specs import Plan

Table = dict[str, Any]


@st.composite
def single_loads(draw: st.DrawFn) -> Table:
    """Return a scenario in which one depot sends one load to each of some villages, all at once."""
    choose = Choices(draw, Wants(luck=draw(st.booleans())))
    choose.horizon = 2000
    fleet = random_fleet(choose, ["depot"], tours=False, most=1)
    fleet["vehicles"] = choose.number(1, 4)
    for key in ("capacity", "when-none-free"):
        fleet.pop(key, None)
    lane: Table = {"from": "depot", "to": "village", "fleet": "van"}
    if choose.maybe():
        lane["time"] = choose.law(0.125, 4)
    elif choose.wants.luck:
        lane["travel"] = {"cv": 0.5, "shared-cv": 0.25}
    place = lambda: [choose.number(0, 12) / 8, 30 + choose.number(0, 12) / 8]  # noqa: E731
    count = choose.number(1, 8)
    villages = {f"village-{n}": {"echelon": "village", "at": place()} for n in range(count)}
    calendars = choose.calendars()
    for calendar in calendars.values():
        if calendar["at-closing"] == "fits":  # or a long trip would never begin
            calendar["at-closing"] = "pause"
    document: Table = {
        "title": "One load for each",
        "start": START,
        "horizon": "2000 h",
        "geography": {"nation": "none"},
        "products": {"kit": {}},
        "echelons": {"depot": {}, "village": {"entitlement": {"kit": 1}}},
        "sites": {"depot-0": {"echelon": "depot", "at": place(), "stock": {"kit": 8}}, **villages},
        "fleets": {"van": fleet},
        "lanes": {"to-village": lane},
    }
    if calendars:
        document["calendars"] = calendars
    if choose.maybe():  # a desk of each village's own
        desk = {"echelon": "village", "stage": "sign-off", "time-per-lot": choose.law(0, 3)}
        document["stations"] = {"desk": {**desk, **choose.calendar()}}
    return document


@on_random_scenarios()
def test_one_more_vehicle_is_never_later_where_each_gets_one_load(count: int) -> None:
    hold(_never_later, count, single_loads())


def _never_later(document: Table) -> None:
    fewer = _received(*run(document))
    document["fleets"]["van"]["vehicles"] += 1
    more = _received(*run(document))
    assert fewer.keys() == more.keys()
    late = {to: hour - fewer[to] for to, hour in more.items() if hour > fewer[to] + 1e-9}
    assert not late


def _received(plan: Plan, ledger: Ledger) -> dict[str, float]:
    """Return when each destination received something last; inf if it did not."""
    trips = ledger.trips
    hours = np.where(np.isnan(trips.received), np.inf, trips.received)
    return {
        plan.site_keys[to]: float(hours[trips.destination == to].max())
        for to in np.unique(trips.destination)
    }


#: Trucks take boxes from the near maker to a store, an hour away; from the far one, three hours
#: away, comes serum for a village an hour beyond. One man unloads at the store: two hours for a
#: load of boxes, half an hour for serum. A second truck brings the second load at once, and it is
#: before the serum at the ramp.
ANOMALY: Table = {
    "title": "One more truck, and the village is served later",
    "start": START,
    "horizon": "48 h",
    "geography": {"nation": "none"},
    "products": {"box": {}, "serum": {}},
    "echelons": {"maker": {}, "store": {}, "village": {}},
    "sites": {
        "near": {"echelon": "maker", "stock": {"box": 2}},
        "far": {"echelon": "maker", "stock": {"serum": 1}},
        "store": {"echelon": "store"},
        "village": {"echelon": "village", "need": {"serum": 1, "box": 2}},
    },
    "fleets": {
        "truck": {"home": "maker", "vehicles": 1, "capacity": {"units": 1}},
        "van": {"home": "store", "vehicles": "unlimited", "capacity": {"units": 1}},
    },
    "lanes": {
        "to-store": {
            "from": "maker",
            "to": "store",
            "fleet": "truck",
            "links": [
                {"from": "near", "to": "store", "time": "1 h"},
                {"from": "far", "to": "store", "time": "3 h"},
            ],
        },
        "to-village": {
            "from": "store",
            "to": "village",
            "fleet": "van",
            "links": [{"from": "store", "to": "village", "time": "1 h"}],
        },
    },
    "stations": {
        "ramp": {
            "echelon": "store",
            "stage": "unloading",
            "servers": 1,
            "times": {"box": "2 h", "serum": "30 min"},
        },
    },
}


def test_a_truck_more_may_be_later() -> None:
    """With one truck at each maker the serum is at the village at 4.5 h, with two at 6.5 h."""
    hours = []
    for trucks in (1, 2):
        document = {**ANOMALY, "fleets": {**ANOMALY["fleets"]}}
        document["fleets"]["truck"] = {**ANOMALY["fleets"]["truck"], "vehicles": trucks}
        plan, ledger = run(document)
        serum = ledger.loads.trip[ledger.loads.product == plan.products.index("serum")]
        hours.append(float(np.nanmax(ledger.trips.received[serum])))
    assert hours == [4.5, 6.5]
