"""A lane told in words: how far, by which vehicles, past which stations, by which rules."""

from __future__ import annotations

from math import isinf
from typing import Any

import numpy as np
from numpy.typing import NDArray

from sim.plan.shared import SharingSpec
from sim.plan.specs import OPEN, FleetSpec, LaneSpec, Plan, TourPlan
from sim.report.words import law_words, number, plural
from sim.scenario.leaving import Departures, Dispatch, FullOrAfter, OnArrival, WhenFull
from sim.scenario.schema import Scenario
from sim.scenario.work import Station
from sim.units import show_hours

Floats = NDArray[np.float64]

#: What to say of each rule of allocation.
_SHARED = {
    "in-turn": "in turn",
    "proportional": "in proportion to what is owed",
    "equal-rounds": "in equal rounds",
    "neediest-first": "lot by lot with whoever is owed most",
}


def explain_lane(scenario: Scenario, plan: Plan, index: int) -> dict[str, Any]:
    """Return a lane's name, its title, and all there is to say of it, sentence by sentence."""
    lane = plan.lanes[index]
    tours = next((tours for tours in plan.tours if tours.lane == index), None)
    if lane.sharing is not None:
        lines = _sharing(scenario, plan, lane, lane.sharing)
    else:
        lines = [_hauls(plan, index)] if tours is None else _tours(plan, lane, tours)
    fork = _fork(scenario, plan, index)
    if fork:
        lines.append(fork)
    lines.append(_fleet(plan, lane, tours, plan.fleets[lane.fleet]))
    for other in lane.other_fleets:
        lines.append(f"or else {_fleet(plan, lane, tours, plan.fleets[other])}")
    for stage in lane.stations:
        for station in stage:
            name = plan.stations[station].name
            lines.append(_station(scenario, scenario.stations[name], plan.stations[station].title))
    if lane.loss is not None:
        lines.append(_loss(lane.loss.units, lane.loss.shipments))
    if tours is None and lane.sharing is None:
        lines.append(_rules(scenario, plan, index))
    return {"name": lane.name, "title": lane.title, "sentences": lines}


def _sharing(scenario: Scenario, plan: Plan, lane: LaneSpec, sharing: SharingSpec) -> list[str]:
    """Say who is asked, in which order, and what they give."""
    (shared,) = [shared for shared in plan.shared if plan.lanes[shared.lane] is lane]
    names = [plan.products[product] for product in sharing.products]
    goods = " and ".join(scenario.products[name].title or name for name in names)
    reach = "however far" if isinf(sharing.reach) else f"within {sharing.reach:g} km by road"
    asked = (
        f"{plural(len(shared.origins), 'site')} may give {goods} to who asks: the nearest first, "
        f"{reach}"
    )
    gives = "gives what is on hand and owed to nobody"
    if sharing.keeps:
        gives += f", but for {plural(sharing.keeps, 'unit')}"
    gives += "; all that is asked for, or nothing" if sharing.whole else ", in parts if need be"
    willing = "each"
    if sharing.willing != 1:
        willing += f" agrees with a chance of {number(sharing.willing, 'share')}, and"
    return [asked, f"{willing} {gives}"]


def _hauls(plan: Plan, index: int) -> str:
    links, lane = plan.links, plan.lanes[index]
    rows = np.flatnonzero(links.lane == index)
    if not len(rows):
        return "no links"
    fleet = plan.fleets[lane.fleet]
    units = links.units[rows]
    ways = links.origin[rows] * len(plan.site_keys) + links.destination[rows]
    rows = rows[np.unique(ways, return_index=True)[1]]  # whatever products and waves go along one
    much = "all that comes" if (units >= OPEN).any() else f"{units.sum():,} units"
    km = links.km[rows]
    hours = np.where(np.isnan(links.hours[rows]), km / fleet.speed, links.hours[rows])
    if lane.travel.time is not None:
        hours = np.full(len(km), lane.travel.time.mean)
    text = f"{much} on {plural(len(km), 'link')}"
    if not np.isnan(km).any():
        text += f" of {np.median(km):,.0f} km (median; {km.min():,.0f} to {km.max():,.0f})"
    text += f", {show_hours(float(np.median(hours)))} of driving"
    by_speed = lane.travel.time is None and np.isnan(links.hours[rows]).all()
    return f"{text} at {fleet.speed:g} km/h" if by_speed else text


def _fork(scenario: Scenario, plan: Plan, index: int) -> str:
    """Say how goods that may go several ways are shared among the ways."""
    lane = plan.lanes[index]
    others = [other for other in plan.lanes if other.origin == lane.origin and other is not lane]
    links = plan.links
    is_open = bool((links.units[links.lane == index] >= OPEN).any())
    if not others or not is_open:
        return ""
    share = scenario.lanes[lane.name].share
    total = share + sum(scenario.lanes[other.name].share for other in others)
    return f"{share / total:.1%} of the lots that leave go this way, by chance" if total else ""


def _tours(plan: Plan, lane: LaneSpec, tours: TourPlan) -> list[str]:
    stops = np.diff(tours.first)
    km = np.add.reduceat(tours.leg_km, tours.first[:-1]) + tours.back_km
    fleet = plan.fleets[lane.fleet]
    hours = km / fleet.speed + stops * tours.stop_time.mean
    sites, count = np.unique(tours.site, return_counts=True)
    tours_text = (
        f"{stops.sum():,} facilities on {plural(len(tours), 'tour')} of {stops.mean():.1f} stops, "
        f"{np.median(km):,.0f} km (median) and {show_hours(float(np.median(hours)))} with stops; "
        f"{km.sum():,.0f} km in all"
    )
    sites_text = (
        f"{plural(len(sites), 'site')}, each with {np.median(count):.0f} of them (median; "
        f"{count.min()} to {count.max()})"
    )
    return [tours_text, sites_text]


