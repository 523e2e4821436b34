"""Checks of places: the geography, echelons and sites."""

from __future__ import annotations

from collections.abc import Iterator

from sim.scenario.check_facilities import county_faults, facility_faults
from sim.scenario.faults import Fault, is_facility
from sim.scenario.flow import Lane
from sim.scenario.places import Site
from sim.scenario.schema import Scenario

Path = tuple[str | int, ...]


def site_faults(scenario: Scenario) -> Iterator[Fault]:
    """Return the faults of listed sites."""
    ways = _Ways(scenario)
    for name, site in scenario.sites.items():
        path = ("sites", name)
        if scenario.echelons[site.echelon].sites is not None:
            yield Fault(
                (*path, "echelon"),
                "an echelon whose sites are listed under [sites]",
                f'"{site.echelon}", which is drawn from the geography',
            )
            continue
        yield from _place(scenario, path, site)
        for product, rate in site.output.items():
            if rate.value.hours >= 24 and site.shifts is not None:
                days = scenario.calendars[site.shifts].hours
                if not days:
                    yield Fault((*path, "output", product), "shifts with opening hours", "none")
        yield from county_faults(scenario, path, site)
        yield from _goods(scenario, ways, name, path, site)
        yield from _supplier(scenario, ways, name, path, site)
    yield from _missing_places(scenario)


def _place(scenario: Scenario, path: Path, site: Site) -> Iterator[Fault]:
    if isinstance(site.at, list) and not (abs(site.at[0]) <= 90 and abs(site.at[1]) <= 180):
        yield Fault((*path, "at"), "[latitude, longitude] in degrees", str(site.at))
    if scenario.geography.nation == "none":
        if isinstance(site.at, str):
            expected = "[latitude, longitude]: there is no geography"
            yield Fault((*path, "at"), expected, f'"{site.at}"')
    elif site.region is not None:
        yield Fault(
            (*path, "region"),
            'no such key: regions are those of the geography, unless its nation is "none"',
            f'"{site.region}"',
        )


class _Ways:
    """Which lanes with planned goods lead to a listed site, and which lead on from it."""

    def __init__(self, scenario: Scenario) -> None:
        self.lanes = {name: lane for name, lane in scenario.lanes.items() if lane.is_planned}
        self.sharing = {lane.from_ for lane in scenario.lanes.values() if not lane.is_planned}
        self.sites = scenario.sites
        self.origins = {n: {link.from_ for link in lane.links} for n, lane in self.lanes.items()}
        self.ends = {n: {link.to for link in lane.links} for n, lane in self.lanes.items()}
        self.pairs = {n: {(k.from_, k.to) for k in lane.links} for n, lane in self.lanes.items()}

    def into(self, name: str) -> list[str]:
        """Return the lanes that lead to a site."""
        home = self.sites[name].echelon
        return [
            key
            for key, lane in self.lanes.items()
            if lane.to == home and (not lane.links or name in self.ends[key])
        ]

    def onward(self, name: str) -> list[str]:
        """Return the lanes that lead on from a site."""
        home = self.sites[name].echelon
        return [
            key
            for key, lane in self.lanes.items()
            if lane.from_ == home and (not lane.links or name in self.origins[key])
        ]

    def between(self, origin: str, name: str) -> bool:
        """Return whether some lane may connect two sites."""
        home, end = self.sites[origin].echelon, self.sites[name].echelon
        return any(
            lane.from_ == home
            and lane.to == end
            and (not lane.links or (origin, name) in self.pairs[key])
            for key, lane in self.lanes.items()
        )


def _goods(scenario: Scenario, ways: _Ways, name: str, path: Path, site: Site) -> Iterator[Fault]:
    """A site either sends goods on, or gets what it needs for itself."""
    onward, due = ways.onward(name), scenario.echelons[site.echelon].due
    toured = _tours_to(scenario, site.echelon)
    for product, need in site.need.items():
        where = (*path, "need", product)
        if onward and need.value:
            yield Fault(
                where,
                f'no need: goods go on from here along the lane "{onward[0]}"',
                _amount(need.value),
            )
        elif toured and need.value == float("inf"):
            expected = f'a number: the tours of "{toured}" bring so much and no more'
            yield Fault(where, expected, _amount(need.value))
    due = tuple(product for product in due if product not in site.need)
    gets = bool(due) or any(need.value for need in site.need.values())
    if gets and not onward and not ways.into(name):
        yield Fault(path, "a lane or a link that leads to it", "none")
    for key in ("stock", "output"):
        if getattr(site, key) and not onward and site.echelon not in ways.sharing:
            yield Fault((*path, key), "no such key: no lane leads on from here", "one")


def _amount(value: float) -> str:
    return '"all"' if value == float("inf") else f"{value:g}"


def _tours_to(scenario: Scenario, echelon: str) -> str | None:
    """Return the lane whose tours visit the echelon."""
    lanes = scenario.lanes.items()
    return next((n for n, lane in lanes if lane.to == echelon and lane.tours is not None), None)


