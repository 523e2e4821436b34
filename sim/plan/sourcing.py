"""Sourcing in a plan: forced links, then orders, then the rule, for one product and echelon."""

from __future__ import annotations

from bisect import bisect_left

import numpy as np
from numpy.typing import NDArray

from sim.network import Network
from sim.plan.links import Ways
from sim.plan.processes import expected_by_site
from sim.plan.specs import OPEN, Supply
from sim.plan.supply import capacities
from sim.policies.sourcing import SOURCING_RULES
from sim.scenario.flow import Sourcing
from sim.scenario.schema import Scenario
from sim.units import show_hours

Ints = NDArray[np.int64]
Floats = NDArray[np.float64]
Flags = NDArray[np.bool_]


def made_by(
    scenario: Scenario, network: Network, supplies: tuple[Supply, ...], product: int, by: float
) -> Floats:
    """Return the units of a product that each site has, makes or may expect until ``by`` (hours).

    Of lots that appear by chance the mean counts.
    """
    made = capacities(network, supplies, product, by)
    if scenario.supply:
        made += expected_by_site(scenario, network, network.products[product], by)
    return made


def source_product(
    scenario: Scenario,
    network: Network,
    supplies: tuple[Supply, ...],
    ways: Ways,
    product: int,
    wanted: Ints,
    *,
    spent: Ints,
    is_source: Flags,
    ordered: dict[str, int],
) -> tuple[Ints, list[str]]:
    """Return the units that each origin sends to each destination, and notes.

    ``wanted`` is the finite need of the destinations; ``spent`` what the origins have to give
    elsewhere already. Only origins that are sources are limited, by what they make themselves.
    ``ordered`` are the units that orders have covered elsewhere, to which are added those here.

    Raises:
        ValueError: a need that no origin can give, or origins that cannot be compared.
    """
    sites, origins, destinations = network.sites, ways.origins, ways.destinations
    name, notes = network.products[product], list[str]()
    units = np.zeros(ways.cost.shape, np.int64)
    if not wanted.any():
        return units, notes
    whole = np.where(sites.closed[origins], 0.0, np.inf)
    if is_source.any():
        made = made_by(scenario, network, supplies, product, scenario.horizon.value)[origins]
        spent = np.where(spent < OPEN, spent, 0)  # who takes whatever comes leaves the rest alone
        whole = np.where(is_source, np.maximum(made - spent, 0.0), whole)
    if whole.sum() < wanted.sum():
        notes.append(
            f"{name}: stock and output until the horizon, {int(whole.sum()):,} units, do "
            f"not cover the need of {int(wanted.sum()):,}"
        )
    can = np.isfinite(ways.cost)
    column = np.flatnonzero(ways.forced & (wanted > 0))
    units[np.argmax(can[:, column], axis=0), column] = wanted[column]
    for row in np.flatnonzero(units.sum(axis=1) > whole).tolist():
        notes.append(
            f'{name}: "{sites.name[origins[row]]}" has or makes {int(whole[row]):,} of the '
            f"{int(units[row].sum()):,} units that it alone may supply"
        )
    left = np.where(ways.forced, 0, wanted)
    for key, order in scenario.orders.items():
        if order.product != name:
            continue
        place = np.flatnonzero(origins == network.row(order.from_))
        if not len(place):
            continue
        if not whole[place[0]] > 0:
            notes.append(f'order "{key}": "{order.from_}" has no {name}; others supply it')
            continue
        inside = network.in_regions(order.regions)[destinations] & can[place[0]]
        asked = np.where(inside, left, 0)
        most = int(asked.sum())
        if order.units is not None:
            most = order.units.value - ordered.get(key, 0)
        given = _up_to(asked, most)
        ordered[key] = ordered.get(key, 0) + int(given.sum())
        if given.sum() < asked.sum():
            notes.append(
                f'order "{key}" covers {int(given.sum()):,} of the {int(asked.sum()):,} units '
                f"that its regions need; the sourcing rule finds the rest"
            )
        units[place[0]] += given
        left -= given
    if left.any():
        more, said = _by_rule(
            scenario, network, supplies, ways, product, left,
            whole=whole, spent=spent + units.sum(axis=1), is_source=is_source,
        )  # fmt: skip
        units += more
        notes.extend(said)
    return units, notes


