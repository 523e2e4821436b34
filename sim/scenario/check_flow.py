"""Checks of lanes: what they connect, who travels on them, and when goods leave."""

from __future__ import annotations

from collections.abc import Iterator
from math import isinf

from sim.scenario.faults import DEPTH, Fault, are_places, ends_at, is_facility
from sim.scenario.flow import Allocation, Lane
from sim.scenario.leaving import Departures
from sim.scenario.schema import Scenario

Path = tuple[str | int, ...]


def lane_faults(scenario: Scenario) -> Iterator[Fault]:
    """Return the faults of all lanes."""
    order = list(scenario.echelons)
    for name, lane in scenario.lanes.items():
        path = ("lanes", name)
        if lane.is_planned and order.index(lane.to) <= order.index(lane.from_):
            yield Fault(
                (*path, "to"),
                f'an echelon listed after "{lane.from_}"',
                f'"{lane.to}"',
                "goods pass through the echelons in the order of the file",
            )
        yield from _ends(scenario, path, lane) if lane.is_planned else ()
        yield from _links(scenario, path, lane)
        yield from _fleets(scenario, path, lane)
        yield from _tours(scenario, path, lane)
        yield from _dispatch(path, lane)
        yield from _allocation(scenario, path, lane)
    yield from _homes(scenario)
    yield from _forks(scenario)
    yield from _shares(scenario)


def _ends(scenario: Scenario, path: Path, lane: Lane) -> Iterator[Fault]:
    origin, destination = scenario.echelons[lane.from_], scenario.echelons[lane.to]
    if origin.sites is not None:
        below = f'an echelon below "{lane.from_}" in the geography'
        if destination.sites is None and not lane.tours:
            found = f'"{lane.to}", whose sites are listed under [sites]'
            yield Fault((*path, "to"), below, found)
        elif destination.sites and DEPTH[destination.sites] <= DEPTH[origin.sites]:
            yield Fault((*path, "to"), below, f'"{lane.to}"')
        elif lane.tours and origin.sites != "counties" and not are_places(destination):
            yield Fault((*path, "from"), "tours that start at counties", f'"{lane.from_}"')
    elif lane.tours and destination.sites is not None and not are_places(destination):
        yield Fault((*path, "from"), "tours that start at counties", f'"{lane.from_}"')
    drawn = destination.sites is not None and not are_places(destination)
    if is_facility(destination) and drawn and lane.tours is None:
        yield Fault(path, 'the table "tours": facilities are visited by tours', "none")


def _links(scenario: Scenario, path: Path, lane: Lane) -> Iterator[Fault]:
    origin, destination = scenario.echelons[lane.from_], scenario.echelons[lane.to]
    if lane.links and (origin.sites is not None or destination.sites is not None):
        yield Fault((*path, "links"), "links between listed sites", "drawn sites")
    for index, link in enumerate(lane.links):
        for key, site, echelon in (("from", link.from_, lane.from_), ("to", link.to, lane.to)):
            home = scenario.sites[site].echelon
            if home != echelon:
                yield Fault(
                    (*path, "links", index, key),
                    f'a site of the echelon "{echelon}"',
                    f'"{site}", of "{home}"',
                )


def _fleets(scenario: Scenario, path: Path, lane: Lane) -> Iterator[Fault]:
    timed = lane.time is not None or (lane.links and all(link.time for link in lane.links))
    if lane.time_back is not None and lane.time is None:
        yield Fault((*path, "time-back"), 'the key "time" as well', "none")
    for index, name in enumerate(lane.fleet):
        fleet = scenario.fleets[name]
        where: Path = (*path, "fleet") if len(lane.fleet) == 1 else (*path, "fleet", index)
        if lane.from_ not in fleet.home:
            homes = " and ".join(f'"{home}"' for home in fleet.home)
            yield Fault(
                where,
                f'a fleet whose home is "{lane.from_}"',
                f'"{name}", whose home is {homes}',
            )
        if name in lane.fleet[:index]:
            yield Fault(where, "each fleet once", f'"{name}" again')
        if fleet.speed is None and not timed:
            yield Fault(
                ("fleets", name),
                f'the key "speed": the lane "{path[1]}" does not say its time',
                "nothing",
            )
        for product, spec in scenario.products.items():
            for limit in ("volume", "weight"):
                if getattr(fleet.capacity, limit) and getattr(spec.carton, limit, None) is None:
                    yield Fault(
                        ("products", product, "carton"),
                        f'the carton\'s {limit}: fleet "{name}" limits it',
                        "none",
                    )


def _homes(scenario: Scenario) -> Iterator[Fault]:
    """Homes that share their vehicles are echelons of sites, each said once."""
    toured = {lane.to: name for name, lane in scenario.lanes.items() if lane.tours is not None}
    for name, fleet in scenario.fleets.items():
        for index, home in enumerate(fleet.home if len(fleet.home) > 1 else ()):
            path = ("fleets", name, "home", index)
            if home in fleet.home[:index]:
                yield Fault(path, "each echelon once", f'"{home}" again')
            elif home in toured:
                found = f'"{home}", which the tours of "{toured[home]}" visit'
                yield Fault(path, "an echelon of sites", found)


