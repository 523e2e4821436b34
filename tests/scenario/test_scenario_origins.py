"""Origins: every value that says where it comes from is listed, with its range and source."""

from __future__ import annotations

import tomllib
from collections import Counter
from collections.abc import Callable
from pathlib import Path
from typing import Any

from sim.scenario.load import LoadedScenario, load_scenario
from sim.scenario.origins import Origin, origins_of

SHIPPED = Path(__file__).parents[2] / "scenarios" / "oximeters-2023.toml"


def test_each_kind_of_value(rich_toml: str, parse: Callable[..., LoadedScenario]) -> None:
    found = {origin.path: origin for origin in origins_of(parse(rich_toml).document)}
    assert set(found) == {
        "horizon",
        "orders.first",
        "geography.circuity",
        "areas.south",
        "areas.south.choose.counties",
        "echelons.bureau.regions",
        "echelons.bureau.total.mask",
        "echelons.clinic.entitlement.oximeter",
        "echelons.large-home.count",
        "echelons.large-home.per-county",
        "echelons.small-home.smallest",
        "echelons.small-home.total.oximeter",
        "products.oximeter.carton.units",
        "products.oximeter.carton.weight",
        "calendars.duty",
        "sites.maker.at",
        "sites.maker.stock.oximeter",
        "sites.other-maker.output.oximeter",
        "stations.dock.servers",
        "stations.sorting.time-per-lot",
        "fleets.hub-truck.speed",
        "fleets.county-van.vehicles",
        "sourcing.window",
        "lanes.to-hub.travel",
        "lanes.to-hub.dispatch.after",
        "lanes.to-hub.allocation",
        "lanes.to-hub.circuity",
        "lanes.to-clinic.tours.stops",
        "waves.first",
        "waves.first.regions",
    }
    for origin in (
        Origin("horizon", "12 d", "10 d to 20 d", "assumed", "long enough"),
        Origin("geography.circuity", "1.3", "1.2 to 1.4", "assumed", "as elsewhere"),
        Origin("sites.maker.at", "Haikou", "", "reported", "a newspaper"),
        Origin("sites.maker.stock.oximeter", "200", "100 to 300", "derived", "pickups"),
        Origin("products.oximeter.carton.units", "100", "50 to 200", "assumed", ""),
        Origin(
            "sites.other-maker.output.oximeter", "700/week", "500/week to 100/day", "assumed", ""
        ),
        Origin(
            "stations.sorting.time-per-lot",
            "mean 4 h, cv 1.0, law exponential",
            "2 h to 6 h",
            "assumed",
            "one a night",
        ),
        Origin(
            "calendars.duty",
            "hours 08:00-12:00, 14:00-20:00, days every day, country CN, holidays true, "
            "at-closing pause",
            "",
            "assumed",
            "an emergency",
        ),
        Origin(
            "orders.first",
            "from maker, product oximeter, regions Sanya, units 100",
            "",
            "reported",
            "甲方",
        ),
        Origin("waves.first.regions", "Sanya", "", "reported", "C02"),
    ):
        assert found[origin.path] == origin
    assert "2023-01-07T00:00+08:00, 2023-01-07T20:00+08:00" in found["waves.first"].value


def test_large_numbers_are_read_easily() -> None:
    document: dict[str, Any] = {
        "a": {"value": 20_000, "range": [0, 50_000], "status": "assumed"},
        "b": {"value": "40_000/day", "range": ["1_000/day", "2_000/day"], "status": "derived"},
    }
    assert [(origin.value, origin.range) for origin in origins_of(document)] == [
        ("20,000", "0 to 50,000"),
        ("40,000/day", "1,000/day to 2,000/day"),
    ]


def test_nothing_of_the_shipped_scenario_is_left_out() -> None:
    statuses = Counter[str]()

    def count(node: Any) -> None:
        if isinstance(node, dict):
            statuses.update(node[key] for key in ("status", "place-status") if key in node)
            for value in node.values():
                count(value)

    written = tomllib.loads(SHIPPED.read_text("utf-8"))
    del written["variants"]  # they are scenarios of their own
    count(written)
    origins = origins_of(load_scenario(SHIPPED).document)
    assert Counter(origin.status for origin in origins) == statuses
    assert len({origin.path for origin in origins}) == len(origins) > 40
    assert all(origin.value for origin in origins)
    assert [o.path for o in origins if not o.source and not o.path.endswith(".at")] == []
