"""The audit: at every moment, for every product, goods are somewhere.

Produced + opening stock = on hand + in transit + delivered + lost; nobody sends what is not there,
and no station serves more than it can. The audit reads the ledger and the plan alone and runs on
every replication; a breach fails the run.
"""

from __future__ import annotations

from itertools import pairwise

import numpy as np
from numpy.typing import NDArray

from sim.audit_requests import ends_there, own_answers, planned_moves, request_fault
from sim.calendars import SLACK
from sim.errors import RunError
from sim.laws import Constant
from sim.ledger import Cause, Ledger
from sim.plan.limits import limit_to_assigned
from sim.plan.specs import OPEN, Plan
from sim.sorting import by_place_and_time

Ints = NDArray[np.int64]
Floats = NDArray[np.float64]


def audit(ledger: Ledger, plan: Plan) -> None:
    """Check conservation at every event of a run.

    Raises:
        RunError: naming the first breach found: the product, the site and the hour.
    """
    _audit_supplies(ledger, plan)
    _audit_trips(ledger, plan)
    _audit_losses(ledger, plan)
    _audit_tours(ledger, plan)
    _audit_stock(ledger, plan)
    _audit_links(ledger, plan)
    _audit_vehicles(ledger, plan)
    _audit_services(ledger, plan)
    _audit_uses(ledger, plan)
    fault = request_fault(ledger, plan)
    if fault:
        raise _breach(ledger, fault)


def _breach(ledger: Ledger, what: str) -> RunError:
    return RunError(
        f"replication {ledger.replication} breaks the conservation of goods: {what}. "
        f"This is a fault of Postroad, not of the scenario; please report it with the scenario."
    )


def _audit_supplies(ledger: Ledger, plan: Plan) -> None:
    """What appeared is what the plan supplies until the horizon, and what its processes may bring.

    Where output is cut there may be less of it.
    """
    count, products = len(plan.site_keys), len(plan.products)
    planned = np.zeros(count * products)
    supplies = plan.supplies
    if any(spec.kind == "output-cut" for spec in plan.disruptions):  # then the run ends them
        supplies = limit_to_assigned(
            supplies, plan.links, plan.tours, plan.lanes, plan.site_echelon
        )
    for supply in supplies:
        key = supply.site * products + supply.product
        planned[key] += supply.units[supply.times <= ledger.horizon].sum()
    rows = ledger.supplies
    key_of_row = rows.site * products + rows.product
    drawn = np.zeros(count * products, bool)
    cut = np.zeros(count * products, bool)
    for process in plan.processes:
        drawn[process.site * products + process.product] = True
    for spec in plan.disruptions:
        if spec.kind == "output-cut":
            sites = np.array(spec.sites, np.int64)
            for product in spec.products or range(products):
                cut[sites * products + product] = True
    came = np.bincount(key_of_row, rows.units, minlength=count * products)
    wrong = ((came > planned) & ~drawn) | ((came < planned) & ~cut)
    if wrong.any():
        site = int(np.flatnonzero(wrong)[0]) // products
        raise _breach(ledger, f"{plan.site_keys[site]} was supplied with what no plan gives it")
    if len(rows.units) and (rows.units.min() < 1 or not (rows.time <= ledger.horizon).all()):
        raise _breach(ledger, "a lot has no units, or came after the horizon")
    for key in np.flatnonzero(drawn).tolist():
        _audit_processes(ledger, plan, key, key_of_row == key, may_be_less=bool(cut[key]))


def _audit_processes(
    ledger: Ledger, plan: Plan, key: int, mine: NDArray[np.bool_], *, may_be_less: bool
) -> None:
    """Lots that processes bring to a site are within the times, numbers and sizes they may have."""
    site, product = divmod(key, len(plan.products))
    lots, units = ledger.supplies.time[mine], ledger.supplies.units[mine]
    planned = [s.times for s in plan.supplies if (s.site, s.product) == (site, product)]
    drawn = ~np.isin(lots, np.concatenate(planned)) if planned else np.ones(len(lots), bool)
    lots, units = lots[drawn], units[drawn]
    processes = [p for p in plan.processes if (p.site, p.product) == (site, product)]
    allowed = np.zeros(len(lots), bool)
    for process in processes:
        if process.gap is None:
            within = np.isin(lots, process.times) & (lots <= process.ends)
        else:
            within = (lots >= process.begins) & (lots <= process.ends)
        if isinstance(process.size, Constant):
            size = max(round(process.size.mean), 1)
            within &= (units <= size) if may_be_less else (units == size)
        allowed |= within
    if not allowed.all() or len(lots) > sum(process.most for process in processes):
        raise _breach(ledger, f"{plan.site_keys[site]} was supplied with lots that none brings")


