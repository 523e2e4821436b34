"""Read the tables that stand beside a scenario file, and make them part of its document."""

from __future__ import annotations

from collections.abc import Callable, Container
from dataclasses import dataclass
from functools import partial
from pathlib import Path, PurePosixPath, PureWindowsPath
from typing import Any

from pydantic import ValidationError

from sim.errors import Problem, did_you_mean
from sim.scenario import positions
from sim.scenario.area_files import attach_areas
from sim.scenario.entries import (
    LINK_COLUMNS,
    SITE_COLUMNS,
    SITE_GROUPS,
    link_entry,
    site_entry,
    unknown_columns,
)
from sim.scenario.files import Files
from sim.scenario.graph import read_graph
from sim.scenario.locate import Locator, Place, decode
from sim.scenario.reading import MOST_TABLE, read_bounded
from sim.scenario.tables import Cell, Record, Table, read_table
from sim.scenario.values import show


@dataclass(frozen=True, slots=True)
class Attached:
    """A document with the entries of all tables in it, where they stand, and what is wrong.

    It is not ``complete`` if a file could not be read: then it is not worth judging.
    """

    document: dict[str, Any]
    places: dict[positions.Path, Place]
    problems: list[Problem]
    complete: bool = True


def attach_files(document: dict[str, Any], folder: Path | None, locate: Locator) -> Attached:
    """Return a scenario document with the sites and links of its [files] among its own, and the
    counties of its areas' files among their regions.

    ``folder`` is where the scenario file stands, and ``locate`` knows its positions. The document
    that is returned names no files any more; the one that is given is not changed.
    """
    areas = attach_areas(document, folder, partial(read_beside, folder=folder), locate)
    tables = _attach_tables(areas.document, folder, locate)
    return Attached(
        tables.document,
        {**areas.places, **tables.places},
        [*areas.problems, *tables.problems],
        complete=areas.complete and tables.complete,
    )


def _attach_tables(document: dict[str, Any], folder: Path | None, locate: Locator) -> Attached:
    if not document.get("files"):
        return Attached({key: v for key, v in document.items() if key != "files"}, {}, [])
    try:
        files = Files.model_validate(document["files"])
    except ValidationError as error:
        errors = [{**detail, "loc": ("files", *detail["loc"])} for detail in error.errors()]
        return Attached(document, {}, [locate.problem(detail) for detail in errors], complete=False)  # type: ignore[arg-type]
    merging = _Merging(document)
    readers: dict[str, Callable[[str, bytes], bool]] = {
        "sites": merging.add_sites,
        "links": merging.add_links,
        "graph": merging.add_graph,
    }
    complete = True
    for key, add in readers.items():
        relative = getattr(files, key)
        if relative is None:
            continue
        data = read_beside(relative, folder)
        if isinstance(data, tuple):
            merging.problems.append(locate.at(("files", key), *data))
            complete = False
        else:
            assert folder is not None
            complete &= add(str(folder / relative), data)
    return Attached(merging.document, merging.places, merging.problems, complete)


def read_beside(
    relative: str, folder: Path | None, most: int = MOST_TABLE
) -> bytes | tuple[str, str, str]:
    """Return what a file in a scenario's folder, or below it, holds, of at most so many bytes; else
    what was expected of it, what was found, and a hint."""
    expected, found = "a relative path inside the scenario's folder", show(relative)
    if folder is None:
        return "no files: this text stands in no folder", found, ""
    parts = {*PurePosixPath(relative).parts, *PureWindowsPath(relative).parts}
    absolute = PurePosixPath(relative).is_absolute() or PureWindowsPath(relative).anchor
    if absolute or ".." in parts or not parts or "\0" in relative:
        return expected, found, ""
    path = folder / relative
    try:
        if not path.resolve(strict=True).is_relative_to(folder.resolve()):
            return expected, f"{found}, which leads out of it", ""
        data = read_bounded(path, most)
    except FileNotFoundError:
        beside = [other.name for other in folder.glob(f"*{path.suffix}")]
        return "a file in the scenario's folder", f"no file {found}", did_you_mean(relative, beside)
    except OSError as error:
        return "a file that can be read", (error.strerror or str(error)).lower(), ""
    except RuntimeError:  # what Path.resolve makes of links that lead in a circle
        return "a file that can be read", "links that lead in a circle", ""
    return data if isinstance(data, bytes) else (*data, "")


