"""Flows of many products on many lanes: each holds what its product did on its lane."""

from __future__ import annotations

import numpy as np
from reference.examples import run
from reference.plans import CITY, FACTORY, chain, lane

from sim.measures.flow import flows_of

PRODUCTS = 5


def test_each_flow_is_of_one_lane_and_one_product() -> None:
    """A factory sends 10, 20, ... of each product to the city, which sends all but one on."""
    due = [10 * (product + 1) for product in range(PRODUCTS)]
    plan = chain(
        supplies=[(0, product, [(0.0, units)]) for product, units in enumerate(due)],
        links=[
            *((0, 1, product, units, 80.0, -1) for product, units in enumerate(due)),
            *((1, 2, product, units - 1, 40.0, -1) for product, units in enumerate(due)),
        ],
        units=(0,) * PRODUCTS,
        lanes=[lane(FACTORY), lane(CITY)],
    )
    flows = {(flow.lane, flow.product): flow for flow in flows_of(run(plan), plan)}
    assert set(flows) == {(index, product) for index in (0, 1) for product in range(PRODUCTS)}
    for (index, product), flow in flows.items():
        assert flow.units_got() == flow.units_sent() == due[product] - index
        assert flow.units_lost(on_the_way=True) == flow.units_lost(on_the_way=False) == 0
        assert set(flow.sender) == {index}
        assert set(flow.place) == {index + 1}
        assert np.isfinite(flow.got).all()
