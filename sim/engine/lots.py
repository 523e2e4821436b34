"""Lots that appear in one replication: the plan's own, after cuts, and those that chance brings.

Everything is drawn beforehand, as a pure function of the plan, the streams and what was struck: who
audits a run may do it again.
"""

from __future__ import annotations

from dataclasses import replace
from math import floor, inf

import numpy as np
from numpy.typing import NDArray

from sim.calendars import SLACK
from sim.engine.strikes import Struck
from sim.laws import Constant, Law
from sim.plan.limits import limit_to_assigned
from sim.plan.specs import Plan, Supply, SupplyProcess
from sim.streams import Streams, entity_id

Floats = NDArray[np.float64]
Ints = NDArray[np.int64]

_BLOCK = 1 << 18  # draws made at once, at most


def draw_lots(plan: Plan, streams: Streams, struck: Struck) -> tuple[Supply, ...]:
    """Return all that appears anywhere by the horizon.

    First come the plan's supplies, as they are unless output was cut: opening stock is nobody's
    output, and a site whose output was cut goes on until it has made what it owes, if the
    plan does not end before. Then come the lots of each process, in the plan's order.
    """
    supplies = plan.supplies
    if any(spec.kind == "output-cut" for spec in plan.disruptions):
        cut = tuple(_after_cuts(supply, struck, stock=True) for supply in supplies)
        supplies = limit_to_assigned(cut, plan.links, plan.tours, plan.lanes, plan.site_echelon)
    drawn = (draw_process(process, streams, plan.horizon) for process in plan.processes)
    lots = (_after_cuts(supply, struck, stock=False) for supply in drawn)
    return (*supplies, *(supply for supply in lots if len(supply.times)))


def _after_cuts(supply: Supply, struck: Struck, *, stock: bool) -> Supply:
    """Return what is left of a supply; with ``stock`` nothing is cut of what opens it."""
    begin = int(np.searchsorted(supply.times, supply.opening, side="right")) if stock else 0
    made = struck.cut(supply.site, supply.product, supply.times[begin:], supply.units[begin:])
    if (made == supply.units[begin:]).all():
        return supply
    units = np.concatenate([supply.units[:begin], made])
    some = units > 0
    return replace(supply, times=supply.times[some], units=units[some])


def draw_process(process: SupplyProcess, streams: Streams, horizon: float) -> Supply:
    """Return all that a process brings by the horizon: lots, or requests."""
    ends = min(process.ends, horizon)
    times = np.array(process.times, np.float64)
    if process.gap is not None:
        times = _moments(process, streams, ends)
    times = times[times <= ends]
    if len(times) > process.most:
        times = times[: int(process.most)]
    return Supply(process.site, process.product, times, _sizes(process, streams, len(times)))


def _sizes(process: SupplyProcess, streams: Streams, lots: int) -> Ints:
    """Return whole units, half to even, and at least one; lot k takes draw k."""
    if isinstance(process.size, Constant):
        sizes = np.full(lots, process.size.mean)
    else:
        ids = entity_id(f"{process.entity}/sizes")
        sizes = process.size.quantile(streams.uniforms(np.uint64(ids), np.arange(lots)))
    whole: Ints = np.maximum(np.rint(sizes), 1.0).astype(np.int64)
    return whole


def _moments(process: SupplyProcess, streams: Streams, ends: float) -> Floats:
    """Return when lots appear (hours, ascending), with gaps counted in working time.

    A lot that falls due less than ``SLACK`` after the end comes at the end, as work that reaches
    so little past closing time does.
    """
    calendar = process.shift.calendar
    begin = calendar.next_open_at(process.begins)
    if begin > ends:
        return np.zeros(0)
    before = calendar.elapsed_at(process.begins)
    room = calendar.elapsed_at(ends) - before + SLACK
    worked = _worked(process, streams, before, room)
    # work of no hours would be over at the last closing time before the beginning
    times = np.maximum(calendar.clock(worked), begin)
    return np.minimum(times[times <= ends + SLACK], ends)


def _worked(process: SupplyProcess, streams: Streams, before: float, room: float) -> Floats:
    """Return how many hours have been worked at each lot: ``before``, and at most ``room`` more.

    Gap k takes draw k: the first is the one before the first lot, or after it where the process
    says when that comes, for which it has a stream of its own.
    """
    gap, most = process.gap, process.most
    assert gap is not None
    first = None if process.first is None else _first(process.first, process, streams)
    if isinstance(gap, Constant):
        start, skip = (0.0, 1) if first is None else (first, 0)
        count = min(floor((room - start) / gap.mean) + 1 - skip, most)
        return before + start + np.arange(skip, max(count, 0) + skip) * gap.mean
    reached, found = 0.0, list[Floats]()
    if first is not None:
        reached = first
        found.append(np.array([first]))
    lots, drawn = len(found), 0
    entity = np.uint64(entity_id(f"{process.entity}/gaps"))
    left = room / gap.mean if gap.mean > 0.0 else inf
    block = int(min(left + 4.0 * left**0.5 + 16.0, most, _BLOCK))
    while reached <= room and lots < most:
        gaps = gap.quantile(streams.uniforms(entity, np.arange(drawn, drawn + block)))
        sums = np.cumsum(np.concatenate([[reached], gaps]))[1:]
        found.append(sums)
        reached = float(sums[-1])
        lots, drawn = lots + block, drawn + block
    offsets = np.concatenate(found) if found else np.zeros(0)
    return before + offsets[offsets <= room]


def _first(law: Law, process: SupplyProcess, streams: Streams) -> float:
    """Return the working time before the first lot."""
    if isinstance(law, Constant):
        return law.mean
    return law.quantile_at(streams.stream(f"{process.entity}/first").uniform())
