"""Consumption from scenario files: who uses goods up."""

from __future__ import annotations

import pytest
from network.listed import TEXT

from sim.engine.model import run_replication
from sim.experiment.run import prepare
from sim.scenario.load import parse_scenario

WEAR = """
[consumption.wear]
echelon = "shop"
product = "mask"
rate = "1/day"
"""


@pytest.mark.parametrize("closed", [(), ("s1",), ("s1", "s3")])
def test_closed_sites_use_nothing_up(closed: tuple[str, ...]) -> None:
    overrides = [f"sites.{name}.closed=true" for name in closed]
    loaded = parse_scenario(TEXT + WEAR, name="wear", place="wear.toml", overrides=overrides)
    plan = prepare(loaded).plan
    uses = run_replication(plan, 0).uses
    users = [plan.site_keys[site].removeprefix("site/") for site in uses.site]
    assert users == [name for name in ("s1", "s2", "s3") if name not in closed]
