"""The conservation audit: at every moment, for every product, goods are somewhere.

Produced + opening stock = on hand + in transit + delivered, and nobody sends what is not there. The
audit reads the ledger alone and runs on every replication; a breach fails the run.
"""

from __future__ import annotations

from itertools import pairwise

import numpy as np

from sim.errors import RunError
from sim.ledger import Kind, Ledger, events_of
from sim.plan.specs import Plan


def audit(ledger: Ledger, plan: Plan) -> None:
    """Check conservation at every event of a run.

    Raises:
        RunError: naming the first breach found: the product, the site and the hour.
    """
    _audit_supplies(ledger, plan)
    _audit_trips(ledger, plan)
    _audit_tours(ledger, plan)
    _audit_stock(ledger, plan)
    _audit_links(ledger, plan)


def _breach(ledger: Ledger, what: str) -> RunError:
    return RunError(
        f"replication {ledger.replication} breaks the conservation of goods: {what}. "
        f"This is a fault of Postroad, not of the scenario; please report it with the scenario."
    )


def _audit_supplies(ledger: Ledger, plan: Plan) -> None:
    """What appeared is what the plan supplies until the horizon."""
    count, products = len(plan.site_keys), len(plan.products)
    planned = np.zeros(count * products)
    for supply in plan.supplies:
        key = supply.site * products + supply.product
        planned[key] += supply.units[supply.times <= ledger.horizon].sum()
    key_of_row = ledger.supplies.site * products + ledger.supplies.product
    came = np.bincount(key_of_row, ledger.supplies.units, minlength=count * products)
    if (came != planned).any():
        site = int(np.flatnonzero(came != planned)[0]) // products
        raise _breach(ledger, f"{plan.site_keys[site]} was supplied with what no plan gives it")


def _audit_trips(ledger: Ledger, plan: Plan) -> None:
    trips, loads = ledger.trips, ledger.loads
    stages = (trips.ready, trips.taken, trips.dispatched, trips.arrived, trips.received)
    for before, after in pairwise(stages):
        wrong = ~np.isnan(after) & ~(after >= before)
        if wrong.any():
            raise _breach(ledger, f"trip {int(np.flatnonzero(wrong)[0])} runs backwards in time")
    if len(loads.units) and loads.units.min() < 1:
        raise _breach(ledger, "a trip carries no units")
    carries = np.bincount(loads.trip, minlength=len(trips))
    if (carries == 0).any():
        raise _breach(ledger, f"trip {int(np.argmin(carries))} carries nothing")


def _audit_tours(ledger: Ledger, plan: Plan) -> None:
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
        visited = np.bincount(planned.facility)
        if (visited != 1).any():
            raise _breach(ledger, "a facility is not on exactly one tour")


def _audit_stock(ledger: Ledger, plan: Plan) -> None:
    """Stock never falls below zero at any site, product by product."""
    events = events_of(ledger)
    sign = np.where(events.kind == Kind.DISPATCHED, -1, 1)
    site, product, time = [events.site], [events.product], [events.time]
    change, kind = [sign * events.units], [events.kind]
    for planned, done in zip(plan.tours, ledger.tours, strict=True):
        out = np.flatnonzero(~np.isnan(done.began))
        stops = np.diff(planned.first)[out]
        for index, units in enumerate(planned.units):
            if units:
                site.append(planned.site[out])
                product.append(np.full(len(out), index))
                time.append(done.began[out])
                change.append(-stops * units)
                kind.append(np.full(len(out), int(Kind.DISPATCHED)))
    sites, products = np.concatenate(site), np.concatenate(product)
    times, changes, kinds = np.concatenate(time), np.concatenate(change), np.concatenate(kind)
    order = np.lexsort((kinds, times, products, sites))
    group = sites[order] * len(plan.products) + products[order]
    level = np.cumsum(changes[order])
    first = np.searchsorted(group, group)
    level -= level[first] - changes[order][first]
    if len(level) and level.min() < 0:
        row = int(np.flatnonzero(level < 0)[0])
        raise _breach(
            ledger,
            f"{plan.site_keys[sites[order][row]]} sends {plan.products[products[order][row]]} "
            f"that it does not have at hour {times[order][row]:.2f}",
        )


def _audit_links(ledger: Ledger, plan: Plan) -> None:
    """Nobody is sent more than was planned for them."""
    links, trips, loads = plan.links, ledger.trips, ledger.loads
    count, products = len(plan.site_keys), len(plan.products)
    planned_key = (links.origin * count + links.destination) * products + links.product
    sent_key = (
        trips.origin[loads.trip] * count + trips.destination[loads.trip]
    ) * products + loads.product
    order = np.argsort(planned_key)
    keys = planned_key[order]
    row = np.searchsorted(keys, sent_key)
    if len(sent_key) and (row == len(keys)).any():
        raise _breach(ledger, "goods went where no link leads")
    sent = np.bincount(row, loads.units, minlength=len(keys))
    if (keys[row] != sent_key).any() or (sent > links.units[order]).any():
        raise _breach(ledger, "a destination was sent more than it is due")
