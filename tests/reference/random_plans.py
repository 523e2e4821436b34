"""Random small plans for hypothesis: everything that a plan can say, in a few sites.

Numbers are multiples of 1/8, which float64 adds without rounding, and half of the plans have no
luck at all. So simultaneous events abound, and their order is tested too.
"""

from __future__ import annotations

from math import inf

import numpy as np
from hypothesis import strategies as st

from reference.plans import ALWAYS, CITY, COUNTY, ECHELONS, FACTORY, chain, daily, fleet, lane
from reference.plans import station as make_station
from sim.laws import Constant, Gamma, Law, Lognormal
from sim.plan.specs import FleetSpec, LaneSpec, Plan, Rest, Shift, StationSpec, WaveSpec
from sim.policies.allocation import ALLOCATION_RULES
from sim.policies.dispatch import Departures, DispatchRule, FullOrAfter, OnArrival, Timetable


def eighths(low: int, high: int) -> st.SearchStrategy[float]:
    """Return multiples of 1/8 from ``low`` to ``high``."""
    return st.integers(8 * low, 8 * high).map(lambda k: k / 8)


@st.composite
def laws(draw: st.DrawFn, *, lucky: bool) -> Law:
    if not lucky:
        return Constant(draw(eighths(0, 5)))
    mean = draw(eighths(0, 5)) + 0.125
    choices: list[Law] = [Constant(mean), Lognormal(mean, 0.5), Gamma(mean, 1.5)]
    return draw(st.sampled_from(choices))


@st.composite
def shifts(draw: st.DrawFn) -> Shift:
    if draw(st.booleans()):
        return ALWAYS
    opening = draw(st.integers(0, 12))
    closing = opening + draw(st.integers(6, 11))
    return daily(opening, closing, draw(st.sampled_from(["finish", "pause", "fits"])))


@st.composite
def dispatch_rules(draw: st.DrawFn) -> DispatchRule:
    return draw(
        st.one_of(
            st.just(OnArrival()),
            st.builds(FullOrAfter, eighths(0, 12), st.sampled_from([1, 3, 4, 10, inf])),
            st.builds(Departures, eighths(1, 30), eighths(0, 6)),
            st.lists(eighths(0, 90), max_size=6, unique=True).map(
                lambda times: Timetable(tuple(sorted(times)))
            ),
        )
    )


@st.composite
def fleets(draw: st.DrawFn, echelon: int, *, lucky: bool) -> FleetSpec:
    crew_law = st.none() | laws(lucky=lucky)
    return fleet(
        echelon,
        vehicles=draw(st.sampled_from([1, 2, 3, inf])),
        limits=(
            draw(st.sampled_from([inf, 1, 3, 8])),
            draw(st.sampled_from([inf, 1.0, 2.5])),
            draw(st.sampled_from([inf, 2.0, 7.0])),
        ),
        speed=draw(st.sampled_from([32.0, 64.0])),
        loading=draw(crew_law),
        unloading=draw(crew_law),
        rest=Rest(draw(st.sampled_from([1.0, 4.0, inf])), draw(eighths(0, 1))),
        shift=draw(shifts()),
    )


@st.composite
def stations(draw: st.DrawFn, *, lucky: bool) -> list[StationSpec]:
    places = [
        (echelon, stage)
        for origin in (FACTORY, CITY)
        for stage in ("loading", "sorting", "unloading", "sign-off")
        for echelon in [origin if stage in ("loading", "sorting") else origin + 1]
    ]
    return [
        make_station(
            echelon,
            stage,
            servers=draw(st.sampled_from([1, 2, inf])),
            per_lot=draw(st.none() | laws(lucky=lucky)),
            per_unit=draw(st.sampled_from([0.0, 0.125])),
            shift=draw(shifts()),
        )
        for echelon, stage in draw(st.lists(st.sampled_from(places), max_size=4, unique=True))
    ]


