"""Line and column of every key and array element, counted in characters."""

from __future__ import annotations

import tomllib
from collections.abc import Iterator
from typing import Any

import pytest

from sim.scenario.positions import read_positions

TEXT = """\
# 注释 first
title = "x"
"引号键" = 1
'a b' = 2
"tab\\t" = 3
a.b.c = 4
a."点.d".e = 5
list = [1, "二", 3] # 尾
lines = [
  # a comment is not an element
  10,
  [20, 21],

  { deep = 30, "深" = [31] },
]
text = \"\"\"
not_a_key = 1
\"\"\"
inline = { x = 1, y.z = 2, "键" = { w = [7, 8] } }
"一" = { after = 1 }

[table]
key = 1
  indented = 2

[table.sub."子表"]
key = 3

[ spaced . "out" ]
key = 4

[[rows]]
n = 1

[[rows]]
n = 2
inner.deep = 3

[rows.more]
k = 1

[[rows.nested]]
m = 1

[[rows.nested]]
m = 2
"""

#: Positions counted by hand.
KNOWN: dict[tuple[str | int, ...], tuple[int, int]] = {
    ("title",): (2, 1),
    ("引号键",): (3, 1),
    ("a b",): (4, 1),
    ("tab\t",): (5, 1),
    ("a",): (6, 1),
    ("a", "b"): (6, 3),
    ("a", "b", "c"): (6, 5),
    ("a", "点.d"): (7, 3),
    ("a", "点.d", "e"): (7, 9),
    ("list", 0): (8, 9),
    ("list", 1): (8, 12),
    ("list", 2): (8, 17),
    ("lines", 0): (11, 3),
    ("lines", 1): (12, 3),
    ("lines", 1, 1): (12, 8),
    ("lines", 2): (14, 3),
    ("lines", 2, "deep"): (14, 5),
    ("lines", 2, "深"): (14, 16),
    ("lines", 2, "深", 0): (14, 23),
    ("text",): (16, 1),
    ("inline", "x"): (19, 12),
    ("inline", "y", "z"): (19, 21),
    ("inline", "键"): (19, 28),
    ("inline", "键", "w", 1): (19, 44),
    ("一", "after"): (20, 9),
    ("table",): (22, 2),
    ("table", "indented"): (24, 3),
    ("table", "sub"): (26, 8),
    ("table", "sub", "子表"): (26, 12),
    ("table", "sub", "子表", "key"): (27, 1),
    ("spaced", "out"): (29, 12),
    ("rows", 0): (32, 1),
    ("rows", 0, "n"): (33, 1),
    ("rows", 1, "n"): (36, 1),
    ("rows", 1, "inner", "deep"): (37, 7),
    ("rows", 1, "more"): (39, 7),
    ("rows", 1, "more", "k"): (40, 1),
    ("rows", 1, "nested", 0): (42, 1),
    ("rows", 1, "nested", 0, "m"): (43, 1),
    ("rows", 1, "nested", 1, "m"): (46, 1),
}


def paths_of(node: Any, path: tuple[str | int, ...] = ()) -> Iterator[tuple[str | int, ...]]:
    items: list[tuple[str | int, Any]] = []
    if isinstance(node, dict):
        items = list(node.items())
    elif isinstance(node, list):
        items = list(enumerate(node))
    for key, value in items:
        yield (*path, key)
        yield from paths_of(value, (*path, key))


def value_at(node: Any, path: tuple[str | int, ...]) -> Any:
    for part in path:
        node = node[part]
    return node


def starts_with_value(text: str, value: Any) -> bool:
    """Whether some beginning of ``text`` is the TOML of ``value``."""
    for end in range(1, min(len(text), 200) + 1):
        try:
            if tomllib.loads(f"x = {text[:end]}")["x"] == value:
                return True
        except tomllib.TOMLDecodeError:
            continue
    return False


def starts_with_key(text: str, key: str) -> bool:
    name = text.split("\n")[0].partition("=")[0].partition("]")[0]
    for end in range(1, len(name) + 1):
        try:
            if list(tomllib.loads(f"{name[:end]} = 0")) == [key]:
                return True
        except tomllib.TOMLDecodeError:
            continue
    return False


@pytest.mark.parametrize("path", KNOWN, ids=lambda path: ".".join(map(str, path)))
def test_position_counted_by_hand(path: tuple[str | int, ...]) -> None:
    assert read_positions(TEXT).at[path] == KNOWN[path]


@pytest.mark.parametrize("name", ["small_toml", "rich_toml", "here"])
def test_every_key_and_element_stands_where_it_is_said_to(
    name: str, request: pytest.FixtureRequest
) -> None:
    text = TEXT if name == "here" else request.getfixturevalue(name)
    document = tomllib.loads(text)
    at = read_positions(text).at
    lines = text.split("\n")
    paths = list(paths_of(document))
    for path in paths:
        line, column = at[path]
        rest = "\n".join([lines[line - 1][column - 1 :], *lines[line:]])
        if isinstance(path[-1], str):
            assert starts_with_key(rest, path[-1]), (path, line, column, rest[:30])
        elif not rest.startswith("[["):  # a table of an array stands at its header
            assert starts_with_value(rest, value_at(document, path)), (path, rest[:30])
    assert len(paths) > 40


def test_a_path_that_is_not_in_the_file_is_found_at_its_nearest_part() -> None:
    positions = read_positions(TEXT)
    assert positions.find(("table", "sub", "missing", "more")) == KNOWN["table", "sub"]
    assert positions.find(("nowhere",)) == (1, 1)


def test_lines_end_as_windows_writes_them() -> None:
    at = read_positions(TEXT.replace("\n", "\r\n")).at
    assert {path: at[path] for path in KNOWN} == KNOWN
