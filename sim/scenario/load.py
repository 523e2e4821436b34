"""Load a scenario file: read, override, validate, and say all that is wrong with it at once."""

from __future__ import annotations

import hashlib
import json
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date, datetime
from functools import partial
from pathlib import Path
from typing import Any

from pydantic import ValidationError

from sim.errors import Problem, ScenarioError, did_you_mean, few_hints
from sim.geography.nation import Nation, load_nation
from sim.geography.regions import AmbiguousRegion, UnknownRegion, resolve
from sim.scenario.address import scenario_name, split_address
from sim.scenario.attach import attach_files
from sim.scenario.checks import check_scenario
from sim.scenario.compose.extend import extend, vary
from sim.scenario.compose.include import Part, include
from sim.scenario.compose.schema import COMPOSING
from sim.scenario.compose.variants import unknown_variant
from sim.scenario.compose.written import Written, read_written
from sim.scenario.locate import decode
from sim.scenario.overrides import apply_overrides
from sim.scenario.reading import MOST_TEXT, one_scenario, read_bounded
from sim.scenario.schema import NAMED_TABLES, Scenario
from sim.scenario.values import Context


@dataclass(frozen=True, slots=True)
class LoadedScenario:
    """A valid scenario with the name of its file and what identifies it."""

    name: str
    scenario: Scenario
    document: dict[str, Any]
    digest: str


def load_scenario(
    path: Path | str, overrides: Sequence[str] = (), *, most: int = MOST_TEXT
) -> LoadedScenario:
    """Read, override and validate the scenario file at ``path``, or its variant ``path#NAME``; it
    may have at most so many bytes.

    Raises:
        ScenarioError: with every problem of the file and the overrides at once.
    """
    file, variant = split_address(path)
    with one_scenario():
        return parse_scenario(
            read_text(file, most),
            name=scenario_name(file, variant),
            place=str(file),
            overrides=overrides,
            folder=file.parent,
            file=file,
            variant=variant,
        )


def read_text(path: Path, most: int = MOST_TEXT) -> str:
    """Return the text of a scenario file of at most so many bytes.

    Raises:
        ScenarioError: there is none, or it cannot be read.
    """
    place = str(path)
    try:
        data = read_bounded(path, most, "a scenario file")
    except FileNotFoundError:
        near = did_you_mean(path.name, _siblings(path))
        raise ScenarioError(
            [Problem(place, 0, 0, "", "a scenario file", "no such file", near)]
        ) from None
    if isinstance(data, tuple):
        raise ScenarioError([Problem(place, 0, 0, "", *data)])
    text = decode(place, data)
    if isinstance(text, Problem):
        raise ScenarioError([text])
    return text


def parse_scenario(
    text: str,
    *,
    name: str,
    place: str,
    overrides: Sequence[str] = (),
    folder: Path | None = None,
    file: Path | None = None,
    variant: str | None = None,
) -> LoadedScenario:
    """Validate the text of a scenario, or one of its variants; ``place`` is what problems call it.

    The files that it extends or includes and the tables that [files] names are read from ``folder``
    and become part of the document, which is then complete without them; a text without a folder
    has none. ``file`` is where the text stands, if it does: it must not lead back there.

    Raises:
        ScenarioError: with every problem at once, in the order of the file.
    """
    own = read_written(text, place)
    if isinstance(own, Problem):
        raise ScenarioError([own])
    files = () if file is None else (file.resolve(),)
    with one_scenario(), few_hints():
        part = _read(own, place, folder, files, overrides, variant)
    if part.scenario is None or part.problems:
        raise ScenarioError(part.problems)
    complete = part.scenario.model_dump(mode="python", exclude_none=True)
    resolved = _with_defaults(part.written.document, complete)
    resolved.pop("files")  # what they hold is part of the document
    return LoadedScenario(name, part.scenario, resolved, digest_of(resolved))


def _read(
    own: Written,
    place: str,
    folder: Path | None,
    files: tuple[Path, ...],
    overrides: Sequence[str] = (),
    variant: str | None = None,
) -> Part:
    """Compose, complete and validate what a file says, with one of its variants over it if one is
    asked for; ``files`` are the resolved paths of the files that lead to it by includes, itself
    included."""
    overrides, problems = _without_composing(overrides)
    extended = extend(own, place, folder, files[-1:])
    if variant is not None and extended.complete:
        unknown = unknown_variant(variant, extended.variants, own, place)
        if unknown is not None:
            return Part(own, None, [*problems, *extended.problems, unknown])
        extended = vary(extended, variant)
    head = apply_overrides(extended.written.document, _of(overrides, _HEAD))
    written = Written(head.document, extended.written.places)
    removals = extended.removals if extended.complete else ()  # else who knows what is there
    included = include(written, place, folder, removals, files, _read_included)
    tables = apply_overrides(included.written.document, _of(overrides, _TABLES))
    by_hand = {**head.places, **tables.places}
    attached = attach_files(
        tables.document,
        folder,
        Written(tables.document, included.written.places).locator(place, by_hand),
    )
    problems += [*extended.problems, *head.problems, *included.problems]
    problems += [*tables.problems, *attached.problems]
    if not (extended.complete and included.complete and attached.complete):
        return Part(written, None, problems)  # half a network has faults of its own
    early = _of(overrides, (*_HEAD, *_TABLES))
    late = apply_overrides(attached.document, [text for text in overrides if text not in early])
    problems += late.problems
    whole = Written(late.document, {**included.written.places, **attached.places})
    locate = whole.locator(place, {**by_hand, **late.places})
    try:
        scenario = Scenario.model_validate(whole.document, context=_context(whole.document))
    except ValidationError as error:
        problems += [locate.problem(detail) for detail in error.errors()]
        return Part(whole, None, problems)
    if not attached.problems:
        problems += [
            locate.at(fault.path, fault.expected, fault.found, fault.hint)
            for fault in check_scenario(scenario)
        ]
    return Part(whole, None if problems else scenario, problems)


