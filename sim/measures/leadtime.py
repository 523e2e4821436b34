"""Lead time: dispatch at the factory to receipt at the facility.

Units of one product at one site are alike, so a site passes on what came first (FIFO by cumulative
units). A shipment that takes units q0 to q1 of all that a site received was, on average, dispatched
at the factory at (Θ(q1) − Θ(q0)) / (q1 − q0), where Θ is the integral of the dispatch time over the
units received. This keeps the mean of any set of units exact, however lots are split and mixed.
Goods that a warehouse has or makes itself count from the hour at which they were there.
"""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray

from sim.measures.flow import Flow
from sim.plan.specs import Plan

Ints = NDArray[np.int64]
Floats = NDArray[np.float64]


def origin_times(flows: tuple[Flow, ...], plan: Plan) -> dict[int, Floats]:
    """Return, for each flow, when the units of each of its rows left the factory (hours).

    Keys are positions in ``flows``; rows that had not been sent have NaN. Of a shipment or tour of
    mixed lots every row has the mean, so a mean over rows is exact and a quantile nearly so.
    """
    supplied = {lane.destination for lane in plan.lanes}
    result: dict[int, Floats] = {}
    for index in sorted(range(len(flows)), key=lambda i: flows[i].origin):
        flow = flows[index]
        if flow.origin not in supplied:
            result[index] = np.where(np.isfinite(flow.sent), flow.sent, np.nan)
            continue
        arrived = _arrived(index, flows, result, plan)
        if flow.together is None:
            result[index] = _pass_on(arrived, flow.sent, flow.sender, flow.units)
            continue
        first = flow.together[:-1]
        units = np.add.reduceat(flow.units, first)
        left = _pass_on(arrived, flow.sent[first], flow.sender[first], units)
        result[index] = np.repeat(left, np.diff(flow.together))
    return result


Lots = tuple[Ints, Floats, Ints, Floats]  # place, when they were there, units, when they left


def _arrived(
    index: int, flows: tuple[Flow, ...], left_factory: dict[int, Floats], plan: Plan
) -> Lots:
    """Return all lots from which the senders of a flow take what they pass on."""
    flow = flows[index]
    parts: list[Lots] = [
        (np.full(len(supply.units), supply.site), supply.times, supply.units, supply.times)
        for supply in plan.supplies
        if supply.product == flow.product and plan.site_echelon[supply.site] == flow.origin
    ]
    for i, other in enumerate(flows):
        if other.destination == flow.origin and other.product == flow.product:
            came = np.isfinite(other.got)
            parts.append(
                (other.place[came], other.got[came], other.units[came], left_factory[i][came])
            )
    place, got, units, left = (np.concatenate(column) for column in zip(*parts, strict=True))
    return place, got, units, left


def _pass_on(arrived: Lots, sent: Floats, sender: Ints, units_sent: Ints) -> Floats:
    place, got, much, left_factory = arrived
    order = np.lexsort((got, place))
    units = much[order].astype(np.float64)
    level = np.concatenate([[0.0], np.cumsum(units)])
    integral = np.concatenate([[0.0], np.cumsum(units * left_factory[order])])
    base = level[np.searchsorted(place[order], sender)]

    went = np.flatnonzero(np.isfinite(sent))
    row = went[np.lexsort((sent[went], sender[went]))]
    out = units_sent[row].astype(np.float64)
    through = np.cumsum(out)
    start = np.searchsorted(sender[row], sender[row])
    upper = through - (through[start] - out[start]) + base[row]
    lower = upper - out
    result = np.full(len(sent), np.nan)
    result[row] = (np.interp(upper, level, integral) - np.interp(lower, level, integral)) / out
    return result


def lead_times(flow: Flow, left_factory: Floats) -> tuple[Floats, Ints]:
    """Return the lead time (hours) of each row that has arrived, and its units."""
    done = np.isfinite(flow.got)
    return flow.got[done] - left_factory[done], flow.units[done]


def weighted_quantile(values: Floats, units: Ints, share: float) -> float:
    """Return the smallest value that at least ``share`` of the units do not exceed; NaN if none."""
    if not len(values):
        return np.nan
    if units.min() == units.max():
        rank = max(int(np.ceil(share * len(values) - 1e-9)) - 1, 0)
        return float(np.partition(values, rank)[rank])
    order = np.argsort(values, kind="stable")
    reached = np.cumsum(units[order])
    return float(values[order[np.searchsorted(reached, share * reached[-1] - 1e-9)]])
