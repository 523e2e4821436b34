"""Assignment: who sends how much to whom, in which wave and in which order."""

from __future__ import annotations

from bisect import bisect_left
from collections.abc import Sequence

import numpy as np
from numpy.typing import NDArray

from sim.geography.distance import great_circle_km
from sim.network import Network
from sim.plan.specs import Links, Supply, WaveSpec
from sim.plan.supply import capacities
from sim.policies.allocation import PRIORITY_ORDERS
from sim.policies.sourcing import SOURCING_RULES
from sim.scenario.flow import Lane
from sim.scenario.schema import Scenario
from sim.units import show_hours

Ints = NDArray[np.int64]
Floats = NDArray[np.float64]


def assign_links(
    scenario: Scenario,
    network: Network,
    supplies: tuple[Supply, ...],
    waves: Sequence[WaveSpec],
    circuity: Sequence[float],
) -> tuple[Links, list[str]]:
    """Return the links of all lanes between sites, and notes on what had to be decided.

    From drawn sites goods go down the administrative tree; from listed sites orders come first,
    then the sourcing rule. Lanes are taken from the last echelon to the first, so that a
    warehouse's need, less what it has and makes itself, is known before its own suppliers are
    chosen. ``circuity`` is road over great-circle distance by lane.

    Raises:
        ValueError: a product that no origin can give.
    """
    sites, notes = network.sites, list[str]()
    need = sites.need.copy()
    own = _own_goods(scenario, network, supplies)
    tables: dict[int, Links] = {}
    lanes = [item for item in enumerate(scenario.lanes.items()) if item[1][1].tours is None]
    for index, (name, lane) in sorted(
        lanes, key=lambda item: -network.echelons.index(item[1][1].to)
    ):
        origins = network.of_echelon(network.echelons.index(lane.from_))
        destinations = network.of_echelon(network.echelons.index(lane.to))
        if scenario.echelons[lane.from_].sites is not None:
            pairs = _by_administration(network, destinations, need)
        else:
            pairs, said = _by_sourcing(scenario, network, supplies, origins, destinations, need)
            notes.extend(said)
            np.add.at(need, (pairs[0], pairs[2]), pairs[3])
            need[origins] = np.maximum(need[origins] - own[origins], 0)
        wave = _wave_of_site(scenario, network, index, name)
        tables[index] = _links(lane, index, network, pairs, wave, circuity[index])
    columns = {
        field: np.concatenate([getattr(tables[index], field) for index in sorted(tables)])
        for field in ("lane", "origin", "destination", "product", "units", "km", "wave")
    }
    return Links(**columns), notes


Pairs = tuple[Ints, Ints, Ints, Ints]  # origin, destination, product, units


def _own_goods(scenario: Scenario, network: Network, supplies: tuple[Supply, ...]) -> Ints:
    """Return the units that each site has or makes itself until the horizon, by product."""
    by = scenario.horizon.value
    columns = [
        capacities(network, supplies, product, by) for product in range(len(network.products))
    ]
    return np.stack(columns, axis=1).astype(np.int64)


def _by_administration(network: Network, destinations: Ints, need: Ints) -> Pairs:
    row, product = np.nonzero(need[destinations])
    destination = destinations[row]
    return network.sites.above[destination], destination, product, need[destination, product]


def _by_sourcing(
    scenario: Scenario,
    network: Network,
    supplies: tuple[Supply, ...],
    origins: Ints,
    destinations: Ints,
    need: Ints,
) -> tuple[Pairs, list[str]]:
    sites, notes = network.sites, list[str]()
    cost = great_circle_km(
        sites.lat[origins][:, None],
        sites.lon[origins][:, None],
        sites.lat[destinations],
        sites.lon[destinations],
    )
    is_source = not any(
        network.echelons.index(lane.to) == sites.echelon[origins[0]]
        for lane in scenario.lanes.values()
    )
    nothing = np.empty(0, np.int64)
    parts: list[Pairs] = [(nothing, nothing, nothing, nothing)]
    for product, name in enumerate(network.products):
        open_need = need[destinations, product].copy()
        if not open_need.any():
            continue
        whole = np.where(_marked(scenario, network, "closed")[origins], 0.0, np.inf)
        if is_source:
            whole = capacities(network, supplies, product, scenario.horizon.value)[origins]
            if whole.sum() < open_need.sum():
                notes.append(
                    f"{name}: stock and output until the horizon, {int(whole.sum()):,} units, do "
                    f"not cover the need of {int(open_need.sum()):,}"
                )
        units = np.zeros(cost.shape, np.int64)
        for key, order in scenario.orders.items():
            if order.product != name or f"site/{order.from_}" not in sites.key:
                continue
            row = np.flatnonzero(origins == sites.key.index(f"site/{order.from_}"))
            if not len(row):
                continue
            if not whole[row[0]] > 0:
                notes.append(f'order "{key}": "{order.from_}" has no {name}; others supply it')
                continue
            wanted = np.where(network.in_regions(order.regions)[destinations], open_need, 0)
            most = order.units.value if order.units is not None else int(wanted.sum())
            given = _up_to(wanted, most)
            if given.sum() < wanted.sum():
                notes.append(
                    f'order "{key}" covers {int(given.sum()):,} of the {int(wanted.sum()):,} units '
                    f"that its regions need; the sourcing rule finds the rest"
                )
            units[row[0]] += given
            open_need -= given
        if open_need.any():
            capacity = np.where(_marked(scenario, network, "only_orders")[origins], 0.0, whole)
            if is_source and capacity.any():
                capacity, said = _window_capacity(
                    scenario,
                    network,
                    supplies,
                    product,
                    factories=np.where(capacity > 0, origins, -1),
                    spent=units.sum(axis=1),
                    wanted=int(open_need.sum()),
                )
                notes.extend(said)
            if not capacity.any():
                raise ValueError(f'no open site can give any "{name}" beyond its orders')
            units += SOURCING_RULES[scenario.sourcing.rule](cost, open_need, capacity)
        row, column = np.nonzero(units)
        parts.append(
            (origins[row], destinations[column], np.full(len(row), product), units[row, column])
        )
    joined = tuple(np.concatenate([part[i] for part in parts]) for i in range(4))
    return joined, notes  # type: ignore[return-value]


