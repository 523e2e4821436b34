"""Tours by sweeping: fill one tour after the other while turning round the depot."""

from __future__ import annotations

from math import hypot, inf

import numpy as np

from sim.policies.tour_block import LIMIT, Ints, TourBlock, distance
from sim.policies.tour_neighbours import Pairs

_WINDOW = 16  # stops of a tour that may become neighbours are at first at most so far apart


def sweep_tours(block: TourBlock) -> tuple[Ints, Ints]:
    """Tours of a block: stops in order of visit (stops), and stops per tour (tours).

    Gillett & Miller (1974), Operations Research 22(2), 340-349: stops join a tour in order of their
    angle at the depot, anticlockwise, until the next one would break a limit. The sweep starts
    behind the widest gap. Each stop is put where it lengthens its tour least, so that the time for
    a tour of m stops grows with m squared.
    """
    x, y = block.x.tolist(), block.y.tolist()
    time = block.time
    per_km = [0.0] * block.stops if time is None else time.per_km[block.depot].tolist()
    service = [0.0] * block.stops if time is None else time.stop.tolist()
    most = inf if time is None else time.limit
    weights = [weight.tolist() for weight in block.weight]
    depot = block.depot.tolist()

    order: list[int] = []
    count: list[int] = []
    tour: list[int] = []
    legs: list[float] = []  # km into each stop of the tour, and home
    hours, held = 0.0, [0] * len(weights)
    for stop in _turning(block).tolist():
        home = hypot(x[stop], y[stop])
        fits = bool(tour) and depot[tour[0]] == depot[stop]
        fits = fits and all(
            full + weight[stop] <= LIMIT for full, weight in zip(held, weights, strict=True)
        )
        if fits:
            at, before, after = _cheapest(x, y, stop, home, tour, legs)
            longer = (before + after - legs[at]) * per_km[stop] + service[stop]
            fits = hours + longer <= most
            if fits:
                hours += longer
                tour.insert(at, stop)
                legs[at : at + 1] = (before, after)
                held = [full + weight[stop] for full, weight in zip(held, weights, strict=True)]
        if not fits:
            order += tour
            count.append(len(tour))
            tour, legs = [stop], [home, home]
            hours = 2.0 * home * per_km[stop] + service[stop]
            held = [weight[stop] for weight in weights]
    order += tour
    count.append(len(tour))
    return np.array(order), np.array([stops for stops in count if stops])


def pairs_on_tours(block: TourBlock, order: Ints, count: Ints) -> Pairs:
    """Pairs of stops on one tour, at most 16 places apart."""
    tour = np.repeat(np.arange(len(count)), count)
    first, second = [order[:0]], [order[:0]]
    for step in range(1, min(_WINDOW, int(count.max()) - 1) + 1):
        rows = np.flatnonzero(tour[step:] == tour[:-step])
        first.append(order[rows])
        second.append(order[rows + step])
    i, j = np.concatenate(first), np.concatenate(second)
    return Pairs(i, j, distance(block.x[i] - block.x[j], block.y[i] - block.y[j]))


def _cheapest(
    x: list[float], y: list[float], stop: int, home: float, tour: list[int], legs: list[float]
) -> tuple[int, float, float]:
    """The place in a tour where a stop adds least; the km into it and out of it there."""
    east, north = x[stop], y[stop]
    best, at, before, after = inf, 0, 0.0, 0.0
    into = home
    for place, (other, leg) in enumerate(zip(tour, legs, strict=False)):  # but for the last leg
        out = hypot(x[other] - east, y[other] - north)
        if into + out - leg < best:
            best, at, before, after = into + out - leg, place, into, out
        into = out
    if into + home - legs[-1] < best:
        at, before, after = len(tour), into, home
    return at, before, after


def _turning(block: TourBlock) -> Ints:
    """The stops of each depot by angle, from behind the widest gap on; ties by angle, index."""
    angle = np.arctan2(block.y, block.x)
    order = np.lexsort((angle, block.depot))
    angle, depot, place = angle[order], block.depot, np.arange(block.stops)
    first, size = block.first[depot], np.diff(block.first)[depot]
    before = np.where(place == first, first + size - 1, place - 1)
    gap = (angle - angle[before]) % (2.0 * np.pi)
    widest = np.lexsort((place, -gap, depot))[first]
    return np.asarray(order[first + (place + widest - 2 * first) % size])
