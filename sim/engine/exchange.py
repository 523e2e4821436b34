"""The exchange: sites ask for goods, and others give what they can spare.

All that appears at one moment comes first, offers and requests alike; then, in the dispatch phase
and after planned goods have left, new offers serve the requests that wait, and new requests ask.
Who gives up does so at the end of a moment, so an offer of that moment still counts.
"""

from __future__ import annotations

from collections.abc import Callable
from math import inf, isinf, nan

import numpy as np
import simpy

from sim.engine.clock import DISPATCH, RELEASE, REVIEW, Clock
from sim.engine.haul import Haul, Receive
from sim.engine.hub import Hub
from sim.engine.journey import Journey
from sim.engine.lots import draw_process
from sim.engine.neighbours import Way, neighbourhood
from sim.engine.wiring import Pair
from sim.ledger import Answers, Losses, Requests, Trips, units_of_answers
from sim.plan.limits import passing_on, sharing_places
from sim.plan.specs import Plan
from sim.policies.sharing import granted
from sim.streams import Stream, Streams

#: The exchange comes after all planned departures of a moment, whose entities lie below.
_LAST = 1 << 39


def make_exchange(
    plan: Plan,
    clock: Clock,
    streams: Streams,
    hub: Callable[[int], Hub],
    fleets: Callable[[int, int], object],
    haul: Callable[[Pair, Stream, Receive], Haul],
) -> Exchange | None:
    """Let requests appear, if any site shares.

    ``hub`` gives the hub of a site, ``fleets`` those of a lane at a site, and ``haul`` a new haul
    between two sites, which hands over what it brings. Hubs and fleets of all who may give are made
    at once, for tours and disruptions to find them.
    """
    if not plan.shared:
        return None
    for shared in plan.shared:
        for site in shared.origins.tolist():
            hub(site)
            fleets(shared.lane, site)

    def shared_haul(way: Way, site: int) -> Haul:
        keys = plan.site_keys
        path = f"{keys[way.origin]}/{plan.lanes[way.lane].name}/{keys[site]}"
        journey = Journey(way.km, way.hours, plan.lanes[way.lane].travel)
        pair = Pair(way.lane, way.origin, site, journey)
        # what was asked for ends where it was
        return haul(pair, streams.stream(path), lambda site, load: None)

    exchange = Exchange(plan, clock, streams, hub, shared_haul)
    exchange.begin()
    return exchange


class Ask:
    """A request: what it still lacks, and who would give to it."""

    __slots__ = ("answered", "asked", "given_up", "left", "number", "site", "spec", "units", "ways")

    def __init__(self, spec: int, site: int, number: int, units: int, asked: float) -> None:
        self.spec = spec
        self.site = site
        self.number = number
        self.units = self.left = units
        self.asked = asked
        self.answered = self.given_up = nan
        self.ways: dict[int, Way] = {}  # by origin, nearest first


