"""What a plan has to say of the areas that its scenario uses."""

from __future__ import annotations

from sim.network import Network
from sim.scenario.schema import Scenario


def areas_in_use(scenario: Scenario) -> list[str]:
    """Return the areas that the geography, echelons, orders, waves, disruptions or figures name,
    and those that these areas leave out, in the order of the file."""
    entries = [
        scenario.geography,
        *scenario.echelons.values(),
        *scenario.orders.values(),
        *scenario.waves.values(),
        *scenario.disruptions.values(),
        *scenario.reported.values(),
    ]
    used: set[str] = set()
    for entry in entries:
        regions = getattr(entry, "regions", [])
        regions = getattr(regions, "value", regions)
        if isinstance(regions, list):
            used.update(regions)
    for name, area in reversed(scenario.areas.items()):
        if name in used:
            used.update(area.without)
    return [name for name in scenario.areas if name in used]


def area_notes(scenario: Scenario, network: Network) -> list[str]:
    """Return a note on every area in use that has counties from the unverified part of the list of
    key counties, and only from there."""
    notes = []
    for name in areas_in_use(scenario):
        area, found = scenario.areas[name], network.areas[name]
        doubtful, count = int(found.doubtful.sum()), int(found.counties.sum())
        if not doubtful:
            continue
        is_list = area.list_ is not None and not area.regions and area.choose is None
        what = "key counties" if is_list else "counties"
        said = "unverified" if is_list else "unverified key counties"
        notes.append(
            f'{doubtful:,} of the {count:,} {what} in the area "{name}" are {said}: no published '
            "list was found that confirms them"
        )
    return notes
