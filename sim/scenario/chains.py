"""The chains of a scenario: which echelons goods reach along lanes, and where they end."""

from __future__ import annotations

from sim.scenario.faults import is_facility
from sim.scenario.schema import Scenario


def reached_from(scenario: Scenario, echelon: str) -> set[str]:
    """Return the echelons that goods can reach from an echelon along lanes, itself included; what
    is shared ends where it was asked for."""
    reached, new = set[str](), {echelon}
    while new:
        reached |= new
        lanes = (lane for lane in scenario.lanes.values() if lane.is_planned)
        new = {lane.to for lane in lanes if lane.from_ in new} - reached
    return reached


def sources_of(scenario: Scenario, echelon: str | None = None) -> list[str]:
    """Return the echelons to which no lane leads but from which one does, in the file's order;
    with ``echelon``, those from which goods reach it."""
    lanes = [lane for lane in scenario.lanes.values() if lane.from_ != lane.to]
    leaves, reached = {lane.from_ for lane in lanes}, {lane.to for lane in lanes}
    found = [name for name in scenario.echelons if name in leaves and name not in reached]
    if echelon is None:
        return found
    return [name for name in found if echelon in reached_from(scenario, name)]


def ends_beyond(scenario: Scenario, lane: str) -> list[str]:
    """Return the echelons at which goods end that go along a lane, in the file's order: those that
    are entitled to something, or have a site that needs something for itself."""
    needy = {
        site.echelon
        for site in scenario.sites.values()
        if any(need.value for need in site.need.values())
    }
    return [
        name
        for name, echelon in scenario.echelons.items()
        if name in reached_from(scenario, scenario.lanes[lane].to)
        and (is_facility(echelon) or name in needy)
    ]


def chains_apart(scenario: Scenario) -> list[list[str]]:
    """Return the echelons that lanes connect, each group in the file's order: where several
    campaigns share a file, a group for each."""
    import networkx as nx  # late: only drawing needs it, and it takes its time

    graph: nx.Graph[str] = nx.Graph()
    graph.add_nodes_from(scenario.echelons)
    graph.add_edges_from((lane.from_, lane.to) for lane in scenario.lanes.values())
    groups = {name: frozenset(group) for group in nx.connected_components(graph) for name in group}
    distinct = dict.fromkeys(groups[name] for name in scenario.echelons)
    return [[name for name in scenario.echelons if name in group] for group in distinct]


def carriers_of(scenario: Scenario, product: str) -> list[str]:
    """Return the echelons through which a product passes to who is to get it, in the file's order;
    all of them, if nobody is."""
    wanted = {name for name, echelon in scenario.echelons.items() if product in echelon.due}
    wanted |= {site.echelon for site in scenario.sites.values() if product in site.need}
    found = [name for name in scenario.echelons if wanted & reached_from(scenario, name)]
    return found or list(scenario.echelons)
