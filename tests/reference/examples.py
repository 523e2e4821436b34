"""Plans for worked examples, how to run them, and how to compare their times."""

from __future__ import annotations

import numpy as np
from numpy.typing import ArrayLike

from reference.plans import CITY, COUNTY, FACTORY, chain, fleet, lane
from sim.audit import audit
from sim.engine.model import run_replication
from sim.laws import Constant
from sim.ledger import Ledger
from sim.plan.specs import Plan
from sim.policies.dispatch import DispatchRule

Legs = tuple[float, ...]


def run(plan: Plan) -> Ledger:
    """Run replication 0 and audit it."""
    ledger = run_replication(plan, 0)
    audit(ledger, plan)
    return ledger


def assert_times(found: ArrayLike, expected: ArrayLike) -> None:
    """Assert that times are the same to 1e-9 hours; NaN only where NaN is expected."""
    mine, theirs = np.asarray(found, np.float64), np.asarray(expected, np.float64)
    np.testing.assert_allclose(mine, theirs, rtol=0, atol=1e-9)


def one_lane(
    *lots: tuple[float, int],
    dispatch: DispatchRule | None = None,
    km: float = 100.0,
    horizon: float = 720.0,
    **of_fleet: object,
) -> Plan:
    """Return a plan of one factory that sends its lots to one city, at 50 km/h, and no further."""
    due = sum(units for _, units in lots)
    return chain(
        supplies=[(0, 0, lots)],
        links=[(0, 1, 0, due, km, -1)],
        fleets=[fleet(FACTORY, **of_fleet), fleet(CITY), fleet(COUNTY)],  # type: ignore[arg-type]
        lanes=[lane(FACTORY, dispatch=dispatch), lane(CITY), lane(COUNTY)],
        horizon=horizon,
    )


def one_tour(
    legs: Legs, back: float, *, hour: float = 0.0, stop: float = 0.25, **of_fleet: object
) -> Plan:
    """Return a plan whose one tour has its goods at ``hour``; legs and back are hours."""
    units = 2 * len(legs)
    return chain(
        supplies=[(0, 0, [(hour, units)])],
        links=[(0, 1, 0, units, 0.0, -1), (1, 2, 0, units, 0.0, -1)],
        tours=[(2, [50 * leg for leg in legs], 50 * back)],
        stop_time=Constant(stop),
        fleets=[fleet(FACTORY), fleet(CITY), fleet(COUNTY, **of_fleet)],  # type: ignore[arg-type]
    )


def loads(ledger: Ledger) -> list[int]:
    """Return the units of each load, trip by trip."""
    return [int(units) for units in ledger.loads.units]
