"""Laws in scenario files: durations and lot sizes that vary."""

from __future__ import annotations

from typing import Any, Literal, Self

from pydantic import (
    GetJsonSchemaHandler,
    ModelWrapValidatorHandler,
    PrivateAttr,
    SerializationInfo,
    model_serializer,
    model_validator,
)
from pydantic.json_schema import JsonSchemaValue
from pydantic_core import CoreSchema

from sim.lawkinds import make_law
from sim.laws import Law
from sim.scenario.values import (
    Amount,
    Base,
    Duration,
    DurationOrZero,
    Positive,
    Spread,
    Status,
    check_range,
    refuse,
)

LawName = Literal[
    "constant",
    "exponential",
    "erlang",
    "gamma",
    "lognormal",
    "hyperexponential",
    "uniform",
    "triangular",
    "empirical",
]
SizeLawName = Literal[LawName, "geometric"]


def check_law(kind: str, mean: float, cv: float) -> None:
    """Refuse a law that does not exist with its coefficient of variation."""
    try:
        make_law(kind, mean, cv)
    except ValueError as error:
        raise refuse("a law that exists with its cv", f"{kind}, cv {cv:g}", str(error)) from None


class _Varying(Base):
    """What laws of durations and of sizes share: a bare value is the mean of a constant."""

    cv: Spread | None = None
    """Standard deviation over mean; left out, 0, or what the law has by its nature."""
    law: str | None = None
    """The law; left out, it is lognormal where cv is above 0, and constant where it is not."""
    weights: list[Amount] | None = None
    """Weights of the values of an empirical law; left out, equal."""
    status: Status | None = None
    """Whether the mean is reported, derived or assumed."""
    source: str | None = None
    """Where it comes from, or why it is assumed."""

    _raw: Any = PrivateAttr(default=None)
    _law: Any = PrivateAttr(default=None)

    @property
    def kind(self) -> str:
        """The law's name with the default filled in."""
        return self.law or ("lognormal" if self.cv else "constant")

    def make(self) -> Law:
        """Return the law, in hours or units."""
        law: Law = self._law
        return law

    @model_validator(mode="wrap")
    @classmethod
    def _from_bare(cls, data: Any, handler: ModelWrapValidatorHandler[Self]) -> Self:
        if isinstance(data, cls):
            return data
        given = handler(data if isinstance(data, dict) else {"mean": data})
        given._raw = data
        values: Any = given
        if values.range is not None:
            check_range(values.mean, values.range, data["range"])
        names = ("mean", "cv", "low", "mode", "high", "values", "weights")
        parameters = {name: getattr(given, name) for name in names}
        try:
            given._law = make_law(given.kind, **parameters)
        except ValueError as error:
            expected = "a law that exists with its parameters"
            said = "".join(
                f", {name} {data[name]}"
                for name in names
                if isinstance(data, dict) and name in data
            )
            raise refuse(expected, f"{given.kind}{said}", str(error)) from None
        return given

    @model_serializer(mode="plain")
    def _as_written(self, info: SerializationInfo) -> Any:
        return self._raw

    @classmethod
    def __get_pydantic_json_schema__(
        cls, schema: CoreSchema, handler: GetJsonSchemaHandler
    ) -> JsonSchemaValue:
        table = handler.resolve_ref_schema(super().__get_pydantic_json_schema__(schema, handler))
        return {"anyOf": [table["properties"]["mean"], dict(table)]}


class DurationLaw(_Varying):
    """How long something takes: a bare duration, or a mean with a coefficient of variation."""

    mean: DurationOrZero | None = None
    """The mean."""
    law: LawName | None = None
    """The law; left out, it is lognormal where cv is above 0, and constant where it is not."""
    low: DurationOrZero | None = None
    """Shortest, for a triangular law given by its corners."""
    mode: DurationOrZero | None = None
    """Most likely, for a triangular law given by its corners."""
    high: Duration | None = None
    """Longest, for a triangular law given by its corners."""
    values: list[DurationOrZero] | None = None
    """Observed values, for an empirical law."""
    range: tuple[DurationOrZero, DurationOrZero] | None = None
    """The range over which the mean is uncertain."""


class SizeLaw(_Varying):
    """How many units a lot has: a bare whole number, or a law whose draws are rounded to whole
    units of at least 1 (a law whose draws are whole numbers is not changed by that)."""

    mean: Amount | None = None
    """The mean before rounding."""
    law: SizeLawName | None = None
    """The law; left out, it is lognormal where cv is above 0, and constant where it is not."""
    low: Amount | None = None
    """Smallest, for a triangular law given by its corners."""
    mode: Amount | None = None
    """Most likely, for a triangular law given by its corners."""
    high: Amount | None = None
    """Largest, for a triangular law given by its corners."""
    values: list[Positive] | None = None
    """Observed sizes, for an empirical law."""
    range: tuple[Amount, Amount] | None = None
    """The range over which the mean is uncertain."""
