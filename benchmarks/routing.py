"""Measure tour planning: the whole nation's CPU time, memory and km, and counties against PyVRP.

    python benchmarks/routing.py                     # the nation, every method
    python benchmarks/routing.py --counties 12       # and a sample against PyVRP, some 4 minutes
    python benchmarks/routing.py --longest 8         # tours of at most 8 h

Stops are village clinics at synthetic points, depots are county seats. PyVRP needs the extra
``routing``. It stops after a set time, so that its result varies a little between machines: read
the ratios, not the kilometres.
"""

from __future__ import annotations

import argparse
import resource
import time
import tracemalloc
from typing import Any, NamedTuple

import numpy as np
from numpy.typing import NDArray

from sim.geography.clinics import clinics_by_town
from sim.geography.distance import great_circle_km
from sim.geography.nation import Nation, load_nation
from sim.geography.villages import village_points
from sim.policies.routing import TOUR_METHODS, Tours, TourTime, plan_sweep, plan_tours

Floats = NDArray[np.float64]
Ints = NDArray[np.int64]


class Places(NamedTuple):
    """Depots and their stops, as tour methods want them; ``names`` of the depots."""

    depot_lat: Floats
    depot_lon: Floats
    lat: Floats
    lon: Floats
    depot: Ints
    names: list[str]

    def of(self, depot: int) -> Places:
        """One depot and its stops."""
        low, high = np.searchsorted(self.depot, (depot, depot + 1))
        return Places(
            self.depot_lat[[depot]], self.depot_lon[[depot]], self.lat[low:high],
            self.lon[low:high], np.zeros(high - low, np.int64), [self.names[depot]],
        )  # fmt: skip

    def arguments(self, most: int) -> tuple[Any, ...]:
        """The arguments of a tour method, for at most ``most`` stops on a tour."""
        return *self[:5], np.ones((len(self.lat), 1)), np.array([float(most)])


def main() -> None:
    """Read the command line, measure, print."""
    parser = argparse.ArgumentParser(description=(__doc__ or "").splitlines()[0])
    parser.add_argument("--stops", type=int, default=15, help="most stops on a tour")
    parser.add_argument("--longest", type=float, help="most hours of a tour, at 30 km/h and 0.25 h")
    parser.add_argument("--repeat", type=int, default=3, help="runs per method; the best counts")
    parser.add_argument("--counties", type=int, default=0, help="size of the sample for PyVRP")
    parser.add_argument("--seconds", type=float, default=20.0, help="PyVRP's mean time per county")
    parser.add_argument("--seed", type=int, default=0, help="of the sample and of PyVRP")
    options = parser.parse_args()

    nation = load_nation()
    places = clinics(nation)
    print(f"{len(places.lat):,} stops of {len(places.names):,} depots, {options.stops} per tour")
    longest = None
    if options.longest is not None:
        longest = TourTime(options.longest, 30.0, 0.25, 1.3)
    measure(places, options.stops, longest, options.repeat)
    if options.counties:
        compare(places, options.stops, options.counties, options.seconds, options.seed)


def clinics(nation: Nation) -> Places:
    """All village clinics (synthetic points) of all counties that have any."""
    points = village_points(nation, clinics_by_town(nation))
    county = nation.towns.parent[points.town]
    order = np.argsort(county, kind="stable")
    depots, depot = np.unique(county[order], return_inverse=True)
    counties = nation.counties
    return Places(
        counties.lat[depots], counties.lon[depots], points.lat[order], points.lon[order],
        depot.astype(np.int64), [counties.name[depot] for depot in depots],
    )  # fmt: skip


