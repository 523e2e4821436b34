"""What tour methods work on: stops in the plane around their depot, and what a tour may hold.

Depots are planned in blocks, so that temporary arrays stay small and in the processor's cache. All
arithmetic is either elementwise or on integers; so a depot's tours are the same, bit for bit,
whatever else is in its block.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from typing import Any, NamedTuple

import numpy as np
from numpy.typing import ArrayLike, NDArray

from sim.geography.distance import EARTH_RADIUS_KM

Ints = NDArray[np.int64]
Floats = NDArray[np.float64]
Bools = NDArray[np.bool_]

LIMIT = 1 << 44  # what one vehicle holds, in every dimension, after scaling to integers
MOST_DEPOTS = 1 << 13  # of one block; the savings' sort key has 13 bits for the depot
_MOST_STOPS = 20_000  # of one block, unless one depot alone has more


@dataclass(frozen=True, slots=True)
class TourTime:
    """The longest mean time of a tour, from the depot and back.

    A tour takes ``circuity`` x km / ``kmh`` + the sum of its ``stop_hours``, and at most ``hours``.
    ``kmh`` is one number or one per depot, ``stop_hours`` one number or one per stop. A stop that
    takes longer even on its own gets a tour of its own.
    """

    hours: float
    kmh: float | Floats
    stop_hours: float | Floats
    circuity: float = 1.0


class Tally(NamedTuple):
    """Time of a block's tours: at most ``limit`` hours; ``per_km`` (depots), ``stop`` (stops)."""

    limit: float
    per_km: Floats
    stop: Floats


@dataclass(frozen=True, slots=True, eq=False)
class TourBlock:
    """Some depots and their stops.

    ``x``, ``y`` (stops): km east and north of the stop's depot, on the azimuthal equidistant plane:
    distances from the depot are exact, those between stops never too short and within 100 km of the
    depot at most 0.005 % too long. ``depot`` (stops) counts from 0 in the block; the stops of depot
    d are ``first[d]`` to ``first[d + 1] - 1``. ``weight`` (dimensions, stops): the sums over a tour
    are at most ``LIMIT``.
    """

    x: Floats
    y: Floats
    first: Ints
    depot: Ints
    weight: Ints
    time: Tally | None

    @property
    def stops(self) -> int:
        """Number of stops."""
        return len(self.x)


@dataclass(frozen=True, slots=True, eq=False)
class Demand:
    """All stops of one call, checked: see ``routing.TourMethod`` for the arguments' meaning."""

    depot_lat: Floats
    depot_lon: Floats
    lat: Floats
    lon: Floats
    depot: Ints
    weight: Ints
    time: Tally | None

    def blocks(self) -> Iterator[tuple[int, int, TourBlock]]:
        """The depots in blocks: first depot, first stop, block."""
        ends = np.searchsorted(self.depot, np.arange(len(self.depot_lat) + 1))
        low = 0
        while low < len(self.depot_lat):
            high = int(np.searchsorted(ends, ends[low] + _MOST_STOPS, side="right")) - 1
            high = max(low + 1, min(high, low + MOST_DEPOTS))
            if ends[high] > ends[low]:
                yield low, int(ends[low]), self._block(low, high, ends)
            low = high

    def _block(self, low: int, high: int, ends: Ints) -> TourBlock:
        rows = slice(int(ends[low]), int(ends[high]))
        depot = self.depot[rows]
        x, y = plane(self.depot_lat[depot], self.depot_lon[depot], self.lat[rows], self.lon[rows])
        time = self.time
        if time is not None:
            time = Tally(time.limit, time.per_km[low:high], time.stop[rows])
        first = ends[low : high + 1] - ends[low]
        return TourBlock(x, y, first, depot - low, self.weight[:, rows], time)


def plane(lat0: Floats, lon0: Floats, lat: Floats, lon: Floats) -> tuple[Floats, Floats]:
    """Azimuthal equidistant coordinates in km, x east and y north, around ``lat0``, ``lon0``.

    Snyder (1987), Map Projections: A Working Manual, eq. 22-4, 22-5 and 25-2, on a sphere. Compared
    with great circles, distances from the centre are exact and all others equal or longer.
    """
    phi0, phi, dlon = np.radians(lat0), np.radians(lat), np.radians(lon - lon0)
    cos0, sin0, cos, sin = np.cos(phi0), np.sin(phi0), np.cos(phi), np.sin(phi)
    # cos(dlon) - 1, not cos(dlon), so that short distances keep their digits
    versed = 2.0 * np.sin(dlon / 2.0) ** 2
    east = cos * np.sin(dlon)
    north = np.sin(phi - phi0) + sin0 * cos * versed
    chord = np.sqrt(east * east + north * north)
    angle = np.arctan2(chord, sin0 * sin + cos0 * cos * (1.0 - versed))
    scale = np.full(chord.shape, EARTH_RADIUS_KM)
    np.divide(angle * EARTH_RADIUS_KM, chord, out=scale, where=chord > 0)
    return east * scale, north * scale


