"""When the facilities of each place were served: what the map draws."""

from __future__ import annotations

from dataclasses import dataclass
from math import ceil

import numpy as np
from numpy.typing import NDArray

from sim.geography.nation import load_nation
from sim.geography.regions import resolve
from sim.plots.drawn import Row, iso
from sim.plots.words import echelon_title
from sim.scenario.chains import sources_of
from sim.scenario.faults import ends_at
from sim.scenario.schema import Scenario
from sim.store.curves import read_place_times
from sim.store.result import Result

Floats = NDArray[np.float64]
Ints = NDArray[np.int64]

#: Levels of the nation's tables by what an echelon's sites are.
_LEVELS = {"prefectures": "prefecture", "counties": "county"}
_DAY = 24.0
_MOST_SPANS = 32


@dataclass(frozen=True, slots=True, eq=False)
class MapData:
    """Places and when they were served; arrays have one row a place, ordered by code.

    ``end`` is the echelon at which goods end: of ``facility`` in places, or of the places
    themselves (then ``facility`` is "").

    ``when`` is the median over replications of the hours until nine tenths of the place's
    ``facilities`` were served (of an even number of runs, the later of the two in the middle), inf
    if that is after the horizon; ``served`` is the share of
    replications in which it came by the horizon. ``edges`` bound the days (or spans of days) that
    share a colour, in hours since the start.
    """

    end: str
    places: str
    facility: str
    code: Ints
    name: tuple[str, ...]
    name_zh: tuple[str, ...]
    lat: Floats
    lon: Floats
    facilities: Ints
    when: Floats
    served: Floats
    edges: Floats
    runs: int

    @property
    def colour_index(self) -> Ints:
        """The span of ``edges`` in which each place was served, -1 where it was not."""
        index = np.searchsorted(self.edges, self.when, side="right") - 1
        return np.where(np.isfinite(self.when), np.clip(index, 0, len(self.edges) - 2), -1)


@dataclass(frozen=True, slots=True)
class Origin:
    """Where goods start; ``status`` says whether that place is reported, derived or assumed."""

    name: str
    lat: float
    lon: float
    status: str


def read_origins(scenario: Scenario, end: str) -> list[Origin]:
    """Read the open sites at which goods start that may come to the echelon ``end``."""
    sources = sources_of(scenario, end)
    nation = load_nation(scenario.geography.nation)
    found = []
    for name, site in scenario.sites.items():
        if site.echelon not in sources or site.closed or site.at is None:
            continue
        if isinstance(site.at, list):
            lat, lon = site.at
        else:
            region = resolve(nation, site.at)
            places = nation.level(region.level)
            lat, lon = float(places.lat[region.index]), float(places.lon[region.index])
        found.append(Origin(name, lat, lon, site.place_status or ""))
    return found


def read_maps(result: Result) -> list[MapData]:
    """Read a map for every echelon at which goods end in places of the nation, in the order of the
    file: when the places were done with nine tenths of their facilities, or were served themselves.

    Empty if no place of the result is one of the nation's, as where all sites are listed ones.
    """
    found = [_read(result, places, end, level) for end, places, level in mapped_ends(result)]
    return [data for data in found if data is not None]


def mapped_ends(result: Result) -> list[tuple[str, str, str]]:
    """Return the echelons at which goods end that a map may show: the end, the echelon whose places
    serve it (or the end itself), and the level of the nation's tables that these are of."""
    scenario, found = result.scenario, []
    for end, echelon in scenario.echelons.items():
        if not ends_at(scenario, end):
            continue
        level = _LEVELS.get(echelon.sites or "")
        origin = next((lane.from_ for lane in scenario.lanes.values() if lane.to == end), "")
        places = end
        if level is None and origin:
            level, places = _LEVELS.get(scenario.echelons[origin].sites or ""), origin
        if level is not None:
            found.append((end, places, level))
    return found


def _read(result: Result, places_of: str, end: str, level: str) -> MapData | None:
    nation = load_nation(result.scenario.geography.nation)
    places = nation.level(level)
    served = read_place_times(result, end, places.code)
    if served is None:
        return None
    code, facilities, times = served.code, served.facilities, served.ninety
    runs = served.replications
    at = np.searchsorted(places.code, code)
    # Of an even number of runs the later of the two in the middle: between them may lie a holiday
    # on which nobody was served.
    when = np.sort(times, axis=0)[len(runs) // 2]
    return MapData(
        end=end,
        places=echelon_title(result.scenario, places_of),
        facility=echelon_title(result.scenario, end) if places_of != end else "",
        code=code,
        name=tuple(places.name[i] for i in at),
        name_zh=tuple(places.name_zh[i] for i in at),
        lat=places.lat[at],
        lon=places.lon[at],
        facilities=facilities,
        when=when,
        served=np.isfinite(times).mean(axis=0),
        edges=_edges(result, when),
        runs=len(runs),
    )


def _edges(result: Result, when: Floats) -> Floats:
    """Return local midnights, in hours since the start, that bound what shares a colour."""
    start = result.start
    midnight = start.replace(hour=0, minute=0, second=0, microsecond=0)
    offset = (midnight - start).total_seconds() / 3600.0
    seen = when[np.isfinite(when)]
    if not len(seen):
        return np.array([offset, offset + _DAY])
    first = np.floor((seen.min() - offset) / _DAY)
    days = int(np.floor((seen.max() - offset) / _DAY) - first) + 1
    step = ceil(days / _MOST_SPANS)
    count = ceil(days / step)
    return np.asarray(offset + _DAY * (first + step * np.arange(count + 1)), np.float64)


MAP_COLUMNS = (
    "kind",
    "code",
    "name",
    "name_zh",
    "lat",
    "lon",
    "facilities",
    "nine_tenths_served",
    "hours",
    "runs_served_by_horizon",
    "colour_from",
    "place_status",
)


def map_rows(result: Result, data: MapData) -> list[Row]:
    """Return a row for each place on the map, and one for each origin."""
    blank = dict.fromkeys(MAP_COLUMNS, "")
    rows: list[Row] = [
        blank
        | {
            "kind": "place",
            "code": int(data.code[i]),
            "name": data.name[i],
            "name_zh": data.name_zh[i],
            "lat": float(data.lat[i]),
            "lon": float(data.lon[i]),
            "facilities": int(data.facilities[i]),
            "nine_tenths_served": iso(result.start, float(data.when[i])),
            "hours": float(data.when[i]),
            "runs_served_by_horizon": float(data.served[i]),
            "colour_from": iso(result.start, float(data.edges[index])) if index >= 0 else "",
        }
        for i, index in enumerate(data.colour_index.tolist())
    ]
    return rows + [
        blank
        | {
            "kind": "origin",
            "name": origin.name,
            "lat": origin.lat,
            "lon": origin.lon,
            "place_status": origin.status,
        }
        for origin in read_origins(result.scenario, data.end)
    ]
