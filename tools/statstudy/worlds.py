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

    Each of ``entities`` is an experiment of its own under every seed: they share no luck. Of the
    experiments of the study one in ``every`` is done.
    """

    name: str
    file: str
    measure: str
    entities: tuple[str, ...]
    variants: tuple[Variant, ...]
    every: int = 1

    def variant(self, name: str) -> Variant:
        """Return the variant of this name."""
        return next(each for each in self.variants if each.name == name)

    def names(self, beginning: str) -> list[str]:
        """Return the names of variants that begin so."""
        return [each.name for each in self.variants if each.name.startswith(beginning)]


def _hours(value: float) -> str:
    return f'"{value!r} h"'


def _law(mean: float, law: str, cv: float, per: str = "unit") -> str:
    return f'stations.desk.time-per-{per}={{ mean = {_hours(mean)}, law = "{law}", cv = {cv!r} }}'


CARTONS, EACH, PHASES = 16, 1 / 12, 4
ALL = CARTONS * EACH
QUICKER_CV, STEADY_CV = 0.3, 0.15
_ALIKE = (
    *(("gamma", cv) for cv in (0.35, 0.4, 0.45, 0.55, 0.6, 0.65, 0.7)),
    *(("lognormal", cv) for cv in (0.35, 0.4, 0.45)),
)


def _cartons() -> World:
    alike = [
        Variant(f"alike-{number}", ALL, (_law(EACH, *law),)) for number, law in enumerate(_ALIKE, 1)
    ]
    steady = _law(EACH, "gamma", STEADY_CV), _law(LESS * EACH, "gamma", STEADY_CV)
    return World(
        "cartons",
        "cartons.toml",
        "station-time-mean",
        GATES,
        (
            Variant("base", ALL, runs=70),
            Variant("quicker", LESS * ALL, (_law(LESS * EACH, "gamma", QUICKER_CV),), 70),
            Variant("steady", ALL, steady[:1], 70),
            Variant("steady-quicker", LESS * ALL, steady[1:], 70, luck=11),
            *alike,
            Variant("long-tail", ALL, (_law(EACH, "lognormal", 0.55),)),
        ),
    )


def _copies() -> World:
    """The cartons, and ten copies with luck of their own."""
    apart = [Variant(f"apart-{number}", ALL, luck=number) for number in range(1, 11)]
    base = Variant("base", ALL)
    return World("copies", "cartons.toml", "station-time-mean", GATES, (base, *apart), every=2)


LOTS, GAP, SERVICE = 6, 0.1, 1 / 6
START = datetime(2024, 1, 1, tzinfo=UTC)
_BEATS = (
    (3, 4), (4, 4), (5, 4), (7, 4), (8, 4), (9, 4), (4, 3), (9, 5), (10, 5), (9, 6),
)  # minutes between lots, phases  # fmt: skip


def _by_appointment(
    name: str, target: float, minutes: int, phases: int, clerks: int = 1, runs: int = 20
) -> Variant:
    """A desk whose service time is such that the expected mean time is ``target``."""
    gap = minutes / 60

    def mean(service: float) -> float:
        if clerks > 1:
            return truths.appointments_mean_clerks(LOTS, gap, service, clerks)
        return truths.appointments_mean(LOTS, gap, service, phases)

    law = _law(truths.service_for(mean, target), "erlang", 1 / sqrt(phases), "lot")
    moments = (START + timedelta(minutes=minutes * lot) for lot in range(LOTS))
    beat = f"supply.lots.at=[{', '.join(moment.isoformat() for moment in moments)}]"
    return Variant(name, target, (law, beat, f"stations.desk.servers={clerks}"), runs)


def _appointments() -> World:
    base = truths.appointments_mean(LOTS, GAP, SERVICE, PHASES)
    return World(
        "appointments",
        "appointments.toml",
        "station-time-mean",
        GATES,
        (
            Variant("base", base, runs=50),
            _by_appointment("quicker", LESS * base, 9, 4, runs=50),
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
            Variant("quicker", LESS * LEGS * LEG, road(LESS * LEG, "gamma", 0.4)),
            Variant("alike-1", LEGS * LEG, road(LEG, "gamma", 0.6)),
        ),
        every=2,
    )


def _single() -> World:
    """One carton at each gate, and an exponential time."""
    one = (
        f"sites.store.need.carton={len(GATES)}",
        *(f"sites.gate-{number:02d}.stock.carton=1" for number in range(1, len(GATES) + 1)),
        _law(EACH, "exponential", 1.0),
    )
    base = Variant("base", EACH, one, 50)
    return World("single", "cartons.toml", "station-time-mean", GATES, (base,))


WORLDS: dict[str, Callable[[], World]] = {
    "cartons": _cartons,
    "appointments": _appointments,
    "rounds": _rounds,
    "copies": _copies,
    "single": _single,
}
