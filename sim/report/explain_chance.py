"""Lots, consumption and disruptions told in words."""

from __future__ import annotations

from datetime import datetime

from sim.report.explain_areas import region_words
from sim.report.words import clock, echelon_title, law_words, number, plural, size_words
from sim.scenario.disruption import (
    ClosedRoad,
    ClosedSite,
    Disruption,
    FewerVehicles,
    OutputCut,
    SlowRoad,
    SuddenNeed,
)
from sim.scenario.schema import Scenario
from sim.scenario.supply import Arrivals
from sim.units import show_hours


def sentence_of_lots(scenario: Scenario, name: str) -> str:
    """Say which lots appear at a site, or at the sites of an echelon, and when."""
    lots = scenario.supply[name]
    goods = scenario.products[lots.product].title or lots.product
    text = f"{_where(scenario, lots)}: lots of {size_words(lots.lot)} {goods}"
    return text + _arriving(scenario, lots)


def sentence_of_requests(scenario: Scenario, name: str) -> str:
    """Say who asks for how much of what, when, and for how long."""
    request = scenario.requests[name]
    goods = scenario.products[request.product].title or request.product
    text = f"{_where(scenario, request)}: requests for {size_words(request.units)} {goods}"
    text += _arriving(scenario, request)
    if request.gives_up is not None:
        text += f"; withdrawn if not answered after {law_words(request.gives_up)}"
    return text


def _where(scenario: Scenario, arrivals: Arrivals) -> str:
    if arrivals.site is not None:
        return scenario.sites[arrivals.site].title or arrivals.site
    name = str(arrivals.echelon)
    return f"each of the {echelon_title(name, scenario.echelons[name])}"


def _arriving(scenario: Scenario, lots: Arrivals) -> str:
    text = ""
    if lots.gap is not None:
        text += f", one every {law_words(lots.gap)}"
        if lots.calendar is not None:
            text += f" of the hours of {lots.calendar}"
        if lots.first is not None:
            text += f", the first after {law_words(lots.first)}"
    elif lots.first is not None:
        text += f", once, after {law_words(lots.first)}"
    elif lots.at:
        times = ", ".join(_moment(scenario, time) for time in lots.at[:4])
        text += f" at {times}" + (f" and {len(lots.at) - 4} more times" * (len(lots.at) > 4))
    if lots.begins is not None:
        text += f", from {_moment(scenario, lots.begins)}"
    if lots.ends is not None:
        text += f", until {_moment(scenario, lots.ends)}"
    if lots.most is not None:
        text += f", at most {lots.most.value:,}" + (" each" if lots.site is None else "")
    return text


def sentence_of_consumption(scenario: Scenario, name: str) -> str:
    """Say who uses up what, how fast, and from which stock."""
    use = scenario.consumption[name]
    goods = scenario.products[use.product].title or use.product
    who = echelon_title(use.echelon, scenario.echelons[use.echelon])
    if use.rate is not None:
        units, hours = use.rate.value
        how = f"{number(units, '')} {goods} every {show_hours(hours)}"
        how += " at random moments" if use.pattern == "poisson" else " at equal intervals"
        how += f" from {_moment(scenario, use.begins)} on" if use.begins is not None else ""
    else:
        how = f"{use.units.value:,} {goods} at each of {plural(len(use.at or []), 'time')}"
    return f"{name}: {who} each use {how}, beginning with a stock of {use.stock.value:,}"


def sentence_of_disruption(scenario: Scenario, name: str) -> str:
    """Say what goes wrong, where, when, and for how long."""
    wrong = scenario.disruptions[name]
    text = f"{name}: {_what(scenario, wrong)}, for {law_words(wrong.lasts)}"
    if wrong.every is not None:
        text += f", again {law_words(wrong.every)} after the last"
    elif wrong.begins is not None:
        earliest, latest = (_moment(scenario, time) for time in wrong.begins)
        text += f", from {earliest}" if earliest == latest else f", from {earliest} to {latest}"
    if wrong.chance.value < 1:
        text += f", with a chance of {number(wrong.chance.value, 'share')}"
    if wrong.each:
        text += ", each by itself"
    return text


def _what(scenario: Scenario, wrong: Disruption) -> str:
    match wrong:
        case ClosedSite():
            everywhere = _echelon(scenario, wrong.echelon)
            return f"{_of(scenario, wrong.sites, wrong.regions, everywhere)} shut"
        case ClosedRoad():
            return f"roads of {wrong.lane}{_to(scenario, wrong.sites, wrong.regions)} shut"
        case SlowRoad():
            where = _to(scenario, wrong.sites, wrong.regions)
            return f"journeys on {wrong.lane}{where} take {wrong.factor.value:g} times as long"
        case OutputCut():
            share = number(wrong.share.value, "share")
            goods = f" of {', '.join(wrong.products)}" if wrong.products else ""
            return f"{', '.join(wrong.sites)} make {share} less{goods}"
        case FewerVehicles():
            where = _of(scenario, wrong.sites, wrong.regions, "every site")
            return f"{plural(wrong.vehicles.value, 'vehicle')} of {wrong.fleet} away at {where}"
        case SuddenNeed():
            who = _of(scenario, wrong.sites, wrong.regions, _echelon(scenario, wrong.echelon))
            return f"{who} use {wrong.factor.value:g} times as much {wrong.product}"


def _echelon(scenario: Scenario, name: str) -> str:
    return f"all {echelon_title(name, scenario.echelons[name])}"


def _of(scenario: Scenario, sites: list[str], regions: list[str], everywhere: str) -> str:
    named = [*sites, *([region_words(scenario, regions)] if regions else [])]
    return ", ".join(named) if named else everywhere


def _to(scenario: Scenario, sites: list[str], regions: list[str]) -> str:
    named = [*sites, *([region_words(scenario, regions)] if regions else [])]
    return f" to {', '.join(named)}" if named else ""


def _moment(scenario: Scenario, time: datetime) -> str:
    return clock(scenario.start, (time - scenario.start).total_seconds() / 3600)
