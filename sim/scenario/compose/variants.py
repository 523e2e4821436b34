"""``[variants.NAME]``: what a file that extends this one would say, written in this one."""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from sim.errors import Problem, did_you_mean
from sim.scenario.compose.remove import Removal, read_removals
from sim.scenario.compose.written import Document, Written
from sim.scenario.values import show

#: Keys of a file that a variant cannot say: the file has said what it is made from.
FIXED = ("extends", "include", "variants")
_NAME = re.compile("[a-z0-9][a-z0-9-]*")


@dataclass(frozen=True, slots=True)
class Layer:
    """What one file says of a variant: what it takes out, and what goes over the rest.

    The empty path of ``written`` stands where the variant's table begins.
    """

    written: Written
    removals: tuple[Removal, ...]


def read_variants(
    raw: Any, own: Written, place: str
) -> tuple[dict[str, tuple[Layer, ...]], list[Problem]]:
    """Return the variants that a file says itself, in its order, and what is wrong with the table.

    ``raw`` is what stands under the key ``variants`` of ``own``, None if nothing; ``place`` is what
    problems call the file. Whether what a variant says is valid is seen once it goes over the file.
    """
    if raw is None:
        return {}, []
    locate = own.locator(place)
    if not isinstance(raw, dict):
        return {}, [locate.at(("variants",), "tables such as [variants.more-vans]", show(raw))]
    variants: dict[str, tuple[Layer, ...]] = {}
    problems: list[Problem] = []
    for name, table in raw.items():
        path = ("variants", name)
        if not _NAME.fullmatch(name):
            expected = "a name of small letters, digits and hyphens"
            problems.append(locate.at(path, expected, show(name)))
        elif not isinstance(table, dict):
            expected = f"a table that says what is different, [variants.{name}]"
            problems.append(locate.at(path, expected, show(table)))
        else:
            problems += [
                locate.at(
                    (*path, key),
                    "a key of a scenario, or remove",
                    f'the key "{key}"',
                    f"a variant goes over this file as it is: write {key} in a file of its own",
                )
                for key in FIXED
                if key in table
            ]
            layer, said = _layer(name, table, own, place)
            variants[name] = (layer,)
            problems += said
    return variants, problems


def _layer(name: str, table: Document, own: Written, place: str) -> tuple[Layer, list[Problem]]:
    """Return the text of a variant as a document of its own."""
    root = ("variants", name)
    places = {path[2:]: at for path, at in own.places.items() if path[:2] == root}
    written = Written(table, places)
    removals, problems = read_removals(
        table.get("remove"), written, place, f'what the variant "{name}" changes'
    )
    document = {key: value for key, value in table.items() if key not in ("remove", *FIXED)}
    return Layer(Written(document, places), removals), problems


def handed_on(
    removals: Sequence[Removal], variants: Mapping[str, tuple[Layer, ...]]
) -> tuple[tuple[Removal, ...], dict[str, tuple[Layer, ...]], list[Problem]]:
    """Return the variants that a file takes over from the one that it extends.

    Those that it removes ("variants.snow") are left out. Returned with them: the removals that are
    of something else, and the problems of those that are of no variant.
    """
    kept, rest, problems = dict(variants), [], []
    for removal in removals:
        if removal.path[0] != "variants":
            rest.append(removal)
        elif removal.path == ("variants",) and kept:
            kept.clear()
        elif len(removal.path) == 2 and removal.path[1] in kept:
            del kept[removal.path[1]]
        else:
            problems.append(removal.problem({"variants": dict.fromkeys(variants)}))
    return tuple(rest), kept, problems


def unknown_variant(
    name: str, variants: Mapping[str, tuple[Layer, ...]], own: Written, place: str
) -> Problem | None:
    """Return the problem that a file has no variant of this name, None if it has."""
    if name in variants:
        return None
    locate = own.locator(place)
    if not variants:
        hint = f"[variants.{name or 'NAME'}] would hold what is different"
        return locate.at(("variants",), f"a file with a variant {show(name)}", "none in it", hint)
    known = ", ".join(variants)
    near = did_you_mean(name, list(variants))
    return locate.at(("variants",), f"the name of a variant ({known})", show(name), near)
