"""Small made-up results for the figures: five counties of Hainan, curves in closed form."""

from __future__ import annotations

import json
from collections.abc import Callable
from dataclasses import asdict
from math import inf, isfinite
from pathlib import Path

import numpy as np
import pyarrow as pa
import pytest

from sim.evidence import judge
from sim.measures.summary import summarise
from sim.scenario.load import load_scenario
from sim.store.result import Result, open_result
from sim.store.tables import SCHEMAS, summary_table, values_by_key, write_table

SCENARIO = """
title = "{title}"
start = {start}
horizon = "{days} d"
replications = {replications}
{geography}
[echelons.factory]
title = "makers"
[echelons.prefecture]
sites = "prefectures"
title = "cities"
[echelons.county]
sites = "counties"
title = "counties"
[echelons.clinic]
sites = "village-clinics"
title = "village clinics"
entitlement = {{ kit = 2 }}
[products.kit]
title = "kits"
[calendars.crews]
hours = "08:00-18:00"
country = "CN"
[sites.maker]
title = "the maker"
echelon = "factory"
at = "Haikou"
place-status = "assumed"
stock = {{ kit = 100_000 }}
[fleets.truck]
title = "trucks"
home = "factory"
vehicles = "unlimited"
speed = "60 km/h"
[fleets.van]
title = "vans"
home = "county"
vehicles = 3
speed = "30 km/h"
calendar = "crews"
[fleets.lorry]
home = "prefecture"
vehicles = "unlimited"
speed = "50 km/h"
[stations.desk]
title = "sign-off"
echelon = "prefecture"
stage = "sign-off"
time-per-lot = "1 h"
calendar = "crews"
[stations.sorting]
echelon = "factory"
stage = "sorting"
servers = "unlimited"
time-per-lot = "2 h"
[lanes.to-city]
from = "factory"
to = "prefecture"
fleet = "truck"
[lanes.to-county]
from = "prefecture"
to = "county"
fleet = "lorry"
[lanes.to-clinic]
from = "county"
to = "clinic"
fleet = "van"
tours = {{ stops = 10, stop-time = "10 min" }}
{reported}
"""

REPORTED = """
[reported.sent]
row = "R1"
measure = "dispatched"
product = "kit"
echelon = "factory"
at = 2023-01-19T12:00:00+08:00
value = 6_000
band = [5_000, 7_000]
use = "fit"
source = "s"
wording = "六千"
[reported.sent-by-one]
measure = "dispatched"
product = "kit"
echelon = "factory"
site = "maker"
since = 2023-01-18T00:00:00+08:00
at = 2023-01-19T00:00:00+08:00
value = 3_000
band = "10 %"
use = "fit"
source = "s"
wording = "w"
[reported.signed-in-a-part]
row = "R2"
measure = "received"
product = "kit"
echelon = "prefecture"
regions = ["Haikou", "Sanya", "Danzhou"]
at = 2023-01-19T18:00:00+08:00
value = 2_000
band = "20 %"
use = "predict"
source = "s"
wording = "w"
[reported.under-way]
row = "R3"
measure = "in-transit"
product = "kit"
echelon = "factory"
at = 2023-01-19T00:00:00+08:00
value = 900
band = "20 %"
use = "predict"
source = "s"
wording = "w"
[reported.covered]
row = "R4"
measure = "coverage"
product = "kit"
echelon = "clinic"
at = 2023-01-20T18:00:00+08:00
value = 1.0
at-least = 0.95
use = "predict"
source = "s"
wording = "w"
[reported.served]
row = "R5"
measure = "receipt-time"
share = 0.9
product = "kit"
echelon = "clinic"
value = 2023-01-22T00:00:00+08:00
at-most = 2023-01-22T00:00:00+08:00
use = "predict"
source = "s"
wording = "w"
[reported.rides]
row = "R6"
measure = "trips"
echelon = "factory"
at = 2023-01-19T00:00:00+08:00
value = 40
band = [30, 50]
use = "fit"
source = "s"
wording = "w"
"""

