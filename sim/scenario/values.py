"""Field types of the schema: quantities, times, references and values that state their origin.

Every number that matters may be written bare or as a table that says where it comes from::

    vehicles = 3
    vehicles = { value = 3, range = [1, 8], status = "assumed", source = "no document names them" }

Both become a :class:`Stated`, whose ``value`` is in Postroad's own units.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from datetime import date, datetime, time
from typing import Annotated, Any, Generic, Literal, NamedTuple, Self, TypeVar

from pydantic import (
    BeforeValidator,
    ConfigDict,
    Discriminator,
    Field,
    GetJsonSchemaHandler,
    ModelWrapValidatorHandler,
    PrivateAttr,
    SerializationInfo,
    ValidationInfo,
    WithJsonSchema,
    model_serializer,
    model_validator,
)
from pydantic.json_schema import JsonSchemaValue
from pydantic_core import CoreSchema, PydanticCustomError

from sim.errors import did_you_mean
from sim.scenario.described import Described
from sim.scenario.marks import NameOf
from sim.units import DURATION, LENGTH, RATE, SPEED, VOLUME, WEIGHT, Dimension, QuantityError

Status = Literal["reported", "derived", "assumed"]
RegionCheck = Callable[[str], tuple[str, str] | None]
V = TypeVar("V")


class Base(Described):
    """What all tables of a scenario share: frozen, kebab-case keys, unknown keys refused."""

    model_config = ConfigDict(
        frozen=True,
        extra="forbid",
        alias_generator=lambda name: name.rstrip("_").replace("_", "-"),
        serialize_by_alias=True,
    )


@dataclass(frozen=True, slots=True)
class Context:
    """What field validators may know of the rest of the file: the names that each table defines.

    Names of a table that is not in ``names`` go unchecked: it is wrong itself, and that is said.
    ``regions`` checks a region as written and returns a complaint (expected, hint) or None; so do
    ``places``, for which the name of an area is no place, and ``members``, for regions of areas.
    """

    names: Mapping[str, tuple[str, ...]] = field(default_factory=dict)
    regions: RegionCheck | None = None
    places: RegionCheck | None = None
    members: RegionCheck | None = None


def refuse(expected: str, found: object, hint: str = "") -> PydanticCustomError:
    """Return the error of a value that is not what was expected, in the words of a Problem."""
    return PydanticCustomError(
        "postroad", "{expected}", {"expected": expected, "found": show(found), "hint": hint}
    )


def show(found: object) -> str:
    """Write a found value as it would stand in a scenario file, on one line and shortened."""
    if isinstance(found, str):
        text = '"' + " ".join(found.split()) + '"'
    elif isinstance(found, bool):
        text = str(found).lower()
    elif isinstance(found, date | time):
        text = found.isoformat()
    elif isinstance(found, Mapping):
        text = "a table"
    elif isinstance(found, list | tuple):
        text = "[" + ", ".join(show(item) for item in found) + "]"
    elif isinstance(found, int) and found.bit_length() > 1000:
        text = "a number of hundreds of digits"  # which Python may refuse to write
    elif isinstance(found, float) and found.is_integer() and abs(found) < 1e15:
        text = str(int(found))
    else:
        text = str(found)
    return text if len(text) <= 80 else text[:77] + "..."


def check_range(value: object, limits: tuple[object, object], raw: object) -> None:
    """Refuse a range that does not hold its value; ``raw`` is the range as written."""

    def size(quantity: object) -> float | None:
        if isinstance(quantity, Rate):
            return quantity.units / quantity.hours
        return float(quantity) if isinstance(quantity, int | float) else None

    low, middle, high = size(limits[0]), size(value), size(limits[1])
    if low is None or middle is None or high is None:
        raise refuse("no range: only a number has one", raw)
    if not low <= middle <= high:
        raise refuse("a range [lowest, highest] that holds the value", raw)


class Stated(Base, Generic[V]):
    """A value with its origin: bare, or a table of value, range, status and source."""

    value: V
    """The value used."""
    range: tuple[V, V] | None = None
    """The range over which the value is uncertain, lowest first."""
    status: Status | None = None
    """Whether the value is reported, derived from reports, or assumed."""
    source: str | None = None
    """Where the value comes from, or why it is assumed."""

    _raw: Any = PrivateAttr(default=None)

    @model_validator(mode="wrap")
    @classmethod
    def _from_bare(cls, data: Any, handler: ModelWrapValidatorHandler[Self]) -> Self:
        if isinstance(data, cls):
            return data
        table = data if isinstance(data, Mapping) else {"value": data}
        stated = handler(table)
        stated._raw = data
        if stated.range is not None:
            check_range(stated.value, stated.range, table["range"])
        return stated

    @model_serializer(mode="plain")
    def _as_written(self, info: SerializationInfo) -> Any:
        return self._raw

    @classmethod
    def __get_pydantic_json_schema__(
        cls, schema: CoreSchema, handler: GetJsonSchemaHandler
    ) -> JsonSchemaValue:
        table = handler.resolve_ref_schema(super().__get_pydantic_json_schema__(schema, handler))
        described = {**table, "title": "Stated", "description": Stated.__doc__}
        return {"anyOf": [table["properties"]["value"], described]}


def _quantity(dimension: Dimension, *, zero: bool) -> tuple[BeforeValidator, WithJsonSchema]:
    bound = "of at least 0" if zero else "above 0"

    def parse(raw: object) -> float:
        expected = f"{dimension.name} {bound} with its unit, such as {dimension.example}"
        if not isinstance(raw, str):
            raise refuse(expected, raw, "it has no unit" if isinstance(raw, int | float) else "")
        try:
            value = dimension.parse(raw)
        except QuantityError as error:
            raise refuse(expected, raw, error.why) from None
        if not (0 <= value < float("inf")) or (value == 0 and not zero):
            raise refuse(expected, raw)
        return value

    return BeforeValidator(parse), WithJsonSchema(
        {"type": "string", "examples": [dimension.example.strip('"')]}
    )


Duration = Annotated[float, *_quantity(DURATION, zero=False)]
DurationOrZero = Annotated[float, *_quantity(DURATION, zero=True)]
Length = Annotated[float, *_quantity(LENGTH, zero=False)]
Speed = Annotated[float, *_quantity(SPEED, zero=False)]
Volume = Annotated[float, *_quantity(VOLUME, zero=False)]
Weight = Annotated[float, *_quantity(WEIGHT, zero=False)]


class Rate(NamedTuple):
    """So many units in so many hours; a period of a day or more is counted in working days."""

    units: float
    hours: float


def _parse_rate(raw: object) -> Rate:
    expected = f"a rate of at least 0 with its period, such as {RATE.example}"
    if not isinstance(raw, str):
        raise refuse(expected, raw, "it has no period" if isinstance(raw, int | float) else "")
    try:
        per_hour = RATE.parse(raw)
    except QuantityError as error:
        raise refuse(expected, raw, error.why) from None
    if not 0 <= per_hour <= _MOST:
        raise refuse(expected, raw)
    hours = 1 / RATE.units["/" + raw.rpartition("/")[2].strip()]
    return Rate(per_hour * hours, hours)


RateOfOutput = Annotated[
    Rate,
    BeforeValidator(_parse_rate),
    WithJsonSchema({"type": "string", "examples": ["40_000/day"]}),
]


def _number(
    what: str, low: float, high: float, *, whole: bool
) -> tuple[BeforeValidator, WithJsonSchema]:
    def parse(raw: object) -> float:
        good = isinstance(raw, int if whole else int | float) and not isinstance(raw, bool)
        if not good or not (low <= raw <= high):  # type: ignore[operator]
            too_high = good and raw > high  # type: ignore[operator]
            raise refuse(what, raw, f"the most is {high:,g}" if too_high else "")
        return raw  # type: ignore[return-value]

    kind: dict[str, Any] = {"type": "integer" if whole else "number"}
    limits = {"minimum": low, "maximum": high}
    kind |= {name: limit for name, limit in limits.items() if abs(limit) != float("inf")}
    return BeforeValidator(parse), WithJsonSchema(kind)


_INF = float("inf")
_MOST = 10**12  # counts beyond it are mistakes, and their sums would not fit into 64 bits
Count = Annotated[int, *_number("a whole number of at least 0", 0, _MOST, whole=True)]
Positive = Annotated[int, *_number("a whole number of at least 1", 1, _MOST, whole=True)]
Runs = Annotated[int, *_number("a whole number of at least 1", 1, 10**6, whole=True)]
Amount = Annotated[float, *_number("a number of at least 0", 0, _MOST, whole=False)]
Share = Annotated[float, *_number("a share between 0 and 1", 0, 1, whole=False)]
Weighting = Annotated[float, *_number("a weight of at least 0", 0, _MOST, whole=False)]
Priority = Annotated[
    int, *_number("a whole number between -1000 and 1000", -1000, 1000, whole=True)
]
Spread = Annotated[float, *_number("a number of at least 0", 0, 1000, whole=False)]
Circuity = Annotated[float, *_number("a factor between 1 and 10", 1, 10, whole=False)]
Percent = Annotated[int, *_number("a whole number between 1 and 99", 1, 99, whole=True)]
Number = Annotated[float, *_number("a number", -_INF, _INF, whole=False)]
Degrees = Annotated[float, *_number("a number of degrees", -180, 180, whole=False)]


def _parse_servers(raw: object) -> float:
    if raw == "unlimited":
        return _INF
    if isinstance(raw, int) and not isinstance(raw, bool) and 1 <= raw <= _MOST:
        return raw
    raise refuse('a whole number of at least 1, or "unlimited"', raw)


Servers = Annotated[
    float,
    BeforeValidator(_parse_servers),
    WithJsonSchema({"anyOf": [{"type": "integer", "minimum": 1}, {"const": "unlimited"}]}),
]


def _parse_room(raw: object) -> float:
    if isinstance(raw, int) and not isinstance(raw, bool) and 0 <= raw <= _MOST:
        return raw
    raise refuse("a whole number of at least 0", raw)


Room = Annotated[
    float, BeforeValidator(_parse_room), WithJsonSchema({"type": "integer", "minimum": 0})
]


def _parse_need(raw: object) -> float:
    if raw == "all":
        return _INF
    if isinstance(raw, int) and not isinstance(raw, bool) and 0 <= raw <= _MOST:
        return raw
    raise refuse('a whole number of at least 0, or "all"', raw)


Need = Annotated[
    float,
    BeforeValidator(_parse_need),
    WithJsonSchema({"anyOf": [{"type": "integer", "minimum": 0}, {"const": "all"}]}),
]


def parse_time(raw: object) -> datetime:
    """Return an instant with its zone from a TOML time or an ISO 8601 text."""
    expected = "a time with its zone, such as 2023-01-09T18:00:00+08:00"
    if isinstance(raw, str):
        try:
            raw = datetime.fromisoformat(raw)
        except ValueError:
            raise refuse(expected, raw) from None
    if not isinstance(raw, datetime):
        raise refuse(expected, raw)
    if raw.tzinfo is None:
        raise refuse(expected, raw, "it has no zone")
    return raw


Instant = Annotated[
    datetime,
    BeforeValidator(parse_time),
    WithJsonSchema({"type": "string", "format": "date-time"}),
]


Window = Annotated[
    tuple[Instant, Instant],
    BeforeValidator(lambda raw: raw if isinstance(raw, list) else [raw, raw]),
    WithJsonSchema(
        {
            "anyOf": [
                {"type": "string", "format": "date-time"},
                {
                    "type": "array",
                    "items": {"type": "string", "format": "date-time"},
                    "minItems": 2,
                    "maxItems": 2,
                },
            ]
        }
    ),
]


def parse_clock(text: object) -> float:
    """Return the hour of the day from ``"HH:MM"``, up to ``"24:00"``."""
    expected = 'a time of day such as "08:00"'
    if text == "24:00":
        return 24.0
    try:
        clock = time.fromisoformat(text)  # type: ignore[arg-type]
    except (TypeError, ValueError):
        raise refuse(expected, text) from None
    if clock.tzinfo is not None:
        raise refuse(expected, text, "the zone is that of the scenario's start")
    return clock.hour + clock.minute / 60 + clock.second / 3600


def _reference(table: str, what: str) -> tuple[BeforeValidator, WithJsonSchema, NameOf]:
    """A field that names an entry of another table, checked against the names in the file."""

    def check(raw: object, info: ValidationInfo) -> str:
        names = info.context.names.get(table) if info.context else None
        if not isinstance(raw, str):
            raise refuse(f"the name of {what}", raw)
        if names is not None and raw not in names:
            known = ", ".join(names[:8]) + (", ..." if len(names) > 8 else "")
            hint = did_you_mean(raw, names)
            raise refuse(f"the name of {what} ({known or 'none is defined'})", raw, hint)
        return raw

    return BeforeValidator(check), WithJsonSchema({"type": "string"}), NameOf((table,))


CalendarName = Annotated[str, *_reference("calendars", "a calendar")]
EchelonName = Annotated[str, *_reference("echelons", "an echelon")]
FleetName = Annotated[str, *_reference("fleets", "a fleet")]
LaneName = Annotated[str, *_reference("lanes", "a lane")]
ProductName = Annotated[str, *_reference("products", "a product")]
SiteName = Annotated[str, *_reference("sites", "a site")]


def _region(kind: str) -> tuple[BeforeValidator, WithJsonSchema]:
    """A field that names a region, checked by what the context has for its kind."""

    def check(raw: object, info: ValidationInfo) -> str:
        if isinstance(raw, int) and not isinstance(raw, bool):
            raw = str(raw)
        if not isinstance(raw, str):
            raise refuse("the name or code of a region", raw)
        complain = getattr(info.context, kind) if info.context else None
        complaint = complain(raw) if complain else None
        if complaint:
            raise refuse(complaint[0], raw, complaint[1])
        return raw

    return BeforeValidator(check), WithJsonSchema({"type": ["string", "integer"]})


RegionName = Annotated[str, *_region("regions"), NameOf(("areas",))]
PlaceName = Annotated[str, *_region("places")]
AreaMember = Annotated[str, *_region("members"), NameOf(("areas",))]
RegionList = Annotated[list[RegionName], Field(min_length=1)]


def word_or_list(word: str) -> tuple[Discriminator, BeforeValidator]:
    """Validators of a union of a word, tagged "word", and a list of regions, tagged "list"."""

    def check(raw: object) -> object:
        if raw == word or isinstance(raw, list):
            return raw
        hint = "write a list, with brackets" if isinstance(raw, str | int) else ""
        raise refuse(f'"{word}", or a list of provinces, prefectures or counties', raw, hint)

    return (
        Discriminator(lambda raw: "list" if isinstance(raw, list) else "word"),
        BeforeValidator(check),
    )
