"""Schema of those who work: calendars, stations and fleets."""

from __future__ import annotations

from datetime import date
from itertools import pairwise
from typing import Annotated, Any, Literal, Self

from pydantic import (
    BeforeValidator,
    Field,
    GetJsonSchemaHandler,
    ModelWrapValidatorHandler,
    PlainSerializer,
    PrivateAttr,
    SerializationInfo,
    WithJsonSchema,
    model_serializer,
    model_validator,
)
from pydantic.json_schema import JsonSchemaValue
from pydantic_core import CoreSchema

from sim.lawkinds import make_law
from sim.scenario.values import (
    Base,
    CalendarName,
    Duration,
    DurationOrZero,
    EchelonName,
    Positive,
    Servers,
    Speed,
    Spread,
    Stated,
    Status,
    Volume,
    Weight,
    check_range,
    parse_clock,
    refuse,
)

WEEKDAYS = ("mon", "tue", "wed", "thu", "fri", "sat", "sun")
Hours = tuple[tuple[float, float], ...]


def _parse_hours(raw: object) -> Hours:
    expected = 'opening hours such as "08:00-18:00", or a list of them, or "closed"'
    if raw == "closed":
        return ()
    spans = []
    for text in raw if isinstance(raw, list) else [raw]:
        if not isinstance(text, str) or text.count("-") != 1:
            raise refuse(expected, raw)
        begin, end = (parse_clock(part.strip()) for part in text.split("-"))
        spans.append((begin, end if end > begin else end + 24))
    spans.sort()
    if any(later[0] < earlier[1] for earlier, later in pairwise(spans)):
        raise refuse(expected, raw, "the spans overlap")
    return tuple(spans)


def _write_hours(spans: Hours) -> list[str]:
    def clock(hour: float) -> str:
        minutes = round((hour % 24 if hour > 24 else hour) * 60)
        return f"{minutes // 60:02d}:{minutes % 60:02d}"

    return [f"{clock(begin)}-{clock(end)}" for begin, end in spans]


OpeningHours = Annotated[
    Hours,
    BeforeValidator(_parse_hours),
    PlainSerializer(_write_hours),
    WithJsonSchema({"anyOf": [{"type": "string"}, {"type": "array", "items": {"type": "string"}}]}),
]


def _parse_days(raw: object) -> str | tuple[int, ...]:
    if raw in ("working days", "every day"):
        return str(raw)
    if isinstance(raw, list) and raw and all(day in WEEKDAYS for day in raw):
        return tuple(sorted({WEEKDAYS.index(day) for day in raw}))
    names = ", ".join(f'"{day}"' for day in WEEKDAYS)
    raise refuse(f'"working days", "every day" or a list of {names}', raw)


Days = Annotated[
    str | tuple[int, ...],
    BeforeValidator(_parse_days),
    WithJsonSchema(
        {
            "anyOf": [
                {"enum": ["working days", "every day"]},
                {"type": "array", "items": {"enum": list(WEEKDAYS)}},
            ]
        }
    ),
]


class Calendar(Base):
    """Working time: opening hours, the days they hold on, holidays and exceptions."""

    hours: OpeningHours = Field(default="00:00-24:00", validate_default=True)
    """Opening hours of a day; an end before the beginning runs past midnight."""
    days: Days = "every day"
    """"working days" (Monday to Friday, with the country's holidays and make-up workdays),
    "every day", or a list of weekdays."""
    country: str | None = None
    """The country (ISO 3166 alpha-2) whose public holidays are observed."""
    holidays: bool = True
    """False works through the country's holidays; make-up workdays then fall away as well."""
    exceptions: dict[date, OpeningHours] = {}
    """Dates with other hours, or "closed"."""
    at_closing: Literal["finish", "pause", "fits"] = "finish"
    """What happens to work at closing time: it is finished, it pauses until the next opening,
    or it is not started unless it fits."""
    status: Status | None = None
    """Whether these hours are reported, derived or assumed."""
    source: str | None = None
    """Where these hours come from."""


def check_law(kind: str, mean: float, cv: float) -> None:
    """Refuse a law that does not exist with its coefficient of variation."""
    try:
        make_law(kind, mean, cv)
    except ValueError as error:
        raise refuse("a law that exists with its cv", f"{kind}, cv {cv:g}", str(error)) from None


