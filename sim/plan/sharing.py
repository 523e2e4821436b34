"""Sharing, compiled: between which sites, how far, and of what."""

from __future__ import annotations

from math import inf

import numpy as np
from numpy.typing import NDArray

from sim.network import Network
from sim.plan.shared import SharedWays, SharingSpec
from sim.scenario.flow import Lane
from sim.scenario.schema import Scenario


def sharing_spec(scenario: Scenario, lane: Lane) -> SharingSpec | None:
    """Return what is shared along a lane; None where it carries what the plan assigns."""
    sharing = lane.sharing
    if sharing is None:
        return None
    asked = {
        request.product
        for request in scenario.requests.values()
        if lane.to == (request.echelon or scenario.sites[str(request.site)].echelon)
    }
    return SharingSpec(
        reach=sharing.reach.value if sharing.reach is not None else inf,
        willing=sharing.willing.value,
        keeps=sharing.keeps.value,
        whole=sharing.whole,
        products=tuple(i for i, name in enumerate(scenario.products) if name in asked),
    )


def shared_products(scenario: Scenario, echelon: str) -> NDArray[np.bool_]:
    """Return which products the sites of an echelon share with who asks."""
    shared = np.zeros(len(scenario.products), bool)
    for lane in scenario.lanes.values():
        spec = sharing_spec(scenario, lane) if lane.from_ == echelon else None
        if spec is not None:
            shared[list(spec.products)] = True
    return shared


def compile_sharing(scenario: Scenario, network: Network) -> tuple[SharedWays, ...]:
    """Return the ways of all lanes with sharing, in the order of the file; closed sites give
    nothing."""
    sites, found = network.sites, []
    for index, lane in enumerate(scenario.lanes.values()):
        if lane.sharing is None:
            continue
        origins = network.of_echelon(network.echelons.index(lane.from_))
        links = network.links.get(index)
        nothing, none = np.empty(0, np.int64), np.empty(0)
        found.append(
            SharedWays(
                lane=index,
                origins=origins[~sites.closed[origins]],
                lat=sites.lat,
                lon=sites.lon,
                listed=links is not None,
                origin=nothing if links is None else links.origin,
                destination=nothing if links is None else links.destination,
                km=none if links is None else links.km,
                hours=none if links is None else links.hours,
            )
        )
    return tuple(found)
