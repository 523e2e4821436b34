"""Changes of scenario documents of which it is known what they do to a run, to the last bit.

Each takes a document and returns another: in other units of time or of goods, with other names, in
another order, weeks later, with things beside it that are never used.
"""

from __future__ import annotations

import copy
import random
import re
from collections.abc import Callable, Iterator, Mapping
from datetime import date, datetime, timedelta
from typing import Any

Table = dict[str, Any]

_DURATION = re.compile(r"^([\d.]+) h$")
_RATE = re.compile(r"^([\d.]+)/h$")
_SPEED = re.compile(r"^([\d.]+) km/h$")
#: Names that are part of the names of random streams: renaming them changes luck.
WITH_LUCK = ("sites", "lanes", "stations", "waves", "supply", "requests", "consumption",
             "disruptions")  # fmt: skip
#: Names that are of no stream.
WITHOUT_LUCK = ("calendars", "products", "echelons", "fleets", "orders")
#: Tables whose entries may stand in any order: nothing counts them.
UNORDERED = ("calendars", "fleets", "consumption", "disruptions")


def each_text(value: Any, change: Callable[[str], str]) -> Any:
    """Return a value in which every text but keys is changed."""
    if isinstance(value, dict):
        return {key: each_text(item, change) for key, item in value.items()}
    if isinstance(value, list):
        return [each_text(item, change) for item in value]
    return change(value) if isinstance(value, str) else value


def each_moment(value: Any, change: Callable[[datetime], datetime]) -> Any:
    """Return a value in which every date and time is changed."""
    if isinstance(value, dict):
        return {key: each_moment(item, change) for key, item in value.items()}
    if isinstance(value, list):
        return [each_moment(item, change) for item in value]
    return change(value) if isinstance(value, datetime) else value


def slower(document: Table, factor: float) -> Table:
    """Let everything take ``factor`` times as long: a power of two, so that nothing is rounded."""
    start = document["start"]

    def scaled(text: str) -> str:
        for pattern, unit, by in (
            (_DURATION, " h", factor), (_RATE, "/h", 1 / factor), (_SPEED, " km/h", 1 / factor),
        ):  # fmt: skip
            match = pattern.match(text)
            if match:
                return f"{float(match[1]) * by!r}{unit}"
        return text

    later = each_moment(document, lambda moment: start + factor * (moment - start))
    result = dict(each_text(later, scaled))
    for fleet in _entries(result, "fleets"):
        if fleet.get("drivers", 1) == 1:  # what holds if nothing is said
            fleet.setdefault("rest", {"after": f"{4 * factor} h", "for": f"{20 * factor} min"})
    return result


def larger(document: Table, factor: int) -> Table:
    """Count in units of which ``factor`` are one: of goods and of what holds them."""
    result = copy.deepcopy(document)

    def scale(table: Table, *keys: str) -> None:
        for key in keys:
            if key not in table or table[key] == "all":
                continue
            value = table[key]
            if isinstance(value, dict):
                if "values" in value:
                    value["values"] = [factor * size for size in value["values"]]
                else:
                    scale(value, *value)
            elif isinstance(value, str):
                rate, hours = _RATE.match(value), _DURATION.match(value)
                if rate:
                    table[key] = f"{float(rate[1]) * factor!r}/h"
                elif hours:  # for each unit
                    table[key] = f"{float(hours[1]) / factor!r} h"
            else:
                table[key] = factor * value

    for table in _entries(result, "sites"):
        scale(table, "stock", "output", "need")
    for table in _entries(result, "echelons"):
        scale(table, "entitlement")
    for table in _entries(result, "products"):
        scale(table["carton"], "units")
    for table in _entries(result, "fleets"):
        scale(table.get("capacity", {}), "units")
    for table in _entries(result, "lanes"):
        scale(table.get("dispatch", {}), "full")
        scale(table.get("sharing", {}), "keeps")
    for table in (*_entries(result, "supply"), *_entries(result, "requests")):
        scale(table, "lot", "units")
    for table in _entries(result, "orders"):
        scale(table, "units")
    for table in _entries(result, "consumption"):
        scale(table, "units", "stock")
    for table in _entries(result, "stations"):
        scale(table, "time-per-unit")
    return result


def _entries(document: Table, table: str) -> Iterator[Table]:
    yield from document.get(table, {}).values()


def renamed(document: Table, names: Mapping[str, str]) -> Table:
    """Give things other names, wherever they stand. (In a random scenario, no two are alike.)"""

    def rename(value: Any) -> Any:
        if isinstance(value, dict):
            return {names.get(key, key): rename(item) for key, item in value.items()}
        if isinstance(value, list):
            return [rename(item) for item in value]
        return names.get(value, value) if isinstance(value, str) else value

    return {
        key: rename(value) if isinstance(value, dict) else value for key, value in document.items()
    }


def names_in(document: Table, tables: tuple[str, ...]) -> list[str]:
    """Return the names of all entries of some tables."""
    return [name for table in tables for name in document.get(table, {})]


