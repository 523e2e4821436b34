"""The model: one replication of a plan, from the first release to the horizon."""

from __future__ import annotations

from collections.abc import Callable

import numpy as np
import simpy

from sim.engine.clock import Clock, Phase
from sim.engine.fleet import Fleet
from sim.engine.haul import Haul
from sim.engine.hub import Consignment, Hub, Load
from sim.engine.lastmile import (
    LastMile,
    TourTimes,
    draw_tour_times,
    expand_stops,
    send_out,
)
from sim.engine.recorder import Recorder
from sim.engine.station import Station
from sim.engine.wiring import wire
from sim.ledger import Ledger, Tours
from sim.plan.specs import Plan
from sim.streams import Stream, Streams

#: Draws of each station and link that are made beforehand: two trips take four each.
_DRAWS = 8


def run_replication(plan: Plan, replication: int) -> Ledger:
    """Carry out the plan with the luck of one replication and return what happened."""
    model = Model(plan, replication)
    model.clock.run_out()
    return model.ledger()


class Model:
    """Everything that moves in one replication, wired together.

    Draws that the plan already knows of are made in a few vector operations beforehand; what comes
    beyond them is drawn one by one from the same streams.
    """

    def __init__(self, plan: Plan, replication: int) -> None:
        self.plan = plan
        self.clock = Clock(plan.horizon)
        self.wiring = wire(plan)
        self.streams = Streams(plan.seed, replication)
        self.recorder = Recorder(plan, replication)
        self._open_waves: set[int] = set()
        self._fleets: dict[tuple[int, int], Fleet] = {}
        self._stations = self._make_stations()
        self._roads = self._draw_roads()
        self._outlets: dict[int, Hub | list[LastMile]] = {}
        self._hauls: dict[tuple[int, int], Haul] = {}
        self._make_hubs()
        self._tour_times: list[TourTimes] = []
        self._last_miles: list[list[LastMile]] = []
        self._make_last_miles()
        self._schedule_supplies()
        self._schedule_waves()

    def ledger(self) -> Ledger:
        """Freeze what happened, stops included."""
        tours = []
        for tour_plan, times, last_miles in zip(
            self.plan.tours, self._tour_times, self._last_miles, strict=True
        ):
            fleet = self.plan.fleets[self.plan.lanes[tour_plan.lane].fleet]
            ready, began, ended = list[float](), list[float](), list[float]()
            durations = times.duration.tolist()
            for last_mile in last_miles:
                here = durations[len(ready) : len(ready) + len(last_mile.ready)]
                out, home = send_out(
                    last_mile.ready, here, fleet.vehicles, fleet.shift, self.plan.horizon
                )
                ready += last_mile.ready
                began += out
                ended += home
            tours.append(
                expand_stops(
                    tour_plan,
                    times,
                    np.array(ready),
                    np.array(began),
                    np.array(ended),
                    fleet.shift,
                    self.plan.horizon,
                )
            )
        return self.recorder.ledger(tuple[Tours, ...](tours))

    def _receive(self, site: int, load: Load) -> None:
        outlet = self._outlets.get(site)
        for product, units in load.items():
            if isinstance(outlet, Hub):
                outlet.receive(product, units, self._open_waves)
            elif outlet is not None:
                for last_mile in outlet:
                    last_mile.receive(self.clock.now, product, units)

    def _fleet(self, index: int, site: int) -> Fleet:
        key = (index, site)
        if key not in self._fleets:
            self._fleets[key] = Fleet(self.plan.fleets[index].vehicles)
        return self._fleets[key]

    def _make_stations(self) -> dict[tuple[int, int], Station]:
        plan, wiring = self.plan, self.wiring
        streams = self.streams.bank(wiring.station_ids, _DRAWS)
        return {
            (index, site): Station(
                self.clock, self.recorder, plan.stations[index], index, site, stream
            )
            for (index, site), stream in zip(wiring.stations, streams, strict=True)
        }

    def _draw_roads(self) -> dict[tuple[int, int], float]:
        """Return the shared factor of each lane and origin."""
        roads: dict[tuple[int, int], float] = {}
        for lane, (sites, ids) in self.wiring.roads.items():
            law = self.plan.lanes[lane].travel.shared
            assert law is not None
            factors = law.quantile(self.streams.uniforms(ids, 0)).tolist()
            roads.update(zip(((lane, site) for site in sites), factors, strict=True))
        return roads

    def _make_hubs(self) -> None:
        plan, wiring = self.plan, self.wiring
        load_per_unit = plan.load_per_unit.tolist()
        for rank, (lane, origin, destination, product, units, km, wave) in enumerate(wiring.links):
            hub = self._outlets.get(origin)
            if hub is None:
                spec = plan.lanes[lane]
                hub = self._outlets[origin] = Hub(
                    self.clock, spec, plan.fleets[spec.fleet], load_per_unit,
                    self._sender(lane, origin),
                )  # fmt: skip
            assert isinstance(hub, Hub)
            hub.add_claim(wave, product, destination, units, km, rank)
        streams = self.streams.bank(wiring.pair_ids, _DRAWS)
        for (lane, origin, destination), stream in zip(wiring.pairs, streams, strict=True):
            self._hauls[origin, destination] = self._haul(lane, origin, destination, stream)

    def _haul(self, lane: int, origin: int, destination: int, stream: Stream) -> Haul:
        spec = self.plan.lanes[lane]
        places = (origin, origin, destination, destination)
        stations = tuple(
            self._stations.get((station, place))
            for station, place in zip(spec.stations, places, strict=True)
        )
        return Haul(
            self.clock,
            self.recorder,
            spec,
            self.plan.fleets[spec.fleet],
            self._fleet(spec.fleet, origin),
            origin,
            destination,
            self._roads.get((lane, origin), 1.0),
            stream,
            stations,  # type: ignore[arg-type]
            self._receive,
        )

    def _sender(self, lane: int, origin: int) -> Callable[[Consignment, Load], None]:
        def send(consignment: Consignment, load: Load) -> None:
            destination = consignment.destination
            trip = self.recorder.trip(
                lane, origin, destination, consignment.km, self.clock.now, load
            )
            self._hauls[origin, destination].start(trip, consignment.km, load)

        return send

    def _make_last_miles(self) -> None:
        plan = self.plan
        for tours, wiring in zip(plan.tours, self.wiring.tours, strict=True):
            lane = plan.lanes[tours.lane]
            fleet = plan.fleets[lane.fleet]
            self._tour_times.append(draw_tour_times(tours, wiring, lane, fleet, self.streams))
            here = [LastMile(due) for due in wiring.due]
            for site, last_mile in zip(wiring.sites, here, strict=True):
                outlets = self._outlets.setdefault(site, [])
                assert isinstance(outlets, list)
                outlets.append(last_mile)
            self._last_miles.append(here)

    def _schedule_supplies(self) -> None:
        for supply in self.plan.supplies:
            for time, units in zip(supply.times.tolist(), supply.units.tolist(), strict=True):
                self.clock.call_at(
                    time,
                    Phase.RELEASE,
                    supply.site,
                    self._supplier(time, supply.site, supply.product, units),
                )

    def _supplier(
        self, time: float, site: int, product: int, units: int
    ) -> Callable[[simpy.Event], None]:
        def supply(_: simpy.Event) -> None:
            self.recorder.supply(time, site, product, units)
            self._receive(site, {product: units})

        return supply

    def _schedule_waves(self) -> None:
        """Draw when each wave is released: one draw of its own stream, even within its window."""
        for index, wave in enumerate(self.plan.waves):
            luck = self.streams.stream(f"wave/{wave.name}").uniform()
            time = max(0.0, wave.earliest + luck * (wave.latest - wave.earliest))
            self.recorder.released[index] = time
            self.clock.call_at(
                time, Phase.RELEASE, len(self.plan.site_keys) + index, self._opener(index)
            )

    def _opener(self, wave: int) -> Callable[[simpy.Event], None]:
        plan = self.plan
        lane = plan.lanes[plan.waves[wave].lane]
        origins = np.flatnonzero(plan.site_echelon == lane.origin).tolist()

        def open_wave(_: simpy.Event) -> None:
            self._open_waves.add(wave)
            for site in origins:
                hub = self._outlets.get(site)
                if isinstance(hub, Hub):
                    for product in range(len(plan.products)):
                        hub.allocate(product, self._open_waves)

        return open_wave
