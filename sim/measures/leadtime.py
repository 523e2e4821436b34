"""Where the units of each shipment came from: lead times, times in system, and stays at hubs.

Units of one product at one site are alike, so a site passes on what came first (FIFO by cumulative
units), whichever of its lanes it leaves by. A shipment that takes units q0 to q1 of all that a site
received was, on average, born at (Θ(q1) − Θ(q0)) / (q1 − q0), where Θ is the integral of the birth
time over the units received. This keeps the mean of any set of units exact, however lots are split
and mixed, because a sum of differences does not ask which unit is which.

Which shipment comes first is said by ``order``: by when it left for lead times; by when it was put
together for times in system and stays. A site that passes on at once puts together each lot as it
comes, so in a network of such sites each unit is followed along its own way, whatever queue or fork
it passes.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from sim.ledger import Supplies
from sim.measures.flow import Flow
from sim.plan.limits import passing_on
from sim.plan.specs import Plan

Ints = NDArray[np.int64]
Floats = NDArray[np.float64]
Rows = Ints | slice


@dataclass(frozen=True, slots=True, eq=False)
class Origins:
    """Of each row of a flow, the mean over its units of when they were born (at the start of what
    is timed); and of each shipment (or tour) of when they came to the sender. Hours, NaN for those
    that have not left."""

    born: Floats
    came: Floats


def origin_times(flows: Sequence[Flow], supplies: Supplies, plan: Plan) -> list[Floats]:
    """Return, for each flow, when the units of each of its rows left the factory (hours).

    Rows that had not been sent have NaN. Goods that a warehouse has or makes itself count from the
    hour at which they were there. Of a shipment or tour of mixed lots every row has the mean, so a
    mean over rows is exact and a quantile nearly so.
    """
    supplied = {lane.destination for lane in plan.lanes if lane.sharing is None}
    found = _trace(
        flows,
        supplies,
        plan,
        order=lambda flow, rows: flow.left(rows),
        starts=lambda flow: flow.origin not in supplied,
    )
    return [origins.born for origins in found]


def supply_times(flows: Sequence[Flow], supplies: Supplies, plan: Plan) -> list[Origins]:
    """Return, for each flow, when the units of each of its rows appeared in the network, and when
    they came to the sender."""
    return _trace(
        flows,
        supplies,
        plan,
        order=lambda flow, rows: flow.ready[rows],
        starts=lambda flow: False,
    )


def _trace(
    flows: Sequence[Flow],
    supplies: Supplies,
    plan: Plan,
    order: Callable[[Flow, Rows], Floats],
    starts: Callable[[Flow], bool],
) -> list[Origins]:
    """Follow the goods from echelon to echelon; ``order`` is when rows of a flow take goods from
    the stock, ``starts`` are flows whose goods are born then."""
    result: list[Origins] = [Origins(np.empty(0), np.empty(0))] * len(flows)
    hubs = sorted({(flow.origin, flow.product) for flow in flows})
    for echelon, product in hubs:
        out = [i for i, f in enumerate(flows) if (f.origin, f.product) == (echelon, product)]
        if starts(flows[out[0]]):
            for i in out:
                born = order(flows[i], slice(None))
                born = np.where(np.isfinite(born), born, np.nan)
                result[i] = Origins(born, born)
            continue
        lots = _lots(echelon, product, flows, supplies, result, plan)
        parts = [_as_sent(flows[i], order) for i in out]
        time, sender, units = (np.concatenate(column) for column in zip(*parts, strict=True))
        born, came = _pass_on(lots, time, sender, units, len(plan.site_keys))
        end = 0
        for i, part in zip(out, parts, strict=True):
            begin, end = end, end + len(part[0])
            mine = Origins(born[begin:end], came[begin:end])
            together = flows[i].together
            if together is not None:
                mine = Origins(np.repeat(mine.born, np.diff(together)), mine.came)
            result[i] = mine
    return result


def _as_sent(flow: Flow, order: Callable[[Flow, Rows], Floats]) -> tuple[Floats, Ints, Ints]:
    """Return when each shipment (or tour, as one) leaves the stock, its sender, and its units."""
    if flow.together is None:
        return order(flow, slice(None)), flow.sender, flow.units
    first = flow.together[:-1]
    return order(flow, first), flow.sender[first], np.add.reduceat(flow.units, first)


Lots = tuple[Ints, Floats, Ints, Floats]  # place, when they were there, units, when they were born


def _lots(
    echelon: int,
    product: int,
    flows: Sequence[Flow],
    supplies: Supplies,
    known: Sequence[Origins],
    plan: Plan,
) -> Lots:
    """Return all lots from which the sites of an echelon take what they pass on; what is shared
    with them ends there, and so does what comes by plan where nothing is passed on."""
    shares = any(lane.sharing is not None for lane in plan.lanes)
    onward = passing_on(plan.links, plan.tours) if shares else None
    here = (plan.site_echelon[supplies.site] == echelon) & (supplies.product == product)
    time = supplies.time[here]
    parts: list[Lots] = [(supplies.site[here], time, supplies.units[here], time)]
    for i, flow in enumerate(flows):
        planned = plan.lanes[flow.lane].sharing is None
        if flow.destination == echelon and flow.product == product and planned:
            got = np.isfinite(flow.got)
            if onward is not None:
                got &= np.array([(p, product) in onward for p in flow.place.tolist()], bool)
            parts.append((flow.place[got], flow.got[got], flow.came[got], known[i].born[got]))
    place, got, units, born = (np.concatenate(column) for column in zip(*parts, strict=True))
    return place, got, units, born


def _pass_on(
    lots: Lots, time: Floats, sender: Ints, units_sent: Ints, sites: int
) -> tuple[Floats, Floats]:
    """Return the mean birth and arrival times of what shipments took from the lots."""
    place, got, much, born = lots
    order = np.lexsort((got, place))
    units = much[order].astype(np.float64)
    level = np.concatenate([[0.0], np.cumsum(units)])
    every = np.arange(sites)
    base = level[np.searchsorted(place[order], every)]

    went = np.flatnonzero(np.isfinite(time))
    row = went[np.lexsort((time[went], sender[went]))]
    out, by = units_sent[row].astype(np.float64), sender[row]
    through = np.concatenate([[0.0], np.cumsum(out)])
    base -= through[np.searchsorted(by, every)]
    upper = through[1:] + base[by]
    lower = upper - out
    # The slice from lower to upper begins in lot i and ends in lot j.
    last = max(len(units) - 1, 0)
    i = np.clip(np.searchsorted(level, lower, side="right") - 1, 0, last)
    j = np.maximum(np.clip(np.searchsorted(level, upper, side="left") - 1, 0, last), i)
    means = []
    for hours in (born[order], got[order]):
        mean = np.full(len(time), np.nan)
        if len(row) and len(units):
            mean[row] = _mean_of_slices(units, hours, level, lower, upper, i, j)
        means.append(mean)
    return means[0], means[1]


def _mean_of_slices(
    units: Floats, hours: Floats, level: Floats, lower: Floats, upper: Floats, i: Ints, j: Ints
) -> Floats:
    """Return the mean of ``hours`` over the units from ``lower`` to ``upper``.

    Each slice is summed by itself: differences of one running sum would lose digits.
    """
    ends = np.stack([i + 1, j], axis=1).ravel()
    whole = np.add.reduceat(np.append(units * hours, [0.0, 0.0]), ends)[::2]
    inner = np.where(j > i + 1, whole, 0.0)
    total = inner + (level[i + 1] - lower) * hours[i] + (upper - level[j]) * hours[j]
    return np.where(i == j, hours[i], total / (upper - lower))


def weighted_mean(values: Floats, units: Ints) -> float:
    """Return the mean over units."""
    if units.strides == (0,):  # one number for all
        return float(values.mean())
    return float(np.average(values, weights=units))


def weighted_quantile(values: Floats, units: Ints, share: float) -> float:
    """Return the smallest value that at least ``share`` of the units do not exceed; NaN if none."""
    return weighted_quantiles(values, units, (share,))[0]


def weighted_quantiles(values: Floats, units: Ints, shares: Sequence[float]) -> list[float]:
    """Return these quantiles for several shares at once."""
    if not len(values) or not units.any():
        return [np.nan] * len(shares)
    if units.strides == (0,) or units.min() == units.max():
        ranks = [max(int(np.ceil(share * len(values) - 1e-9)) - 1, 0) for share in shares]
        parted = np.partition(values, sorted(set(ranks)))
        return [float(parted[rank]) for rank in ranks]
    order = np.argsort(values, kind="stable")
    reached = np.cumsum(units[order])
    return [
        float(values[order[np.searchsorted(reached, share * reached[-1] - 1e-9)]])
        for share in shares
    ]
