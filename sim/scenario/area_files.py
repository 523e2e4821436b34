"""Read the CSV files of areas: each row becomes a region of its area."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from sim.errors import Problem, did_you_mean
from sim.geography.nation import load_nation
from sim.geography.regions import AmbiguousRegion, UnknownRegion, resolve
from sim.scenario import positions
from sim.scenario.locate import Locator, Place, decode
from sim.scenario.tables import Record, read_table

_COLUMNS = ("code", "county")

#: Gives what a file holds, or what was expected of it, what was found, and a hint.
Read = Callable[[str], bytes | tuple[str, str, str]]


@dataclass(slots=True)
class AreasRead:
    """A document without the files of its areas, where their rows stand, and what is wrong.

    It is not ``complete`` if a file could not be read.
    """

    document: dict[str, Any]
    places: dict[positions.Path, Place] = field(default_factory=dict)
    problems: list[Problem] = field(default_factory=list)
    complete: bool = True


def attach_areas(
    document: dict[str, Any], folder: Path | None, read: Read, locate: Locator
) -> AreasRead:
    """Return a scenario document with the rows of its areas' files among their regions.

    The document that is given is not changed. A county is written as its code, which is its own
    whatever else is called like it.
    """
    result = AreasRead(document)
    areas = document.get("areas")
    if not isinstance(areas, dict):
        return result
    for name, area in areas.items():
        if not isinstance(area, dict) or not isinstance(area.get("file"), str):
            continue  # what stands there instead is told by the schema
        if not isinstance(area.get("regions", []), list):
            continue
        relative = area["file"]
        data = read(relative)
        if isinstance(data, tuple):
            result.problems.append(locate.at(("areas", name, "file"), *data))
            result.complete = False
            continue
        assert folder is not None
        regions = list(area.get("regions", []))
        result.complete &= _add_rows(str(folder / relative), data, name, regions, result)
        rest = {key: value for key, value in area.items() if key != "file"}
        if result.document is document:
            result.document = {**document, "areas": dict(areas)}
        result.document["areas"][name] = {**rest, "regions": regions}
    return result


def _add_rows(place: str, data: bytes, area: str, regions: list[Any], result: AreasRead) -> bool:
    text = decode(place, data)
    if isinstance(text, Problem):
        result.problems.append(text)
        return False
    table = read_table(place, text)
    result.problems += table.problems
    if not table.complete:
        return False
    if not any(name in table.header for name in _COLUMNS):
        near = next(filter(None, (did_you_mean(n, list(table.header)) for n in _COLUMNS)), "")
        expected = 'the column "code" or "county"'
        result.problems.append(Problem(place, 1, 1, "", expected, "none", near))
        return False
    if not table.records and not table.problems:
        result.problems.append(Problem(place, 1, 1, "", "a row for each county", "none"))
    for record in table.records:
        found = _region(place, record)
        if isinstance(found, Problem):
            result.problems.append(found)
        else:
            text, line, column = found
            result.places["areas", area, "regions", len(regions)] = (place, line, column)
            regions.append(text)
    return True


def _region(place: str, record: Record) -> tuple[str, int, int] | Problem:
    """Return the code of a row's region and where it stands; the code of a row goes before its
    county's name."""
    cell = record.cells.get("code")
    if cell is not None:
        text = str(cell.value)
        if not (text.isascii() and text.isdigit()):
            return Problem(place, *cell[1:], "", "the code of a county", f'"{text}"')
        return text, cell.line, cell.column
    cell = record.cells.get("county")
    if cell is None:
        return Problem(place, record.line, record.column, "", "a county", "nothing")
    nation, text = load_nation("china"), str(cell.value)
    try:
        region = resolve(nation, text, "county")
    except AmbiguousRegion as error:
        hint = "it may be " + " or ".join(f'"{name}"' for name in error.choices)
        return Problem(place, *cell[1:], "", "one county", f'"{text}"', hint)
    except UnknownRegion as error:
        near = " or ".join(f'"{name}"' for name in error.suggestions)
        hint = f"did you mean {near}?" if near else ""
        return Problem(place, *cell[1:], "", "a county", f'"{text}"', hint)
    return str(region.code), cell.line, cell.column
