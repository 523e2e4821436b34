"""A plan in words: what it is about to do, what it found, and what that claims."""

from __future__ import annotations

import math
from collections.abc import Sequence
from typing import Any

from rich.console import RenderableType
from rich.text import Text

from sim.deciding.question import Question
from sim.deciding.search import SCREEN_ALL, most_runs
from sim.measures.goals import TIMES, Goal
from sim.report.layout import WideOrNarrow, plain_table
from sim.report.words import clock, number, plural
from sim.store.decisions import Aim, Combination, Decision, Runs
from sim.units import show_hours

#: How a verdict is told, and in which style.
_VERDICTS = {
    "reached": ("enough", "green"),
    "not reached": ("not enough", "red"),
    "undecided": ("undecided", "yellow"),
}


def question_lines(question: Question) -> list[RenderableType]:
    """Return what a plan is about to do, and how many runs that may take."""
    scheme, first = question.scheme, question.screening
    several = len(question.choices.choices) > 1
    lines: list[RenderableType] = []
    for index, choice in enumerate(question.choices.choices):
        cost = f", at {choice.cost:g} each" if question.choices.priced else ""
        values = _values_text(choice.factor.texts)
        lines.append(f"{'' if index else 'choose':8}{choice.factor.path}: {values}{cost}")
    lines.append(
        f"{'until':8}{goals_text(question.goals)}, in at least {_percent(scheme.probability)} of "
        f"runs, with {_percent(scheme.confidence)} confidence"
    )
    count = len(question.points)
    each = "combination" if several else "value"
    whom = f"each of {count} {each}s" if count <= SCREEN_ALL else f"some of {count:,} {each}s"
    if count == 1:
        whom = f"the one {each}"
    again = f", {first.most} if those look good," if len(first.looks) > 1 else ""
    lines.append(
        f"{'first':8}{first.looks[0]} runs of {whom}{again} to see where to begin"
        f" (replications 0 to {first.most - 1})"
    )
    order = "costly to cheap" if several or question.choices.priced else "large to small"
    lines.append(
        f"{'then':8}other runs of one {each} after the other, from {order}, up to the first that "
        "is not shown"
    )
    lines.append(f"{'':8}to be enough: {_claims_text(scheme.looks, scheme.claim)}")
    lines.append(f"{'runs':8}{most_runs(count, first, scheme):,} at most, as a rule far fewer")
    return lines


def decision_lines(decision: Decision) -> list[RenderableType]:
    """Return what a plan found: a table, the answer in words, and what it rests on."""
    lines: list[RenderableType] = [_table(decision), ""]
    lines += [Text(line) for line in answer_lines(decision)]
    lines += ["", *(Text(line, style="dim") for line in _footing(decision))]
    return lines


def answer_lines(decision: Decision) -> list[str]:
    """Return the answer in words, a sentence a line."""
    said = goals_text(decision.aims)
    sure = f"with {_percent(decision.confidence)} confidence"
    answer = decision.answer
    if answer is not None and answer.confirming is not None:
        cost = f", at a cost of {answer.cost:g}," if decision.priced else ""
        held, low = _held(answer.confirming), _down(answer.confirming.low)
        enough = f"{settings_text(answer)}{cost} is enough: in {held} {said}"
        return [f"{enough}; the chance is at least {low} {sure}.", *_below(decision)]
    if decision.outcome == "not reachable":
        lines = [f"Not reachable within the range: no {_one(decision)} is enough."]
    else:
        lines = [
            f"Undecided: no {_one(decision)} is shown to be enough, nor all of them not to be."
        ]
    top = max(decision.combinations, key=lambda each: (each.cost, each.number))
    if top.seen is not None:
        lines.append(
            f"{settings_text(top)}, the {_most_word(decision)}: in {_held(top.seen)} {said}; the "
            f"chance is {_chance(top.seen)} {sure}."
        )
    if decision.outcome == "undecided":
        lines.append(
            "Give it more runs (--max-replications), more room (--choose), or ask for less."
        )
    else:
        lines.append("Give it more room (--choose), or ask for less (--until, --probability).")
    return lines


def decision_json(decision: Decision) -> dict[str, Any]:
    """Return a plan as a JSON object: its answer, and what was seen of each combination."""
    return {
        "scenario": decision.name,
        "digest": decision.manifest["digest"],
        "seed": decision.manifest["seed"],
        "out": str(decision.path),
        **decision.content,
        "words": answer_lines(decision),
    }


def goals_text(goals: Sequence[Goal] | Sequence[Any]) -> str:
    """Return goals as they were written, joined."""
    return " and ".join(goal.text for goal in goals)


def settings_text(combination: Combination) -> str:
    """Return the settings of a combination: ``fleets.county-van.vehicles=5``."""
    return " and ".join(f"{path}={value}" for path, value in combination.settings)


def _below(decision: Decision) -> list[str]:
    """Say what is known of what is cheaper than the answer."""
    answer = decision.answer
    assert answer is not None
    cheaper = sorted(
        (each for each in decision.combinations if each.cost < answer.cost),
        key=lambda each: (-each.cost, each.number),
    )
    if not cheaper:
        return [f"It is the {'cheapest' if decision.priced else 'smallest'} of the range."]
    short = [each for each in cheaper if each.verdict == "not reached"]
    lines = [
        f"{settings_text(each)} is {word}: in {_held(seen)}; the chance is {_chance(seen)}."
        for word, group in (("not", short[:1]), ("open", decision.open))
        for each in group
        if (seen := each.seen) is not None
    ]
    word = "cheaper" if decision.priced else "smaller"
    unseen = [each for each in cheaper if each.seen is None and each not in decision.open]
    if unseen:
        lines.append(f"{plural(len(unseen), f'{word} one')} not run, taken to do no better.")
    seed = _seed(decision) + 1
    unknown = [each for each in decision.open if each.seen is None]
    if unknown:
        lines.append(
            f"Of {plural(len(unknown), f'{word} one')} not run nothing is known: to choose among "
            f"them, on other luck, --choose them and --seed {seed}."
        )
    elif decision.open:
        most = 2 * max(each.runs for each in _confirmed(decision))
        lines.append(f"More runs on other luck may tell: --max-replications {most} --seed {seed}.")
    return lines


