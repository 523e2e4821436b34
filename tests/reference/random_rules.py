"""Rules of random scenarios: how goods are sent, who carries and serves them, and what goes wrong.

Each function returns a table as it stands in a scenario file.
"""

from __future__ import annotations

from typing import Any

from reference.random_choices import Choices

Table = dict[str, Any]
STAGES = ("unloading", "loading", "sign-off", "sorting", "inspection")
AT_ORIGIN = ("loading", "sorting")


def random_dispatch(choose: Choices) -> Table:
    """Return when goods leave."""
    kind = choose.number(0, 4 if choose.wants.clock else 3)
    if kind == 0:
        return {"rule": "on-arrival"}
    if kind == 1:
        return {"rule": "when-full", "full": choose.number(1, 6)}
    if kind == 2:
        full = {"full": choose.number(1, 6)} if choose.maybe() else {}
        return {"rule": "full-or-after", "after": choose.hours(0.125, 12), **full}
    table: Table = {"rule": "departures"}
    if kind == 3:
        table["every"] = choose.hours(2, 24)
        if choose.maybe():
            table["offset"] = choose.hours(0, 6)
    else:
        table["at"] = choose.of(["08:00"], ["06:30", "15:00"])
    if choose.maybe(3):
        table["loads"] = choose.number(1, 2)
    if choose.maybe(4):
        table["empty"] = "run"
    if choose.maybe(3):
        table["cut-off"] = choose.hours(0, 3)
    return table


def random_allocation(choose: Choices) -> Table:
    """Return how scarce goods are shared."""
    rules = ["in-turn", "neediest-first"]
    if choose.wants.rounding:
        rules += ["proportional", "equal-rounds"]
    order = choose.of(
        "nearest-first", "farthest-first", "largest-first", "smallest-first", "highest-first",
        "lowest-first",
    )  # fmt: skip
    by = {"attribute": "people"} if order in ("highest-first", "lowest-first") else {}
    return {"rule": choose.of(*rules), "order": order, **by}


def random_lane(choose: Choices) -> Table:
    """Return what a lane between sites says beside its ends, its fleet and its links."""
    table: Table = {"dispatch": random_dispatch(choose), "allocation": random_allocation(choose)}
    if choose.maybe(4):
        table["time"] = choose.law(0.125, 4)
        if choose.maybe():
            table["time-back"] = choose.law(0.125, 4)
    if choose.wants.luck and choose.maybe():
        table["travel"] = random_travel(choose)
    if choose.wants.luck and choose.maybe(4):
        units = {"units": choose.share()} if choose.wants.rounding and choose.maybe() else {}
        table["loss"] = units or {"shipments": choose.share()}
    if choose.maybe(4):
        table["circuity"] = choose.of(1.5, 2.0)
    return table


def random_travel(choose: Choices) -> Table:
    """Return how journeys vary."""
    shared = {"shared-cv": 0.25} if choose.maybe() else {}
    law = choose.of("lognormal", "gamma", "uniform", "triangular")
    return {"cv": choose.of(0.25, 0.0), "law": law, **shared}


def random_tours(choose: Choices) -> Table:
    """Return how facilities are visited."""
    table: Table = {"stops": choose.number(1, 4), "stop-time": choose.law(0, 2)}
    table["method"] = choose.of("savings", "sweep")
    table["order"] = choose.of("nearest-first", "farthest-first", "most-stops-first")
    if choose.maybe(4):
        table["longest"] = choose.hours(2, 12)
    return table


def random_fleet(choose: Choices, homes: list[str], *, tours: bool, most: int) -> Table:
    """Return a fleet; a vehicle holds ``most`` units at least where it goes on tours."""
    vehicles: int | str = choose.number(1, 3)
    table: Table = {
        "home": homes[0] if len(homes) == 1 else homes,
        "vehicles": "unlimited" if choose.maybe(6) else vehicles,
        "speed": f"{choose.of(32, 64)} km/h",
        **choose.calendar(),
    }
    if choose.maybe():
        least = most if tours else 1
        table["capacity"] = {"units": choose.number(least, least + 7)}
    if choose.maybe(4) and not tours:
        limit = choose.of({"volume": "1 m3"}, {"weight": "4 kg"})
        table["capacity"] = {**table.get("capacity", {}), **limit}
    if choose.maybe(3):
        table["loading"] = choose.law(0, 2)
    if choose.maybe(3) and not tours:
        table["unloading"] = choose.law(0, 2)
    if choose.maybe(4):
        table["drivers"] = 2
    elif choose.maybe(3):
        table["rest"] = {"after": choose.hours(0.5, 4), "for": choose.hours(0, 1)}
    if choose.maybe(8) and not tours:
        table["when-none-free"] = "lost"
    return table


