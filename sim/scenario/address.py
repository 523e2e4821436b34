"""Addresses of scenarios: a file, or FILE#NAME for one of the variants that it holds."""

from __future__ import annotations

from pathlib import Path


def split_address(address: Path | str) -> tuple[Path, str | None]:
    """Return the file of an address, and the variant that it asks for; None for the file itself.

    A file that is there under the whole name is meant itself, whatever its name.
    """
    path = Path(address)
    file, hash_, variant = path.name.rpartition("#")
    try:
        is_there = path.exists()
    except OSError:  # a name too long for a file
        is_there = False
    if not hash_ or not file or is_there:
        return path, None
    return path.with_name(file), variant


def variant_address(file: Path | str, name: str) -> str:
    """Return the address of a variant."""
    return f"{file}#{name}"


def scenario_name(file: Path, variant: str | None) -> str:
    """Return what the scenario of an address is called, in results and in words."""
    return file.stem if variant is None else f"{file.stem}-{variant}"
