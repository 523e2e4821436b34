"""Scenarios of a few counties: the chain above them is there, whatever level the list names."""

from __future__ import annotations

import numpy as np
import pytest
from reference.small import FREE, small_network

from sim.engine.model import run_replication
from sim.plan.build import build_plan


@pytest.mark.parametrize(
    ("regions", "counties"),
    [
        ('["Dinghai"]', 1),
        ('["Dinghai", "Putuo, Zhoushan, Zhejiang"]', 2),
        ('["Xiamen", "Dinghai"]', 5),
        ('["Dinghai", "Zhoushan"]', 4),
    ],
)
def test_regions_may_be_counties(regions: str, counties: int) -> None:
    overrides = (*FREE, "waves={}", f"geography.regions={regions}")
    plan = build_plan(*small_network(*overrides))
    names = [key.split("/")[0] for key in plan.site_keys]
    assert names.count("county") == counties
    links = plan.links
    assert links.origin.min() >= 0
    assert (plan.site_echelon[links.origin] == plan.site_echelon[links.destination] - 1).all()
    assert not np.isnan(run_replication(plan, 0).tours[0].delivered).any()
