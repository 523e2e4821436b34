"""A hub: a site that holds stock, allocates it to destinations and sends it on."""

from __future__ import annotations

from bisect import bisect_right
from collections import deque
from collections.abc import Callable
from itertools import accumulate
from math import inf, isinf, nextafter

import simpy

from sim.engine.clock import DISPATCH, Clock
from sim.engine.hold import Hold
from sim.plan.specs import LaneSpec
from sim.policies.dispatch import DispatchRule
from sim.streams import Stream

Load = dict[int, int]

#: Goods that came less than this (hours) after a cut-off still leave with the departure.
_SLACK = 1e-9


class Consignment:
    """Goods of one hub that are assigned to one destination and wait to leave.

    ``hold`` is what one vehicle carries and ``send`` carries off one load; ``coming`` are goods
    that may have missed the next departure: when they came, product and units (None before any
    came, for a deque is larger than all else here).
    """

    __slots__ = ("coming", "hold", "left", "rank", "rule", "send", "since", "timer", "waiting")

    def __init__(
        self, rule: DispatchRule, hold: Hold, rank: int, send: Callable[[Load], object]
    ) -> None:
        self.rule = rule
        self.hold = hold
        self.rank = rank
        self.send = send
        self.waiting: Load = {}
        self.coming: deque[tuple[float, int, int]] | None = None
        self.since = inf
        self.timer = inf
        self.left = -inf  # the last departure, where only so many loads leave with each


class Claim:
    """What one destination is still owed of one product."""

    __slots__ = ("consignment", "owed")

    def __init__(self, consignment: Consignment, owed: int) -> None:
        self.consignment = consignment
        self.owed = owed


class Outlets:
    """Destinations that take whatever comes of one product: each lot goes to one, by chance."""

    __slots__ = ("_reached", "_weights", "consignments")

    def __init__(self) -> None:
        self.consignments: list[Consignment] = []
        self._weights: list[float] = []
        self._reached: list[float] = []

    def add(self, consignment: Consignment, weight: float) -> None:
        """Add a destination with its weight in the draw."""
        self.consignments.append(consignment)
        self._weights.append(weight)
        self._reached = list(accumulate(self._weights))

    def choose(self, stream: Stream) -> Consignment:
        """Return where a lot goes; only a choice takes a draw."""
        if len(self.consignments) == 1:
            return self.consignments[0]
        mark = stream.uniform() * self._reached[-1]
        return self.consignments[bisect_right(self._reached, mark)]


