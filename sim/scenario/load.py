"""Load a scenario file: read, override, validate, and say all that is wrong with it at once."""

from __future__ import annotations

import hashlib
import json
import re
import tomllib
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date, datetime
from functools import partial
from pathlib import Path
from typing import Any

from pydantic import ValidationError

from sim.errors import Problem, ScenarioError, did_you_mean
from sim.geography.nation import Nation, load_nation
from sim.geography.regions import AmbiguousRegion, UnknownRegion, resolve
from sim.scenario.attach import attach_files
from sim.scenario.checks import check_scenario
from sim.scenario.locate import Locator, decode, problem_after
from sim.scenario.overrides import apply_overrides
from sim.scenario.positions import read_positions
from sim.scenario.schema import NAMED_TABLES, Scenario
from sim.scenario.values import Context


@dataclass(frozen=True, slots=True)
class LoadedScenario:
    """A valid scenario with the name of its file and what identifies it."""

    name: str
    scenario: Scenario
    document: dict[str, Any]
    digest: str


def load_scenario(path: Path | str, overrides: Sequence[str] = ()) -> LoadedScenario:
    """Read, override and validate the scenario file at ``path``.

    Raises:
        ScenarioError: with every problem of the file and the overrides at once.
    """
    path = Path(path)
    place = str(path)
    try:
        data = path.read_bytes()
    except FileNotFoundError:
        near = did_you_mean(path.name, _siblings(path))
        raise ScenarioError(
            [Problem(place, 0, 0, "", "a scenario file", "no such file", near)]
        ) from None
    except OSError as error:
        found = "a folder" if path.is_dir() else (error.strerror or str(error)).lower()
        raise ScenarioError(
            [Problem(place, 0, 0, "", "a scenario file that can be read", found)]
        ) from None
    text = decode(place, data)
    if isinstance(text, Problem):
        raise ScenarioError([text])
    return parse_scenario(
        text, name=path.stem, place=place, overrides=overrides, folder=path.parent
    )


def parse_scenario(
    text: str,
    *,
    name: str,
    place: str,
    overrides: Sequence[str] = (),
    folder: Path | None = None,
) -> LoadedScenario:
    """Validate the text of a scenario; ``place`` is what problems call it.

    The tables that [files] names are read from ``folder`` and become part of the document, which
    is then complete without them; a text without a folder has none.

    Raises:
        ScenarioError: with every problem at once, in the order of the file.
    """
    try:
        document = tomllib.loads(text)
    except (ValueError, RecursionError) as error:
        raise ScenarioError([_syntax_problem(place, text, error)]) from None
    positions = read_positions(text)
    which = apply_overrides(document, [text for text in overrides if _names_files(text)])
    attached = attach_files(
        which.document, folder, Locator(place, positions, which.places, which.document)
    )
    problems = [*which.problems, *attached.problems]
    if not attached.complete:  # half a network has faults of its own
        raise ScenarioError(problems)
    others = [text for text in overrides if not _names_files(text)]
    overridden = apply_overrides(attached.document, others)
    document = overridden.document
    problems += overridden.problems
    places = {**which.places, **overridden.places}
    locate = Locator(place, positions, places, document, attached.places)
    try:
        scenario = Scenario.model_validate(document, context=_context(document))
    except ValidationError as error:
        problems += [locate.problem(detail) for detail in error.errors()]
        raise ScenarioError(problems) from None
    if attached.problems:
        raise ScenarioError(problems)
    problems += [
        locate.at(fault.path, fault.expected, fault.found, fault.hint)
        for fault in check_scenario(scenario)
    ]
    if problems:
        raise ScenarioError(problems)
    resolved = _with_defaults(document, scenario.model_dump(mode="python", exclude_none=True))
    resolved.pop("files")  # what they hold is part of the document
    return LoadedScenario(name, scenario, resolved, digest_of(resolved))


def _names_files(override: str) -> bool:
    """Return whether an override is of a table whose files are read before all else is set."""
    return override.partition("=")[0].partition(".")[0].strip() in ("files", "areas")


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


def _syntax_problem(place: str, text: str, error: Exception) -> Problem:
    expected = "a TOML file"
    if isinstance(error, RecursionError):
        return Problem(place, 0, 0, "", expected, "one nested too deeply")
    message = str(error)
    match = re.search(r" \(at line (\d+), column (\d+)\)$", message)
    if not match:
        return problem_after(place, text, expected, "the end of the file", _tidy(message))
    line, column = int(match[1]), int(match[2])
    wrong = text.split("\n")[line - 1].strip()
    found = f"`{wrong if len(wrong) <= 80 else wrong[:77] + '...'}`"
    return Problem(place, line, column, "", expected, found, _tidy(message[: match.start()]))


def _tidy(message: str) -> str:
    """Return a message of tomllib without Python's way of writing keys: a.b for ('a', 'b')."""
    message = message.removesuffix(" (at end of document)")
    keys = re.search(r"\(('[^)]*)\)", message)
    if keys:
        dotted = ".".join(re.findall(r"'([^']*)'", keys[1]))
        message = message.replace(keys[0], f'"{dotted}"')
    return message[0].lower() + message[1:]


def _siblings(path: Path) -> list[str]:
    return [other.name for other in path.parent.glob("*.toml")] if path.parent.is_dir() else []
