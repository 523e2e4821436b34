"""People who give and people who ask on a line: scenarios of sharing, told in a few words."""

from __future__ import annotations

from reference.sharing import at, sharing_plan
from sim.audit import audit
from sim.engine.model import run_replication
from sim.ledger import Ledger
from sim.plan.specs import Plan

#: Givers at 1, 2 and 6 km from the first who asks, who is at 0; the second asks from 3 km.
PEOPLE = f"""
[echelons.giver]
[echelons.asker]
[sites.near]
echelon = "giver"
at = {at(1)}
[sites.far]
echelon = "giver"
at = {at(2)}
[sites.away]
echelon = "giver"
at = {at(-6)}
[sites.first]
echelon = "asker"
at = {at(0)}
[sites.second]
echelon = "asker"
at = {at(3)}
[fleets.feet]
home = "giver"
vehicles = "unlimited"
speed = "4 km/h"
[lanes.help]
from = "giver"
to = "asker"
fleet = "feet"
[lanes.help.sharing]
"""
NEAR, FAR, AWAY, FIRST, SECOND = range(5)


def offer(name: str, site: str, *when: tuple[int, int]) -> str:
    """Return lots at a site: (hour, units), each a table."""
    return "".join(
        f'\n[supply.{name}-{i}]\nsite = "{site}"\nproduct = "pill"\nlot = {units}\n'
        f"at = [{clock(hour)}]\n"
        for i, (hour, units) in enumerate(when)
    )


def ask(name: str, site: str, hour: int, units: int, more: str = "") -> str:
    """Return one request."""
    return (
        f'\n[requests.{name}]\nsite = "{site}"\nproduct = "pill"\nunits = {units}\n'
        f"at = [{clock(hour)}]\n{more}\n"
    )


def clock(hour: int) -> str:
    return f"2023-01-{4 + hour // 24:02d}T{hour % 24:02d}:00:00+08:00"


def run(text: str, *overrides: str, replication: int = 0) -> tuple[Plan, Ledger]:
    plan = sharing_plan(PEOPLE + text, *overrides)
    ledger = run_replication(plan, replication)
    audit(ledger, plan)
    return plan, ledger