def _read_included(path: Path, place: str, data: bytes, files: tuple[Path, ...]) -> Part:
    text = decode(place, data)
    own = text if isinstance(text, Problem) else read_written(text, place)
    if isinstance(own, Problem):
        return Part(Written({}), None, [own])
    return _read(own, place, path.parent, files)


#: What is set before scenarios are included: they are fitted into the head.
_HEAD = ("start", "horizon", "geography", "sourcing")
#: What is set before files are read: it may name them.
_TABLES = ("files", "areas")


def _of(overrides: Sequence[str], tables: Sequence[str]) -> list[str]:
    return [text for text in overrides if _table_of(text) in tables]


def _table_of(override: str) -> str:
    return override.partition("=")[0].partition(".")[0].strip()


def _without_composing(overrides: Sequence[str]) -> tuple[list[str], list[Problem]]:
    """Return the overrides of what a scenario says, and the problems of those of how its file is
    put together."""
    kept = [text for text in overrides if _table_of(text) not in COMPOSING]
    expected = "a path of the composed scenario"
    hints = {
        "include": "what [include.NAME] brings goes by NAME-, as in fleets.NAME-van.vehicles",
        "variants": "a variant is chosen as FILE#NAME, and what is set then goes over it",
    }
    problems = [
        Problem(
            f"--set {text}",
            0,
            0,
            _table_of(text),
            expected,
            f'"{_table_of(text)}"',
            hints.get(_table_of(text), ""),
        )
        for text in overrides
        if text not in kept
    ]
    return kept, problems


def _with_defaults(written: dict[str, Any], complete: dict[Any, Any]) -> dict[str, Any]:
    """Return the document as it was written, with the defaults of all keys that it leaves out."""
    merged = {}
    for name, value in complete.items():
        key = name.isoformat() if isinstance(name, date) else name  # keys are texts in TOML
        mine = written.get(key, value)
        both = isinstance(mine, dict) and isinstance(value, dict)
        merged[key] = _with_defaults(mine, value) if both else mine
    return merged


def digest_of(document: dict[str, Any]) -> str:
    """Return the SHA-256 digest, in hex, of a resolved scenario document.

    The number of replications is left out: it does not change what any one of them does. The order
    of named entries counts: echelons follow one another, and earlier waves come first.
    """
    document = {key: value for key, value in document.items() if key != "replications"}
    document["order"] = {
        table: list(document[table])
        for table in (*NAMED_TABLES, "orders", "reported")
        if table in document
    }

    def plain(value: object) -> str:
        if isinstance(value, datetime):
            return value.isoformat()
        return str(value)

    text = json.dumps(document, sort_keys=True, ensure_ascii=False, default=plain)
    return hashlib.sha256(text.encode()).hexdigest()


def _context(document: dict[str, Any]) -> Context:
    names = {
        table: tuple(document.get(table, ()))
        for table in NAMED_TABLES
        if isinstance(document.get(table, {}), dict)
    }
    geography = document.get("geography")
    if isinstance(geography, dict) and geography.get("nation") == "none":
        listed = partial(_check_listed, _listed_regions(document))
        return Context(names, regions=listed, places=listed)
    nation = load_nation("china")
    regions = partial(_check_drawn, nation, names.get("areas", ()))
    return Context(
        names, regions=regions, places=partial(_check_drawn, nation, ()), members=regions
    )


def _check_drawn(nation: Nation, areas: tuple[str, ...], text: str) -> tuple[str, str] | None:
    if text in areas:
        return None
    expected = "a province, prefecture or county"
    if areas:
        known = ", ".join(areas[:8]) + (", ..." if len(areas) > 8 else "")
        expected = f"a province, prefecture, county or area ({known})"
    try:
        if resolve(nation, text).level == "town":
            return expected, "it is a town"
    except AmbiguousRegion as error:
        return "one region", "it may be " + " or ".join(f'"{name}"' for name in error.choices)
    except UnknownRegion as error:
        near = " or ".join(f'"{name}"' for name in error.suggestions)
        return expected, did_you_mean(text, areas) or (f"did you mean {near}?" if near else "")
    return None


def _listed_regions(document: dict[str, Any]) -> list[str]:
    sites = document.get("sites")
    tables = sites.values() if isinstance(sites, dict) else ()
    found = [table.get("region") for table in tables if isinstance(table, dict)]
    return list(dict.fromkeys(region for region in found if isinstance(region, str)))


def _check_listed(regions: list[str], text: str) -> tuple[str, str] | None:
    if text in regions:
        return None
    return "the region of some site", did_you_mean(text, regions)


def _siblings(path: Path) -> list[str]:
    return [other.name for other in path.parent.glob("*.toml")] if path.parent.is_dir() else []
