"""The recorder: the ledger while it is written, as plain lists that only grow."""

from __future__ import annotations

from math import nan

import numpy as np

from sim.ledger import Ledger, Loads, Services, Supplies, Tours, Trips
from sim.plan.specs import Plan

# Columns of a trip's row.
READY, TAKEN, DISPATCHED, ARRIVED, RECEIVED, RETURNED, DRIVING = range(4, 11)


class Recorder:
    """Collects what happens; :meth:`ledger` freezes it."""

    def __init__(self, plan: Plan, replication: int) -> None:
        self._plan = plan
        self._replication = replication
        self.released = [0.0] * len(plan.waves)
        self.trips: list[list[float]] = []
        self._supplies: list[tuple[float, int, int, int]] = []
        self._loads: list[tuple[int, int, int]] = []
        self._services: list[tuple[int, int, int, float, float, float]] = []

    def supply(self, time: float, site: int, product: int, units: int) -> None:
        """Goods appeared at a site."""
        self._supplies.append((time, site, product, units))

    def trip(
        self,
        lane: int,
        origin: int,
        destination: int,
        km: float,
        ready: float,
        load: dict[int, int],
    ) -> int:
        """A shipment was put together; returns its trip's number."""
        number = len(self.trips)
        self.trips.append([lane, origin, destination, km, ready, nan, nan, nan, nan, nan, nan])
        self._loads.extend((number, product, units) for product, units in load.items())
        return number

    def service(
        self, station: int, site: int, trip: int, joined: float, began: float, ended: float
    ) -> None:
        """A station served a shipment."""
        self._services.append((station, site, trip, joined, began, ended))

    def ledger(self, tours: tuple[Tours, ...]) -> Ledger:
        """Freeze what was recorded."""
        supplies, trips = _table(self._supplies, 4), _table(self.trips, 11)
        loads, services = _table(self._loads, 3), _table(self._services, 6)
        return Ledger(
            replication=self._replication,
            horizon=self._plan.horizon,
            released=np.array(self.released),
            supplies=Supplies(supplies[0], *(column.astype(np.int64) for column in supplies[1:])),
            trips=Trips(*(column.astype(np.int64) for column in trips[:3]), *trips[3:]),
            loads=Loads(*(column.astype(np.int64) for column in loads)),
            services=Services(*(column.astype(np.int64) for column in services[:3]), *services[3:]),
            tours=tours,
        )


def _table(rows: list, width: int) -> np.ndarray[tuple[int, int], np.dtype[np.float64]]:  # type: ignore[type-arg]
    """Return the rows as columns. Whole numbers below 2**53 survive being floats on the way."""
    return np.ascontiguousarray(np.array(rows, np.float64).reshape(-1, width).T)
