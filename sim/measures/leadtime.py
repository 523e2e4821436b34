"""Where the units of each shipment came from: lead times, times in system, and stays at hubs.

Units of one product at one site are alike, so a site passes on what came first (FIFO by cumulative
units), whichever of its lanes it leaves by. A shipment that takes units q0 to q1 of all that a site
received was, on average, born at (Θ(q1) − Θ(q0)) / (q1 − q0), where Θ is the integral of the birth
time over the units received. This keeps the mean of any set of units exact, however lots are split
and mixed, because a sum of differences does not ask which unit is which.

Which shipment comes first is said by when it left for lead times; by when it was put together for
times in system and stays. A site that passes on at once puts together each lot as it
comes, so in a network of such sites each unit is followed along its own way, whatever queue or fork
it passes.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import NamedTuple

import numpy as np
from numpy.typing import NDArray

from sim.ledger import Supplies
from sim.measures.flow import Flow
from sim.plan.limits import passing_on
from sim.plan.specs import Plan
from sim.sorting import by_place_and_time, put_ranks_in_place

Ints = NDArray[np.int64]
Floats = NDArray[np.float64]


@dataclass(frozen=True, slots=True, eq=False)
class Origins:
    """Where the units of each shipment (or tour) of a flow came from, in hours, NaN for those that
    have not left.

    They are means over its units: of when they ``left`` the factory, of when they appeared in the
    network (``born``), and of when they ``came`` to the sender. Goods that a warehouse has or makes
    itself left the factory when they were there. Of a shipment or tour of mixed lots every row has
    the mean, so a mean over rows is exact and a quantile nearly so.
    """

    left: Floats
    born: Floats
    came: Floats


def origins_of(flows: Sequence[Flow], supplies: Supplies, plan: Plan) -> list[Origins]:
    """Return, for each flow, where the units of its shipments came from."""
    supplied = {lane.destination for lane in plan.lanes if lane.sharing is None}
    result: list[Origins] = [Origins(np.empty(0), np.empty(0), np.empty(0))] * len(flows)
    hubs = sorted({(flow.origin, flow.product) for flow in flows})
    for echelon, product in hubs:
        out = [i for i, f in enumerate(flows) if (f.origin, f.product) == (echelon, product)]
        stock = _stock(_lots(echelon, product, flows, supplies, result, plan), plan)
        parts = [_as_sent(flows[i]) for i in out]
        ready, gone, sender, units = (np.concatenate(column) for column in zip(*parts, strict=True))
        taken = _take(stock, _in_turn(ready, sender), sender, units)
        born, came = stock.mean(taken, stock.born), stock.mean(taken, stock.got)
        if echelon not in supplied:  # goods leave the factory here
            left = np.where(np.isfinite(gone), gone, np.nan)
        else:
            row = _in_turn(gone, sender)
            if not np.array_equal(row, taken.row):  # else each takes the same
                taken = _take(stock, row, sender, units)
            left = stock.mean(taken, stock.left)
        end = 0
        for i, part in zip(out, parts, strict=True):
            begin, end = end, end + len(part.ready)
            mine = slice(begin, end)
            result[i] = Origins(left[mine], born[mine], came[mine])
    return result


class _Sent(NamedTuple):
    """Of each shipment (or tour, as one), when it was put together, when it left the stock, its
    sender, and its units."""

    ready: Floats
    gone: Floats
    sender: Ints
    units: Ints


def _as_sent(flow: Flow) -> _Sent:
    return _Sent(flow.ready, flow.left, flow.sender, flow.units_of_shipments())


class _Lots(NamedTuple):
    """Lots: where and when they came (hours), units, and as in ``Origins`` when they were born and
    left the factory."""

    place: Ints
    got: Floats
    units: Ints
    born: Floats
    left: Floats


def _lots(
    echelon: int,
    product: int,
    flows: Sequence[Flow],
    supplies: Supplies,
    known: Sequence[Origins],
    plan: Plan,
) -> _Lots:
    """Return all lots from which the sites of an echelon take what they pass on; what is shared
    with them ends there, and so does what comes by plan where nothing is passed on."""
    shares = any(lane.sharing is not None for lane in plan.lanes)
    onward = passing_on(plan.links, plan.tours) if shares else None
    here = (plan.site_echelon[supplies.site] == echelon) & (supplies.product == product)
    time = supplies.time[here]
    parts = [_Lots(supplies.site[here], time, supplies.units[here], time, time)]
    for i, flow in enumerate(flows):
        planned = plan.lanes[flow.lane].sharing is None
        if flow.destination == echelon and flow.product == product and planned:
            got, place = np.isfinite(flow.got), flow.of_rows(flow.place)
            if onward is not None:
                got &= np.array([(p, product) in onward for p in place.tolist()], bool)
            born, left = flow.of_rows(known[i].born)[got], flow.of_rows(known[i].left)[got]
            parts.append(_Lots(place[got], flow.got[got], flow.came[got], born, left))
    return _Lots(*(np.concatenate(column) for column in zip(*parts, strict=True)))


class _Taken(NamedTuple):
    """What shipments took of a stock: of shipment ``row``, the units from ``lower`` to ``upper``,
    which begin in lot ``i`` and end in lot ``j``; ``shipments`` is the number of all of them."""

    shipments: int
    row: Ints
    lower: Floats
    upper: Floats
    i: Ints
    j: Ints


@dataclass(frozen=True, slots=True, eq=False)
class _Stock:
    """Lots by place, then time. ``level`` (lots + 1) is the running sum of their units, ``before``
    (sites) what of it lies at earlier places; all else as in ``_Lots``."""

    got: Floats
    units: Floats
    born: Floats
    left: Floats
    level: Floats
    before: Floats

    def mean(self, taken: _Taken, hours: Floats) -> Floats:
        """Return the mean of ``hours`` (lots) over what each shipment took; NaN for those that took
        nothing.

        Each slice is summed by itself: differences of one running sum would lose digits.
        """
        result = np.full(taken.shipments, np.nan)
        if not len(taken.row) or not len(self.units):
            return result
        _, row, lower, upper, i, j = taken
        level, in_i = self.level, hours[i]
        several = np.flatnonzero(i != j)  # the others take from one lot alone
        i, j, lower, upper = i[several], j[several], lower[several], upper[several]
        ends = np.stack([i + 1, j], axis=1).ravel()
        whole = np.add.reduceat(np.append(self.units * hours, [0.0, 0.0]), ends)[::2]
        inner = np.where(j > i + 1, whole, 0.0)
        total = inner + (level[i + 1] - lower) * hours[i] + (upper - level[j]) * hours[j]
        in_i[several] = total / (upper - lower)
        result[row] = in_i
        return result


def _stock(lots: _Lots, plan: Plan) -> _Stock:
    order = by_place_and_time(lots.place, lots.got)
    units = lots.units[order].astype(np.float64)
    level = np.concatenate([[0.0], np.cumsum(units)])
    before = level[np.searchsorted(lots.place[order], np.arange(len(plan.site_keys)))]
    return _Stock(lots.got[order], units, lots.born[order], lots.left[order], level, before)


def _in_turn(time: Floats, sender: Ints) -> Ints:
    """Return the shipments that leave at all, by sender, in order of time."""
    went = np.flatnonzero(np.isfinite(time))
    return went[by_place_and_time(sender[went], time[went])]


def _take(stock: _Stock, row: Ints, sender: Ints, units_sent: Ints) -> _Taken:
    """Return what the shipments ``row`` take, one after the other at each sender."""
    out, by = units_sent[row].astype(np.float64), sender[row]
    through = np.concatenate([[0.0], np.cumsum(out)])
    base = stock.before - through[np.searchsorted(by, np.arange(len(stock.before)))]
    upper = through[1:] + base[by]
    lower = upper - out
    last = max(len(stock.units) - 1, 0)
    i = np.clip(np.searchsorted(stock.level, lower, side="right") - 1, 0, last)
    j = np.maximum(np.clip(np.searchsorted(stock.level, upper, side="left") - 1, 0, last), i)
    return _Taken(len(sender), row, lower, upper, i, j)


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
    each = units[:1] if units.strides == (0,) else units  # one number for all
    if not len(values) or not each.any():
        return [np.nan] * len(shares)
    if each.min() == each.max():
        ranks = [max(int(np.ceil(share * len(values) - 1e-9)) - 1, 0) for share in shares]
        ordered = values.copy()
        put_ranks_in_place(ordered, ranks)
        return [float(ordered[rank]) for rank in ranks]
    order = np.argsort(values, kind="stable")
    reached = np.cumsum(units[order])
    return [
        float(values[order[np.searchsorted(reached, share * reached[-1] - 1e-9)]])
        for share in shares
    ]
