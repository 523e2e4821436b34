"""``[include.NAME]``: scenarios that take part as they are, under names of their own."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from pydantic import TypeAdapter, ValidationError

from sim.errors import Problem, did_you_mean
from sim.scenario import positions
from sim.scenario.attach import read_beside
from sim.scenario.compose.embed import Embedding, complaints, host_of
from sim.scenario.compose.merge import merge
from sim.scenario.compose.references import Names, entry_tables, rename
from sim.scenario.compose.remove import Removal, take_out, unfound
from sim.scenario.compose.schema import Include
from sim.scenario.compose.written import Written
from sim.scenario.locate import Locator, Place
from sim.scenario.reading import MOST_CHAIN, MOST_TEXT
from sim.scenario.schema import Name, Scenario
from sim.scenario.values import show

_INCLUDES = TypeAdapter(dict[Name, Include])


@dataclass(frozen=True, slots=True)
class Part:
    """A scenario file that was read on its own: what it says, and, if it is valid, what that is."""

    written: Written
    scenario: Scenario | None
    problems: list[Problem]


#: Reads a scenario file: where it stands, what problems call it, what it holds, and the files that
#: lead to it.
Read = Callable[[Path, str, bytes, tuple[Path, ...]], Part]


@dataclass(frozen=True, slots=True)
class Included:
    """A document without includes, but with all that they bring.

    It is not ``complete`` if one could not be brought in: then it is not worth judging.
    """

    written: Written
    problems: list[Problem] = field(default_factory=list)
    complete: bool = True


def include(
    own: Written,
    place: str,
    folder: Path | None,
    removals: Sequence[Removal],
    files: tuple[Path, ...],
    read: Read,
) -> Included:
    """Return a document over the scenarios that it includes.

    What is to be removed, and was not found in the files that it extends, is taken out of these.
    ``place`` is what problems call the including file and ``folder`` where it stands; ``files`` are
    the resolved paths of the files that lead to it, itself included.
    """
    document = dict(own.document)
    tables = document.pop("include", None)
    mine = Written(document, own.places)
    if tables is None:
        return Included(mine, unfound(removals, document))
    locate = own.locator(place)
    try:
        includes = _INCLUDES.validate_python(tables)
    except ValidationError as error:
        details = [{**detail, "loc": ("include", *detail["loc"])} for detail in error.errors()]
        return Included(mine, [locate.problem(each) for each in details], complete=False)  # type: ignore[arg-type]
    joining = _Joining(mine, locate, folder, files, read)
    for name, table in includes.items():
        joining.add(name, table)
    waiting = [removal for removal in removals if not removal.found]
    base, after = take_out(joining.joined(), waiting)
    result = merge(base, mine)
    joining.check_fleets(includes, result)
    problems = [*joining.problems, *(unfound(after, base.document) if joining.complete else ())]
    titles = {name: table.title or name for name, table in includes.items()}
    return Included(_told_apart(result, mine, titles, joining.owners), problems, joining.complete)


class _Joining:
    """Brings included scenarios together."""

    def __init__(
        self,
        own: Written,
        locate: Locator,
        folder: Path | None,
        files: tuple[Path, ...],
        read: Read,
    ) -> None:
        self._locate = locate
        self._folder = folder
        self._files = files
        self._read = read
        self._host = host_of(own.document)
        self._tables: dict[str, dict[str, Any]] = {}
        self._places: dict[positions.Path, Place] = {}
        #: Which include brought an entry, by table and name.
        self.owners: dict[tuple[str, str], str] = {}
        self.problems: list[Problem] = []
        self.complete = True

    def joined(self) -> Written:
        """Return all that was brought in."""
        return Written(dict(self._tables), self._places)

    def add(self, name: str, table: Include) -> None:
        """Bring in one scenario."""
        part = self._part(name, table)
        if part is None or part.scenario is None:
            self.complete = False
            return
        where = ("include", name, "scenario")
        said = list(complaints(part.scenario, self._host))
        embedding = Embedding(part.written, part.scenario, self._host)
        embedding.embed()
        for expected, found, hint in (*said, *embedding.problems):
            self._fault(where, expected, f"{found} in {table.scenario}", hint)
        written = _without_fleets(embedding.written, table.fleets)
        self._join(name, rename(written, _names(name, part.written, table)), table)

    def _part(self, name: str, table: Include) -> Part | None:
        where = ("include", name, "scenario")
        if len(self._files) > MOST_CHAIN:
            self._fault(where, f"at most {MOST_CHAIN} files that include one another", "more")
            return None
        data = read_beside(table.scenario, self._folder, MOST_TEXT)
        if isinstance(data, tuple):
            self._fault(where, *data)
            return None
        assert self._folder is not None
        path = self._folder / table.scenario
        files = (*self._files, path.resolve())
        if files[-1] in self._files:
            chain = " includes ".join(each.name for each in files)
            expected = "a file that does not lead back to itself"
            self._fault(where, expected, show(table.scenario), chain)
            return None
        part = self._read(path, str(path), data, files)
        self.problems += part.problems
        if part.scenario is None:
            return None
        for fleet in table.fleets:
            if fleet not in part.scenario.fleets:
                known = ", ".join(part.scenario.fleets)
                expected = f"the name of a fleet of {table.scenario} ({known})"
                near = did_you_mean(fleet, list(part.scenario.fleets))
                self._fault(("include", name, "fleets", fleet), expected, f'"{fleet}"', near)
        return part

    def _join(self, name: str, written: Written, table: Include) -> None:
        for key, entries in written.document.items():
            here = self._tables.setdefault(key, {})
            for entry, value in entries.items():
                other = self.owners.setdefault((key, entry), name)
                if other != name:
                    expected = "a name that sets its entries apart"
                    found = f'"{entry}" in [{key}] from [include.{other}] too'
                    self._fault(("include", name), expected, found)
                here[entry] = value
        self._places |= written.places

    def check_fleets(self, includes: Mapping[str, Include], result: Written) -> None:
        """Say which fleets are not there that are to do the work of others."""
        fleets = result.document.get("fleets", {})
        known = [*fleets] if isinstance(fleets, dict) else []
        for name, table in includes.items():
            for fleet, instead in table.fleets.items():
                if instead not in known:
                    names = ", ".join(known[:8]) + (", ..." if len(known) > 8 else "")
                    expected = f"the name of a fleet ({names or 'none is defined'})"
                    near = did_you_mean(instead, known)
                    self._fault(("include", name, "fleets", fleet), expected, show(instead), near)

    def _fault(self, path: positions.Path, expected: str, found: str, hint: str = "") -> None:
        self.problems.append(self._locate.at(path, expected, found, hint))
        self.complete = False


def _without_fleets(written: Written, gone: Mapping[str, str]) -> Written:
    fleets = written.document.get("fleets", {})
    kept = {name: fleet for name, fleet in fleets.items() if name not in gone}
    paths = {("fleets", name) for name in gone}
    return Written(
        {**written.document, "fleets": kept},
        {path: place for path, place in written.places.items() if path[:2] not in paths},
    )


def _names(name: str, written: Written, table: Include) -> Names:
    """Return the new names of all entries; those of fleets that others replace are theirs."""
    names = {
        key: {entry: f"{name}-{entry}" for entry in written.document.get(key, {})}
        for key in entry_tables()
    }
    names["fleets"] |= table.fleets
    return names


def _told_apart(
    written: Written,
    own: Written,
    titles: Mapping[str, str],
    owners: Mapping[tuple[str, str], str],
) -> Written:
    """Return a document in which titles from several files differ: what was included gets its
    title put behind that of each such entry, unless it says no more ("oximeters")."""
    document = dict(written.document)
    for key in dict.fromkeys(table for table, _ in owners):
        entries = document.get(key)
        if not isinstance(entries, dict):
            continue
        bearers: dict[str, set[str]] = {}
        for entry in entries:
            title = _title(entries, entry)
            if title is not None:
                bearers.setdefault(title, set()).add(owners.get((key, entry), ""))
        document[key] = dict(entries)
        for entry, table in entries.items():
            title, owner = _title(entries, entry), owners.get((key, entry))
            shared = title is not None and len(bearers[title]) > 1
            if owner is None or title == titles[owner]:
                continue
            if shared and _title(own.document.get(key), entry) is None:
                document[key][entry] = {**table, "title": f"{title} ({titles[owner]})"}
    return Written(document, written.places)


def _title(entries: object, entry: str) -> str | None:
    table = entries.get(entry) if isinstance(entries, dict) else None
    title = table.get("title") if isinstance(table, dict) else None
    return title if isinstance(title, str) else None
