"""Areas told in words: how many counties they have, and how these came to be chosen."""

from __future__ import annotations

from typing import Any

import numpy as np

from sim.network import Network
from sim.scenario.areas import Area
from sim.scenario.schema import Scenario

_LISTS = {
    "key-counties": "the list of key counties",
    "sourced-key-counties": "the key counties that a published list confirms",
}
_RULES = {
    "chance": "drawn by chance",
    "most-villages": "those with the most villages",
    "fewest-villages": "those with the fewest villages",
}
_SHOWN = 8  # chosen counties that a sentence names


def explain_areas(scenario: Scenario, network: Network) -> list[dict[str, Any]]:
    """Return the areas of a scenario as plain data, in the order of the file."""
    counties = network.nation.counties
    rows = []
    for name, area in scenario.areas.items():
        found = network.areas[name]
        chosen = np.flatnonzero(found.chosen)
        rows.append(
            {
                "name": name,
                "title": area.title,
                "counties": int(found.counties.sum()),
                "unverified": int(found.doubtful.sum()),
                "codes": counties.code[found.counties].tolist(),
                "chosen": counties.code[chosen].tolist(),
                "chosen_names": [counties.name[index] for index in chosen],
                "status": area.status,
                "source": area.source,
            }
        )
    return rows


def sentence_of_area(scenario: Scenario, row: dict[str, Any]) -> str:
    """Say what an area is: ``centres: 18 counties, drawn by chance from key-counties: ...``."""
    area = scenario.areas[row["name"]]
    parts = [region_words(scenario, area.regions)] if area.regions else []
    parts += [_LISTS[area.list_]] if area.list_ is not None else []
    if area.choose is not None:
        parts.append(_choice(scenario, area, row))
    text = " and ".join(parts) or "all of the nation"
    if area.without:
        text += f", without {region_words(scenario, area.without)}"
    many = row["counties"]
    count = "1 county" if many == 1 else f"{many:,} counties"
    title = f" ({area.title})" if area.title else ""
    unverified = f"; {row['unverified']:,} unverified" if row["unverified"] else ""
    origin = ": ".join(filter(None, (area.status, area.source)))
    return f"{row['name']}{title}: {count}: {text}{unverified}{f'; {origin}' if origin else ''}"


def region_words(scenario: Scenario, regions: list[str]) -> str:
    """Write regions as they are named, areas by their titles."""
    return ", ".join(_title(scenario, str(region)) for region in regions)


def _title(scenario: Scenario, region: str) -> str:
    area = scenario.areas.get(region)
    return region if area is None else area.title or region


def _choice(scenario: Scenario, area: Area, row: dict[str, Any]) -> str:
    choice = area.choose
    assert choice is not None
    names, more = row["chosen_names"][:_SHOWN], len(row["chosen"]) - _SHOWN
    shown = ", ".join(names) + (f" and {more} more" if more > 0 else "")
    where = region_words(scenario, choice.from_) if choice.from_ else "all counties"
    is_all = not area.regions and area.list_ is None
    much = "" if is_all else f"{len(row['chosen']):,} more "
    return f"{much}{_RULES[choice.by]} from {where} ({shown})"
