"""Sites and links from the records of tables and graphs, as a scenario file would say them."""

from __future__ import annotations

import re
from collections.abc import Container, Iterable, Mapping
from typing import Any

from sim.errors import Problem, did_you_mean
from sim.scenario.positions import Path
from sim.scenario.tables import Cell, Record

SITE_COLUMNS = ("echelon", "title", "county", "lat", "lon", "region", "supplied-by")
#: Columns of a number for each product, or for each attribute: need.mask, attributes.people.
SITE_GROUPS = ("need", "stock", "attributes")
LINK_COLUMNS = ("lane", "from", "to", "km", "time", "share")

_WHOLE = re.compile(r"[+-]?\d{1,18}$")
_NUMBER = re.compile(r"[+-]?(\d+\.?\d*|\.\d+)([eE][+-]?\d{1,3})?$")

Entry = dict[str, Any]
Cells = dict[Path, Cell]


def unknown_columns(
    place: str,
    header: Mapping[str, Cell],
    columns: Iterable[str],
    groups: Iterable[str] = (),
    products: Iterable[str] | None = None,
) -> dict[str, Problem]:
    """Return a problem for every column of ``header`` that is none of ``columns`` nor of the
    ``groups``, or that names none of the ``products`` (None: they are not known)."""
    known = [*columns, *(f"{group}.NAME" for group in groups)]
    problems = {}
    for name, cell in header.items():
        group, dot, member = name.partition(".")
        if name in known:
            continue
        if dot and member and group in groups:
            if products is None or group == "attributes" or member in products:
                continue
            some = list(products)
            expected = f"the name of a product ({', '.join(some[:8])})"
            hint = did_you_mean(member, some)
            found = f'"{member}"'
        else:
            hint = did_you_mean(name, known) or "it may have " + ", ".join(known)
            expected, found = "a column of this table", f'the unknown column "{name}"'
        problems[name] = Problem(place, cell.line, cell.column, "", expected, found, hint)
    return problems


def site_entry(record: Record, refused: Container[str]) -> tuple[Entry, Cells]:
    """Return a site of [sites], and the cell that each of its values is from, by path; columns
    that are ``refused`` are left out."""
    entry: Entry = {}
    cells: Cells = {}
    for name, cell in record.cells.items():
        group, dot, member = name.partition(".")
        if name in ("lat", "lon") or name in refused:
            continue
        if dot and group in SITE_GROUPS:
            read = _real if group == "attributes" else _whole
            entry.setdefault(group, {})[member] = read(cell.value)
            cells.setdefault((group,), cell)
            cells[group, member] = cell
        elif name in SITE_COLUMNS:
            entry[name] = _text(cell.value)
            cells[(name,)] = cell
    point = [record.cells.get(name) for name in ("lat", "lon")]
    given = [cell for cell in point if cell is not None]
    if given:
        entry["at"] = [_real(cell.value) for cell in given]
        cells[("at",)] = given[0]
        cells |= {("at", index): cell for index, cell in enumerate(given)}
    return entry, cells


def link_entry(record: Record) -> tuple[Entry, Cells]:
    """Return a link of a lane, and the cell that each of its values is from; a plain number of km
    is a distance in km."""
    entry: Entry = {}
    cells: Cells = {}
    for name in LINK_COLUMNS[1:]:
        cell = record.cells.get(name)
        if cell is None:
            continue
        value = _real(cell.value) if name in ("km", "share") else _text(cell.value)
        is_plain = name == "km" and isinstance(value, int | float)
        entry[name] = f"{cell.value} km" if is_plain else value
        cells[(name,)] = cell
    return entry, cells


def _text(value: str | float | bool) -> str | bool:
    return value if isinstance(value, bool) else str(value)


def _real(value: str | float | bool) -> str | float | bool:
    """Return the number that a text is, and all else as it stands."""
    if isinstance(value, str):
        if _WHOLE.match(value):
            return int(value)
        if _NUMBER.match(value):
            return float(value)
    return value


def _whole(value: str | float | bool) -> str | float | bool:
    """Return the same, and a whole number as one: 3 for 3.0, as many programs write it."""
    number = _real(value)
    return int(number) if isinstance(number, float) and number.is_integer() else number
