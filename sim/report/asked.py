"""What came of requests, in words."""

from __future__ import annotations

from sim.experiment.run import Prepared
from sim.report.rows import Row, find
from sim.report.words import number
from sim.units import show_hours


def request_lines(rows: list[Row], prepared: Prepared) -> list[str]:
    """Return a line for each table of requests: means over the runs, with the bounds of the share.

    ``asking: 412 of 460 requests for medicines answered, 89.6 % [88.1 %, 91.0 %], half of these
    within 5 h; 398 received, half of these within 7 h; 40 withdrawn``
    """
    scenario, lines = prepared.loaded.scenario, []
    for name, request in scenario.requests.items():
        goods = scenario.products[request.product].title or request.product
        line = _line(rows, name, goods)
        if line:
            lines.append(f"{name}: {line}")
    return lines


def _line(rows: list[Row], name: str, goods: str) -> str:
    count = _mean(rows, "requests", name)
    share = find(rows, "answered-share", entity=name)
    if count is None or share is None:
        return ""
    if not count:
        return "nobody asked"
    if share["mean"] is None:  # in some run nobody asked
        return f"{count:,.0f} requests for {goods} a run, none in some"
    text = f"{share['mean'] * count:,.0f} of {count:,.0f} requests for {goods} answered, "
    text += number(share["mean"], "share")
    if share["low"] is not None and share["high"] is not None:
        text += f" [{number(share['low'], 'share')}, {number(share['high'], 'share')}]"
    text += _soon(rows, "answer-time", name)
    served, withdrawn = (_mean(rows, f"{what}-share", name) for what in ("served", "withdrawn"))
    if served is not None:
        text += f"; {served * count:,.0f} received{_soon(rows, 'request-time', name)}"
    if withdrawn:
        text += f"; {withdrawn * count:,.0f} withdrawn"
    return text


def _soon(rows: list[Row], measure: str, name: str) -> str:
    """Say how soon: by the median where it is measured, else by the mean."""
    half = _mean(rows, f"{measure}-p50", name)
    if half is not None:
        return f", half of these {'at once' if half == 0 else f'within {show_hours(half)}'}"
    hours = _mean(rows, f"{measure}-mean", name)
    return "" if hours is None else f", after {show_hours(hours)} on average"


def _mean(rows: list[Row], measure: str, name: str) -> float | None:
    row = find(rows, measure, entity=name)
    return None if row is None or row["mean"] is None else float(row["mean"])
