"""The sites and facilities of a scenario as a table, such as its [files] may name.

Facilities that no table gives are drawn from the geography; printed, they can be looked at, put
right, and read back as listed ones. What stands in no column of such a table (output, shifts,
beginnings, places by name) stays in the scenario file.
"""

from __future__ import annotations

import csv
import io
from collections.abc import Iterable, Iterator

import numpy as np

from sim.network import Facilities, Network
from sim.scenario.entries import SITE_COLUMNS
from sim.scenario.places import Site
from sim.scenario.schema import Scenario
from sim.units import OPEN

Row = dict[str, str]
#: Columns that the table always has.
_ALWAYS = ("name", "echelon", "title", "county", "lat", "lon")


def site_rows(scenario: Scenario, network: Network, echelon: str | None = None) -> list[Row]:
    """Return a row for each site and facility of a scenario (of one echelon, if it is given), in
    the order of the network: what each column of the table says, where it says anything.

    ``need`` is there where goods end, in whole units. Closed sites are left out, and so is who
    takes no part.
    """
    rows: list[Row] = []
    for index, name in enumerate(network.echelons):
        if echelon is not None and name != echelon:
            continue
        facilities = network.facilities.get(index)
        if facilities is None:
            rows += _sites(scenario, network, index)
        else:
            rows += _facilities(scenario, network, facilities)
    return rows


def site_table(rows: Iterable[Row]) -> str:
    """Return rows as the text of a CSV file with a header. Columns in which nobody has anything are
    left out, needs of 0 among them, but for those that every table of sites has."""
    every = list(rows)
    used = dict.fromkeys(key for row in every for key, said in row.items() if said not in ("", "0"))
    order = ("name", *SITE_COLUMNS)
    columns = [name for name in order if name in _ALWAYS or name in used]
    columns += [name for name in used if name not in order]
    text = io.StringIO()
    writer = csv.writer(text, lineterminator="\n")
    writer.writerow(columns)
    writer.writerows([row.get(name, "") for name in columns] for row in every)
    return text.getvalue()


def _sites(scenario: Scenario, network: Network, echelon: int) -> Iterator[Row]:
    """The sites of an echelon, drawn or listed."""
    name, sites = network.echelons[echelon], network.sites
    ends = not any(lane.from_ == name for lane in scenario.lanes.values())
    for index in network.of_echelon(echelon).tolist():
        if sites.closed[index]:
            continue
        listed = scenario.sites.get(sites.key[index].removeprefix("site/"))
        row = {
            "name": sites.key[index].removeprefix("site/").replace("/", "-"),
            "echelon": name,
            "title": sites.name[index] if listed is None else listed.title or "",
            "county": _county(network, index),
            **_point(float(sites.lat[index]), float(sites.lon[index])),
        }
        if listed is not None:
            row |= _stated(listed)
        if ends:
            row |= _need(network, sites.need[index])
        yield row


def _facilities(scenario: Scenario, network: Network, facilities: Facilities) -> Iterator[Row]:
    """The facilities of an echelon, in the order of the sites that serve them."""
    name = network.echelons[facilities.echelon]
    drawn = scenario.echelons[name].sites is not None
    towns = network.nation.towns
    codes, names = towns.code.tolist(), towns.name
    columns = zip(
        facilities.site.tolist(),
        facilities.town.tolist(),
        facilities.number.tolist(),
        facilities.lat.tolist(),
        facilities.lon.tolist(),
        facilities.entitlement,
        strict=True,
    )
    for index, (site, town, number, lat, lon, due) in enumerate(columns):
        if drawn:
            said = {
                "name": f"{name}-{codes[town]}-{number + 1}",
                "title": f"{names[town]} {number + 1}",
            }
        else:
            key = facilities.key[index].removeprefix("site/")
            said = {"name": key, "title": scenario.sites[key].title or ""}
            said |= _stated(scenario.sites[key])
        yield said | {
            "echelon": name,
            "county": _county(network, site),
            **_point(lat, lon),
            **_need(network, due),
        }


def _stated(site: Site) -> Row:
    """What a listed site says of itself, as far as a table has columns for it."""
    row: Row = {}
    if site.region is not None:
        row["region"] = site.region
    if site.supplied_by is not None:
        row["supplied-by"] = site.supplied_by
    row |= {f"stock.{product}": str(units.value) for product, units in site.stock.items()}
    row |= {f"attributes.{name}": repr(value) for name, value in site.attributes.items()}
    return row


def _county(network: Network, site: int) -> str:
    """The code of the county that a site lies in, or nothing."""
    county = int(network.sites.county[site])
    return str(network.nation.counties.code[county]) if county >= 0 else ""


def _point(lat: float, lon: float) -> Row:
    """A point, to the last digit, or nothing where nobody says it."""
    return {} if np.isnan(lat) else {"lat": repr(lat), "lon": repr(lon)}


def _need(network: Network, due: np.ndarray[tuple[int], np.dtype[np.int64]]) -> Row:
    """What somebody is to get of each product."""
    return {
        f"need.{product}": "all" if units >= OPEN else str(units)
        for product, units in zip(network.products, due.tolist(), strict=True)
    }