class Hub:
    """One site's stock and its lanes out.

    Goods on hand are allocated as soon as they are there, lane by lane and wave by wave; a wave
    that is not yet released is passed over. What nobody is owed goes to a destination that takes
    all, if there is one. The lane's dispatch rule then says when a consignment leaves.
    """

    def __init__(self, clock: Clock, stream: Stream) -> None:
        """``stream`` draws where a lot goes that may go to several destinations."""
        self._clock = clock
        self._stream = stream
        self._on_hand: Load = {}
        self._claims: dict[int, dict[tuple[int, int], list[Claim]]] = {}
        self._lanes: dict[int, LaneSpec] = {}
        self._open: dict[int, Outlets] = {}

    def add_claim(
        self,
        lane: int,
        spec: LaneSpec,
        wave: int,
        product: int,
        units: int,
        consignment: Consignment,
    ) -> None:
        """Owe a destination so many units; claims of a wave are added in order of priority."""
        self._lanes[lane] = spec
        waves = self._claims.setdefault(product, {})
        waves.setdefault((lane, wave), []).append(Claim(consignment, units))

    def add_open(self, product: int, weight: float, consignment: Consignment) -> None:
        """Let a destination take whatever is left of a product."""
        self._open.setdefault(product, Outlets()).add(consignment, weight)

    def begin(self, consignments: list[Consignment]) -> None:
        """Put the lanes in order, and set timers of departures that come without goods too."""
        for product, waves in self._claims.items():
            self._claims[product] = dict(sorted(waves.items(), key=lambda item: item[0][0]))
        for consignment in consignments:
            if consignment.rule.runs_empty:
                self._review(consignment)

    def receive(self, product: int, units: int, open_waves: set[int]) -> None:
        """Take goods in and pass on what the claims of released waves ask for."""
        self._on_hand[product] = self._on_hand.get(product, 0) + units
        self.allocate(product, open_waves)

    def spare(self, product: int) -> int:
        """Return the units on hand that nobody is owed; none where what is left goes on."""
        on_hand = self._on_hand.get(product, 0)
        if not on_hand or product in self._open:
            return 0
        waves = self._claims.get(product, {})
        owed = sum(claim.owed for claims in waves.values() for claim in claims)
        return max(on_hand - owed, 0)

    def give(self, product: int, units: int) -> None:
        """Give away units that can be spared."""
        self._on_hand[product] -= units

    def allocate(self, product: int, open_waves: set[int]) -> None:
        """Assign what is on hand of a product to the destinations of released waves."""
        available = self._on_hand.get(product, 0)
        if not available:
            return
        waves = self._claims.get(product)
        changed: list[Consignment] = []
        for key in list(waves) if waves else ():
            lane, wave = key
            if wave >= 0 and wave not in open_waves:
                continue
            assert waves is not None
            claims = waves[key]
            shares = self._lanes[lane].allocation(available, [claim.owed for claim in claims])
            for claim, share in zip(claims, shares, strict=False):
                if share:
                    available -= share
                    claim.owed -= share
                    self._assign(claim.consignment, product, share)
                    changed.append(claim.consignment)
                    if not available:
                        break
            left = [claim for claim in claims if claim.owed]
            if left:
                waves[key] = left
            else:
                del waves[key]
            if not available:
                break
        if available and product in self._open:
            consignment = self._open[product].choose(self._stream)
            self._assign(consignment, product, available)
            changed.append(consignment)
            available = 0
        self._on_hand[product] = available
        for consignment in changed:
            self._review(consignment)

    def _assign(self, consignment: Consignment, product: int, units: int) -> None:
        if consignment.rule.cut_off:
            if consignment.coming is None:
                consignment.coming = deque()
            consignment.coming.append((self._clock.now, product, units))
            return
        waiting = consignment.waiting
        if not waiting:
            consignment.since = self._clock.now
        waiting[product] = waiting.get(product, 0) + units

    def _review(self, consignment: Consignment) -> None:
        """Set a timer for when the consignment is due, which may be now.

        Even what is due at once leaves in the dispatch phase of this moment: goods that are
        received at the same moment come before it, and leave with it.
        """
        rule, now = consignment.rule, self._clock.now
        ready = now
        if not consignment.waiting and not rule.runs_empty:
            if not consignment.coming:
                return
            ready = max(now, consignment.coming[0][0] + rule.cut_off)
        due = rule.due(ready, consignment.since, _is_full(consignment))
        if due <= consignment.left:  # that departure has left
            due = rule.due(nextafter(consignment.left, inf), consignment.since, False)
        if consignment.timer == due or isinf(due):
            return
        consignment.timer = due

        def ring(_: simpy.Event) -> None:
            if consignment.timer == due:  # not overtaken by an earlier one
                consignment.timer = inf
                self._send_due(consignment)

        self._clock.call_at(due, DISPATCH, consignment.rank, ring)

    def _send_due(self, consignment: Consignment) -> None:
        """Send all loads that are due now; what is left waits anew."""
        rule, now = consignment.rule, self._clock.now
        if consignment.coming:
            self._admit(consignment)
        if rule.runs_empty or not isinf(rule.loads):
            self._depart(consignment)
            return
        while consignment.waiting:
            is_full = _is_full(consignment)
            if rule.due(now, consignment.since, is_full) > now:
                break
            if is_full:
                consignment.send(consignment.hold.take(consignment.waiting))
                consignment.since = now
                continue
            while consignment.waiting:
                consignment.send(consignment.hold.take(consignment.waiting))
        if consignment.waiting or consignment.coming:
            self._review(consignment)

    def _admit(self, consignment: Consignment) -> None:
        """Let goods that came before the cut-off of a departure now take part in it."""
        coming, waiting = consignment.coming, consignment.waiting
        assert coming is not None
        last = self._clock.now - consignment.rule.cut_off + _SLACK
        while coming and coming[0][0] <= last:
            came, product, units = coming.popleft()
            if not waiting:
                consignment.since = came
            waiting[product] = waiting.get(product, 0) + units

    def _depart(self, consignment: Consignment) -> None:
        """One departure of a rule that counts them: at most so many loads, or an empty vehicle."""
        rule = consignment.rule
        consignment.left = self._clock.now
        if not consignment.waiting and rule.runs_empty:
            consignment.send({})
        sent = 0
        while consignment.waiting and sent < rule.loads:
            consignment.send(consignment.hold.take(consignment.waiting))
            sent += 1
        self._review(consignment)


def _is_full(consignment: Consignment) -> bool:
    """Return whether goods fill a load, for rules that tell full loads from others."""
    return not consignment.rule.sends_remainder and consignment.hold.is_full(consignment.waiting)
