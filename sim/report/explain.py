"""A scenario told in words: what goes where, by which rules, and what is assumed."""

from __future__ import annotations

from dataclasses import asdict
from typing import Any

import numpy as np
from numpy.typing import NDArray
from rich.console import RenderableType
from rich.padding import Padding
from rich.table import Table
from rich.text import Text

from sim.counted import counted
from sim.network import Network
from sim.plan.specs import OPEN, Plan
from sim.report.explain_areas import explain_areas, sentence_of_area
from sim.report.explain_chance import (
    sentence_of_consumption,
    sentence_of_disruption,
    sentence_of_lots,
    sentence_of_requests,
)
from sim.report.explain_lanes import explain_lane
from sim.report.layout import WideOrNarrow, plain_table
from sim.report.theory import digits
from sim.report.words import as_reported, clock, echelon_title, plural, tolerance
from sim.scenario.faults import are_places, ends_at
from sim.scenario.figures import FIGURE_MEASURES
from sim.scenario.load import LoadedScenario
from sim.scenario.origins import origins_of
from sim.scenario.places import Echelon
from sim.scenario.schema import Scenario
from sim.units import show_hours


def explain_facts(loaded: LoadedScenario, network: Network, plan: Plan) -> dict[str, Any]:
    """Return the account of a scenario as plain data, for ``explain --json``."""
    scenario = loaded.scenario
    return {
        "scenario": loaded.name,
        "title": scenario.title,
        "digest": loaded.digest,
        "start": scenario.start.isoformat(),
        "horizon_hours": scenario.horizon.value,
        "areas": explain_areas(scenario, network),
        "echelons": _echelons(scenario, network),
        "supply": _supply(network, plan),
        "lanes": [explain_lane(scenario, plan, lane) for lane in range(len(plan.lanes))],
        "waves": _waves(scenario, network, plan),
        "lots": [
            {"name": name, "site": lots.site or lots.echelon, "product": lots.product}
            for name, lots in scenario.supply.items()
        ],
        "requests": [
            {"name": name, "site": request.site or request.echelon, "product": request.product}
            for name, request in scenario.requests.items()
        ],
        "consumption": [
            {
                "name": spec.name,
                "echelon": plan.echelons[spec.echelon],
                "product": plan.products[spec.product],
                "pattern": spec.pattern,
            }
            for spec in plan.consumption
        ],
        "disruptions": [{"name": spec.name, "kind": spec.kind} for spec in plan.disruptions],
        "warm_up_hours": plan.warm_up,
        "origins": [asdict(origin) for origin in origins_of(loaded.document)],
        "reported": [
            {"id": name, "use": figure.use, "row": figure.row, "source": figure.source}
            for name, figure in scenario.reported.items()
        ],
        "expected": [
            {"id": name, "measure": case.measure, "value": case.value, "source": case.source}
            for name, case in scenario.expected.items()
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
        *_sentences_of_runs(scenario),
        "",
        *_areas(scenario, facts["areas"]),
        _heading("Echelons"),
        *(f"  {_sentence_of_echelon(row)}" for row in facts["echelons"]),
        "",
        _heading("Supply"),
        *(f"  {_sentence_of_supply(row, scenario)}" for row in facts["supply"]),
        *(f"  {sentence_of_lots(scenario, name)}" for name in scenario.supply),
        "",
    ]
    for row in facts["lanes"]:
        blocks += [_heading(row["title"]), *(f"  {line}" for line in row["sentences"]), ""]
    if facts["waves"]:
        blocks.append(_heading("Waves"))
        blocks.extend(f"  {_sentence_of_wave(row, scenario)}" for row in facts["waves"])
        blocks.append("")
    for title, sentences in (
        ("Requests", [sentence_of_requests(scenario, name) for name in scenario.requests]),
        ("Consumption", [sentence_of_consumption(scenario, name) for name in scenario.consumption]),
        ("What goes wrong", [sentence_of_disruption(scenario, n) for n in scenario.disruptions]),
    ):
        if sentences:
            blocks += [_heading(title), *(f"  {sentence}" for sentence in sentences), ""]
    blocks += [f"note: {note}" for note in plan.notes]
    if facts["origins"]:
        blocks += [_heading("Where the numbers come from"), _origins(loaded), ""]
    if scenario.reported:
        blocks += [_heading("Reported figures"), _figures_table(scenario)]
    if scenario.expected:
        blocks += [_heading("Expected by theory"), _expected_table(scenario)]
    return blocks


def _sentences_of_runs(scenario: Scenario) -> list[str]:
    lines = []
    if scenario.stop == "delivered":
        lines.append("a run is over as soon as everybody has all that is due to them")
    if scenario.warm_up.value:
        warm_up = show_hours(scenario.warm_up.value)
        lines.append(f"the first {warm_up} are left out of means and rates")
    return lines


def _areas(scenario: Scenario, rows: list[dict[str, Any]]) -> list[RenderableType]:
    if not rows:
        return []
    sentences = [f"  {sentence_of_area(scenario, row)}" for row in rows]
    return [_heading("Areas"), *sentences, ""]


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
                "total": {product: due.value for product, due in echelon.total.items()},
                "each": _each(scenario, network, index),
                "synthetic": _synthetic(echelon),
                "need": {
                    product: _need(network, index, column)
                    for column, product in enumerate(network.products)
                },
            }
        )
    return rows


