"""Asked measures: how people name one row of the measures, ``T90@clinic`` or ``wait-mean@dock``.

A measure, then what tells its row from others, each behind a sign @, in any order::

    MEASURE [@NAME ...]

A NAME is an echelon, a product, a region, or an entity such as a fleet, a station or a lane.
Without a region the whole nation is meant; without an echelon, the one at which goods end, where
that is one.
"""

from __future__ import annotations

from collections.abc import Callable, Collection, Iterable
from dataclasses import dataclass

from sim.catalogue import CATALOGUE, Measure, find_measure
from sim.errors import UsageError, did_you_mean
from sim.measures.scope import NATIONAL
from sim.measures.summary import Key

_MOST = 8  # choices that a message lists


@dataclass(frozen=True, slots=True)
class Asked:
    """A measure as it was asked for: its name, and the names of what it is of."""

    text: str
    measure: str
    names: tuple[str, ...] = ()

    @property
    def about(self) -> Measure:
        """What the catalogue says of the measure."""
        return find_measure(self.measure)


def parse_asked(text: str) -> Asked:
    """Read ``MEASURE@NAME@NAME``; whether a run has it is seen by :func:`find_asked`.

    >>> parse_asked("T90@clinic@Inner Mongolia").names
    ('clinic', 'Inner Mongolia')

    Raises:
        UsageError: there is no such measure, or a name is empty.
    """
    measure, *names = (part.strip() for part in text.split("@"))
    try:
        find_measure(measure)
    except KeyError:
        near = did_you_mean(measure, list(CATALOGUE)) or "docs/measures.md lists them"
        expected = "a measure such as T90 or wait-mean"
        raise UsageError(f'{text}: expected {expected}, found "{measure}" ({near})') from None
    if not all(names):
        expected = "an echelon, product, region or entity after each @"
        raise UsageError(f"{text}: expected {expected}, found nothing")
    return Asked(text.strip(), measure, tuple(names))


def find_asked(asked: Asked, keys: Iterable[Key], ends: Collection[str] = ()) -> Key:
    """Return the key of the one row that is asked for, among those of a run.

    ``ends`` are the echelons at which goods end.

    Raises:
        UsageError: the run has no such measure, or none of these names, or several rows fit: then
            the message lists them.
    """
    every = [key for key in dict.fromkeys(keys) if key[0] == asked.measure]
    if not every:
        raise UsageError(f"{asked.text}: the runs of this scenario have no {asked.measure}")
    for name in asked.names:
        known = sorted({part for key in every for part in key[1:]} - {""})
        if name not in known:
            hint = did_you_mean(name, known) or _choices(every)
            expected = f"an echelon, product, region or entity that {asked.measure} is kept of"
            raise UsageError(f'{asked.text}: expected {expected}, found "{name}" ({hint})')
    fit = [key for key in every if set(asked.names) <= set(key[1:])]
    for usual in _usual(ends):
        fit = [key for key in fit if usual(key)] or fit
    if len(fit) == 1:
        return fit[0]
    problem = "it may be any of several" if fit else "no row is of all of these"
    raise UsageError(f"{asked.text}: {problem}: {_choices(fit or every)}")


def text_of(key: Key) -> str:
    """Return a row's name, with all that tells it from others: ``dispatched@factory@oximeter``."""
    measure, product, echelon, region, entity = key
    region = "" if region == NATIONAL else region
    return "@".join([measure, *(name for name in (echelon, product, entity, region) if name)])


def _usual(ends: Collection[str]) -> tuple[Callable[[Key], bool], ...]:
    """Return what is meant where nothing else is said, one after the other."""
    return (lambda key: key[3] == NATIONAL), (lambda key: key[2] in ends)


def _choices(keys: Iterable[Key]) -> str:
    texts = sorted({text_of(key) for key in keys})
    more = f" or one of {len(texts) - _MOST:,} more" if len(texts) > _MOST else ""
    return "say " + ", ".join(texts[:_MOST]) + more