def _audit_trips(ledger: Ledger, plan: Plan) -> None:
    trips, loads = ledger.trips, ledger.loads
    stages = (trips.ready, trips.taken, trips.dispatched, trips.arrived, trips.received)
    for before, after in pairwise(stages):
        wrong = ~np.isnan(after) & ~(after >= before)
        if wrong.any():
            raise _breach(ledger, f"trip {int(np.flatnonzero(wrong)[0])} runs backwards in time")
    if len(loads.units) and loads.units.min() < 1:
        raise _breach(ledger, "a trip carries no units")
    may_be_empty = np.array([lane.dispatch.runs_empty for lane in plan.lanes], bool)
    empty = np.bincount(loads.trip, minlength=len(trips)) == 0
    empty &= ~may_be_empty[trips.lane]
    if empty.any():
        raise _breach(ledger, f"trip {int(np.argmax(empty))} carries nothing")


def _audit_losses(ledger: Ledger, plan: Plan) -> None:
    """Only what a trip carries is lost, once, by what may lose it, and it is not received."""
    losses, trips, loads = ledger.losses, ledger.trips, ledger.loads
    if not len(losses.units):
        return
    products = len(plan.products)
    carried = np.bincount(
        loads.trip * products + loads.product, loads.units, minlength=len(trips) * products
    )
    lost = np.bincount(
        losses.trip * products + losses.product, losses.units, minlength=len(trips) * products
    )
    if losses.units.min() < 1 or (lost > carried).any():
        trip = int(np.argmax(lost - carried)) // products
        raise _breach(ledger, f"more of trip {trip} was lost than it carried")
    damaged = losses.cause == int(Cause.DAMAGED)
    there = ~np.isnan(trips.received)
    gone = np.zeros(len(trips), bool)
    gone[losses.trip[~damaged]] = True
    if (there & gone).any():
        raise _breach(ledger, f"trip {int(np.argmax(there & gone))} was received and lost")
    since = np.where(damaged, trips.dispatched[losses.trip], trips.ready[losses.trip])
    if not (losses.time >= since).all():
        raise _breach(ledger, "goods were lost before they left")
    lane = trips.lane[losses.trip]
    loses = np.array([lane.loss is not None for lane in plan.lanes])
    no_vehicle = np.array([plan.fleets[lane.fleet].loses for lane in plan.lanes])
    full = np.array([s.turns_away and np.isfinite(s.yard) for s in plan.stations] + [False])
    may = np.select(
        [damaged, losses.cause == int(Cause.TURNED_AWAY), losses.cause == int(Cause.NO_VEHICLE)],
        [loses[lane], full[losses.station], no_vehicle[lane] & np.isnan(trips.taken[losses.trip])],
        False,
    )
    if not may.all():
        trip = int(losses.trip[np.argmin(may)])
        raise _breach(ledger, f"trip {trip} was lost to what loses nothing")


def _audit_tours(ledger: Ledger, plan: Plan) -> None:
    visited: dict[int, list[Ints]] = {}
    for planned, done in zip(plan.tours, ledger.tours, strict=True):
        began = np.repeat(done.began, np.diff(planned.first))
        there = ~np.isnan(done.delivered)
        wrong = there & ~((done.arrived >= began) & (done.delivered >= done.arrived))
        if wrong.any():
            raise _breach(ledger, f"stop {int(np.flatnonzero(wrong)[0])} is served before its tour")
        home = np.repeat(~np.isnan(done.ended), np.diff(planned.first))
        if (home & ~there).any():
            row = int(np.flatnonzero(home & ~there)[0])
            raise _breach(ledger, f"stop {row} got nothing from a tour that is over")
        visited.setdefault(planned.echelon, []).append(planned.facility)
    for lanes in visited.values():
        facilities = np.concatenate(lanes) if len(lanes) > 1 else lanes[0]
        seen = np.zeros(int(facilities.max(initial=-1)) + 1, bool)
        seen[facilities] = True
        if len(seen) != len(facilities) or not seen.all():
            raise _breach(ledger, "a facility is not on exactly one tour")


