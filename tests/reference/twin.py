"""The reference twin: a slow, obvious model of a plan, to compare the engine with.

One SimPy process for each stop at a clinic, vehicles and stations as SimPy resources, draws taken
one by one. It shares with the engine what the engine is told (the plan, the random streams, the
laws, the working calendars, the rules of allocation and dispatch) and none of its classes. What it
does is what docs/semantics.md says.

Everywhere, simultaneous events come by phase (release, receipt, dispatch, review), then by entity;
what one sets off at the same moment comes before the next. Nothing happens after the horizon.
"""

from __future__ import annotations

from math import inf, nan

import simpy
from simpy.resources.resource import Request

from reference import twin_parts as parts
from reference.twin_parts import (
    Claim,
    Driver,
    Load,
    Pile,
    Service,
    Steps,
    Tour,
    TourDesk,
    Trip,
    TwinRun,
    World,
    carry_on,
    done,
    span,
)
from sim.plan.specs import LaneSpec, Plan, Shift
from sim.streams import Stream, Streams


def run_twin(plan: Plan, replication: int) -> TwinRun:
    """Carry out a plan with the luck of one replication."""
    twin = Twin(plan, replication)
    twin.env.run()
    return twin.run


class Twin:
    """One replication of a plan."""

    def __init__(self, plan: Plan, replication: int) -> None:
        self.plan = plan
        self.env = World(plan.horizon)
        self.streams = Streams(plan.seed, replication)
        self.run = TwinRun([], [], [], [])
        self.open_waves = {-1}  # -1 is no wave: nothing holds these goods back
        self.streams_by_name: dict[str, Stream] = {}
        self.vehicles: dict[tuple[int, int], simpy.Resource] = {}
        self.desks: dict[tuple[int, int], simpy.Resource] = {}
        self.on_hand: dict[tuple[int, int], int] = {}
        self.claims: dict[int, list[Claim]] = {}
        self.lane_from = {lane.origin: number for number, lane in enumerate(plan.lanes)}
        self.road_factors: dict[tuple[int, int], float] = {}
        self.tour_desks: dict[int, TourDesk] = {}
        self.list_claims()
        self.list_tours()
        for supply in plan.supplies:
            for time, units in zip(supply.times.tolist(), supply.units.tolist(), strict=True):
                self.env.process(self.supply(time, supply.site, supply.product, units))
        for wave in range(len(plan.waves)):
            self.env.process(self.release(wave))

    def stream(self, name: str) -> Stream:
        """Return a stream that goes on from its last draw."""
        if name not in self.streams_by_name:
            self.streams_by_name[name] = self.streams.stream(name)
        return self.streams_by_name[name]

    def resource(
        self, kind: dict[tuple[int, int], simpy.Resource], index: int, site: int, size: float
    ) -> simpy.Resource:
        """Return the vehicles, which sites may share, or the station number ``index`` at a site."""
        if kind is self.vehicles:
            site = dict(self.plan.fleets[index].pooled).get(site, site)
        if (index, site) not in kind:
            kind[index, site] = simpy.Resource(self.env, size)  # type: ignore[arg-type]
        return kind[index, site]

    def list_claims(self) -> None:
        """Note what everybody is owed. Rows of a wave come in order of priority."""
        links, piles = self.plan.links, dict[tuple[int, int], Pile]()
        for row in range(len(links)):
            origin, destination = int(links.origin[row]), int(links.destination[row])
            if (origin, destination) not in piles:
                piles[origin, destination] = Pile(origin, destination, float(links.km[row]), row)
            wave, product, owed = int(links.wave[row]), int(links.product[row]), links.units[row]
            claim = Claim(wave, product, piles[origin, destination], int(owed))
            self.claims.setdefault(origin, []).append(claim)

    def list_tours(self) -> None:
        for plan in self.plan.tours:
            tours = [Tour() for _ in range(len(plan))]
            self.run.tours.append(tours)
            for row, tour in enumerate(tours):
                stops = int(plan.first[row + 1] - plan.first[row])
                tour.arrived, tour.delivered = [nan] * stops, [nan] * stops
                desk = self.tour_desks.setdefault(int(plan.site[row]), TourDesk(plan))
                desk.tours.append(tour)
                desk.rows.append(row)

    # Goods appear, waves are released, goods are shared out

    def supply(self, time: float, site: int, product: int, units: int) -> Steps:
        """Goods appear at a site."""
        yield self.env.until(time, parts.RELEASE, site)
        self.take_in(site, {product: units})

    def release(self, wave: int) -> Steps:
        """A wave is released at a time drawn evenly from its window, but not before the start."""
        spec = self.plan.waves[wave]
        luck = self.stream(f"wave/{spec.name}").uniform()
        time = max(0.0, spec.earliest + (spec.latest - spec.earliest) * luck)
        self.run.released.append(time)
        yield self.env.until(time, parts.RELEASE, len(self.plan.site_keys) + wave)
        self.open_waves.add(wave)
        for site in sorted(self.claims):
            if self.lane_from[self.plan.site_echelon[site]] == spec.lane:
                for product in range(len(self.plan.products)):
                    self.share_out(site, product)

    def take_in(self, site: int, load: Load) -> None:
        """A site has goods: it shares them out to other sites, or sends tours out with them."""
        for product, units in load.items():
            if site in self.tour_desks:
                goods = self.tour_desks[site].goods
                goods[product] = goods.get(product, 0) + units
                self.send_tours(site)
            elif site in self.claims:
                self.on_hand[site, product] = self.on_hand.get((site, product), 0) + units
                self.share_out(site, product)

    def share_out(self, site: int, product: int) -> None:
        """Assign goods to destinations, one released wave after the other, and see who is due."""
        lane = self.lane_of(site)
        mine = [c for c in self.claims[site] if c.product == product and c.owed]
        changed = []
        for wave in sorted({claim.wave for claim in mine} & self.open_waves):
            claims = [claim for claim in mine if claim.wave == wave]
            available = self.on_hand.get((site, product), 0)
            shares = lane.allocation(available, [claim.owed for claim in claims])
            for claim, share in zip(claims, shares, strict=True):
                if share:
                    pile = claim.pile
                    claim.owed -= share
                    self.on_hand[site, product] -= share
                    if not pile.goods:
                        pile.since = self.env.now
                    pile.goods[product] = pile.goods.get(product, 0) + share
                    changed.append(pile)
        for pile in changed:
            self.review(pile)

    # Goods leave, and a vehicle carries them

    def review(self, pile: Pile) -> None:
        """See to it that goods leave when they are due. If that is now, they still leave in the
        dispatch phase, after all that is received at this moment."""
        if pile.goods:
            lane = self.lane_of(pile.origin)
            is_full = self.fills_a_load(lane, pile.goods)
            due = lane.dispatch.due(self.env.now, pile.since, is_full)
            self.env.process(self.dispatch(pile, due))

    def dispatch(self, pile: Pile, time: float) -> Steps:
        """Send what is due at ``time``, one vehicle's load after the other.

        What a full load leaves behind came just now, so its wait begins now. If goods have left
        since, or others have come, nothing may be due any more.
        """
        yield self.env.until(time, parts.DISPATCH, pile.rank)
        lane, now = self.lane_of(pile.origin), self.env.now
        while pile.goods:
            is_full = self.fills_a_load(lane, pile.goods)
            if lane.dispatch.due(now, pile.since, is_full) > now:
                break
            load = self.load_up(lane, pile.goods)
            number = self.lane_from[self.plan.site_echelon[pile.origin]]
            trip = Trip(len(self.run.trips), number, pile.origin, pile.destination, load, now)
            self.run.trips.append(trip)
            self.env.process(self.trip(lane, trip, pile.km))
            if is_full and not lane.dispatch.sends_remainder:
                pile.since = now
        self.review(pile)

    def lane_of(self, site: int) -> LaneSpec:
        return self.plan.lanes[self.lane_from[self.plan.site_echelon[site]]]

    def used(self, goods: Load, dimension: int) -> float:
        """Return the units, m³ or kg of goods."""
        per_unit = self.plan.load_per_unit
        return sum(units * float(per_unit[product, dimension]) for product, units in goods.items())

    def fills_a_load(self, lane: LaneSpec, goods: Load) -> bool:
        limits = self.plan.fleets[lane.fleet].limits
        return sum(goods.values()) >= lane.dispatch.full or any(
            self.used(goods, i) >= limit - 1e-9 * limit < inf for i, limit in enumerate(limits)
        )

    def load_up(self, lane: LaneSpec, goods: Load) -> Load:
        """Take from ``goods`` what one vehicle carries: of each product in turn as much as fits."""
        limits = self.plan.fleets[lane.fleet].limits
        room = [min(limits[0], lane.dispatch.full), limits[1], limits[2]]
        load: Load = {}
        for product in list(goods):
            units = goods[product]
            for dimension in range(3):
                per_unit = float(self.plan.load_per_unit[product, dimension])
                left = room[dimension] - self.used(load, dimension)
                if per_unit > 0 and left < inf:
                    units = min(units, int(left / per_unit + 1e-9))
            if units:
                load[product] = units
                goods[product] -= units
            if not goods[product]:
                del goods[product]
        return load

    def trip(self, lane: LaneSpec, trip: Trip, km: float) -> Steps:
        """A vehicle takes a shipment to its destination, where it is signed for.

        Crews work in their shift, and leave only if their closing rule lets them set out; if it
        never does, the vehicle is free for others. Four draws a trip, from the stream of its origin
        and destination, whether they are used or not.
        """
        env, plan, spec = self.env, self.plan, self.plan.fleets[lane.fleet]
        keys = plan.site_keys
        stream = self.stream(f"{keys[trip.origin]}/{lane.name}/{keys[trip.destination]}")
        luck_out, luck_back, luck_loading, luck_unloading = (stream.uniform() for _ in range(4))
        here = trip.destination
        vehicles = self.resource(self.vehicles, lane.fleet, trip.origin, spec.vehicles)

        vehicle = vehicles.request()
        yield vehicle
        trip.taken = env.now

        if spec.loading is not None:
            loaded = span(spec.shift, env.now, spec.loading.quantile_at(luck_loading))[1]
            if loaded == inf:
                return self.give_up(trip, vehicles, vehicle)
            yield env.until(loaded, parts.RECEIPT, here)
        yield from self.serve(lane, parts.LOADING, trip)
        trip.driving = self.driving(lane, trip.origin, km, luck_out)
        driver = Driver(spec.rest)
        out = driver.drive(trip.driving)
        if not spec.shift.always:
            sorted_first = bool(lane.stations[parts.SORTING])
            begin = span(spec.shift, env.now, 0.0 if sorted_first else out)[0]
            if begin == inf:
                return self.give_up(trip, vehicles, vehicle)
            yield env.until(begin, parts.DISPATCH, parts.CREWS + here)
        trip.dispatched = env.now
        yield from self.serve(lane, parts.SORTING, trip)
        yield env.until(done(spec.shift, env.now, out), parts.RECEIPT, here)
        trip.arrived = env.now

        if spec.unloading is not None:
            hours = spec.unloading.quantile_at(luck_unloading)
            yield env.until(done(spec.shift, env.now, hours), parts.RECEIPT, here)
        yield from self.serve(lane, parts.UNLOADING, trip)
        driver.stop(env.now - trip.arrived)
        back = driver.drive(self.driving(lane, trip.origin, km, luck_back))
        home = done(spec.shift, env.now, back)
        env.process(self.drive_home(trip, home, vehicles, vehicle))
        yield from self.serve(lane, parts.INSPECTION, trip)
        yield from self.serve(lane, parts.SIGN_OFF, trip)
        trip.received = env.now
        self.take_in(here, trip.load)

    def give_up(self, trip: Trip, vehicles: simpy.Resource, vehicle: Request) -> None:
        trip.taken = nan
        vehicles.release(vehicle)

    def drive_home(
        self, trip: Trip, time: float, vehicles: simpy.Resource, vehicle: Request
    ) -> Steps:
        yield self.env.until(time, parts.REVIEW, trip.origin)
        trip.returned = time
        vehicles.release(vehicle)

    def driving(self, lane: LaneSpec, origin: int, km: float, luck: float) -> float:
        """Return the hours of one journey: distance over speed, times the state of the roads around
        its origin in this replication, times its own luck."""
        hours = km / self.plan.fleets[lane.fleet].speed * self.roads(lane, origin)
        return hours if lane.travel.own is None else hours * lane.travel.own.quantile_at(luck)

    def roads(self, lane: LaneSpec, origin: int) -> float:
        if lane.travel.shared is None:
            return 1.0
        key = (lane.origin, origin)
        if key not in self.road_factors:
            luck = self.stream(f"{self.plan.site_keys[origin]}/{lane.name}/roads").uniform()
            self.road_factors[key] = lane.travel.shared.quantile_at(luck)
        return self.road_factors[key]

    def serve(self, lane: LaneSpec, stage: int, trip: Trip) -> Steps:
        """Pass the stations of a stage, one after the other.

        Whoever joins n-th takes the n-th draw. A server is held over closing times.
        """
        for index in lane.stations[stage]:
            yield from self.serve_at(index, stage, trip)

    def serve_at(self, index: int, stage: int, trip: Trip) -> Steps:
        """Wait in line at one station, and be served."""
        spec = self.plan.stations[index]
        site = trip.origin if stage in (parts.LOADING, parts.SORTING) else trip.destination
        stream = self.stream(f"{self.plan.site_keys[site]}/{spec.name}")
        hours = 0.0
        for _ in trip.load:
            hours += spec.per_lot.quantile_at(stream.uniform()) if spec.per_lot is not None else 0.0
        if spec.per_unit is not None:
            assert spec.per_unit.cv == 0.0
            hours += spec.per_unit.mean * sum(trip.load.values())
        service = Service(index, site, trip.number, self.env.now)
        self.run.services.append(service)
        servers = self.resource(self.desks, index, site, spec.servers)
        server = servers.request()
        yield server
        begin, end = span(spec.shift, self.env.now, hours)
        if begin == inf:  # never served, but the others are
            servers.release(server)
            yield self.env.event()
        if begin <= self.plan.horizon:
            service.began = begin
        yield self.env.until(end, parts.RECEIPT, site)
        service.ended = end
        servers.release(server)

    # The last mile

    def send_tours(self, site: int) -> None:
        """Send the tours of a site, in their order, for which all goods are there."""
        desk = self.tour_desks[site]
        while desk.sent < len(desk.tours):
            row = desk.rows[desk.sent]
            stops = range(desk.plan.first[row], desk.plan.first[row + 1])
            due = [
                sum(int(desk.plan.units[stop, product]) for stop in stops)
                for product in range(len(self.plan.products))
            ]
            if any(desk.goods.get(product, 0) < units for product, units in enumerate(due)):
                return
            for product, units in enumerate(due):
                if units:
                    desk.goods[product] -= units
            self.env.process(self.tour(site, desk, desk.sent))
            desk.sent += 1

    def tour(self, site: int, desk: TourDesk, number: int) -> Steps:
        """A vehicle is loaded, visits its stops and drives home, all in its crew's working time."""
        env, plan, tour = self.env, desk.plan, desk.tours[number]
        lane = self.plan.lanes[plan.lane]
        spec = self.plan.fleets[lane.fleet]
        vehicles = self.resource(self.vehicles, lane.fleet, site, spec.vehicles)
        if not desk.stop_luck:
            self.draw_luck(site, lane, desk)

        tour.ready = env.now
        vehicle = vehicles.request()
        yield vehicle
        driver, tour.driving, pieces = Driver(spec.rest), 0.0, list[tuple[float, float]]()
        luck_back, luck_loading = desk.tour_luck[number]
        loading = spec.loading.quantile_at(luck_loading) if spec.loading is not None else 0.0
        for stop in range(plan.first[desk.rows[number]], plan.first[desk.rows[number] + 1]):
            luck_leg, luck_stop = desk.stop_luck[plan.rank[stop]]
            leg = self.driving(lane, site, float(plan.leg_km[stop]), luck_leg)
            tour.driving += leg
            pieces.append((driver.drive(leg), plan.stop_time.quantile_at(luck_stop)))
            driver.stop(pieces[-1][1])
        back = self.driving(lane, site, float(plan.back_km[desk.rows[number]]), luck_back)
        tour.driving += back
        way_home = driver.drive(back)

        whole = loading + sum(drive + serve for drive, serve in pieces) + way_home
        begin = span(spec.shift, env.now, whole)[0]
        if begin == inf:  # it fits into no shift: its goods stay, the vehicle is free for others
            vehicles.release(vehicle)
            return
        yield env.until(begin, parts.REVIEW, site)
        tour.began = env.now
        yield env.until(carry_on(spec.shift, env.now, loading), parts.REVIEW, site)
        for stop, (drive, serve) in enumerate(pieces):
            yield env.process(self.stop(site, spec.shift, tour, stop, drive, serve))
        yield env.until(carry_on(spec.shift, env.now, way_home), parts.REVIEW, site)
        tour.ended = env.now
        vehicles.release(vehicle)

    def stop(
        self, site: int, shift: Shift, tour: Tour, stop: int, drive: float, serve: float
    ) -> Steps:
        """Drive to a clinic and hand over what it is to get."""
        yield self.env.until(carry_on(shift, self.env.now, drive), parts.RECEIPT, site)
        tour.arrived[stop] = self.env.now
        yield self.env.until(carry_on(shift, self.env.now, serve), parts.RECEIPT, site)
        tour.delivered[stop] = self.env.now

    def draw_luck(self, site: int, lane: LaneSpec, desk: TourDesk) -> None:
        """Draw the leg and the stop of every facility of a site, by its rank there, and the way
        home and the loading of every tour, by its place in the site's list."""
        name = f"{self.plan.site_keys[site]}/{lane.name}"
        stops, tours = self.stream(f"{name}/stops"), self.stream(f"{name}/tours")
        count = sum(len(tour.arrived) for tour in desk.tours)
        desk.stop_luck = [(stops.uniform(), stops.uniform()) for _ in range(count)]
        desk.tour_luck = [(tours.uniform(), tours.uniform()) for _ in desk.tours]