def _by_rule(
    scenario: Scenario,
    network: Network,
    supplies: tuple[Supply, ...],
    ways: Ways,
    product: int,
    left: Ints,
    *,
    whole: Floats,
    spent: Ints,
    is_source: Flags,
) -> tuple[Ints, list[str]]:
    name, origins, notes = network.products[product], ways.origins, list[str]()
    echelon = network.echelons[network.sites.echelon[ways.destinations[0]]]
    sourcing = sourcing_of(scenario, echelon)
    bound = {f"site/{key}" for key, site in scenario.sites.items() if site.only_orders}
    only_orders = np.array([network.sites.key[origin] in bound for origin in origins])
    capacity = np.where(only_orders, 0.0, whole)
    if is_source.any() and capacity.any():
        capacity, notes = _window_capacity(
            scenario,
            network,
            supplies,
            product,
            sourcing,
            factories=np.where((capacity > 0) & is_source, origins, -1),
            unlimited=np.isinf(capacity),
            spent=spent,
            wanted=left,
            can=np.isfinite(ways.cost),
        )
    if not capacity.any():
        raise ValueError(f'no open site can give any "{name}" beyond its orders')
    lost = ~_reached(capacity, np.isfinite(ways.cost), left)
    if lost.any():
        whom = network.sites.name[ways.destinations[np.argmax(lost)]]
        raise ValueError(f'no open site can give "{whom}" any "{name}" beyond its orders')
    choice = np.isfinite(ways.cost[capacity > 0][:, left > 0]).sum(axis=0)
    if not ways.comparable and choice.max() > 1:
        raise ValueError(
            f"{name}: the sourcing rule can compare neither the km nor the hours of all ways to "
            f'"{echelon}"; say places, km or time of all of them, or who supplies whom'
        )
    return SOURCING_RULES[sourcing.rule](ways.cost, left, capacity), notes


def sourcing_of(scenario: Scenario, echelon: str) -> Sourcing:
    """Return how the sites of an echelon are supplied: by its own rule, or by that for all."""
    return scenario.echelons[echelon].sourcing or scenario.sourcing


def _reached(capacity: Floats, can: Flags, wanted: Ints) -> Flags:
    """Return which destinations want nothing, or can get it from an origin with capacity."""
    return np.asarray((wanted == 0) | can[capacity > 0].any(axis=0))


def _window_capacity(
    scenario: Scenario,
    network: Network,
    supplies: tuple[Supply, ...],
    product: int,
    sourcing: Sourcing,
    *,
    factories: Ints,
    unlimited: Flags,
    spent: Ints,
    wanted: Ints,
    can: Flags,
) -> tuple[Floats, list[str]]:
    """Return what each factory can give besides the units that it has ``spent`` already.

    ``factories`` are sites, -1 for one that takes no part or is ``unlimited``; ``can`` says who may
    supply whom. What they have and make in the sourcing
    window counts. Where that does not cover what is ``wanted``, least-cost sourcing counts the
    shortest time that does, at most until the horizon: the campaign takes longer, but nobody is
    asked for more than they make while others could make it.
    """
    name, horizon = network.products[product], scenario.horizon.value
    window = min(sourcing.window.value, horizon)
    total = int(wanted.sum())
    enough = total if sourcing.rule == "least-cost" else 1

    def left(by: float) -> Floats:
        made = made_by(scenario, network, supplies, product, by)[factories]
        mine = np.where(factories < 0, 0.0, np.maximum(made - spent, 0.0))
        return np.where(unlimited, np.inf, mine)

    def covers(capacity: Floats) -> bool:
        return bool(capacity.sum() >= enough and _reached(capacity, can, wanted).all())

    capacity = left(window)
    if covers(capacity):
        return capacity, []
    later = _times_after(scenario, supplies, product, name, window)
    index = bisect_left(later, True, key=lambda by: covers(left(by)))
    longer = later[index] if index < len(later) else horizon
    covered = (
        f"covers {capacity.sum() / total:.0%} of what orders leave"
        if capacity.sum() < enough
        else "leaves some sites without anybody who can supply them"
    )
    instead = f"what is made in {show_hours(longer)} counts instead"
    notes = [f"{name}: the sourcing window {covered}; {instead}"]
    capacity = left(longer)
    if not capacity.any():
        notes.append(f"{name}: orders take all that is made; what they leave comes from nowhere")
        made = made_by(scenario, network, supplies, product, horizon)[factories]
        capacity = np.where(factories < 0, 0.0, made)
    return capacity, notes


def _times_after(
    scenario: Scenario, supplies: tuple[Supply, ...], product: int, name: str, window: float
) -> list[float]:
    """Return when more of a product may be there after ``window`` (hours), ascending; where its
    lots appear by chance, every full hour."""
    times = [s.times for s in supplies if s.product == product]
    if any(supply.product == name for supply in scenario.supply.values()):
        times.append(np.arange(np.ceil(window), scenario.horizon.value))
    every = np.unique(np.concatenate([np.empty(0), *times]))
    later: list[float] = every[every > window].tolist()
    return later


def _up_to(wanted: Ints, most: int) -> Ints:
    """Give the destinations what they want, in order, until ``most`` units are given."""
    reached = np.minimum(np.cumsum(wanted), most)
    return np.diff(reached, prepend=0)
