"""The model: one replication of a plan, from the first release to the horizon."""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable
from dataclasses import replace
from math import inf
from typing import Any

import numpy as np
import simpy

from sim.engine.clock import RELEASE, Clock
from sim.engine.collector import no_collection
from sim.engine.consumption import use_up
from sim.engine.ending import ended_at
from sim.engine.exchange import make_exchange
from sim.engine.fleet import Fleet
from sim.engine.haul import Haul
from sim.engine.hub import Consignment, Hub, Load
from sim.engine.journey import Journey
from sim.engine.lastmile import LastMile
from sim.engine.lots import draw_lots
from sim.engine.recorder import Recorder
from sim.engine.route import Route, Stage
from sim.engine.strikes import draw_strikes, shut
from sim.engine.tourlanes import make_tour_lanes
from sim.engine.transit import Transit
from sim.engine.wiring import PairRow, wire
from sim.engine.workplace import AnyStation, make_station
from sim.ledger import Ledger
from sim.plan.specs import OPEN, Plan
from sim.policies.dispatch import OnArrival
from sim.streams import Stream, Streams

#: Draws of each station and link that are made beforehand: two trips take four each.
_DRAWS = 8
#: Which of a lane's stages lie where.
_AT_ORIGIN, _AT_DESTINATION = slice(0, 2), slice(2, 5)
_NO_LIMITS = (inf, inf, inf)