def measure(places: Places, most: int, longest: TourTime | None, repeat: int) -> None:
    """Print CPU time, memory beyond the inputs, number and length of all tours.

    Memory is what NumPy and Python allocate; search trees, of one depot at a time, come on top.
    """
    arguments = places.arguments(most)
    print("method     CPU s   peak MB     tours   stops/tour           km")
    for name, method in TOUR_METHODS.items():
        seconds = []
        for _ in range(repeat):
            start = time.process_time()
            tours = method(*arguments, longest=longest)
            seconds.append(time.process_time() - start)
        tracemalloc.start()
        method(*arguments, longest=longest)
        peak = tracemalloc.get_traced_memory()[1] / 1e6
        tracemalloc.stop()
        print(
            f"{name:8s} {min(seconds):7.2f}   {peak:7.1f}   {len(tours):7,}"
            f"   {len(tours.stop) / len(tours):10.2f}   {tours.km:10,.0f}"
        )
    rss = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 1024  # KiB on Linux
    print(f"peak resident memory of the whole process, nation loaded: {rss:.0f} MiB")


def compare(places: Places, most: int, counties: int, seconds: float, seed: int) -> None:
    """Print the length of tours as a ratio to PyVRP's, for a sample of counties.

    One county is drawn from each of ``counties`` classes by size that hold equally many stops.
    """
    rng = np.random.default_rng(seed)
    stops = np.bincount(places.depot)
    by_size = np.argsort(stops, kind="stable")
    level = np.cumsum(stops[by_size]) / stops.sum() * counties
    sample = [
        int(rng.choice(by_size[(level > number) & (level <= number + 1.0 + 1e-9)]))
        for number in range(counties)
    ]
    print("\n                            tours               km      km, as a ratio to PyVRP's")
    print("county             stops   PyVRP  savings    PyVRP   savings  no search    sweep")
    total = np.zeros(4)
    share = seconds * counties / stops[sample].sum()
    for depot in sample:
        county = places.of(depot)
        metres = matrix(county)
        best, count = solve(metres, most, max(2.0, share * stops[depot]), seed)
        arguments = county.arguments(most)
        plans = [
            plan_tours(*arguments), plan_tours(*arguments, rounds=0), plan_sweep(*arguments)
        ]  # fmt: skip
        length = np.array([best, *(length_of(tours, metres) for tours in plans)]) / 1000.0
        total += length
        number = f"{stops[depot]:6d}  {count:6d}   {len(plans[0]):6d}"
        print(f"{places.names[depot][:16]:16s} {number} {row(length)}")
    print(f"{'all':16s} {stops[sample].sum():6d}  {'':6s}   {'':6s} {row(total)}")


def row(length: Floats) -> str:
    """Kilometres by PyVRP, and of the others as ratios to it."""
    return f"{length[0]:8,.0f}" + "".join(f"{ratio:10.3f}" for ratio in length[1:] / length[0])


def matrix(county: Places) -> Ints:
    """Great-circle metres between all places of one depot; the depot comes first."""
    lat = np.append(county.depot_lat, county.lat)
    lon = np.append(county.depot_lon, county.lon)
    metres = 1000.0 * great_circle_km(lat[:, None], lon[:, None], lat, lon)
    return np.rint(metres).astype(np.int64)


def length_of(tours: Tours, metres: Ints) -> int:
    """Metres of all tours of one depot, over the same matrix that PyVRP sees."""
    total = 0
    for tour in np.split(tours.stop + 1, tours.first[1:-1]):
        path = np.concatenate(([0], tour, [0]))
        total += int(metres[path[:-1], path[1:]].sum())
    return total


def solve(metres: Ints, most: int, seconds: float, seed: int) -> tuple[int, int]:
    """PyVRP's best solution: metres and number of tours."""
    try:
        from pyvrp import Client, Depot, Location, ProblemData, VehicleType
        from pyvrp import solve as search
        from pyvrp.stop import MaxRuntime
    except ImportError as error:
        raise SystemExit("the comparison needs PyVRP 0.14 or newer: the extra `routing`") from error

    stops = len(metres) - 1
    distance: Any = metres
    duration: Any = np.zeros_like(metres)
    data = ProblemData(
        [Location(0, 0)] * len(metres),  # the search uses the matrix only
        [Client(stop + 1, delivery=[1]) for stop in range(stops)],
        [Depot(0)],
        [VehicleType(stops, capacity=[most])],
        [distance],
        [duration],
    )
    result = search(data, MaxRuntime(seconds), seed=seed)
    return int(result.best.distance()), len(result.best.routes())


if __name__ == "__main__":
    main()
