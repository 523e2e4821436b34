"""Words and numbers in figures: dates, quantities, tolerances, and what a reported figure says."""

from __future__ import annotations

from datetime import datetime, timedelta
from math import isfinite

from sim.geography.nation import load_nation
from sim.geography.regions import resolve
from sim.plots.style import drawable
from sim.scenario.figures import FIGURE_MEASURES, Reported
from sim.scenario.schema import Scenario

MONTHS = ("Jan", "Feb", "Mar", "Apr", "May", "Jun", "Jul", "Aug", "Sep", "Oct", "Nov", "Dec")
LATE = "after the horizon"


def day_text(moment: datetime) -> str:
    """Write a date as ``9 Jan``."""
    return f"{moment.day} {MONTHS[moment.month - 1]}"


def moment_text(moment: datetime) -> str:
    """Write a moment as ``9 Jan 18:00``, to the minute."""
    rounded = moment + timedelta(seconds=30)
    return f"{day_text(rounded)} {rounded:%H:%M}"


def zone_text(moment: datetime) -> str:
    """Write the zone of a moment as ``UTC+8`` or ``UTC-3:30``."""
    offset = moment.utcoffset() or timedelta()
    minutes = round(offset.total_seconds() / 60)
    sign = "-" if minutes < 0 else "+"
    hours, rest = divmod(abs(minutes), 60)
    return "UTC" if not minutes else f"UTC{sign}{hours}" + (f":{rest:02d}" if rest else "")


def quantity(start: datetime, value: float | None, unit: str) -> str:
    """Write a value: a time (hours since the start, None is late) as a date, else a number."""
    if value is None or not isfinite(value):
        return LATE if unit == "time" else "none"
    if unit == "time":
        return moment_text(start + timedelta(hours=value))
    if unit == "share":
        return f"{value:.1%}".replace(".0%", "%").replace("%", " %")
    if abs(value) >= 100 or value == round(value):
        return f"{value:,.0f}"
    return f"{value:,.1f}"


def span_text(
    start: datetime, middle: float | None, low: float | None, high: float | None, unit: str
) -> str:
    """Write a median with the bounds of its spread in brackets; times of one day share the date."""
    text = quantity(start, middle, unit)
    ends = [quantity(start, low, unit), quantity(start, high, unit)]
    if unit == "time" and middle is not None:
        day = text.rpartition(" ")[0] + " "
        if all(end.startswith(day) for end in ends):
            ends = [end.removeprefix(day) for end in ends]
    return text if ends == [text, text] else f"{text} [{ends[0]}, {ends[1]}]"


def tolerance_text(start: datetime, low: float | None, high: float | None, unit: str) -> str:
    """Write a tolerance: ``450,000 to 550,000``, ``at least 95 %``, ``by 18 Jan 10:00``."""
    low_text, high_text = quantity(start, low, unit), quantity(start, high, unit)
    if low is None and high is None:
        return "any"
    if low is None:
        return f"{'by' if unit == 'time' else 'at most'} {high_text}"
    if high is None:
        return f"{'from' if unit == 'time' else 'at least'} {low_text}"
    if unit == "share":
        low_text = low_text.removesuffix(" %")
    return f"{low_text} to {high_text}"


def echelon_title(scenario: Scenario, name: str) -> str:
    """Return what to call an echelon, in the plural; its name if the font cannot draw the title."""
    return drawable(scenario.echelons[name].title, name)


def product_title(scenario: Scenario, name: str) -> str:
    """Return what to call a product, in the plural."""
    return drawable(scenario.products[name].title, name)


def capital(text: str) -> str:
    """Return the text with its first letter as a capital."""
    return text[:1].upper() + text[1:]


def regions_text(scenario: Scenario, figure: Reported) -> str:
    """Return the regions that a figure counts, such as ``4 provinces``; "" is the whole nation."""
    nation = load_nation(scenario.geography.nation)
    names, levels = list[str](), set[str]()
    for text in figure.regions:
        area = scenario.areas.get(text)
        region = None if area is not None else resolve(nation, text)
        names.append(region.name if region else drawable(area.title if area else None, text))
        levels.add(region.level if region else "area")
    if len(names) <= 2:
        return " and ".join(names)
    return f"{len(names)} {_plural(levels.pop() if len(levels) == 1 else 'region')}"


def figure_text(scenario: Scenario, figure: Reported) -> str:
    """Say in a line what a reported figure speaks of: ``received by cities, 9 Jan 18:00``."""
    who = echelon_title(scenario, figure.echelon)
    if figure.site:
        who = drawable(scenario.sites[figure.site].title, figure.site)
    goods = ""
    if figure.product and len(scenario.products) > 1:
        goods = f"{product_title(scenario, figure.product)} "
    share = "all " if figure.share == 1 else f"{quantity(scenario.start, figure.share, 'share')} "
    if figure.share == 0:
        share = "first " if goods else f"first {product_title(scenario, figure.product or '')} "
    text, towards = {
        "dispatched": (f"{goods}dispatched by {who}", "to"),
        "received": (f"{goods}received by {who}", "in"),
        "in-transit": (f"{goods}in transit from {who}", "to"),
        "sites-reached": (f"{who} reached", "in"),
        "trips": (f"trips from {who}", "to"),
        "coverage": (f"{who} covered", "in"),
        "dispatch-time": (f"{share}{goods}dispatched by {who}", "to"),
        "receipt-time": (f"{share}{goods}received by {who}", "in"),
    }[figure.measure]
    regions = regions_text(scenario, figure)
    if regions:
        text += f"{',' if ',' in who else ''} {towards} {regions}"
    return text + _time_text(scenario, figure)


def unit_text(scenario: Scenario, figure: Reported) -> str:
    """Return what a figure counts, in the plural, with a space before it; "" for shares, times."""
    names = {
        "units": product_title(scenario, figure.product) if figure.product else "units",
        "sites": echelon_title(scenario, figure.echelon),
        "trips": "trips",
    }
    unit = names.get(FIGURE_MEASURES[figure.measure])
    return f" {unit}" if unit else ""


def _time_text(scenario: Scenario, figure: Reported) -> str:
    if figure.at is None or FIGURE_MEASURES[figure.measure] == "time":
        return ""
    zone = scenario.start.tzinfo
    at = figure.at.astimezone(zone)
    if figure.since is None:
        return f", {moment_text(at)}"
    since = figure.since.astimezone(zone)
    if since.hour == since.minute == 0 and at - since == timedelta(days=1):
        return f", {day_text(since)}"
    return f", {moment_text(since)} to {moment_text(at)}"


def _plural(kind: str) -> str:
    return f"{kind.removesuffix('y')}ies" if kind.endswith("y") else f"{kind}s"
