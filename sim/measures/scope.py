"""What measures need to know beside ledger and plan: regions, facilities and compiled figures.

Small enough to be sent to every worker, unlike the network with its hundreds of thousands of
facilities.
"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime
from typing import TYPE_CHECKING

import numpy as np
from numpy.typing import NDArray

if TYPE_CHECKING:  # a worker that only measures is spared the schema and all that reads files
    from sim.network import Network
    from sim.scenario.schema import Scenario

Ints = NDArray[np.int64]

#: The name of the region that is all regions together.
NATIONAL = "national"


@dataclass(frozen=True, slots=True, eq=False)
class Probe:
    """A reported figure, compiled: what to read off a ledger.

    ``site`` is the only sender that counts, -1 for all; ``inside`` says for each site whether goods
    for it count. ``at`` and ``since`` are hours since the start, NaN where the figure has none.
    """

    figure: str
    measure: str
    product: int
    echelon: int
    site: int
    inside: NDArray[np.bool_]
    at: float
    since: float
    share: float


@dataclass(frozen=True, slots=True, eq=False)
class Scope:
    """Regions and facilities by site, and the probes; arrays have one row a site.

    ``regions`` are provinces, or without a geography what the sites say; ``region`` is the index of
    the site's own, -1 where it has none.
    ``facilities`` are, for each echelon of them, how many facilities each site serves; where goods
    end at places that are sites themselves, each of these is one.
    """

    regions: tuple[str, ...]
    region: Ints
    facilities: dict[int, Ints]
    probes: tuple[Probe, ...]


def build_scope(scenario: Scenario, network: Network) -> Scope:
    """Return what the measures of a scenario need to know."""
    from sim.scenario.faults import are_places, is_facility

    sites = network.sites
    places = {
        index: (sites.echelon == index).astype(np.int64)
        for index, echelon in enumerate(scenario.echelons.values())
        if is_facility(echelon) and are_places(echelon)
    }
    return Scope(
        regions=network.regions,
        region=sites.region,
        facilities=places
        | {
            echelon: np.bincount(facilities.site, minlength=len(sites))
            for echelon, facilities in network.facilities.items()
        },
        probes=tuple(_probe(scenario, network, name) for name in scenario.reported),
    )


def _probe(scenario: Scenario, network: Network, name: str) -> Probe:
    figure = scenario.reported[name]

    def hours(time: datetime | None) -> float:
        return np.nan if time is None else (time - scenario.start).total_seconds() / 3600

    return Probe(
        figure=name,
        measure=figure.measure,
        product=network.products.index(figure.product) if figure.product else -1,
        echelon=network.echelons.index(figure.echelon),
        site=network.sites.key.index(f"site/{figure.site}") if figure.site else -1,
        inside=network.in_regions([str(region) for region in figure.regions]),
        at=hours(figure.at),
        since=hours(figure.since),
        share=figure.share,
    )