class Exchange:
    """Requests of one replication, and what answers them."""

    def __init__(
        self,
        plan: Plan,
        clock: Clock,
        streams: Streams,
        hub: Callable[[int], Hub],
        haul: Callable[[Way, int], Haul],
    ) -> None:
        """``hub`` gives the hub of a site that shares, ``haul`` the haul of a way to a site."""
        self._plan = plan
        self._clock = clock
        self._streams = streams
        self._hub = hub
        self._make_haul = haul
        self._neighbours = neighbourhood(plan)
        self._hauls: dict[tuple[int, int, int], Haul] = {}
        self._shares = sharing_places(plan.lanes)
        self._passes_on = passing_on(plan.links, plan.tours)
        self._asks: list[Ask] = []
        self._answers: list[tuple[int, int, int, int, float]] = []
        self._new: list[tuple[int, Ask]] = []
        self._offers: set[tuple[int, int]] = set()
        self._waiting: dict[int, dict[int, Ask]] = {}
        self._due = -inf

    # --- what the model tells it

    def begin(self) -> None:
        """Draw all requests, and when each would give up."""
        for index, spec in enumerate(self._plan.requests):
            for process in spec.processes:
                drawn = draw_process(process, self._streams, self._plan.horizon)
                patience = np.full(len(drawn.times), inf)
                if spec.gives_up is not None and len(patience):
                    stream = self._streams.stream(f"{process.entity}/gives-up")
                    patience = spec.gives_up.quantile([stream.uniform() for _ in patience])
                rows = zip(
                    drawn.times.tolist(), drawn.units.tolist(), patience.tolist(), strict=True
                )
                for number, (time, units, hours) in enumerate(rows):
                    ask = Ask(index, process.site, number, units, time)
                    self._clock.call_at(time, RELEASE, ask.site, self._asking(ask, hours))

    def ends_at(self, site: int, product: int) -> bool:
        """Return whether goods that a site gets by plan end there: they are not its to share."""
        return (site, product) not in self._passes_on and self._may_share(site, product)

    def offer(self, site: int, product: int) -> None:
        """A site may have more to spare."""
        if self._may_share(site, product):
            self._offers.add((site, product))
            self._review()

    def _may_share(self, site: int, product: int) -> bool:
        return (int(self._plan.site_echelon[site]), product) in self._shares

    def _asking(self, ask: Ask, patience: float) -> Callable[[simpy.Event], None]:
        def appear(_: simpy.Event) -> None:
            row = len(self._asks)
            self._asks.append(ask)
            found = self._neighbours.of(ask.site, ask.spec)
            agree = found.willing > 0.0
            if (found.willing < 1.0).any():
                agree = self._streams.uniforms(found.ids, ask.number) < found.willing
            ways = found.ways
            ask.ways = {ways[i].origin: ways[i] for i in np.flatnonzero(agree).tolist()}
            self._new.append((row, ask))
            self._review()
            if not isinf(patience):
                until = ask.asked + patience
                self._clock.call_at(until, REVIEW, ask.site, lambda _: self._withdraw(row))

        return appear

    def _withdraw(self, row: int) -> None:
        ask = self._asks[row]
        if ask.left:
            ask.given_up = self._clock.now
            del self._waiting[self._plan.requests[ask.spec].product][row]

    # --- who meets whom

    def _review(self) -> None:
        """Let offers and requests meet in this moment, once all of them are known."""
        if self._due != self._clock.now:
            self._due = self._clock.now
            self._clock.call_at(self._due, DISPATCH, _LAST, self._meet)

    def _meet(self, _: simpy.Event) -> None:
        self._due = -inf
        offers, self._offers = sorted(self._offers), set()
        for site, product in offers:
            self._serve_waiting(site, product)
        new, self._new = self._new, []
        for row, ask in sorted(new, key=lambda item: (item[1].site, item[1].spec, item[1].number)):
            self._seek(row, ask)

    def _serve_waiting(self, site: int, product: int) -> None:
        """Give what a site can spare to those who wait for it: nearest, oldest, site by site."""
        hub, near = self._hub(site), list[tuple[float, int, Ask]]()
        if not hub.spare(product):
            return
        waiting = self._waiting.get(product, {})
        for row, ask in waiting.items():
            way = ask.ways.get(site)
            if ask.site == site or way is not None:
                near.append((0.0 if way is None else way.km, row, ask))
        for _, row, ask in sorted(near, key=lambda item: item[0]):
            if not hub.spare(product):
                break
            self._grant(row, ask, site)
            if not ask.left:
                del waiting[row]

    def _seek(self, row: int, ask: Ask) -> None:
        """Let a new request take what its own site can spare, then ask the others in turn."""
        product = self._plan.requests[ask.spec].product
        if self._may_share(ask.site, product):
            self._grant(row, ask, ask.site)
        for origin in ask.ways:
            if not ask.left:
                break
            self._grant(row, ask, origin)
        if ask.left:
            self._waiting.setdefault(product, {})[row] = ask

    def _grant(self, row: int, ask: Ask, giver: int) -> None:
        """Let a site give what it can to a request."""
        product = self._plan.requests[ask.spec].product
        hub, way = self._hub(giver), ask.ways.get(giver)
        if way is None:  # its own
            units = granted(ask.left, hub.spare(product), whole=False)
        else:
            sharing = self._plan.lanes[way.lane].sharing
            assert sharing is not None
            spare = hub.spare(product) - sharing.keeps
            units = granted(ask.left, spare, whole=sharing.whole)
        if not units:
            return
        hub.give(product, units)
        ask.left -= units
        if not ask.left:
            ask.answered = self._clock.now
        if way is None:
            self._answers.append((row, giver, -1, units, self._clock.now))
        else:
            self._send(row, ask, way, product, units)

    def _send(self, row: int, ask: Ask, way: Way, product: int, units: int) -> None:
        """Send units on their way, as many vehicles as they fill."""
        key = (way.lane, way.origin, ask.site)
        if key not in self._hauls:
            self._hauls[key] = self._make_haul(way, ask.site)
        haul, most = self._hauls[key], self._largest(way.lane, product)
        while units:
            load = units if isinf(most) else min(units, int(most))
            trip = haul.send({product: load})
            self._answers.append((row, way.origin, trip, load, self._clock.now))
            units -= load

    def _largest(self, lane: int, product: int) -> float:
        """Return the most units of a product that one vehicle of a lane takes."""
        limits = self._plan.fleets[self._plan.lanes[lane].fleet].limits
        per_unit = self._plan.load_per_unit[product].tolist()
        rooms = [limit / used for limit, used in zip(limits, per_unit, strict=True) if used]
        return float(np.floor(min(rooms, default=inf) + 1e-9))

    # --- the account of it

    def tables(self, trips: Trips, losses: Losses) -> tuple[Requests, Answers]:
        """Return the requests and what answered them."""
        asks = self._asks
        columns = np.array(self._answers, np.float64).reshape(-1, 5).T
        request, giver, trip, much = columns[:4].astype(np.int64)
        answers = Answers(request, giver, trip, much, columns[4].copy())
        units, time = units_of_answers(answers, trips, losses)
        wanted = np.array([ask.units for ask in asks], np.int64)
        got = np.bincount(answers.request, units, minlength=len(asks)).astype(np.int64)
        last = np.zeros(len(asks))
        np.maximum.at(last, answers.request, time)
        products = [spec.product for spec in self._plan.requests]
        return (
            Requests(
                spec=np.array([ask.spec for ask in asks], np.int64),
                site=np.array([ask.site for ask in asks], np.int64),
                number=np.array([ask.number for ask in asks], np.int64),
                product=np.array([products[ask.spec] for ask in asks], np.int64),
                units=wanted,
                asked=np.array([ask.asked for ask in asks], np.float64),
                answered=np.array([ask.answered for ask in asks], np.float64),
                received=np.where(got == wanted, last, nan),
                given_up=np.array([ask.given_up for ask in asks], np.float64),
            ),
            answers,
        )
