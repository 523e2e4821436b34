"""Where the numbers of a scenario come from: every value with a status, by path."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime
from typing import Any

#: Keys that say something about their table rather than of the campaign.
ABOUT = ("status", "source", "range", "place-status")
_SHOWN = 20  # entries of a list that are written out


@dataclass(frozen=True, slots=True)
class Origin:
    """One value or rule with its origin, as written: ``range`` is empty where none is given."""

    path: str
    value: str
    range: str
    status: str
    source: str


def origins_of(document: dict[str, Any]) -> list[Origin]:
    """Return every value of a resolved scenario document that states its origin, in file order."""
    found: list[Origin] = []
    _walk((), document, found)
    return found


def _walk(path: tuple[str, ...], table: dict[str, Any], found: list[Origin]) -> None:
    if "status" in table:
        found.append(_origin(path, table, str(table["status"]), _value(table)))
    elif "place-status" in table:
        at = (*path, "at")
        found.append(_origin(at, table, str(table["place-status"]), show_value(table["at"])))
    for key, value in table.items():
        if isinstance(value, dict):
            _walk((*path, key), value, found)


def _origin(path: tuple[str, ...], table: dict[str, Any], status: str, value: str) -> Origin:
    limits = table.get("range")
    return Origin(
        ".".join(path),
        value,
        f"{show_value(limits[0])} to {show_value(limits[1])}" if limits else "",
        status,
        str(table.get("source", "")),
    )


def _value(table: dict[str, Any]) -> str:
    if "value" in table:
        return show_value(table["value"])
    rest = {
        key: value
        for key, value in table.items()
        if key not in ABOUT and not isinstance(value, dict) and value != []
    }
    choice = table.get("choose")
    if isinstance(choice, dict):  # an area may say nothing else
        rest["choose"] = _choice(choice)
    return ", ".join(f"{key} {show_value(value)}" for key, value in rest.items())


def _choice(choice: dict[str, Any]) -> str:
    counties = choice["counties"]
    count = counties["value"] if isinstance(counties, dict) else counties
    names = f" from {show_value(choice['from'])}" if choice.get("from") else ""
    return f"{show_value(count)} by {choice.get('by', 'chance')}{names}"


def show_value(value: Any) -> str:
    """Write a value of a document for people, as a scenario file would say it, on one line."""
    if isinstance(value, datetime):
        return value.isoformat(timespec="minutes")
    if isinstance(value, list):
        more = len(value) - _SHOWN
        shown = ", ".join(show_value(item) for item in value[:_SHOWN])
        return f"{shown} and {more:,} more" if more > 0 else shown
    if isinstance(value, bool):
        return str(value).lower()
    if isinstance(value, int):
        return f"{value:,}"
    return str(value).replace("_", ",")
