"""The recorder: the ledger while it is written, as plain lists that only grow."""

from __future__ import annotations

from collections.abc import Sequence
from math import nan
from struct import Struct
from typing import Any

import numpy as np
from numpy.typing import NDArray

from sim.ledger import (
    Cause,
    Ledger,
    Loads,
    Losses,
    Services,
    Strikes,
    Supplies,
    Tours,
    Trips,
    Uses,
)
from sim.plan.specs import Plan

# Columns of a trip's row.
READY, TAKEN, DISPATCHED, ARRIVED, RECEIVED, RETURNED, DRIVING, FLEET = range(4, 12)
# Columns of a service's row.
BEGAN, ENDED, PART, DONE = range(4, 8)


class Recorder:
    """Collects what happens; :meth:`ledger` freezes it."""

    def __init__(self, plan: Plan, replication: int) -> None:
        self._plan = plan
        self._replication = replication
        self.released = [0.0] * len(plan.waves)
        self.trips: list[list[float]] = []
        self._supplies: list[tuple[float, int, int, int]] = []
        self._loads: list[tuple[int, int, int]] = []
        self._services: list[list[float]] = []
        self._losses: list[tuple[float, int, int, int, int, int, int]] = []

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
        fleet: int,
    ) -> int:
        """A shipment was put together for a fleet; returns its trip's number."""
        number = len(self.trips)
        self.trips.append(
            [lane, origin, destination, km, ready, nan, nan, nan, nan, nan, nan, fleet]
        )
        for product, units in load.items():
            self._loads.append((number, product, units))
        return number

    def service(
        self, station: int, site: int, trip: int, joined: float, part: int = 0
    ) -> list[float]:
        """A shipment joined the queue of a station, or is taken up again after an interruption.

        Returns the row, in which the station notes ``BEGAN``, ``ENDED`` and ``DONE`` (1) as they
        become known; what lies past the horizon stays NaN.
        """
        row = [station, site, trip, joined, nan, nan, part, 0.0]
        self._services.append(row)
        return row

    def loss(
        self,
        time: float,
        trip: int,
        site: int,
        load: dict[int, int],
        cause: Cause,
        station: int = -1,
    ) -> None:
        """Goods left the network without a receipt."""
        self._losses.extend(
            (time, trip, site, station, product, units, int(cause))
            for product, units in load.items()
        )

    def ledger(self, tours: tuple[Tours, ...], strikes: Strikes) -> Ledger:
        """Freeze what was recorded: nothing used up yet, over at the horizon."""
        supplies, trips = _table(self._supplies, 4), _table(self.trips, 12)
        loads, services = _table(self._loads, 3), _table(self._services, 8)
        losses, nothing = _table(self._losses, 7), _table([], 8)
        return Ledger(
            replication=self._replication,
            horizon=self._plan.horizon,
            released=np.array(self.released),
            supplies=Supplies(supplies[0], *_whole(supplies[1:])),
            trips=Trips(*_whole(trips[:3]), *trips[3:11], *_whole(trips[11:])),
            loads=Loads(*_whole(loads)),
            services=Services(
                station=services[0].astype(np.int64),
                site=services[1].astype(np.int64),
                trip=services[2].astype(np.int64),
                joined=services[3],
                began=services[4],
                ended=services[5],
                part=services[6].astype(np.int64),
                done=services[7] > 0,
            ),
            tours=tours,
            losses=Losses(losses[0], *_whole(losses[1:])),
            uses=Uses(*_whole(nothing[:5]), *nothing[5:7], *_whole(nothing[7:])),
            strikes=strikes,
            ended=self._plan.horizon,
        )


def _whole(columns: NDArray[np.float64]) -> list[Any]:
    return [column.astype(np.int64) for column in columns]


def _table(rows: Sequence[Sequence[float]], width: int) -> NDArray[np.float64]:
    """Return the rows as columns. Whole numbers below 2**53 survive being floats on the way."""
    pack = Struct(f"{width}d").pack  # numpy takes twice as long to look at every number
    flat = np.frombuffer(b"".join([pack(*row) for row in rows]))
    return np.ascontiguousarray(flat.reshape(-1, width).T)