def _need(network: Network, echelon: int, product: int) -> int | None:
    """Return the units that an echelon is to get; None for all that comes."""
    facilities = network.facilities.get(echelon)
    if facilities is not None:
        return int(facilities.entitlement[:, product].sum())
    need = network.sites.need[network.of_echelon(echelon), product]
    return None if (need >= OPEN).any() else int(need.sum())


def _each(scenario: Scenario, network: Network, echelon: int) -> dict[str, list[int]]:
    """Return the fewest and most units of each product that one facility or site of an echelon is
    to get for itself; nothing where its sites pass all on, or take all that comes."""
    name = network.echelons[echelon]
    facilities = network.facilities.get(echelon)
    if facilities is not None:
        due = facilities.entitlement
    elif ends_at(scenario, name):
        rows = network.of_echelon(echelon)
        due = network.sites.need[rows[~network.sites.closed[rows]]]
    else:
        return {}
    if not len(due) or (due >= OPEN).any():
        return {}
    low, high = due.min(axis=0).tolist(), due.max(axis=0).tolist()
    return {
        product: [low[column], high[column]]
        for column, product in enumerate(network.products)
        if high[column]
    }


def _synthetic(echelon: Echelon) -> str:
    """Say what of the facilities of an echelon no table knows."""
    if echelon.sites is None or are_places(echelon):
        return ""
    if echelon.largest or echelon.smallest:
        which = "largest" if echelon.largest else "smallest"
        return f"where they are, and that they are the {which}, is synthetic"
    if echelon.count:
        return "where they are is synthetic"
    return "facility points are synthetic"


def _sentence_of_echelon(row: dict[str, Any]) -> str:
    text = counted(row["sites"], row["title"])
    goods = row["goods"]
    if row["each"]:
        each = " and ".join(
            counted(low, goods[product]) if low == high else f"{low:,} to {high:,} {goods[product]}"
            for product, (low, high) in row["each"].items()
        )
        need = " and ".join(f"{row['need'][product]:,} {goods[product]}" for product in row["each"])
        points = f" ({row['synthetic']})" if row["synthetic"] else ""
        return f"{text}, each to get {each}: {need} in all{points}"
    if any(need is None for need in row["need"].values()):
        text += ", taking all that comes"
    return text


def _supply(network: Network, plan: Plan) -> list[dict[str, Any]]:
    rows = []
    for supply in plan.supplies:
        links = plan.links
        mine = (links.origin == supply.site) & (links.product == supply.product)
        opening = int(supply.units[supply.times <= supply.opening].sum())
        rows.append(
            {
                "site": network.sites.name[supply.site],
                "product": network.products[supply.product],
                "opening_stock": opening,
                "opening_hour": supply.opening,
                "output": int(supply.units.sum()) - opening,
                "last_output_hour": float(supply.times[-1]),
                "assigned": _assigned(links.units[mine]),
                "destinations": len(np.unique(links.destination[mine])),
            }
        )
    return rows


def _assigned(units: NDArray[np.int64]) -> int | None:
    """Return the units that links take; None for all that comes."""
    return None if (units >= OPEN).any() else int(units.sum())


def _sentence_of_supply(row: dict[str, Any], scenario: Scenario) -> str:
    goods = scenario.products[row["product"]].title or row["product"]
    much = "all its" if row["assigned"] is None else f"{row['assigned']:,}"
    text = f"{row['site']}: {row['opening_stock']:,} {goods} in stock"
    if row["destinations"]:
        text = (
            f"{row['site']}: {much} {goods} for "
            f"{plural(row['destinations'], 'destination')}; {row['opening_stock']:,} in stock"
        )
    if row["opening_stock"] and row["opening_hour"]:
        text += f" from {clock(scenario.start, row['opening_hour'])}"
    if row["output"]:
        end = clock(scenario.start, row["last_output_hour"])
        text += f", {row['output']:,} made by {end}"
    return text


def _waves(scenario: Scenario, network: Network, plan: Plan) -> list[dict[str, Any]]:
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
                "units": _assigned(plan.links.units[mine]),
                "for": scenario.waves[wave.name].for_,
            }
        )
    return rows


def _sentence_of_wave(row: dict[str, Any], scenario: Scenario) -> str:
    earliest = clock(scenario.start, row["earliest_hour"])
    latest = clock(scenario.start, row["latest_hour"])
    when = earliest if earliest == latest else f"some time from {earliest} to {latest}"
    much = "all units" if row["units"] is None else plural(row["units"], "unit")
    ends = [echelon_title(name, scenario.echelons[name]) for name in row["for"]]
    whose = f" that are for {' and '.join(ends)} alone" if ends else ""
    return (
        f"{row['name']}: {much}{whose} for {plural(row['destinations'], 'destination')}, "
        f"released {when}"
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
            as_reported(scenario.start, hours(figure.value), unit),
            tolerance(scenario.start, hours(low), hours(high), unit),
            figure.wording,
        )
    return table


def _expected_table(scenario: Scenario) -> Table:
    table = plain_table("case", "measure", "of", "expected", "source")
    for name, case in scenario.expected.items():
        of = " ".join(filter(None, (case.echelon, case.entity, case.product)))
        value = digits(case.value) + (", exactly" if case.exact else "")
        table.add_row(name, case.measure, of, value, case.source)
    return table
