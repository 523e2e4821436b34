"""Tours: who is visited on which trip, in what order, over what distances."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass

import numpy as np

from sim.geography.distance import great_circle_km
from sim.policies.tour_block import Demand, Floats, Ints, TourBlock, distance

_TIE = 1e-9  # two directions of a tour that differ by less than this part count as equal


@dataclass(frozen=True, slots=True, eq=False)
class Tours:
    """Tours of one or many depots, depots ascending.

    ``stop`` (stops): stop indexes in the order of visit, tour after tour.
    ``first`` (tours + 1): offsets into ``stop``. ``depot`` (tours): the depot's index.
    ``leg_km`` (stops): great-circle km of the leg into each stop, from the depot or the stop
    before; ``back_km`` (tours): of the leg home.
    ``nearest_km``, ``farthest_km`` (tours): from the depot to its nearest and farthest stop.
    """

    stop: Ints
    first: Ints
    depot: Ints
    leg_km: Floats
    back_km: Floats
    nearest_km: Floats
    farthest_km: Floats

    def __len__(self) -> int:
        return len(self.depot)

    @property
    def km(self) -> float:
        """Length of all tours together, in great-circle km."""
        return float(self.leg_km.sum() + self.back_km.sum())


TOUR_ORDERS: dict[str, Callable[[Tours], Floats | Ints]] = {
    "nearest-first": lambda tours: tours.nearest_km,
    "farthest-first": lambda tours: -tours.farthest_km,
    "most-stops-first": lambda tours: -np.diff(tours.first),
}
"""Rules for the order in which a depot sends its tours out: what is to be ascending."""


def order_tours(tours: Tours, rule: str) -> Tours:
    """The same tours, with those of each depot in the order of a rule; ties stay as they are.

    "nearest-first" goes by the distance of the tour's nearest stop from the depot, "farthest-first"
    by that of its farthest stop, falling, "most-stops-first" by the number of its stops, falling.
    Raises ValueError for another rule.
    """
    if rule not in TOUR_ORDERS:
        raise ValueError(f"the rule must be one of {', '.join(TOUR_ORDERS)}, not {rule!r}")
    rows = np.lexsort((TOUR_ORDERS[rule](tours), tours.depot))
    stops, first = rearranged(tours.first, rows)
    return Tours(
        stop=tours.stop[stops],
        first=first,
        depot=tours.depot[rows],
        leg_km=tours.leg_km[stops],
        back_km=tours.back_km[rows],
        nearest_km=tours.nearest_km[rows],
        farthest_km=tours.farthest_km[rows],
    )


def offsets(count: Ints) -> Ints:
    """0 and the running sums of ``count``."""
    first = np.zeros(len(count) + 1, dtype=np.int64)
    np.cumsum(count, out=first[1:])
    return first


def rearranged(first: Ints, tours: Ints) -> tuple[Ints, Ints]:
    """Where the stops of ``tours``, in this order, are now; and the offsets they get."""
    count = np.diff(first)[tours]
    new = offsets(count)
    return np.repeat(first[tours] - new[:-1], count) + np.arange(new[-1]), new


def joined(parts: Sequence[Tours]) -> Tours:
    """The tours of several blocks of depots, one after the other."""
    none, no_km = np.empty(0, np.int64), np.empty(0)
    empty = Tours(none, np.zeros(1, np.int64), none, no_km, no_km, no_km, no_km)
    parts = [empty, *parts]
    return Tours(
        stop=np.concatenate([part.stop for part in parts]),
        first=offsets(np.concatenate([np.diff(part.first) for part in parts])),
        depot=np.concatenate([part.depot for part in parts]),
        leg_km=np.concatenate([part.leg_km for part in parts]),
        back_km=np.concatenate([part.back_km for part in parts]),
        nearest_km=np.concatenate([part.nearest_km for part in parts]),
        farthest_km=np.concatenate([part.farthest_km for part in parts]),
    )


def finished(
    demand: Demand, block: TourBlock, depot: int, stop: int, order: Ints, count: Ints
) -> Tours:
    """The tours of a block in their final order and direction, with great-circle distances.

    ``order`` (stops) and ``count`` (tours) count stops from the block's first, which is ``stop`` of
    all, as ``depot`` is its first depot. See ``TourMethod`` for order and direction.
    """
    first = offsets(count)
    rows = np.argsort(np.minimum.reduceat(order, first[:-1]), kind="stable")
    stops, first = rearranged(first, rows)
    order, count = order[stops], count[rows]
    home = depot + block.depot[order[first[:-1]]]

    def legs(stops_on_tour: Ints) -> tuple[Floats, Floats]:
        lat, lon = demand.lat[stop + stops_on_tour], demand.lon[stop + stops_on_tour]
        from_lat, from_lon = np.roll(lat, 1), np.roll(lon, 1)
        home_lat, home_lon = demand.depot_lat[home], demand.depot_lon[home]
        from_lat[first[:-1]], from_lon[first[:-1]] = home_lat, home_lon
        last = first[1:] - 1
        return (
            great_circle_km(from_lat, from_lon, lat, lon),
            great_circle_km(lat[last], lon[last], home_lat, home_lon),
        )

    leg_km, back_km = legs(order)
    tour = np.repeat(np.arange(len(count)), count)
    place = np.arange(len(order)) - first[tour]
    turn = _runs_backwards(order, first, tour, place, leg_km, back_km)[tour]
    mirror = first[tour] + count[tour] - 1 - place
    flipped = np.where(turn, mirror, np.arange(len(order)))
    # Backwards, the leg into a stop is the one that left it; the first comes from the way home.
    out_km = np.append(leg_km[1:], 0.0)
    out_km[first[1:] - 1] = back_km
    new_leg = np.where(turn, out_km[mirror], leg_km)
    new_back = np.where(turn[first[:-1]], leg_km[first[:-1]], back_km)
    order = order[flipped]
    radius = distance(block.x[order], block.y[order])
    return Tours(
        stop=order + stop,
        first=first,
        depot=home,
        leg_km=new_leg,
        back_km=new_back,
        nearest_km=np.minimum.reduceat(radius, first[:-1]),
        farthest_km=np.maximum.reduceat(radius, first[:-1]),
    )


def _runs_backwards(
    order: Ints, first: Ints, tour: Ints, place: Ints, leg_km: Floats, back_km: Floats
) -> Ints:
    """Which tours have a smaller sum of arrival distances the other way round."""
    tours = len(back_km)
    count = np.diff(first)
    # The leg into place p counts for count - p stops forwards and for p stops backwards.
    more = np.bincount(tour, leg_km * (count[tour] - 2 * place), tours) - count * back_km
    close = np.bincount(tour, leg_km * count[tour], tours) + count * back_km
    tie = np.abs(more) <= _TIE * close
    return np.where(tie, order[first[1:] - 1] < order[first[:-1]], more > 0)
