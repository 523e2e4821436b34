"""Disruptions: from scenario files to specs, with the sites that they touch."""

from __future__ import annotations

from collections.abc import Callable, Sequence

import numpy as np

from sim.network import Network
from sim.plan.specs import DisruptionSpec, FleetSpec
from sim.scenario.disruption import (
    ClosedRoad,
    ClosedSite,
    Disruption,
    FewerVehicles,
    OutputCut,
    SlowRoad,
    SuddenNeed,
    touched_echelons,
)
from sim.scenario.schema import Scenario


def compile_disruptions(
    scenario: Scenario, network: Network, fleets: Sequence[FleetSpec]
) -> tuple[DisruptionSpec, ...]:
    """Return all disruptions, in the order of the file; ``fleets`` are the compiled ones.

    One that names sites and regions touches the named sites in these regions. Where its regions
    hold no site that takes part, it touches none.
    """
    return tuple(
        _spec(scenario, network, fleets, name, disruption)
        for name, disruption in scenario.disruptions.items()
    )


def _spec(
    scenario: Scenario,
    network: Network,
    fleets: Sequence[FleetSpec],
    name: str,
    disruption: Disruption,
) -> DisruptionSpec:
    window = [
        (moment - scenario.start).total_seconds() / 3600 for moment in disruption.begins or ()
    ]
    every = disruption.every.make() if disruption.every is not None else None
    sites = _sites(scenario, network, disruption)
    lane = fleet = echelon = -1
    products: tuple[int, ...] = ()
    amount = 0.0
    find: Callable[[str], int] = network.products.index
    match disruption:
        case ClosedSite():
            echelon = network.echelons.index(disruption.echelon)
        case ClosedRoad():
            lane = list(scenario.lanes).index(disruption.lane)
        case SlowRoad():
            lane = list(scenario.lanes).index(disruption.lane)
            amount = disruption.factor.value
        case OutputCut():
            products = tuple(find(product) for product in disruption.products)
            amount = disruption.share.value
        case FewerVehicles():
            fleet = list(scenario.fleets).index(disruption.fleet)
            amount = float(disruption.vehicles.value)
            # the vehicles of a pool are away from the site to which they belong
            sites = tuple(np.unique(fleets[fleet].pools(len(network.sites))[list(sites)]).tolist())
        case SuddenNeed():
            echelon = network.echelons.index(disruption.echelon)
            products = (find(disruption.product),)
            amount = disruption.factor.value
    return DisruptionSpec(
        name=name,
        kind=disruption.kind,
        earliest=window[0] if window else 0.0,
        latest=window[1] if window else 0.0,
        every=every,
        lasts=disruption.lasts.make(),
        chance=disruption.chance.value,
        each=disruption.each,
        sites=sites,
        lane=lane,
        fleet=fleet,
        echelon=echelon,
        products=products,
        amount=amount,
    )


def _sites(scenario: Scenario, network: Network, disruption: Disruption) -> tuple[int, ...]:
    echelons = touched_echelons(disruption, scenario.lanes, scenario.fleets)
    chosen = np.ones(len(network.sites), np.bool_)
    if echelons:
        touched = [network.echelons.index(echelon) for echelon in echelons]
        chosen = np.isin(network.sites.echelon, touched)
    if not isinstance(disruption, OutputCut) and disruption.regions:
        chosen &= network.in_regions(disruption.regions)
    if disruption.sites:
        rows = {key: index for index, key in enumerate(network.sites.key)}
        listed = np.zeros(len(network.sites), np.bool_)
        listed[[rows[f"site/{name}"] for name in disruption.sites]] = True
        chosen &= listed
    return tuple(np.flatnonzero(chosen).tolist())
