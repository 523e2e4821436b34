"""Checks of sharing: what lanes with it may say, and who is there to answer requests."""

from __future__ import annotations

from collections.abc import Iterator

from sim.scenario.check_chance import arrival_faults, echelon_of
from sim.scenario.faults import DEPTH, Fault
from sim.scenario.flow import Allocation, Lane
from sim.scenario.schema import Scenario

Path = tuple[str | int, ...]


def sharing_faults(scenario: Scenario) -> Iterator[Fault]:
    """Return the faults of lanes with sharing, and of requests."""
    for name, lane in scenario.lanes.items():
        if not lane.is_planned:
            yield from _lane(scenario, ("lanes", name), lane)
    for name, request in scenario.requests.items():
        path = ("requests", name)
        yield from arrival_faults(scenario, path, request, "requests")
        if echelon_of(scenario, request) is not None and not _is_reached(scenario, name):
            key = "echelon" if request.site is None else "site"
            yield Fault(
                (*path, key),
                f"{'an echelon' if request.site is None else 'a site'} to which a lane with "
                "[sharing] leads",
                f'"{request.site or request.echelon}"',
                "nobody could answer",
            )
    due = any(echelon.entitlement for echelon in scenario.echelons.values())
    due |= any(need.value for site in scenario.sites.values() for need in site.need.values())
    if scenario.stop == "delivered" and scenario.requests and not due:
        yield Fault(
            ("stop",), '"horizon": nothing is due to anybody', '"delivered"', "requests are not due"
        )


def _is_reached(scenario: Scenario, name: str) -> bool:
    """Return whether some lane with sharing leads to where requests appear."""
    request = scenario.requests[name]
    echelon = echelon_of(scenario, request)
    return any(
        lane.to == echelon
        and not lane.is_planned
        and (request.site is None or not lane.links or request.site in _ends(lane))
        for lane in scenario.lanes.values()
    )


def _ends(lane: Lane) -> set[str]:
    return {link.to for link in lane.links}


def _lane(scenario: Scenario, path: Path, lane: Lane) -> Iterator[Fault]:
    toured = {other.to for other in scenario.lanes.values() if other.tours is not None}
    for key, name in (("from", lane.from_), ("to", lane.to)):
        kind = scenario.echelons[name].sites
        if name in toured or (kind is not None and DEPTH[kind] == 4):
            yield Fault(
                (*path, key), "an echelon of sites, which are no stops of tours", f'"{name}"'
            )
    unused = ("tours", "share", "allocation")
    why = "goods move on it one by one, as they are asked for"
    for key in unused:
        default = Allocation() if key == "allocation" else Lane.model_fields[key].default
        if getattr(lane, key) != default:
            yield Fault((*path, key), 'no such key beside "sharing"', "one", why)
    if lane.dispatch.rule != "on-arrival":
        yield Fault(
            (*path, "dispatch", "rule"),
            'the rule "on-arrival" beside "sharing"',
            f'"{lane.dispatch.rule}"',
            why,
        )
    if not any(echelon_of(scenario, request) == lane.to for request in scenario.requests.values()):
        yield Fault(
            (*path, "sharing"), f'a table under [requests] for "{lane.to}"', "none", "nobody asks"
        )
