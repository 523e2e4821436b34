"""Where each key of a TOML file stands, so that a problem can say line and column.

``tomllib`` gives values without positions; tree-sitter's TOML grammar gives positions. Both read
the same text, and only the positions are taken from the second.
"""

from __future__ import annotations

import tomllib
from collections.abc import Iterator, Mapping
from dataclasses import dataclass

import tree_sitter_toml
from tree_sitter import Language, Node, Parser

Path = tuple[str | int, ...]


@dataclass(frozen=True, slots=True)
class Positions:
    """Line and column (from 1) of every key and array element, by path."""

    at: Mapping[Path, tuple[int, int]]

    def find(self, path: Path) -> tuple[int, int]:
        """Return the position of ``path``, or of the longest part of it that stands in the file."""
        for length in range(len(path), 0, -1):
            if path[:length] in self.at:
                return self.at[path[:length]]
        return (1, 1)


def read_positions(text: str) -> Positions:
    """Return where the keys of ``text`` stand; ``text`` must be valid TOML."""
    source = text.encode()
    tree = Parser(Language(tree_sitter_toml.language())).parse(source)
    lines = source.split(b"\n")
    at: dict[Path, tuple[int, int]] = {}
    arrays: dict[Path, int] = {}

    last = (0, 0, 0)  # row, bytes and characters of the node before, mostly of the same line

    def note(path: Path, node: Node) -> None:
        nonlocal last
        row, column = node.start_point
        begin, before = last[1:] if row == last[0] and column >= last[1] else (0, 0)
        before += len(lines[row][begin:column].decode(errors="replace"))
        last = (row, column, before)
        at.setdefault(path, (row + 1, before + 1))

    def walk_value(path: Path, node: Node) -> None:
        if node.type == "inline_table":
            walk_pairs(path, node)
        elif node.type == "array":
            for index, child in enumerate(_without_comments(node)):
                note((*path, index), child)
                walk_value((*path, index), child)

    def walk_pairs(path: Path, node: Node) -> None:
        for pair in node.named_children:
            if pair.type == "pair":
                key, value = _without_comments(pair)
                full = path
                for part, part_node in _key_parts(key):
                    full = (*full, part)
                    note(full, part_node)
                walk_value(full, value)

    walk_pairs((), tree.root_node)
    for table in tree.root_node.named_children:
        if table.type not in ("table", "table_array_element"):
            continue
        path: Path = ()
        for part, part_node in _key_parts(table.named_children[0]):
            if path in arrays:  # the key stands in the last table of the array
                path = (*path, arrays[path])
            path = (*path, part)
            note(path, part_node)
        if table.type == "table_array_element":
            arrays[path] = arrays.get(path, -1) + 1
            path = (*path, arrays[path])
            note(path, table)
        walk_pairs(path, table)
    return Positions(at)


def _without_comments(node: Node) -> list[Node]:
    return [child for child in node.named_children if child.type != "comment"]


def _key_parts(key: Node) -> Iterator[tuple[str, Node]]:
    if key.type == "dotted_key":
        for child in key.named_children:
            yield from _key_parts(child)
        return
    text = (key.text or b"").decode()
    if key.type == "quoted_key":
        text = next(iter(tomllib.loads(f"{text} = 0")))  # escapes are TOML's business
    yield text, key