def _supplier(
    scenario: Scenario, ways: _Ways, name: str, path: Path, site: Site
) -> Iterator[Fault]:
    if site.supplied_by is None or ways.between(site.supplied_by, name):
        return
    home = scenario.sites[site.supplied_by].echelon
    yield Fault(
        (*path, "supplied-by"),
        "a site from which a lane or a link leads here",
        f'"{site.supplied_by}", of "{home}"',
    )


def _missing_places(scenario: Scenario) -> Iterator[Fault]:
    """Distances need the places of both ends, wherever nobody says km or a time."""
    nowhere = {n for n, s in scenario.sites.items() if s.at is None and not s.closed}
    wanted: dict[str, str] = {}
    for lane in scenario.lanes.values():
        for name in sorted(nowhere & _measured(scenario, lane)):
            if lane.tours is not None:
                wanted[name] = "a place: tours go by the distances between places"
            elif not lane.is_planned:
                wanted[name] = "a place, or links that say km: the nearest is asked first"
            else:
                wanted.setdefault(name, "a place, or links that say km or time")
    for name in scenario.sites:
        if name in wanted:
            yield Fault(("sites", name), wanted[name], "none")


def _measured(scenario: Scenario, lane: Lane) -> set[str]:
    """Return the listed sites whose places a lane's distances need."""
    if lane.time is not None and lane.tours is None and lane.is_planned:
        return set()
    if lane.links:
        unsaid = [
            link
            for link in lane.links
            if link.km is None and (link.time is None or not lane.is_planned)
        ]
        return {end for link in unsaid for end in (link.from_, link.to)}
    return {
        name
        for name, site in scenario.sites.items()
        if site.echelon == lane.from_
        or (site.echelon == lane.to and not _elsewhere(scenario, lane, site))
    }


def _elsewhere(scenario: Scenario, lane: Lane, site: Site) -> bool:
    """Return whether a site has a supplier of its own who does not use the lane."""
    by = site.supplied_by
    return lane.is_planned and by is not None and scenario.sites[by].echelon != lane.from_


def echelon_faults(scenario: Scenario) -> Iterator[Fault]:
    """Return the faults of echelons and of the geography."""
    used = {site.echelon for site in scenario.sites.values()}
    nowhere = scenario.geography.nation == "none"
    facilities = [name for name, echelon in scenario.echelons.items() if is_facility(echelon)]
    needs = any(need.value for site in scenario.sites.values() for need in site.need.values())
    if not facilities and not needs and not scenario.requests:
        yield Fault(("echelons",), "an echelon with an entitlement, or a site with a need", "none")
    shared = {
        end for lane in scenario.lanes.values() if not lane.is_planned
        for end in (lane.from_, lane.to)
    }  # fmt: skip
    if nowhere and scenario.geography.regions.value != "all":
        yield Fault(("geography", "regions"), '"all": there is no geography', "regions")
    for name, echelon in scenario.echelons.items():
        path = ("echelons", name)
        arriving = [lane for lane in scenario.lanes.values() if lane.to == name and lane.is_planned]
        if echelon.sites is None and name not in used:
            yield Fault(
                path, "sites drawn from the geography, or sites of it under [sites]", "neither"
            )
        if echelon.sites is None and echelon.regions.value != "all":
            expected = 'no such key: its sites are listed, and one takes no part by "closed"'
            yield Fault((*path, "regions"), expected, "one")
        if nowhere and echelon.sites is not None:
            yield Fault(
                (*path, "sites"),
                "sites listed under [sites]: there is no geography",
                f'"{echelon.sites}"',
            )
        if echelon.sites is not None and name == "site":
            why = 'keys of drawn sites begin with it, and those of listed ones with "site"'
            yield Fault(path, "another name for an echelon of drawn sites", f'"{name}"', why)
        yield from facility_faults(scenario, name, path)
        if echelon.sourcing is not None:
            yield from _sourcing(scenario, name, path, arriving)
        if echelon.sites and not arriving and name not in shared:
            yield Fault(path, "a lane that leads to it", "none")
        alone = any(
            lane.tours is not None or scenario.echelons[lane.from_].sites is not None
            for lane in arriving
        )
        if alone and len(arriving) > 1:
            what = "tours" if any(lane.tours for lane in arriving) else "drawn sites"
            yield Fault(path, f"one lane that leads to it, as one is of {what}", f"{len(arriving)}")


def _sourcing(scenario: Scenario, name: str, path: Path, arriving: list[Lane]) -> Iterator[Fault]:
    """A rule decides who supplies a site only where lanes bring goods to it from listed sites."""
    if any(not scenario.echelons[lane.from_].sites and not lane.tours for lane in arriving):
        return
    why = "no lane leads to it"
    if any(lane.tours for lane in arriving):
        why = "tours visit everybody from the site that serves them"
    elif arriving:
        why = "each is supplied by the place that it lies in"
    expected = "no such table: nobody chooses who supplies these sites"
    yield Fault((*path, "sourcing"), expected, "one", why)
