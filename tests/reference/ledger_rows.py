"""A ledger as rows of names and exact numbers, so that two runs can be compared to the last bit.

Sites, lanes, products and all else go by their names instead of their numbers, so that runs of two
plans can be compared which count them differently. Numbers are written in hexadecimal: equal rows
are equal to the last bit.
"""

from __future__ import annotations

from collections.abc import Callable, Container, Iterable, Mapping
from dataclasses import dataclass, field
from typing import Any

import numpy as np
from numpy.typing import NDArray

from sim.ledger import Ledger
from sim.plan.specs import Plan

Rows = list[tuple[Any, ...]]


@dataclass(frozen=True, slots=True)
class Reading:
    """How to read a ledger: by other names, and with hours and units multiplied."""

    names: Mapping[str, str] = field(default_factory=dict)
    hours: float = 1.0
    units: int = 1


@dataclass(frozen=True, slots=True)
class _Reader:
    plan: Plan
    reading: Reading
    only: Container[str] | None

    def name(self, name: str) -> str:
        return self.reading.names.get(name, name)

    def named(self, keys: Iterable[str]) -> Callable[[NDArray[Any]], list[str]]:
        table = [*(self.name(key) for key in keys), ""]  # the last one is that of number -1
        return lambda column: [table[index] for index in column.tolist()]

    def sites(self, column: NDArray[Any]) -> list[str]:
        keys = (key.removeprefix("site/") for key in self.plan.site_keys)
        return self.named(keys)(column)

    def products(self, column: NDArray[Any]) -> list[str]:
        return self.named(self.plan.products)(column)

    def hours(self, column: NDArray[Any]) -> list[str]:
        return [float.hex(value) for value in (column * self.reading.hours).tolist()]

    def units(self, column: NDArray[Any]) -> list[int]:
        return list((column * self.reading.units).tolist())

    def goods(self, table: NDArray[Any]) -> list[tuple[tuple[str, int], ...]]:
        """Return the products of each row of a table of units, with their units."""
        rows = ([(p, n) for p, n in enumerate(row) if n] for row in table.tolist())
        names = [self.name(name) for name in self.plan.products]
        return [tuple((names[p], n * self.reading.units) for p, n in row) for row in rows]

    def mine(self, column: NDArray[Any]) -> NDArray[np.bool_]:
        """Return which of the sites are read at all."""
        if self.only is None:
            return np.ones(len(column), bool)
        return np.array([name in self.only for name in self.sites(column)], bool)


def exact(column: NDArray[Any]) -> list[str]:
    """Return numbers that no factor changes."""
    return [float.hex(float(value)) for value in column.tolist()]