def _window_capacity(
    scenario: Scenario,
    network: Network,
    supplies: tuple[Supply, ...],
    product: int,
    *,
    factories: Ints,
    spent: Ints,
    wanted: int,
) -> tuple[Floats, list[str]]:
    """Return what each factory can give besides the units that its orders have ``spent``.

    ``factories`` are sites, -1 for one that takes no part. What they have and make in the sourcing
    window counts. Where that does not cover what is ``wanted``, least-cost sourcing counts the
    shortest time that does, at most until the horizon: the campaign takes longer, but nobody is
    asked for more than they make while others could make it.
    """
    name, horizon = network.products[product], scenario.horizon.value
    window = min(scenario.sourcing.window.value, horizon)

    def left(by: float) -> Floats:
        made = capacities(network, supplies, product, by)[factories]
        return np.where(factories < 0, 0.0, np.maximum(made - spent, 0.0))

    capacity = left(window)
    enough = wanted if scenario.sourcing.rule == "least-cost" else 1
    if capacity.sum() >= enough:
        return capacity, []
    times = np.unique(np.concatenate([s.times for s in supplies if s.product == product]))
    later = times[times > window].tolist()
    index = bisect_left(later, True, key=lambda by: bool(left(by).sum() >= enough))
    longer = later[index] if index < len(later) else horizon
    instead = (
        f"{name}: the sourcing window covers {capacity.sum() / wanted:.0%} of what orders leave; "
        f"what is made in {show_hours(longer)} counts instead"
    )
    notes = [instead]
    capacity = left(longer)
    if not capacity.any():
        notes.append(f"{name}: orders take all that is made; what they leave comes from nowhere")
        capacity = np.where(
            factories < 0, 0.0, capacities(network, supplies, product, horizon)[factories]
        )
    return capacity, notes


def _marked(scenario: Scenario, network: Network, mark: str) -> NDArray[np.bool_]:
    """Return which sites the scenario marks as "closed" or "only_orders"."""
    marked = {f"site/{name}" for name, site in scenario.sites.items() if getattr(site, mark)}
    return np.array([key in marked for key in network.sites.key])


def _up_to(wanted: Ints, most: int) -> Ints:
    """Give the destinations what they want, in order, until ``most`` units are given."""
    reached = np.minimum(np.cumsum(wanted), most)
    return np.diff(reached, prepend=0)


def _wave_of_site(scenario: Scenario, network: Network, lane: int, lane_name: str) -> Ints:
    """Return the wave of every site on a lane: the first in the file that names its region."""
    result = np.full(len(network.sites), -1)
    for index, wave in enumerate(scenario.waves.values()):
        if wave.lane == lane_name and wave.regions.value != "rest":
            inside = network.in_regions([str(region) for region in wave.regions.value])
            result[inside & (result < 0)] = index
    for index, wave in enumerate(scenario.waves.values()):
        if wave.lane == lane_name and wave.regions.value == "rest":
            result[result < 0] = index
    return result


def _links(
    lane: Lane, index: int, network: Network, pairs: Pairs, wave_of_site: Ints, circuity: float
) -> Links:
    origin, destination, product, units = pairs
    sites = network.sites
    km = circuity * great_circle_km(
        sites.lat[origin], sites.lon[origin], sites.lat[destination], sites.lon[destination]
    )
    what, sign = PRIORITY_ORDERS[lane.allocation.order]
    priority = sign * (km if what == "distance" else units.astype(np.float64))
    wave = wave_of_site[destination]
    order = np.lexsort((product, destination, priority, wave, origin))
    return Links(
        lane=np.full(len(order), index),
        origin=origin[order],
        destination=destination[order],
        product=product[order],
        units=units[order],
        km=np.asarray(km)[order],
        wave=wave[order],
    )
