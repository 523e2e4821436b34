"""Scenarios of sharing for tests, and a slow, obvious twin of who meets whom.

The twin knows nothing of hubs, claims or an event queue. It goes from moment to moment with plain
lists: what appeared, who asks, who has how much, and does what the docs say.
"""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass, field
from math import inf, isnan

import numpy as np

from sim.engine.lots import draw_lots, draw_process
from sim.engine.strikes import draw_strikes
from sim.geography.distance import great_circle_km
from sim.network import build_network
from sim.plan.build import build_plan
from sim.plan.specs import Plan
from sim.scenario.load import parse_scenario
from sim.streams import Streams

HEAD = """
title = "sharing"
start = 2023-01-04T00:00:00+08:00
horizon = "10 d"
[geography]
nation = "none"
circuity = 1
[products.pill]
"""
#: 1 km along a meridian, in degrees of latitude.
KM = 1.0 / 111.19492664455873


def sharing_plan(text: str, *overrides: str) -> Plan:
    """Return the plan of a scenario that begins with ``HEAD``."""
    loaded = parse_scenario(HEAD + text, name="t", place="t.toml", overrides=overrides)
    return build_plan(loaded.scenario, build_network(loaded.scenario))


def at(km: float) -> str:
    """Return a place so many km north of the origin."""
    return f"[{km * KM:.12f}, 0.0]"


@dataclass
class Wish:
    """A request, as the twin keeps it."""

    row: int
    spec: int
    site: int
    number: int
    units: int
    asked: float
    until: float
    left: int
    willing: dict[int, tuple[float, int]] = field(default_factory=dict)  # origin: km, lane
    answered: float = inf
    withdrawn: float = inf


@dataclass
class Outcome:
    """What came of all requests: (site, number, spec) with times, and every gift."""

    wishes: list[Wish]
    gifts: list[tuple[int, int, int, float]]  # request row, giver, units, time


def meet(plan: Plan, replication: int) -> Outcome:
    """Return who gives what to whom, moment by moment."""
    streams = Streams(plan.seed, replication)
    lots = [
        (time, supply.site, supply.product, units)
        for supply in draw_lots(plan, streams, draw_strikes(plan, streams))
        for time, units in zip(supply.times.tolist(), supply.units.tolist(), strict=True)
    ]
    wishes = [wish for index in range(len(plan.requests)) for wish in _wishes(plan, streams, index)]
    wishes.sort(key=lambda wish: (wish.asked, wish.site, wish.spec, wish.number))
    for row, wish in enumerate(wishes):
        wish.row = row
    sharers = {
        (plan.lanes[shared.lane].origin, product)
        for shared in plan.shared
        for product in plan.lanes[shared.lane].sharing.products  # type: ignore[union-attr]
    }
    owed = {
        (origin, product): 0
        for origin in range(len(plan.site_keys))
        for product in range(len(plan.products))
    }
    for origin, product, units in zip(
        plan.links.origin.tolist(), plan.links.product.tolist(), plan.links.units.tolist(),
        strict=True,
    ):  # fmt: skip
        owed[origin, product] += units
    came: dict[tuple[int, int], int] = {}
    gone: dict[tuple[int, int], int] = {}
    gifts: list[tuple[int, int, int, float]] = []

    def spare(site: int, product: int) -> int:
        key = (site, product)
        if (int(plan.site_echelon[site]), product) not in sharers:
            return 0
        return max(came.get(key, 0) - owed[key] - gone.get(key, 0), 0)

    def give(wish: Wish, giver: int, now: float) -> None:
        product = plan.requests[wish.spec].product
        can = spare(giver, product)
        if giver != wish.site:
            sharing = plan.lanes[wish.willing[giver][1]].sharing
            assert sharing is not None
            can -= sharing.keeps
            if sharing.whole and can < wish.left:
                can = 0
        units = min(can, wish.left)
        if units <= 0:
            return
        gone[giver, product] = gone.get((giver, product), 0) + units
        wish.left -= units
        gifts.append((wish.row, giver, units, now))
        if not wish.left:
            wish.answered = now

    times = {time for time, *_ in lots} | {wish.asked for wish in wishes}
    times |= {wish.until for wish in wishes}
    for now in sorted(time for time in times if time <= plan.horizon):
        fresh = [lot for lot in lots if lot[0] == now]
        for _, site, product, units in fresh:
            came[site, product] = came.get((site, product), 0) + units
        waiting = [w for w in wishes if w.asked < now and w.left and w.withdrawn == inf]
        for site, product in sorted({lot[1:3] for lot in fresh}):
            mine = [w for w in waiting if plan.requests[w.spec].product == product]
            near = [
                (0.0 if w.site == site else w.willing[site][0], w.row, w)
                for w in mine
                if w.left and (w.site == site or site in w.willing)
            ]
            for _, _, wish in sorted(near, key=lambda item: item[:2]):
                give(wish, site, now)
        for wish in [w for w in wishes if w.asked == now]:
            give(wish, wish.site, now)
            order = sorted(wish.willing, key=lambda o: (*wish.willing[o], o))
            for origin in order:
                give(wish, origin, now)
        for wish in wishes:
            if wish.until == now and wish.left:
                wish.withdrawn = now
    return Outcome(wishes, gifts)


def _wishes(plan: Plan, streams: Streams, index: int) -> Iterable[Wish]:
    spec = plan.requests[index]
    for process in spec.processes:
        drawn = draw_process(process, streams, plan.horizon)
        patience = streams.stream(f"{process.entity}/gives-up")
        for number, (time, units) in enumerate(
            zip(drawn.times.tolist(), drawn.units.tolist(), strict=True)
        ):
            until = inf
            if spec.gives_up is not None:
                until = time + spec.gives_up.quantile_at(patience.uniform())
            wish = Wish(-1, index, process.site, number, units, time, until, units)
            wish.willing = _who_agrees(plan, streams, index, process.site, number)
            yield wish


def _who_agrees(
    plan: Plan, streams: Streams, index: int, site: int, number: int
) -> dict[int, tuple[float, int]]:
    spec, found = plan.requests[index], {}
    for shared in plan.shared:
        lane = plan.lanes[shared.lane]
        sharing = lane.sharing
        assert sharing is not None
        if lane.destination != spec.echelon or spec.product not in sharing.products:
            continue
        ways = dict.fromkeys(shared.origins.tolist(), np.nan)
        if shared.listed:
            pairs = zip(
                shared.origin.tolist(), shared.destination.tolist(), shared.km.tolist(), strict=True
            )
            ways = {o: km for o, d, km in pairs if d == site and o in ways}
        for origin, km in ways.items():
            if origin == site:
                continue
            if isnan(km):
                ends = [shared.lat[origin], shared.lon[origin], shared.lat[site], shared.lon[site]]
                km = lane.circuity * float(great_circle_km(*ends))
            path = f"{plan.site_keys[origin]}/{lane.name}/{plan.site_keys[site]}"
            stream = streams.stream(f"{path}/willing/{spec.name}")
            luck = [stream.uniform() for _ in range(number + 1)][-1]
            if km <= sharing.reach and luck < sharing.willing:
                found[origin] = (km, shared.lane)
    return found
