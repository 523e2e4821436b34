"""Cross-field checks: what each table may say given the others. Returns faults, raises nothing."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import datetime, timedelta

from sim.errors import did_you_mean
from sim.scenario.figures import FIGURE_MEASURES, Reported
from sim.scenario.flow import Allocation, Departures, Lane
from sim.scenario.places import Echelon
from sim.scenario.schema import Scenario
from sim.scenario.values import show
from sim.units import show_hours

LONGEST = 10 * 365.25 * 24.0  # hours; curves are kept at every full hour

#: Drawn sites and how deep they lie in the administrative tree.
DEPTH = {"prefectures": 1, "counties": 2, "village-clinics": 4, "township-health-centres": 4}


@dataclass(frozen=True, slots=True)
class Fault:
    """A problem without its position: the loader knows where ``path`` stands."""

    path: tuple[str | int, ...]
    expected: str
    found: str
    hint: str = ""


def check_scenario(scenario: Scenario) -> list[Fault]:
    """Return every fault that shows only when tables are read together."""
    faults = list(_horizon(scenario))
    if faults:  # no other time can be judged
        return faults
    for check in (_calendars, _sites, _echelons, _lanes, _stations, _supply, _waves, _figures):
        faults.extend(check(scenario))
    return faults


def _horizon(scenario: Scenario) -> Iterator[Fault]:
    if scenario.horizon.value > LONGEST:
        yield Fault(("horizon",), "at most 10 years", show_hours(scenario.horizon.value))
    if not 1900 <= scenario.start.year <= 2200:
        yield Fault(("start",), "a year from 1900 to 2200", str(scenario.start.year))


def _calendars(scenario: Scenario) -> Iterator[Fault]:
    for name, calendar in scenario.calendars.items():
        if calendar.country is None:
            continue
        import holidays  # takes 0.1 s, and calendars without a country do without it

        known = holidays.list_supported_countries()
        country, _, part = calendar.country.partition("-")
        if country not in known or (part and part not in known[country]):
            yield Fault(
                ("calendars", name, "country"),
                'a country with known holidays, such as "CN" (ISO 3166)',
                f'"{calendar.country}"',
                did_you_mean(calendar.country, list(known)),
            )


def _is_facility(echelon: Echelon) -> bool:
    return bool(echelon.entitlement)


def _sites(scenario: Scenario) -> Iterator[Fault]:
    for name, site in scenario.sites.items():
        path = ("sites", name)
        if scenario.echelons[site.echelon].sites is not None:
            yield Fault(
                (*path, "echelon"),
                "an echelon whose sites are listed under [sites]",
                f'"{site.echelon}", which is drawn from the geography',
            )
        if isinstance(site.at, list) and not (abs(site.at[0]) <= 90 and abs(site.at[1]) <= 180):
            yield Fault((*path, "at"), "[latitude, longitude] in degrees", str(site.at))
        for product, rate in site.output.items():
            if rate.value.hours >= 24 and site.shifts is not None:
                days = scenario.calendars[site.shifts].hours
                if not days:
                    yield Fault((*path, "output", product), "shifts with opening hours", "none")


def _echelons(scenario: Scenario) -> Iterator[Fault]:
    used = {site.echelon for site in scenario.sites.values()}
    arrivals = Counter(lane.to for lane in scenario.lanes.values())
    facilities = [name for name, echelon in scenario.echelons.items() if _is_facility(echelon)]
    if not facilities:
        yield Fault(("echelons",), "one echelon with an entitlement", "none")
    for name, echelon in scenario.echelons.items():
        path = ("echelons", name)
        if echelon.sites is None and name not in used:
            yield Fault(
                path, "sites drawn from the geography, or sites of it under [sites]", "neither"
            )
        if _is_facility(echelon) and (echelon.sites is None or DEPTH[echelon.sites] < 4):
            yield Fault(
                (*path, "entitlement"),
                "facilities drawn from the geography",
                f'sites = "{echelon.sites}"' if echelon.sites else "explicit sites",
            )
        if not _is_facility(echelon) and echelon.sites and DEPTH[echelon.sites] == 4:
            yield Fault(path, "the entitlement of its facilities", "none")
        if echelon.sites and not arrivals[name]:
            yield Fault(path, "a lane that leads to it", "none")
        if arrivals[name] > 1:
            yield Fault(path, "one lane that leads to it", f"{arrivals[name]} lanes")


def _lanes(scenario: Scenario) -> Iterator[Fault]:
    order = list(scenario.echelons)
    leaving = Counter(lane.from_ for lane in scenario.lanes.values())
    for name, lane in scenario.lanes.items():
        path = ("lanes", name)
        origin, destination = scenario.echelons[lane.from_], scenario.echelons[lane.to]
        fleet = scenario.fleets[lane.fleet]
        if order.index(lane.to) <= order.index(lane.from_):
            yield Fault(
                (*path, "to"),
                f'an echelon listed after "{lane.from_}"',
                f'"{lane.to}"',
                "goods pass through the echelons in the order of the file",
            )
        if fleet.home != lane.from_:
            yield Fault(
                (*path, "fleet"),
                f'a fleet whose home is "{lane.from_}"',
                f'"{lane.fleet}", whose home is "{fleet.home}"',
            )
        if leaving[lane.from_] > 1:
            yield Fault(
                (*path, "from"), "one lane from each echelon", f"{leaving[lane.from_]} lanes"
            )
        if origin.sites is not None:
            if destination.sites is None:
                yield Fault(
                    (*path, "to"),
                    f'an echelon below "{lane.from_}" in the geography',
                    f'"{lane.to}", whose sites are listed under [sites]',
                )
            elif DEPTH[destination.sites] <= DEPTH[origin.sites]:
                yield Fault(
                    (*path, "to"),
                    f'an echelon below "{lane.from_}" in the geography',
                    f'"{lane.to}"',
                )
            elif lane.tours and origin.sites != "counties":
                yield Fault((*path, "from"), "tours that start at counties", f'"{lane.from_}"')
        elif lane.tours:
            yield Fault((*path, "from"), "tours that start at counties", f'"{lane.from_}"')
        if _is_facility(destination) and lane.tours is None:
            yield Fault(path, 'the table "tours": facilities are visited by tours', "none")
        if lane.tours is not None and fleet.unloading is not None:
            yield Fault(
                ("fleets", lane.fleet, "unloading"),
                "no such key: the stops of a tour take its stop-time",
                "one",
            )
        if lane.tours is not None and not _is_facility(destination):
            yield Fault((*path, "tours"), "tours only to facilities", f'"{lane.to}"')
        yield from _dispatch(path, lane)
        limits = fleet.capacity
        for product, spec in scenario.products.items():
            for limit in ("volume", "weight"):
                if getattr(limits, limit) and getattr(spec.carton, limit, None) is None:
                    yield Fault(
                        ("products", product, "carton"),
                        f'the carton\'s {limit}: fleet "{lane.fleet}" limits it',
                        "none",
                    )


def _dispatch(path: tuple[str | int, ...], lane: Lane) -> Iterator[Fault]:
    rule = lane.dispatch
    if lane.tours and lane.allocation != Allocation():
        yield Fault(
            (*path, "allocation"),
            "no such table: every facility gets its entitlement",
            "one",
            'in which order is said by "tours"',
        )
    if lane.tours and rule.rule != "on-arrival":
        yield Fault(
            (*path, "dispatch", "rule"),
            'the rule "on-arrival" for tours',
            f'"{rule.rule}"',
            "a tour leaves when its goods and a vehicle are there",
        )
    if isinstance(rule, Departures) and (rule.every is None) == (rule.at is None):
        found = "neither" if rule.every is None else "both"
        yield Fault((*path, "dispatch"), 'either "every" or "at"', found)


def _stations(scenario: Scenario) -> Iterator[Fault]:
    leaving = {lane.from_: lane for lane in scenario.lanes.values()}
    arriving = {lane.to: lane for lane in scenario.lanes.values()}
    seen: set[tuple[str, str]] = set()
    for name, station in scenario.stations.items():
        path = ("stations", name)
        if station.time_per_lot is None and station.time_per_unit is None:
            yield Fault(path, '"time-per-lot" or "time-per-unit"', "neither")
        outbound = station.stage in ("loading", "sorting")
        lane = (leaving if outbound else arriving).get(station.echelon)
        if lane is None or (lane.tours is not None):
            way = "leaves" if outbound else "leads to"
            yield Fault(
                (*path, "echelon"),
                f"an echelon that a lane without tours {way}",
                f'"{station.echelon}"',
            )
        if (station.echelon, station.stage) in seen:
            yield Fault((*path, "stage"), "one station of each stage at an echelon", "another")
        seen.add((station.echelon, station.stage))


def _supply(scenario: Scenario) -> Iterator[Fault]:
    needed = {p for echelon in scenario.echelons.values() for p in echelon.entitlement}
    open_sites = [site for site in scenario.sites.values() if not site.closed]
    for product in scenario.products:
        if product not in needed:
            yield Fault(("products", product), "a product that some facility is to get", "none")
        elif not any(
            (product in s.stock and s.stock[product].value)
            or (product in s.output and s.output[product].value.units)
            for s in open_sites
        ):
            yield Fault(("products", product), "an open site with stock or output of it", "none")


def _waves(scenario: Scenario) -> Iterator[Fault]:
    rest: set[str] = set()
    named: dict[tuple[str, str], str] = {}
    end = scenario.start + timedelta(hours=scenario.horizon.value)
    for lane in {wave.lane for wave in scenario.waves.values()}:
        waves = [wave for wave in scenario.waves.values() if wave.lane == lane]
        if not any(wave.regions.value == "rest" for wave in waves):
            yield Fault(
                ("waves",),
                f'a wave for the "rest" of the lane "{lane}"',
                "none",
                "regions of no wave would never be released",
            )
    for name, wave in scenario.waves.items():
        path = ("waves", name)
        if scenario.lanes[wave.lane].tours is not None:
            yield Fault(
                (*path, "lane"),
                "a lane without tours",
                f'"{wave.lane}"',
                "tours leave as soon as their goods are there",
            )
        earliest, latest = wave.release
        if latest < earliest:
            yield Fault((*path, "release"), "[earliest, latest]", "the later time first")
        outside = next((t for t in wave.release if not scenario.start <= t <= end), None)
        if outside is not None:
            yield Fault(
                (*path, "release"),
                f"a time between the start and the horizon, {end.isoformat()}",
                outside.isoformat(),
            )
        if wave.regions.value == "rest":
            if wave.lane in rest:
                yield Fault((*path, "regions"), 'one wave for the "rest" of a lane', "another")
            rest.add(wave.lane)
            continue
        for index, region in enumerate(wave.regions.value):
            other = named.setdefault((wave.lane, str(region)), name)
            if other != name:
                yield Fault(
                    (*path, "regions", index),
                    "a region of one wave",
                    f'"{region}" also in "{other}"',
                )


def _figures(scenario: Scenario) -> Iterator[Fault]:
    end = scenario.start + timedelta(hours=scenario.horizon.value)
    for name, figure in scenario.reported.items():
        path = ("reported", name)
        kind = FIGURE_MEASURES[figure.measure]
        is_time = kind == "time"
        if figure.product is None and figure.measure != "trips":
            yield Fault(path, 'the key "product"', "nothing")
        if is_time == (figure.at is not None):
            expected = "no such key: the measure is a time" if is_time else 'the key "at"'
            yield Fault(
                (*path, "at") if is_time else path, expected, "one" if is_time else "nothing"
            )
        counts = figure.measure in ("dispatched", "received", "sites-reached", "trips")
        if figure.since is not None and not counts:
            yield Fault(
                (*path, "since"), "no such key: the measure is not counted over a time", "one"
            )
        if figure.product is not None and figure.measure == "trips":
            yield Fault((*path, "product"), "no such key: trips carry all products", "one")
        for key in ("at", "since"):
            when = getattr(figure, key)
            if when is not None and not scenario.start <= when <= end:
                yield Fault(
                    (*path, key),
                    f"a time between the start and the horizon, {end.isoformat()}",
                    when.isoformat(),
                )
        yield from _limits(path, figure, is_time=is_time)
        yield from _figure_scope(scenario, path, figure)


def _limits(path: tuple[str | int, ...], figure: Reported, *, is_time: bool) -> Iterator[Fault]:
    what = "a time with its zone" if is_time else "a number"
    if isinstance(figure.value, datetime) != is_time:
        yield Fault((*path, "value"), f'{what} for "{figure.measure}"', show(figure.value))
        return
    if figure.band is not None and (figure.at_least is not None or figure.at_most is not None):
        yield Fault((*path, "band"), 'either "band" or "at-least" and "at-most"', "both")
        return
    low, high = figure.limits()
    if is_time and isinstance(figure.band, float):
        yield Fault((*path, "band"), "[earliest, latest] for a time", f"{figure.band:.0%}")
        return
    if low is None and high is None:
        yield Fault(path, 'a "band", "at-least" or "at-most"', "no tolerance")
        return
    for key, limit in (("at-least", low), ("at-most", high)):
        if limit is not None and isinstance(limit, datetime) != is_time:
            key = key if figure.band is None else "band"
            yield Fault((*path, key), f"{what}, as the value is", show(limit))
            return
    if low is not None and high is not None and low > high:  # type: ignore[operator]
        if figure.band is not None:
            yield Fault((*path, "band"), "the lowest value first", "the highest first")
        else:
            yield Fault((*path, "at-least"), 'at most what "at-most" says', show(low))


def _figure_scope(
    scenario: Scenario, path: tuple[str | int, ...], figure: Reported
) -> Iterator[Fault]:
    leaves = {lane.from_ for lane in scenario.lanes.values()}
    reached = {lane.to for lane in scenario.lanes.values()}
    sending = figure.measure in ("dispatched", "in-transit", "trips", "dispatch-time")
    if figure.echelon not in (leaves if sending else reached):
        choices = [name for name in scenario.echelons if name in (leaves if sending else reached)]
        yield Fault(
            (*path, "echelon"),
            f"an echelon that {'sends' if sending else 'receives'} goods ({', '.join(choices)})",
            f'"{figure.echelon}"',
            did_you_mean(figure.echelon, choices),
        )
    if figure.measure == "coverage" and not scenario.echelons[figure.echelon].entitlement:
        yield Fault((*path, "echelon"), "an echelon of facilities", f'"{figure.echelon}"')
    if figure.site is not None:
        if not sending:
            yield Fault((*path, "site"), "a site only for what is dispatched", f'"{figure.site}"')
        elif scenario.sites[figure.site].echelon != figure.echelon:
            yield Fault(
                (*path, "site"), f'a site of the echelon "{figure.echelon}"', f'"{figure.site}"'
            )
