"""Variants in words: which a file has, and what one of them changes."""

from __future__ import annotations

from dataclasses import asdict
from pathlib import Path
from typing import Any

from rich.console import RenderableType
from rich.padding import Padding
from rich.text import Text

from sim.report.layout import WideOrNarrow, plain_table
from sim.scenario.address import split_address
from sim.scenario.variants import Change, Variant


def variant_facts(
    address: Path, variants: tuple[Variant, ...], changes: tuple[Change, ...]
) -> dict[str, Any]:
    """Return the variants of a file, or what a variant changes, as plain data."""
    file, name = split_address(address)
    return {
        "variants": [{"name": variant.name, "title": variant.title} for variant in variants],
        "variant_of": None if name is None else str(file),
        "changes": [asdict(change) for change in changes],
    }


def variant_blocks(
    address: Path, variants: tuple[Variant, ...], changes: tuple[Change, ...]
) -> list[RenderableType]:
    """Return the same, block by block; nothing for a file without variants."""
    file, name = split_address(address)
    if name is not None:
        return ["", Text(f"What {name} changes in {file}", style="bold"), _table(changes)]
    if not variants:
        return []
    width = max(len(variant.name) for variant in variants)
    return [
        "",
        Text("Variants", style="bold"),
        *(f"  #{variant.name:<{width}}  {variant.title}".rstrip() for variant in variants),
        f"  postroad explain {variants[0].address} tells what that one changes",
    ]


def _table(changes: tuple[Change, ...]) -> RenderableType:
    if not changes:
        return "  nothing"
    table = plain_table("  key", "there", "here")
    lines: list[RenderableType] = []
    for change in changes:
        base = "nothing" if change.base is None else change.base
        variant = "taken out" if change.variant is None else change.variant
        table.add_row(f"  {change.path}", base, variant)
        text = f"{change.path}: {variant}, there {base}"
        lines.append(Padding(text, (0, 0, 0, 2), expand=False))
    return WideOrNarrow(table, tuple(lines))
