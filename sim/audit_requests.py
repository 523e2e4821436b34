"""The audit of requests: who asks may ask, who gives can spare it, and nothing is given twice."""

from __future__ import annotations

from dataclasses import fields
from math import inf

import numpy as np
from numpy.typing import NDArray

from sim.laws import Constant
from sim.ledger import Ledger, Loads, Trips
from sim.plan.limits import owed_units, passing_on, sharing_places
from sim.plan.specs import Plan

Ints = NDArray[np.int64]
Floats = NDArray[np.float64]
Flags = NDArray[np.bool_]


def request_fault(ledger: Ledger, plan: Plan) -> str:
    """Return the first breach of what requests and their answers must keep to; "" if there is
    none."""
    if not plan.shared:
        return "a request where none may be" if len(ledger.requests) else ""
    return (
        _of_requests(ledger, plan)
        or _of_answers(ledger, plan)
        or _of_sums(ledger, plan)
        or _of_spare(ledger, plan)
    )


def planned_moves(ledger: Ledger, plan: Plan) -> tuple[Trips, Loads]:
    """Return the trips, and their loads, that carry what the plan assigns."""
    trips, loads = ledger.trips, ledger.loads
    if not plan.shared:
        return trips, loads
    planned = ~_is_shared(trips, plan)
    number = np.cumsum(planned) - 1
    mine = planned[loads.trip]
    return (
        Trips(*(getattr(trips, field.name)[planned] for field in fields(trips))),
        Loads(number[loads.trip[mine]], loads.product[mine], loads.units[mine]),
    )


def ends_there(ledger: Ledger, plan: Plan) -> Flags:
    """Return which loads end where they come to: those that were asked for, and those that came by
    plan to sites that share, but pass nothing of the product on."""
    trips, loads = ledger.trips, ledger.loads
    if not plan.shared:
        return np.zeros(len(loads.trip), bool)
    ends = _sharers(plan)
    for site, product in passing_on(plan.links, plan.tours):
        ends[site, product] = False
    return np.asarray(
        _is_shared(trips, plan)[loads.trip] | ends[trips.destination[loads.trip], loads.product]
    )


def own_answers(ledger: Ledger) -> tuple[Ints, Ints, Floats, Ints]:
    """Return site, product, time and units (negative) of what sites gave to their own requests."""
    requests, answers = ledger.requests, ledger.answers
    own = answers.trip < 0
    product = requests.product[answers.request[own]]
    return answers.giver[own], product, answers.time[own], -answers.units[own]


def _is_shared(trips: Trips, plan: Plan) -> Flags:
    return np.array([lane.sharing is not None for lane in plan.lanes])[trips.lane]


def _sharers(plan: Plan) -> Flags:
    """Return which sites share which product (sites × products)."""
    places = np.zeros((len(plan.echelons), len(plan.products)), bool)
    for place in sharing_places(plan.lanes):
        places[place] = True
    return places[plan.site_echelon]


def _of_requests(ledger: Ledger, plan: Plan) -> str:
    """Requests come when, where and for as much as their processes may ask."""
    requests = ledger.requests
    if (requests.asked > ledger.horizon).any():
        return "a request came after the horizon"
    for index, spec in enumerate(plan.requests):
        mine = np.flatnonzero(requests.spec == index)
        if (requests.product[mine] != spec.product).any():
            return f"{spec.name} asks for another product"
        processes = {process.site: process for process in spec.processes}
        counts: dict[int, int] = {}
        for row in mine.tolist():
            site = int(requests.site[row])
            process = processes.get(site)
            if process is None or requests.number[row] != counts.get(site, 0):
                return f"{plan.site_keys[site]} asks for what {spec.name} does not"
            counts[site] = counts.get(site, 0) + 1
            time, units = requests.asked[row], int(requests.units[row])
            may = units >= 1 and process.begins <= time <= process.ends
            if process.gap is None:
                may &= time in process.times
            if isinstance(process.size, Constant):
                may &= units == max(round(process.size.mean), 1)
            if not may or counts[site] > process.most:
                return f"{plan.site_keys[site]} asks for what {spec.name} does not"
    return ""