def _audit_stock(ledger: Ledger, plan: Plan) -> None:
    """Stock never falls below zero at any site, product by product.

    Goods are taken from it when a shipment is put together, or a tour has its goods; what is lost
    on the way is never received.
    """
    trips, loads, supplies = ledger.trips, ledger.loads, ledger.supplies
    products = len(plan.products)
    stays = ends_there(ledger, plan)
    got = np.flatnonzero(~np.isnan(trips.received[loads.trip]) & ~stays)
    lost = _lost_of_loads(ledger, products)
    at, to = trips.origin[loads.trip], trips.destination[loads.trip[got]]
    parts: list[tuple[Ints, Ints, Floats, Ints]] = [
        (supplies.site, supplies.product, supplies.time, supplies.units),
        (
            to,
            loads.product[got],
            trips.received[loads.trip[got]],
            (loads.units - lost)[got],
        ),
        (at, loads.product, trips.ready[loads.trip], -loads.units),
        own_answers(ledger),
    ]
    for planned, done in zip(plan.tours, ledger.tours, strict=True):
        taken = np.fmin(done.ready, done.began)
        out = np.flatnonzero(~np.isnan(taken))
        units = planned.units_of_tours()[out]
        for index in np.flatnonzero(units.any(axis=0)).tolist():
            which = np.full(len(out), index)
            parts.append((planned.site[out], which, taken[out], -units[:, index]))
    sites, which, times, changes = (
        np.concatenate([part[column] for part in parts]) for column in range(4)
    )
    # What comes at a moment is there for what leaves then, and stands before it already.
    order = by_place_and_time(sites * products + which, times)
    group = sites[order] * products + which[order]
    level = np.cumsum(changes[order])
    first = np.searchsorted(group, group)
    level -= level[first] - changes[order][first]
    if len(level) and level.min() < 0:
        row = int(np.flatnonzero(level < 0)[0])
        raise _breach(
            ledger,
            f"{plan.site_keys[sites[order][row]]} sends {plan.products[which[order][row]]} "
            f"that it does not have at hour {times[order][row]:.2f}",
        )


def _lost_of_loads(ledger: Ledger, products: int) -> Ints:
    """Return the units of each load that were lost."""
    loads, losses = ledger.loads, ledger.losses
    if not len(losses.units):
        return np.zeros(len(loads.units), np.int64)
    key = losses.trip * products + losses.product
    lost = np.bincount(key, losses.units, minlength=len(ledger.trips) * products)
    of_loads: Ints = lost[loads.trip * products + loads.product].astype(np.int64)
    return of_loads


