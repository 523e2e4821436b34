"""Schema of reported figures: what was said, when, where, and how closely it can be held to."""

from __future__ import annotations

from datetime import datetime
from math import isfinite
from typing import Annotated, Any, Literal

from pydantic import BeforeValidator, Field, WithJsonSchema

from sim.scenario.values import (
    Base,
    EchelonName,
    Instant,
    ProductName,
    RegionName,
    Share,
    SiteName,
    parse_time,
    refuse,
)

#: What a figure may speak of, and what its value is: units, a count, a share or a time.
FIGURE_MEASURES: dict[str, str] = {
    "dispatched": "units",
    "received": "units",
    "in-transit": "units",
    "sites-reached": "sites",
    "trips": "trips",
    "coverage": "share",
    "dispatch-time": "time",
    "receipt-time": "time",
}


def _parse_value(raw: object) -> float | datetime:
    if isinstance(raw, int | float) and not isinstance(raw, bool) and isfinite(raw):
        return raw
    if isinstance(raw, datetime | str):
        return parse_time(raw)
    raise refuse("a number, or a time with its zone", raw)


Value = Annotated[
    float | datetime,
    BeforeValidator(_parse_value),
    WithJsonSchema({"anyOf": [{"type": "number"}, {"type": "string", "format": "date-time"}]}),
]


def _parse_band(raw: object) -> Any:
    expected = 'a tolerance such as "10 %", or [lowest, highest]'
    if isinstance(raw, str):
        number, percent, rest = raw.partition("%")
        try:
            share = float(number) / 100
        except ValueError:
            share = -1.0
        if not percent or rest.strip() or not (isfinite(share) and share >= 0):
            raise refuse(expected, raw)
        return share
    if isinstance(raw, list) and len(raw) == 2:
        return tuple(_parse_value(end) for end in raw)
    raise refuse(expected, raw)


Band = Annotated[
    float | tuple[float | datetime, float | datetime],
    BeforeValidator(_parse_band),
    WithJsonSchema(
        {
            "anyOf": [
                {"type": "string", "examples": ["10 %"]},
                {"type": "array", "minItems": 2, "maxItems": 2},
            ]
        }
    ),
]


class Reported(Base):
    """One reported figure: an item of evidence with its source, scope and tolerance."""

    measure: Literal[
        "dispatched",
        "received",
        "in-transit",
        "sites-reached",
        "trips",
        "coverage",
        "dispatch-time",
        "receipt-time",
    ]
    """What it speaks of."""
    product: ProductName | None = None
    """The product; needed unless the measure is trips."""
    echelon: EchelonName
    """Where it is counted: the echelon that dispatches, or the one that receives."""
    site: SiteName | None = None
    """Only what this site dispatches."""
    regions: list[RegionName] = []
    """Only what goes to these regions; left out, the whole nation."""
    at: Instant | None = None
    """The moment it holds for; not for measures that are themselves a time."""
    since: Instant | None = None
    """Count from here on, instead of from the start."""
    share: Share = 1.0
    """For times: when this share was dispatched or received; 0 is the first unit."""
    value: Value | None = None
    """The figure as reported: a number, or a time; left out where only bounds follow from the
    words."""
    band: Band | None = None
    """Tolerance: a share of the value on either side, or [lowest, highest]."""
    at_least: Value | None = None
    """Lowest value that agrees, where only that was said."""
    at_most: Value | None = None
    """Highest value that agrees, where only that was said."""
    use: Literal["fit", "predict"]
    """fit: may guide the choice of unreported parameters; predict: must not guide anything."""
    source: str
    """The document that reports it."""
    wording: str
    """The words of the document."""
    row: str | None = None
    """Its row in the table of reported figures."""
    note: str | None = None
    """How the figure was read, where that needs saying."""

    def limits(self) -> tuple[float | datetime | None, float | datetime | None]:
        """Return the lowest and highest value that agree; None is no bound."""
        if isinstance(self.band, tuple):
            return self.band
        if self.band is not None and isinstance(self.value, int | float):
            return self.value * (1 - self.band), self.value * (1 + self.band)
        return self.at_least, self.at_most


Figures = Annotated[dict[str, Reported], Field(default={})]