def distance(dx: Floats, dy: Floats) -> Floats:
    """Length of the vectors; overwrites its arguments."""
    dx *= dx
    dy *= dy
    dx += dy
    return np.sqrt(dx, out=dx)


def check_demand(
    depot_lat: ArrayLike,
    depot_lon: ArrayLike,
    stop_lat: ArrayLike,
    stop_lon: ArrayLike,
    stop_depot: ArrayLike,
    loads: ArrayLike,
    capacity: ArrayLike,
    longest: TourTime | None,
) -> Demand:
    """Check and convert the arguments of a tour method; raises ValueError."""
    depot_lat, depot_lon = _floats(depot_lat, "depot_lat"), _floats(depot_lon, "depot_lon")
    lat, lon = _floats(stop_lat, "stop_lat"), _floats(stop_lon, "stop_lon")
    depot = np.asarray(stop_depot, dtype=np.int64)
    stops, depots = len(lat), len(depot_lat)
    if depot_lon.shape != (depots,) or lon.shape != (stops,) or depot.shape != (stops,):
        raise ValueError("latitudes, longitudes and depots must be of equal lengths")
    if stops and (depot.min() < 0 or depot.max() >= depots or np.any(np.diff(depot) < 0)):
        raise ValueError(f"stop_depot must be ascending and from 0 to {depots - 1}")
    load, most = np.asarray(loads, dtype=np.float64), np.asarray(capacity, dtype=np.float64)
    if most.ndim != 1 or load.shape != (stops, len(most)):
        raise ValueError(f"loads must have shape (stops, dimensions), not {load.shape}")
    if not np.all(most > 0):
        raise ValueError("capacity must be more than 0 in every dimension")
    if not np.all((load >= 0) & (load < np.inf)):
        raise ValueError("loads must be finite and 0 or more")
    time = None
    if longest is not None:
        if not (longest.hours > 0 and longest.circuity > 0 and np.all(np.greater(longest.kmh, 0))):
            raise ValueError("hours, kmh and circuity of the longest tour must be more than 0")
        if not np.all(np.greater_equal(longest.stop_hours, 0)):
            raise ValueError("stop_hours must be 0 or more")
        per_km = np.broadcast_to(np.divide(longest.circuity, longest.kmh), (depots,))
        stop_hours = np.asarray(longest.stop_hours, dtype=np.float64)
        time = Tally(longest.hours, per_km, np.broadcast_to(stop_hours, (stops,)))
    return Demand(depot_lat, depot_lon, lat, lon, depot, _weights(load, most), time)


def _weights(load: Floats, capacity: Floats) -> Ints:
    """Loads as shares of the capacity in integers, without dimensions that can never bind.

    Rounding down makes a sum at most 6e-14 of the capacity too small for each stop.
    """
    over = np.argwhere(load > capacity * (1.0 + 1e-9))
    if len(over):
        stop, dimension = over[0]
        raise ValueError(
            f"stop {stop} needs {load[stop, dimension]:g} in dimension {dimension}, "
            f"more than the capacity of {capacity[dimension]:g}"
        )
    kept: list[Ints] = []
    for dimension, most in enumerate(capacity):
        share = np.minimum(load[:, dimension] / most * LIMIT, LIMIT).astype(np.int64)
        if any(np.all(share <= other) for other in kept):
            continue
        kept = [other for other in kept if np.any(other > share)]
        kept.append(share)
    return np.stack(kept) if kept else np.zeros((1, len(load)), dtype=np.int64)


def _floats(values: ArrayLike, name: str) -> Floats:
    array: NDArray[Any] = np.asarray(values, dtype=np.float64)
    if array.ndim != 1 or not np.all(np.isfinite(array)):
        raise ValueError(f"{name} must be a row of finite numbers")
    return array
