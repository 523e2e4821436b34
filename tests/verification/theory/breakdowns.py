"""One server that breaks down and resumes its work after the repair; M/G/1, FIFO, steady state.

Times to a breakdown are exponential with rate ``breakdown_rate`` per hour; a server under repair
cannot break down again. Repair and service have a mean (hours) and a coefficient of variation.
"""

from __future__ import annotations

from dataclasses import dataclass

from theory.queues import second_moment


@dataclass(frozen=True, slots=True)
class Failing:
    """Means in hours and shares.

    ``wait``: from arrival until the lot is begun, which it is not during a repair.
    ``completion``: from then to the end, repairs included. ``time``: both.
    ``working`` and ``repairing``: shares of all time. ``availability``: share of time that the
    server is able to work; with breakdowns while working only, of the time that it has a lot.
    """

    wait: float
    completion: float
    time: float
    availability: float
    working: float
    repairing: float


def while_working(
    arrival_rate: float,
    service_mean: float,
    service_cv: float,
    breakdown_rate: float,
    repair_mean: float,
    repair_cv: float,
) -> Failing:
    """Return M/G/1 whose breakdown clock runs only while it works.

    D. P. Gaver (J. Roy. Stat. Soc. B 24, 1962): each lot takes its completion time C = S + repairs
    with E C = E S (1 + b r) and E C^2 = E S^2 (1 + b r)^2 + b E S E R^2; then Pollaczek-Khinchine.
    Raises ValueError if there is no steady state.
    """
    first, second = _completion(service_mean, service_cv, breakdown_rate, repair_mean, repair_cv)
    rho = arrival_rate * first
    _stable(rho)
    wait = arrival_rate * second / (2.0 * (1.0 - rho))
    working = arrival_rate * service_mean
    availability = 1.0 / (1.0 + breakdown_rate * repair_mean)
    return Failing(wait, first, wait + first, availability, working, rho - working)


def by_calendar(
    arrival_rate: float,
    service_mean: float,
    service_cv: float,
    breakdown_rate: float,
    repair_mean: float,
    repair_cv: float,
) -> Failing:
    """Return M/G/1 that breaks down working or idle.

    B. Avi-Itzhak & P. Naor (Oper. Res. 11, 1963, model A); with exponential laws H. White & L. S.
    Christie (Oper. Res. 6, 1958). By the means: wait = Pollaczek-Khinchine of the completion time
    + b E R^2 / (2 (1 + b r)), the second term being the repair found when no lot is begun.
    Raises ValueError if there is no steady state.
    """
    working = while_working(
        arrival_rate, service_mean, service_cv, breakdown_rate, repair_mean, repair_cv
    )
    up = working.availability
    found = breakdown_rate * up * second_moment(repair_mean, repair_cv) / 2.0
    wait = working.wait + found
    time = wait + working.completion
    return Failing(wait, working.completion, time, up, working.working, 1.0 - up)


def _completion(
    mean: float, cv: float, breakdown_rate: float, repair_mean: float, repair_cv: float
) -> tuple[float, float]:
    """First and second moment of a lot's completion time (Gaver 1962)."""
    slower = 1.0 + breakdown_rate * repair_mean
    repairs = breakdown_rate * mean * second_moment(repair_mean, repair_cv)
    return mean * slower, second_moment(mean, cv) * slower**2 + repairs


def _stable(rho: float) -> None:
    if not 0.0 < rho < 1.0:
        raise ValueError(f"no steady state: the load must lie between 0 and 1, found {rho:g}")
