"""Assignment: who sends how much to whom, in which wave and in which order."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np
from numpy.typing import NDArray

from sim.network import Network
from sim.plan.ends import Ends, rows_by_wave
from sim.plan.links import Pairs, Ways, concatenate, join, order_links, ways_into
from sim.plan.sharing import shared_products
from sim.plan.sourcing import made_by, source_product
from sim.plan.specs import OPEN, Links, Supply, WaveSpec
from sim.scenario.schema import Scenario

Ints = NDArray[np.int64]


def assign_links(
    scenario: Scenario,
    network: Network,
    supplies: tuple[Supply, ...],
    waves: Sequence[WaveSpec],
    circuity: Sequence[float],
) -> tuple[Links, list[str]]:
    """Return the links of all lanes between sites, and notes on what had to be decided.

    From drawn sites goods go down the administrative tree. A site that listed ones supply gets its
    need from the one that it or its only link names; else orders come first, then the sourcing
    rule, over all lanes that lead to it. A site that takes whatever comes is linked with all that
    may supply it, and makes them such sites as well. Echelons are taken from the last to the first,
    so that a warehouse's need, less what it has and makes itself (unless it shares that), is known
    before its own suppliers are chosen. ``circuity`` is road over great-circle distance by lane.

    Raises:
        ValueError: a product that no origin can give, or origins that cannot be compared.
    """
    need, notes = network.sites.need.copy(), list[str]()
    own = np.stack(
        [
            made_by(scenario, network, supplies, product, scenario.horizon.value)
            for product in range(len(network.products))
        ],
        axis=1,
    ).astype(np.int64)
    lanes = list(scenario.lanes.values())
    fed, ordered = _fed(scenario, network), dict[str, int]()
    ends = Ends(network) if any(wave.for_ for wave in scenario.waves.values()) else None
    found, parts = list[Pairs](), list[Ints]()
    for echelon, name in reversed(list(enumerate(network.echelons))):
        arriving = [
            i
            for i, lane in enumerate(lanes)
            if lane.to == name and lane.tours is None and lane.is_planned
        ]
        if not arriving:
            continue
        sites = network.of_echelon(echelon)
        onward = any(lane.from_ == name and lane.is_planned for lane in lanes)
        if scenario.echelons[name].sites is None and onward:
            shared = shared_products(scenario, name)
            kept = np.where(shared, 0, own[sites])  # what a site shares covers no need of others
            less = np.maximum(need[sites] - kept, 0)
            need[sites] = np.where(need[sites] == OPEN, OPEN, less)
            if ends is not None:
                ends.lessen(sites, need)
        if scenario.echelons[lanes[arriving[0]].from_].sites is not None:
            found.append(_by_administration(network, arriving[0], sites, need))
            if ends is not None:
                parts.append(ends.split(found[-1]))
            continue
        finite = np.any((need[sites] > 0) & (need[sites] < OPEN), axis=1)
        ways, said = ways_into(scenario, network, arriving, sites, circuity, finite)
        notes.extend(said)
        pairs, said = _into_echelon(scenario, network, supplies, ways, need, fed, ordered)
        notes.extend(said)
        found.append(pairs)
        _ask_origins(need, pairs)
        if ends is not None:
            parts.append(ends.split(pairs))
            ends.ask(pairs, parts[-1])
    rows = join(found)
    split = np.concatenate([np.empty((0, len(network.echelons)), np.int64), *parts])
    tables = []
    for index, (name, lane) in enumerate(scenario.lanes.items()):
        if lane.tours is not None or not lane.is_planned:
            continue
        mine = Pairs(*(column[rows.lane == index] for column in rows))
        if any(wave.lane == name and wave.for_ for wave in scenario.waves.values()):
            wave_of = np.stack(
                [_wave_of_site(scenario, network, name, e) for e in scenario.echelons]
            )
            mine, wave = rows_by_wave(mine, split[rows.lane == index], wave_of.T)
        else:
            wave = _wave_of_site(scenario, network, name)[mine.destination]
        tables.append(order_links(lane, index, network, mine, wave, circuity[index]))
    return concatenate(tables), notes


def _fed(scenario: Scenario, network: Network) -> NDArray[np.bool_]:
    """Return which sites some lane leads to; the others have only what they make."""
    fed = np.zeros(len(network.sites), bool)
    for index, lane in enumerate(scenario.lanes.values()):
        if not lane.is_planned:
            continue
        if index in network.links:
            fed[network.links[index].destination] = True
        else:
            fed[network.of_echelon(network.echelons.index(lane.to))] = True
    return fed


def _by_administration(network: Network, lane: int, destinations: Ints, need: Ints) -> Pairs:
    row, product = np.nonzero(need[destinations])
    destination = destinations[row]
    return Pairs(
        np.full(len(row), lane),
        network.sites.above[destination],
        destination,
        product,
        need[destination, product],
    )


def _into_echelon(
    scenario: Scenario,
    network: Network,
    supplies: tuple[Supply, ...],
    ways: Ways,
    need: Ints,
    fed: NDArray[np.bool_],
    ordered: dict[str, int],
) -> tuple[Pairs, list[str]]:
    """Return who supplies the sites of an echelon with every product, and notes; what orders
    cover is added to ``ordered``."""
    parts, notes = list[Pairs](), list[str]()
    for product in range(len(network.products)):
        wanted = need[ways.destinations, product]
        whatever = ways.open & (wanted == OPEN)
        if whatever.any():
            lane, row, column = np.nonzero(whatever)
            parts.append(_pairs(ways, ways.lanes[lane], row, column, product, np.full(1, OPEN)))
        units, said = source_product(
            scenario,
            network,
            supplies,
            ways,
            product,
            np.where(wanted == OPEN, 0, wanted),
            spent=need[ways.origins, product],
            is_source=~fed[ways.origins],
            ordered=ordered,
        )
        notes.extend(said)
        row, column = np.nonzero(units)
        parts.append(_pairs(ways, ways.lane[row, column], row, column, product, units[row, column]))
    return join(parts), notes


def _pairs(ways: Ways, lane: Ints, row: Ints, column: Ints, product: int, units: Ints) -> Pairs:
    return Pairs(
        lane,
        ways.origins[row],
        ways.destinations[column],
        np.full(len(row), product),
        np.broadcast_to(units, len(row)),
    )


def _ask_origins(need: Ints, pairs: Pairs) -> None:
    """Add what the origins are to send to their own need; without end, it is that alone."""
    finite = pairs.units < OPEN
    np.add.at(need, (pairs.origin[finite], pairs.product[finite]), pairs.units[finite])
    need[pairs.origin[~finite], pairs.product[~finite]] = OPEN
    np.minimum(need, OPEN, out=need)


def _wave_of_site(scenario: Scenario, network: Network, lane: str, end: str | None = None) -> Ints:
    """Return the wave of every site on a lane: the first in the file that names its region.

    With ``end``, of what is for this end: by the waves that hold it. The rest of a lane is in the
    wave for the rest of that end, else in that for the rest of all.
    """
    result = np.full(len(network.sites), -1)
    waves = [
        (index, wave)
        for index, wave in enumerate(scenario.waves.values())
        if wave.lane == lane and (end is None or not wave.for_ or end in wave.for_)
    ]
    for index, wave in waves:
        if wave.regions.value != "rest":
            inside = network.in_regions([str(region) for region in wave.regions.value])
            result[inside & (result < 0)] = index
    for index, wave in sorted(waves, key=lambda item: not item[1].for_):
        if wave.regions.value == "rest":
            result[result < 0] = index
    return result
