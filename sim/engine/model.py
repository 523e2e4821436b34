"""The model: one replication of a plan, from the first release to the horizon."""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable
from dataclasses import replace
from math import inf

import numpy as np
import simpy

from sim.engine.clock import RELEASE, Clock
from sim.engine.collector import no_collection
from sim.engine.consumption import use_up
from sim.engine.ending import ended_at
from sim.engine.exchange import make_exchange
from sim.engine.fleet import Fleet
from sim.engine.haul import Haul, Receive, Start
from sim.engine.hold import Hold
from sim.engine.hub import Consignment, Hub, Load
from sim.engine.journey import OPEN_ALWAYS, Passage, never_alike
from sim.engine.lastmile import LastMile
from sim.engine.lots import draw_lots
from sim.engine.recorder import Recorder
from sim.engine.route import Stretch
from sim.engine.station import Station
from sim.engine.strikes import draw_strikes, shut
from sim.engine.tourlanes import make_tour_lanes
from sim.engine.transit import Transit
from sim.engine.wiring import Pair, wire
from sim.engine.workplace import AnyStation, Workplace
from sim.ledger import Ledger
from sim.plan.specs import OPEN, Plan
from sim.policies.dispatch import OnArrival
from sim.streams import Stream, Streams

#: Which of a lane's stages lie where.
_AT_ORIGIN, _AT_DESTINATION = slice(0, 2), slice(2, 5)


def run_replication(plan: Plan, replication: int) -> Ledger:
    """Carry out the plan with the luck of one replication and return what happened."""
    with no_collection():
        model = Model(plan, replication)
        model.clock.run_out()
        ledger = model.ledger()
        model.let_go()
        return ledger


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
        self._holds = [
            Hold(plan.fleets[lane.fleet].limits, lane.dispatch.full, self._load_per_unit)
            for lane in plan.lanes
        ]
        self._stations = self._make_stations()
        self._never_alike = [never_alike(lane.travel) for lane in plan.lanes]
        self._starts: dict[tuple[int, int], Start] = {}
        self._stretches: dict[tuple[int, int, int], Stretch] = {}
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

    def let_go(self) -> None:
        """Let go of everything, when it is over. What a model is made of knows it in turn: so it
        all goes at once, without Python's collector of cycles."""
        vars(self).clear()

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
        streams = self.streams.bank(wiring.station_ids, wiring.station_draws)
        stations: dict[tuple[int, int], AnyStation] = {}
        is_plain = [spec.is_plain for spec in plan.stations]
        for (index, site), stream in zip(wiring.stations, streams, strict=True):
            spec = plan.stations[index]
            gate = self.struck.gate(site) if plan.disruptions else None
            if gate is not None:
                spec = replace(spec, shift=shut(spec.shift, gate))
            if is_plain[index]:
                station: AnyStation = Station(self.clock, self.recorder, spec, index, site, stream)
            else:
                servers = self._servers(f"{plan.site_keys[site]}/{spec.name}/server")
                station = Workplace(self.clock, self.recorder, spec, index, site, stream, servers)
            stations[index, site] = station
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
        anything = Hold((inf, inf, inf), inf, self._load_per_unit)
        count = Counter(site for lane in self._tour_lanes for site in lane.wiring.sites)
        for lane in self._tour_lanes:
            for site, last_mile in zip(lane.wiring.sites, lane.last_miles, strict=True):
                if count[site] == 1 and site not in self._outlets:
                    self._outlets[site] = last_mile
                    continue
                hub = self._hub(site)
                due = lane.wiring.due[lane.wiring.sites.index(site)]
                rank = len(self.wiring.links) + site
                tours = Consignment(OnArrival(), anything, rank, self._handing(last_mile))
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
        made = self._outlets[site] = Hub(self.clock, stream)
        return made

    def _make_hubs(self) -> dict[int, list[Consignment]]:
        """Wire the hubs with all that they owe; return the consignments of each."""
        plan, wiring = self.plan, self.wiring
        streams = self.streams.bank(wiring.pair_ids, wiring.pair_draws)
        made: list[Consignment | None] = [None] * len(wiring.pairs)
        by_site: dict[int, list[Consignment]] = {}
        for rank, (number, wave, product, units, share) in enumerate(wiring.links):
            pair, consignment = wiring.pairs[number], made[number]
            lane, origin = pair.lane, pair.origin
            spec, mine = plan.lanes[lane], by_site.get(origin)
            if mine is None:
                mine = by_site[origin] = []
            hub = self._hub(origin)
            if consignment is None:
                send = self._haul(pair, streams[number]).send
                consignment = Consignment(spec.dispatch, self._holds[lane], rank, send)
                made[number] = consignment
                mine.append(consignment)
            if units >= OPEN:
                hub.add_open(product, share, consignment)
            else:
                hub.add_claim(lane, spec, wave, product, units, consignment)
        return by_site

    def _haul(self, pair: Pair, stream: Stream, receive: Receive | None = None) -> Haul:
        """Return what carries goods between two sites; ``receive`` is told instead of the model
        what they brought."""
        lane, origin, destination = pair.lane, pair.origin, pair.destination
        passage, transit, spec = OPEN_ALWAYS, None, self.plan.lanes[lane]
        if self.plan.disruptions:
            passage = Passage(
                self.struck.gate(origin),
                self.struck.gate(destination),
                self.struck.road(lane, origin, destination),
            )
        if spec.loss is not None:
            keys = self.plan.site_keys
            path = f"{keys[origin]}/{spec.name}/{keys[destination]}/losses"
            transit = Transit(spec.loss, self.streams.stream(path))
        start = self._start(lane, origin)
        if receive is not None:
            start = replace(start, receive=receive)
        there = self._stretch(lane, destination, _AT_DESTINATION)
        return Haul(start, destination, pair.journey, passage, stream, there, transit)

    def _start(self, lane: int, site: int) -> Start:
        """Return what all hauls of a lane from a site share."""
        key = (lane, site)
        start = self._starts.get(key)
        if start is None:
            stations = self._stretch(lane, site, _AT_ORIGIN)
            start = self._starts[key] = Start(
                clock=self.clock,
                recorder=self.recorder,
                lane=lane,
                site=site,
                fleets=self._fleets_of(lane, site),
                shared=self._roads.get(key, 1.0),
                stations=stations,
                load_of=self._load_of,
                receive=self._receive,
                goes_straight=self._never_alike[lane] and not any(stations.stages),
            )
        return start

    def _stretch(self, lane: int, site: int, stages: slice) -> Stretch:
        """Return the stations of a lane at a site; the same for all trips that pass them there."""
        key = (lane, site, stages.start)
        stretch = self._stretches.get(key)
        if stretch is None:
            found = self._stations
            stretch = self._stretches[key] = Stretch(
                [
                    [found[i, site] for i in stage if (i, site) in found] if stage else []
                    for stage in self.plan.lanes[lane].stations[stages]
                ]
            )
        return stretch

    def _fleets_of(self, lane: int, site: int) -> tuple[Fleet, ...]:
        """Return the fleets of a lane at a site; the same tuple for all of its destinations."""
        key = (lane, site)
        if key not in self._lane_fleets:
            spec = self.plan.lanes[lane]
            indexes = (spec.fleet, *spec.other_fleets)
            self._lane_fleets[key] = tuple(self._fleet(index, site) for index in indexes)
        return self._lane_fleets[key]

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
            self.clock.call_at(time, RELEASE, len(self.plan.site_keys) + index, self._opener(index))

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