def run_replication(plan: Plan, replication: int) -> Ledger:
    """Carry out the plan with the luck of one replication and return what happened."""
    with no_collection():
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
        self.struck = draw_strikes(plan, self.streams)
        self.recorder = Recorder(plan, replication)
        self._open_waves: set[int] = set()
        self._fleets: dict[tuple[int, int], Fleet] = {}
        self._lane_fleets: dict[tuple[int, int], tuple[Fleet, ...]] = {}
        self._load_per_unit = plan.load_per_unit.tolist()
        self._stations = self._make_stations()
        self._stages: dict[tuple[int, int, int], tuple[Stage, ...]] = {}
        self._roads = self._draw_roads()
        self._tour_lanes = make_tour_lanes(plan, self.wiring, self.streams)
        self._outlets: dict[int, Hub | LastMile] = {}
        self._exchange = make_exchange(
            plan, self.clock, self.streams, self._hub, self._fleets_of, self._haul
        )
        self._make_outlets()
        self._schedule_supplies()
        self._schedule_waves()
        self._schedule_absences()

    def ledger(self) -> Ledger:
        """Freeze what happened; stops and use are worked out now."""
        plan = self.plan
        tours = tuple(lane.finish() for lane in self._tour_lanes)
        ledger = self.recorder.ledger(tours, self.struck.strikes())
        ended = ended_at(plan, ledger)
        uses = use_up(
            plan,
            self.streams,
            self.struck,
            ledger.supplies,
            ledger.trips,
            ledger.loads,
            ledger.losses,
            tours,
            ended,
        )
        ledger = replace(ledger, uses=uses, ended=ended)
        if self._exchange is None:
            return ledger
        requests, answers = self._exchange.tables(ledger.trips, ledger.losses)
        return replace(ledger, requests=requests, answers=answers)

    def _receive(self, site: int, load: Load) -> None:
        """Take in what a trip brought."""
        if self._exchange is not None:
            load = {p: n for p, n in load.items() if not self._exchange.ends_at(site, p)}
        self._take_in(site, load)

    def _take_in(self, site: int, load: Load) -> None:
        outlet = self._outlets.get(site)
        if isinstance(outlet, Hub):
            for product, units in load.items():
                outlet.receive(product, units, self._open_waves)
                if self._exchange is not None:
                    self._exchange.offer(site, product)
        elif outlet is not None:
            for product, units in load.items():
                outlet.receive(self.clock.now, product, units)

    def _fleet(self, index: int, site: int) -> Fleet:
        """Return the vehicles of a fleet at a site, which other sites there may share."""
        key = (index, self.wiring.pools[index][site])
        if key not in self._fleets:
            self._fleets[key] = Fleet(self.plan.fleets[index], index)
        return self._fleets[key]

    def _make_stations(self) -> dict[tuple[int, int], AnyStation]:
        plan, wiring = self.plan, self.wiring
        streams = self.streams.bank(wiring.station_ids, _DRAWS)
        stations = {}
        for (index, site), stream in zip(wiring.stations, streams, strict=True):
            spec = plan.stations[index]
            gate = self.struck.gate(site)
            if gate is not None:
                spec = replace(spec, shift=shut(spec.shift, gate))
            path = f"{plan.site_keys[site]}/{spec.name}/server"
            stations[index, site] = make_station(
                self.clock, self.recorder, spec, index, site, stream, self._servers(path)
            )
        return stations

    def _servers(self, path: str) -> Callable[[int], Stream]:
        return lambda server: self.streams.stream(f"{path}-{server}")

    def _draw_roads(self) -> dict[tuple[int, int], float]:
        """Return the shared factor of each lane and origin."""
        roads: dict[tuple[int, int], float] = {}
        for lane, (sites, ids) in self.wiring.roads.items():
            law = self.plan.lanes[lane].travel.shared
            assert law is not None
            factors = law.quantile(self.streams.uniforms(ids, 0)).tolist()
            roads.update(zip(((lane, site) for site in sites), factors, strict=True))
        return roads

    def _make_outlets(self) -> None:
        """Give every site what takes its goods: a hub, or a single list of tours.

        Where a site has both, its tours are one more claim of the hub, lane by lane in turn.
        """
        plan = self.plan
        consignments = self._make_hubs()
        for lane in self._tour_lanes:
            index = lane.tours.lane
            if index in self.wiring.lines:
                fleet = plan.lanes[index].fleet
                fleets = {site: self._fleet(fleet, site) for site in self.wiring.lines[index]}
                lane.add_lines(self.clock, fleets, self.struck)
        count = Counter(site for lane in self._tour_lanes for site in lane.wiring.sites)
        for lane in self._tour_lanes:
            for site, last_mile in zip(lane.wiring.sites, lane.last_miles, strict=True):
                if count[site] == 1 and site not in self._outlets:
                    self._outlets[site] = last_mile
                    continue
                hub = self._hub(site)
                due = lane.wiring.due[lane.wiring.sites.index(site)]
                tours = Consignment(OnArrival(), _NO_LIMITS, len(self.wiring.links) + site,
                                    self._handing(last_mile))  # fmt: skip
                for product, units in enumerate(due):
                    if units[-1]:
                        spec = plan.lanes[lane.tours.lane]
                        hub.add_claim(lane.tours.lane, spec, -1, product, units[-1], tours)
        for site, mine in consignments.items():
            self._hub(site).begin(mine)

    def _handing(self, last_mile: LastMile) -> Callable[[Load], None]:
        def hand_over(load: Load) -> None:
            for product, units in load.items():
                last_mile.receive(self.clock.now, product, units)

        return hand_over

    def _hub(self, site: int) -> Hub:
        hub = self._outlets.get(site)
        if isinstance(hub, Hub):
            return hub
        assert hub is None
        stream = self.streams.stream(f"{self.plan.site_keys[site]}/routing")
        made = self._outlets[site] = Hub(self.clock, self._load_per_unit, stream)
        return made

    def _make_hubs(self) -> dict[int, list[Consignment]]:
        """Wire the hubs with all that they owe; return the consignments of each."""
        plan, wiring = self.plan, self.wiring
        streams = self.streams.bank(wiring.pair_ids, _DRAWS)
        hauls = {
            pair[:3]: self._haul(pair, stream)
            for pair, stream in zip(wiring.pairs, streams, strict=True)
        }
        made: dict[tuple[int, int, int], Consignment] = {}
        by_site: dict[int, list[Consignment]] = {}
        for rank, (lane, origin, destination, product, units, wave, share) in enumerate(
            wiring.links
        ):
            spec = plan.lanes[lane]
            key = (lane, origin, destination)
            consignment = made.get(key)
            hub = self._hub(origin)
            if consignment is None:
                limits = plan.fleets[spec.fleet].limits
                consignment = made[key] = Consignment(spec.dispatch, limits, rank, hauls[key].send)
                by_site.setdefault(origin, []).append(consignment)
            if units >= OPEN:
                hub.add_open(product, share, consignment)
            else:
                hub.add_claim(lane, spec, wave, product, units, consignment)
        return by_site

    def _haul(
        self, pair: PairRow, stream: Stream, receive: Callable[[int, Load], None] | None = None
    ) -> Haul:
        lane, origin, destination, km, hours = pair
        plan, spec = self.plan, self.plan.lanes[lane]
        here = self._stages_at(lane, origin, _AT_ORIGIN)
        there = self._stages_at(lane, destination, _AT_DESTINATION)
        transit = None
        if spec.loss is not None:
            keys = plan.site_keys
            path = f"{keys[origin]}/{spec.name}/{keys[destination]}/losses"
            transit = Transit(spec.loss, self.streams.stream(path))
        return Haul(
            clock=self.clock,
            recorder=self.recorder,
            lane=lane,
            fleets=self._fleets_of(lane, origin),
            origin=origin,
            destination=destination,
            journey=Journey(
                km=km,
                hours=hours,
                travel=spec.travel,
                shared=self._roads.get((lane, origin), 1.0),
                **self._closures(lane, origin, destination),
            ),
            stream=stream,
            route=Route((*here, *there)),
            transit=transit,
            load_of=self._load_of,
            receive=self._receive if receive is None else receive,
        )

    def _closures(self, lane: int, origin: int, destination: int) -> dict[str, Any]:
        """Return what may close a journey, where anything ever goes wrong."""
        if not self.plan.disruptions:
            return {}
        return {
            "door": self.struck.gate(origin),
            "gate": self.struck.gate(destination),
            "road": self.struck.road(lane, origin, destination),
        }

    def _fleets_of(self, lane: int, site: int) -> tuple[Fleet, ...]:
        """Return the fleets of a lane at a site; the same tuple for all of its destinations."""
        key = (lane, site)
        if key not in self._lane_fleets:
            spec = self.plan.lanes[lane]
            indexes = (spec.fleet, *spec.other_fleets)
            self._lane_fleets[key] = tuple(self._fleet(index, site) for index in indexes)
        return self._lane_fleets[key]

    def _stages_at(self, lane: int, site: int, stages: slice) -> tuple[Stage, ...]:
        """Return the stages of a lane at a site; the same for all trips that pass it there."""
        key = (lane, site, stages.start)
        if key not in self._stages:
            self._stages[key] = tuple(
                Stage([self._stations[i, site] for i in stage if (i, site) in self._stations])
                for stage in self.plan.lanes[lane].stations[stages]
            )
        return self._stages[key]

    def _load_of(self, load: Load) -> tuple[float, ...]:
        """Return what a load takes of a vehicle: units, m³ and kg."""
        per_unit = self._load_per_unit
        return tuple(
            sum(per_unit[product][dimension] * units for product, units in load.items())
            for dimension in range(3)
        )

    def _schedule_supplies(self) -> None:
        for supply in draw_lots(self.plan, self.streams, self.struck):
            for time, units in zip(supply.times.tolist(), supply.units.tolist(), strict=True):
                self.clock.call_at(
                    time,
                    RELEASE,
                    supply.site,
                    self._supplier(time, supply.site, supply.product, units),
                )

    def _supplier(
        self, time: float, site: int, product: int, units: int
    ) -> Callable[[simpy.Event], None]:
        def supply(_: simpy.Event) -> None:
            self.recorder.supply(time, site, product, units)
            self._take_in(site, {product: units})

        return supply

    def _schedule_waves(self) -> None:
        """Draw when each wave is released: one draw of its own stream, even within its window."""
        for index, wave in enumerate(self.plan.waves):
            luck = self.streams.stream(f"wave/{wave.name}").uniform()
            time = max(0.0, wave.earliest + luck * (wave.latest - wave.earliest))
            self.recorder.released[index] = time
            self.clock.call_at(
                time, RELEASE, len(self.plan.site_keys) + index, self._opener(index)
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

    def _schedule_absences(self) -> None:
        """Send vehicles away and back where a disruption says so."""
        if not any(strike.kind == "fewer-vehicles" for strike in self.plan.disruptions):
            return
        for (index, site), fleet in self._fleets.items():
            for begin, end, vehicles in self.struck.away(index, site):
                self.clock.call_at(begin, RELEASE, site, _calling(fleet.withdraw, vehicles))
                self.clock.call_at(end, RELEASE, site, _calling(fleet.give_back, vehicles))


def _calling(action: Callable[[int], None], vehicles: int) -> Callable[[simpy.Event], None]:
    return lambda _: action(vehicles)
