"""Consumption, worked out after the run: use feeds nothing back, for goods are pushed.

Every facility asks for units at known moments and takes what it has of them; the rest is lost need,
not made up later. A delivery at the moment of an ask counts first. What counts is what happens from
the warm-up on and before the end.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, fields
from math import floor

import numpy as np
from numpy.typing import NDArray

from sim.engine.stocks import Asks, Outcome, many, once
from sim.engine.strikes import Struck
from sim.engine.windows import multiply
from sim.ledger import Cause, Loads, Losses, Supplies, Tours, Trips, Uses
from sim.plan.specs import ConsumptionSpec, Plan
from sim.streams import Streams, entity_ids

Ints = NDArray[np.int64]
Floats = NDArray[np.float64]
Windows = list[tuple[float, float, float]]


@dataclass(frozen=True, slots=True, eq=False)
class _Places:
    """Who uses a product up: facilities, or sites. ``rank`` tells facilities of a site apart."""

    place: Ints
    site: Ints
    rank: Ints


def use_up(
    plan: Plan,
    streams: Streams,
    struck: Struck,
    supplies: Supplies,
    trips: Trips,
    loads: Loads,
    losses: Losses,
    tours: Sequence[Tours],
    ended: float,
) -> Uses:
    """Return what all facilities asked for and used up before ``ended`` (hours).

    The tables are the ledger's; ``tours`` follow the plan's. A facility on a tour gets its units
    when they are delivered; a site gets what its trips bring, less what was damaged, and what
    appears at the site itself.
    """
    parts: list[Uses] = []
    for index, spec in enumerate(plan.consumption):
        use = _Use(plan, spec, streams, struck, ended)
        on_tours = [
            pair for pair in zip(plan.tours, tours, strict=True) if pair[0].echelon == spec.echelon
        ]
        for planned, done in on_tours:
            site = planned.site_of_stop.astype(np.int64)
            places = _Places(np.arange(len(site)), site, planned.rank.astype(np.int64))
            units = planned.units[:, spec.product]
            outcome = use.of_facilities(places, done.delivered, units)
            parts.append(_rows(index, places, outcome))
        if not on_tours:
            sites = np.setdiff1d(np.flatnonzero(plan.site_echelon == spec.echelon), spec.closed)
            places = _Places(sites, sites, np.zeros(len(sites), np.int64))
            site, time, units = _received(spec.product, supplies, trips, loads, losses)
            parts.append(_rows(index, places, use.of_sites(places, site, time, units)))
    whole = {"empty": np.float64, "stock": np.float64}
    return Uses(
        **{
            column.name: np.concatenate(
                [np.zeros(0, whole.get(column.name, np.int64))]
                + [getattr(part, column.name) for part in parts]
            )
            for column in fields(Uses)
        }
    )


def _rows(index: int, places: _Places, outcome: Outcome) -> Uses:
    return Uses(np.full(len(places.place), index), places.place, places.site, *outcome)


def _received(
    product: int, supplies: Supplies, trips: Trips, loads: Loads, losses: Losses
) -> tuple[Ints, Floats, Ints]:
    """Return site, time and units of all that came of a product, sorted by site, then time."""
    damaged = losses.cause == int(Cause.DAMAGED)
    lost = np.zeros(len(trips), np.int64)
    gone = damaged & (losses.product == product)
    np.add.at(lost, losses.trip[gone], losses.units[gone])
    mine = (loads.product == product) & ~np.isnan(trips.received[loads.trip])
    trip = loads.trip[mine]
    here = supplies.product == product
    site = np.concatenate([trips.destination[trip], supplies.site[here]])
    time = np.concatenate([trips.received[trip], supplies.time[here]])
    units = np.concatenate([loads.units[mine] - lost[trip], supplies.units[here]])
    order = np.lexsort((time, site))
    return site[order], time[order], units[order]


class _Use:
    """One consumption in one replication."""

    def __init__(
        self, plan: Plan, spec: ConsumptionSpec, streams: Streams, struck: Struck, ended: float
    ) -> None:
        self._keys = plan.site_keys
        self._spec = spec
        self._streams = streams
        self._struck = struck
        self._since = min(plan.warm_up, ended)
        self._ended = ended

    def of_facilities(self, places: _Places, time: Floats, units: Ints) -> Outcome:
        """Facilities that get ``units`` once each, at ``time`` (NaN: never)."""
        if self._spec.pattern == "poisson":
            comes = time <= self._ended
            got = np.where(comes, units, 0)
            row = np.arange(len(time) + 1)
            return self._one_by_one(places, row, np.where(comes, time, 0.0), got)
        result = tuple(
            np.zeros(len(time), kind)
            for kind in (np.int64, np.int64, np.float64, np.float64, np.int64)
        )
        for windows, rows in self._profiles(places.site):
            asks = self._planned(windows)
            outcome = once(
                asks, self._spec.stock, time[rows], units[rows], self._since, self._ended
            )
            for column, values in zip(result, outcome, strict=True):
                column[rows] = values
        return result  # type: ignore[return-value]

    def of_sites(self, places: _Places, site: Ints, time: Floats, units: Ints) -> Outcome:
        """Sites that get ``units`` at ``time``, sorted by site."""
        low = np.searchsorted(site, places.site)
        high = np.searchsorted(site, places.site, side="right")
        rows = [np.arange(a, b) for a, b in zip(low.tolist(), high.tolist(), strict=True)]
        taken = np.concatenate([np.zeros(0, np.int64), *rows])
        first = np.concatenate([[0], np.cumsum(high - low)])
        return self._one_by_one(places, first, time[taken], units[taken])

    def _one_by_one(self, places: _Places, first: Ints, time: Floats, units: Ints) -> Outcome:
        """Place i gets ``units`` from ``first[i]`` to ``first[i + 1]``."""
        since, ended = self._since, self._ended
        rows: list[tuple[int, int, float, float, int]] = [(0, 0, 0.0, 0.0, 0)] * len(places.place)
        ids = entity_ids(
            f"{self._keys[site]}/consumption/{self._spec.name}/{rank}"
            for site, rank in zip(places.site.tolist(), places.rank.tolist(), strict=True)
        )
        for windows, members in self._profiles(places.site):
            poisson = self._spec.pattern == "poisson"
            planned = None if poisson else self._planned(windows)
            for i in members.tolist():
                asks = self._by_chance(windows, ids[i]) if planned is None else planned
                mine = slice(first[i], first[i + 1])
                rows[i] = many(asks, self._spec.stock, time[mine], units[mine], since, ended)
        table = list(zip(*rows, strict=True)) or [()] * 5
        kinds = (np.int64, np.int64, np.float64, np.float64, np.int64)
        return tuple(np.array(c, k) for c, k in zip(table, kinds, strict=True))  # type: ignore[return-value]

    def _profiles(self, site: Ints) -> list[tuple[Windows, Ints]]:
        """Return the rows of ``site`` by the windows in which their need is multiplied."""
        spec = self._spec
        unique, inverse = np.unique(site, return_inverse=True)
        number: dict[tuple[tuple[float, float, float], ...], int] = {}
        of_site = []
        for one in unique.tolist():
            windows = tuple(self._struck.need_factor(spec.echelon, spec.product, one))
            of_site.append(number.setdefault(windows, len(number)))
        group = np.array(of_site, np.int64)[inverse]
        return [(list(windows), np.flatnonzero(group == n)) for windows, n in number.items()]

    def _planned(self, windows: Windows) -> Asks:
        """The asks of the patterns "constant" and "timetable"."""
        spec, ended = self._spec, self._ended
        if spec.pattern == "timetable":
            times = np.array([time for time in spec.times if time < ended])
            factors = multiply(windows).at_all(times) if windows else np.ones(len(times))
            total = np.floor(np.cumsum(factors * spec.units) + 1e-9)
            return Asks(times, np.diff(total, prepend=0.0).astype(np.int64))
        reached = Clockwork(spec.rate, windows)
        first = reached.by(spec.begins)
        count = floor(max(reached.by(ended) - first, 0.0)) + 2
        times = reached.when(first + np.arange(1, count, dtype=np.float64))
        times = times[times < ended]
        return Asks(times, np.ones(len(times), np.int64))

    def _by_chance(self, windows: Windows, entity: np.uint64) -> Asks:
        """The asks of the pattern "poisson": a process of rate 1 on a clock that runs with the
        rate; ask k takes draw k."""
        reached = Clockwork(self._spec.rate, windows)
        begin = reached.by(self._spec.begins)
        end = max(reached.by(self._ended) - begin, 0.0)
        block = int(end + 4.0 * end**0.5 + 16.0)
        last, drawn, parts = 0.0, 0, list[Floats]()
        while last < end:
            luck = self._streams.uniforms(entity, np.arange(drawn, drawn + block))
            sums = np.cumsum(np.concatenate([[last], -np.log1p(-luck)]))[1:]
            parts.append(sums)
            last, drawn = float(sums[-1]), drawn + block
        ripe = np.concatenate([np.zeros(0), *parts])
        times = reached.when(begin + ripe[ripe < end])
        times = times[times < self._ended]
        return Asks(times, np.ones(len(times), np.int64))


class Clockwork:
    """A clock that runs at ``rate`` (units per hour), times the factors of windows that hold."""

    def __init__(self, rate: float, windows: Windows) -> None:
        steps = multiply(windows)
        self._times = np.array((0.0, *(max(time, 0.0) for time in steps.times)))
        self._rates = rate * np.array((1.0, *steps.factors))
        passed = np.diff(self._times) * self._rates[:-1]
        self._reached = np.concatenate([[0.0], np.cumsum(passed)])

    def by(self, time: float) -> float:
        """Return how far it has run by a time of 0 or more."""
        i = int(np.searchsorted(self._times, time, side="right")) - 1
        return float(self._reached[i] + (time - self._times[i]) * self._rates[i])

    def when(self, reached: Floats) -> Floats:
        """Return when it reaches values above 0: inf if never."""
        i = np.searchsorted(self._reached, reached, side="left") - 1
        with np.errstate(divide="ignore"):
            return np.asarray(self._times[i] + (reached - self._reached[i]) / self._rates[i])
