"""Which rows of the table of reported figures go into which scenario, and which into none.

A scenario uses a row as a check if one of its reported figures names it (``row = "C01"``), and as
an input if a source or a note names it (``source = "A03: ..."``). What no scenario uses is named
with a reason in docs/campaigns/not-modelled.csv.
"""

from __future__ import annotations

import csv
import re
import tomllib
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

ROOT = Path(__file__).resolve().parents[1]
TABLE = ROOT / "docs" / "campaigns" / "reported-figures.csv"
LEFT_OUT = ROOT / "docs" / "campaigns" / "not-modelled.csv"

_ROW = re.compile(r"\b([A-Z]\d{2})\b")
_SPAN = re.compile(r"\b([A-Z])(\d{2})\s*(?:-|–|to)\s*(?:\1)?(\d{2})\b")


@dataclass(slots=True)
class Use:
    """Where one row is used: scenarios by name."""

    checks: list[str] = field(default_factory=list)
    inputs: list[str] = field(default_factory=list)


def read_rows() -> list[dict[str, str]]:
    """Return the rows of the table of reported figures."""
    with TABLE.open(encoding="utf-8", newline="") as source:
        return list(csv.DictReader(source))


def left_out() -> dict[str, str]:
    """Return why a row is used by no scenario, by its id."""
    with LEFT_OUT.open(encoding="utf-8", newline="") as source:
        return {row["id"]: row["reason"] for row in csv.DictReader(source)}


def uses(folder: Path = ROOT / "scenarios") -> dict[str, Use]:
    """Return how the scenario files of a folder use each row, by its id.

    What a file takes over from a base or an included one is counted there, not here.
    """
    known = {row["id"]: Use() for row in read_rows()}
    for path in sorted(folder.glob("*.toml")):
        document = tomllib.loads(path.read_text(encoding="utf-8"))
        figures = document.get("reported", {})
        checks = {entry["row"] for entry in figures.values() if "row" in entry}
        inputs = rows_named({key: value for key, value in document.items() if key != "reported"})
        for row in sorted(checks):
            if row not in known:
                raise ValueError(f"{path.name}: there is no row {row}")
            known[row].checks.append(path.stem)
        for row in sorted(inputs & known.keys()):
            known[row].inputs.append(path.stem)
    return known


def rows_named(node: Any) -> set[str]:
    """Return the rows that sources and notes anywhere in a document name, spans in full."""
    if isinstance(node, dict):
        found = set()
        for key, value in node.items():
            if key in ("source", "note") and isinstance(value, str):
                found |= _in_text(value)
            else:
                found |= rows_named(value)
        return found
    if isinstance(node, list):
        return set().union(*map(rows_named, node))
    return set()


def _in_text(text: str) -> set[str]:
    found = set(_ROW.findall(text))
    for letter, first, last in _SPAN.findall(text):
        found |= {f"{letter}{number:02d}" for number in range(int(first), int(last) + 1)}
    return found
