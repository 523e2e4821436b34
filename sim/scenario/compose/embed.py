"""What the head of an included scenario says, put into its own entries.

In a file of its own a scenario says for all of its entries which regions take part, how roads wind,
who supplies whom, and when it all begins. Among others, each entry says it for itself.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator
from copy import deepcopy
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any

from sim.geography.nation import LEVELS, Nation, load_nation
from sim.geography.regions import Region, resolve
from sim.scenario.compose.written import Document, Written
from sim.scenario.flow import Sourcing
from sim.scenario.places import Geography
from sim.scenario.positions import Path
from sim.scenario.schema import Scenario
from sim.scenario.values import parse_time
from sim.units import DURATION

#: What is said of one's own, as (expected, found, hint).
Complaint = tuple[str, str, str]

#: What only the including file says: how often to run, and what to measure.
OWN = (
    "title", "description", "start", "horizon", "stop", "warm-up", "percentiles", "replications",
    "seed", "files", "geography", "sourcing",
)  # fmt: skip


@dataclass(frozen=True, slots=True)
class Host:
    """What the including file says in its head; ``start`` and ``end`` are None if it says none."""

    document: Document
    start: datetime | None
    end: datetime | None

    def table(self, name: str) -> Document:
        """Return one of its tables, empty if there is none."""
        table = self.document.get(name)
        return table if isinstance(table, dict) else {}


def host_of(document: Document) -> Host:
    """Return the head of an including file, which nobody has validated yet."""
    try:
        start = parse_time(document.get("start"))
    except ValueError:  # the schema will say what is wrong with it
        return Host(document, None, None)
    horizon = document.get("horizon")
    text = horizon.get("value") if isinstance(horizon, dict) else horizon
    try:
        return Host(document, start, start + timedelta(hours=DURATION.parse(str(text))))
    except (ValueError, OverflowError):
        return Host(document, start, None)


def complaints(scenario: Scenario, host: Host) -> Iterator[Complaint]:
    """Return why a valid scenario cannot take part in what the host says."""
    geography, mine = scenario.geography, host.table("geography")
    nation, estimate = mine.get("nation", "china"), mine.get("clinic-estimate", "A")
    if geography.nation != nation:
        yield f'a scenario of the nation "{nation}"', f'one of "{geography.nation}"', ""
    elif geography.clinic_estimate != estimate:
        expected = f'a scenario with the clinic-estimate "{estimate}"'
        yield expected, f'"{geography.clinic_estimate}"', ""
    if host.start is None:
        return
    if scenario.start < host.start:
        expected = f"a scenario that starts on {host.start.isoformat()} or later"
        yield expected, scenario.start.isoformat(), ""
    if scenario.start.utcoffset() != host.start.utcoffset():
        expected = f"a start in the zone of this file's, {host.start.isoformat()}"
        yield expected, scenario.start.isoformat(), "times of day are in the zone of the start"
    end = scenario.start + timedelta(hours=scenario.horizon.value)
    if host.end is not None and end > host.end:
        expected = f"a scenario that ends by this file's horizon, {host.end.isoformat()}"
        yield expected, end.isoformat(), ""
    if scenario.start > host.start:
        yield from _bound_to_start(scenario)


def _bound_to_start(scenario: Scenario) -> Iterator[Complaint]:
    found = f"one that starts on {scenario.start.isoformat()}"
    for name, disruption in scenario.disruptions.items():
        if disruption.every is not None:
            hint = f'the disruption "{name}" comes "every" so often, counted from the start'
            yield "a scenario that starts with this file", found, hint
    for name, lane in scenario.lanes.items():
        rule = lane.dispatch
        if rule.rule == "departures" and rule.at is not None and rule.empty == "run":
            hint = f'on the lane "{name}" vehicles leave empty from the start on'
            yield "a scenario that starts with this file", found, hint


class Embedding:
    """An included document on its way into its host; ``written`` is what has become of it."""

    def __init__(self, written: Written, scenario: Scenario, host: Host) -> None:
        self.written = Written(deepcopy(written.document), dict(written.places))
        self.problems: list[Complaint] = []
        self._scenario = scenario
        self._host = host
        start = host.start or scenario.start
        self._late = max((scenario.start - start).total_seconds() / 3600, 0.0)

    def embed(self) -> None:
        """Let the entries say what the head says, and leave the head out."""
        self._draws()
        self._regions()
        self._circuity()
        self._sourcing()
        if self._late:
            self._start()
        document, places = self.written.document, self.written.places
        self.written = Written(
            {key: value for key, value in document.items() if key not in OWN},
            {path: place for path, place in places.items() if path[0] not in OWN},
        )

    def _entries(self, table: str) -> dict[str, Document]:
        entries: dict[str, Document] = self.written.document.get(table, {})
        return entries

    def _put(self, path: Path, value: Any, where: Path) -> None:
        """Set a key of an entry; it stands where the head says it."""
        table: Any = self.written.document
        for part in path[:-1]:
            table = table.setdefault(part, {})
        table[path[-1]] = value
        places = dict(self.written.places)
        for old, place in self.written.places.items():
            if old[: len(where)] == where:
                places[(*path, *old[len(where) :])] = place
        self.written = Written(self.written.document, places)

    def _head(self, table: str) -> Document:
        return self.written.document.get(table, {}) or {}

    def _draws(self) -> None:
        """Let areas choose the same counties by chance, whatever they are called from here on."""
        for name, area in self._entries("areas").items():
            choose = area.get("choose")
            if isinstance(choose, dict) and choose.get("by", "chance") == "chance":
                choose.setdefault("draw", name)

    def _regions(self) -> None:
        regions = self._scenario.geography.regions.value
        if regions == "all":
            return
        raw, where = self._head("geography")["regions"], ("geography", "regions")
        for name, echelon in self._scenario.echelons.items():
            if echelon.sites is None:
                continue
            path = ("echelons", name, "regions")
            mine = echelon.regions.value
            if mine == "all":
                self._put(path, raw, where)
            elif [str(region) for region in mine] != [str(region) for region in regions]:
                self._narrow(path, list(regions), list(mine))

    def _narrow(self, path: Path, outer: list[str], mine: list[str]) -> None:
        """Restrict the regions of an echelon to those that lie in others, or they in them."""
        areas = self._head("areas")
        named = next((text for text in (*outer, *mine) if str(text) in areas), None)
        entry = self.written.document["echelons"][path[1]]
        expected = f'no regions of the geography beside those of the echelon "{path[1]}"'
        if named is not None:
            hint = f'"{named}" is an area: let one of the two be its part of the other'
            self.problems.append((expected, "both", hint))
            return
        nation = load_nation(self._scenario.geography.nation)
        both = _common(nation, outer, mine)
        if not both:
            self.problems.append((expected, "both, of which none lies in another", ""))
            return
        raw = entry["regions"]
        entry["regions"] = {**raw, "value": both} if isinstance(raw, dict) else both

    def _circuity(self) -> None:
        default = Geography().circuity.model_dump()
        value = self._head("geography").get("circuity", default)
        if value == self._host.table("geography").get("circuity", default):
            return  # the including file says the same
        for name, lane in self._entries("lanes").items():
            if "circuity" not in lane:
                self._put(("lanes", name, "circuity"), value, ("geography", "circuity"))

    def _sourcing(self) -> None:
        default = Sourcing().model_dump()
        table = default | self._head("sourcing")
        if table == default | self._host.table("sourcing") and not self._late:
            return
        table["window"] = _later(table["window"], self._late)
        echelons, lanes = self._scenario.echelons, self._scenario.lanes.values()
        for name, echelon in self._entries("echelons").items():
            ruled = any(
                lane.to == name
                and lane.tours is None
                and lane.sharing is None
                and echelons[lane.from_].sites is None
                for lane in lanes
            )
            if ruled and "sourcing" not in echelon:
                self._put(("echelons", name, "sourcing"), deepcopy(table), ("sourcing",))
            elif "sourcing" in echelon and self._late:
                own = echelon["sourcing"]
                own["window"] = _later(own.get("window", default["window"]), self._late)

    def _start(self) -> None:
        """Count from the scenario's own start what would count from the including file's."""
        start = self._scenario.start
        for site in self._entries("sites").values():
            if site.get("stock") or site.get("output"):
                begins = site.get("begins")
                site["begins"] = start if begins is None else max(start, parse_time(begins))
        for table, counts in _COUNTING.items():
            for entry in self._entries(table).values():
                if counts(entry):
                    entry.setdefault("begins", start)
        for lane in self._entries("lanes").values():
            rule = lane.get("dispatch", {})
            if rule.get("rule") == "departures" and "every" in rule:
                rule["offset"] = _later(rule.get("offset", "0 h"), self._late)


#: Which entries count from the start unless they say when they begin.
_COUNTING: dict[str, Callable[[Document], bool]] = {
    "supply": lambda entry: "at" not in entry,
    "requests": lambda entry: "at" not in entry,
    "consumption": lambda entry: entry.get("pattern") != "timetable",
}


def _later(raw: Any, hours: float) -> Any:
    """Return a duration, bare or with its origin, that is so many hours longer."""
    if isinstance(raw, dict):
        longer = {**raw, "value": _later(raw["value"], hours)}
        if "range" in raw:
            longer["range"] = [_later(limit, hours) for limit in raw["range"]]
        return longer
    seconds = round((DURATION.parse(raw) + hours) * 3600, 6)
    for unit, size in (("d", 86400), ("h", 3600), ("min", 60)):
        if seconds % size == 0:
            return f"{seconds / size:.0f} {unit}"
    return f"{seconds:.10g} s"


def _common(nation: Nation, outer: list[str], mine: list[str]) -> list[str]:
    """Return the regions of either list that lie in one of the other; regions of a nation lie in
    one another or apart."""
    both: dict[str, None] = {}
    for one in mine:
        for other in outer:
            inner, around = resolve(nation, one), resolve(nation, other)
            if _inside(nation, inner, around):
                both[one] = None
            elif _inside(nation, around, inner):
                both[other] = None
    return list(both)


def _inside(nation: Nation, inner: Region, outer: Region) -> bool:
    index, depth = inner.index, LEVELS.index(inner.level)
    while depth > LEVELS.index(outer.level):
        index, depth = int(nation.level(LEVELS[depth]).parent[index]), depth - 1
    return LEVELS[depth] == outer.level and index == outer.index
