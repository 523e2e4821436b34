"""Marks in the schema that say which texts are names of entries."""

from __future__ import annotations

from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class NameOf:
    """Marks a text, or the key of a table, as the name of an entry of one of these tables.

    Who renames entries follows these marks.
    """

    tables: tuple[str, ...]