HAINAN = '[geography]\nregions = ["Hainan"]\n'
OWED = 10_000
COUNTIES = (460105, 460106, 460107, 460108, 460202)
#: Evidence of each figure by replication: agrees, within spread, contradicted, late.
EVIDENCE = {
    "sent": [5_400.0, 6_100.0, 6_800.0],
    "sent-by-one": [2_000.0, 2_500.0, 2_800.0],
    "signed-in-a-part": [3_000.0, 3_100.0, 3_200.0],
    "under-way": [800.0, 850.0, 1_500.0],
    "covered": [0.85, 0.90, 0.94],
    "served": [140.0, inf, inf],
    "rides": [42.0, 44.0, 45.0],
}


def ramp(hours: np.ndarray, begin: float, span: float = 48.0) -> np.ndarray:
    """From 0 before ``begin`` evenly to 1 ``span`` hours later."""
    return np.clip((hours - begin) / span, 0.0, 1.0)


def curves_of(
    replication: int, hours: np.ndarray, lag: float
) -> dict[tuple[str, str, str], np.ndarray]:
    """Curves of one replication by measure, echelon and entity, 4 h later than the one before."""
    late = 4.0 * replication + lag
    made = ramp(hours, late)
    city, county, clinic = (ramp(hours, late + hop) for hop in (12.0, 24.0, 40.0))
    busy = ramp(hours, late) * (1.0 - ramp(hours, late + 60.0))
    return {
        ("dispatched", "factory", ""): OWED * made,
        ("received", "prefecture", ""): OWED * city,
        ("in-transit", "factory", ""): OWED * (made - city),
        ("dispatched", "prefecture", ""): OWED * city,
        ("received", "county", ""): OWED * county,
        ("in-transit", "prefecture", ""): OWED * (city - county),
        ("dispatched", "county", ""): OWED * county,
        ("received", "clinic", ""): OWED * clinic,
        ("in-transit", "county", ""): OWED * (county - clinic),
        ("coverage", "prefecture", ""): city,
        ("coverage", "county", ""): county,
        ("coverage", "clinic", ""): clinic,
        ("vehicles-out", "factory", "truck"): 20 * busy,
        ("vehicles-out", "county", "van"): 12 * busy,
        ("waiting", "prefecture", "desk"): 7 * busy,
        ("servers-busy", "prefecture", "desk"): np.minimum(busy, 1.0),
        ("waiting", "factory", "sorting"): 0 * busy,
        ("servers-busy", "factory", "sorting"): 5 * busy,
    }


def share_time(replication: int, share: float, lag: float) -> float:
    """When a share of the clinics was covered: where the ramp crosses it."""
    return 4.0 * replication + lag + 40.0 + 48.0 * share


