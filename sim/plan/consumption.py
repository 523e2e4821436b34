"""Consumption: from scenario files to specs."""

from __future__ import annotations

import numpy as np

from sim.network import Network
from sim.plan.specs import ConsumptionSpec
from sim.scenario.schema import Scenario


def compile_consumption(scenario: Scenario, network: Network) -> tuple[ConsumptionSpec, ...]:
    """Return how facilities use up what they get, in the order of the file; a rate per day is per
    24 hours, for facilities keep no shifts."""
    return tuple(
        ConsumptionSpec(
            name=name,
            echelon=network.echelons.index(use.echelon),
            product=network.products.index(use.product),
            pattern=use.pattern,
            rate=use.rate.value.units / use.rate.value.hours if use.rate is not None else 0.0,
            times=tuple(
                sorted((moment - scenario.start).total_seconds() / 3600 for moment in use.at or ())
            ),
            units=use.units.value,
            stock=use.stock.value,
            begins=(
                (use.begins - scenario.start).total_seconds() / 3600
                if use.begins is not None
                else 0.0
            ),
            closed=_closed_in(network, use.echelon),
        )
        for name, use in scenario.consumption.items()
    )


def _closed_in(network: Network, echelon: str) -> tuple[int, ...]:
    """Return the sites of an echelon that take no part. (Closed facilities are on no tour.)"""
    sites = network.sites
    closed = sites.closed & (sites.echelon == network.echelons.index(echelon))
    return tuple(np.flatnonzero(closed).tolist())
