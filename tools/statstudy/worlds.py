"""The small systems of the study, their variants, and what is true of each.

Each system is a scenario file that runs like any other; a variant is one with overrides, as by
``--set``. A variant that is *alike* has other laws or another beat but the same expected value, so
that every difference that is found is a false alarm; one that is *quicker* is so by 3 % exactly.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from math import sqrt
from pathlib import Path

from statstudy import truths

FILES = Path(__file__).resolve().parents[2] / "scenarios" / "study"
GATES = tuple(f"desk@gate-{number:02d}" for number in range(1, 21))
LESS = 0.97  # the expected value of what is quicker, as a share of the base's


@dataclass(frozen=True, slots=True)
class Variant:
    """A scenario of the study: overrides, replications, its own luck (added to the seed), and the
    expected value of the measure, in hours."""

    name: str
    truth: float
    overrides: tuple[str, ...] = ()
    runs: int = 20
    luck: int = 0


@dataclass(frozen=True, slots=True)
class World:
    """A small system: its file, what is measured of it, and its variants, the base first.

    Each of ``entities`` is an experiment of its own under every seed: they share no luck.
    """

    name: str
    file: str
    measure: str
    entities: tuple[str, ...]
    variants: tuple[Variant, ...]

    def variant(self, name: str) -> Variant:
        """Return the variant of this name."""
        return next(each for each in self.variants if each.name == name)

    def names(self, beginning: str) -> list[str]:
        """Return the names of variants that begin so."""
        return [each.name for each in self.variants if each.name.startswith(beginning)]


def _hours(value: float) -> str:
    return f'"{value!r} h"'


def _law(mean: float, law: str, cv: float) -> str:
    return f'stations.desk.time-per-lot={{ mean = {_hours(mean)}, law = "{law}", cv = {cv!r} }}'


LOTS, SERVICE, PHASES = 10, 1 / 6, 4
BACKLOG = truths.backlog_mean(LOTS, SERVICE)
QUICKER_CV, STEADY_CV = 0.65, 0.1
_ALIKE = (
    ("gamma", 0.4), ("gamma", 0.45), ("gamma", 0.55), ("gamma", 0.6), ("lognormal", 0.4),
    ("lognormal", 0.45), ("lognormal", 0.5), ("lognormal", 0.55), ("triangular", 0.4),
    ("uniform", 0.5),
)  # fmt: skip


def _backlog() -> World:
    steady = _law(SERVICE, "gamma", STEADY_CV)
    alike = [
        Variant(f"alike-{number}", BACKLOG, (_law(SERVICE, *law),))
        for number, law in enumerate(_ALIKE, 1)
    ]
    apart = [Variant(f"apart-{number}", BACKLOG, luck=number) for number in range(1, 11)]
    return World(
        "backlog",
        "backlog.toml",
        "station-time-mean",
        GATES,
        (
            Variant("base", BACKLOG, runs=90),
            Variant("quicker", LESS * BACKLOG, (_law(LESS * SERVICE, "gamma", QUICKER_CV),), 90),
            Variant("steady", BACKLOG, (steady,), 100),
            Variant(
                "steady-quicker", LESS * BACKLOG, (_law(LESS * SERVICE, "gamma", STEADY_CV),),
                100, luck=11,
            ),
            *alike,
            *apart,
            Variant("memoryless", BACKLOG, (_law(SERVICE, "exponential", 1.0),)),
        ),
    )  # fmt: skip


EIGHT, GAP = 8, 0.1
START = datetime(2024, 1, 1, tzinfo=UTC)
_BEATS = (
    (4, 4), (5, 4), (7, 4), (8, 4), (9, 4), (6, 3), (6, 5), (6, 6), (5, 5), (7, 3),
)  # minutes between lots, phases  # fmt: skip


def _by_appointment(
    name: str, target: float, minutes: int, phases: int, clerks: int = 1, runs: int = 20
) -> Variant:
    """A desk whose service time is such that the expected mean time is ``target``."""
    gap = minutes / 60

    def mean(service: float) -> float:
        if clerks > 1:
            return truths.appointments_mean_clerks(EIGHT, gap, service, clerks)
        return truths.appointments_mean(EIGHT, gap, service, phases)

    law = _law(truths.service_for(mean, target), "erlang", 1 / sqrt(phases))
    moments = (START + timedelta(minutes=minutes * lot) for lot in range(EIGHT))
    beat = f"supply.lots.at=[{', '.join(moment.isoformat() for moment in moments)}]"
    return Variant(name, target, (law, beat, f"stations.desk.servers={clerks}"), runs)


def _appointments() -> World:
    base = truths.appointments_mean(EIGHT, GAP, SERVICE, PHASES)
    return World(
        "appointments",
        "appointments.toml",
        "station-time-mean",
        GATES,
        (
            Variant("base", base, runs=50),
            _by_appointment("quicker", LESS * base, 6, 3, runs=50),
            *(
                _by_appointment(f"alike-{number}", base, *beat)
                for number, beat in enumerate(_BEATS, 1)
            ),
            _by_appointment("two-clerks", base, 6, 1, clerks=2),
        ),
    )


LEGS, LEG = 11, 1.0


def _rounds() -> World:
    def road(mean: float, law: str, cv: float) -> tuple[str, ...]:
        text = f'{{ mean = {_hours(mean)}, law = "{law}", cv = {cv} }}'
        return tuple(f"lanes.road.{way}={text}" for way in ("time", "time-back"))

    return World(
        "rounds",
        "rounds.toml",
        "makespan",
        ("",),
        (
            Variant("base", LEGS * LEG),
            Variant("quicker", LESS * LEGS * LEG, road(LESS * LEG, "lognormal", 0.6)),
            Variant("alike-1", LEGS * LEG, road(LEG, "lognormal", 0.5)),
        ),
    )


def _single() -> World:
    one = ("sites.store.need.lot=20", *(f"sites.gate-{n:02d}.stock.lot=1" for n in range(1, 21)))
    return World(
        "single",
        "backlog.toml",
        "station-time-mean",
        GATES,
        (Variant("base", SERVICE, (*one, _law(SERVICE, "exponential", 1.0)), 50),),
    )


WORLDS: dict[str, Callable[[], World]] = {
    "backlog": _backlog,
    "appointments": _appointments,
    "rounds": _rounds,
    "single": _single,
}
