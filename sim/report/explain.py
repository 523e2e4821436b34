"""A scenario told in words: what goes where, by which rules, and what is assumed."""

from __future__ import annotations

from dataclasses import asdict
from math import isinf
from typing import Any

import numpy as np
from rich.console import RenderableType
from rich.padding import Padding
from rich.table import Table
from rich.text import Text

from sim.network import Network
from sim.plan.specs import LaneSpec, Plan, TourPlan
from sim.report.layout import WideOrNarrow, plain_table
from sim.report.words import clock, echelon_title, plural, quantity, tolerance
from sim.scenario.figures import FIGURE_MEASURES
from sim.scenario.flow import Departures, FullOrAfter, OnArrival
from sim.scenario.load import LoadedScenario
from sim.scenario.origins import origins_of
from sim.scenario.schema import Scenario
from sim.units import show_hours

#: What to say of each rule of allocation.
_SHARED = {
    "in-turn": "in turn",
    "proportional": "in proportion to what is owed",
    "equal-rounds": "in equal rounds",
}


def explain_facts(loaded: LoadedScenario, network: Network, plan: Plan) -> dict[str, Any]:
    """Return the account of a scenario as plain data, for ``explain --json``."""
    scenario = loaded.scenario
    return {
        "scenario": loaded.name,
        "title": scenario.title,
        "digest": loaded.digest,
        "start": scenario.start.isoformat(),
        "horizon_hours": scenario.horizon.value,
        "echelons": _echelons(scenario, network),
        "supply": _supply(network, plan),
        "lanes": [_lane(scenario, network, plan, lane) for lane in range(len(plan.lanes))],
        "waves": _waves(network, plan),
        "origins": [asdict(origin) for origin in origins_of(loaded.document)],
        "reported": [
            {"id": name, "use": figure.use, "row": figure.row, "source": figure.source}
            for name, figure in scenario.reported.items()
        ],
        "notes": list(plan.notes),
    }


def explain_text(loaded: LoadedScenario, network: Network, plan: Plan) -> list[RenderableType]:
    """Return the account of a scenario, block by block."""
    scenario, facts = loaded.scenario, explain_facts(loaded, network, plan)
    end = clock(scenario.start, scenario.horizon.value)
    blocks: list[RenderableType] = [
        Text(scenario.title, style="bold"),
        *([scenario.description] if scenario.description else []),
        (
            f"from {clock(scenario.start, 0)} {scenario.start.year} to {end}, "
            f"{plural(scenario.replications, 'replication')}, seed {scenario.seed}"
        ),
        "",
        _heading("Echelons"),
        *(f"  {_sentence_of_echelon(row)}" for row in facts["echelons"]),
        "",
        _heading("Supply"),
        *(f"  {_sentence_of_supply(row, scenario)}" for row in facts["supply"]),
        "",
    ]
    for row in facts["lanes"]:
        blocks += [_heading(row["title"]), *(f"  {line}" for line in row["sentences"]), ""]
    if facts["waves"]:
        blocks.append(_heading("Waves"))
        blocks.extend(f"  {_sentence_of_wave(row, scenario)}" for row in facts["waves"])
        blocks.append("")
    blocks += [f"note: {note}" for note in plan.notes]
    blocks += [_heading("Where the numbers come from"), _origins(loaded), ""]
    if scenario.reported:
        blocks += [_heading("Reported figures"), _figures_table(scenario)]
    return blocks


def _heading(text: str) -> Text:
    return Text(text[0].upper() + text[1:], style="bold")


def _echelons(scenario: Scenario, network: Network) -> list[dict[str, Any]]:
    rows = []
    goods = [scenario.products[product].title or product for product in network.products]
    for index, (name, echelon) in enumerate(scenario.echelons.items()):
        facilities = network.facilities.get(index)
        sites = network.of_echelon(index)
        rows.append(
            {
                "name": name,
                "title": echelon_title(name, echelon),
                "sites": len(facilities) if facilities is not None else len(sites),
                "goods": dict(zip(network.products, goods, strict=True)),
                "entitlement": {product: due.value for product, due in echelon.entitlement.items()},
                "need": {
                    product: int(
                        len(facilities) * facilities.entitlement[column]
                        if facilities is not None
                        else network.sites.need[sites, column].sum()
                    )
                    for column, product in enumerate(network.products)
                },
            }
        )
    return rows


