"""A bench: stations by themselves, with shipments that come when a test says so.

A unit takes an hour unless a station says otherwise, so a load of 3 units is three hours of work.
Product 0 is the most urgent where a station has ranks.
"""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import replace
from math import inf

import numpy as np
import pytest
import simpy

from sim.calendars import WorkingCalendar, always_open
from sim.engine.clock import Clock, Phase
from sim.engine.recorder import Recorder
from sim.engine.workplace import AnyStation, Workplace, make_station
from sim.laws import Constant
from sim.plan.specs import BreakdownSpec, Links, Plan, Shift, StationSpec
from sim.streams import Stream, Streams

ALWAYS = Shift(always_open(), "finish", always=True)
DOCK = StationSpec("dock", "dock", 0, "loading", 1.0, None, Constant(1.0), ALWAYS)
URGENT_FIRST = replace(DOCK, ranks=(0, 1, 2))
INTERRUPTED = replace(URGENT_FIRST, preempts=True)
#: trip, began, ended
Span = tuple[int, float, float]


def daily(opening: float, closing: float, rule: str, days: int = 60) -> Shift:
    """Return working time from ``opening`` to ``closing`` o'clock, every day."""
    starts = tuple(24.0 * day + opening for day in range(days))
    ends = tuple(24.0 * day + closing for day in range(days))
    return Shift(WorkingCalendar(starts, ends), rule, always=False)


def breaks(after: float, repair: float, clock: str) -> BreakdownSpec:
    """Return breakdowns at fixed intervals."""
    return BreakdownSpec(Constant(after), Constant(repair), clock)


def empty_plan(horizon: float) -> Plan:
    """Return a plan in which nothing happens: a recorder asks for one."""
    whole, real = np.zeros(0, np.int64), np.zeros(0)
    return Plan(
        seed=0, horizon=horizon, echelons=("site",), products=("a", "b", "c"),
        site_keys=("site",), site_echelon=np.zeros(1, np.int64), load_per_unit=np.ones((3, 3)),
        stations=(), fleets=(), lanes=(), waves=(), supplies=(),
        links=Links(whole, whole, whole, whole, whole, real, whole, real, real),
        tours=(), notes=(),
    )  # fmt: skip


class Bench:
    """Stations at one site, numbered as given; ``general`` makes even plain ones the general way.

    ``left`` is when each trip went from its last station, ``refused`` when it was turned away.
    """

    def __init__(
        self, *specs: StationSpec, horizon: float = 1000.0, general: bool = False, seed: int = 0
    ) -> None:
        self.clock = Clock(horizon)
        self.recorder = Recorder(empty_plan(horizon), 0)
        self.left: dict[int, float] = {}
        self.refused: dict[int, float] = {}
        self.loads: list[dict[int, int]] = []
        streams = Streams(seed, 0)
        self.stations: list[AnyStation] = []
        for index, spec in enumerate(specs):
            stream = streams.stream(f"dock-{index}")

            def of_server(number: int, index: int = index) -> Stream:
                return streams.stream(f"dock-{index}/server-{number}")

            make = Workplace if general else make_station
            self.stations.append(make(self.clock, self.recorder, spec, index, 0, stream, of_server))

    def come(self, time: float, load: int | dict[int, int], route: tuple[int, ...] = (0,)) -> None:
        """Let a shipment (a number is units of product 0) come to the first station of a route."""
        trip = len(self.loads)
        goods = {0: load} if isinstance(load, int) else load
        self.loads.append(goods)
        self.clock.call_at(
            time,
            Phase.RELEASE,
            trip,
            lambda _: self._send(trip, goods, route),
        )

    def _send(self, trip: int, load: dict[int, int], route: tuple[int, ...]) -> None:
        self.clock.process(self._pass(trip, load, route))

    def _pass(self, trip: int, load: dict[int, int], route: tuple[int, ...]):  # type: ignore[no-untyped-def]
        stations = [self.stations[index] for index in route]
        for station, then in zip(stations, [*stations[1:], None], strict=True):
            served: simpy.Event = station.serve(trip, load, then)
            if (yield served) is False:
                self.refused[trip] = self.clock.now
                return
        self.left[trip] = self.clock.now

    def run(self, comings: Iterable[tuple[float, int | dict[int, int]]] = ()) -> Bench:
        """Let shipments come to station 0 and carry everything out."""
        for time, load in comings:
            self.come(time, load)
        self.clock.run_out()
        return self

    @property
    def rows(self) -> list[list[float]]:
        """What was recorded: station, site, trip, joined, began, ended, part, done."""
        return self.recorder._services

    def spans(self, station: int = 0) -> list[Span]:
        """The spans of work at a station in the order of beginning, those that never were last."""
        rows = [row for row in self.rows if row[0] == station]
        rows.sort(key=lambda row: (inf if row[4] != row[4] else row[4], row[2]))
        return [(int(row[2]), row[4], row[5]) for row in rows]


def assert_spans(bench: Bench, expected: list[Span], station: int = 0) -> None:
    """Assert who was worked on from when to when, to 1e-9 hours; NaN is never."""
    found = bench.spans(station)
    assert [trip for trip, _, _ in found] == [trip for trip, _, _ in expected], found
    flat = [time for span in found for time in span[1:]]
    wanted = [time for span in expected for time in span[1:]]
    assert flat == pytest.approx(wanted, abs=1e-9, rel=0, nan_ok=True), found


def parts(bench: Bench) -> list[tuple[int, int, bool]]:
    """Trip, part and whether it was the last, in the order of the rows."""
    return [(int(row[2]), int(row[6]), row[7] > 0) for row in bench.rows]