def _tours(scenario: Scenario, path: Path, lane: Lane) -> Iterator[Fault]:
    if lane.tours is None:
        return
    fleet = scenario.fleets[lane.fleet[0]]
    if fleet.unloading is not None:
        yield Fault(
            ("fleets", lane.fleet[0], "unloading"),
            "no such key: the stops of a tour take its stop-time",
            "one",
        )
    destination = scenario.echelons[lane.to]
    if not ends_at(scenario, lane.to):
        yield Fault((*path, "tours"), "tours only to facilities", f'"{lane.to}"')
    elif are_places(destination):
        yield Fault(
            (*path, "tours"),
            f"no such table: goods come to {destination.sites} trip by trip",
            "one",
        )
    if any(other.from_ == lane.to for other in scenario.lanes.values()):
        yield Fault(
            (*path, "to"), "an echelon that no lane leaves: tours end there", f'"{lane.to}"'
        )
    if len(lane.fleet) > 1:
        yield Fault((*path, "fleet"), "one fleet for tours", f"{len(lane.fleet)}")
    if fleet.when_none_free == "lost":
        yield Fault(
            ("fleets", lane.fleet[0], "when-none-free"), '"wait" for a fleet of tours', '"lost"'
        )
    if lane.allocation != Allocation():
        yield Fault(
            (*path, "allocation"),
            "no such table: every facility gets what is due to it",
            "one",
            'in which order is said by "tours"',
        )
    if lane.dispatch.rule != "on-arrival":
        yield Fault(
            (*path, "dispatch", "rule"),
            'the rule "on-arrival" for tours',
            f'"{lane.dispatch.rule}"',
            "a tour leaves when its goods and a vehicle are there",
        )
    for key in ("links", "time", "loss"):
        if getattr(lane, key) != Lane.model_fields[key].get_default(call_default_factory=True):
            yield Fault((*path, key), "no such key on a lane with tours", "one")


def _dispatch(path: Path, lane: Lane) -> Iterator[Fault]:
    rule = lane.dispatch
    if not isinstance(rule, Departures):
        return
    if (rule.every is None) == (rule.at is None):
        found = "neither" if rule.every is None else "both"
        yield Fault((*path, "dispatch"), 'either "every" or "at"', found)
    if rule.at is not None and rule.offset is not None:
        yield Fault((*path, "dispatch", "offset"), 'no such key beside "at"', "one")


def _allocation(scenario: Scenario, path: Path, lane: Lane) -> Iterator[Fault]:
    rule = lane.allocation
    by_attribute = rule.order in ("highest-first", "lowest-first")
    if by_attribute != (rule.attribute is not None):
        expected = (
            f'the key "attribute" for "{rule.order}"'
            if by_attribute
            else ('the order "highest-first" or "lowest-first" beside "attribute"')
        )
        yield Fault((*path, "allocation"), expected, "none" if by_attribute else f'"{rule.order}"')
        return
    if not by_attribute:
        return
    for name, site in scenario.sites.items():
        if site.echelon == lane.to and rule.attribute not in site.attributes:
            yield Fault(
                ("sites", name, "attributes"),
                f'the attribute "{rule.attribute}", by which the lane "{path[1]}" goes',
                "none",
            )
    if scenario.echelons[lane.to].sites is not None:
        yield Fault((*path, "allocation", "attribute"), "listed sites, which have attributes",
                    "sites drawn from the geography")  # fmt: skip


def _forks(scenario: Scenario) -> Iterator[Fault]:
    """Two lanes between the same echelons must not connect the same sites."""
    seen: dict[tuple[str, str, bool], str] = {}
    pairs: dict[tuple[str, str, bool], tuple[str, int]] = {}
    for name, lane in scenario.lanes.items():
        other = seen.setdefault((lane.from_, lane.to, lane.is_planned), name)
        if other != name and not (lane.links and scenario.lanes[other].links):
            yield Fault(
                ("lanes", name),
                f'links, as "{other}" connects the same echelons',
                "lanes without links",
            )
        for index, link in enumerate(lane.links):
            first = pairs.setdefault((link.from_, link.to, lane.is_planned), (name, index))
            if first != (name, index):
                yield Fault(
                    ("lanes", name, "links", index),
                    "two sites that no other link connects",
                    f'"{link.from_}" and "{link.to}" again',
                )


def _shares(scenario: Scenario) -> Iterator[Fault]:
    """Lots go by chance only to sites that take whatever comes."""
    needs = (need.value for site in scenario.sites.values() for need in site.need.values())
    if any(isinf(need) for need in needs):
        return
    why = 'lots go by chance only to sites whose need is "all"'
    for name, lane in scenario.lanes.items():
        if lane.share != 1.0:
            yield Fault(("lanes", name, "share"), "no such key", f"{lane.share:g}", why)
        for index, link in enumerate(lane.links):
            if link.share != 1.0:
                path = ("lanes", name, "links", index, "share")
                yield Fault(path, "no such key", f"{link.share:g}", why)
