"""Compare what the engine and the reference twin did, hour by hour."""

from __future__ import annotations

from collections.abc import Iterable
from math import inf, isnan

from reference.twin_parts import TwinRun
from sim.ledger import Ledger


def largest_gap(mine: Iterable[float], theirs: Iterable[float]) -> float:
    """Return the largest difference; inf if something happened in only one of them."""
    largest = 0.0
    for one, other in zip(mine, theirs, strict=True):
        if isnan(one) != isnan(other):
            return inf
        if not isnan(one):
            largest = max(largest, abs(one - other))
    return largest


def differences(run: TwinRun, ledger: Ledger) -> dict[str, float]:
    """Return, for each kind of time, the largest difference between twin and engine in hours.

    Trips are matched by origin, destination and how many went that way before. ``trips`` is 0 if
    both sent the same loads in this order, else inf, and then no trip or service is compared.
    """
    found = {"released": largest_gap(run.released, ledger.released.tolist())}
    found |= _of_trips(run, ledger)
    for tours, done in zip(run.tours, ledger.tours, strict=True):
        for name in ("ready", "began", "ended"):
            gap = largest_gap((getattr(t, name) for t in tours), getattr(done, name).tolist())
            found[f"tour {name}"] = max(found.get(f"tour {name}", 0.0), gap)
        for name in ("arrived", "delivered"):
            stops = (time for tour in tours for time in getattr(tour, name))
            gap = largest_gap(stops, getattr(done, name).tolist())
            found[f"stop {name}"] = max(found.get(f"stop {name}", 0.0), gap)
        begun = [row for row, tour in enumerate(tours) if not isnan(tour.began)]
        gap = largest_gap((tours[i].driving for i in begun), done.driving[begun].tolist())
        found["tour driving"] = max(found.get("tour driving", 0.0), gap)
    return found


def _of_trips(run: TwinRun, ledger: Ledger) -> dict[str, float]:
    trips, loads, services = ledger.trips, ledger.loads, ledger.services
    carried: list[dict[int, int]] = [{} for _ in range(len(trips))]
    for row in range(len(loads.trip)):
        carried[int(loads.trip[row])][int(loads.product[row])] = int(loads.units[row])
    theirs = sorted(range(len(trips)), key=lambda i: (trips.origin[i], trips.destination[i], i))
    mine = sorted(run.trips, key=lambda trip: (trip.origin, trip.destination, trip.number))
    same = [(t.lane, t.origin, t.destination, t.load) for t in mine] == [
        (trips.lane[i], trips.origin[i], trips.destination[i], carried[i]) for i in theirs
    ]
    if not same:
        return {"trips": inf}
    found = {"trips": 0.0}
    for name in ("ready", "taken", "dispatched", "arrived", "received", "returned"):
        times = getattr(trips, name)[theirs].tolist()
        found[f"trip {name}"] = largest_gap((getattr(t, name) for t in mine), times)
    left = [i for i, trip in enumerate(mine) if not isnan(trip.arrived)]
    driving = trips.driving[theirs][left].tolist()
    found["trip driving"] = largest_gap((mine[i].driving for i in left), driving)

    place_mine = {trip.number: place for place, trip in enumerate(mine)}
    place_theirs = {number: place for place, number in enumerate(theirs)}
    served = sorted(
        (s.station, s.site, place_mine[s.trip], s.joined, s.began, s.ended) for s in run.services
    )
    other = sorted(
        zip(
            services.station.tolist(),
            services.site.tolist(),
            (place_theirs[trip] for trip in services.trip.tolist()),
            services.joined.tolist(),
            services.began.tolist(),
            services.ended.tolist(),
            strict=True,
        )
    )
    if [row[:3] for row in served] != [row[:3] for row in other]:
        return found | {"services": inf}
    times_of = [[time for row in rows for time in row[3:]] for rows in (served, other)]
    return found | {"services": largest_gap(*times_of)}