def new_names(names: list[str], seed: int) -> dict[str, str]:
    """Return other names, in another alphabetical order."""
    order = list(range(len(names)))
    random.Random(seed).shuffle(order)
    return {name: f"n{number:02}-{seed}" for name, number in zip(names, order, strict=True)}


def told(document: Table) -> Table:
    """Say more about it: titles, descriptions, where numbers come from. None of it is simulated."""
    result = copy.deepcopy(document)
    result |= {"title": "Another title", "description": "A story."}
    result["geography"]["circuity"] = {
        "value": result["geography"]["circuity"], "range": [1.0, 2.0], "status": "assumed",
        "source": "nobody",
    }  # fmt: skip
    for table in ("sites", "products", "echelons", "stations", "fleets", "lanes"):
        for name, entry in result.get(table, {}).items():
            entry["title"] = f"What is called {name}"
    for table in ("calendars", "supply", "requests", "consumption", "waves", "orders"):
        for entry in _entries(result, table):
            entry |= {"status": "reported", "source": "a letter"}
    for entry in _entries(result, "fleets"):
        entry["vehicles"] = {"value": entry["vehicles"], "status": "derived", "source": "a count"}
    for entry in _entries(result, "sites"):
        entry |= {"place-status": "assumed", "source": "a map"}
    result["reported"] = {
        "kits": {
            "measure": "received", "product": next(iter(result["products"])),
            "echelon": list(result["echelons"])[-1], "value": 3, "band": "50 %",
            "at": result["start"] + timedelta(hours=6), "use": "fit", "source": "a letter",
            "wording": "some three",
        }
    }  # fmt: skip
    return result


def reordered(document: Table, seed: int) -> Table:
    """Let tables, the keys of every entry, and the entries of unordered tables stand in another
    order."""
    luck = random.Random(seed)

    def shuffled(table: Table) -> Table:
        keys = list(table)
        luck.shuffle(keys)
        return {key: table[key] for key in keys}

    def deep(value: Any) -> Any:
        if isinstance(value, list):
            return [deep(item) for item in value]
        return (
            shuffled({k: deep(v) for k, v in value.items()}) if isinstance(value, dict) else value
        )

    result: Table = {}
    for name, value in shuffled(document).items():
        if name in (*WITH_LUCK, *WITHOUT_LUCK):
            entries = {key: deep(entry) for key, entry in value.items()}
            result[name] = shuffled(entries) if name in UNORDERED else entries
        else:
            result[name] = deep(value)
    return result


def weeks_later(document: Table, weeks: int) -> Table:
    """Let it begin, and everything else that has a date, so many weeks later."""
    by = timedelta(weeks=weeks)
    result = dict(each_moment(document, lambda moment: moment + by))
    result["calendars"] = copy.deepcopy(document.get("calendars", {}))
    for calendar in _entries(result, "calendars"):
        if "exceptions" in calendar:
            calendar["exceptions"] = {
                (date.fromisoformat(day) + by).isoformat(): hours
                for day, hours in calendar["exceptions"].items()
            }
    return result


def with_idle(document: Table, *, vehicles: bool) -> Table:
    """Add what is never used, before all else in the file: an echelon and a site that no lane
    reaches, a maker that is closed, a product that only closed sites would want; and with
    ``vehicles`` a fleet that no lane takes."""
    result = copy.deepcopy(document)
    anywhere = {"at": [1.0, 30.0], "region": "north", "attributes": {"people": 9}}
    result["echelons"] = {"void": {}, **result["echelons"]}
    result["sites"] = {
        "lonely": {"echelon": "void", **anywhere},
        "shut": {"echelon": "maker", **anywhere, "closed": True},
        "gone": {"echelon": "clinic", **anywhere, "closed": True, "need": {"ghost": 1}},
        **result["sites"],
    }
    for lane in _entries(result, "lanes"):
        if lane["to"] == "clinic" and "links" in lane:
            origin = lane["links"][0]["from"]
            lane["links"].insert(0, {"from": origin, "to": "gone", "km": "8 km"})
    # A product must be there and wanted: what nobody open wants stays where it is.
    carton = {"units": 1, "volume": "1 L", "weight": "1 g"}
    result["products"] = {"ghost": {"carton": carton, "priority": -2}, **result["products"]}
    result["sites"]["maker-0"].setdefault("stock", {})["ghost"] = 5
    if vehicles:
        idle = {"home": "maker", "vehicles": 2, "speed": "1 km/h", "loading": "9 h"}
        result["fleets"] = {"idler": idle, **result["fleets"]}
    result["calendars"] = {"never": {"hours": "closed"}, **result.get("calendars", {})}
    return result


def with_trouble(document: Table, trouble: Table) -> Table:
    """Add a disruption, before all others."""
    return {**document, "disruptions": {"nothing": trouble, **document.get("disruptions", {})}}


def with_spare_vehicles(document: Table, fleets: list[str]) -> Table:
    """Give every place of these fleets one vehicle more."""
    result = copy.deepcopy(document)
    for name in fleets:
        result["fleets"][name]["vehicles"] += 1
    return result