class _Merging:
    """A document that grows by the entries of tables."""

    def __init__(self, document: dict[str, Any]) -> None:
        self.document = {key: value for key, value in document.items() if key != "files"}
        self.places: dict[positions.Path, Place] = {}
        self.problems: list[Problem] = []
        for table in ("sites", "lanes"):
            if isinstance(document.get(table, {}), dict):
                self.document[table] = dict(document.get(table, {}))
        self._linked: set[str] = set()

    def _table(self, name: str) -> dict[str, Any]:
        table = self.document.get(name)
        return table if isinstance(table, dict) else {}

    def _products(self) -> list[str] | None:
        return list(self._table("products")) or None

    def add_sites(self, place: str, data: bytes) -> bool:
        """Add the rows of a CSV file of sites; return whether it could be read."""
        table = self._csv(place, data, ("name", "echelon"))
        if table is None:
            return False
        unknown = unknown_columns(
            place, table.header, ("name", *SITE_COLUMNS), SITE_GROUPS, self._products()
        )
        self.problems += unknown.values()
        for record in table.records:
            name = record.cells.get("name")
            if name is None:
                spot = record.line, record.column
                self.problems.append(Problem(place, *spot, "", "the name of a site", "nothing"))
            else:
                self._add_site(place, str(name.value), record, name, unknown)
        return True

    def add_links(self, place: str, data: bytes) -> bool:
        """Add the rows of a CSV file of links; return whether it could be read."""
        table = self._csv(place, data, ("lane", "from", "to"))
        if table is None:
            return False
        self.problems += unknown_columns(place, table.header, LINK_COLUMNS).values()
        for record in table.records:
            self._add_link(place, record)
        return True

    def add_graph(self, place: str, data: bytes) -> bool:
        """Add the nodes and edges of a GraphML file; return whether it could be read."""
        graph = read_graph(place, data)
        self.problems += graph.problems
        columns = [name for name in LINK_COLUMNS if name not in ("from", "to")]
        unknown = unknown_columns(
            place, graph.node_keys, SITE_COLUMNS, SITE_GROUPS, self._products()
        )
        self.problems += unknown.values()
        self.problems += unknown_columns(place, graph.edge_keys, columns).values()
        for name, record in graph.nodes:
            self._add_site(place, name, record, Cell(name, record.line, record.column), unknown)
        for record in graph.edges:
            self._add_link(place, record)
        return graph.complete

    def _csv(self, place: str, data: bytes, needed: tuple[str, ...]) -> Table | None:
        text = decode(place, data)
        if isinstance(text, Problem):
            self.problems.append(text)
            return None
        table = read_table(place, text)
        self.problems += table.problems
        if not table.complete:
            return None
        missing = [name for name in needed if name not in table.header]
        for name in missing:
            hint = did_you_mean(name, list(table.header))
            self.problems.append(Problem(place, 1, 1, "", f'the column "{name}"', "none", hint))
        return None if missing else table

    def _add_site(
        self, place: str, name: str, record: Record, cell: Cell, unknown: Container[str]
    ) -> None:
        sites = self._table("sites")
        if name in sites:
            before = self.places.get(("sites", name))
            hint = f"it stands at {before[0]}:{before[1]} too" if before else "it is in [sites] too"
            expected, found = "a site that is listed once", f'"{name}" again'
            self.problems.append(
                Problem(place, cell.line, cell.column, f"sites.{name}", expected, found, hint)
            )
            return
        entry, cells = site_entry(record, unknown)
        sites[name] = entry
        path = ("sites", name)
        self.places[path] = (place, cell.line, cell.column)
        self.places |= {(*path, *key): (place, c.line, c.column) for key, c in cells.items()}

    def _add_link(self, place: str, record: Record) -> None:
        cell = record.cells.get("lane", Cell("", record.line, record.column))
        lanes = self._table("lanes")
        lane = lanes.get(str(cell.value))
        if not isinstance(lane, dict):
            known = ", ".join(list(lanes)[:8])
            expected = f"the name of a lane ({known or 'none is defined'})"
            found = show(cell.value) if cell.value else "nothing"
            hint = did_you_mean(str(cell.value), list(lanes))
            self.problems.append(Problem(place, cell.line, cell.column, "", expected, found, hint))
            return
        if not isinstance(lane.get("links", []), list):
            return  # what stands there instead is told by the schema
        name = str(cell.value)
        if name not in self._linked:
            self._linked.add(name)
            lane = lanes[name] = {**lane, "links": list(lane.get("links", []))}
        entry, cells = link_entry(record)
        path = ("lanes", name, "links", len(lane["links"]))
        lane["links"].append(entry)
        self.places[path] = (place, record.line, record.column)
        self.places |= {(*path, *key): (place, c.line, c.column) for key, c in cells.items()}
