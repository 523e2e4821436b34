"""Schema of expected values: what theory says a measure must be, to verify the engine."""

from __future__ import annotations

from typing import Annotated

from sim.scenario.marks import NameOf
from sim.scenario.values import Base, EchelonName, Number, ProductName

#: What a measure may be about; a station of one site is STATION@SITE.
Entity = Annotated[str, NameOf(("stations", "lanes", "consumption", "requests", "fleets", "sites"))]


class Expected(Base):
    """What a measure is expected to be by theory, with its source."""

    measure: str
    """The measure, by its name in the catalogue."""
    product: ProductName | None = None
    """Its product, where the measure has one."""
    echelon: EchelonName | None = None
    """Its echelon, where the measure has one."""
    entity: Entity = ""
    """The station, fleet, lane or site that it is about, where it is about one."""
    value: Number
    """The expected value, in the measure's unit."""
    exact: bool = False
    """True where every replication must give this value, to 1e-9; else the mean of the
    replications is judged by its confidence interval."""
    source: str
    """The formula or rule: author, year, equation."""
    note: str = ""
    """What the case shows, where that needs saying."""