def random_station(choose: Choices, lanes: list[Table], sites: dict[str, list[str]]) -> Table:
    """Return a station on one of the lanes, whose ends are keys of ``sites``."""
    lane, stage = choose.of(*lanes), choose.of(*STAGES)
    echelon = lane["from"] if stage in AT_ORIGIN else lane["to"]
    table: Table = {"echelon": echelon, "stage": stage, **choose.calendar()}
    table["time-per-lot"] = choose.law(0, 3)
    if choose.maybe(4):
        table["time-per-vehicle"] = choose.law(0, 1)
    if choose.maybe(4):
        per_unit = choose.law(0, 0.25) if choose.wants.rounding else choose.hours(0, 0.25)
        table["time-per-unit"] = per_unit
    if choose.maybe(4):
        table["times"] = {"kit": choose.law(0, 2)}
    if choose.maybe(6):
        table["sites"] = choose.some(sites[echelon])
    if choose.maybe(8):
        table["products"] = ["kit"]
    if choose.maybe(6):
        table["servers"] = "unlimited"
        return table
    table["servers"] = choose.number(1, 2)
    if choose.maybe(3):
        table["order"] = "priority"
        table["preempts"] = choose.maybe()
    if choose.maybe(4):
        table["yard"] = choose.number(0, 2)
        table["when-full"] = choose.of("wait", "turn-away")
    if choose.maybe(4):
        clock = choose.of("working", "calendar")
        table["breakdowns"] = {
            "after": choose.law(1, 8), "repair": choose.law(0.125, 2), "clock": clock,
        }  # fmt: skip
    return table


def random_disruption(choose: Choices, document: Table) -> Table:
    """Return something that goes wrong in a scenario that has all else."""
    lanes, sites = document["lanes"], document["sites"]
    toured = {lane["to"] for lane in lanes.values() if "tours" in lane}
    counted = [n for n, fleet in document["fleets"].items() if fleet["vehicles"] != "unlimited"]
    making = [name for name, site in sites.items() if "output" in site]
    making += [lots["site"] for lots in document.get("supply", {}).values() if "site" in lots]
    used = list(document.get("consumption", {}).values())
    kinds: list[Table] = [
        {"kind": "closed-road", "lane": choose.of(*lanes)},
        {"kind": "slow-road", "lane": choose.of(*lanes), "factor": choose.of(2.0, 0.5)},
        {"kind": "closed-site", "echelon": choose.of(*(set_of_homes(document, toured)))},
    ]
    if counted:
        kinds.append({"kind": "fewer-vehicles", "fleet": choose.of(*counted), "vehicles": 1})
    if making and choose.wants.rounding:
        cut = {"sites": [choose.of(*making)], "share": choose.of(0.5, 1.0, 0.25)}
        kinds.append({"kind": "output-cut", **cut})
    if used:
        use = choose.of(*used)
        where = {"echelon": use["echelon"], "product": use["product"]}
        kinds.append({"kind": "sudden-need", **where, "factor": choose.of(2, 3)})
    table = choose.of(*kinds)
    table["lasts"] = choose.law(0.5, 24)
    if choose.wants.luck and choose.maybe(3):
        table["every"] = {"mean": choose.hours(6, 24), "law": "exponential"}
    else:
        table["begins"] = choose.period()
    if choose.wants.luck and choose.maybe(4):
        table["chance"] = choose.share()
    if choose.maybe(3):
        table["each"] = True
    return table


def set_of_homes(document: Table, toured: set[str]) -> list[str]:
    """Return the echelons that can be closed: all but those that tours visit."""
    return [name for name in document["echelons"] if name not in toured]
