"""Files that are there whole or not at all: written under a temporary name, then renamed."""

from __future__ import annotations

import json
from pathlib import Path


def write_bytes(path: Path, content: bytes) -> None:
    """Write a file."""
    temporary = path.with_name(f".{path.name}.tmp")
    temporary.write_bytes(content)
    temporary.replace(path)


def write_text(path: Path, text: str) -> None:
    """Write a text, in UTF-8."""
    write_bytes(path, text.encode())


def write_json(path: Path, content: object) -> None:
    """Write a value as JSON, indented. Raises ValueError for NaN and infinity: JSON has none."""
    write_text(path, json.dumps(content, indent=2, ensure_ascii=False, allow_nan=False) + "\n")
