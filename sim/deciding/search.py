"""The search for the cheapest setting that holds: what to run next, and what may be claimed.

It knows nothing of scenarios: it asks for runs of candidates by number, and is told which failed.

Two kinds of runs never mix. A few of each candidate *screen*: they decide where to begin and in
which order to go, and claim nothing. Others *confirm*: candidates one after the other along a path
that the screening has fixed, from costly to cheap, each at the full confidence, until the first
that cannot be claimed. Whatever the truth is, the first candidate on the path that falls short is
claimed with a chance of no more than the error, and no later one is claimed without it; so the
chance of any false claim is no more than the error, without a correction for the number of
candidates (W. Maurer, L. A. Hothorn & W. Lehmacher 1995, in Biometrie in der
chemisch-pharmazeutischen Industrie 6; J. C. Hsu & R. L. Berger 1999, JASA 94, 468-482). That a
dearer candidate does no worse is taken for granted only to choose what is worth running.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass
from typing import Literal

from sim.statistics.schemes import Reading, Scheme

#: So few candidates are all screened: that is cheap, and shows the whole curve.
SCREEN_ALL = 16
#: Of several choices, good candidates next in cost to the cheapest good one that are confirmed
#: before it: of one choice, the ladder has the next.
_NEXT = 2

Answer = Literal["reached", "not reachable", "undecided"]
#: Runs of candidates, by number: which replications are wanted of each.
Wanted = Sequence[tuple[int, range]]
#: Runs them, and returns by candidate whether each of them failed, in order.
Ask = Callable[[Wanted], Mapping[int, Sequence[bool]]]


@dataclass(frozen=True, slots=True)
class Candidate:
    """One combination of values: its level of each choice, cheapest first, and what it costs."""

    number: int
    levels: tuple[int, ...]
    cost: float

    def covers(self, other: Candidate) -> bool:
        """Return whether it has at least as much of every choice as another."""
        return all(a >= b for a, b in zip(self.levels, other.levels, strict=True))


@dataclass(frozen=True, slots=True)
class Found:
    """What a search found: tests by candidate, the path, and the cheapest that was claimed."""

    outcome: Answer
    answer: int | None
    screened: dict[int, Reading]
    confirmed: dict[int, Reading]
    path: tuple[int, ...]
    #: Cheaper than the answer, and neither shown to fall short nor below one that was.
    open: tuple[int, ...]

    def tested(self, number: int) -> Reading | None:
        """Return what is known of a candidate: by its confirming runs, if it has any."""
        return self.confirmed.get(number, self.screened.get(number))


def find_cheapest(
    candidates: Sequence[Candidate], screening: Scheme, scheme: Scheme, ask: Ask
) -> Found:
    """Return the cheapest candidate that can be claimed, and all that was seen on the way.

    Replications 0, 1, ... screen; those from ``screening.most`` on confirm. Nothing depends on the
    order in which runs finish.
    """
    screened = _screen(candidates, screening, ask)
    path = plan_path(candidates, screened)
    confirmed: dict[int, Reading] = {}
    answer: int | None = None
    for candidate in path:
        tested = _test([candidate], scheme, screening.most, ask)[candidate.number]
        confirmed[candidate.number] = tested
        if tested.outcome != "reached":
            break
        answer = candidate.number
    short = _short(candidates, screened, confirmed)
    limit = float("inf") if answer is None else candidates[answer].cost
    left = tuple(c.number for c in candidates if c.cost < limit and c.number not in short)
    outcome: Answer = "undecided" if left else "not reachable"
    if answer is not None:
        outcome = "reached"
    return Found(outcome, answer, screened, confirmed, tuple(c.number for c in path), left)


def most_runs(candidates: int, screening: Scheme, scheme: Scheme) -> int:
    """Return the most runs that a search can take."""
    return candidates * (screening.most + scheme.most)


def plan_path(
    candidates: Sequence[Candidate], screened: Mapping[int, Reading]
) -> tuple[Candidate, ...]:
    """Return the candidates to confirm, in order: from costly to cheap.

    First comes a ladder from the dearest candidate down to the cheapest that looks good, in steps
    that get smaller; then those that are cheaper and not hopeless. Whatever looks bad by the
    screening, or is below what is hopeless, is left out.
    """
    good = [c for c in candidates if _is(screened, c, "reached")]
    hopeless = [c for c in candidates if _is(screened, c, "not reached")]
    maybe = [
        c
        for c in candidates
        if c not in good and not any(other.covers(c) for other in hopeless)
    ]  # fmt: skip
    if not good:
        return tuple(sorted(maybe, key=_by_cost, reverse=True))
    edge = min(good, key=_by_cost)
    top = max(candidates, key=_by_cost)
    by_levels = {c.levels: c for c in candidates}
    ladder = {by_levels[levels] for levels in _ladder(top.levels, edge.levels)}
    unseen = [c for c in ladder if c.number not in screened]
    several = len(edge.levels) > 1
    dearer = sorted((c for c in good if c != edge and several), key=_by_cost)
    upper = {edge, *dearer[:_NEXT], *(c for c in ladder if c in good), *unseen}
    lower = [c for c in maybe if c.cost < edge.cost]
    return tuple(sorted({*upper, *lower}, key=_by_cost, reverse=True))


def _by_cost(candidate: Candidate) -> tuple[float, int]:
    return candidate.cost, candidate.number


def _is(screened: Mapping[int, Reading], candidate: Candidate, outcome: str) -> bool:
    return candidate.number in screened and screened[candidate.number].outcome == outcome


def _ladder(top: tuple[int, ...], edge: tuple[int, ...]) -> Iterable[tuple[int, ...]]:
    """Yield levels from the top towards the edge: each step leaves a quarter of the way."""
    parts = 1
    while True:
        above = tuple(-(-(t - e) // parts) for t, e in zip(top, edge, strict=True))
        yield tuple(e + a for e, a in zip(edge, above, strict=True))
        if max(above) <= 1:
            return
        parts *= 4


def _screen(candidates: Sequence[Candidate], screening: Scheme, ask: Ask) -> dict[int, Reading]:
    """Screen all candidates if they are few; else those that may decide which is the cheapest."""
    if len(candidates) <= SCREEN_ALL:
        return _test(candidates, screening, 0, ask)
    screened: dict[int, Reading] = {}
    left = sorted(candidates, key=_by_cost)
    wanted = left[-1]
    while True:
        tested = _test([wanted], screening, 0, ask)[wanted.number]
        screened[wanted.number] = tested
        if tested.outcome == "reached":  # what costs more cannot be the answer
            left = [c for c in left if _by_cost(c) < _by_cost(wanted)]
        else:  # what has less of everything is taken to do no better
            left = [c for c in left if not wanted.covers(c)]
        if not left:
            return dict(sorted(screened.items()))
        wanted = left[len(left) // 2]


def _test(
    candidates: Sequence[Candidate], scheme: Scheme, first: int, ask: Ask
) -> dict[int, Reading]:
    """Run candidates, look after look, until the scheme is over for each; replications count from
    ``first``."""
    failed: dict[int, list[bool]] = {c.number: [] for c in candidates}
    while True:
        wanted = []
        for number, runs in failed.items():
            look = scheme.next_look(runs)
            if look is not None:
                wanted.append((number, range(first + len(runs), first + look)))
        if not wanted:
            return {number: scheme.read(runs) for number, runs in failed.items()}
        for number, more in ask(wanted).items():
            failed[number] += more


def _short(
    candidates: Sequence[Candidate],
    screened: Mapping[int, Reading],
    confirmed: Mapping[int, Reading],
) -> set[int]:
    """Return the candidates that fall short: shown to, or with no more of anything than one that
    was. Confirming runs count before screening ones."""
    shown = [
        c
        for c in candidates
        if (tested := confirmed.get(c.number, screened.get(c.number)))
        and tested.outcome == "not reached"
    ]
    held = {n for n, tested in confirmed.items() if tested.outcome == "reached"}
    return {
        c.number for c in candidates if c.number not in held and any(s.covers(c) for s in shown)
    }