def _of_answers(ledger: Ledger, plan: Plan) -> str:
    """Each answer goes from who shares to who asked, in time and within reach; each trip on a lane
    with sharing answers one request."""
    requests, answers, trips, loads = (
        ledger.requests, ledger.answers, ledger.trips, ledger.loads
    )  # fmt: skip
    if not len(answers.request):
        return "goods were shared that nobody asked for" if _is_shared(trips, plan).any() else ""
    asked, until = requests.asked[answers.request], requests.given_up[answers.request]
    until = np.where(np.isnan(until), inf, until)
    if answers.units.min() < 1 or not ((answers.time >= asked) & (answers.time <= until)).all():
        return "a request was answered before it came, or after it was withdrawn"
    by_trip = answers.trip >= 0
    trip, to = answers.trip[by_trip], requests.site[answers.request[by_trip]]
    if (answers.giver[~by_trip] != requests.site[answers.request[~by_trip]]).any():
        return "a request was answered without a trip"
    shared = np.flatnonzero(_is_shared(trips, plan))
    if not np.array_equal(np.sort(trip), shared):
        return "a trip with shared goods answers no request, or more than one"
    carried = np.searchsorted(loads.trip, trip)
    good = (loads.trip[carried] == trip) & (loads.units[carried] == answers.units[by_trip])
    good &= loads.product[carried] == requests.product[answers.request[by_trip]]
    good &= np.bincount(loads.trip, minlength=len(trips))[trip] == 1
    good &= (trips.origin[trip] == answers.giver[by_trip]) & (trips.destination[trip] == to)
    good &= (trips.ready[trip] == answers.time[by_trip]) & (trips.origin[trip] != to)
    reach = np.array([lane.sharing.reach if lane.sharing else 0.0 for lane in plan.lanes])
    good &= trips.km[trip] <= reach[trips.lane[trip]]
    unwilling = [lane.sharing is not None and lane.sharing.willing == 0 for lane in plan.lanes]
    good &= ~np.array(unwilling)[trips.lane[trip]]
    if not good.all():
        return f"trip {int(trip[np.argmin(good)])} is not what its request is answered with"
    return ""


def _of_sums(ledger: Ledger, plan: Plan) -> str:
    """Nobody gets more than was asked; who has all was answered then, and only others withdraw."""
    requests, answers = ledger.requests, ledger.answers
    whole = np.bincount(answers.request, answers.units, minlength=len(requests)).astype(np.int64)
    last = np.full(len(requests), -inf)
    np.maximum.at(last, answers.request, answers.time)
    full = whole == requests.units
    wrong = (whole > requests.units) | (full != ~np.isnan(requests.answered))
    wrong |= full & (requests.answered != last)
    wrong |= full & ~np.isnan(requests.given_up)
    if wrong.any():
        return f"request {int(np.argmax(wrong))} was not answered with what it asked for"
    # where a lane serves requests as a whole, who gives along it is the last to give
    final = np.zeros(len(requests), np.int64)
    final[answers.request] = answers.giver
    by_trip = np.flatnonzero(answers.trip >= 0)
    lane = ledger.trips.lane[answers.trip[by_trip]]
    for row, index in zip(by_trip.tolist(), lane.tolist(), strict=True):
        sharing = plan.lanes[index].sharing
        if sharing is None or not sharing.whole:
            continue
        request = int(answers.request[row])
        if not full[request] or answers.giver[row] != final[request]:
            return f"request {request} was served in part along {plan.lanes[index].name}"
    return ""


def _of_spare(ledger: Ledger, plan: Plan) -> str:
    """Nobody gives more than is on hand and owed to nobody, less what is kept.

    What was on hand or has left for those to whom it is owed, less all that is owed, is what can be
    spared: departures by plan change nothing in it.
    """
    requests, answers, trips, loads = (
        ledger.requests, ledger.answers, ledger.trips, ledger.loads
    )  # fmt: skip
    products, supplies = len(plan.products), ledger.supplies
    product = requests.product[answers.request]
    keeps = np.array([lane.sharing.keeps if lane.sharing else 0 for lane in plan.lanes])
    lane = np.where(answers.trip < 0, 0, trips.lane[answers.trip] if len(trips) else 0)
    kept = np.where(answers.trip < 0, 0, keeps[lane])
    got = np.flatnonzero(~np.isnan(trips.received[loads.trip]) & ~ends_there(ledger, plan))
    lost = np.zeros(len(trips) * products, np.int64)
    np.add.at(lost, ledger.losses.trip * products + ledger.losses.product, ledger.losses.units)
    came = loads.units[got] - lost[loads.trip[got] * products + loads.product[got]]
    place = np.concatenate(
        [
            supplies.site * products + supplies.product,
            trips.destination[loads.trip[got]] * products + loads.product[got],
            answers.giver * products + product,
        ]
    )
    times = np.concatenate([supplies.time, trips.received[loads.trip[got]], answers.time])
    change = np.concatenate([supplies.units, came, -answers.units])
    kept = np.concatenate([np.zeros(len(place) - len(kept), np.int64), kept])
    gives = np.arange(len(place)) >= len(place) - len(answers.units)
    order = np.lexsort((gives, times, place))
    place, change, kept, gives = place[order], change[order], kept[order], gives[order]
    level = np.cumsum(change)
    first = np.searchsorted(place, place)
    level -= level[first] - change[first]
    givers, where = np.unique(place[gives], return_inverse=True)
    owed = np.array(
        [owed_units(plan.links, plan.tours, *divmod(key, products)) for key in givers.tolist()],
        np.int64,
    )
    wrong = level[gives] - owed[where] < kept[gives]
    if wrong.any():
        site = int(place[gives][np.argmax(wrong)]) // products
        return f"{plan.site_keys[site]} gives more than it can spare"
    return ""
