"""``python -m safety.judge long|short FOLDER``: judge hostile files within bounds of memory and
time, and say of each, as a line of JSON, what was said and how many CPU seconds that took."""

from __future__ import annotations

import json
import resource
import sys
import time
from pathlib import Path

from safety.hostile import CASES, LONG

from sim.errors import PostroadError
from sim.experiment.run import prepare
from sim.scenario.load import load_scenario

MEMORY = {"short": 2 * 10**9, "long": 8 * 10**9}
SECONDS = {"short": 60, "long": 400}


def main() -> None:
    which, root = sys.argv[1], Path(sys.argv[2])
    resource.setrlimit(resource.RLIMIT_AS, (MEMORY[which], MEMORY[which]))
    resource.setrlimit(resource.RLIMIT_CPU, (SECONDS[which], SECONDS[which]))
    cases = CASES if which == "short" else LONG
    for number, (name, (make, _)) in enumerate(cases.items()):
        folder = root / f"{which}-{number}"
        folder.mkdir()
        make(folder)
        begun, said, code = time.process_time(), "nothing", 0
        try:
            prepare(load_scenario(folder / "a.toml"))
        except PostroadError as error:
            said, code = str(error)[:20_000], error.exit_code
        except BaseException as error:  # what nobody foresaw is what is looked for
            said, code = f"{type(error).__name__}: {error}"[:2000], -1
        seconds = time.process_time() - begun
        print(json.dumps([name, code, said, seconds]), flush=True)


if __name__ == "__main__":
    main()