def _sentence_of_echelon(row: dict[str, Any]) -> str:
    text = f"{row['sites']:,} {row['title']}"
    if row["entitlement"]:
        goods, due = row["goods"], row["entitlement"]
        each = " and ".join(f"{units:,} {goods[product]}" for product, units in due.items())
        need = " and ".join(f"{row['need'][product]:,} {goods[product]}" for product in due)
        text += f", each to get {each}: {need} in all (facility points are synthetic)"
    return text


def _supply(network: Network, plan: Plan) -> list[dict[str, Any]]:
    rows = []
    for supply in plan.supplies:
        links = plan.links
        mine = (links.origin == supply.site) & (links.product == supply.product)
        opening = int(supply.units[supply.times == 0].sum())
        rows.append(
            {
                "site": network.sites.name[supply.site],
                "product": network.products[supply.product],
                "opening_stock": opening,
                "output": int(supply.units.sum()) - opening,
                "last_output_hour": float(supply.times[-1]),
                "assigned": int(links.units[mine].sum()),
                "destinations": int(mine.sum()),
            }
        )
    return rows


def _sentence_of_supply(row: dict[str, Any], scenario: Scenario) -> str:
    goods = scenario.products[row["product"]].title or row["product"]
    text = (
        f"{row['site']}: {row['assigned']:,} {goods} for "
        f"{plural(row['destinations'], 'destination')}; {row['opening_stock']:,} in stock"
    )
    if row["output"]:
        end = clock(scenario.start, row["last_output_hour"])
        text += f", {row['output']:,} made by {end}"
    return text


def _lane(scenario: Scenario, network: Network, plan: Plan, index: int) -> dict[str, Any]:
    lane = plan.lanes[index]
    tours = next((tours for tours in plan.tours if tours.lane == index), None)
    lines = _hauls(network, plan, index) if tours is None else _tours(plan, lane, tours)
    lines.append(_sentence_of_fleet(plan, lane))
    for station in lane.stations:
        if station >= 0:
            lines.append(_sentence_of_station(plan, station))
    if tours is None:
        lines.append(_sentence_of_rules(scenario, lane.name))
    return {"name": lane.name, "title": lane.title, "sentences": lines}


def _hauls(network: Network, plan: Plan, index: int) -> list[str]:
    links = plan.links
    rows = links.lane == index
    lane = plan.lanes[index]
    fleet = plan.fleets[lane.fleet]
    km, units = links.km[rows], links.units[rows]
    hours = km / fleet.speed
    text = (
        f"{units.sum():,} units on {plural(len(km), 'link')} of {np.median(km):,.0f} km (median; "
        f"{km.min():,.0f} to {km.max():,.0f}), {show_hours(float(np.median(hours)))} of driving at "
        f"{fleet.speed:g} km/h"
    )
    return [text]


def _tours(plan: Plan, lane: LaneSpec, tours: TourPlan) -> list[str]:
    stops = np.diff(tours.first)
    km = np.add.reduceat(tours.leg_km, tours.first[:-1]) + tours.back_km
    fleet = plan.fleets[lane.fleet]
    hours = km / fleet.speed + stops * tours.stop_time.mean
    sites, count = np.unique(tours.site, return_counts=True)
    tours_text = (
        f"{stops.sum():,} facilities on {plural(len(tours), 'tour')} of {stops.mean():.1f} stops, "
        f"{np.median(km):,.0f} km (median) and {show_hours(float(np.median(hours)))} with stops; "
        f"{km.sum():,.0f} km in all"
    )
    sites_text = (
        f"{plural(len(sites), 'site')}, each with {np.median(count):.0f} of them (median; "
        f"{count.min()} to {count.max()})"
    )
    return [tours_text, sites_text]


def _sentence_of_fleet(plan: Plan, lane: LaneSpec) -> str:
    fleet = plan.fleets[lane.fleet]
    number = (
        "as many vehicles as needed"
        if isinf(fleet.vehicles)
        else f"{plural(int(fleet.vehicles), 'vehicle')} at each site"
    )
    worst = np.zeros(3)
    if lane.is_last_mile:
        tours = next(tours for tours in plan.tours if plan.lanes[tours.lane] is lane)
        one = np.asarray(tours.units) @ plan.load_per_unit
        worst = one * float(np.diff(tours.first).max())
    else:
        rows = plan.links.lane == plan.lanes.index(lane)
        loads = plan.links.units[rows, None] * plan.load_per_unit[plan.links.product[rows]]
        worst = loads.max(axis=0)
    loads_text = []
    for limit, load, unit in zip(fleet.limits, worst, ("units", "m³", "kg"), strict=True):
        if not isinf(limit):
            loads_text.append(f"{load:,.2f} of {limit:,g} {unit}")
    text = f"{fleet.title}: {number}"
    if loads_text:
        what = "fullest tour" if lane.is_last_mile else "largest consignment"
        text += f"; the {what} is " + ", ".join(loads_text)
    return text