def rows_of(
    ledger: Ledger, plan: Plan, reading: Reading | None = None, only: Container[str] | None = None
) -> dict[str, Rows]:
    """Return the rows of each table of a ledger; with ``only``, those of these sites (by their
    names, as they are read), as if there were no others."""
    read = _Reader(plan, reading or Reading(), only)
    stations = read.named(spec.name for spec in plan.stations)
    lanes = read.named(lane.name for lane in plan.lanes)
    fleets = read.named(fleet.name for fleet in plan.fleets)
    supplies, trips, loads = ledger.supplies, ledger.trips, ledger.loads
    services, losses, uses, strikes = ledger.services, ledger.losses, ledger.uses, ledger.strikes
    own = read.mine(trips.origin)
    number = np.append(np.cumsum(own) - 1, -1)  # of each trip among its own, -1 for none
    result = {
        "head": [(*read.hours(np.array([ledger.horizon, ledger.ended])),)],
        "supplies": _zip(
            read.mine(supplies.site),
            (read.hours, supplies.time), (read.sites, supplies.site),
            (read.products, supplies.product), (read.units, supplies.units),
        ),
        "trips": _zip(
            own,
            (lanes, trips.lane), (read.sites, trips.origin), (read.sites, trips.destination),
            (exact, trips.km), *((read.hours, getattr(trips, name)) for name in _TRIP_TIMES),
            (fleets, trips.fleet),
        ),
        "loads": _zip(
            own[loads.trip],
            (_plain, number[loads.trip]), (read.products, loads.product),
            (read.units, loads.units),
        ),
        "services": _zip(
            read.mine(services.site),
            (stations, services.station), (read.sites, services.site),
            (_plain, number[services.trip]), (read.hours, services.joined),
            (read.hours, services.began), (read.hours, services.ended),
            (_plain, services.part), (_plain, services.done),
        ),
        "losses": _zip(
            own[losses.trip],
            (read.hours, losses.time), (_plain, number[losses.trip]), (read.sites, losses.site),
            (stations, losses.station), (read.products, losses.product),
            (read.units, losses.units), (_plain, losses.cause),
        ),
        "strikes": _zip(
            read.mine(strikes.site) | ((strikes.site < 0) & (only is None)),
            (read.named(spec.name for spec in plan.disruptions), strikes.disruption),
            (read.sites, strikes.site), (read.hours, strikes.begin), (read.hours, strikes.end),
        ),
        "requests": _zip(
            read.mine(ledger.requests.site),
            (read.named(spec.name for spec in plan.requests), ledger.requests.spec),
            (read.sites, ledger.requests.site), (_plain, ledger.requests.number),
            (read.products, ledger.requests.product), (read.units, ledger.requests.units),
            *((read.hours, getattr(ledger.requests, name)) for name in _REQUEST_TIMES),
        ),
        "answers": _answers(read, ledger, number),
        "uses": [],
        "released": [],
    }  # fmt: skip
    result["strikes"].sort()  # a list by the table of disruptions, which may be in any order
    released = read.hours(ledger.released)
    result["released"] = [
        (read.name(wave.name), hour)
        for wave, hour in zip(plan.waves, released, strict=True)
        if only is None
    ]
    toured = {tours.echelon for tours in plan.tours}
    for spec, use in enumerate(plan.consumption):
        rows = uses.spec == spec
        places = _plain if use.echelon in toured else read.sites
        both = Reading(read.reading.names, read.reading.hours * read.reading.units)
        result["uses"] += [
            (read.name(use.name), *row)
            for row in _zip(
                rows & read.mine(uses.site),
                (places, uses.place), (read.sites, uses.site),
                *((read.units, getattr(uses, name)) for name in ("wanted", "met", "left")),
                (read.hours, uses.empty), (_Reader(plan, both, only).hours, uses.stock),
            )
        ]  # fmt: skip
    for planned, done in zip(plan.tours, ledger.tours, strict=True):
        lane = read.name(plan.lanes[planned.lane].name)
        both_ways = ("ready", "began", "ended", "driving")
        tours = _zip(
            read.mine(planned.site),
            (read.sites, planned.site),
            *((read.hours, getattr(done, name)) for name in both_ways),
        )
        stops = _zip(
            read.mine(planned.site_of_stop),
            (read.hours, done.arrived),
            (read.hours, done.delivered),
            (read.goods, planned.units),
        )
        result[f"tours of {lane}"], result[f"stops of {lane}"] = tours, stops
    if only is not None:
        return {name: rows for name, rows in result.items() if rows and name != "head"}
    return result


_TRIP_TIMES = ("ready", "taken", "dispatched", "arrived", "received", "returned", "driving")
_REQUEST_TIMES = ("asked", "answered", "received", "given_up")


def _plain(column: NDArray[Any]) -> list[Any]:
    return list(column.tolist())


def _zip(which: NDArray[np.bool_], *columns: tuple[Callable[..., list[Any]], Any]) -> Rows:
    return list(zip(*(read(column[which]) for read, column in columns), strict=True))


def _answers(read: _Reader, ledger: Ledger, number: NDArray[Any]) -> Rows:
    answers, own = ledger.answers, read.mine(ledger.requests.site)
    request = np.cumsum(own) - 1
    return _zip(
        own[answers.request],
        (_plain, request[answers.request]), (read.sites, answers.giver),
        (_plain, number[answers.trip]), (read.units, answers.units), (read.hours, answers.time),
    )  # fmt: skip


def difference(mine: dict[str, Rows], other: dict[str, Rows]) -> str:
    """Return where two runs differ first, in words; empty if they do not."""
    for table in [*mine, *(name for name in other if name not in mine)]:
        rows, others = mine.get(table, []), other.get(table, [])
        for index in range(max(len(rows), len(others))):
            row, another = (side[index] if index < len(side) else None for side in (rows, others))
            if row != another:
                return f"row {index} of {table}:\n    {_shown(row)}\n    {_shown(another)}"
    return ""


def _shown(row: tuple[Any, ...] | None) -> str:
    if row is None:
        return "none"
    plain = (float.fromhex(v) if isinstance(v, str) and "0x" in v else v for v in row)
    return ", ".join(map(str, plain))
