"""The pages of docs/ as text, and the TOML examples in them."""

from __future__ import annotations

import re
from pathlib import Path

import pytest

ROOT = Path(__file__).resolve().parents[2]


@pytest.fixture(scope="session")
def root() -> Path:
    """The folder of the checkout."""
    return ROOT


@pytest.fixture(scope="session")
def pages() -> dict[str, str]:
    """The text of every page of docs/ (not of its folders), by file name."""
    return {path.name: path.read_text("utf-8") for path in sorted((ROOT / "docs").glob("*.md"))}


@pytest.fixture(scope="session")
def examples(pages: dict[str, str]) -> dict[str, list[tuple[str, str]]]:
    """The fenced blocks of TOML of every page: (what stands behind ``toml``, text)."""
    fence = re.compile(r"^```toml *([^\n]*)\n(.*?)^```$", re.MULTILINE | re.DOTALL)
    return {name: fence.findall(text) for name, text in pages.items()}


@pytest.fixture(scope="session")
def complete(examples: dict[str, list[tuple[str, str]]]) -> str:
    """The complete scenario that the other examples add to."""
    (text,) = [text for kind, text in examples["first-scenario.md"] if kind == "complete"]
    return text
