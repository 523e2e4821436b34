"""Commands on a campaign so small that a hundred runs take a second, here or in a process."""

from __future__ import annotations

import os
import signal
import subprocess
from contextlib import suppress
from pathlib import Path

from reference.calling import Said, started

#: Three carriers on a road whose time is drawn; nothing has to be loaded for it.
ROAD = """
title = "A road"
start = 2024-01-01T00:00:00+00:00
horizon = "60 h"
replications = 3
[geography]
nation = "none"
[products.kit]
[echelons.depot]
[echelons.end]
entitlement = { kit = 2 }
[sites.gate]
echelon = "depot"
stock = { kit = 8 }
[sites.north]
echelon = "end"
[sites.south]
echelon = "end"
[sites.west]
echelon = "end"
[fleets.van]
home = "depot"
vehicles = { value = 2, range = [1, 3], status = "assumed", source = "a guess" }
[lanes.road]
from = "depot"
to = "end"
fleet = "van"
time = { mean = "10 h", cv = 0.3, law = "lognormal", status = "assumed", source = "a guess" }
[reported.half-served]
measure = "sites-reached"
product = "kit"
echelon = "end"
at = 2024-01-01T12:00:00+00:00
value = 2
band = "50 %"
use = "predict"
source = "a paper"
wording = "two of three by noon"
row = "R1"
"""


#: One of each kind, which takes no time.
RUN = ("run", "road.toml", "--jobs", "1", "--out", "r")
SWEEP = (
    *("sweep", "road.toml", "--set", "fleets.van.vehicles=1:2", "--measure", "T100@end"),
    *("--jobs", "1", "--out", "r"),
)
PLAN = (
    *("plan", "road.toml", "--choose", "fleets.van.vehicles=2:3", "--until", "T100 <= 50 h"),
    *("--probability", "0.6", "--confidence", "0.6", "--jobs", "1", "--out", "r"),
)


def begin(*arguments: str | Path, cwd: Path, **variables: str) -> subprocess.Popen[str]:
    """Start a command in a process group of its own, as a terminal does."""
    env = {**os.environ, "NO_COLOR": "1", "PYTHONWARNINGS": "error", **variables}
    return started(*arguments, cwd=cwd, env=env)


def end(process: subprocess.Popen[str], timeout: float = 300) -> Said:
    """Wait for a command to end."""
    out, err = process.communicate(timeout=timeout)
    return Said(process.returncode, out, err)


def kill(process: subprocess.Popen[str]) -> bool:
    """Kill a command and its workers; return whether it was still running."""
    running = process.poll() is None
    with suppress(ProcessLookupError):
        os.killpg(process.pid, signal.SIGKILL)
    process.communicate(timeout=60)
    return running


def tables_of(folder: Path) -> dict[str, bytes]:
    """What must be equal to the last byte: all but times, figures and what waits in parts."""
    return {
        file.name: file.read_bytes()
        for file in sorted(folder.iterdir())
        if file.is_file() and file.name != "manifest.json"
    }