def _footing(decision: Decision) -> list[str]:
    return [
        *(f"Read as {aim_text(decision, aim)}." for aim in decision.aims),
        *_claim(decision),
        "It takes the scenario's assumptions as they are; postroad sweep shows how they matter.",
        f"To check it on other luck: the same with --seed {_seed(decision) + 1}.",
    ]


def _claim(decision: Decision) -> list[str]:
    """Say what the confidence means: how often plans like this are wrong."""
    odds = f"at most one in {1 / (1.0 - decision.confidence):.3g}"
    if decision.outcome == "reached":
        wrong = f"names a {_one(decision)} whose chance is below {decision.probability:g}"
        return [f"The claim: of plans like this, {odds} {wrong}, whatever the true chances are."]
    if decision.outcome == "not reachable":
        most = f"the {_most_word(decision)} {_one(decision)}"
        wrong = f"says so where {most} has a chance of {decision.probability:g} or more"
        return [f"The claim: of plans like this, {odds} {wrong}."]
    return []


def aim_text(decision: Decision, aim: Aim) -> str:
    """Return what a goal was understood to mean: ``coverage@clinic at 21 Jan 00:00``."""
    start = decision.start
    when = "" if aim.hour is None else f" at {clock(start, aim.hour)}"
    limit = number(aim.limit, aim.unit)
    if aim.unit == "h":
        limit = f"{show_hours(aim.limit)}"
        limit += f" ({clock(start, aim.limit)})" if aim.series.split("@")[0] in TIMES else ""
    return f"{aim.series}{when} {aim.operator} {limit}"


def _seed(decision: Decision) -> int:
    return int(decision.manifest["seed"])


def _confirmed(decision: Decision) -> list[Runs]:
    return [each.confirming for each in decision.combinations if each.confirming is not None]


def _table(decision: Decision) -> RenderableType:
    shown = sorted(
        (each for each in decision.combinations if each.seen is not None),
        key=lambda each: (each.cost, each.number),
    )
    headings = [*decision.paths, *(["cost"] if decision.priced else [])]
    table = plain_table(*headings, "first look", "confirming", "the chance is", "verdict")
    for column in table.columns[: len(headings)]:
        column.justify = "right"
    narrow: list[RenderableType] = []
    for each in shown:
        assert each.seen is not None
        word, style = _verdict(each)
        cells = [value for _, value in each.settings]
        cells += [f"{each.cost:g}"] if decision.priced else []
        looked = _held(each.screening) if each.screening else ""
        confirmed = _held(each.confirming) if each.confirming else ""
        table.add_row(*cells, looked, confirmed, _chance(each.seen), Text(word, style=style))
        narrow.append(Text.assemble(f"{settings_text(each)}: ", (word, style)))
        narrow.append(Text(f"    {_held(each.seen)}, {_chance(each.seen)}"))
    return WideOrNarrow(table, tuple(narrow))


def _verdict(each: Combination) -> tuple[str, str]:
    if each.confirming is None and each.screening and each.verdict != "not reached":
        return ("looks good" if each.screening.outcome == "reached" else "doubtful"), "dim"
    return _VERDICTS[each.verdict]


def _held(runs: Runs) -> str:
    return f"{runs.held} of {plural(runs.runs, 'run')}"


def _chance(runs: Runs) -> str:
    """Return the bounds of a chance, rounded so that they claim no more than they may."""
    if runs.high >= 1.0:
        return f"at least {_down(runs.low)}"
    if runs.low <= 0.0 or runs.outcome == "not reached":
        return f"at most {_up(runs.high)}"
    return f"{_down(runs.low)} to {_up(runs.high)}"


def _down(share: float) -> str:
    return f"{math.floor(share * 1000 + 1e-9) / 1000:.3f}"


def _up(share: float) -> str:
    return f"{math.ceil(share * 1000 - 1e-9) / 1000:.3f}"


def _percent(share: float) -> str:
    return f"{share * 100:.6g} %"


def _one(decision: Decision) -> str:
    return "value" if len(decision.paths) == 1 else "combination"


def _most_word(decision: Decision) -> str:
    return "costliest" if decision.priced else "largest"


def _claims_text(looks: Sequence[int], claim: Sequence[int]) -> str:
    """Write ``63 runs if all hold, 131 if all but 1 do, ...``."""
    steps = [(look, failures) for look, failures in zip(looks, claim, strict=True) if failures >= 0]
    (first, none), *later = steps
    texts = [f"{first} runs if {'all hold' if none == 0 else f'all but {none} hold'}"]
    texts += [f"{look} if all but {failures} do" for look, failures in later]
    return ", ".join(texts)


def _values_text(texts: Sequence[str]) -> str:
    if len(texts) <= 6:
        return ", ".join(texts)
    return f"{texts[0]}, {texts[1]}, ..., {texts[-1]} ({len(texts)} values)"