def _fleet(plan: Plan, lane: LaneSpec, tours: TourPlan | None, fleet: FleetSpec) -> str:
    place = "site"
    if len(fleet.homes) > 1:
        place = f"place of {' and '.join(plan.echelons[home] for home in fleet.homes)} together"
    number = (
        "as many vehicles as needed"
        if isinf(fleet.vehicles)
        else f"{plural(int(fleet.vehicles), 'vehicle')} at each {place}"
    )
    text = f"{fleet.title}: {number}"
    loads = _largest_load(plan, lane, tours)
    if loads is None:
        said = [
            f"{limit:,g} {unit}"
            for limit, unit in zip(fleet.limits, _UNITS, strict=True)
            if not isinf(limit)
        ]
        text += f" that hold {', '.join(said)}" if said else ""
    else:
        said = [
            f"{load:,.2f} of {limit:,g} {unit}"
            for limit, load, unit in zip(fleet.limits, loads, _UNITS, strict=True)
            if not isinf(limit)
        ]
        what = "fullest tour" if lane.is_last_mile else "largest consignment"
        text += f"; the {what} is " + ", ".join(said) if said else ""
    if fleet.loses:
        text += "; who finds none free is lost to another carrier"
    return text


_UNITS = ("units", "m³", "kg")


def _largest_load(plan: Plan, lane: LaneSpec, tours: TourPlan | None) -> Floats | None:
    """Return what the fullest tour or largest consignment takes; None where it has no end."""
    if tours is not None:
        return _fullest_tour(plan, tours)
    rows = plan.links.lane == plan.lanes.index(lane)
    units = plan.links.units[rows]
    if not len(units) or (units >= OPEN).any():
        return None
    loads: Floats = units[:, None] * plan.load_per_unit[plan.links.product[rows]]
    worst: Floats = loads.max(axis=0)
    return worst


def _fullest_tour(plan: Plan, tours: TourPlan) -> Floats:
    """Return the most units, m³ and kg that any tour takes along."""
    if tours.is_even:
        one: Floats = tours.units[0] @ plan.load_per_unit
        return one * float(np.diff(tours.first).max())
    fullest: Floats = (tours.units_of_tours() @ plan.load_per_unit).max(axis=0)
    return fullest


def _station(scenario: Scenario, station: Station, title: str) -> str:
    servers = station.servers.value
    at_once = "no queue" if isinf(servers) else f"{servers:.0f} at a time"
    times = [
        f"{law_words(law)} {each}"
        for law, each in (
            (station.time_per_vehicle, "a vehicle"),
            (station.time_per_lot, "a shipment"),
            (station.time_per_unit, "a unit"),
        )
        if law is not None
    ]
    for product, law in station.times.items():
        times.append(f"{law_words(law)} for {scenario.products[product].title or product}")
    text = f"{title}: {at_once}, {' and '.join(times) or '0'}"
    if station.products:
        text += f"; for {', '.join(station.products)} only"
    if station.sites:
        text += f"; at {', '.join(station.sites)} only"
    if station.order == "priority":
        text += "; by priority" + (", which interrupts" if station.preempts else "")
    if station.yard is not None:
        full = "are turned away" if station.when_full == "turn-away" else "wait where they are"
        text += f"; room for {station.yard.value:.0f} to wait, others {full}"
    if station.breakdowns is not None:
        down = station.breakdowns
        of = "work" if down.clock == "working" else "time"
        text += (
            f"; a server breaks down after {law_words(down.after)} of {of}, for "
            f"{law_words(down.repair)}"
        )
    return text


def _loss(units: float, shipments: float) -> str:
    parts = []
    if units:
        parts.append(f"{units:.3g} of the units")
    if shipments:
        parts.append(f"{shipments:.3g} of the shipments")
    return f"lost on the way: {' and '.join(parts) or 'nothing'}"


def _rules(scenario: Scenario, plan: Plan, index: int) -> str:
    lane = scenario.lanes[plan.lanes[index].name]
    text = f"goods leave {dispatch_words(lane.dispatch)}"
    if (plan.links.units[plan.links.lane == index] >= OPEN).any():
        return text  # nothing is scarce where all that comes is passed on
    order = lane.allocation.order.replace("-", " ")
    if lane.allocation.attribute is not None:
        order += f" by {lane.allocation.attribute}"
    return f"{text}; while they are scarce they are shared {_SHARED[lane.allocation.rule]}, {order}"


def dispatch_words(rule: Dispatch) -> str:
    """Say when goods leave."""
    if isinstance(rule, OnArrival):
        return "on arrival"
    if isinstance(rule, FullOrAfter | WhenFull):
        full = f"are {rule.full.value:,} units" if rule.full is not None else "fill a vehicle"
        if isinstance(rule, WhenFull):
            return f"when they {full}, and not before"
        return f"when they {full}, or after {show_hours(rule.after.value)}"
    return _departures(rule)


def _departures(rule: Departures) -> str:
    if rule.every is not None:
        offset = rule.offset.value if rule.offset is not None else 0.0
        first = f", the first {show_hours(offset)} after the start" if offset else ""
        text = f"every {show_hours(rule.every.value)}{first}"
    else:
        times = [f"{int(hour):02d}:{round(hour % 1 * 60):02d}" for hour in sorted(rule.at or [])]
        text = f"daily at {', '.join(times)}"
    if rule.loads is not None:
        text += f", at most {plural(rule.loads.value, 'load')} at once"
    if rule.cut_off is not None and rule.cut_off.value:
        text += f", if they are there {show_hours(rule.cut_off.value)} before"
    if rule.empty == "run":
        text += ", even with nothing to carry"
    return text
