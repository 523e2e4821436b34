"""The small campaign of ``golden/two-provinces.toml``, whole or with changes."""

from __future__ import annotations

from dataclasses import dataclass
from functools import cache
from pathlib import Path

from sim.engine.model import run_replication
from sim.ledger import Ledger
from sim.measures.flow import Flow, flows_of
from sim.measures.scope import Scope, build_scope
from sim.network import Network, build_network
from sim.plan.build import build_plan
from sim.plan.specs import Plan
from sim.scenario.load import parse_scenario
from sim.scenario.schema import Scenario

TEXT = (Path(__file__).parent / "golden" / "two-provinces.toml").read_text(encoding="utf-8")


@dataclass(frozen=True, eq=False)
class World:
    """A scenario with all that is made of it before it runs."""

    scenario: Scenario
    network: Network
    plan: Plan
    scope: Scope

    def run(self, replication: int = 0) -> tuple[Ledger, tuple[Flow, ...]]:
        """Return the ledger and the flows of one replication."""
        ledger = run_replication(self.plan, replication)
        return ledger, flows_of(ledger, self.plan)

    def rows(self, prefix: str) -> list[int]:
        """Return the rows of the sites whose keys begin so."""
        return [i for i, key in enumerate(self.network.sites.key) if key.startswith(prefix)]


def scenario_of(*overrides: str, more: str = "", text: str = TEXT) -> Scenario:
    """Return the scenario with ``--set`` overrides and with more tables at its end."""
    loaded = parse_scenario(text + more, name="small", place="small.toml", overrides=overrides)
    return loaded.scenario


def network_of(*overrides: str, more: str = "", text: str = TEXT) -> tuple[Scenario, Network]:
    """Return the scenario and its network."""
    scenario = scenario_of(*overrides, more=more, text=text)
    return scenario, build_network(scenario)


@cache
def world(*overrides: str, more: str = "", text: str = TEXT) -> World:
    """Return everything; the same object for the same arguments."""
    scenario, network = network_of(*overrides, more=more, text=text)
    return World(scenario, network, build_plan(scenario, network), build_scope(scenario, network))
