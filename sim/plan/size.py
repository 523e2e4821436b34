"""How large a run would be: plans that nobody could wait for are refused in words."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from math import inf

import numpy as np
from numpy.typing import NDArray

from sim.errors import UsageError
from sim.laws import Constant
from sim.plan.processes import expected_lots
from sim.plan.specs import OPEN, FleetSpec, LaneSpec, Plan

#: Most loads on a lane, and most units that take times of their own at a station, in one run: far
#: beyond all campaigns. Each takes some ten microseconds and some hundred bytes.
MOST = 10_000_000


@dataclass(frozen=True, slots=True)
class Carried:
    """What a lane can have to carry of a product in a run: units, and loads if each were as large
    as its vehicle."""

    lane: LaneSpec
    product: int
    units: float
    loads: float


def check_size(plan: Plan) -> None:
    """Refuse a plan whose run would take more time or memory than anybody has.

    Raises:
        UsageError: which lane or station it is, and what could be done.
    """
    passing = np.zeros(len(plan.stations))
    for carried in expected_loads(plan):
        if carried.loads > MOST:
            raise UsageError(
                f'the lane "{carried.lane.name}" would carry some {carried.loads:.3g} loads of '
                f'"{plan.products[carried.product]}" in a run, and more than {MOST:,} take too '
                "long: let a vehicle carry more, or count the goods in larger units"
            )
        for station in {index for stage in carried.lane.stations for index in stage}:
            passing[station] += carried.units
    for spec, units in zip(plan.stations, passing.tolist(), strict=True):
        if spec.per_unit is not None and not isinstance(spec.per_unit, Constant) and units > MOST:
            raise UsageError(
                f'at the station "{spec.name}" some {units:.3g} units take times of their own '
                f"in a run, and more than {MOST:,} take too long: let time-per-unit be constant"
            )


def expected_loads(plan: Plan) -> Iterator[Carried]:
    """Return what each lane can have to carry of each product, tours and sharing left out.

    There are no more units than are due, and none that do not appear by the horizon; those of
    chance count with their mean.
    """
    appears = _appears(plan)
    for index, lane in enumerate(plan.lanes):
        for product, units in enumerate(_sent(plan, index, appears)):
            if units:
                most = _most_in_a_load(plan, lane, plan.fleets[lane.fleet], product)
                yield Carried(lane, product, units, units / most)


def _appears(plan: Plan) -> NDArray[np.float64]:
    """Return the units of each product that appear by the horizon, those of chance as a mean."""
    appears = np.zeros(len(plan.products))
    for supply in plan.supplies:
        appears[supply.product] += float(supply.units.sum())
    for process in plan.processes:
        lots = expected_lots(process, plan.horizon)
        appears[process.product] += lots * max(1.0, process.size.mean)
    return appears


def _sent(plan: Plan, lane: int, appears: NDArray[np.float64]) -> list[float]:
    """Return the units of each product that a lane can have to carry."""
    links = plan.links
    mine = links.lane == lane
    sent = []
    for product, there in enumerate(appears.tolist()):
        due = links.units[mine & (links.product == product)]
        asked = inf if (due >= OPEN).any() else float(due.sum(dtype=np.float64))
        sent.append(min(asked, there))
    return sent


def _most_in_a_load(plan: Plan, lane: LaneSpec, fleet: FleetSpec, product: int) -> float:
    """Return how many units of a product alone are one load, as ``sim.engine.hold`` has it."""
    room = (min(fleet.limits[0], lane.dispatch.full), *fleet.limits[1:])
    per_unit = plan.load_per_unit[product].tolist()
    held = (limit / used for used, limit in zip(per_unit, room, strict=True) if used)
    return max(min(held, default=inf), 1.0)
