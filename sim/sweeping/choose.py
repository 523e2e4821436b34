"""Which axes a sweep has: factors that are given, and ranges that the scenario declares."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from fnmatch import fnmatchcase
from typing import Any

from sim.errors import UsageError, did_you_mean
from sim.experiment.factors import Factor, parse_factor
from sim.scenario.ranges import NOT_SET, Ranged, base_text, range_by_hand, ranges_of
from sim.sweeping.axes import Axis, axis_of_factor, axis_of_ranges


@dataclass(frozen=True, slots=True)
class Wanted:
    """What is asked to be varied.

    ``vary`` and ``together`` are paths, or patterns of them with ``*``; what ``together`` names
    moves as one. ``assumptions`` are all assumed values with ranges; ``any_status`` takes derived
    and reported ones as well. ``log`` are the paths or patterns of axes to be spread by ratio.
    """

    factors: tuple[Factor, ...] = ()
    vary: tuple[str, ...] = ()
    together: tuple[str, ...] = ()
    assumptions: bool = False
    any_status: bool = False
    log: tuple[str, ...] = ()


def split_sets(texts: Sequence[str]) -> tuple[tuple[str, ...], tuple[Factor, ...]]:
    """Return which of several ``--set`` fix a value, as they are, and the factors that others are.

    A factor has two values or more: ``PATH=1,2,4`` or ``PATH=1:12``. A value in brackets or quotes
    is one value, whatever stands in it.

    Raises:
        UsageError: a factor cannot be read, or two are of the same path.
    """
    fixed: list[str] = []
    factors: list[Factor] = []
    for text in texts:
        has_value = bool(text.partition("=")[0].strip() and text.partition("=")[2].strip())
        factor = parse_factor(text) if has_value else None  # else --set itself says what is wrong
        if factor is None or len(factor.texts) == 1:
            fixed.append(text)
        elif factor.path in [other.path for other in factors]:
            raise UsageError(f"{factor.path} is varied twice: give all of its values in one --set")
        else:
            factors.append(factor)
    return tuple(fixed), tuple(factors)


def choose_axes(document: dict[str, Any], wanted: Wanted) -> list[Axis]:
    """Return the axes of what is wanted, from the document of the scenario that is varied.

    Factors come first, then ranges in the order of the file. Without anything wanted, all assumed
    values with ranges are.

    Raises:
        UsageError: with all that is wrong: a path without a range, a pattern that fits none, a
            range that cannot be spread by ratio, or nothing to vary.
    """
    complaints: list[str] = []
    declared = {item.path: item for item in ranges_of(document)}
    taken = {factor.path for factor in wanted.factors}
    everything = not (wanted.factors or wanted.vary or wanted.together)
    assumed = [
        path
        for path, item in declared.items()
        if (wanted.any_status or item.status == "assumed") and path not in taken
    ]
    chosen: dict[str, Ranged] = {}
    if everything or wanted.assumptions:
        chosen |= {path: declared[path] for path in assumed}
    for text in wanted.vary:
        chosen |= _varied(text, document, declared, assumed, taken, complaints)
    axes = [axis_of_factor(factor, document) for factor in wanted.factors]
    groups: list[tuple[str, list[Ranged]]] = []
    for pattern in wanted.together:
        members = _matching(pattern, document, declared, assumed, complaints)
        groups.append((pattern, [declared[path] for path in members]))
        for path in members:
            chosen.pop(path, None)
    groups += [(path, [item]) for path, item in chosen.items()]
    unused = list(dict.fromkeys(wanted.log))
    for name, items in sorted(groups, key=lambda group: _place(group[1], declared)):
        fits = [text for text in wanted.log if _fits(text, name)]
        unused = [text for text in unused if text not in fits]
        if items:
            axes += _axis(name, items, complaints, log=bool(fits))
    complaints += [f"--log {text}: no range that is varied goes by this name" for text in unused]
    if complaints:
        raise UsageError("\n".join(complaints))
    if not axes:
        what = "no value with a range" if wanted.any_status else "no assumed value with a range"
        raise UsageError(
            f"there is nothing to vary: the scenario has {what}; "
            "give values, such as --set PATH=1,2,4, or ranges, such as --vary PATH=LOW..HIGH"
            + ("" if wanted.any_status else ", or --all-ranges to vary derived values as well")
        )
    return axes


def _axis(name: str, items: Sequence[Ranged], complaints: list[str], *, log: bool) -> list[Axis]:
    try:
        return [axis_of_ranges(name, items, log=log)]
    except UsageError as error:
        complaints.append(str(error))
        return []


def _varied(
    text: str,
    document: dict[str, Any],
    declared: dict[str, Ranged],
    assumed: Sequence[str],
    taken: Iterable[str],
    complaints: list[str],
) -> dict[str, Ranged]:
    """Return the ranges that a ``--vary`` names, one given by hand among them."""
    path, equals, ends = (part.strip() for part in text.partition("="))
    if path in taken:
        complaints.append(f"{path} is varied twice: by --set and by --vary")
        return {}
    if not equals:
        return {
            name: declared[name]
            for name in _matching(path, document, declared, assumed, complaints)
        }
    try:
        given = range_by_hand(document, path, ends)
    except ValueError as error:
        complaints.append(f"--vary {text}: {error}")
        return {}
    return {path: given}


def _matching(
    pattern: str,
    document: dict[str, Any],
    declared: dict[str, Ranged],
    assumed: Sequence[str],
    complaints: list[str],
) -> list[str]:
    """Return the paths that a pattern fits; a path in full fits whatever its status."""
    if pattern in declared:
        return [pattern]
    found = [path for path in assumed if fnmatchcase(path, pattern)]
    if not found:
        what = "no assumed value with a range fits" if "*" in pattern else "it declares no range"
        if any(fnmatchcase(path, pattern) for path in declared):
            why = "values that are not assumed do: add --all-ranges"
        elif base_text(document, pattern) != NOT_SET:
            why = f"give one: --vary {pattern}=LOW..HIGH"
        else:
            near = did_you_mean(pattern, list(declared))
            why = near or "postroad explain lists all values with their ranges"
        complaints.append(f"{pattern}: {what} ({why})")
    return found


def _fits(text: str, name: str) -> bool:
    return text == name or fnmatchcase(name, text)


def _place(items: Sequence[Ranged], declared: dict[str, Ranged]) -> int:
    order = list(declared)
    return min((order.index(item.path) for item in items if item.path in order), default=len(order))
