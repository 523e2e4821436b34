"""The network as a whole: time in system, throughput, what is left behind, and makespan.

Goods end where they have no onward link. What a site keeps for itself while it passes on the rest
is not among these measures, because nobody can say which of its units it keeps.
"""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np
from numpy.typing import NDArray

from sim.ledger import Ledger
from sim.measures.flow import Arrived, Flow
from sim.measures.leadtime import Origins, weighted_mean, weighted_quantiles
from sim.measures.rows import Rows
from sim.measures.window import Window
from sim.plan.specs import OPEN, Plan

Ints = NDArray[np.int64]
Floats = NDArray[np.float64]


def measure_whole(
    rows: Rows,
    flows: Sequence[Flow],
    came: Sequence[Arrived],
    origins: Sequence[Origins],
    ledger: Ledger,
    plan: Plan,
    window: Window,
) -> None:
    """Add the measures of each product over the whole network, and the makespan."""
    left, last, moves = 0, 0.0, False
    for product, name in enumerate(plan.products):
        onward = _onward(plan, product)
        ends = [
            (_at_the_end(flow, got, onward, plan), flow, origin)
            for flow, got, origin in zip(flows, came, origins, strict=True)
            if flow.product == product and _leads_to_an_end(flow, onward, plan)
        ]
        asked_for = [
            (got, flow, origin)
            for flow, got, origin in zip(flows, came, origins, strict=True)
            if flow.product == product and plan.lanes[flow.lane].sharing is not None
        ]
        if not ends and not asked_for:
            continue
        where = {"product": name}
        _measure_times(rows, [*ends, *asked_for], plan, window, where)
        everywhere = [got for got, *_ in (*ends, *asked_for)]
        if ends:  # what is asked for is due to nobody
            moves = True
            planned = [got for got, *_ in ends]
            behind = _backlog(product, onward, planned, everywhere, ledger, plan)
            rows.add("backlog", behind, **where)
            left += behind
            last = max(last, *(float(got.got.max(initial=0.0)) for got in planned))
        there = _in_system(everywhere, product, ledger, window)
        rows.add("in-system-mean", there, **where)
    if moves:
        rows.add("makespan", last if left == 0 else np.nan)


def _leads_to_an_end(flow: Flow, onward: NDArray[np.bool_], plan: Plan) -> bool:
    """Return whether some goods of a flow end where they come to."""
    if plan.lanes[flow.lane].is_last_mile:
        return True
    links = plan.links
    mine = (links.lane == flow.lane) & (links.product == flow.product)
    return not bool(onward[links.destination[mine]].all())


def _at_the_end(flow: Flow, got: Arrived, onward: NDArray[np.bool_], plan: Plan) -> Arrived:
    """Return those that arrived where their goods end."""
    if plan.lanes[flow.lane].is_last_mile:
        return got
    return got.those(~onward[flow.place[got.rows]])


def _onward(plan: Plan, product: int) -> NDArray[np.bool_]:
    """Return which sites pass a product on."""
    onward = np.zeros(len(plan.site_keys), bool)
    onward[plan.links.origin[plan.links.product == product]] = True
    for tours in plan.tours:
        onward[tours.site[tours.units_of_tours()[:, product] > 0]] = True
    return onward


def _measure_times(
    rows: Rows,
    ends: Sequence[tuple[Arrived, Flow, Origins]],
    plan: Plan,
    window: Window,
    where: dict[str, str],
) -> None:
    parts = []
    for got, flow, origin in ends:
        late = got.within(window)
        parts.append((late.got - flow.of_rows(origin.born).take(late.rows), late.units))
    hours, units = (
        column[0] if len(parts) == 1 else np.concatenate(column)
        for column in zip(*parts, strict=True)
    )
    rows.add("throughput-units", int(units.sum()) / window.hours, **where)
    if not units.any():
        return
    rows.add("time-in-system-mean", weighted_mean(hours, units), **where)
    shares = [percent / 100 for percent in plan.percentiles]
    quantiles = weighted_quantiles(hours, units, shares)
    for percent, value in zip(plan.percentiles, quantiles, strict=True):
        rows.add(f"time-in-system-p{percent}", value, **where)


def _backlog(
    product: int,
    onward: NDArray[np.bool_],
    planned: Sequence[Arrived],
    everywhere: Sequence[Arrived],
    ledger: Ledger,
    plan: Plan,
) -> int:
    """Return the units that are not where they are due. What was ``planned`` came where it is due;
    ``everywhere`` is also what was asked for."""
    came = sum(int(got.units.sum()) for got in planned)
    links = plan.links
    mine = (links.product == product) & ~onward[links.destination]
    if (links.units[mine] >= OPEN).any():
        supplies, losses = ledger.supplies, ledger.losses
        appeared = int(supplies.units[supplies.product == product].sum())
        ended = sum(int(got.units.sum()) for got in everywhere)
        return appeared - int(losses.units[losses.product == product].sum()) - ended
    on_tours = sum(tours.units_in_all(product) for tours in plan.tours)
    return int(links.units[mine].sum()) + on_tours - came


def _in_system(ends: Sequence[Arrived], product: int, ledger: Ledger, window: Window) -> float:
    """Return the units that have appeared and not ended, mean over time."""

    def after(times: Floats, units: Ints) -> float:
        # A sum, not a dot product: that would wake threads for what takes a millisecond.
        rest = np.clip(times, window.begin, window.end)
        np.subtract(window.end, rest, out=rest)
        np.multiply(units, rest, out=rest)
        return float(rest.sum())

    supplies, losses = ledger.supplies, ledger.losses
    mine, gone = supplies.product == product, losses.product == product
    hours = after(supplies.time[mine], supplies.units[mine])
    hours -= after(losses.time[gone], losses.units[gone])
    hours -= sum(after(got.got, got.units) for got in ends)
    if len(ledger.answers.trip):  # what a site had itself for its own request
        own = (ledger.answers.trip < 0) & (
            ledger.requests.product[ledger.answers.request] == product
        )
        hours -= after(ledger.answers.time[own], ledger.answers.units[own])
    return hours / window.hours