@st.composite
def plans(draw: st.DrawFn) -> Plan:
    """Return a plan of one or two factories, up to three cities and up to six counties."""
    lucky = draw(st.booleans())
    entitlement = draw(st.sampled_from([(2,), (1,), (2, 1)]))
    uneven = draw(st.booleans())
    products = range(len(entitlement))
    factories = draw(st.integers(1, 2))
    counties_of = draw(st.lists(st.integers(1, 2), min_size=1, max_size=3))
    city_of = np.repeat(np.arange(len(counties_of)), counties_of) + factories
    first_county = factories + len(counties_of)
    names = ["factory"] * factories + ["city"] * len(counties_of) + ["county"] * len(city_of)
    km = eighths(1, 40).map(lambda hours: 8 * hours)

    dues: list[list[int]] = []
    tours, need = [], np.zeros((len(names), len(entitlement)), np.int64)
    for county in range(first_county, len(names)):
        for _ in range(draw(st.integers(1, 3))):
            legs = draw(st.lists(km, min_size=1, max_size=3))
            tours.append((county, legs, draw(km)))
            for _ in legs:
                most = [2 * units * uneven for units in entitlement]
                due = [draw(st.integers(0, units)) if units else 0 for units in most]
                due = due if any(due) else list(entitlement)
                dues.append(due)
                need[county] += np.array(due)
        need[city_of[county - first_county]] += need[county]

    waves = [
        WaveSpec(f"wave-{number}", FACTORY, earliest, earliest + draw(eighths(0, 12)) * lucky)
        for number, earliest in enumerate(draw(st.lists(eighths(0, 48), max_size=2)))
    ]
    wave_of = [draw(st.integers(-1, len(waves) - 1)) for _ in counties_of]
    links, supplies = [], []
    for city, wave in enumerate(wave_of, start=factories):
        ways = [draw(km) for _ in range(factories)]
        for product in products:
            whole = int(need[city, product])
            part = whole if factories == 1 else draw(st.integers(0, whole))
            for factory, units in enumerate((part, whole - part)):
                if units:
                    links.append((factory, city, product, units, ways[factory], wave))
    for factory in range(factories):
        for product in products:
            times = sorted(draw(st.lists(eighths(0, 30), min_size=1, max_size=4, unique=True)))
            lots = [(time, draw(st.integers(1, 40))) for time in times]
            supplies.append((factory, product, lots))
    links.sort(key=lambda row: (row[0], row[5], row[1], row[2]))
    for county, city in enumerate(city_of.tolist(), start=first_county):
        far = draw(km)
        links.extend(
            (city, county, product, int(need[county, product]), far, -1)
            for product in products
            if need[county, product]
        )
    all_stations = draw(stations(lucky=lucky))

    def lane_from(echelon: int) -> LaneSpec:
        return lane(
            echelon,
            own=Lognormal(1.0, 0.25) if lucky and draw(st.booleans()) else None,
            shared=Lognormal(1.0, 0.25) if lucky and draw(st.booleans()) else None,
            dispatch=OnArrival() if echelon == COUNTY else draw(dispatch_rules()),
            allocation=ALLOCATION_RULES[draw(st.sampled_from(sorted(ALLOCATION_RULES)))],
            stations=all_stations,
        )

    return chain(
        sites=[(f"{name}-{i}", ECHELONS.index(name)) for i, name in enumerate(names)],
        supplies=supplies,
        links=links,
        tours=tours,
        units=dues if uneven else entitlement,
        stop_time=draw(laws(lucky=lucky)),
        fleets=[draw(fleets(echelon, lucky=lucky)) for echelon in (FACTORY, CITY, COUNTY)],
        lanes=[lane_from(echelon) for echelon in (FACTORY, CITY, COUNTY)],
        stations=all_stations,
        waves=waves,
        load_per_unit=[(1.0, 0.25, 0.5), (1.0, 0.5, 2.0)][: len(entitlement)],
        horizon=draw(st.sampled_from([48.0, 240.0, 1000.0])),
        seed=draw(st.integers(0, 3)),
    )