def _audit_links(ledger: Ledger, plan: Plan) -> None:
    """Nobody is sent more than was planned for them."""
    links, trips, loads = plan.links, *planned_moves(ledger, plan)
    count, products = len(plan.site_keys), len(plan.products)
    planned_key = (
        (links.lane * count + links.origin) * count + links.destination
    ) * products + links.product
    trip_key = (trips.lane * count + trips.origin) * count + trips.destination
    sent_key = trip_key[loads.trip] * products + loads.product
    keys, of_key = np.unique(planned_key, return_inverse=True)  # several waves are one claim here
    row = np.searchsorted(keys, sent_key)
    if len(sent_key) and ((row == len(keys)).any() or (keys[row] != sent_key).any()):
        raise _breach(ledger, "goods went where no link leads")
    if not np.isin(trip_key, planned_key // products).all():
        raise _breach(ledger, "an empty vehicle went where no link leads")
    sent = np.bincount(row, loads.units, minlength=len(keys))
    due = np.zeros(len(keys), np.int64)
    np.add.at(due, of_key, links.units)
    if ((sent > due) & (due < OPEN)).any():
        raise _breach(ledger, "a destination was sent more than it is due")


def _audit_vehicles(ledger: Ledger, plan: Plan) -> None:
    """No place has more vehicles out at once than it has, whoever shares them."""
    trips = ledger.trips
    for index, spec in enumerate(plan.fleets):
        if np.isinf(spec.vehicles):
            continue
        mine = (trips.fleet == index) & ~np.isnan(trips.taken)
        parts = [(trips.origin[mine], trips.taken[mine], trips.returned[mine])]
        for planned, done in zip(plan.tours, ledger.tours, strict=True):
            if plan.lanes[planned.lane].fleet == index:
                out = ~np.isnan(done.began)
                parts.append((planned.site[out], done.began[out], done.ended[out]))
        site, begin, end = (np.concatenate(column) for column in zip(*parts, strict=True))
        place = spec.pools(len(plan.site_keys))[site]
        over = _too_many(place, begin + SLACK, end, np.full(len(place), spec.vehicles))
        if over is not None:
            at, hour = over
            raise _breach(
                ledger,
                f"{spec.name} of {plan.site_keys[at]} has more vehicles out than it has at hour "
                f"{hour:.2f}",
            )


def _too_many(place: Ints, begin: Floats, end: Floats, most: Floats) -> tuple[int, float] | None:
    """Return the first place, and the hour, at which more spans hold at once than ``most`` (by
    span), None if there is none. What ends at a moment makes room for what begins then; NaN is the
    end of what does not end.

    With room for c at a place, the span that begins there as number k + c (in order of time) finds
    no room if fewer than k have ended by then: if end number k, in order of time, comes later.
    """
    first = by_place_and_time(place, begin)
    last = by_place_and_time(place, np.where(np.isnan(end), np.inf, end))
    where, begun, ended = place[first], begin[first], end[last]
    room = np.floor(most[first]).astype(np.int64)
    earlier = np.arange(len(place)) - room
    row_of = np.maximum(earlier, 0)
    same = (earlier >= 0) & (where[row_of] == where)
    over = same & ~(ended[row_of] <= begun)
    if not over.any():
        return None
    row = int(np.argmax(over))
    return int(where[row]), float(begun[row])


def _audit_services(ledger: Ledger, plan: Plan) -> None:
    """Service follows waiting, each shipment is served once, and no more at once than can be."""
    services = ledger.services
    began = ~np.isnan(services.began)
    wrong = (began & ~(services.began >= services.joined)) | (
        ~np.isnan(services.ended) & ~(services.ended >= services.began)
    )
    wrong |= services.done & np.isnan(services.ended)
    if wrong.any():
        trip = int(services.trip[np.argmax(wrong)])
        raise _breach(ledger, f"trip {trip} was served before it came to a station")
    served = (services.station * len(ledger.trips) + services.trip)[services.done]
    if len(np.unique(served)) < len(served):
        raise _breach(ledger, "a shipment was served twice by one station")
    servers = np.array([spec.servers for spec in plan.stations])
    rows = np.flatnonzero(began)
    rows = rows[np.isfinite(servers[services.station[rows]])]
    place = services.station[rows] * len(plan.site_keys) + services.site[rows]
    over = _too_many(
        place, services.began[rows], services.ended[rows], servers[services.station[rows]]
    )
    if over is not None:
        at, hour = over
        station, site = divmod(at, len(plan.site_keys))
        raise _breach(
            ledger,
            f"{plan.stations[station].name} at {plan.site_keys[site]} serves more than it can "
            f"at hour {hour:.2f}",
        )


def _audit_uses(ledger: Ledger, plan: Plan) -> None:
    """Facilities use up no more than they are asked for, and what they used they had."""
    uses = ledger.uses
    if not len(uses.spec):
        return
    if (uses.met > uses.wanted).any() or uses.left.min() < 0 or uses.met.min() < 0:
        raise _breach(ledger, "a facility used more than it was asked for, or than it had")
    for index, spec in enumerate(plan.consumption):
        mine = uses.spec == index
        had = int(mine.sum()) * spec.stock + _came_to(spec.echelon, spec.product, ledger, plan)
        used, left = int(uses.met[mine].sum()), int(uses.left[mine].sum())
        # What was used before the warm-up was over is not in the ledger.
        if (used + left != had) if plan.warm_up == 0 else (used + left > had):
            raise _breach(
                ledger, f"{spec.name} used {used} and left {left} of {had} {spec.product}"
            )


def _came_to(echelon: int, product: int, ledger: Ledger, plan: Plan) -> int:
    """Return the units that came to the facilities of an echelon until the run was over."""
    trips, loads, supplies = ledger.trips, ledger.loads, ledger.supplies
    ends = plan.site_echelon == echelon
    rows = (loads.product == product) & ends[trips.destination[loads.trip]]
    rows &= trips.received[loads.trip] <= ledger.ended
    came = int((loads.units - _lost_of_loads(ledger, len(plan.products)))[rows].sum())
    mine = (supplies.product == product) & ends[supplies.site] & (supplies.time <= ledger.ended)
    came += int(supplies.units[mine].sum())
    for planned, done in zip(plan.tours, ledger.tours, strict=True):
        if planned.echelon == echelon:
            came += int(planned.units[done.delivered <= ledger.ended, product].sum())
    return came
