"""Calendars of a scenario, compiled to working time over the horizon."""

from __future__ import annotations

from sim.calendars import always_open
from sim.plan.specs import Shift
from sim.scenario.schema import Scenario
from sim.scenario.work import Calendar
from sim.workdays import CalendarSpec, compile_calendar

#: Calendars are compiled this much past the horizon, so that work begun before it can end.
MARGIN = 21 * 24.0


def compile_shifts(scenario: Scenario) -> dict[str | None, Shift]:
    """Return the working time of every calendar by name; None is around the clock."""
    shifts: dict[str | None, Shift] = {None: Shift(always_open(), "finish", always=True)}
    for name, calendar in scenario.calendars.items():
        compiled = compile_calendar(
            calendar_spec(calendar, scenario), scenario.start, scenario.horizon.value + MARGIN
        )
        shifts[name] = Shift(compiled, calendar.at_closing, always=False)
    return shifts


def calendar_spec(calendar: Calendar, scenario: Scenario) -> CalendarSpec:
    """Return what a calendar's table says, in the words of ``sim.workdays``."""
    if calendar.days == "every day":
        open_days: tuple[int, ...] = tuple(range(7))
    elif calendar.days == "working days":
        open_days = tuple(range(5))
    else:
        open_days = tuple(int(day) for day in calendar.days)
    hours = tuple(calendar.hours if day in open_days else () for day in range(7))
    zone = scenario.start.tzinfo
    assert zone is not None
    return CalendarSpec(
        week=hours,  # type: ignore[arg-type]
        tzinfo=zone,
        country=calendar.country if calendar.holidays else None,
        workday_hours=calendar.hours,
        exceptions=dict(calendar.exceptions),
    )