def _sentence_of_station(plan: Plan, index: int) -> str:
    station = plan.stations[index]
    servers = "no queue" if isinf(station.servers) else f"{station.servers:.0f} at a time"
    mean = show_hours(station.per_lot.mean) if station.per_lot is not None else "0"
    text = f"{station.title}: {servers}, {mean} a shipment"
    if station.per_unit:
        text += f" and {show_hours(station.per_unit)} a unit"
    return text


def _sentence_of_rules(scenario: Scenario, name: str) -> str:
    lane = scenario.lanes[name]
    allocation = lane.allocation
    return (
        f"goods leave {_sentence_of_dispatch(lane.dispatch)}; while they are scarce they are "
        f"shared {_SHARED[allocation.rule]}, {allocation.order.replace('-', ' ')}"
    )


def _sentence_of_dispatch(rule: OnArrival | FullOrAfter | Departures) -> str:
    if isinstance(rule, OnArrival):
        return "on arrival"
    if isinstance(rule, FullOrAfter):
        full = f"are {rule.full.value:,} units" if rule.full is not None else "fill a vehicle"
        return f"when they {full}, or after {show_hours(rule.after.value)}"
    if rule.every is not None:
        offset = rule.offset.value if rule.offset is not None else 0.0
        first = f", the first {show_hours(offset)} after the start" if offset else ""
        return f"every {show_hours(rule.every.value)}{first}"
    times = [f"{int(hour):02d}:{round(hour % 1 * 60):02d}" for hour in sorted(rule.at or [])]
    return f"daily at {', '.join(times)}"


def _waves(network: Network, plan: Plan) -> list[dict[str, Any]]:
    rows = []
    for index, wave in enumerate(plan.waves):
        mine = plan.links.wave == index
        rows.append(
            {
                "name": wave.name,
                "lane": plan.lanes[wave.lane].name,
                "earliest_hour": wave.earliest,
                "latest_hour": wave.latest,
                "destinations": len(np.unique(plan.links.destination[mine])),
                "units": int(plan.links.units[mine].sum()),
            }
        )
    return rows


def _sentence_of_wave(row: dict[str, Any], scenario: Scenario) -> str:
    earliest = clock(scenario.start, row["earliest_hour"])
    latest = clock(scenario.start, row["latest_hour"])
    when = earliest if earliest == latest else f"some time from {earliest} to {latest}"
    return (
        f"{row['name']}: {plural(row['units'], 'unit')} for "
        f"{plural(row['destinations'], 'destination')}, released {when}"
    )


def _origins(loaded: LoadedScenario) -> WideOrNarrow:
    table = plain_table("value of", "is", "status", "range", "source")
    for column in (0, 2, 3):
        table.columns[column].no_wrap = True
    lines: list[RenderableType] = []
    for origin in sorted(origins_of(loaded.document), key=lambda origin: origin.status):
        table.add_row(origin.path, origin.value, origin.status, origin.range, origin.source)
        limits = f" ({origin.range})" if origin.range else ""
        source = f": {origin.source}" if origin.source else ""
        text = f"{origin.path} = {origin.value}{limits}, {origin.status}{source}"
        lines.append(Padding(text, (0, 0, 0, 2), expand=False))
    return WideOrNarrow(table, tuple(lines), least=110)


def _figures_table(scenario: Scenario) -> Table:
    table = plain_table("figure", "row", "use", "reported", "tolerance", "wording")
    for name, figure in scenario.reported.items():
        unit = FIGURE_MEASURES[figure.measure]

        def hours(value: Any) -> float | None:
            if value is None or isinstance(value, int | float):
                return value
            return float((value - scenario.start).total_seconds() / 3600)

        low, high = figure.limits()
        table.add_row(
            name,
            figure.row or "",
            figure.use,
            quantity(scenario.start, hours(figure.value), unit),
            tolerance(scenario.start, hours(low), hours(high), unit),
            figure.wording,
        )
    return table
