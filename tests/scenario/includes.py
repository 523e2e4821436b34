"""Scenario files that include others: texts and folders for the suites of includes."""

from __future__ import annotations

import re
from collections.abc import Callable
from pathlib import Path

DOCS = Path(__file__).parents[2] / "docs" / "vocabulary.md"
HEAD = 'title = "Together"\nstart = 2023-01-07T00:00:00+08:00\nhorizon = "20 d"\n'
HAINAN = HEAD.replace("20 d", "9 d")
NOWHERE = '[geography]\nnation = "none"\n'
KITS_HEAD = 'title = "Together"\nstart = 2030-04-19T06:00:00+00:00\nhorizon = "10 d"\n' + NOWHERE
Say = Callable[..., list[str]]


def kits_of_the_docs(*, still: bool) -> str:
    """Return the small scenario of the vocabulary, of listed sites; ``still`` leaves nothing in it
    to chance."""
    (text,) = re.findall(r"^```toml complete\n(.*?)^```$", DOCS.read_text("utf-8"), re.M | re.S)
    if not still:
        return str(text)
    return str(text).replace("travel = { cv = 0.1 }\n", "").replace(", cv = 0.5", "")


def write(folder: Path, text: str, name: str = "all.toml") -> Path:
    """Write a file into a folder, or below it, and return its path."""
    path = folder / name
    path.parent.mkdir(exist_ok=True)
    path.write_text(text, "utf-8")
    return path


def including(**files: str) -> str:
    """Return the tables that include files under names."""
    return "".join(f'[include.{name}]\nscenario = "{file}"\n' for name, file in files.items())