class DurationLaw(Base):
    """How long something takes: a bare duration, or a mean with a coefficient of variation."""

    mean: Duration
    """The mean."""
    cv: Spread = 0.0
    """Standard deviation over mean; 0 is always the mean."""
    law: (
        Literal[
            "constant",
            "exponential",
            "erlang",
            "gamma",
            "lognormal",
            "hyperexponential",
            "uniform",
            "triangular",
        ]
        | None
    ) = None
    """The law; left out, it is lognormal where cv is above 0, and constant where it is 0."""
    range: tuple[Duration, Duration] | None = None
    """The range over which the mean is uncertain."""
    status: Status | None = None
    """Whether the mean is reported, derived or assumed."""
    source: str | None = None
    """Where it comes from, or why it is assumed."""

    _raw: Any = PrivateAttr(default=None)

    @property
    def kind(self) -> str:
        """The law's name with the default filled in."""
        return self.law or ("lognormal" if self.cv else "constant")

    @model_validator(mode="wrap")
    @classmethod
    def _from_bare(cls, data: Any, handler: ModelWrapValidatorHandler[Self]) -> Self:
        if isinstance(data, cls):
            return data
        law = handler(data if isinstance(data, dict) else {"mean": data})
        law._raw = data
        if law.range is not None:
            check_range(law.mean, law.range, data["range"])
        check_law(law.kind, law.mean, law.cv)
        return law

    @model_serializer(mode="plain")
    def _as_written(self, info: SerializationInfo) -> Any:
        return self._raw

    @classmethod
    def __get_pydantic_json_schema__(
        cls, schema: CoreSchema, handler: GetJsonSchemaHandler
    ) -> JsonSchemaValue:
        table = handler.resolve_ref_schema(handler(schema))
        return {"anyOf": [table["properties"]["mean"], dict(table)]}


class Station(Base):
    """Where shipments wait for service: a dock, a sorting line, a desk that signs for goods."""

    echelon: EchelonName
    """There is one at each site of this echelon."""
    stage: Literal["loading", "sorting", "unloading", "sign-off"]
    """loading (at the origin, before dispatch), sorting (by the carrier, after dispatch),
    unloading (at the destination, holds the vehicle), sign-off (at the destination, ends in
    the receipt)."""
    servers: Stated[Servers] = Field(default=1, validate_default=True)
    """How many shipments are served at once, or "unlimited"."""
    time_per_lot: DurationLaw | None = None
    """Service time of one shipment."""
    time_per_unit: Stated[Duration] | None = None
    """Service time added for each unit in the shipment."""
    calendar: CalendarName | None = None
    """When it works; left out, around the clock."""
    title: str | None = None
    """What to call it in figures and in words."""


class Capacity(Base):
    """What one vehicle carries at once; every limit that is given binds."""

    units: Stated[Positive] | None = None
    """Units of all products together."""
    volume: Stated[Volume] | None = None
    """Packed volume."""
    weight: Stated[Weight] | None = None
    """Packed weight."""


class DrivingRest(Base):
    """Rest on the road, for one driver; two drivers take turns and need no stop."""

    after: Stated[Duration] = Field(default="4 h", validate_default=True)
    """Longest driving without a rest."""
    for_: Stated[DurationOrZero] = Field(default="20 min", validate_default=True, alias="for")
    """How long the rest is."""


class Fleet(Base):
    """Vehicles of one kind that share a home and a rule."""

    home: EchelonName
    """Every site of this echelon has such a fleet."""
    vehicles: Stated[Servers]
    """How many vehicles each site has, or "unlimited" where they are hired as needed."""
    capacity: Capacity = Capacity()
    """What one vehicle carries at once."""
    speed: Stated[Speed]
    """Mean speed on the road while driving."""
    loading: DurationLaw | None = None
    """Time the crew takes to load before each trip (beside any loading station)."""
    unloading: DurationLaw | None = None
    """Time the crew takes to unload at the destination (not for stops of a tour)."""
    drivers: Literal[1, 2] = 1
    """Drivers in a vehicle."""
    rest: DrivingRest = DrivingRest()
    """The rest that one driver must take."""
    calendar: CalendarName | None = None
    """When its crews work; left out, around the clock."""
    title: str | None = None
    """What to call it in figures and in words."""
