"""Read a CSV file with the line and column of every cell, which Python's own reader does not give.

Cells are parted by commas; one in double quotes may hold commas, line ends and, doubled, quotes
(RFC 4180). Empty lines are skipped.
"""

from __future__ import annotations

import re
from dataclasses import dataclass, field
from typing import NamedTuple

from sim.errors import Problem

_CELL = re.compile(r'[ \t]*"((?:[^"]|"")*)"[ \t]*|([^",\r\n][^,\r\n]*|)')
#: Most cells of a file: each takes some hundred bytes of memory.
MOST_CELLS = 10_000_000
_END = re.compile(r"\r\n|\r|\n")


class Cell(NamedTuple):
    """What stands in a cell, and where: ``column`` counts characters from 1."""

    value: str | float | bool
    line: int
    column: int


@dataclass(frozen=True, slots=True)
class Record:
    """A row of a table, or a node or an edge of a graph: its cells by the name of their column."""

    line: int
    column: int
    cells: dict[str, Cell]


@dataclass(frozen=True, slots=True)
class Table:
    """The header and the rows of a file, and what is wrong with them."""

    header: dict[str, Cell]
    records: list[Record] = field(default_factory=list)
    problems: list[Problem] = field(default_factory=list)
    complete: bool = True


def read_table(place: str, text: str) -> Table:
    """Return the table that ``text`` holds; empty cells are left out of its records.

    ``place`` is what problems call the file. Without a header, or with a quote that does not end,
    the table is not complete.
    """
    rows, unread = _rows(place, text)
    if unread is not None:
        return Table({}, problems=[unread], complete=False)
    if not rows:
        nothing = Problem(place, 1, 1, "", "a row with the names of the columns", "nothing")
        return Table({}, problems=[nothing], complete=False)
    table = Table({str(cell.value): cell for cell in reversed(rows[0])})
    for cell in rows[0]:
        if table.header[str(cell.value)] is not cell:
            found = f'"{cell.value}" again'
            table.problems.append(Problem(place, *cell[1:], "", "each column once", found))
    names = [str(cell.value) for cell in rows[0]]
    for row in rows[1:]:
        if len(row) != len(names):
            expected = f"{len(names)} cells, as in the first row"
            table.problems.append(Problem(place, *row[0][1:], "", expected, str(len(row))))
            continue
        cells: dict[str, Cell] = {}
        for name, cell in zip(names, row, strict=True):
            if cell.value:
                cells.setdefault(name, cell)
        table.records.append(Record(row[0].line, row[0].column, cells))
    return table


def _rows(place: str, text: str) -> tuple[list[list[Cell]], Problem | None]:
    rows: list[list[Cell]] = []
    row: list[Cell] = []
    at, line, start = 0, 1, 0  # ``start`` is where the line begins
    cells = 0
    while at < len(text):
        cells += 1
        if cells > MOST_CELLS:
            return rows, Problem(
                place, line, at - start + 1, "", f"at most {MOST_CELLS:,} cells in a file", "more"
            )
        match = _CELL.match(text, at)
        assert match is not None  # it matches nothing at all, too
        quoted, bare = match.groups()
        value = bare.strip() if quoted is None else quoted.replace('""', '"')
        blanks = len(match[0]) - len(match[0].lstrip(" \t")) if value else 0
        row.append(Cell(value, line, at + blanks - start + 1))
        if quoted is not None:
            ends = [end.end() for end in _END.finditer(text, at, match.end())]
            line, start = line + len(ends), ends[-1] if ends else start
        at = match.end()
        end = _END.match(text, at)
        if at < len(text) and text[at] != "," and end is None:
            opened = text[at] == '"' and quoted is None
            expected = "the quote that ends this cell" if opened else "a comma after the quote"
            found = "none" if opened else f'"{text[at]}"'
            return rows, Problem(place, line, at - start + 1, "", expected, found)
        if end is None:
            at += 1  # the comma; after the last one comes an empty cell
            if at == len(text):
                row.append(Cell("", line, at - start + 1))
        else:
            at = start = end.end()
            line += 1
        if end is not None or at >= len(text):
            if len(row) > 1 or row[0].value or quoted is not None:
                rows.append(row)
            row = []
    return rows, None
