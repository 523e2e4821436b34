"""Schema of what a scenario file may say of other files; a resolved scenario has none of it."""

from __future__ import annotations

from typing import Any

from sim.scenario.schema import Name, Scenario
from sim.scenario.values import Base


class Include(Base):
    """A scenario that takes part as it is, under names of its own."""

    scenario: str
    """The scenario file, by a relative path inside this file's folder."""
    fleets: dict[str, str] = {}
    """Fleets of that scenario whose work a fleet of this file does instead: its name there, and
    the name here."""
    title: str | None = None
    """What is put behind titles that would be the same as another's; left out, the name."""


class ScenarioFile(Scenario):
    """One complete configuration: who supplies whom with what, by which rules, and what was
    reported of it."""

    extends: str | None = None
    """The scenario file that this one goes over, by a relative path inside this file's folder:
    tables merge, all else is replaced."""
    remove: list[str] = []
    """Keys to take out of what is extended before this file goes over it, such as "waves.second";
    those that are not there, out of what is included."""
    include: dict[Name, Include] = {}
    """Scenarios that take part as they are, by name; their entries go by NAME-ENTRY."""
    variants: dict[Name, dict[str, Any]] = {}
    """What files that extend this one would say, by name: title, remove, and any other key of a
    scenario. FILE#NAME chooses one; those of included files are left out."""


#: The keys of a file that a resolved scenario does not have.
COMPOSING = tuple(key for key in ScenarioFile.model_fields if key not in Scenario.model_fields)
