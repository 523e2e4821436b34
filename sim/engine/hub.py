"""A hub: a site that holds stock, allocates it to destinations and sends it on."""

from __future__ import annotations

from collections.abc import Callable
from math import inf, isinf

import simpy

from sim.engine.clock import Clock, Phase
from sim.plan.specs import FleetSpec, LaneSpec

Load = dict[int, int]


class Consignment:
    """Goods of one hub that are assigned to one destination and wait to leave."""

    __slots__ = ("destination", "km", "rank", "since", "timer", "waiting")

    def __init__(self, destination: int, km: float, rank: int) -> None:
        self.rank = rank
        self.destination = destination
        self.km = km
        self.waiting: Load = {}
        self.since = inf
        self.timer = inf


class Claim:
    """What one destination is still owed of one product."""

    __slots__ = ("consignment", "owed")

    def __init__(self, consignment: Consignment, owed: int) -> None:
        self.consignment = consignment
        self.owed = owed


class Hub:
    """One site's stock and outgoing lane.

    Goods on hand are allocated as soon as they are there, wave by wave; a wave that is not yet
    released is passed over. The lane's dispatch rule then says when a consignment leaves, and
    ``send`` carries off one vehicle's load.
    """

    def __init__(
        self,
        clock: Clock,
        lane: LaneSpec,
        fleet: FleetSpec,
        load_per_unit: list[list[float]],
        send: Callable[[Consignment, Load], None],
    ) -> None:
        self._clock = clock
        self._lane = lane
        self._limits = fleet.limits
        self._load_per_unit = load_per_unit
        self._send = send
        self._on_hand: Load = {}
        self._claims: dict[int, dict[int, list[Claim]]] = {}
        self._consignments: dict[int, Consignment] = {}

    def add_claim(
        self, wave: int, product: int, destination: int, units: int, km: float, rank: int
    ) -> None:
        """Owe a destination so many units; claims of a wave are added in order of priority.

        ``rank`` is the claim's place among all links of the plan: of consignments that leave at one
        moment, the one whose first claim comes first goes first.
        """
        consignment = self._consignments.get(destination)
        if consignment is None:
            consignment = self._consignments[destination] = Consignment(destination, km, rank)
        waves = self._claims.setdefault(product, {})
        waves.setdefault(wave, []).append(Claim(consignment, units))

    def receive(self, product: int, units: int, open_waves: set[int]) -> None:
        """Take goods in and pass on what the claims of released waves ask for."""
        self._on_hand[product] = self._on_hand.get(product, 0) + units
        self.allocate(product, open_waves)

    def allocate(self, product: int, open_waves: set[int]) -> None:
        """Assign what is on hand of a product to the destinations of released waves."""
        available = self._on_hand.get(product, 0)
        waves = self._claims.get(product)
        if not available or not waves:
            return
        changed: list[Consignment] = []
        for wave in list(waves):
            if wave >= 0 and wave not in open_waves:
                continue
            claims = waves[wave]
            shares = self._lane.allocation(available, [claim.owed for claim in claims])
            for claim, share in zip(claims, shares, strict=True):
                if share:
                    available -= share
                    claim.owed -= share
                    self._assign(claim.consignment, product, share)
                    changed.append(claim.consignment)
            waves[wave] = [claim for claim in claims if claim.owed]
            if not waves[wave]:
                del waves[wave]
            if not available:
                break
        self._on_hand[product] = available
        for consignment in changed:
            self._review(consignment)

    def _assign(self, consignment: Consignment, product: int, units: int) -> None:
        waiting = consignment.waiting
        if not waiting:
            consignment.since = self._clock.now
        waiting[product] = waiting.get(product, 0) + units

    def _review(self, consignment: Consignment) -> None:
        """Set a timer for when the consignment is due, which may be now.

        Even what is due at once leaves in the dispatch phase of this moment: goods that are
        received at the same moment come before it, and leave with it.
        """
        if not consignment.waiting:
            return
        now = self._clock.now
        due = self._lane.dispatch.due(now, consignment.since, self._is_full(consignment.waiting))
        if consignment.timer == due or isinf(due):
            return
        consignment.timer = due

        def ring(_: simpy.Event) -> None:
            if consignment.timer == due:  # not overtaken by an earlier one
                consignment.timer = inf
                self._send_due(consignment)

        self._clock.call_at(due, Phase.DISPATCH, consignment.rank, ring)

    def _send_due(self, consignment: Consignment) -> None:
        """Send all loads that are due now; what is left waits anew."""
        rule, now = self._lane.dispatch, self._clock.now
        while consignment.waiting:
            is_full = self._is_full(consignment.waiting)
            if rule.due(now, consignment.since, is_full) > now:
                break
            if is_full:
                self._send(consignment, self._take_load(consignment))
                consignment.since = now
                continue
            while consignment.waiting:
                self._send(consignment, self._take_load(consignment))
        self._review(consignment)

    def _is_full(self, waiting: Load) -> bool:
        """Return whether goods fill a load, for rules that tell full loads from others."""
        if self._lane.dispatch.sends_remainder:
            return False
        if sum(waiting.values()) >= self._lane.dispatch.full:
            return True
        for dimension, limit in enumerate(self._limits):
            if isinf(limit):
                continue
            used = sum(self._load_per_unit[p][dimension] * units for p, units in waiting.items())
            if used >= limit * (1 - 1e-9):
                return True
        return False

    def _take_load(self, consignment: Consignment) -> Load:
        """Take one vehicle's load from what waits, product by product."""
        room = [min(self._limits[0], self._lane.dispatch.full), *self._limits[1:]]
        load: Load = {}
        for product in list(consignment.waiting):
            units = consignment.waiting[product]
            for dimension, per_unit in enumerate(self._load_per_unit[product]):
                if per_unit and not isinf(room[dimension]):
                    units = min(units, int(room[dimension] / per_unit + 1e-9))
            if not units:
                continue
            load[product] = units
            for dimension, per_unit in enumerate(self._load_per_unit[product]):
                room[dimension] -= per_unit * units
            left = consignment.waiting[product] - units
            if left:
                consignment.waiting[product] = left
            else:
                del consignment.waiting[product]
        return load
