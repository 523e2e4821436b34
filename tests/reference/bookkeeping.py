"""The books of a run, kept anew: event by event, from the ledger, with nothing of the audit.

Goods are in one of these pools: on hand at a site, waiting there for a vehicle, on a vehicle, given
to whoever asked at a site, delivered on a tour from it, or lost. Each event moves some from one
pool to another, and no pool is ever overdrawn.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterator
from itertools import groupby
from math import inf, isnan
from operator import itemgetter

from sim.ledger import Ledger
from sim.plan.specs import Plan

#: What came from nowhere, and where everything else may be.
SUPPLIED, ON_HAND, WAITING, MOVING = "supplied", "on hand", "waiting", "moving"
ENDED, DELIVERED, LOST = "ended", "delivered", "lost"
#: A pool: which kind, at which site (or on which trip or tour), of which product.
Pool = tuple[str, int, int]
#: An event: its hour, from which pool to which, and how many units.
Move = tuple[float, Pool, Pool, int]


def moves_of(ledger: Ledger, plan: Plan) -> Iterator[Move]:
    """Return every move of goods of a run, in no order."""
    supplies, trips, loads, losses = ledger.supplies, ledger.trips, ledger.loads, ledger.losses
    for time, site, product, units in zip(
        supplies.time, supplies.site, supplies.product, supplies.units, strict=True
    ):
        yield time, (SUPPLIED, 0, product), (ON_HAND, site, product), units
    lost: dict[tuple[int, int], int] = defaultdict(int)
    for time, trip, product, units in zip(
        losses.time, losses.trip, losses.product, losses.units, strict=True
    ):
        lost[trip, product] += units
        left = trips.dispatched[trip] <= time
        pool = (MOVING, trip, product) if left else (WAITING, trips.origin[trip], product)
        yield time, pool, (LOST, 0, product), units
    for trip, product, units in zip(loads.trip, loads.product, loads.units, strict=True):
        origin, destination = trips.origin[trip], trips.destination[trip]
        waits, moves = (WAITING, origin, product), (MOVING, trip, product)
        yield trips.ready[trip], (ON_HAND, origin, product), waits, units
        if not isnan(trips.dispatched[trip]):
            yield trips.dispatched[trip], waits, moves, units
        if not isnan(trips.received[trip]) and units > lost[trip, product]:
            asked = plan.lanes[trips.lane[trip]].sharing is not None
            there = (ENDED if asked else ON_HAND, destination, product)
            yield trips.received[trip], moves, there, units - lost[trip, product]
    requests, answers = ledger.requests, ledger.answers
    for request, giver, trip, units, time in zip(
        answers.request, answers.giver, answers.trip, answers.units, answers.time, strict=True
    ):
        if trip < 0:
            product = requests.product[request]
            yield time, (ON_HAND, giver, product), (ENDED, giver, product), units
    for lane, (planned, done) in enumerate(zip(plan.tours, ledger.tours, strict=True)):
        for tour, site in enumerate(planned.site):
            taken = min(t for t in (done.ready[tour], done.began[tour], inf) if not isnan(t))
            number = -1 - lane - len(plan.tours) * tour
            for stop in range(planned.first[tour], planned.first[tour + 1]):
                for product, units in enumerate(planned.units[stop]):
                    if not units or taken == inf:
                        continue
                    waits, moves = (WAITING, site, product), (MOVING, number, product)
                    yield taken, (ON_HAND, site, product), waits, units
                    if not isnan(done.began[tour]):
                        yield done.began[tour], waits, moves, units
                    if not isnan(done.delivered[stop]):
                        there = (DELIVERED, site, product)
                        yield done.delivered[stop], moves, there, units


def keep_books(ledger: Ledger, plan: Plan) -> dict[Pool, int]:
    """Return what is in each pool at the end of the run.

    Raises:
        AssertionError: some pool was overdrawn at the end of some moment, or a move was after the
            horizon, or of no units.
    """
    pools: dict[Pool, int] = defaultdict(int)
    moves = sorted(moves_of(ledger, plan), key=itemgetter(0))
    for time, moment in groupby(moves, key=itemgetter(0)):
        assert 0 <= time <= ledger.horizon
        touched = set()
        for _, source, target, units in moment:
            assert units > 0, f"{units} units from {source} to {target}"
            pools[source] -= units
            pools[target] += units
            touched.add(source)
        for pool in touched:  # goods may come, leave and come again in one moment
            assert pools[pool] >= 0 or pool[0] == SUPPLIED, f"{pool} overdrawn at hour {time}"
    for product in range(len(plan.products)):
        here = {pool: units for pool, units in pools.items() if pool[2] == product}
        assert sum(here.values()) == 0, "what is somewhere was supplied"
    return pools