def build(
    folder: Path,
    *,
    replications: int = 3,
    reported: str = REPORTED,
    lag: float = 0.0,
    stretch: float = 1.0,
    days: int = 8,
    start: str = "2023-01-17T00:00:00+08:00",
    title: str = "Kits for an island",
    name: str = "kits",
    geography: str = HAINAN,
    codes: tuple[int, ...] = COUNTIES,
    never: tuple[int, ...] = COUNTIES[-1:],
    evidence: bool = True,
) -> Result:
    """Write a result folder with the layout of a real one and open it.

    All happens ``lag`` hours later; times of coverage and service are ``stretch`` times as long.
    """
    folder.mkdir(parents=True)
    text = SCENARIO.format(
        title=title,
        start=start,
        days=days,
        replications=replications,
        geography=geography,
        reported=reported,
    )
    (folder / "scenario.toml").write_text(text, encoding="utf-8")
    scenario = load_scenario(folder / "scenario.toml").scenario
    hours = np.arange(24 * days + 1, dtype=np.float64)
    tables: dict[str, list[dict[str, object]]] = {key: [] for key in SCHEMAS}
    for run in range(replications):
        for (measure, echelon, entity), values in curves_of(run, hours, lag).items():
            product = "kit" if measure in ("dispatched", "received", "in-transit") else ""
            key = {"measure": measure, "product": product, "echelon": echelon, "entity": entity}
            tables["curves"] += [
                {"replication": run, **key, "hour": float(hour), "value": float(value)}
                for hour, value in zip(hours, values, strict=True)
            ]
        for share_name, share in (("T50", 0.5), ("T90", 0.9)):
            for echelon, hop in (("prefecture", -28.0), ("county", -16.0), ("clinic", 0.0)):
                when = (share_time(run, share, lag) + hop) * stretch
                tables["runs"].append(
                    _run_row(run, share_name, echelon, "", when if when <= hours[-1] else None, "h")
                )
        tables["runs"].append(_run_row(run, "vehicle-use", "county", "van", 0.5, "share"))
        tables["runs"].append(_run_row(run, "wait-mean", "prefecture", "desk", 1.5 + run, "h"))
        for place, code in enumerate(codes):
            ninety = None if code in never else 30.0 + 20.0 * place * stretch + 6.0 * run + lag
            tables["arrivals"].append(
                {
                    "replication": run,
                    "echelon": "clinic",
                    "code": code,
                    "facilities": OWED // 2 // len(codes),
                    "received": 20.0,
                    "first": 24.0,
                    "half": ninety,
                    "ninety": ninety,
                    "last": None,
                }
            )
        if evidence:
            tables["evidence"] += [
                {
                    "replication": run,
                    "figure": figure,
                    "value": EVIDENCE[figure][run] if isfinite(EVIDENCE[figure][run]) else None,
                }
                for figure in scenario.reported
            ]
    for key in ("curves", "runs", "arrivals", "evidence"):
        write_table(pa.Table.from_pylist(tables[key], SCHEMAS[key]), folder / f"{key}.parquet")
    runs = pa.Table.from_pylist(tables["runs"], SCHEMAS["runs"])
    write_table(summary_table(summarise(values_by_key(runs))), folder / "measures.parquet")
    verdicts = []
    for figure, stated in scenario.reported.items():
        values = EVIDENCE[figure][:replications] if evidence else []
        row = asdict(judge(figure, stated, values, scenario.start))
        verdicts.append(
            {k: None if isinstance(v, float) and not isfinite(v) else v for k, v in row.items()}
        )
    (folder / "verdicts.json").write_text(json.dumps(verdicts, ensure_ascii=False))
    manifest = {
        "layout": 1,
        "status": "finished",
        "scenario": name,
        "title": title,
        "digest": "0123456789abcdef",
        "seed": 0,
        "streams": "made up",
        "replications": replications,
        "timings": {"plan_cpu_s": 0.0, "run_cpu_s": [], "peak_rss_mb": 0.0},
    }
    (folder / "manifest.json").write_text(json.dumps(manifest))
    return open_result(folder)


def _run_row(
    run: int, measure: str, echelon: str, entity: str, value: float | None, unit: str
) -> dict[str, object]:
    return {
        "replication": run,
        "measure": measure,
        "product": "",
        "echelon": echelon,
        "region": "national",
        "entity": entity,
        "unit": unit,
        "value": value,
    }


Build = Callable[..., Result]


@pytest.fixture
def make(tmp_path: Path) -> Build:
    """Return a maker of results in folders of their own; see :func:`build`."""
    count = 0

    def made(**options: object) -> Result:
        nonlocal count
        count += 1
        return build(tmp_path / f"result-{count}", **options)  # type: ignore[arg-type]

    return made


@pytest.fixture(scope="session")
def kits(tmp_path_factory: pytest.TempPathFactory) -> Result:
    """A result of three replications with every kind of reported figure; not to be written to."""
    return build(tmp_path_factory.mktemp("kits") / "kits")
