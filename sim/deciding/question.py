"""What a plan is asked: choices and goals of a scenario, checked before anything runs."""

from __future__ import annotations

import json
from collections.abc import Sequence
from dataclasses import asdict, dataclass
from pathlib import Path
from typing import Any

from sim.deciding.choices import Choices
from sim.errors import UsageError
from sim.experiment.points import Point, load_points
from sim.measures.goals import Bound, Goal, bind
from sim.scenario.load import LoadedScenario, load_scenario
from sim.statistics.assurance import make_scheme, runs_needed, screening
from sim.statistics.schemes import Scheme

#: Runs of each combination that decide where to begin; of several choices, those that look good
#: after the first number have some more.
SCREEN_ONE, SCREEN_SEVERAL = (8,), (8, 16)


@dataclass(frozen=True, slots=True)
class Question:
    """What a plan is asked, checked: all combinations are valid scenarios.

    ``bounds`` are the goals of each combination, by its number, in hours and units.
    """

    address: Path | str
    overrides: tuple[str, ...]
    base: LoadedScenario
    digests: tuple[str, ...]
    choices: Choices
    goals: tuple[Goal, ...]
    bounds: tuple[tuple[Bound, ...], ...]
    screening: Scheme
    scheme: Scheme

    @property
    def points(self) -> tuple[Point, ...]:
        """All combinations."""
        return self.choices.points

    def experiment(self) -> dict[str, Any]:
        """Return all that decides what is run, for the manifest."""
        content = {
            "choices": {
                choice.factor.path: {"values": choice.factor.texts, "cost": choice.cost}
                for choice in self.choices.choices
            },
            "goals": [goal.text for goal in self.goals],
            "screening": asdict(self.screening),
            "scheme": asdict(self.scheme),
        }
        read: dict[str, Any] = json.loads(json.dumps(content))  # as a manifest gives it back
        return read


def ask_question(
    address: Path | str,
    overrides: Sequence[str],
    choices: Choices,
    goals: Sequence[Goal],
    *,
    probability: float = 0.95,
    confidence: float = 0.95,
    most: int | None = None,
) -> Question:
    """Load the scenario of every combination, and check that the goals can be asked of it.

    ``most`` are the most confirming runs of one combination.

    Raises:
        ScenarioError: with the problems of all combinations, or of the first one if it has any.
        UsageError: a goal lies beyond the horizon, or ``most`` runs are too few.
    """
    try:
        scheme = make_scheme(probability, confidence, most)
    except ValueError as error:
        raise UsageError(_too_few(probability, confidence, most) or str(error)) from None
    base = load_scenario(address, overrides)
    points = choices.points
    loaded = load_points(address, overrides, points[:1])  # what is wrong with all is said once
    loaded += load_points(address, overrides, points[1:])
    bounds = tuple(
        tuple(bind(goal, each.scenario.start, each.scenario.horizon.value) for goal in goals)
        for each in loaded
    )
    looks = SCREEN_ONE if len(choices.choices) == 1 else SCREEN_SEVERAL
    return Question(
        address,
        tuple(overrides),
        base,
        tuple(each.digest for each in loaded),
        choices,
        tuple(goals),
        bounds,
        screening(looks, probability, confidence),
        scheme,
    )


def _too_few(probability: float, confidence: float, most: int | None) -> str:
    if most is None or not (0 < probability < 1 and 0.5 < confidence < 1):
        return ""
    needed = runs_needed(0, probability, confidence)
    return (
        f"--max-replications {most}: even if all hold, {needed} are needed to claim "
        f"{probability:g} with {confidence:.3g} confidence"
    )
